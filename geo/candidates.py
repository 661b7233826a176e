"""Find the courses a position may lie on, in a grid of their pieces.

A piece is the straight bit of a course between two vertices. A grid cell lists every piece that
can matter to a position inside it, so that one look at one cell answers.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from geo.kernels import leaf
from geo.lines import Floats, Ints, Lines
from geo.schema import Courses
from geo.settings import BY_LAND, Manner, Settings, Tolerance

Bools = NDArray[np.bool_]

# More candidates than this under one position cannot be told apart anyway.
MOST = 12
_CELL_M = 100.0
_MOST_CELLS = 4_000_000
# What a phone in the open is wrong by, as one standard deviation, drift and noise together.
FIX_SIGMA_M = 8.0
# How a bank path strays beyond the plateau of its river.
_BANK_SIGMA_M = 15.0
_ROOT = float(np.sqrt(2 * np.pi))


# What a look at a piece needs, on one cache line: `per` is one over its squared length, `reach2`
# the square of how far it is looked for.
_PIECE = np.dtype([(name, "f8") for name in ("x", "y", "dx", "dy", "m", "dm", "per", "reach2")])
# What a course allows: `flat_m` is how far to both sides it is as good as on its line, `reach_m`
# how far it is looked for; a `bank` is walked beside, not on, unless `afloat`: then its water is
# under the boat. Its pieces are `begin:end`, none where it is not looked for.
_RULE = np.dtype(
    [(name, "f8") for name in ("flat_m", "sigma_m", "level", "reach_m", "sure_m", "unsure_m")]
    + [("length_m", "f8"), ("begin", "i8"), ("end", "i8")]
    + [("oneway", "i1"), ("closed", "?"), ("bank", "?"), ("afloat", "?")],
    align=True,
)


class Grid(NamedTuple):
    """Pieces of courses, the cells that list them, and what each course allows.

    Piece `p` runs from `(x, y)` by `(dx, dy)` over chainage `m` to `m + dm` of `course[p]`. Cell
    `c` lists `piece[first[c]:first[c + 1]]`, in the order of the courses. Few arrays of many
    fields: every array more is paid for at every call of a kernel, and when it is compiled.
    """

    pieces: NDArray[np.void]
    course: NDArray[np.int32]
    first: Ints
    piece: NDArray[np.int32]
    west: float
    south: float
    cell_m: float
    columns: int
    rows: int
    rule: NDArray[np.void]


def prepare(
    courses: Courses,
    lines: Lines,
    settings: Settings,
    oneway: NDArray[np.int8] | None = None,
    manner: Manner = BY_LAND,
) -> Grid:
    """Return the grid of `courses` for patrols that move so; its numbers are places in `lines`.

    `oneway` is 1 for a course that is driven along its chainage only, -1 against it only, 0 both.

    A kind without a tolerance in `settings` is refused with `ValueError`.
    """
    sure, unsure = _tolerances(courses, settings)
    known = np.nan_to_num(courses["width_m"].to_numpy(dtype=np.float64)) / 2
    # A road is gone on unless it is looked at from above, everything else along its bank.
    road = (courses["kind"] == "road").to_numpy()
    ridden = road & (manner.seen_aside_m == 0)
    unsure = np.where(road, np.maximum(unsure, manner.seen_aside_m), unsure)
    flat = np.where(ridden, 0.0, np.maximum(unsure - 30.0, 0.0)) + known
    if manner.afloat:
        # A boat floats: of a water as wide as known it is on it, or on another.
        unsure, flat = np.where(known > 0, (sure, known), (unsure, flat))
    sigma = np.where(ridden, FIX_SIGMA_M, _BANK_SIGMA_M)
    reach = np.maximum(flat + 3 * sigma, unsure + known) + 10.0
    owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
    dx, dy, dm = np.diff(lines.x), np.diff(lines.y), np.diff(lines.m)
    looked = ~courses["kind"].isin(manner.leaves_out).to_numpy()
    real = (owner[1:] == owner[:-1]) & (np.hypot(dx, dy) > 0) & looked[owner[:-1]]
    course = owner[:-1][real].astype(np.int32)
    x, y, dx, dy = lines.x[:-1][real], lines.y[:-1][real], dx[real], dy[real]
    cells = _cells(x, y, dx, dy, reach[course])
    per, reach2 = 1 / (dx * dx + dy * dy), reach[course] ** 2
    begin = np.searchsorted(course, np.arange(len(lines) + 1))
    if oneway is None or manner.seen_aside_m > 0:
        oneway = np.zeros(len(lines), np.int8)
    afloat = np.full(len(lines), manner.afloat)
    level = np.log(2 * flat + _ROOT * sigma)
    limits = sure + known, unsure + known, lines.length_m
    return Grid(
        _table(_PIECE, x, y, dx, dy, lines.m[:-1][real], dm[real], per, reach2),
        course,
        *cells,
        _table(_RULE, flat, sigma, level, reach, *limits, begin[:-1], begin[1:], oneway,
               lines.closed, ~ridden, afloat),
    )  # fmt: skip


def _table(kind: np.dtype[np.void], *columns: NDArray[np.generic]) -> NDArray[np.void]:
    table = np.zeros(len(columns[0]), dtype=kind)
    for name, column in zip(kind.names or (), columns, strict=True):
        table[name] = column
    return table


def _tolerances(courses: Courses, settings: Settings) -> tuple[Floats, Floats]:
    kinds = courses["kind"].to_numpy(dtype=object)
    missing = sorted(set(kinds) - set(settings.tolerances))
    if missing:
        msg = f"wanted a tolerance for every kind, none for {missing}"
        raise ValueError(msg)
    table: list[Tolerance] = [settings.tolerances[kind] for kind in kinds]
    sure = np.array([t.sure_m for t in table], dtype=np.float64)
    return sure, np.array([t.unsure_m for t in table], dtype=np.float64)


def _cells(
    x: Floats, y: Floats, dx: Floats, dy: Floats, reach: Floats
) -> tuple[Ints, NDArray[np.int32], float, float, float, int, int]:
    if not len(x):
        return np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.int32), 0.0, 0.0, _CELL_M, 1, 1
    west = float(np.min(np.minimum(x, x + dx) - reach))
    south = float(np.min(np.minimum(y, y + dy) - reach))
    wide = float(np.max(np.maximum(x, x + dx) + reach)) - west
    high = float(np.max(np.maximum(y, y + dy) + reach)) - south
    cell = max(_CELL_M, float(np.sqrt(wide * high / _MOST_CELLS)))
    columns, rows = int(wide / cell) + 1, int(high / cell) + 1
    first, piece = _register(x, y, dx, dy, reach, west, south, cell, columns, rows)
    return first, piece, west, south, cell, columns, rows


@numba.njit(cache=True, nogil=True)
def _register(x, y, dx, dy, reach, west, south, cell, columns, rows):
    """Return the cells' lists: first how long each is, then what it holds."""
    first = np.zeros(columns * rows + 1, dtype=np.int64)
    piece = np.zeros(0, dtype=np.int32)
    filled = first
    for turn in range(2):
        for p in range(len(x)):
            far = reach[p] + cell * 0.7072
            column0 = int((min(x[p], x[p] + dx[p]) - reach[p] - west) / cell)
            column1 = int((max(x[p], x[p] + dx[p]) + reach[p] - west) / cell)
            row0 = int((min(y[p], y[p] + dy[p]) - reach[p] - south) / cell)
            row1 = int((max(y[p], y[p] + dy[p]) + reach[p] - south) / cell)
            length2 = dx[p] * dx[p] + dy[p] * dy[p]
            for row in range(max(row0, 0), min(row1, rows - 1) + 1):
                py = south + (row + 0.5) * cell - y[p]
                for column in range(max(column0, 0), min(column1, columns - 1) + 1):
                    px = west + (column + 0.5) * cell - x[p]
                    w = min(max((px * dx[p] + py * dy[p]) / length2, 0.0), 1.0)
                    if (px - w * dx[p]) ** 2 + (py - w * dy[p]) ** 2 > far * far:
                        continue
                    c = row * columns + column
                    if turn == 0:
                        first[c + 1] += 1
                    else:
                        piece[filled[c]] = p
                        filled[c] += 1
        if turn == 0:
            first = np.cumsum(first)
            filled = first[:-1].copy()
            piece = np.empty(first[-1], dtype=np.int32)
    return first, piece


