"""Move pieces between holders at random, less and less, keeping every share in one piece.

Numba kernels over plain arrays; `geo.districting` says what they mean. Holder `k` is nobody. A
holder's share of a component is in one piece when its pieces are connected, those that touch what
the holder has already counting as connected with each other.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from geo.lines import Floats, Ints


class Ground(NamedTuple):
    """What does not change while pieces move.

    Neighbours of piece `i` are `near[start[i]:start[i + 1]]`; the pieces that touch what holder
    `h` has are `touching[first[h]:first[h + 1]]`. The last column of `distance_m` is the price of
    leaving a piece over, the last cap is infinite.
    """

    length_m: Floats
    distance_m: Floats
    component: Ints
    start: Ints
    near: Ints
    touches: NDArray[np.bool_]
    first: Ints
    touching: Ints
    cap_m: Floats
    low_m: float
    high_m: float
    balance_m: float
    toll_m: Floats


@numba.njit(cache=True)
def _joins(ground: Ground, own: Ints, count: Ints, touched: Ints, i: int, b: int) -> bool:
    """Say whether piece `i` may be added to holder `b` without a second part."""
    nobody = ground.distance_m.shape[1] - 1
    if b == nobody:
        return True
    c = ground.component[i]
    if count[b, c] == 0:
        return True
    for at in range(ground.start[i], ground.start[i + 1]):
        if own[ground.near[at]] == b:
            return True
    return ground.touches[i, b] and touched[b, c] > 0


@numba.njit(cache=True)
def _leaves(
    ground: Ground,
    own: Ints,
    count: Ints,
    touched: Ints,
    i: int,
    seen: Ints,
    stamp: int,
    queue: Ints,
) -> bool:
    """Say whether the share piece `i` belongs to stays in one piece without it."""
    a = own[i]
    nobody = ground.distance_m.shape[1] - 1
    c = ground.component[i]
    if a == nobody or count[a, c] == 1:
        return True
    anchored = touched[a, c] - (1 if ground.touches[i, a] else 0) > 0
    links, begin = 0, -1
    for at in range(ground.start[i], ground.start[i + 1]):
        if own[ground.near[at]] == a:
            links += 1
            begin = ground.near[at]
    if begin < 0 or (links == 1 and not (ground.touches[i, a] and anchored)):
        return True
    head, tail, anchor_done = 0, 1, False
    queue[0] = begin
    seen[begin] = stamp
    seen[i] = stamp
    while head < tail:
        v = queue[head]
        head += 1
        for at in range(ground.start[v], ground.start[v + 1]):
            w = ground.near[at]
            if own[w] == a and seen[w] != stamp:
                seen[w] = stamp
                queue[tail] = w
                tail += 1
        if ground.touches[v, a] and not anchor_done:
            anchor_done = True
            for at in range(ground.first[a], ground.first[a + 1]):
                w = ground.touching[at]
                if own[w] == a and ground.component[w] == c and seen[w] != stamp:
                    seen[w] = stamp
                    queue[tail] = w
                    tail += 1
    return tail == count[a, c] - 1


@numba.njit(cache=True)
def _uneven(ground: Ground, load: Any, h: int, due: float) -> float:
    if h == ground.distance_m.shape[1] - 1:
        return 0.0
    band = ground.balance_m * (max(0.0, load - ground.high_m) + max(0.0, ground.low_m - load))
    return due * band + (1 - due) * ground.toll_m[h] * load


@numba.njit(cache=True)
def _change(ground: Ground, load: Any, i: int, a: int, b: int, due: float) -> float:
    """Return what moving piece `i` from `a` to `b` adds to the cost."""
    metres = ground.length_m[i]
    return (
        metres * (ground.distance_m[i, b] - ground.distance_m[i, a])
        + _uneven(ground, load[b] + metres, b, due)
        - _uneven(ground, load[b], b, due)
        + _uneven(ground, load[a] - metres, a, due)
        - _uneven(ground, load[a], a, due)
    )


@numba.njit(cache=True)
def _move(ground: Ground, own: Ints, load: Any, count: Ints, touched: Ints, i: int, b: int) -> None:
    a, c = own[i], ground.component[i]
    load[a] -= ground.length_m[i]
    load[b] += ground.length_m[i]
    count[a, c] -= 1
    count[b, c] += 1
    if a < touched.shape[0] and ground.touches[i, a]:
        touched[a, c] -= 1
    if b < touched.shape[0] and ground.touches[i, b]:
        touched[b, c] += 1
    own[i] = b


@numba.njit(cache=True)
def _draw(state: int, below: int) -> tuple[int, int]:
    """Return a number below `below` and the next state (Lehmer's generator, modulus 2^31 - 1)."""
    state = state * 48271 % 2147483647
    return state % below, state


@numba.njit(cache=True)
def _spread(
    ground: Ground, own: Ints, w: int, seen: Ints, stamp: int, queue: Ints, tail: int
) -> int:
    """Queue all pieces connected with `w` that are not seen yet, return where the queue ends."""
    a, c = own[w], ground.component[w]
    head, anchored = tail, False
    queue[tail] = w
    seen[w] = stamp
    tail += 1
    while head < tail:
        v = queue[head]
        head += 1
        for at in range(ground.start[v], ground.start[v + 1]):
            u = ground.near[at]
            if own[u] == a and seen[u] != stamp:
                seen[u] = stamp
                queue[tail] = u
                tail += 1
        if ground.touches[v, a] and not anchored:
            anchored = True
            for at in range(ground.first[a], ground.first[a + 1]):
                u = ground.touching[at]
                if own[u] == a and ground.component[u] == c and seen[u] != stamp:
                    seen[u] = stamp
                    queue[tail] = u
                    tail += 1
    return tail


@numba.njit(cache=True)
def _cut_off(
    ground: Ground, own: Ints, i: int, seen: Ints, stamp: int, queue: Ints, group: Ints
) -> int:
    """Write `i` and all that its leaving would cut off into `group`, return how many they are.

    The longest of the parts that would be left stays; in a network of dead ends a piece of the
    trunk can only move with its twigs.
    """
    group[0] = i
    a, c = own[i], ground.component[i]
    if a == ground.distance_m.shape[1] - 1:
        return 1
    seen[i] = stamp
    tail, best, best_from, best_to = 0, 0.0, 0, 0
    beside = ground.start[i + 1] - ground.start[i]
    anchors = ground.first[a + 1] - ground.first[a] if ground.touches[i, a] else 0
    for at in range(beside + anchors):
        if at < beside:
            w = ground.near[ground.start[i] + at]
        else:
            w = ground.touching[ground.first[a] + at - beside]
        if own[w] != a or seen[w] == stamp or ground.component[w] != c:
            continue
        begin = tail
        tail = _spread(ground, own, w, seen, stamp, queue, tail)
        metres = 0.0
        for q in range(begin, tail):
            metres += ground.length_m[queue[q]]
        if metres > best:
            best, best_from, best_to = metres, begin, tail
    size = 1
    for q in range(tail):
        if q < best_from or q >= best_to:
            group[size] = queue[q]
            size += 1
    return size


@numba.njit(cache=True)
def _group_change(
    ground: Ground, load: Any, group: Ints, size: int, a: int, b: int, due: float
) -> float:
    """Return what moving the group from `a` to `b` adds to the cost; infinite if it may not."""
    metres, change = 0.0, 0.0
    for q in range(size):
        i = group[q]
        metres += ground.length_m[i]
        change += ground.length_m[i] * (ground.distance_m[i, b] - ground.distance_m[i, a])
    if not np.isfinite(change) or load[b] + metres > ground.cap_m[b]:
        return np.inf
    change += _uneven(ground, load[b] + metres, b, due) - _uneven(ground, load[b], b, due)
    return change + _uneven(ground, load[a] - metres, a, due) - _uneven(ground, load[a], a, due)


@numba.njit(cache=True)
def _settle(
    ground: Ground,
    own: Ints,
    load: Any,
    count: Ints,
    touched: Ints,
    seen: Ints,
    queue: Ints,
    due: float,
) -> None:
    """Make every single move that lowers the cost, piece by piece, until none does."""
    stamp = seen.max()
    holders = ground.distance_m.shape[1]
    moved = True
    while moved:
        moved = False
        for i in range(len(own)):
            best, to = -1e-6, -1
            for b in range(holders):
                if b == own[i] or not np.isfinite(ground.distance_m[i, b]):
                    continue
                if load[b] + ground.length_m[i] > ground.cap_m[b]:
                    continue
                change = _change(ground, load, i, own[i], b, due)
                if change < best and _joins(ground, own, count, touched, i, b):
                    best, to = change, b
            if to >= 0:
                stamp += 1
                if _leaves(ground, own, count, touched, i, seen, stamp, queue):
                    _move(ground, own, load, count, touched, i, to)
                    moved = True


@numba.njit(cache=True)
def _swap(
    ground: Ground,
    own: Ints,
    load: Any,
    count: Ints,
    touched: Ints,
    i: int,
    j: int,
    bar: float,
    due: float,
    seen: Ints,
    stamp: int,
    queue: Ints,
) -> bool:
    """Exchange the holders of two pieces if it is allowed and costs less than `bar`."""
    a, b = own[i], own[j]
    if not (np.isfinite(ground.distance_m[i, b]) and np.isfinite(ground.distance_m[j, a])):
        return False
    more = ground.length_m[i] - ground.length_m[j]
    if load[b] + more > ground.cap_m[b] or load[a] - more > ground.cap_m[a]:
        return False
    change = _change(ground, load, i, a, b, due)
    if not _joins(ground, own, count, touched, i, b):
        return False
    if not _leaves(ground, own, count, touched, i, seen, stamp, queue):
        return False
    _move(ground, own, load, count, touched, i, b)
    change += _change(ground, load, j, b, a, due)
    if (
        change < bar
        and _joins(ground, own, count, touched, j, a)
        and _leaves(ground, own, count, touched, j, seen, stamp + 1, queue)
    ):
        _move(ground, own, load, count, touched, j, a)
        return True
    _move(ground, own, load, count, touched, i, a)
    return False


@numba.njit(cache=True)
def _charge(ground: Ground, load: Any) -> None:
    """Raise the tolls of holders with too much, lower those with too little, by a fiftieth."""
    for h in range(len(ground.toll_m)):
        excess = max(0.0, load[h] - ground.high_m) - max(0.0, ground.low_m - load[h])
        toll = ground.toll_m[h] + excess / 50
        ground.toll_m[h] = max(-ground.balance_m, min(ground.balance_m, toll))


@numba.njit(cache=True)
def anneal(
    ground: Ground,
    own: Ints,
    load: Any,
    count: Ints,
    touched: Ints,
    tries: int,
    hot: float,
    ease: float,
    seed: int,
) -> Ints:
    """Return the owners after `tries` proposals, cooling from `hot` to a thousandth of it.

    Uneven loads cost `ease` of the price of the band at first, for the rest tolls, later its full
    price, so that pieces can still move while the loads sit on its edge. All of `own`, `load`,
    `count`, `touched` and the tolls are worked on in place and must agree.
    """
    n, holders = ground.distance_m.shape
    seen = np.zeros(n, dtype=np.int64)
    queue = np.zeros(n, dtype=np.int64)
    group = np.zeros(n, dtype=np.int64)
    _settle(ground, own, load, count, touched, seen, queue, max(0.0, 2 * ease - 1))
    stamp: Any = seen.max()
    state: Any = np.int64(seed % 2147483646 + 1)
    heat = hot
    cooling = 1e-3 ** (1 / max(1, tries))
    for turn in range(tries):
        heat *= cooling
        due = min(1.0, ease + turn / tries)
        if turn % n == 0:
            _charge(ground, load)
        i, state = _draw(state, n)
        way, state = _draw(state, 8)
        chance, state = _draw(state, 1 << 30)
        # Metropolis: accept a change below this bar.
        bar = -heat * np.log((chance + 1) / (1 << 30))
        degree = ground.start[i + 1] - ground.start[i]
        j = -1
        if way > 1 and degree:
            at, state = _draw(state, degree)
            j = ground.near[ground.start[i] + at]
            b = own[j]
        elif way == 1:
            j, state = _draw(state, n)
            b = own[j]
        else:
            b, state = _draw(state, holders)
        a = own[i]
        if a == b or not np.isfinite(ground.distance_m[i, b]):
            continue
        stamp += 2
        if way == 1:
            _swap(ground, own, load, count, touched, i, j, bar, due, seen, stamp, queue)
            continue
        if not _joins(ground, own, count, touched, i, b):
            continue
        size = _cut_off(ground, own, i, seen, stamp, queue, group)
        if _group_change(ground, load, group, size, a, b, due) < bar:
            for q in range(size):
                _move(ground, own, load, count, touched, group[q], b)
    seen[:] = stamp
    _settle(ground, own, load, count, touched, seen, queue, 1.0)
    return own
