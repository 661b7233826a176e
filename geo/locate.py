"""Find every place on the courses that a point may mean, not only the nearest."""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.lines import Lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Below this a finer grid costs memory and saves nothing: drawn steps are longer.
_FINEST_M = 25.0


@dataclass(frozen=True)
class Places:
    """Places near points, by point, then by course number and chainage.

    `side` is 1 left of increasing chainage, -1 right of it, 0 on the line or straight before an
    end; `offset_m` is the distance on the projection, 0 or more.
    """

    point: Ints
    number: Ints
    chainage_m: Floats
    offset_m: Floats
    side: NDArray[np.int8]

    def __len__(self) -> int:
        """Return the number of places."""
        return len(self.point)


@dataclass(frozen=True)
class Grid:
    """The steps of `lines` by the cells in whose reach they lie.

    Cells share `bounds[k]:bounds[k + 1]` of `steps` by their hash, so memory grows with what is
    drawn and not with the box around it.
    """

    lines: Lines
    within_m: float
    cell_m: float
    bounds: Ints
    steps: NDArray[np.int32]
    course: NDArray[np.int32]


def gridded(lines: Lines, within_m: float) -> Grid:
    """Return the grid to look up places up to `within_m` from `lines`; raises below 0."""
    if not within_m > 0:
        msg = f"wanted a within_m above 0, got {within_m}"
        raise ValueError(msg)
    cell = max(float(within_m), _FINEST_M)
    course = np.repeat(np.arange(len(lines), dtype=np.int32), np.diff(lines.first))
    last = np.zeros(len(lines.x), dtype=np.bool_)
    last[lines.first[1:] - 1] = True
    entries = _entries(lines.x, lines.y, last, cell, within_m)
    buckets = 1 << max(4, int(entries).bit_length())
    bounds, steps = _filled(lines.x, lines.y, last, cell, within_m, buckets)
    return Grid(lines, float(within_m), cell, bounds, steps, course)


def locate(
    lines: Lines, x: ArrayLike, y: ArrayLike, within_m: float, *, apart_m: float = 10.0
) -> Places:
    """Return the places up to `within_m` from each point where the distance is least along a line.

    Both arms of a hair-pin are places, and both chainages of a vertex that a line comes back to.
    Of places on one course less than `apart_m` of chainage apart the nearest stands for all: the
    ripple of a drawn line is one place. A point that is not finite has none.
    """
    return located(gridded(lines, within_m), x, y, apart_m=apart_m)


def located(grid: Grid, x: ArrayLike, y: ArrayLike, *, apart_m: float = 10.0) -> Places:
    """As `locate`, on a grid that is already there."""
    # Copies: a kernel is compiled anew for each kind of array, and pandas gives read-only ones.
    east, north = (np.array(v, dtype=np.float64, order="C") for v in (x, y))
    lines = grid.lines
    found = _locate(
        east, north, lines.first, lines.x, lines.y, lines.m, lines.closed, grid.course,
        grid.bounds, grid.steps, grid.cell_m, grid.within_m, apart_m,
    )  # fmt: skip
    return Places(*found)


def nearest(places: Places, points: int) -> Ints:
    """Return the row of the nearest place of each of `points` points, -1 where there is none.

    Of equally near ones the first.
    """
    row = np.full(points, -1, dtype=np.int64)
    order = np.lexsort((places.offset_m, places.point))
    first = np.ones(len(order), dtype=bool)
    first[1:] = places.point[order[1:]] != places.point[order[:-1]]
    row[places.point[order[first]]] = order[first]
    return row


@numba.njit(cache=True)
def _bucket(column: int, row: int, buckets: int) -> int:
    mixed = column * 73856093 ^ row * 19349663
    return (mixed ^ (mixed >> 15)) & (buckets - 1)


@numba.njit(cache=True)
def _boxes(x: Any, y: Any, j: int, k: int, count: int, cell: float, within: float) -> Any:
    """Return the first and last column and row in reach of the k-th of `count` parts of a step."""
    dx, dy = (x[j + 1] - x[j]) / count, (y[j + 1] - y[j]) / count
    ax, ay = x[j] + k * dx, y[j] + k * dy
    # A hair more than the reach, so that rounding in the parts cannot lose a place.
    reach = within * 1.000001 + 1e-6
    return (
        int(np.floor((min(ax, ax + dx) - reach) / cell)),
        int(np.floor((max(ax, ax + dx) + reach) / cell)),
        int(np.floor((min(ay, ay + dy) - reach) / cell)),
        int(np.floor((max(ay, ay + dy) + reach) / cell)),
    )


@numba.njit(cache=True)
def _parts(x: Any, y: Any, j: int, cell: float) -> int:
    """Return into how many parts a step is cut so that none is longer than a cell."""
    longest = max(abs(x[j + 1] - x[j]), abs(y[j + 1] - y[j]))
    return int(longest / cell) + 1


@numba.njit(cache=True)
def _entries(x: Any, y: Any, last: Any, cell: float, within: float) -> int:
    entries = 0
    for j in range(len(x) - 1):
        if last[j]:
            continue
        count = _parts(x, y, j, cell)
        for k in range(count):
            west, east, south, north = _boxes(x, y, j, k, count, cell, within)
            entries += (east - west + 1) * (north - south + 1)
    return entries


