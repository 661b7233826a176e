"""Search plans by ruin and recreate: the compiled part of `geo.arcs`.

Strings of tasks are taken out of tours that lie together and put back greedily where they cost
least, as in Christiaens and Vanden Berghe, Slack Induction by String Removals, Transportation
Science 54 (2020); `geo.tours` prices every place with the best directions of the whole tour.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

from geo.tours import INSIDE, KERNEL, Facts, Plan, copy, objective, put, sweep

# A place is overlooked so often, lest the same tasks always go back to the same places.
LOG_MISS = float(np.log(1.0 - 0.01))
# A task is tried in the tours of so many of its nearest tasks, and now and then in all.
NEIGHBOURS = 40
# Of a tour of more tasks than these only the places beside those tasks are tried.
LONG = 80
EVERYWHERE = 0.02
# Fewer tasks fit the fastest memory: looking at all places costs less than choosing among them.
FEW = 240
# So many of the tasks left out before are tried again at a turn.
RETRIED = 10


class Desk(NamedTuple):
    """What a turn of the search writes on: the tasks in hand and the tours it changed."""

    hand: Any  # int64 [n]
    keys: Any  # float64 [n]
    changed: Any  # int64 [v]
    stamp: Any  # int64 [v]: the last turn that changed the tour
    asked: Any  # int64 [v + 40, 3]: the tours a task is tried in, from which place to which
    seen: Any  # int64 [v + 1]: the last task tried in the tour; at the end, how many were tried
    dice: Any  # uint64 [1]


def desk(tours: int, tasks: int, seed: int) -> Desk:
    """Return an empty desk whose dice are those of `seed`."""
    return Desk(
        hand=np.zeros(tasks + RETRIED, np.int64),
        keys=np.zeros(tasks + RETRIED),
        changed=np.zeros(tours, np.int64),
        stamp=np.zeros(tours, np.int64),
        asked=np.zeros((tours + NEIGHBOURS, 3), np.int64),
        seen=np.zeros(tours + 1, np.int64),
        dice=np.array([(seed * 2654435761 + 88172645463325252) & (2**64 - 1) or 1], np.uint64),
    )


@numba.njit(**KERNEL)
def _random(dice: Any) -> float:
    """Return the next number in [0, 1) of a xorshift64* sequence."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@numba.njit(**KERNEL)
def _below(dice: Any, n: int) -> int:
    return int(_random(dice) * n)


@numba.njit(**INSIDE)
def _change(plan: Plan, old: Plan, desk: Desk, turn: int, v: int, count: int) -> int:
    """Note that this turn changes tour v, keeping it as it was; return how many it changed."""
    if desk.stamp[v] == turn:
        return count
    desk.stamp[v] = turn
    desk.changed[count] = v
    copy(plan, old, v)
    return count + 1


