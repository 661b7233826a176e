"""Keep the tours of a plan priced exactly, with the best direction of every task.

A plan is an order of tasks a tour; the direction of every task is never stored. `ends[v, k]` holds
the least cost of tour v up to and with its k-th task, served in direction 0 and in direction 1, and
the least cost of what follows that task, from direction 0 and from direction 1. With them, putting
a task in between is priced with the best directions of the whole tour, not only of its neighbours,
in two looks at the matrix.
"""

from typing import Any, NamedTuple

import numba
import numpy as np

# Longer than any plan, and short enough that a tour of them does not overflow.
FAR = 1 << 28
# Kernels allocate nothing: numba need not count who uses an array, which took most of the time.
KERNEL: dict[str, Any] = {"cache": True, "_nrt": False}
# Called at every turn with dozens of arrays, which are dear to hand over.
INSIDE: dict[str, Any] = {**KERNEL, "inline": "always"}


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
    """A plan, and what was worked out of it."""

    order: Any  # int32 [v, n]
    size: Any  # int64 [v]
    cost: Any  # int64 [v]
    worth: Any  # int64 [v]: what the tour adds to the objective
    load: Any  # int64 [v]
    ends: Any  # int64 [v, n, 4]
    steps: Any  # int32 [v, n, 4]: the step to the k-th task from the one before it
    tour: Any  # int64 [n]: -1 when left out
    place: Any  # int64 [n]


def fresh(tours: int, tasks: int) -> Plan:
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
    )


