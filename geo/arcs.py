"""Plan tours over stretches that must be served, near the best known: the arc routing of patrols.

A task is served in one of two directions; a tour is a crew on a day. Costs are whole numbers
(milliseconds for patrols, the units of the file for instances), so that sums are exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.ruin import RETRIED, Desk, desk, search
from geo.tours import FAR, Facts, Plan, directions, fresh, lay_out, objective, restore

Ints = NDArray[np.int64]
CHUNK = 500
# Dearer than any plan: a task at this price is left out only where it cannot be served.
MUST = 1 << 40


@dataclass(frozen=True)
class Work:
    """What is to be routed: n tasks, v tours, w ways of moving (on foot, by car ...).

    `between[w, 2a + o, 2b + q]` is the cost from the end of task a, served in direction o, to the
    start of task b, served in direction q; `service[w, a, o]` that of serving it, `start[v, a, o]`
    from the tour's first place to the task and `finish[v, a, o]` from it to the tour's last place.
    What cannot be done costs `FAR` or more.
    """

    between: Ints | NDArray[np.int32]
    service: Ints
    start: Ints
    finish: Ints
    way: Ints
    limit: Ints
    room: Ints
    fixed: Ints
    demand: Ints
    price: Ints
    allowed: NDArray[np.bool_]

    def __post_init__(self) -> None:
        tours, tasks = len(self.way), len(self.price)
        wanted = {
            "between": (len(self.service), 2 * tasks, 2 * tasks),
            "service": (len(self.service), tasks, 2),
            "start": (tours, tasks, 2),
            "finish": (tours, tasks, 2),
            "allowed": (tasks, tours),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                msg = f"{name}: wanted shape {shape}, got {getattr(self, name).shape}"
                raise ValueError(msg)


@dataclass(frozen=True)
class Tour:
    """One tour: its tasks in order, the direction (0 or 1) of each, and its cost."""

    tour: int
    tasks: tuple[int, ...]
    directions: tuple[int, ...]
    cost: int


@dataclass(frozen=True)
class Tours:
    """A plan: the tours in use, the tasks left out, the objective and the search's effort."""

    tours: tuple[Tour, ...]
    unserved: tuple[int, ...]
    objective: int
    iterations: int

    @property
    def cost(self) -> int:
        """Return the sum of the tours."""
        return sum(tour.cost for tour in self.tours)

    @property
    def longest(self) -> int:
        """Return the cost of the longest tour, 0 without one."""
        return max((tour.cost for tour in self.tours), default=0)


Spent = Callable[[int], float]


def _facts(work: Work) -> Facts:
    ways, tasks = work.service.shape[:2]
    onto = np.empty((ways, tasks, tasks, 4), np.int32)
    into = np.empty((ways, tasks, tasks, 4), np.int32)
    away = np.empty((tasks, tasks), np.int64)
    service = np.minimum(work.service, FAR)
    lay_out(work.between, service, onto, into, away)
    # One number tells distance and task: no ties, and a plain sort is the quickest.
    rank = np.sort(away * tasks + np.arange(tasks), axis=1)
    profile = np.column_stack(
        [
            work.way, work.limit, work.room, work.fixed, work.allowed.T,
            work.start.reshape(len(work.way), -1), work.finish.reshape(len(work.way), -1),
        ]
    )  # fmt: skip
    _, alike = np.unique(profile, axis=0, return_inverse=True)
    return Facts(
        into=into,
        onto=onto,
        gate=np.concatenate(
            [np.minimum(work.start, FAR) + service[work.way], np.minimum(work.finish, FAR)], axis=2
        ),
        way=work.way,
        alike=alike.reshape(-1).astype(np.int64),
        limit=np.minimum(work.limit, FAR - 1),
        soft=np.full(len(work.way), FAR, np.int64),
        weight=np.zeros(1, np.int64),
        room=work.room,
        fixed=work.fixed,
        demand=np.ascontiguousarray(work.demand),
        price=work.price,
        allowed=work.allowed,
        near=(rank % tasks).astype(np.int32),
    )


def solve(
    work: Work, *, spent: Spent, seed: int = 1, balance: bool = False, first: Tours | None = None
) -> Tours:
    """Return the best plan found until `spent(iterations)` reaches 1.

    The objective is the cost of all tours plus the price of what is left out; with `balance` the
    longest tour counts first, after what is left out. `spent` tells which share of the budget is
    gone after so many iterations: with a share of iterations the answer is the same on every run of
    one seed, with a share of time it is as good as the time allows. `first` is a plan to start
    from.
    """
    tours, tasks = len(work.way), len(work.price)
    if not tasks or not tours:
        return Tours((), tuple(range(tasks)), int(work.price.sum()), 0)
    facts = _facts(work)
    search_ = _Search(facts, fresh(tours, tasks), desk(tours, tasks, seed))
    if first is None:
        search_.build()
    else:
        search_.restart(first)
    done = 0
    while (share := spent(done)) < 1.0:
        if balance:
            search_.press(done)
        search_.run(CHUNK, HOT * (COLD / HOT) ** share)
        done += CHUNK
    restore(facts, search_.plan, *search_.record)
    return _read(facts, search_.plan, done)