@numba.njit(cache=True)
def _filled(x: Any, y: Any, last: Any, cell: float, within: float, buckets: int) -> Any:
    """Return bounds and steps of the buckets, each step once a bucket, in order."""
    bounds = np.zeros(buckets + 1, dtype=np.int64)
    newest = np.full(buckets, -1, dtype=np.int32)
    steps = np.empty(0, dtype=np.int32)
    for turn in range(2):
        newest[:] = -1
        if turn == 1:
            for b in range(buckets):
                bounds[b + 1] += bounds[b]
            steps = np.empty(bounds[buckets], dtype=np.int32)
        at = bounds[:-1].copy()
        for j in range(len(x) - 1):
            if last[j]:
                continue
            count = _parts(x, y, j, cell)
            for k in range(count):
                west, east, south, north = _boxes(x, y, j, k, count, cell, within)
                for column in range(west, east + 1):
                    for row in range(south, north + 1):
                        b = _bucket(column, row, buckets)
                        if newest[b] == j:
                            continue
                        newest[b] = j
                        if turn == 0:
                            bounds[b + 1] += 1
                        else:
                            steps[at[b]] = j
                            at[b] += 1
    return bounds, steps


@numba.njit(cache=True)
def _nearest_on(x: Any, y: Any, j: int, px: float, py: float) -> tuple[float, float]:
    """Return the share of step `j` nearest to a point and the distance squared; -1 for no step."""
    dx, dy = x[j + 1] - x[j], y[j + 1] - y[j]
    qx, qy = px - x[j], py - y[j]
    length = dx * dx + dy * dy
    if length == 0.0:
        return -1.0, qx * qx + qy * qy
    share = (qx * dx + qy * dy) / length
    if share <= 0.0:
        return 0.0, qx * qx + qy * qy
    if share >= 1.0:
        qx, qy = px - x[j + 1], py - y[j + 1]
        return 1.0, qx * qx + qy * qy
    qx, qy = qx - share * dx, qy - share * dy
    return share, qx * qx + qy * qy


@numba.njit(cache=True)
def _ends_at_seam(x: Any, y: Any, first: int, end: int, px: float, py: float) -> bool:
    """Return whether the distance falls all along the last real step of a ring."""
    j = end - 2
    while j > first and x[j] == x[j + 1] and y[j] == y[j + 1]:
        j -= 1
    return bool(_nearest_on(x, y, j, px, py)[0] == 1.0)


@numba.njit(cache=True)
def _side(x: Any, y: Any, j: int, before: int, px: float, py: float) -> int:
    """Return the side of the point at step `j`, or at the vertex between `before` and `j`."""
    dx, dy = x[j + 1] - x[j], y[j + 1] - y[j]
    if before >= 0:
        # At a vertex the two steps may disagree: the sum of their directions decides.
        ex, ey = x[before + 1] - x[before], y[before + 1] - y[before]
        here, there = np.hypot(dx, dy), np.hypot(ex, ey)
        dx, dy = dx / here + ex / there, dy / here + ey / there
    across = dx * (py - y[j]) - dy * (px - x[j])
    return 1 if across > 0 else (-1 if across < 0 else 0)


@numba.njit(cache=True)
def _locate(
    px: Any, py: Any, first: Any, x: Any, y: Any, m: Any, closed: Any, course: Any,
    bounds: Any, steps: Any, cell: float, within: float, apart: float,
) -> Any:  # fmt: skip
    room = 2 * len(px) + 16
    point, number = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    chainage, off = np.empty(room), np.empty(room)
    side = np.empty(room, dtype=np.int8)
    found = 0
    reach = within * within
    for i in range(len(px)):
        if not (np.isfinite(px[i]) and np.isfinite(py[i])):
            continue
        b = _bucket(int(np.floor(px[i] / cell)), int(np.floor(py[i] / cell)), len(bounds) - 1)
        mine = found
        step_before, falling, real = -2, False, -1
        for e in range(bounds[b], bounds[b + 1]):
            j = steps[e]
            share, square = _nearest_on(x, y, j, px[i], py[i])
            if square > reach:
                continue
            c = course[j]
            begins, ends = j == first[c], j == first[c + 1] - 2
            if begins:
                # An open line begins as if it came falling from nowhere.
                falling = not closed[c] or _ends_at_seam(x, y, first[c], first[c + 1], px[i], py[i])
                real = -1
            elif step_before != j - 1:
                falling, real = False, -1
            step_before = j
            # Where the distance falls up to a vertex and rises behind it, the vertex is a place.
            least = 0.0 < share < 1.0 or (share == 0.0 and falling)
            before = real if share == 0.0 else -1
            if share >= 0.0:
                falling, real = share == 1.0, j
            at_end = ends and falling and not closed[c]
            if not (least or at_end):
                continue
            s = m[j + 1] if at_end else m[j] + share * (m[j + 1] - m[j])
            s = np.round(s * 1000) / 1000
            distance = np.sqrt(square)
            last = found - 1
            if last >= mine and number[last] == c and s - chainage[last] < apart:
                if distance >= off[last]:
                    continue
            else:
                last = found
                found += 1
                if found > room:
                    room *= 2
                    point, number = _grown(point, room), _grown(number, room)
                    chainage, off = _grown(chainage, room), _grown(off, room)
                    side = _grown(side, room)
            point[last], number[last] = i, c
            chainage[last], off[last] = s, distance
            step = j if share >= 0.0 else real
            side[last] = _side(x, y, step, before, px[i], py[i]) if step >= 0 else 0
    return (
        point[:found].copy(), number[:found].copy(), chainage[:found].copy(), off[:found].copy(),
        side[:found].copy(),
    )  # fmt: skip


@numba.njit(cache=True)
def _grown(column: Any, room: int) -> Any:
    more = np.empty(room, dtype=column.dtype)
    more[: len(column)] = column
    return more