@numba.njit(**KERNEL)
def _take(plan: Plan, desk: Desk, v: int, piece: tuple[int, int, int], n: int) -> int:
    """Take a piece of tour v in hand, after the n tasks there, and return how many are in hand.

    A piece is `length` tasks from `first` on, kept apart by `skip` tasks that stay.
    """
    first, length, skip = piece
    keep_from = first + (length // 2 if skip > 0 else length)
    write, taken = first, 0
    for p in range(first, plan.size[v]):
        t = plan.order[v, p]
        if taken == length or keep_from <= p < keep_from + skip:
            plan.order[v, write] = t
            write += 1
        else:
            desk.hand[n + taken] = t
            taken += 1
            plan.tour[t] = -1
    plan.size[v] = write
    return n + taken


@numba.njit(**KERNEL)
def _piece(dice: Any, size: int, place: int, longest: float) -> tuple[int, int, int]:
    """Return a random piece, of a tour of `size` tasks, that spans the one at `place`."""
    length, skip = 1 + _below(dice, int(min(float(size), longest))), 0
    if length > 1 and size > length and _random(dice) < 0.5:
        skip = 1
        while length + skip < size and _random(dice) < 0.01:
            skip += 1
    low = max(0, place - length - skip + 1)
    high = min(place, size - length - skip)
    return low + _below(dice, high - low + 1), length, skip


@numba.njit(**KERNEL)
def _ruin(
    facts: Facts, plan: Plan, old: Plan, desk: Desk, turn: int, seed: int, absent: int, ruin: float
) -> tuple[int, int]:
    """Take tasks near `seed` in hand; return how many tours were changed and tasks are in hand."""
    dice, tasks = desk.dice, plan.tour.size
    used = 0
    for v in range(plan.size.size):
        used += plan.size[v] > 0
    if used == 0:
        return 0, 0
    kind = _random(dice)
    longest = min(10.0, (tasks - absent) / used)
    strings = int(_random(dice) * (4.0 * ruin / (1.0 + longest))) + 1
    whole = kind > 0.995
    # Strings take one piece of a tour; with few long tours, pieces of one are needed too.
    single = kind < 0.15 or (used < 3 and kind < 0.5)
    wanted = 1 + _below(dice, int(2 * ruin))
    count, n = 0, 0
    for at in range(tasks):
        if (n if single else count) >= (wanted if single else strings) or (whole and count):
            break
        c = facts.near[seed, at]
        v = plan.tour[c]
        if v < 0 or (desk.stamp[v] == turn and not single):
            continue
        count = _change(plan, old, desk, turn, v, count)
        place, piece = plan.place[c], (0, plan.size[v], 0)
        if single:
            # Places behind a taken task are stale until the sweep: find it.
            place = min(place, plan.size[v] - 1)
            while plan.order[v, place] != c:
                place -= 1
            piece = (place, 1, 0)
        elif not whole:
            piece = _piece(dice, plan.size[v], place, longest)
        before, n = n, _take(plan, desk, v, piece, n)
        for p in range(before, n):
            plan.load[v] -= facts.demand[desk.hand[p]]
    return count, n


@numba.njit(**KERNEL)
def _retry(facts: Facts, plan: Plan, desk: Desk, seed: int, n: int) -> int:
    """Take in hand tasks near `seed` that were left out before; return how many are in hand."""
    removed = n
    for at in range(plan.tour.size):
        c = facts.near[seed, at]
        if plan.tour[c] < 0:
            new = True
            for p in range(removed):
                new = new and desk.hand[p] != c
            if new:
                desk.hand[n] = c
                n += 1
                if n == removed + RETRIED:
                    break
    return n


@numba.njit(**INSIDE)
def _sort(facts: Facts, desk: Desk, n: int) -> None:
    """Put the tasks in hand into an order: random, heavy, far, near or dear first."""
    sort = _random(desk.dice)
    for p in range(n):
        t = desk.hand[p]
        if sort < 0.36:
            key = _random(desk.dice)
        elif sort < 0.64:
            key = -float(facts.demand[t])
        elif sort < 0.91:
            away = float(min(facts.gate[0, t, 0], facts.gate[0, t, 1]))
            key = -away if sort < 0.82 else away
        else:
            key = -float(facts.price[t])
        q = p - 1
        while q >= 0 and desk.keys[q] > key:
            desk.keys[q + 1], desk.hand[q + 1] = desk.keys[q], desk.hand[q]
            q -= 1
        desk.keys[q + 1], desk.hand[q + 1] = key, t


@numba.njit(**INSIDE)
def _ask(facts: Facts, plan: Plan, desk: Desk, t: int) -> int:
    """List the runs of places to try task t at, and return how many runs.

    They are the tours of its nearest tasks, of a long tour only the places beside those tasks, and
    one unused tour of each kind. Tours without room do not count: where room is short, the search
    goes farther.
    """
    tours = plan.size.size
    desk.seen[tours] += 1
    mark = desk.seen[tours]
    asked, met, new = 0, 0, -1
    near = plan.tour.size > FEW and _random(desk.dice) >= EVERYWHERE
    for at in range(1, plan.tour.size if near else 0):
        c = facts.near[t, at]
        v = plan.tour[c]
        if v < 0 or plan.load[v] + facts.demand[t] > facts.room[v] or not facts.allowed[t, v]:
            continue
        long = plan.size[v] > LONG
        if long or desk.seen[v] != mark:
            desk.seen[v] = mark
            desk.asked[asked, 0] = v
            desk.asked[asked, 1] = plan.place[c] if long else 0
            desk.asked[asked, 2] = plan.place[c] + 1 if long else plan.size[v]
            asked += 1
        met += 1
        if met == NEIGHBOURS:
            break
    for v in range(tours):
        if plan.size[v] == 0:
            if new == facts.alike[v]:
                continue
            new = facts.alike[v]
        elif near:
            continue
        if plan.load[v] + facts.demand[t] <= facts.room[v] and facts.allowed[t, v]:
            desk.asked[asked, 0], desk.asked[asked, 1], desk.asked[asked, 2] = v, 0, plan.size[v]
            asked += 1
    return asked


@numba.njit(**INSIDE)
def _cheapest(facts: Facts, plan: Plan, desk: Desk, t: int, price: int) -> tuple[int, int]:
    """Return the tour and place where task t costs least, or (-1, 0) to leave it out."""
    best, at_tour, at_place = price, -1, 0
    # One draw says how many places are looked at before the next is overlooked.
    left = int(np.log(1.0 - _random(desk.dice)) / LOG_MISS)
    for at in range(_ask(facts, plan, desk, t)):
        v = desk.asked[at, 0]
        n, w = plan.size[v], facts.way[v]
        soft, weight, limit = facts.soft[v], facts.weight[0], facts.limit[v]
        now = plan.worth[v] - facts.fixed[v]
        to0, to1 = facts.gate[v, t, 0], facts.gate[v, t, 1]
        for k in range(desk.asked[at, 1], desk.asked[at, 2] + 1):
            if k > 0:
                i = plan.order[v, k - 1]
                a, b = plan.ends[v, k - 1, 0], plan.ends[v, k - 1, 1]
                to0 = min(a + facts.into[w, t, i, 0], b + facts.into[w, t, i, 2])
                to1 = min(a + facts.into[w, t, i, 1], b + facts.into[w, t, i, 3])
            if left == 0:
                left = int(np.log(1.0 - _random(desk.dice)) / LOG_MISS)
                continue
            left -= 1
            if k == n:
                cost = min(to0 + facts.gate[v, t, 2], to1 + facts.gate[v, t, 3])
            else:
                j = plan.order[v, k]
                a, b = plan.ends[v, k, 2], plan.ends[v, k, 3]
                on0 = min(a + facts.onto[w, t, j, 0], b + facts.onto[w, t, j, 1])
                on1 = min(a + facts.onto[w, t, j, 2], b + facts.onto[w, t, j, 3])
                cost = min(to0 + on0, to1 + on1)
            if cost <= limit:
                more = cost + max(cost - soft, 0) * weight - now
                if more < best:
                    best, at_tour, at_place = more, v, k
    return at_tour, at_place


@numba.njit(**INSIDE)
def _undo(plan: Plan, old: Plan, desk: Desk, count: int, n: int) -> None:
    """Go back to the plan before this turn."""
    for p in range(n):
        plan.tour[desk.hand[p]] = -1
    for m in range(count):
        v = desk.changed[m]
        copy(old, plan, v)
        for p in range(plan.size[v]):
            t = plan.order[v, p]
            plan.tour[t], plan.place[t] = v, p


@numba.njit(**KERNEL)
def search(
    facts: Facts,
    plan: Plan,
    old: Plan,
    desk: Desk,
    best: Any,
    turns: int,
    heat: float,
    ruin: float,
) -> int:
    """Ruin and recreate `turns` times at the temperature `heat`, some `ruin` tasks a turn.

    `old` is another plan of the same size, to go back to; `best` is (order, size, objective[1]) of
    the best plan so far and is kept up to date. Returns the objective where the search stands.
    """
    best_order, best_size, best_value = best
    tasks, dice = plan.tour.size, desk.dice
    now = objective(plan, facts.price)
    for v in range(plan.size.size):
        desk.stamp[v] = 0
    absent = 0
    for t in range(tasks):
        absent += plan.tour[t] < 0
    for turn in range(1, turns + 1):
        seed = _below(dice, tasks)
        count, n = _ruin(facts, plan, old, desk, turn, seed, absent, ruin)
        then, left = now, absent + n
        for m in range(count):
            v = desk.changed[m]
            sweep(facts, plan, v)
            then += plan.worth[v] - old.worth[v]
        for p in range(n):
            then += facts.price[desk.hand[p]]
        keen = 1
        if absent > 0:
            n = _retry(facts, plan, desk, seed, n)
            # Two tasks left out may each be too dear alone and pay together: now and then, try.
            keen = 4 if _random(dice) < 0.1 else 1
        _sort(facts, desk, n)
        for p in range(n):
            t = desk.hand[p]
            v, k = _cheapest(facts, plan, desk, t, facts.price[t] * keen)
            if v >= 0:
                count = _change(plan, old, desk, turn, v, count)
                then -= plan.worth[v] + facts.price[t]
                put(facts, plan, t, v, k)
                then += plan.worth[v]
                left -= 1
        if then >= now - heat * np.log(1.0 - _random(dice)):
            _undo(plan, old, desk, count, n)
            continue
        now, absent = then, left
        if now < best_value[0]:
            best_value[0] = now
            for v in range(best_size.size):
                best_size[v] = plan.size[v]
                for p in range(plan.size[v]):
                    best_order[v, p] = plan.order[v, p]
    return now
