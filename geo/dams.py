"""Begin the shore of a reservoir at its dam, where offices count from."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.names import Known
from geo.schema import Parts

Geometries = NDArray[np.object_]

# A dam is drawn on the water's edge or just behind it.
_BESIDE_M = 100.0
_MAIN = "主坝"


@dataclass(frozen=True)
class Begun:
    """Shores with the name of the dam each begins at, '' for none, and how many dams it has."""

    rings: Geometries
    dam: NDArray[np.object_]
    dams: NDArray[np.int64]


def begun_at_dams(
    rings: Geometries, asset_id: NDArray[np.object_], assets: Known, parts: Parts
) -> Begun:
    """Return closed `rings`, turned to begin at the point nearest to the middle of their dam.

    A dam belongs to the asset it names, else to the nearest shore. Of several dams the one called
    主坝 counts; without one the shore begins where it began.
    """
    dams = parts[parts["part"] == "dam"]
    of: dict[int, list[int]] = {}
    tree = shapely.STRtree(rings)
    for row, (shape, named) in enumerate(zip(dams.geometry, dams["asset"], strict=True)):
        near = np.sort(tree.query(shape, predicate="dwithin", distance=_BESIDE_M))
        if named:
            near = near[np.isin(asset_id[near], assets.match(named).ids)]
        if len(near):
            at = int(near[np.argmin(shapely.distance(rings[near], shape))])
            of.setdefault(at, []).append(row)
    begun = rings.copy()
    dam = np.full(len(rings), "", dtype=object)
    count = np.zeros(len(rings), dtype=np.int64)
    names = dams["name"].to_list()
    for at, rows in of.items():
        main = rows if len(rows) == 1 else [row for row in rows if _MAIN in names[row]]
        count[at] = len(rows)
        if len(main) == 1:
            middle = shapely.centroid(dams.geometry.iloc[main[0]])
            begun[at] = _turned(rings[at], middle)
            dam[at] = names[main[0]] or "dam"
    return Begun(begun, dam, count)


def _turned(ring: shapely.LineString, point: shapely.Point) -> shapely.LineString:
    """Return a closed line that begins and ends at its point nearest to `point`."""
    along = shapely.line_locate_point(ring, point)
    start = shapely.get_coordinates(shapely.line_interpolate_point(ring, along))
    xy = shapely.get_coordinates(ring)
    ahead = np.hypot(*np.diff(xy, axis=0).T).cumsum()
    after = int(np.searchsorted(ahead, along, side="right")) + 1
    turned = np.concatenate([start, xy[after:-1], xy[:after], start])
    # The nearest point may be a vertex: once is enough.
    fresh = np.hypot(*np.diff(turned, axis=0).T) > 1e-6
    return shapely.LineString(np.concatenate([turned[:1], turned[1:][fresh]]))
