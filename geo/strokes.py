"""Join pieces of lines, end to end, into the lines they were drawn as.

Ends that meet two by two are joined whatever the angle. Where three or more meet, the straightest
pair goes on as one line and the rest begin lines of their own: what a surveyor calls the main stem
and its branches. The choice at a junction looks at that junction only, so an edit elsewhere never
changes it. Directions that are known are never joined head to head.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

# A straight line goes on through a junction; a right turn is another line.
_STRAIGHT_DEGREES = 75.0
# Two carriageways that end at one point are not one hair-pin.
_HAIRPIN_DEGREES = 120.0
# Directions of ends are taken over this length: a first step of centimetres says nothing.
_REACH_M = 20.0


@dataclass(frozen=True)
class Strokes:
    """How pieces follow one another.

    Stroke `i` runs through pieces `piece[first[i]:first[i + 1]]`, each backwards where `backwards`
    says so. A closed stroke ends where it began.
    """

    first: Ints
    piece: Ints
    backwards: NDArray[np.bool_]
    closed: NDArray[np.bool_]


def strokes(pieces: Geometries, group: Ints, flow: Ints, *, join_m: float) -> Strokes:
    """Return the strokes of `pieces`, which are joined only within their group.

    `flow` is 1 where a piece is known to run as drawn, -1 against, 0 where that is unknown; ends
    up to `join_m` apart are joined when nothing else is. Ties go to the longer pieces, then to the
    first in `pieces`; a stroke starts at the end of its first piece that is free.
    """
    if not len(pieces):
        none = np.empty(0, dtype=np.int64)
        return Strokes(np.zeros(1, dtype=np.int64), none, none.astype(bool), none.astype(bool))
    ends = _ends(pieces)
    node = _nodes(ends, np.repeat(group, 2), join_m)
    partner = _partners(pieces, ends, node, flow)
    piece, backwards, first, closed = _walk(partner)
    return Strokes(first, piece, backwards, closed)


def drawn(pieces: Geometries, found: Strokes) -> Geometries:
    """Return one LineString for each stroke; a vertex where pieces meet is there once."""
    xy, owner = shapely.get_coordinates(pieces, return_index=True)
    start = np.searchsorted(owner, np.arange(len(pieces) + 1))
    count = np.diff(start)[found.piece]
    follows = np.ones(len(found.piece), dtype=np.int64)
    follows[found.first[:-1]] = 0
    kept = count - follows
    step = np.where(found.backwards, -1, 1)
    begin = np.where(found.backwards, start[found.piece + 1] - 1, start[found.piece])
    ahead = np.cumsum(kept) - kept
    nth = np.arange(int(kept.sum())) - np.repeat(ahead, kept)
    at = np.repeat(begin + step * follows, kept) + nth * np.repeat(step, kept)
    bounds = np.append(ahead[found.first[:-1]], kept.sum())
    points = xy[at]
    # Ends within the snapping distance are one place: a ring must close exactly.
    points[bounds[1:][found.closed] - 1] = points[bounds[:-1][found.closed]]
    lines: Geometries = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, points, (bounds,)
    )
    return lines


def apart(xy: Floats, group: Ints, reach_m: float) -> Floats:
    """Return the points with each group moved so far east that groups cannot meet."""
    low = xy.min(axis=0)
    width = float(xy[:, 0].max() - low[0]) + 2 * reach_m + 1.0
    moved = xy - low
    moved[:, 0] += group * width
    return moved


def _ends(pieces: Geometries) -> Floats:
    """Return start and end of each piece, alternating."""
    ends = np.empty((2 * len(pieces), 2))
    for k in (0, 1):
        ends[k::2] = shapely.get_coordinates(shapely.get_point(pieces, -k))
    return ends


def _nodes(ends: Floats, group: Ints, join_m: float) -> Ints:
    """Return the node of each end: same millimetre, or free ends that are each other's nearest."""
    mm = np.rint(ends * 1000).astype(np.int64)
    place = pd.DataFrame({"group": group, "x": mm[:, 0], "y": mm[:, 1]})
    node = place.groupby(["group", "x", "y"], sort=False).ngroup().to_numpy().astype(np.int64)
    free = np.flatnonzero(np.bincount(node)[node] == 1)
    if join_m <= 0 or len(free) < 2:
        return node
    spread = apart(ends[free], group[free], join_m)
    distance, near = (np.asarray(column) for column in cKDTree(spread).query(spread, k=2))
    other = np.where(near[:, 0] == np.arange(len(free)), near[:, 1], near[:, 0])
    mutual = (distance[:, 1] <= join_m) & (other[other] == np.arange(len(free)))
    # A piece shorter than the snapping distance must not swallow its own ends.
    mutual &= free // 2 != free[other] // 2
    node[free[mutual]] = np.minimum(node[free[mutual]], node[free[other[mutual]]])
    return node


