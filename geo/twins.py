"""Solve routing work with PyVRP: every task is a pair of twin clients, one a direction.

Exactly one twin of a required task is visited, at most one of an optional task. It is a second
opinion on `geo.arcs`; the better of both is what a person gets.
"""

import itertools
import logging
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from geo.arcs import MUST, Spent, Tours, Work, priced, solve
from geo.tours import FAR

_LOG = logging.getLogger(__name__)
# Of the budget, our search gets this share, which is where it has long cooled down.
OURS = 0.8
# A turn of PyVRP's search takes about as long as so many of ours.
TURNS_EACH = 50
# Among more tasks than these a turn takes longer, about as their square: a fixed effort has fewer
# turns then, lest a first plan keep anybody waiting.
MANY = 400
# With more tasks PyVRP's matrices alone take longer than our whole first plan.
TOO_MANY = 500


def solve_both(work: Work, *, spent: Spent, seed: int = 1, balance: bool = False) -> Tours:
    """Return the better of our plan and of what PyVRP makes of it, within one budget.

    As `geo.arcs.solve`, but that `spent` counts in turns of a search of few tasks. PyVRP knows
    nothing of the longest tour: a balanced plan is ours alone.
    """
    each = max(1.0, (len(work.price) / MANY) ** 2)

    def gone(done: int) -> float:
        return spent(int(done * each))

    if balance or len(work.price) > TOO_MANY:
        return solve(work, spent=gone, seed=seed, balance=balance)
    ours = solve(work, spent=lambda done: gone(done) / OURS, seed=seed)
    if not ours.tours:
        return ours
    done = itertools.count(ours.iterations, TURNS_EACH)

    def stop(best_cost: int) -> bool:
        del best_cost
        return gone(next(done)) >= 1.0

    theirs = solve_twins(work, stop=stop, seed=seed, first=ours)
    if theirs is None or theirs.objective >= ours.objective:
        return ours
    _LOG.info("PyVRP's plan costs %d, ours %d", theirs.objective, ours.objective)
    return replace(theirs, iterations=ours.iterations)


class Stop(Protocol):
    """Tells PyVRP when to stop, given the best cost so far."""

    def __call__(self, best_cost: int) -> bool:
        """Return whether to stop."""


def solve_twins(
    work: Work, *, stop: Stop, seed: int = 1, first: Tours | None = None
) -> Tours | None:
    """Return PyVRP's best plan when `stop(cost so far)` first says so, None where it found none.

    `first` is a plan to start from. Costs are distances: a tour's limit bounds its distance, and
    what cannot be done is very far.
    """
    import pyvrp  # noqa: PLC0415 - it is only wanted here, and its import adds a log handler

    logging.getLogger("pyvrp").setLevel(logging.ERROR)
    matrices, kinds = _matrices(work)
    data = _data(work, matrices, kinds)
    start = None if first is None else pyvrp.Solution(data, _routes(data, first, kinds))
    found = pyvrp.solve(data, stop=stop, seed=seed, display=False, initial_solution=start)
    if not found.is_feasible():
        return None
    orders: list[list[int]] = [[] for _ in kinds]
    free = {kind: [v for v, one in enumerate(kinds) if one == kind] for kind in kinds}
    for route in found.best.routes():
        v = free[route.vehicle_type()].pop(0)
        orders[v] = [visit.idx // 2 for visit in route if visit.is_client()]
    return priced(work, orders)


def _data(work: Work, matrices: list[Any], kinds: list[int]) -> Any:
    """Return PyVRP's problem: twins 2t and 2t + 1 of task t, a first and a last depot."""
    import pyvrp  # noqa: PLC0415 - as in `solve_twins`

    tasks = len(work.price)
    must = work.price >= MUST
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(2 * tasks + 2)],
        clients=[
            pyvrp.Client(
                location=twin,
                delivery=[int(work.demand[twin // 2])],
                prize=0 if must[twin // 2] else int(work.price[twin // 2]),
                required=False,
                group=twin // 2,
            )
            for twin in range(2 * tasks)
        ],
        depots=[pyvrp.Depot(location=2 * tasks), pyvrp.Depot(location=2 * tasks + 1)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=kinds.count(kinds[v]),
                capacity=[int(work.room[v])],
                start_depot=0,
                end_depot=1,
                fixed_cost=int(work.fixed[v]),
                max_distance=int(min(work.limit[v], FAR - 1)),
                profile=kinds[v],
            )
            for v in map(kinds.index, sorted(set(kinds)))
        ],
        distance_matrices=matrices,
        duration_matrices=[np.zeros_like(matrix) for matrix in matrices],
        groups=[
            pyvrp.ClientGroup([2 * t, 2 * t + 1], required=bool(must[t])) for t in range(tasks)
        ],
    )


def _routes(data: Any, first: Tours, kinds: list[int]) -> list[Any]:
    """Return a plan as PyVRP's routes."""
    import pyvrp  # noqa: PLC0415 - as in `solve_twins`

    return [
        pyvrp.Route(
            data,
            [2 * t + o for t, o in zip(tour.tasks, tour.directions, strict=True)],
            vehicle_type=kinds[tour.tour],
        )
        for tour in first.tours
    ]


def _matrices(work: Work) -> tuple[list[Any], list[int]]:
    """Return a matrix for each kind of tour over both twins and both depots, and tours' kinds."""
    tasks = len(work.price)
    matrices: list[Any] = []
    seen: dict[bytes, int] = {}
    kinds = []
    for v, w in enumerate(work.way):
        matrix = np.zeros((2 * tasks + 2, 2 * tasks + 2), np.int64)
        closed = np.where(np.repeat(work.allowed[:, v], 2), 0, FAR)
        serve = work.service[w].reshape(-1) + closed
        matrix[:-2, :-2] = np.minimum(work.between[w] + serve, FAR)
        matrix[-2, :-2] = np.minimum(work.start[v].reshape(-1) + serve, FAR)
        matrix[:-2, -1] = np.minimum(work.finish[v].reshape(-1), FAR)
        np.fill_diagonal(matrix, 0)
        key = matrix.tobytes() + np.array([work.limit[v], work.room[v], work.fixed[v]]).tobytes()
        if key not in seen:
            seen[key] = len(matrices)
            matrices.append(matrix)
        kinds.append(seen[key])
    return matrices, kinds
