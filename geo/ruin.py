"""Search plans by ruin and recreate, deciding directions exactly: the compiled part of `geo.arcs`.

A plan is an order of tasks a tour; the direction of every task is never stored. `ends[v, k]` holds
the least cost of tour v up to and with its k-th task, served in direction 0 and in direction 1, and
the least cost of what follows that task, from direction 0 and from direction 1. With them, putting
a task in between is priced with the best directions of the whole tour, not only of its neighbours,
in two looks at the matrix.

Strings are removed and put back greedily as in Christiaens and Vanden Berghe, Slack Induction by
String Removals, Transportation Science 54 (2020).
"""

from typing import Any, NamedTuple

import numba
import numpy as np

# Longer than any plan, and short enough that a tour of them does not overflow.
FAR = 1 << 28
BLINK = 0.01
REACH = 60
LOG_MISS = float(np.log(1.0 - BLINK))


class Facts(NamedTuple):
    """What does not change while searching: n tasks, v tours, w ways of moving.

    A step goes from the end of one task to the end of the next and serves the next. Its four
    numbers are by the directions of both: (0, 0), (0, 1), (1, 0), (1, 1).
    """

    into: Any  # int32 [w, n, n, 4]: into[w, t, i] steps from i to t
    onto: Any  # int32 [w, n, n, 4]: onto[w, t, j] steps from t to j
    gate: Any  # int64 [v, n, 4]: from the start with the task served, 0 and 1; to the finish, 0, 1
    way: Any  # int64 [v]
    alike: Any  # int64 [v]: tours of one number are the same
    limit: Any  # int64 [v]: longest cost of a tour
    soft: Any  # int64 [v]: beyond this a tour costs `weight` more a unit
    weight: Any  # int64 [1]
    room: Any  # int64 [v]
    fixed: Any  # int64 [v]: cost of using a tour at all
    demand: Any  # int64 [n]
    price: Any  # int64 [n]: cost of leaving a task out
    allowed: Any  # bool [n, v]
    near: Any  # int32 [n, n]: tasks by distance from each task, itself first


class Plan(NamedTuple):
    """The plan being searched, and what was worked out of it."""

    order: Any  # int32 [v, n]
    size: Any  # int64 [v]
    cost: Any  # int64 [v]
    worth: Any  # int64 [v]: what the tour adds to the objective
    load: Any  # int64 [v]
    ends: Any  # int64 [v, n, 4]
    steps: Any  # int32 [v, n, 4]: the step to the k-th task from the one before it
    tour: Any  # int64 [n]: -1 when left out
    place: Any  # int64 [n]
    dice: Any  # uint64 [1]


def fresh(tours: int, tasks: int, seed: int) -> Plan:
    """Return a plan without tasks."""
    return Plan(
        order=np.zeros((tours, max(tasks, 1)), np.int32),
        size=np.zeros(tours, np.int64),
        cost=np.zeros(tours, np.int64),
        worth=np.zeros(tours, np.int64),
        load=np.zeros(tours, np.int64),
        ends=np.zeros((tours, max(tasks, 1), 4), np.int64),
        steps=np.zeros((tours, max(tasks, 1), 4), np.int32),
        tour=np.full(tasks, -1, np.int64),
        place=np.zeros(tasks, np.int64),
        dice=np.array([(seed * 2654435761 + 88172645463325252) & (2**64 - 1) or 1], np.uint64),
    )


