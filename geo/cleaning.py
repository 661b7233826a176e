"""Sort fixes into tracks and say of each why it is not used.

Nothing is deleted: every fix keeps a flag, and what is left out is drawn grey on the map.
"""

from dataclasses import dataclass

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.kernels import leaf
from geo.lines import Floats, Ints
from geo.schema import Fixes, Patrols
from geo.words import Text

Flags = NDArray[np.int8]

USED, IMPOSSIBLE, INACCURATE, DUPLICATE, UNTIMED, JUMP, OTHERS, STILL, STRANGER = range(9)

# What each flag means; the number of a flag is its place here.
REASONS = (
    Text("", ""),
    Text("坐标不可能", "impossible coordinates"),
    Text("定位精度差", "poor accuracy"),
    Text("重复点", "duplicate in time"),
    Text("缺少时间", "no time among timed fixes"),
    Text("跳点", "jump"),
    Text("多人轨迹混在一起", "several people merged"),
    Text("原地停留", "standing still"),
    Text("没有对应的巡查", "no such patrol"),
)
NAMES = (
    "", "impossible", "inaccurate", "duplicate", "untimed", "jump", "merged", "stationary",
    "unlisted",
)  # fmt: skip

_INACCURATE_M = 50.0
# Nobody patrols faster; a fix that would need more did not come from this phone.
_FASTEST_M_S = 60.0
_STILL_M = 25.0
_STILL_S = 180.0
_HEADS = 4
_GONE_S = 120.0


@dataclass(frozen=True)
class Tracks:
    """Used fixes, patrol after patrol in order of time.

    Patrol `i` has the fixes `first[i]:first[i + 1]`; `t` is in seconds, NaN without times; `still`
    counts up from one standing-about to the next, 0 elsewhere; `row` is the fix's row in the frame.
    """

    first: Ints
    x: Floats
    y: Floats
    t: Floats
    accuracy: Floats
    still: NDArray[np.int32]
    row: Ints

    def __len__(self) -> int:
        """Return the number of patrols."""
        return len(self.first) - 1


def clean(fixes: Fixes, patrols: Patrols) -> tuple[Tracks, Flags]:
    """Return the tracks of `patrols` and a flag for every row of `fixes`.

    Check-ins and photos are no track; they are judged but not in the tracks.
    """
    number = pd.Index(patrols["patrol_id"]).get_indexer(fixes["patrol_id"])
    seconds = seconds_of(fixes["at"])
    track = (fixes["point"] == "track").to_numpy()
    return clean_arrays(
        number.astype(np.int64),
        fixes["x_m"].to_numpy(dtype=np.float64),
        fixes["y_m"].to_numpy(dtype=np.float64),
        seconds,
        fixes["accuracy_m"].to_numpy(dtype=np.float64),
        track,
        len(patrols),
    )


def seconds_of(at: pd.Series) -> Floats:
    """Return instants as seconds since 1970, NaN for NaT."""
    micros = at.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(micros), np.nan, micros.astype(np.int64) / 1e6)


def clean_arrays(
    patrol: Ints,
    x: Floats,
    y: Floats,
    t: Floats,
    accuracy: Floats,
    track: NDArray[np.bool_],
    patrols: int,
) -> tuple[Tracks, Flags]:
    """As `clean`, on arrays: `patrol` numbers from 0, -1 for a fix of no patrol."""
    flags = np.zeros(len(x), dtype=np.int8)
    flags[accuracy > _INACCURATE_M] = INACCURATE
    flags[~(np.abs(x) < 1e8) | ~(np.abs(y) < 1e8)] = IMPOSSIBLE
    flags[patrol < 0] = STRANGER
    order = np.flatnonzero((flags == USED) & track)
    order = _by_time(patrol, t, order)
    first = np.searchsorted(patrol[order], np.arange(patrols + 1)).astype(np.int64)
    sx, sy, st = x[order], y[order], t[order]
    judged = np.zeros(len(order), dtype=np.int8)
    still = np.zeros(len(order), dtype=np.int32)
    _judge(first, sx, sy, st, judged, still)
    flags[order] = judged
    used = np.flatnonzero((judged == USED) | (judged == STILL))
    if len(used) == len(order):
        return Tracks(first, sx, sy, st, accuracy[order], still, order), flags
    tracks = Tracks(
        first=np.searchsorted(used, first).astype(np.int64),
        x=sx[used],
        y=sy[used],
        t=st[used],
        accuracy=accuracy[order][used],
        still=still[used],
        row=order[used],
    )
    return tracks, flags


def _by_time(patrol: Ints, t: Floats, rows: Ints) -> Ints:
    """Return rows by patrol and time; fixes without a time keep their place at the end."""
    number, at = patrol[rows], t[rows]
    same = number[1:] == number[:-1]
    if np.all(number[1:] >= number[:-1]) and not np.any(same & (at[1:] < at[:-1])):
        return rows
    return rows[np.lexsort((at, number))]