def _partners(pieces: Geometries, ends: Floats, node: Ints, flow: Ints) -> Ints:
    """Return the end each end is joined to, -1 for none; ends are numbered as in `_ends`."""
    order = np.argsort(node, kind="stable")
    size = np.bincount(node)
    first = np.cumsum(size) - size
    rank = np.empty(len(node), dtype=np.int64)
    rank[order] = np.arange(len(node)) - first[node[order]]
    # Each end with every later end of its node.
    later = size[node] - rank - 1
    a = np.repeat(np.arange(len(node)), later)
    ahead = np.cumsum(later) - later
    nth = np.arange(len(a)) - np.repeat(ahead, later)
    b = order[np.repeat(first[node] + rank + 1, later) + nth]
    degree = size[node[a]]
    turn = _turn(pieces, ends, a, b)
    outward = np.repeat(flow, 2) * np.where(np.arange(len(node)) % 2 == 0, 1, -1)
    known = outward[a] * outward[b]
    limit = np.where(degree > 2, _STRAIGHT_DEGREES, np.where(known, _HAIRPIN_DEGREES, 181.0))
    good = (known <= 0) & (turn <= limit) & ((a // 2 != b // 2) | (degree == 2))
    a, b, turn = a[good], b[good], turn[good]
    length = shapely.length(pieces)
    long = length[a // 2] + length[b // 2]
    best = np.lexsort((b, a, -long, np.rint(turn)))
    return _greedy(a[best], b[best], len(node))


def _turn(pieces: Geometries, ends: Floats, a: Ints, b: Ints) -> Floats:
    """Return by how many degrees one turns when going from end `a` over into end `b`."""
    reach = np.minimum(_REACH_M, shapely.length(pieces) / 2)
    inner = np.empty_like(ends)
    inner[0::2] = shapely.get_coordinates(shapely.line_interpolate_point(pieces, reach))
    inner[1::2] = shapely.get_coordinates(shapely.line_interpolate_point(pieces, -reach))
    heading = np.arctan2(inner[:, 1] - ends[:, 1], inner[:, 0] - ends[:, 0])
    turned = np.degrees(heading[b] - heading[a] - np.pi) % 360
    return np.minimum(turned, 360 - turned)


@numba.njit(cache=True)
def _greedy(a: Any, b: Any, ends: int) -> Any:
    partner = np.full(ends, -1, dtype=np.int64)
    for k in range(len(a)):
        if partner[a[k]] < 0 and partner[b[k]] < 0:
            partner[a[k]] = b[k]
            partner[b[k]] = a[k]
    return partner


@numba.njit(cache=True)
def _walk(partner: Any) -> Any:
    """Return pieces in order, which run backwards, where strokes begin and which are closed."""
    count = len(partner) // 2
    piece = np.empty(count, dtype=np.int64)
    backwards = np.zeros(count, dtype=np.bool_)
    first = np.zeros(count + 1, dtype=np.int64)
    closed = np.zeros(count, dtype=np.bool_)
    seen = np.zeros(count, dtype=np.bool_)
    found, filled = 0, 0
    for ring in (False, True):
        for e in range(2 * count):
            if seen[e // 2] or (not ring and partner[e] >= 0):
                continue
            first[found] = filled
            closed[found] = ring
            at = e
            while at >= 0 and not seen[at // 2]:
                seen[at // 2] = True
                piece[filled] = at // 2
                backwards[filled] = at % 2 == 1
                filled += 1
                at = partner[at ^ 1]
            found += 1
    first[found] = filled
    return piece, backwards, first[: found + 1], closed[:found]
