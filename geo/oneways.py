"""Say which way the road features drawn as one-way lead, seen from the courses made of them."""

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines, place
from geo.schema import Features

# A course is a drawn line, turned and joined, but never moved farther than this.
_ON_IT_M = 0.5
# Places of a course that are asked: a one-way bridge is longer.
_EVERY_M = 50.0


def ways_at(features: Features, lines: Lines, course: Ints, m: Floats) -> Ints:
    """Return 1 or -1 for a place where a one-way road leads along or against its course, or 0."""
    ways = np.zeros(len(m), dtype=np.int64)
    drawn = features[features["oneway"].isin(["yes", "-1"]) & (features["kind"] == "road")]
    if drawn.empty or not len(m):
        return ways
    x, y, bearing = place(lines, course, m)
    shapes = drawn.geometry.to_numpy()
    at, shape = shapely.STRtree(shapes).query(
        shapely.points(x, y), predicate="dwithin", distance=_ON_IT_M
    )
    along = shapely.line_locate_point(shapes[shape], shapely.points(x[at], y[at]))
    ahead, behind = (
        shapely.get_coordinates(shapely.line_interpolate_point(shapes[shape], to))
        for to in (along + 1.0, np.maximum(along - 1.0, 0.0))
    )
    turn = np.radians(bearing[at])
    step = ahead - behind
    with_course = np.sin(turn) * step[:, 0] + np.cos(turn) * step[:, 1] > 0
    drawn_way = np.where(drawn["oneway"].to_numpy()[shape] == "yes", 1, -1)
    ways[at] = drawn_way * np.where(with_course, 1, -1)
    return ways


def one_way_courses(features: Features, lines: Lines) -> NDArray[np.int8]:
    """Return 1 or -1 for a course that is one-way along or against its chainage throughout, or 0.

    A course that is one-way in part only may be driven both ways, as far as the matcher is told.
    """
    places = np.maximum(np.ceil(lines.length_m / _EVERY_M), 1).astype(np.int64)
    course = np.repeat(np.arange(len(lines)), places)
    step = np.arange(len(course)) - np.repeat(np.cumsum(places) - places, places)
    ways = ways_at(features, lines, course, (step + 0.5) * (lines.length_m / places)[course])
    votes = np.bincount(course, weights=ways, minlength=len(lines))
    return np.where(np.abs(votes) == places, np.sign(votes), 0).astype(np.int8)
