"""Hold one line of the demo town with its chainage on the ground."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyproj
import shapely

from geo.lines import ground_steps
from layers.demo.curves import Floats, Path, along

CRS = pyproj.CRS.from_epsg(4549)  # CGCS2000, 3° zone of 120° E


@dataclass(frozen=True, eq=False)
class Course:
    """A river, canal, road or shore; a closed one repeats its first vertex at the end."""

    code: str
    name: str
    kind: str
    grade: str
    path: Path
    width_m: float = float("nan")

    @cached_property
    def line(self) -> shapely.LineString:
        """Return the line in the metric CRS."""
        return shapely.LineString(self.path)

    @cached_property
    def polygon(self) -> shapely.Polygon:
        """Return the water surface of a closed course."""
        return shapely.Polygon(self.path)

    @cached_property
    def chainage_m(self) -> Floats:
        """Return the ground chainage of each vertex, to 1 mm."""
        steps = ground_steps(self.path[:, 0], self.path[:, 1], CRS)
        return np.round(np.concatenate([[0.0], np.cumsum(steps)]), 3)

    @property
    def length_m(self) -> float:
        """Return the ground length."""
        return float(self.chainage_m[-1])

    @property
    def closed(self) -> bool:
        """Tell a shore from a line."""
        return bool((self.path[0] == self.path[-1]).all())

    def at(self, chainage_m: float) -> Path:
        """Return the point at a chainage; beyond an end, on the straight line through it."""
        return self.points(np.array([chainage_m]))[0]

    def points(self, chainage_m: Floats) -> Path:
        """As `at`, for many."""
        if self.closed:
            chainage_m = chainage_m % self.length_m
        xy = [np.interp(chainage_m, self.chainage_m, self.path[:, k]) for k in (0, 1)]
        first, last = self.path[1] - self.path[0], self.path[-1] - self.path[-2]
        before = np.minimum(chainage_m, 0.0)[:, None] * first / np.hypot(*first)
        after = np.maximum(chainage_m - self.length_m, 0.0)[:, None] * last / np.hypot(*last)
        return np.column_stack(xy) + before + after

    def chainage(self, point: Path) -> float:
        """Return the chainage of the place on the line nearest to `point`, to 1 mm."""
        plane = self.line.project(shapely.Point(point))
        return float(np.round(np.interp(plane, along(self.path), self.chainage_m), 3))

    def inside(self, area: shapely.Polygon, *, least_m: float = 0.5) -> list[tuple[float, float]]:
        """Return the stretches inside `area`, in order, shorter ones than `least_m` left out."""
        pieces = shapely.get_parts(shapely.line_merge(shapely.intersection(self.line, area)))
        ends = [shapely.get_coordinates(piece)[[0, -1]] for piece in pieces if piece.length > 0]
        found = [sorted((self.chainage(a), self.chainage(b))) for a, b in ends]
        return sorted((a, b) for a, b in found if b - a > least_m)


def noded(courses: Iterable[Course]) -> list[Course]:
    """Return `courses` with a shared vertex wherever two of them cross."""
    courses = list(courses)
    lines = [course.line for course in courses]
    return [_with_crossings(course, lines) for course in courses]


def _with_crossings(course: Course, lines: list[shapely.LineString]) -> Course:
    path, at = course.path, along(course.path)
    for other in lines:
        if other is course.line or not shapely.intersects(course.line, other):
            continue
        for point in shapely.get_coordinates(shapely.intersection(course.line, other)):
            if np.hypot(*(path - point).T).min() < 1e-6:
                continue
            here = course.line.project(shapely.Point(point))
            index = int(np.searchsorted(at, here))
            path, at = np.insert(path, index, point, axis=0), np.insert(at, index, here)
    return Course(course.code, course.name, course.kind, course.grade, path, course.width_m)
