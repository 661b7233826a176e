"""Pick the best plan out of all tours a search has met: set partitioning, solved by HiGHS."""

from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# Beyond this a pool is thinned to the tours met last: older ones come from warmer plans.
LARGEST = 4000


@dataclass
class Pool:
    """Tours by what they serve: the cheapest order met for each set of tasks and kind of tour."""

    tours: dict[tuple[int, bytes], tuple[int, Ints]] = field(default_factory=dict)

    def add(self, kind: int, worth: int, order: Ints) -> None:
        """Keep a tour unless the same tasks are served for less."""
        key = (kind, np.sort(order).astype(np.int32).tobytes())
        known = self.tours.pop(key, None)
        # Put in again, so that the order of the dictionary is the order of the last meeting.
        self.tours[key] = known if known and known[0] <= worth else (worth, order.copy())
        if len(self.tours) > 2 * LARGEST:
            for old in list(self.tours)[:LARGEST]:
                del self.tours[old]

    def pick(self, price: Ints, available: Ints, *, nodes: int) -> list[tuple[int, Ints]] | None:
        """Return (kind, order) of the tours of least total worth, or None where it found none.

        Each task is served at most once, or left out at its price; of each kind no more tours are
        used than `available`. The search ends after `nodes` nodes, so it is the same every time.
        """
        tours = list(self.tours.items())[-LARGEST:]
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_max_nodes", nodes)
        solver.setOptionValue("threads", 1)
        solver.passModel(_model(tours, price, available))
        solver.run()
        if (
            solver.getInfo().primal_solution_status
            != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            return None
        chosen = np.asarray(solver.getSolution().col_value)[: len(tours)]
        return [(tours[k][0][0], tours[k][1][1]) for k in np.flatnonzero(chosen > 0.5)]


def _model(
    tours: list[tuple[tuple[int, bytes], tuple[int, Ints]]], price: Ints, available: Ints
) -> highspy.HighsLp:
    tasks, kinds, columns = len(price), len(available), len(tours) + len(price)
    rows = [np.append(order, tasks + kind) for (kind, _), (_, order) in tours]
    rows += [np.array([t]) for t in range(tasks)]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, tasks + kinds
    worth = [float(worth) for _, (worth, _) in tours]
    # A required task's price would swamp the tolerances of the simplex: dear is enough.
    dear = 10.0 * max([*worth, 1.0])
    model.col_cost_ = np.append(worth, np.minimum(price, dear))
    model.col_lower_, model.col_upper_ = np.zeros(columns), np.ones(columns)
    model.row_lower_ = np.append(np.ones(tasks), np.zeros(kinds))
    model.row_upper_ = np.append(np.ones(tasks), available).astype(float)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.cumsum([0, *map(len, rows)]).astype(np.int32)
    model.a_matrix_.index_ = np.concatenate(rows).astype(np.int32)
    model.a_matrix_.value_ = np.ones(sum(map(len, rows)))
    model.integrality_ = [highspy.HighsVarType.kInteger] * columns
    return model
