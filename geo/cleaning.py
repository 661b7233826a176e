"""Sort fixes into tracks and say of each why it is not used.

Nothing is deleted: every fix keeps a flag, and what is left out is drawn grey on the map.
"""

from dataclasses import dataclass
from typing import TypeVar

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.kernels import leaf
from geo.lines import Floats, Ints
from geo.schema import Fixes, Patrols
from geo.settings import BY_LAND, Settings
from geo.words import Text

Flags = NDArray[np.int8]
Kind = TypeVar("Kind", bound=np.generic)

USED, IMPOSSIBLE, INACCURATE, DUPLICATE, UNTIMED, JUMP, OTHERS, STILL, STRANGER, PAUSE = range(10)
# These are matched all the same: the flag only says something of them.
KEPT = (USED, STILL, PAUSE)

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
    Text("中断一小时以上后的第一点", "first after a pause of an hour or more"),
)
NAMES = (
    "", "impossible", "inaccurate", "duplicate", "untimed", "jump", "merged", "stationary",
    "unlisted", "pause",
)  # fmt: skip

_INACCURATE_M = 50.0
_SPIKE_M = 60.0
_STILL_M = 25.0
_STILL_S = 180.0
_PAUSE_S = 3600.0
_HEADS = 4
_GONE_S = 120.0


@dataclass(frozen=True)
class Tracks:
    """Used fixes, patrol after patrol in order of time.

    Patrol `i` has the fixes `first[i]:first[i + 1]`; `t` is in seconds, NaN without times; `still`
    counts up from one standing-about to the next, 0 elsewhere; `lone` are the rows in the frame of
    the fixes that are all their patrol has.
    """

    first: Ints
    x: Floats
    y: Floats
    t: Floats
    accuracy: Floats
    still: NDArray[np.int32]
    lone: Ints

    def __len__(self) -> int:
        """Return the number of patrols."""
        return len(self.first) - 1


def clean(fixes: Fixes, patrols: Patrols, fastest_m_s: Floats) -> tuple[Tracks, Flags]:
    """Return the tracks of `patrols` and a flag for every row of `fixes`.

    A fix that needs more than its patrol's `fastest_m_s` did not come from the patrol's device.
    Check-ins and photos are no track; they are judged but not in the tracks.
    """
    seconds = seconds_of(fixes["at"])
    track = (fixes["point"] == "track").to_numpy()
    return clean_arrays(
        numbers(fixes, patrols),
        fixes["x_m"].to_numpy(dtype=np.float64),
        fixes["y_m"].to_numpy(dtype=np.float64),
        seconds,
        fixes["accuracy_m"].to_numpy(dtype=np.float64),
        track,
        fastest_m_s,
    )


def judged(fixes: Fixes, patrols: Patrols, settings: Settings) -> Flags:
    """Return the flag of every row of `fixes`, as the matcher saw it."""
    return clean(fixes, patrols, fastest(patrols, settings))[1]


def fastest(patrols: Patrols, settings: Settings) -> Floats:
    """Return how fast each patrol can have moved, in metres a second."""
    manners = [settings.manners.get(mode, BY_LAND) for mode in patrols["mode"]]
    return np.array([manner.fastest_m_s for manner in manners], dtype=np.float64)


