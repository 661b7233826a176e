"""Tell of the lines of one asset which run beside another, and where its drawing is broken."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import (
    breadth_first_order,
    connected_components,
    minimum_spanning_tree,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]
Geometries = NDArray[np.object_]

# Carriageways of one road run nearer to each other than this, and are nearly as long.
CARRIAGEWAYS_M, _LENGTHS_SHARE = 60.0, 0.2
# The halves of a square or a junction lie farther apart and are one place all the same.
_SECTION_M = 100.0


def beside(lines: Geometries, mains: Geometries, oneway: Yes) -> Yes:
    """Return which lines are a carriageway beside their main line.

    One that is driven one way has its middle near; any other begins and ends beside the main one
    and is about as long as that is between, however far a hill parts them.
    """
    points = [
        shapely.line_interpolate_point(lines, share, normalized=True) for share in (0, 0.5, 1)
    ]
    start, middle, end = (shapely.distance(point, mains) <= CARRIAGEWAYS_M for point in points)
    first, last = (shapely.line_locate_point(mains, points[k]) for k in (0, 2))
    length = shapely.length(lines)
    whole = np.abs(np.abs(last - first) - length) <= _LENGTHS_SHARE * length
    return np.asarray((middle & oneway) | (start & end & whole))


def breaks(lines: Geometries, join_m: float) -> Floats:
    """Return for each line of an asset the metres that are not drawn before it, NaN for none.

    Lines that meet or run beside one another are one section; each break between the ends of two
    sections is given once, to a line of the one that is farther from the first.
    """
    section = _sections(lines, join_m)
    gap = np.full(len(lines), np.nan)
    rows_of = [np.flatnonzero(section == k) for k in range(int(section.max(initial=0)) + 1)]
    if len(rows_of) < 2:
        return gap
    whole = np.array([shapely.multilinestrings(lines[rows]) for rows in rows_of], dtype=object)
    links = minimum_spanning_tree(shapely.distance(whole[:, None], whole[None, :]))
    # Seen from the first section every other one hangs on one.
    others, before = breadth_first_order(links, 0, directed=False)
    ends = shapely.boundary(lines)
    for one in others[1:]:
        mine, theirs = rows_of[one], rows_of[before[one]]
        far = shapely.distance(lines[mine][:, None], lines[theirs][None, :])
        i, j = np.unravel_index(int(far.argmin()), far.shape)
        # What comes near with its middle is not broken off there.
        if shapely.distance(ends[mine[i]], ends[theirs[j]]) <= 2 * far[i, j]:
            gap[mine[i]] = far[i, j]
    return gap


def _sections(lines: Geometries, join_m: float) -> Ints:
    """Return a number for each line, the same for lines that meet or run beside one another."""
    a, b = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=_SECTION_M)
    far = shapely.distance(lines[a], lines[b])
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    # The middle of a line that goes on behind a break is half its length farther away.
    along = shapely.distance(middle[a], lines[b]) <= far + shapely.length(lines[a]) / 4
    one = (far <= join_m) | along
    links = coo_array((np.ones(int(one.sum())), (a[one], b[one])), shape=(len(lines), len(lines)))
    return connected_components(links, directed=False)[1].astype(np.int64)
