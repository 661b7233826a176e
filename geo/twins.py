"""Solve routing work with PyVRP: every task is a pair of twin clients, one a direction.

Exactly one twin of a required task is visited, at most one of an optional task. It is a second
opinion on `geo.arcs`; the better of both is what a person gets.
"""

import logging
from typing import Any, Protocol

import numpy as np

from geo.arcs import MUST, Tours, Work, priced
from geo.tours import FAR


class Stop(Protocol):
    """Tells PyVRP when to stop, given the best cost so far."""

    def __call__(self, best_cost: int) -> bool:
        """Return whether to stop."""


def solve_twins(work: Work, *, stop: Stop, seed: int = 1) -> Tours | None:
    """Return PyVRP's best plan when `stop(cost so far)` first says so, None where it found none.

    Costs are distances: a tour's limit bounds its distance, and what cannot be done is very far.
    """
    import pyvrp  # noqa: PLC0415 - it is only wanted here, and its import adds a log handler

    logging.getLogger("pyvrp").setLevel(logging.ERROR)
    tours, tasks = len(work.way), len(work.price)
    clients, groups = [], []
    for t in range(tasks):
        must = bool(work.price[t] >= MUST)
        groups.append(pyvrp.ClientGroup([2 * t, 2 * t + 1], required=must))
        clients += [
            pyvrp.Client(
                location=2 * t + o,
                delivery=[int(work.demand[t])],
                prize=0 if must else int(work.price[t]),
                required=False,
                group=t,
            )
            for o in (0, 1)
        ]
    matrices, kinds = _matrices(work)
    places = len(matrices[0])
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(places)],
        clients=clients,
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
            for v in _firsts(kinds)
        ],
        distance_matrices=matrices,
        duration_matrices=[np.zeros_like(matrix) for matrix in matrices],
        groups=groups,
    )
    found = pyvrp.solve(data, stop=stop, seed=seed, display=False)
    if not found.is_feasible():
        return None
    orders: list[list[int]] = [[] for _ in range(tours)]
    free = {kind: [v for v in range(tours) if kinds[v] == kind] for kind in kinds}
    for route in found.best.routes():
        v = free[route.vehicle_type()].pop(0)
        orders[v] = [visit.idx // 2 for visit in route if visit.is_client()]
    return priced(work, orders)


def _firsts(kinds: list[int]) -> list[int]:
    return [kinds.index(kind) for kind in sorted(set(kinds))]


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