def numbers(fixes: Fixes, patrols: Patrols) -> Ints:
    """Return the number in `patrols` of every fix's patrol, -1 where it is not listed."""
    code, ids = pd.factorize(fixes["patrol_id"])
    return pd.Index(patrols["patrol_id"]).get_indexer(ids).astype(np.int64)[code]


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
    fastest_m_s: Floats,
) -> tuple[Tracks, Flags]:
    """As `clean`, on arrays: `patrol` numbers from 0, -1 for a fix of no patrol."""
    patrol = _compiled_for(patrol)
    x, y, t, accuracy = (_compiled_for(each) for each in (x, y, t, accuracy))
    track = _compiled_for(track)
    flags = np.zeros(len(x), dtype=np.int8)
    left, in_order = _screen(patrol, x, y, t, accuracy, track, flags)
    order = None
    if left < len(x) or not in_order:
        order = np.flatnonzero((flags == USED) & track)
        if not in_order:
            order = order[np.lexsort((t[order], patrol[order]))]
        patrol = patrol[order]
        x, y, t, accuracy = (_compiled_for(each[order]) for each in (x, y, t, accuracy))
    first = np.searchsorted(patrol, np.arange(len(fastest_m_s) + 1)).astype(np.int64)
    judged = np.zeros(left, dtype=np.int8)
    still = np.zeros(left, dtype=np.int32)
    kept = _judge(first, x, y, t, _compiled_for(fastest_m_s), judged, still)
    if order is None:
        flags = judged
    else:
        flags[order] = judged
    if kept < left:
        first, x, y, t, accuracy, still = _used(judged, kept, first, x, y, t, accuracy, still)
    lone = _lone(first, judged, order)
    tracks = first, x, y, t, accuracy, still, lone
    return Tracks(*(_compiled_for(each) for each in tracks)), flags


def _used(
    judged: Flags,
    kept: int,
    first: Ints,
    x: Floats,
    y: Floats,
    t: Floats,
    accuracy: Floats,
    still: NDArray[np.int32],
) -> tuple[Ints, Floats, Floats, Floats, Floats, NDArray[np.int32]]:
    """Return the fields of `Tracks` without what was judged to be of no use."""
    # One large piece of memory: the system hands it out twenty times faster than four small ones.
    room = np.empty((4, kept))
    begin, standing = np.empty_like(first), np.empty(kept, dtype=np.int32)
    _pack(judged, first, x, y, t, accuracy, still, begin, *room, standing)
    east, north, at, vague = room
    return begin, east, north, at, vague, standing


def _lone(first: Ints, judged: Flags, order: Ints | None) -> Ints:
    """Return the rows of the fixes that are all their patrol has."""
    alone = first[:-1][np.diff(first) == 1]
    if not len(alone):
        return alone
    rows = np.flatnonzero(np.isin(judged, KEPT))[alone]
    return rows if order is None else order[rows]


