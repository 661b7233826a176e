"""Measure courses: every vertex with its chainage, as flat arrays.

All engines work on these arrays. A chainage is metres on the ground, not on the projection, and is
rounded to 1 mm when it is made.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.schema import Courses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    """The vertices of all courses, one after the other.

    Course `i` has vertices `first[i]:first[i + 1]` of `x`, `y` (metric CRS) and `m` (chainage,
    never decreasing, 0 at its start, its length at its end).
    """

    ids: NDArray[np.object_]
    first: Ints
    x: Floats
    y: Floats
    m: Floats
    closed: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of courses."""
        return len(self.ids)

    @property
    def length_m(self) -> Floats:
        """Return the length of each course."""
        return self.m[self.first[1:] - 1]

    def numbers(self, course_ids: Iterable[str]) -> Ints:
        """Return the number of each course id, -1 for an id that is not here."""
        at = {course_id: number for number, course_id in enumerate(self.ids)}
        return np.array([at.get(c, -1) for c in course_ids], dtype=np.int64)


def ground_steps(x: Floats, y: Floats, crs: pyproj.CRS) -> Floats:
    """Return the ground length from each vertex to the next, one less than the vertices.

    A projection stretches lengths by a factor k that changes slowly: Simpson's rule over the two
    ends and the middle of a step is right to 1e-9 of its length for steps below 10 km. A CRS that
    is not a projection, or not conformal, is refused with `ValueError`.
    """
    plane = np.hypot(np.diff(x), np.diff(y))
    if not crs.is_projected:
        msg = f"wanted a metric CRS, got {crs.name}"
        raise ValueError(msg)
    if not len(plane):
        return plane
    ends = 1 / stretching(x, y, crs)
    middles = 1 / stretching((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, crs)
    return plane * (ends[:-1] + 4 * middles + ends[1:]) / 6


def stretching(x: Floats, y: Floats, crs: pyproj.CRS) -> Floats:
    """Return the projection's scale factor at each point, infinite where it cannot reach."""
    if not len(x):
        return np.empty(0)
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    factors = pyproj.Proj(crs).get_factors(*to_degrees.transform(x, y))
    return np.asarray(factors.meridional_scale, dtype=np.float64)


def measure(courses: Courses) -> Lines:
    """Return the measured lines of `courses`, in their order."""
    geometry = courses.geometry.to_numpy()
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    first = np.searchsorted(owner, np.arange(len(geometry) + 1)).astype(np.int64)
    steps = np.zeros(len(xy))
    if len(xy):
        steps[1:] = ground_steps(xy[:, 0], xy[:, 1], pyproj.CRS(courses.crs))
        steps[first[:-1]] = 0.0
    along = np.cumsum(steps)
    m = np.round(along - along[first[:-1]][owner], 3) if len(xy) else along
    return Lines(
        ids=courses["course_id"].to_numpy(dtype=object),
        first=first,
        x=np.ascontiguousarray(xy[:, 0]),
        y=np.ascontiguousarray(xy[:, 1]),
        m=m,
        closed=np.array(courses["closed"], dtype=bool),
    )


def place(lines: Lines, number: ArrayLike, chainage_m: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return easting, northing and bearing of places on courses, one each.

    The bearing is that of increasing chainage, in degrees clockwise from grid north, 0 to 360; at
    a vertex that of the step that begins there. Raises `ValueError` for a course number that is
    not there and for a chainage off its course by more than half a millimetre.
    """
    course, along = _places(lines, number, chainage_m)
    step = np.empty(len(course), dtype=np.int64)
    x, y = np.empty(len(course)), np.empty(len(course))
    _place(lines.first, lines.x, lines.y, lines.m, course, along, x, y, step)
    east, north = lines.x[step + 1] - lines.x[step], lines.y[step + 1] - lines.y[step]
    return x, y, np.degrees(np.arctan2(east, north)) % 360


def offset(
    lines: Lines, number: ArrayLike, chainage_m: ArrayLike, offset_m: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the points so far beside the course: left of increasing chainage above 0, right below.

    Metres of the projection, as all offsets. Raises as `place`.
    """
    x, y, bearing = place(lines, number, chainage_m)
    turn, beside = np.radians(bearing), np.asarray(offset_m, dtype=np.float64)
    return x - np.cos(turn) * beside, y + np.sin(turn) * beside


def cut(lines: Lines, number: ArrayLike, from_m: ArrayLike, to_m: ArrayLike) -> NDArray[np.object_]:
    """Return the LineString of each stretch, with every vertex of the course in between.

    A stretch of no length gives an empty LineString. Raises as `cut_vertices`.
    """
    xy, bounds = cut_vertices(lines, number, from_m, to_m)
    some = bounds[1:] > bounds[:-1]
    found = np.full(len(some), shapely.LineString(), dtype=object)
    if some.any():
        owner = np.repeat(np.arange(int(some.sum())), np.diff(bounds)[some])
        with _no_collection():
            found[some] = shapely.linestrings(xy, indices=owner)
    return found


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold back Python's cycle collector.

    It would walk all objects again and again while a million lines without any cycle are made,
    which takes three times as long as making them.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def cut_vertices(
    lines: Lines, number: ArrayLike, from_m: ArrayLike, to_m: ArrayLike
) -> tuple[Floats, Ints]:
    """Return the vertices of all stretches, one after the other, and where each begins.

    Stretch `i` has `xy[bounds[i]:bounds[i + 1]]`, none where it has no length. Raises `ValueError`
    for from > to and as `place`.
    """
    course, start = _places(lines, number, from_m)
    _, end = _places(lines, number, to_m)
    if (start > end).any():
        row = int(np.argmax(start > end))
        msg = f"wanted from <= to, got {start[row]} to {end[row]} m in row {row}"
        raise ValueError(msg)
    vertices = np.zeros(len(course) + 1, dtype=np.int64)
    a, b = np.empty(len(course), dtype=np.int64), np.empty(len(course), dtype=np.int64)
    _between(lines.first, lines.m, course, start, end, a, b, vertices)
    bounds = np.cumsum(vertices)
    xy = np.empty((int(bounds[-1]), 2))
    _cut(lines.first, lines.x, lines.y, lines.m, course, start, end, a, b, bounds, xy)
    return xy, bounds


def _places(lines: Lines, number: ArrayLike, m: ArrayLike) -> tuple[Ints, Floats]:
    """Return checked columns of course numbers and chainages, the latter within their course."""
    both = np.broadcast_arrays(np.atleast_1d(number), np.atleast_1d(m))
    # Copies: a kernel is compiled anew for each kind of array, and pandas gives read-only ones.
    course, along = np.array(both[0], dtype=np.int64), np.array(both[1], dtype=np.float64)
    unknown = (course < 0) | (course >= len(lines))
    if unknown.any():
        row = int(np.argmax(unknown))
        msg = f"wanted a course number below {len(lines)}, got {course[row]} in row {row}"
        raise ValueError(msg)
    length = lines.length_m[course]
    inside = (along > -0.0005) & (along < length + 0.0005)
    if not inside.all():
        row = int(np.argmin(inside))
        msg = (
            f"wanted a chainage from 0 to {length[row]} m on {lines.ids[course[row]]}, "
            f"got {along[row]} in row {row}"
        )
        raise ValueError(msg)
    return course, np.clip(along, 0.0, length)


@numba.njit(cache=True)
def _step_at(first: int, end: int, m: Any, at: float) -> int:
    """Return the vertex that begins the step on which `at` lies; the last real step at the end."""
    low, high = first, end - 1
    if at >= m[high]:
        at = m[high]
        while low < high:
            middle = (low + high) // 2
            if m[middle] < at:
                low = middle + 1
            else:
                high = middle
        return max(low - 1, first)
    while high - low > 1:
        middle = (low + high) // 2
        if m[middle] <= at:
            low = middle
        else:
            high = middle
    return low


@numba.njit(cache=True)
def _point(x: Any, y: Any, m: Any, j: int, at: float) -> tuple[float, float]:
    step = m[j + 1] - m[j]
    share = (at - m[j]) / step if step > 0 else 0.0
    if share >= 1.0:
        return x[j + 1], y[j + 1]
    return x[j] + share * (x[j + 1] - x[j]), y[j] + share * (y[j + 1] - y[j])


@numba.njit(cache=True)
def _place(
    first: Any, x: Any, y: Any, m: Any, course: Any, along: Any, x_at: Any, y_at: Any, step: Any
) -> None:
    for i in range(len(course)):
        c = course[i]
        j = _step_at(first[c], first[c + 1], m, along[i])
        step[i] = j
        x_at[i], y_at[i] = _point(x, y, m, j, along[i])


@numba.njit(cache=True)
def _between(
    first: Any, m: Any, course: Any, start: Any, end: Any, a: Any, b: Any, vertices: Any
) -> None:
    """Fill the first and last vertex strictly inside each stretch and the vertices it needs."""
    for i in range(len(course)):
        c = course[i]
        if start[i] >= end[i]:
            continue
        # Vertices within the first half millimetre belong to a stretch that begins at 0.
        begin = _step_at(first[c], first[c + 1], m, start[i]) if start[i] > 0 else first[c]
        a[i] = begin + 1
        b[i] = _step_at(first[c], first[c + 1], m, end[i])
        while m[b[i]] >= end[i]:
            b[i] -= 1
        vertices[i + 1] = b[i] - a[i] + 3


@numba.njit(cache=True)
def _cut(
    first: Any, x: Any, y: Any, m: Any, course: Any, start: Any, end: Any, a: Any, b: Any,
    bounds: Any, xy: Any,
) -> None:  # fmt: skip
    for i in range(len(course)):
        at = bounds[i]
        if bounds[i + 1] == at:
            continue
        c = course[i]
        xy[at, 0], xy[at, 1] = _point(x, y, m, a[i] - 1, start[i])
        for j in range(a[i], b[i] + 1):
            at += 1
            xy[at, 0], xy[at, 1] = x[j], y[j]
        j = _step_at(first[c], first[c + 1], m, end[i])
        xy[at + 1, 0], xy[at + 1, 1] = _point(x, y, m, j, end[i])
        if end[i] >= m[first[c + 1] - 1]:
            xy[at + 1, 0], xy[at + 1, 1] = x[first[c + 1] - 1], y[first[c + 1] - 1]