@numba.njit(cache=True, nogil=True)
def _judge(first, x, y, t, flags, still):
    for k in range(len(first) - 1):
        a, b = first[k], first[k + 1]
        timed = 0
        for i in range(a, b):
            timed += t[i] == t[i]
        if timed == 0:
            continue
        for i in range(a, b):
            if t[i] != t[i]:
                flags[i] = UNTIMED
            elif i > a and t[i] == t[i - 1]:
                flags[i] = DUPLICATE
        _split_heads(a, b, x, y, t, flags)
        _spikes(a, b, x, y, t, flags)
        _stand(a, b, x, y, t, flags, still)


@numba.njit(cache=True, nogil=True)
def _split_heads(a, b, x, y, t, flags):
    """Follow up to four walkers at once; of those who walk at the same time keep one.

    A fix joins the nearest walker who could have reached it; when none could, it starts another, or
    takes the place of the one not seen for longest. Who is not seen for two minutes is gone. The
    walker with most fixes is kept, and every one before or after: that is one person with a gap.
    """
    owner = np.zeros(b - a, dtype=np.int32)
    head = np.full(_HEADS, -1, dtype=np.int64)
    name = np.zeros(_HEADS, dtype=np.int32)
    names = 0
    last = -1
    for i in range(a, b):
        if flags[i] != USED:
            continue
        best, place = np.inf, -1
        if names == 1 and _near(x, y, t, last, i):
            head[0] = last = i
            owner[i - a] = name[0]
            continue
        for h in range(_HEADS):
            if head[h] < 0 or (head[h] != last and t[i] - t[head[h]] > _GONE_S):
                continue
            far = np.hypot(x[i] - x[head[h]], y[i] - y[head[h]])
            if far < best and far <= _FASTEST_M_S * max(t[i] - t[head[h]], 1.0):
                best, place = far, h
        if place < 0:
            place = int(np.argmin(head))
            names += 1
            name[place] = names
        head[place] = last = i
        owner[i - a] = name[place]
    if names < 2:
        return
    size = np.zeros(names + 1, dtype=np.int64)
    begin = np.full(names + 1, b, dtype=np.int64)
    end = np.full(names + 1, a, dtype=np.int64)
    for i in range(a, b):
        if flags[i] == USED:
            h = owner[i - a]
            size[h] += 1
            begin[h], end[h] = min(begin[h], i), max(end[h], i)
    most = int(np.argmax(size))
    for i in range(a, b):
        h = owner[i - a]
        if flags[i] == USED and begin[h] < end[most] and end[h] > begin[most] and h != most:
            # A lone stray is a jump; many fixes are another person's.
            flags[i] = OTHERS if size[h] >= 5 else JUMP


@leaf
def _near(x, y, t, i, j):
    """Tell whether one person can have been at fix `i` and at fix `j`."""
    reach = _FASTEST_M_S * max(t[j] - t[i], 1.0)
    return (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 <= reach * reach


@leaf
def _spikes(a, b, x, y, t, flags):
    """Flag a fix that stands off while both its neighbours stand together."""
    before = here = -1
    there = 0.0
    for after in range(a, b):
        if flags[after] != USED:
            continue
        back = np.sqrt((x[after] - x[here]) ** 2 + (y[after] - y[here]) ** 2) if here >= 0 else 0.0
        if before >= 0 and min(there, back) > 60.0:
            across = np.hypot(x[after] - x[before], y[after] - y[before])
            speed = min(there / max(t[here] - t[before], 1.0), back / max(t[after] - t[here], 1.0))
            pace = across / max(t[after] - t[before], 1.0)
            if min(there, back) > 60.0 + across and speed > 3.0 * pace + 5.0:
                flags[here] = JUMP
                here, there = after, across
                continue
        before, here, there = here, after, back


@leaf
def _stand(a, b, x, y, t, flags, still):
    cluster = 0
    i = ahead = a
    while i < b:
        while ahead < b and not t[ahead] - t[i] >= _STILL_S:
            ahead += 1
        # Most fixes are far away three minutes later: no need to follow them.
        gone = ahead < b and np.hypot(x[ahead] - x[i], y[ahead] - y[i]) > 2 * _STILL_M
        if flags[i] != USED or ahead == b or (gone and flags[ahead] == USED):
            i += 1
            continue
        mx, my, n, last, j = x[i], y[i], 1, i, i + 1
        while j < b:
            if flags[j] == USED:
                if np.hypot(x[j] - mx, y[j] - my) > _STILL_M:
                    break
                n += 1
                mx += (x[j] - mx) / n
                my += (y[j] - my) / n
                last = j
            j += 1
        if n >= 3 and t[last] - t[i] >= _STILL_S:
            cluster += 1
            for q in range(i, last + 1):
                if flags[q] == USED:
                    flags[q] = STILL
                    still[q] = cluster
            i = last + 1
        else:
            i += 1