def _compiled_for(array: NDArray[Kind]) -> NDArray[Kind]:
    """Return an array as kernels take it: read-only and in one piece.

    Frames and files give now the one and now the other sort of array, and for every sort that it
    meets numba compiles all kernels anew.
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


@leaf
def _screen(patrol, x, y, t, accuracy, track, flags):
    """Flag what no track can use; tell how many are left, and whether they lie in order.

    The order is by patrol and time; fixes without a time do not disturb it.
    """
    left, before, in_order = 0, -1, True
    for i in range(len(x)):
        if patrol[i] < 0:
            flags[i] = STRANGER
        elif not (abs(x[i]) < 1e8 and abs(y[i]) < 1e8):
            flags[i] = IMPOSSIBLE
        elif accuracy[i] > _INACCURATE_M:
            flags[i] = INACCURATE
        elif track[i]:
            if before >= 0 and (
                patrol[i] < patrol[before] or (patrol[i] == patrol[before] and t[i] < t[before])
            ):
                in_order = False
            before = i
            left += 1
    return left, in_order


@leaf
def _kept(flag):
    return flag in KEPT


@leaf
def _pack(judged, first, x, y, t, accuracy, still, begin, east, north, at, vague, standing):
    """Write what was not judged to be of no use, patrol after patrol."""
    n = 0
    for k in range(len(first) - 1):
        begin[k] = n
        for i in range(first[k], first[k + 1]):
            if _kept(judged[i]):
                east[n], north[n], at[n], vague[n] = x[i], y[i], t[i], accuracy[i]
                standing[n] = still[i]
                n += 1
    begin[len(first) - 1] = n


@numba.njit(cache=True, nogil=True)
def _judge(first, x, y, t, fastest, flags, still):
    """Flag the fixes of every patrol, number where it stood still; tell how many are of use."""
    kept = 0
    for k in range(len(first) - 1):
        a, b = first[k], first[k + 1]
        if _timed(a, b, t, flags):
            if not _one_walker(a, b, x, y, t, fastest[k], flags):
                _split_heads(a, b, x, y, t, fastest[k], flags)
            _spikes(a, b, x, y, t, flags)
            _stand(a, b, x, y, t, flags, still)
            _pauses(a, b, t, flags)
        kept += _count(a, b, flags)
    return kept


@leaf
def _timed(a, b, t, flags):
    """Flag times that lack or repeat; without any time nothing is flagged, and that is told."""
    timed = a
    while timed < b and t[timed] != t[timed]:
        timed += 1
    if timed == b:
        return False
    for i in range(a, b):
        if t[i] != t[i]:
            flags[i] = UNTIMED
        elif i > a and t[i] == t[i - 1]:
            flags[i] = DUPLICATE
    return True


@leaf
def _count(a, b, flags):
    """Return how many fixes are of use."""
    kept = 0
    for i in range(a, b):
        kept += _kept(flags[i])
    return kept


@leaf
def _one_walker(a, b, x, y, t, fastest, flags):
    """Tell whether every fix can be reached from the one before it."""
    last = -1
    for i in range(a, b):
        if flags[i] == USED:
            if last >= 0 and not _near(x, y, t, fastest, last, i):
                return False
            last = i
    return True


@numba.njit(cache=True, nogil=True)
def _split_heads(a, b, x, y, t, fastest, flags):
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
        if names == 1 and _near(x, y, t, fastest, last, i):
            head[0] = last = i
            owner[i - a] = name[0]
            continue
        for h in range(_HEADS):
            if head[h] < 0 or (head[h] != last and t[i] - t[head[h]] > _GONE_S):
                continue
            far2 = _apart2(x, y, head[h], i)
            if far2 < best and _near(x, y, t, fastest, head[h], i):
                best, place = far2, h
        if place < 0:
            place = int(np.argmin(head))
            names += 1
            name[place] = names
        head[place] = last = i
        owner[i - a] = name[place]
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
def _near(x, y, t, fastest, i, j):
    """Tell whether one person can have been at fix `i` and at fix `j`."""
    reach = fastest * max(t[j] - t[i], 1.0)
    return _apart2(x, y, i, j) <= reach * reach


@leaf
def _apart2(x, y, i, j):
    """Return the square of the distance between two fixes."""
    return (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2


@leaf
def _spikes(a, b, x, y, t, flags):
    """Flag a fix that stands off while both its neighbours stand together."""
    before = here = -1
    there2 = 0.0
    for after in range(a, b):
        if flags[after] != USED:
            continue
        back2 = _apart2(x, y, here, after) if here >= 0 else 0.0
        if before >= 0 and min(there2, back2) > _SPIKE_M * _SPIKE_M:
            there, back = np.sqrt(there2), np.sqrt(back2)
            across = np.sqrt(_apart2(x, y, before, after))
            speed = min(there / max(t[here] - t[before], 1.0), back / max(t[after] - t[here], 1.0))
            pace = across / max(t[after] - t[before], 1.0)
            if min(there, back) > _SPIKE_M + across and speed > 3.0 * pace + 5.0:
                flags[here] = JUMP
                here, there2 = after, across * across
                continue
        before, here, there2 = here, after, back2


@leaf
def _stand(a, b, x, y, t, flags, still):
    cluster = 0
    i = ahead = a
    while i < b:
        while ahead < b and not t[ahead] - t[i] >= _STILL_S:
            ahead += 1
        # Most fixes are far away three minutes later: no need to follow them.
        gone = ahead < b and _apart2(x, y, i, ahead) > 4 * _STILL_M * _STILL_M
        if flags[i] != USED or ahead == b or (gone and flags[ahead] == USED):
            i += 1
            continue
        mx, my, n, last, j = x[i], y[i], 1, i, i + 1
        while j < b:
            if flags[j] == USED:
                if (x[j] - mx) ** 2 + (y[j] - my) ** 2 > _STILL_M * _STILL_M:
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


@leaf
def _pauses(a, b, t, flags):
    """Flag the first fix after each pause of hours; nothing is credited across it."""
    last = -1
    for i in range(a, b):
        if not _kept(flags[i]):
            continue
        if last >= 0 and t[i] - t[last] >= _PAUSE_S:
            flags[i] = PAUSE
        last = i
