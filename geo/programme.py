"""State the dealing out of pieces as a linear programme and solve it with HiGHS.

A column for a piece and a holder that may have it, one a piece for nobody, two a holder for the
metres above and below the band. Only the nearest holders of a piece have a column at first; the
prices of a solution tell which others are worth one, and no pair is left unpriced: the bound holds
over all of them. Kilometres inside: HiGHS works to fixed tolerances.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from geo.lines import Floats, Ints

Yes = NDArray[np.bool_]

KM2 = 1e6
# So many of the nearest holders of a piece have a column from the start.
NEAREST = 8
# A column is worth adding when it would save this much, in kilometre · kilometre.
SAVING_KM2 = 1e-6
# A plan in shares bears on a cut that it comes this close to.
TIGHT = 1e-6


@dataclass(frozen=True)
class Cut:
    """`holder` may have both pieces, `one` and `other`, only with one of the pieces `between`."""

    holder: int
    one: int
    other: int
    between: Ints


@dataclass(frozen=True)
class Relaxed:
    """The best plan in shares of pieces, and what its prices prove of all plans.

    `shares[i, h]`, the last column nobody; `toll_m[h]` is what one more metre of load costs holder
    `h`, in metres of distance: above 0 where a holder has enough, below 0 where it has too little.
    No plan costs less than `bound`, and none in which `h` has `i` less than `bound + extra[i, h]`,
    in metre · metre; infinite where `h` may not have `i`.
    """

    shares: Floats
    toll_m: Floats
    extra: Floats
    bound: float


@dataclass(frozen=True)
class Whole:
    """The best plan in whole pieces that was `found`, and a bound in metre · metre."""

    shares: Floats
    bound: float
    found: bool


class Programme:
    """One problem, kept in HiGHS between solutions; columns and cuts are added, none taken away.

    The last column of `distance_m` is nobody's and its price; the others' new load may not exceed
    `room_m`, and costs `balance_m` a metre below `low_m` and above `high_m`, one of each a holder.
    Rows: one a piece, loads above, loads below, loads of those with a limit, cuts.
    """

    def __init__(
        self,
        length_m: Floats,
        distance_m: Floats,
        *,
        room_m: Floats,
        low_m: Floats,
        high_m: Floats,
        balance_m: float,
    ) -> None:
        self.length_m = length_m
        self.distance_m = distance_m
        self.shape = distance_m.shape
        self.balance_m = balance_m
        self.capped = np.flatnonzero(np.isfinite(room_m))
        self.limit_m = np.r_[high_m, -low_m, room_m[self.capped]]
        # Which holder's load a row limits, and whether from above or from below.
        k = self.shape[1] - 1
        self.load_of = np.r_[np.arange(k), np.arange(k), self.capped]
        self.sign = np.r_[np.ones(k), -np.ones(k), np.ones(len(self.capped))]
        self.cuts = sp.csr_matrix((0, distance_m.size))
        self.pair = np.zeros(0, dtype=np.int64)
        self.engine = self._engine()
        self._state()

    def forbid(self, cuts: Sequence[Cut]) -> None:
        """Add a row for every cut."""
        rows = self._rows(cuts)
        self.cuts = sp.vstack([self.cuts, rows]).tocsr()
        known = rows[:, self.pair].tocsr()
        none, one_most = np.full(len(cuts), -highspy.kHighsInf), np.ones(len(cuts))
        columns = known.indices + 2 * (self.shape[1] - 1)
        self.engine.addRows(
            len(cuts), none, one_most, known.nnz, known.indptr[:-1], columns, known.data
        )

    def solve(self) -> Relaxed:
        """Return the best plan in shares, over all pairs, and its prices."""
        while True:
            self.engine.run()
            solution = self.engine.getSolution()
            relaxed = self._relaxed(solution)
            worth = self._worth(relaxed)
            if not len(worth):
                return relaxed
            self._add(worth)

    def whole(
        self, relaxed: Relaxed, pairs: Yes, more: Sequence[Cut], *, gap: float, nodes: int
    ) -> Whole:
        """Return the best whole plan of `pairs`, under the cuts `relaxed` bears on and `more`.

        It is searched until `gap` is proven or `nodes` are used up; a limit of time would give
        another plan on another machine. The bound holds for plans of these pairs only.
        """
        pair, k = np.flatnonzero(pairs), self.shape[1] - 1
        bears = self.cuts @ relaxed.shares.ravel() > 1 - TIGHT
        cuts = sp.vstack([self.cuts[bears], self._rows(more)]).tocsr()
        matrix = sp.hstack([self._slack(cuts), self._columns(pair, cuts)]).tocsc()
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = matrix.shape
        model.col_cost_ = np.r_[np.full(2 * k, self.balance_m / 1000), self._cost(pair)]
        model.col_lower_ = np.zeros(matrix.shape[1])
        model.col_upper_ = np.r_[np.full(2 * k, highspy.kHighsInf), np.ones(len(pair))]
        model.row_lower_, model.row_upper_ = self._limits(cuts)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_ = matrix.indptr
        model.a_matrix_.index_ = matrix.indices
        model.a_matrix_.value_ = matrix.data
        kinds = [highspy.HighsVarType.kContinuous] * (2 * k)
        model.integrality_ = kinds + [highspy.HighsVarType.kInteger] * len(pair)
        engine = self._engine()
        engine.setOptionValue("mip_rel_gap", gap)
        engine.setOptionValue("mip_max_nodes", nodes)
        engine.passModel(model)
        engine.run()
        done = engine.getInfo()
        found = done.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        shares = np.zeros(self.distance_m.size)
        if found:
            shares[pair] = np.asarray(engine.getSolution().col_value)[2 * k :]
        return Whole(shares.reshape(self.shape), float(done.mip_dual_bound) * KM2, bool(found))

    def _rows(self, cuts: Sequence[Cut]) -> sp.csr_matrix:
        """Return a row for each cut, a column for each pair."""
        wide, size = self.shape[1], (len(cuts), self.distance_m.size)
        if not cuts:
            return sp.csr_matrix(size)
        at = [np.r_[cut.one, cut.other, cut.between] * wide + cut.holder for cut in cuts]
        signs = [np.r_[1.0, 1.0, -np.ones(len(cut.between))] for cut in cuts]
        start = np.r_[0, np.cumsum([len(one) for one in at])]
        return sp.csr_matrix((np.concatenate(signs), np.concatenate(at), start), shape=size)

    def _engine(self) -> Any:
        engine: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # the library's own
        engine.setOptionValue("output_flag", False)
        engine.setOptionValue("threads", 1)
        engine.setOptionValue("parallel", "off")
        engine.setOptionValue("random_seed", 0)
        return engine

    def _state(self) -> None:
        lower, upper = self._limits(self.cuts)
        none: NDArray[Any] = np.zeros(0)
        self.engine.addRows(len(lower), lower, upper, 0, np.zeros(len(lower), int), none, none)
        k = self.shape[1] - 1
        self._load(np.full(2 * k, self.balance_m / 1000), self._slack(self.cuts), highspy.kHighsInf)
        far = np.partition(self.distance_m, min(NEAREST, k), axis=1)[:, : NEAREST + 1].max(axis=1)
        near = (self.distance_m <= far[:, None]) & np.isfinite(self.distance_m)
        near[:, -1] = True
        self._add(np.flatnonzero(near))

    def _add(self, pair: Ints) -> None:
        self._load(self._cost(pair), self._columns(pair, self.cuts), 1.0)
        self.pair = np.r_[self.pair, pair]

    def _load(self, cost: Floats, matrix: sp.csc_matrix, most: float) -> None:
        n = len(cost)
        self.engine.addCols(
            n, cost, np.zeros(n), np.full(n, most),
            matrix.nnz, matrix.indptr[:-1], matrix.indices, matrix.data,
        )  # fmt: skip

    def _cost(self, pair: Ints) -> Floats:
        km = self.length_m[pair // self.shape[1]] / 1000
        return np.asarray(km * self.distance_m.ravel()[pair] / 1000)

    def _limits(self, cuts: sp.csr_matrix) -> tuple[Floats, Floats]:
        n = self.shape[0]
        upper = np.r_[np.ones(n), self.limit_m / 1000, np.ones(cuts.shape[0])]
        lower = np.r_[np.ones(n), np.full(len(upper) - n, -highspy.kHighsInf)]
        return lower, upper

    def _slack(self, cuts: sp.csr_matrix) -> sp.csc_matrix:
        """Return the columns of the metres above the band of each holder, then of those below."""
        n, k = self.shape[0], self.shape[1] - 1
        size = (n + len(self.load_of) + cuts.shape[0], 2 * k)
        where = (n + np.arange(2 * k), np.arange(2 * k))
        return sp.csc_matrix((-np.ones(2 * k), where), shape=size)

    def _columns(self, pair: Ints, cuts: sp.csr_matrix) -> sp.csc_matrix:
        piece, holder = np.divmod(pair, self.shape[1])
        once = sp.csr_matrix(
            (np.ones(len(pair)), (piece, np.arange(len(pair)))), shape=(self.shape[0], len(pair))
        )
        loads = sp.csr_matrix(
            (self.length_m[piece] / 1000, (holder, np.arange(len(pair)))),
            shape=(self.shape[1], len(pair)),
        )
        bands = loads[: self.shape[1] - 1]
        return sp.vstack([once, bands, -bands, loads[self.capped], cuts[:, pair]]).tocsc()

    def _relaxed(self, solution: Any) -> Relaxed:
        """Return what the prices prove; they are clipped to what makes the proof exact."""
        n, k = self.shape[0], self.shape[1] - 1
        price = np.maximum(-np.asarray(solution.row_dual)[n:], 0.0)
        load_m, cut = 1000 * price[: len(self.load_of)], KM2 * price[len(self.load_of) :]
        load_m[: 2 * k] = np.minimum(load_m[: 2 * k], self.balance_m)
        toll_m = np.zeros(k)
        np.add.at(toll_m, self.load_of, self.sign * load_m)
        due = self.length_m[:, None] * (self.distance_m + np.append(toll_m, 0.0))
        due += (self.cuts.T @ cut).reshape(self.shape)
        least = due.min(axis=1)
        shares = np.zeros(self.distance_m.size)
        shares[self.pair] = np.asarray(solution.col_value)[2 * k :]
        return Relaxed(
            shares=shares.reshape(self.shape),
            toll_m=toll_m,
            extra=due - least[:, None],
            bound=float(least.sum() - load_m @ self.limit_m - cut.sum()),
        )

    def _worth(self, relaxed: Relaxed) -> Ints:
        """Return the pairs without a column, three a piece at most, that would save something."""
        least = relaxed.extra + 0.0
        least.ravel()[self.pair] = np.inf
        three = np.argsort(least, axis=1)[:, :3]
        row = np.arange(self.shape[0])[:, None]
        now = np.full(self.shape, np.inf)
        now.ravel()[self.pair] = relaxed.extra.ravel()[self.pair]
        saves = least[row, three] < now.min(axis=1)[:, None] - SAVING_KM2 * KM2
        found = (row * self.shape[1] + three)[saves]
        return np.sort(found).astype(np.int64)
