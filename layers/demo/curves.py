"""Draw lines that look drawn by water and by hand.

A path is an array of shape (n, 2), metres in a metric CRS, n of at least 2.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

Path = NDArray[np.float64]
Floats = NDArray[np.float64]


def along(path: Path) -> Floats:
    """Return the plane distance of each vertex from the start."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])


def resample(path: Path, step_m: float) -> Path:
    """Return `path` with vertices about every `step_m`, both ends kept."""
    at = along(path)
    wanted = np.linspace(0.0, at[-1], max(2, round(at[-1] / step_m) + 1))
    return np.column_stack([np.interp(wanted, at, path[:, k]) for k in (0, 1)])


def through(points: Path, step_m: float) -> Path:
    """Return a smooth curve through `points`: Catmull-Rom, then even steps."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0.0, 1.0, 24, endpoint=False)[:, None]
    arcs = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        cubic = 2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2
        arcs.append((cubic + (3 * b - a - 3 * c + d) * t**3) / 2)
    return resample(np.vstack([*arcs, points[-1:]]), step_m)


def normals(path: Path, window: int = 1) -> Path:
    """Return the unit normal to the left at each vertex, averaged over `window` vertices each way.

    A wider window keeps a parallel line from knotting in a tight bend.
    """
    ahead = np.minimum(np.arange(len(path)) + window, len(path) - 1)
    behind = np.maximum(np.arange(len(path)) - window, 0)
    tangent = path[ahead] - path[behind]
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def meander(
    path: Path, rng: np.random.Generator, *, wavelength_m: float, amplitude_m: float
) -> Path:
    """Return `path` swung from side to side as a river swings; its ends stay where they are.

    The bends are of uneven length and depth: equal ones look like a saw.
    """
    at = along(path)
    bends = max(2, round(at[-1] / wavelength_m * 2))
    lengths = rng.uniform(0.65, 1.35, bends)
    knots = np.concatenate([[0.0], np.cumsum(lengths)]) / lengths.sum() * at[-1]
    phase = np.interp(at, knots, np.arange(bends + 1))
    # The ends of bends are rounded, so that depth changes without a kink.
    depth = np.interp(phase, np.arange(bends) + 0.5, rng.uniform(0.45, 1.15, bends))
    calm = np.minimum(1.0, np.minimum(at, at[-1] - at) / wavelength_m)
    swing = amplitude_m * depth * np.sin(np.pi * phase) * calm
    return path + normals(path, window=3) * swing[:, None]


def nearest_vertex(path: Path, point: Path) -> Path:
    """Return the vertex of `path` nearest to `point`."""
    return path[np.argmin(np.hypot(*(path - point).T))]


def join(path: Path, other: Path, *, within_m: float = 12.0) -> Path:
    """Return `path` cut where it first meets `other` and led to a vertex of `other` there.

    Where it does not meet it, its last point is moved to the nearest vertex.
    """
    line, target = shapely.LineString(path), shapely.LineString(other)
    meeting = shapely.intersection(line, target)
    if not meeting.is_empty:
        points = shapely.points(shapely.get_coordinates(meeting))
        at = float(np.min(shapely.line_locate_point(line, points)))
        path = path[along(path) < at - within_m]
        end = shapely.get_coordinates(line.interpolate(at))[0]
    else:
        end = path[-1]
        path = path[:-1]
    vertex = nearest_vertex(other, end)
    path = path[np.hypot(*(path - vertex).T) > within_m]
    return np.vstack([path, vertex])


def beside(path: Path, distance_m: float) -> Path:
    """Return the line `distance_m` to the left of `path` (right if negative), knots removed."""
    parallel = shapely.offset_curve(shapely.LineString(path), distance_m, join_style="round")
    parallel = max(shapely.get_parts(parallel), key=lambda part: part.length)
    return resample(shapely.get_coordinates(parallel), 15.0)


def within(path: Path, area: shapely.Polygon) -> Path:
    """Return the longest piece of `path` inside `area`, in the same direction."""
    inside = shapely.intersection(shapely.LineString(path), area)
    longest = shapely.get_coordinates(max(shapely.get_parts(inside), key=lambda part: part.length))
    start = np.hypot(*(longest[[0, -1]] - path[0]).T)
    return longest if start[0] <= start[1] else longest[::-1]


def rough(start: Path, end: Path, rng: np.random.Generator, *, share: float) -> Path:
    """Return a natural border from `start` to `end`: midpoints displaced, corners rounded.

    The ends stay exactly where they are, so that borders meeting there still meet.
    """
    path = np.vstack([start, end])
    while np.hypot(*(path[1] - path[0])) > 90.0:
        step = np.diff(path, axis=0)
        normal = np.column_stack([-step[:, 1], step[:, 0]])
        middle = path[:-1] + step / 2 + normal * rng.normal(0.0, share, len(step))[:, None]
        path = np.insert(path, np.arange(1, len(path)), middle, axis=0)
    quarter, rest = path[:-1] * 0.75 + path[1:] * 0.25, path[:-1] * 0.25 + path[1:] * 0.75
    cut = np.stack([quarter, rest], axis=1).reshape(-1, 2)
    return np.vstack([start, cut[1:-1], end])
