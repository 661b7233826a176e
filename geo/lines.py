"""Measure courses: every vertex with its chainage, as flat arrays.

All engines work on these arrays. A chainage is metres on the ground, not on the projection, and is
rounded to 1 mm when it is made.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

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
    to_degrees = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    projection = pyproj.Proj(crs)

    def shrink(east: Floats, north: Floats) -> Floats:
        factors = projection.get_factors(*to_degrees.transform(east, north))
        return 1 / np.asarray(factors.meridional_scale, dtype=np.float64)

    ends = shrink(x, y)
    middles = shrink((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2)
    return plane * (ends[:-1] + 4 * middles + ends[1:]) / 6


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
        closed=courses["closed"].to_numpy(dtype=bool),
    )
