"""State the dealing out of pieces as a linear programme and solve it with HiGHS.

One column for every piece and holder that may have it, one a piece for nobody, two a holder for
the metres above and below the band. Kilometres inside: HiGHS works to fixed tolerances.
"""

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp

from geo.lines import Floats, Ints

KM2 = 1e6


@dataclass(frozen=True)
class Solution:
    """What HiGHS found: `shares[i, h]`, the last column nobody, and a bound in metre · metre.

    `toll_m[h]` is what one more metre of load costs holder `h`, in metres of distance: above 0
    where a holder has enough, below 0 where it has too little; zeros for whole pieces. `shares`
    holds zeros where nothing was found within the limit of nodes.
    """

    shares: Floats
    toll_m: Floats
    bound: float
    found: bool


@dataclass
class Programme:
    """The rows and columns of one problem; `forbid` adds a row, nothing is ever taken away.

    The first rows are one a piece, the next limit the load of holder `load_of`.
    """

    piece: Ints
    holder: Ints
    shape: tuple[int, int]
    cost: Floats
    load_of: Ints
    rows: list[sp.csr_matrix] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)

    @property
    def columns(self) -> int:
        """Return the number of columns that are yes or no."""
        return len(self.piece)

    def row(self, matrix: sp.csr_matrix, lower: Floats, upper: Floats) -> None:
        """Add rows `lower <= matrix · columns <= upper`."""
        self.rows.append(matrix)
        self.lower.append(lower)
        self.upper.append(upper)

    def forbid(self, holder: int, one: int, other: int, between: Ints) -> None:
        """Let `holder` have both pieces `one` and `other` only with one of `between`."""
        at = np.full(self.shape, -1, dtype=np.int64)
        at[self.piece, self.holder] = np.arange(self.columns)
        bridge = at[between, holder]
        bridge = bridge[bridge >= 0]
        where = np.r_[at[one, holder], at[other, holder], bridge]
        signs = np.r_[1.0, 1.0, -np.ones(len(bridge))]
        line = sp.csr_matrix(
            (signs, (np.zeros(len(where), dtype=np.int64), where)), shape=(1, len(self.cost))
        )
        self.row(line, np.array([-np.inf]), np.array([1.0]))

    def solve(self, *, whole: bool, gap: float = 0.0, nodes: int = 1) -> Solution:
        """Return the best plan found: in shares of pieces, or in whole pieces.

        Whole pieces are searched until `gap` is proven or `nodes` are used up; a limit of time
        would give another plan on another machine.
        """
        engine: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # the library's own
        engine.setOptionValue("output_flag", False)
        engine.setOptionValue("threads", 1)
        engine.setOptionValue("parallel", "off")
        engine.setOptionValue("random_seed", 0)
        engine.setOptionValue("mip_rel_gap", gap)
        engine.setOptionValue("mip_max_nodes", nodes)
        engine.passModel(self._model(whole=whole))
        engine.run()
        done = engine.getInfo()
        found = done.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        shares = np.zeros(self.shape)
        if found:
            solved = np.asarray(engine.getSolution().col_value)
            shares[self.piece, self.holder] = solved[: self.columns]
        bound = done.mip_dual_bound if whole else done.objective_function_value
        toll_m = np.zeros(self.shape[1] - 1)
        if found and not whole:
            np.add.at(toll_m, self.load_of, -1000 * self._duals(engine))
        return Solution(shares, toll_m, float(bound) * KM2, bool(found))

    def _duals(self, engine: Any) -> Floats:
        first = self.shape[0]
        return np.asarray(engine.getSolution().row_dual)[first : first + len(self.load_of)]

    def _model(self, *, whole: bool) -> highspy.HighsLp:
        matrix = sp.vstack(self.rows).tocsc()
        lower, upper = np.concatenate(self.lower), np.concatenate(self.upper)
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        model.col_cost_ = self.cost
        model.col_lower_ = np.zeros(len(self.cost))
        model.col_upper_ = np.where(np.arange(len(self.cost)) < self.columns, 1.0, np.inf)
        model.row_lower_, model.row_upper_ = lower, upper
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        if whole:
            kinds = [highspy.HighsVarType.kInteger] * self.columns
            kinds += [highspy.HighsVarType.kContinuous] * (len(self.cost) - self.columns)
            model.integrality_ = kinds
        return model


def state(
    length_m: Floats,
    distance_m: Floats,
    *,
    room_m: Floats,
    low_m: Floats,
    high_m: Floats,
    balance_m: float,
) -> Programme:
    """Return the programme without contiguity.

    The last column of `distance_m` is nobody's and its price; the others' new load may not exceed
    `room_m`, and costs `balance_m` a metre below `low_m` and above `high_m`, one of each a holder.
    """
    piece, holder = np.nonzero(np.isfinite(distance_m))
    n, k = len(length_m), distance_m.shape[1] - 1
    count = len(piece)
    capped = np.flatnonzero(np.isfinite(room_m))
    km = length_m / 1000
    cost = km[piece] * distance_m[piece, holder] / 1000
    programme = Programme(
        piece=piece.astype(np.int64),
        holder=holder.astype(np.int64),
        shape=(n, k + 1),
        cost=np.r_[cost, np.full(2 * k, balance_m / 1000)],
        load_of=np.r_[np.arange(k), np.arange(k), capped],
    )
    width = count + 2 * k
    once = sp.csr_matrix((np.ones(count), (piece, np.arange(count))), shape=(n, width))
    programme.row(once, np.ones(n), np.ones(n))
    mine = holder < k
    load = sp.csr_matrix((km[piece[mine]], (holder[mine], np.flatnonzero(mine))), shape=(k, width))
    slack = sp.csr_matrix((np.ones(k), (np.arange(k), count + np.arange(k))), shape=(k, width))
    short = sp.csr_matrix((np.ones(k), (np.arange(k), count + k + np.arange(k))), (k, width))
    unbounded = np.full(k, np.inf)
    programme.row(load - slack, -unbounded, high_m / 1000)
    programme.row(load + short, low_m / 1000, unbounded)
    if len(capped):
        programme.row(load[capped], -unbounded[capped], room_m[capped] / 1000)
    return programme