@numba.njit(cache=True)
def _random(dice: Any) -> float:
    """Return the next number in [0, 1) of a xorshift64* sequence."""
    x = dice[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    dice[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@numba.njit(cache=True)
def _below(dice: Any, n: int) -> int:
    return int(_random(dice) * n)


@numba.njit(cache=True)
def _close(facts: Facts, plan: Plan, v: int) -> None:
    ends = plan.ends[v]
    cost = min(ends[0, 0] + ends[0, 2], ends[0, 1] + ends[0, 3])
    plan.cost[v] = cost
    plan.worth[v] = cost + facts.fixed[v] + max(cost - facts.soft[v], 0) * facts.weight[0]


@numba.njit(cache=True)
def sweep(facts: Facts, plan: Plan, v: int) -> None:
    """Work out all that follows from the order of tour v."""
    n = plan.size[v]
    if n == 0:
        plan.cost[v] = plan.worth[v] = 0
        return
    order, ends, steps = plan.order[v], plan.ends[v], plan.steps[v]
    onto, gate = facts.onto[facts.way[v]], facts.gate[v]
    t = order[0]
    ends[0, 0], ends[0, 1] = gate[t, 0], gate[t, 1]
    plan.tour[t], plan.place[t] = v, 0
    for k in range(1, n):
        i, t = t, order[k]
        for q in range(4):
            steps[k, q] = onto[i, t, q]
        a, b = ends[k - 1, 0], ends[k - 1, 1]
        ends[k, 0] = min(a + steps[k, 0], b + steps[k, 2])
        ends[k, 1] = min(a + steps[k, 1], b + steps[k, 3])
        plan.tour[t], plan.place[t] = v, k
    ends[n - 1, 2], ends[n - 1, 3] = gate[t, 2], gate[t, 3]
    for k in range(n - 1, 0, -1):
        a, b = ends[k, 2], ends[k, 3]
        ends[k - 1, 2] = min(a + steps[k, 0], b + steps[k, 1])
        ends[k - 1, 3] = min(a + steps[k, 2], b + steps[k, 3])
    _close(facts, plan, v)


@numba.njit(cache=True)
def _put(facts: Facts, plan: Plan, t: int, v: int, k: int) -> None:
    """Put task t before the k-th of tour v, working out again only what that changes."""
    n = plan.size[v]
    order, ends, steps = plan.order[v], plan.ends[v], plan.steps[v]
    onto, gate = facts.onto[facts.way[v]], facts.gate[v]
    for p in range(n, k, -1):
        order[p] = order[p - 1]
        plan.place[order[p]] = p
        ends[p, 2], ends[p, 3] = ends[p - 1, 2], ends[p - 1, 3]
        if p > k + 1:
            for q in range(4):
                steps[p, q] = steps[p - 1, q]
    order[k] = t
    plan.tour[t], plan.place[t] = v, k
    plan.size[v] = n + 1
    plan.load[v] += facts.demand[t]
    if k > 0:
        for q in range(4):
            steps[k, q] = onto[order[k - 1], t, q]
    else:
        ends[0, 0], ends[0, 1] = gate[t, 0], gate[t, 1]
    if k < n:
        for q in range(4):
            steps[k + 1, q] = onto[t, order[k + 1], q]
    else:
        ends[n, 2], ends[n, 3] = gate[t, 2], gate[t, 3]
    for p in range(max(k, 1), n + 1):
        a, b = ends[p - 1, 0], ends[p - 1, 1]
        ends[p, 0] = min(a + steps[p, 0], b + steps[p, 2])
        ends[p, 1] = min(a + steps[p, 1], b + steps[p, 3])
    for p in range(min(k + 1, n), 0, -1):
        a, b = ends[p, 2], ends[p, 3]
        ends[p - 1, 2] = min(a + steps[p, 0], b + steps[p, 1])
        ends[p - 1, 3] = min(a + steps[p, 2], b + steps[p, 3])
    _close(facts, plan, v)


@numba.njit(cache=True)
def _cheapest(facts: Facts, plan: Plan, t: int, price: int) -> tuple[int, int]:
    """Return the tour and place where task t costs least, or (-1, 0) to leave it out."""
    best, at_tour, at_place = price, -1, 0
    tried, w = -1, -1
    into, onto = facts.into[0, t], facts.onto[0, t]
    # One draw says how many places are looked at before the next is overlooked.
    left = int(np.log(1.0 - _random(plan.dice)) / LOG_MISS)
    for v in range(plan.size.size):
        n = plan.size[v]
        if n == 0 and tried == facts.alike[v]:
            continue
        if plan.load[v] + facts.demand[t] > facts.room[v] or not facts.allowed[t, v]:
            continue
        if n == 0:
            tried = facts.alike[v]
        if facts.way[v] != w:
            w = facts.way[v]
            into, onto = facts.into[w, t], facts.onto[w, t]
        order, ends = plan.order[v], plan.ends[v]
        soft, weight, limit = facts.soft[v], facts.weight[0], facts.limit[v]
        now = plan.worth[v] - facts.fixed[v]
        to0, to1 = facts.gate[v, t, 0], facts.gate[v, t, 1]
        for k in range(n + 1):
            if k > 0:
                i = order[k - 1]
                a, b = ends[k - 1, 0], ends[k - 1, 1]
                to0 = min(a + into[i, 0], b + into[i, 2])
                to1 = min(a + into[i, 1], b + into[i, 3])
            if left == 0:
                left = int(np.log(1.0 - _random(plan.dice)) / LOG_MISS)
                continue
            left -= 1
            if k == n:
                cost = min(to0 + facts.gate[v, t, 2], to1 + facts.gate[v, t, 3])
            else:
                j = order[k]
                a, b = ends[k, 2], ends[k, 3]
                on0 = min(a + onto[j, 0], b + onto[j, 1])
                on1 = min(a + onto[j, 2], b + onto[j, 3])
                cost = min(to0 + on0, to1 + on1)
            if cost <= limit:
                more = cost + max(cost - soft, 0) * weight - now
                if more < best:
                    best, at_tour, at_place = more, v, k
    return at_tour, at_place


@numba.njit(cache=True)
def _cheapest_near(facts: Facts, plan: Plan, t: int, price: int) -> tuple[int, int]:
    """As `_cheapest`, but looks only beside the tasks nearest to t and at the ends of tours."""
    best, at_tour, at_place = price, -1, 0
    tried, looked, tours = -1, 0, plan.size.size
    left = int(np.log(1.0 - _random(plan.dice)) / LOG_MISS)
    for at in range(2 * (tours + plan.tour.size - 1)):
        if at < 2 * tours:
            v = at >> 1
            n = plan.size[v]
            if n == 0:
                if at & 1 or tried == facts.alike[v] or not facts.allowed[t, v]:
                    continue
                tried = facts.alike[v]
            k = n if at & 1 else 0
        else:
            # Tours without room do not count: where room is short, the search goes farther.
            if looked == 2 * REACH:
                break
            c = facts.near[t, 1 + ((at - 2 * tours) >> 1)]
            v = plan.tour[c]
            if v < 0:
                continue
            n = plan.size[v]
            k = plan.place[c] + (at & 1)
            if k in (0, n):
                continue
        if plan.load[v] + facts.demand[t] > facts.room[v] or not facts.allowed[t, v]:
            continue
        looked += at >= 2 * tours
        if left == 0:
            left = int(np.log(1.0 - _random(plan.dice)) / LOG_MISS)
            continue
        left -= 1
        w = facts.way[v]
        to0, to1 = facts.gate[v, t, 0], facts.gate[v, t, 1]
        on0, on1 = facts.gate[v, t, 2], facts.gate[v, t, 3]
        if k > 0:
            i = plan.order[v, k - 1]
            a, b = plan.ends[v, k - 1, 0], plan.ends[v, k - 1, 1]
            to0 = min(a + facts.into[w, t, i, 0], b + facts.into[w, t, i, 2])
            to1 = min(a + facts.into[w, t, i, 1], b + facts.into[w, t, i, 3])
        if k < n:
            j = plan.order[v, k]
            a, b = plan.ends[v, k, 2], plan.ends[v, k, 3]
            on0 = min(a + facts.onto[w, t, j, 0], b + facts.onto[w, t, j, 1])
            on1 = min(a + facts.onto[w, t, j, 2], b + facts.onto[w, t, j, 3])
        cost = min(to0 + on0, to1 + on1)
        if cost <= facts.limit[v]:
            over = max(cost - facts.soft[v], 0) * facts.weight[0]
            more = cost + facts.fixed[v] + over - plan.worth[v]
            if more < best:
                best, at_tour, at_place = more, v, k
    return at_tour, at_place


@numba.njit(cache=True)
def objective(plan: Plan, price: Any) -> int:
    """Return the whole objective: tours and the price of what is left out."""
    total = plan.worth.sum()
    for t in range(price.size):
        if plan.tour[t] < 0:
            total += price[t]
    return total


@numba.njit(cache=True)
def _take(order: Any, size: int, piece: tuple[int, int, int], out: Any, n: int) -> int:
    """Move a piece of `order` to out[n:] and return the size that is left.

    A piece is `length` tasks from `first` on, kept apart by `skip` tasks that stay.
    """
    first, length, skip = piece
    keep_from = first + (length // 2 if skip > 0 else length)
    write, taken = first, 0
    for p in range(first, size):
        if taken == length or keep_from <= p < keep_from + skip:
            order[write] = order[p]
            write += 1
        else:
            out[n + taken] = order[p]
            taken += 1
    return write


@numba.njit(cache=True)
def _arrange(keys: Any, out: Any, n: int) -> None:
    """Sort out[:n] by keys[:n], smallest first; ties keep their order."""
    for p in range(1, n):
        key, t = keys[p], out[p]
        q = p - 1
        while q >= 0 and keys[q] > key:
            keys[q + 1], out[q + 1] = keys[q], out[q]
            q -= 1
        keys[q + 1], out[q + 1] = key, t


@numba.njit(cache=True)
def _copy(source: Plan, target: Plan, v: int) -> None:
    target.size[v], target.load[v] = source.size[v], source.load[v]
    target.cost[v], target.worth[v] = source.cost[v], source.worth[v]
    for p in range(source.size[v]):
        target.order[v, p] = source.order[v, p]
        for q in range(4):
            target.ends[v, p, q] = source.ends[v, p, q]
            target.steps[v, p, q] = source.steps[v, p, q]


@numba.njit(cache=True)
def search(
    facts: Facts, plan: Plan, old: Plan, best: Any, turns: int, heat: float, ruin: float
) -> int:
    """Ruin and recreate `turns` times at the temperature `heat`, some `ruin` tasks a turn.

    `old` is another plan of the same size, to go back to; `best` is (order, size, objective[1]) of
    the best plan so far and is kept up to date. Returns the objective where the search stands.
    """
    tours, tasks = plan.size.size, plan.tour.size
    best_order, best_size, best_value = best
    dice = plan.dice
    out = np.empty(2 * tasks + 16, np.int64)
    keys = np.empty(2 * tasks + 16)
    touched = np.empty(tours, np.int64)
    stamp = np.zeros(tours, np.int64)
    now = objective(plan, facts.price)
    absent = 0
    for t in range(tasks):
        absent += plan.tour[t] < 0
    for turn in range(1, turns + 1):
        mark, n = 0, 0
        used = 0
        for v in range(tours):
            used += plan.size[v] > 0
        seed = _below(dice, tasks)
        kind = _random(dice)
        mean = (tasks - absent) / max(used, 1)
        longest = min(10.0, mean)
        strings = int(_random(dice) * (4.0 * ruin / (1.0 + longest))) + 1
        whole = kind > 0.995
        # Strings take one piece of a tour; with few long tours, pieces of one are needed too.
        radial = kind < 0.15 or (used < 3 and kind < 0.5)
        wanted = 1 + _below(dice, int(2 * ruin))
        for at in range(tasks if used else 0):
            c = facts.near[seed, at]
            v = plan.tour[c]
            if v < 0:
                continue
            if radial:
                if n >= wanted:
                    break
            elif stamp[v] == turn:
                continue
            elif mark >= strings:
                break
            size = plan.size[v]
            if stamp[v] != turn:
                stamp[v] = turn
                touched[mark] = v
                mark += 1
                _copy(plan, old, v)
            order, place = plan.order[v], plan.place[c]
            first, length, skip = 0, size, 0
            if radial:
                # Places behind a taken task are stale until the sweep: find it.
                place = min(place, size - 1)
                while order[place] != c:
                    place -= 1
                first, length = place, 1
            elif not whole:
                length = 1 + _below(dice, int(min(float(size), longest)))
                if length > 1 and size > length and _random(dice) < 0.5:
                    skip = 1
                    while length + skip < size and _random(dice) < 0.01:
                        skip += 1
                low = max(0, place - length - skip + 1)
                high = min(place, size - length - skip)
                first = low + _below(dice, high - low + 1)
            plan.size[v] = _take(order, size, (first, length, skip), out, n)
            for p in range(n, n + length):
                plan.tour[out[p]] = -1
                plan.load[v] -= facts.demand[out[p]]
            n += length
            if whole:
                break
        then = now
        for m in range(mark):
            v = touched[m]
            sweep(facts, plan, v)
            then += plan.worth[v] - old.worth[v]
        for p in range(n):
            then += facts.price[out[p]]
        left = absent + n
        if absent > 0:
            removed = n
            for at in range(tasks):
                c = facts.near[seed, at]
                if plan.tour[c] < 0:
                    new = True
                    for p in range(removed):
                        new = new and out[p] != c
                    if new:
                        out[n] = c
                        n += 1
                        if n == removed + 10:
                            break
        sort = _random(dice)
        for p in range(n):
            t = out[p]
            if sort < 0.36:
                keys[p] = _random(dice)
            elif sort < 0.64:
                keys[p] = -facts.demand[t]
            elif sort < 0.82:
                keys[p] = -min(facts.gate[0, t, 0], facts.gate[0, t, 1])
            elif sort < 0.91:
                keys[p] = min(facts.gate[0, t, 0], facts.gate[0, t, 1])
            else:
                keys[p] = -facts.price[t]
        _arrange(keys, out, n)
        # Two tasks left out may each be too dear alone and pay together: now and then, try.
        keen = 4 if absent > 0 and _random(dice) < 0.1 else 1
        for p in range(n):
            t = out[p]
            price = facts.price[t] * keen
            # All places while they fit the fastest memory, then those nearby, now and then all.
            if tasks <= 4 * REACH or _random(dice) < 0.02:
                v, k = _cheapest(facts, plan, t, price)
            else:
                v, k = _cheapest_near(facts, plan, t, price)
            if v < 0:
                continue
            if stamp[v] != turn:
                stamp[v] = turn
                touched[mark] = v
                mark += 1
                _copy(plan, old, v)
            then -= plan.worth[v] + facts.price[t]
            _put(facts, plan, t, v, k)
            then += plan.worth[v]
            left -= 1
        if then < now - heat * np.log(1.0 - _random(dice)):
            now, absent = then, left
            if now < best_value[0]:
                best_value[0] = now
                for v in range(tours):
                    best_size[v] = plan.size[v]
                    for p in range(plan.size[v]):
                        best_order[v, p] = plan.order[v, p]
        else:
            for p in range(n):
                plan.tour[out[p]] = -1
            for m in range(mark):
                v = touched[m]
                _copy(old, plan, v)
                for p in range(plan.size[v]):
                    plan.tour[plan.order[v, p]], plan.place[plan.order[v, p]] = v, p
    return now


@numba.njit(cache=True)
def restore(facts: Facts, plan: Plan, order: Any, size: Any) -> None:
    """Make `plan` the plan of these orders."""
    plan.tour[:] = -1
    for v in range(size.size):
        plan.size[v] = size[v]
        plan.load[v] = 0
        for p in range(size[v]):
            plan.order[v, p] = order[v, p]
            plan.load[v] += facts.demand[order[v, p]]
        sweep(facts, plan, v)


@numba.njit(cache=True)
def directions(facts: Facts, plan: Plan, v: int, out: Any) -> None:
    """Write the best direction (0 or 1) of every task of tour v to `out`."""
    order, ends, onto = plan.order[v], plan.ends[v], facts.onto[facts.way[v]]
    o = 0
    for k in range(plan.size[v]):
        if k == 0:
            a, b = ends[0, 0] + ends[0, 2], ends[0, 1] + ends[0, 3]
        else:
            i, t = order[k - 1], order[k]
            a = onto[i, t, 2 * o] + ends[k, 2]
            b = onto[i, t, 2 * o + 1] + ends[k, 3]
        o = 1 if b < a else 0
        out[k] = o