@numba.njit(**KERNEL)
def lay_out(between: Any, service: Any, onto: Any, into: Any, away: Any) -> None:
    """Write the steps of `Facts`, and how far apart two tasks are; -1 from a task to itself.

    `between` is as in `geo.arcs.Work`, `service` [w, n, 2].
    """
    ways, tasks = service.shape[0], service.shape[1]
    away[:] = FAR
    # Block by block: one of the two arrays is written across its rows.
    for block in range(0, tasks, 64):
        for i in range(tasks):
            for t in range(block, min(block + 64, tasks)):
                for w in range(ways):
                    for q in range(4):
                        step = min(between[w, 2 * i + q // 2, 2 * t + q % 2], FAR)
                        onto[w, i, t, q] = into[w, t, i, q] = step + service[w, t, q % 2]
                        away[i, t] = min(away[i, t], step)
                        away[t, i] = min(away[t, i], step)
    for t in range(tasks):
        away[t, t] = -1


@numba.njit(**KERNEL)
def _close(facts: Facts, plan: Plan, v: int) -> None:
    cost = min(plan.ends[v, 0, 0] + plan.ends[v, 0, 2], plan.ends[v, 0, 1] + plan.ends[v, 0, 3])
    plan.cost[v] = cost
    plan.worth[v] = cost + facts.fixed[v] + max(cost - facts.soft[v], 0) * facts.weight[0]


@numba.njit(**INSIDE)
def _forth(plan: Plan, v: int, k: int) -> None:
    """Work out the costs up to the k-th task from those up to the one before."""
    a, b = plan.ends[v, k - 1, 0], plan.ends[v, k - 1, 1]
    plan.ends[v, k, 0] = min(a + plan.steps[v, k, 0], b + plan.steps[v, k, 2])
    plan.ends[v, k, 1] = min(a + plan.steps[v, k, 1], b + plan.steps[v, k, 3])


@numba.njit(**INSIDE)
def _back(plan: Plan, v: int, k: int) -> None:
    """Work out the costs after the task before the k-th from those after the k-th."""
    a, b = plan.ends[v, k, 2], plan.ends[v, k, 3]
    plan.ends[v, k - 1, 2] = min(a + plan.steps[v, k, 0], b + plan.steps[v, k, 1])
    plan.ends[v, k - 1, 3] = min(a + plan.steps[v, k, 2], b + plan.steps[v, k, 3])


@numba.njit(**INSIDE)
def _step(facts: Facts, plan: Plan, v: int, k: int) -> None:
    """Look up the step to the k-th task from the one before it."""
    w, i, t = facts.way[v], plan.order[v, k - 1], plan.order[v, k]
    for q in range(4):
        plan.steps[v, k, q] = facts.onto[w, i, t, q]


@numba.njit(**KERNEL)
def sweep(facts: Facts, plan: Plan, v: int) -> None:
    """Work out all that follows from the order of tour v."""
    n = plan.size[v]
    if n == 0:
        plan.cost[v] = plan.worth[v] = 0
        return
    t = plan.order[v, 0]
    plan.ends[v, 0, 0], plan.ends[v, 0, 1] = facts.gate[v, t, 0], facts.gate[v, t, 1]
    for k in range(1, n):
        _step(facts, plan, v, k)
        _forth(plan, v, k)
    t = plan.order[v, n - 1]
    plan.ends[v, n - 1, 2], plan.ends[v, n - 1, 3] = facts.gate[v, t, 2], facts.gate[v, t, 3]
    for k in range(n - 1, 0, -1):
        _back(plan, v, k)
    for k in range(n):
        plan.tour[plan.order[v, k]], plan.place[plan.order[v, k]] = v, k
    _close(facts, plan, v)


@numba.njit(**INSIDE)
def put(facts: Facts, plan: Plan, t: int, v: int, k: int) -> None:
    """Put task t before the k-th of tour v, working out again only what that changes."""
    n = plan.size[v]
    for p in range(n, k, -1):
        plan.order[v, p] = plan.order[v, p - 1]
        plan.place[plan.order[v, p]] = p
        plan.ends[v, p, 2], plan.ends[v, p, 3] = plan.ends[v, p - 1, 2], plan.ends[v, p - 1, 3]
        if p > k + 1:
            for q in range(4):
                plan.steps[v, p, q] = plan.steps[v, p - 1, q]
    plan.order[v, k] = t
    plan.tour[t], plan.place[t] = v, k
    plan.size[v] = n + 1
    plan.load[v] += facts.demand[t]
    if k > 0:
        _step(facts, plan, v, k)
    else:
        plan.ends[v, 0, 0], plan.ends[v, 0, 1] = facts.gate[v, t, 0], facts.gate[v, t, 1]
    if k < n:
        _step(facts, plan, v, k + 1)
    else:
        plan.ends[v, n, 2], plan.ends[v, n, 3] = facts.gate[v, t, 2], facts.gate[v, t, 3]
    for p in range(max(k, 1), n + 1):
        _forth(plan, v, p)
    for p in range(min(k + 1, n), 0, -1):
        _back(plan, v, p)
    _close(facts, plan, v)


@numba.njit(**INSIDE)
def copy(source: Plan, target: Plan, v: int) -> None:
    """Copy tour v, but not where its tasks say they stand."""
    target.size[v], target.load[v] = source.size[v], source.load[v]
    target.cost[v], target.worth[v] = source.cost[v], source.worth[v]
    for p in range(source.size[v]):
        target.order[v, p] = source.order[v, p]
        for q in range(4):
            target.ends[v, p, q] = source.ends[v, p, q]
            target.steps[v, p, q] = source.steps[v, p, q]


@numba.njit(**KERNEL)
def restore(facts: Facts, plan: Plan, order: Any, size: Any) -> None:
    """Make `plan` the plan of these orders."""
    for t in range(plan.tour.size):
        plan.tour[t] = -1
    for v in range(size.size):
        plan.size[v] = size[v]
        plan.load[v] = 0
        for p in range(size[v]):
            plan.order[v, p] = order[v, p]
            plan.load[v] += facts.demand[order[v, p]]
        sweep(facts, plan, v)


@numba.njit(**KERNEL)
def objective(plan: Plan, price: Any) -> int:
    """Return the whole objective: tours and the price of what is left out."""
    total = 0
    for v in range(plan.worth.size):
        total += plan.worth[v]
    for t in range(price.size):
        if plan.tour[t] < 0:
            total += price[t]
    return total


@numba.njit(**KERNEL)
def directions(facts: Facts, plan: Plan, v: int, out: Any) -> None:
    """Write the best direction (0 or 1) of every task of tour v to `out`."""
    w, o = facts.way[v], 0
    for k in range(plan.size[v]):
        if k == 0:
            a = plan.ends[v, 0, 0] + plan.ends[v, 0, 2]
            b = plan.ends[v, 0, 1] + plan.ends[v, 0, 3]
        else:
            i, t = plan.order[v, k - 1], plan.order[v, k]
            a = facts.onto[w, i, t, 2 * o] + plan.ends[v, k, 2]
            b = facts.onto[w, i, t, 2 * o + 1] + plan.ends[v, k, 3]
        o = 1 if b < a else 0
        out[k] = o