@leaf
def fit(rule, offset, vague):
    """Return the log density of standing `offset` metres beside a course.

    A plateau over what the course is wide, then a Gaussian; normalised, so that on a road the
    road beats the wide river beside it. `vague` is the fix's own accuracy beyond a good phone's.
    """
    sigma, flat, level = rule.sigma_m, rule.flat_m, rule.level
    if vague > 0.0:
        sigma = np.sqrt(sigma * sigma + vague * vague)
        level = np.log(2 * flat + _ROOT * sigma)
    beyond = max(abs(offset) - flat, 0.0) / sigma
    return -0.5 * beyond * beyond - level


@leaf
def cell_at(grid, px, py):
    """Return the cell of a position, -1 outside the grid."""
    column = int(np.floor((px - grid.west) / grid.cell_m))
    row = int(np.floor((py - grid.south) / grid.cell_m))
    if column < 0 or row < 0 or column >= grid.columns or row >= grid.rows:
        return -1
    return row * grid.columns + column


@leaf
def crowd(grid, px, py):
    """Return how many pieces are looked at for a position."""
    cell = cell_at(grid, px, py)
    return 0 if cell < 0 else grid.first[cell + 1] - grid.first[cell]


@leaf
def near(grid, px, py, vague, course, m, offset, score):
    """Write the best candidates, at most `MOST`, into the four rows; return how many.

    One candidate for each branch of each course: the two arms of a meander are two. `offset` is
    positive to the left of increasing chainage.
    """
    cell = cell_at(grid, px, py)
    if cell < 0:
        return 0
    count = 0
    last = of = -2
    opened = False
    best2 = peak2 = best_m = left = 0.0
    for q in range(grid.first[cell], grid.first[cell + 1]):
        p = grid.piece[q]
        look = grid.pieces[p]
        ex, ey, dx, dy = px - look.x, py - look.y, look.dx, look.dy
        w = min(max((ex * dx + ey * dy) * look.per, 0.0), 1.0)
        far2 = (ex - w * dx) ** 2 + (ey - w * dy) ** 2
        inside = far2 <= look.reach2
        if not inside and not opened:
            continue
        follows = p == last + 1 and grid.course[p] == of
        arm = False
        if follows and peak2 > best2 and far2 < peak2:
            # Away by fifteen metres and back again: another arm of the same course.
            peak, best = np.sqrt(peak2), np.sqrt(best2)
            arm = peak - best > 15.0 and peak - np.sqrt(far2) > 15.0
        if opened and (not follows or not inside or arm):
            beside = np.sqrt(best2) if left >= 0 else -np.sqrt(best2)
            count = _keep(grid.rule, of, best_m, beside, vague, course, m, offset, score, count)
            opened = False
        if inside:
            if not opened or far2 < best2:
                best2 = peak2 = far2
                best_m = look.m + w * look.dm
                left = dx * ey - dy * ex
                opened = True
            else:
                peak2 = max(peak2, far2)
            last, of = p, grid.course[p]
    if opened:
        beside = np.sqrt(best2) if left >= 0 else -np.sqrt(best2)
        count = _keep(grid.rule, of, best_m, beside, vague, course, m, offset, score, count)
    return count


@leaf
def _keep(rule, of, at, beside, vague, course, m, offset, score, count):
    value = fit(rule[of], beside, vague)
    place = count
    if count == MOST:
        place = int(np.argmin(score[:count]))
        if score[place] >= value:
            return count
    else:
        count += 1
    course[place], m[place], offset[place], score[place] = of, at, beside, value
    return count