HOT, COLD, RUIN = 0.5, 0.005, 10.0


class _Search:
    """A plan under search and the best one met, in the kernel's arrays.

    The kernel keeps the plan of least objective; under `press` the objective changes from turn to
    turn, so the record is judged here, by what is left out, the longest tour and the sum.
    """

    def __init__(self, facts: Facts, plan: Plan, desk: Desk) -> None:
        self.facts, self.plan, self.desk = facts, plan, desk
        self.old = fresh(*facts.gate.shape[:2])
        self.order, self.size = plan.order.copy(), plan.size.copy()
        self.value = np.array([objective(plan, facts.price)], np.int64)
        self.balance = False
        self._keep()

    def _rank(self) -> tuple[int, int, int]:
        """Return what of two plans tells the better, for the plan in hand."""
        out = int(self.facts.price[self.plan.tour < 0].sum())
        total = int(self.plan.cost.sum() + self.facts.fixed[self.plan.size > 0].sum())
        return (out, int(self.plan.cost.max()), total) if self.balance else (out + total, 0, 0)

    def restart(self, first: Tours) -> None:
        order, size = self.plan.order.copy(), self.plan.size.copy()
        for tour in first.tours:
            order[tour.tour, : len(tour.tasks)] = tour.tasks
            size[tour.tour] = len(tour.tasks)
        restore(self.facts, self.plan, order, size)
        self._keep()

    def _keep(self) -> None:
        self.record, self.rank = (self.plan.order.copy(), self.plan.size.copy()), self._rank()
        served = int(self.plan.size.sum())
        trips = self.facts.gate[:, :, :2].min(axis=2) + self.facts.gate[:, :, 2:].min(axis=2)
        alone = float(np.minimum(trips, FAR).min(axis=0).mean())
        self.scale = max(self.plan.cost.sum() / served if served else min(alone, FAR / 1e3), 1.0)

    def build(self) -> None:
        """Make a plan from nothing: at no temperature, the recreate step alone adds tasks."""
        before = len(self.plan.tour) + 1
        while (absent := int((self.plan.tour < 0).sum())) and absent < before:
            before = absent
            self.run(absent // RETRIED + 1, 1e-9)

    def run(self, turns: int, heat: float) -> None:
        """Search `turns` turns; `heat` counts in what a task's place typically costs."""
        best = (self.order, self.size, self.value)
        self.value[0] = objective(self.plan, self.facts.price)
        self.order[:], self.size[:] = self.plan.order, self.plan.size
        search(self.facts, self.plan, self.old, self.desk, best, turns,
               max(heat * self.scale, 1e-9), RUIN)  # fmt: skip
        here = (self.plan.order.copy(), self.plan.size.copy())
        restore(self.facts, self.plan, self.order, self.size)
        if self._rank() < self.rank:
            self._keep()
        restore(self.facts, self.plan, *here)

    def press(self, done: int) -> None:
        """Make what lies above a mark dear; the mark moves between mean and longest tour."""
        if not self.balance:
            self.balance = True
            self.rank = self._rank()
        share = (done // CHUNK) * 0.6180339887 % 1.0
        low = self.rank[2] // len(self.plan.size)
        self.facts.soft[:] = int(low + (self.rank[1] - 1 - low) * share)
        self.facts.weight[0] = 8 if (done // CHUNK) % 2 else 100
        restore(self.facts, self.plan, self.plan.order.copy(), self.plan.size.copy())


def _read(facts: Facts, plan: Plan, iterations: int) -> Tours:
    tours = []
    total = 0
    for v in range(len(plan.size)):
        n = int(plan.size[v])
        if n:
            way = np.zeros(n, np.int64)
            directions(facts, plan, v, way)
            served = tuple(int(t) for t in plan.order[v, :n])
            tours.append(Tour(v, served, tuple(int(o) for o in way), int(plan.cost[v])))
            total += int(plan.cost[v] + facts.fixed[v])
    unserved = np.flatnonzero(plan.tour < 0)
    total += int(facts.price[unserved].sum())
    return Tours(tuple(tours), tuple(int(t) for t in unserved), total, iterations)


def priced(work: Work, orders: Sequence[Sequence[int]]) -> Tours:
    """Return the plan that serves these tasks in this order, one order a tour, best directed."""
    facts = _facts(work)
    plan = fresh(len(work.way), len(work.price))
    order, size = plan.order.copy(), plan.size.copy()
    for v, tasks in enumerate(orders):
        order[v, : len(tasks)] = tasks
        size[v] = len(tasks)
    restore(facts, plan, order, size)
    return _read(facts, plan, 0)
