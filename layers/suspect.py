"""Suspect a wrong datum: tracks that would lie on the assets if they were shifted."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from layers.datum import to_wgs84
from layers.faults import Fault
from layers.sources import Source
from layers.trips import Trips

_NEAR_M = 50.0
_SAMPLE = 2_000
_FEWEST = 30
# One datum must explain the points clearly better than the other, not by chance.
_BETTER, _RATIO = 0.3, 2.0


def suspect_datum(
    sources: Sequence[Source], features: gpd.GeoDataFrame, trips: Sequence[Trips]
) -> list[Fault]:
    """Return a fault for each patrol file that lies better on the assets in another datum.

    Only for files whose datum nobody told. Nothing is converted.
    """
    told = {source.file for source in sources if source.datum}
    if not len(features):
        return []
    tree = shapely.STRtree(features.geometry.to_numpy())
    there = pyproj.Transformer.from_crs(4326, features.crs, always_xy=True)

    def share(lon: np.ndarray, lat: np.ndarray) -> float:
        points = shapely.points(*there.transform(lon, lat))
        near = tree.query(points, predicate="dwithin", distance=_NEAR_M)[0]
        return len(np.unique(near)) / len(points)

    faults = []
    for trip in trips:
        file = str(trip.patrols["file"].iloc[0]) if len(trip.patrols) else ""
        if file in told or len(trip.fixes) < _FEWEST:
            continue
        fixes = trip.fixes.iloc[:: max(len(trip.fixes) // _SAMPLE, 1)]
        lon, lat = fixes["lon"].to_numpy(), fixes["lat"].to_numpy()
        as_is = share(lon, lat)
        others = {datum: share(*to_wgs84(lon, lat, datum)) for datum in ("gcj02", "bd09")}
        best = max(others, key=lambda datum: others[datum])
        if others[best] >= _BETTER and others[best] >= _RATIO * as_is:
            values = {"came": "wgs84", "wanted": best, "share": as_is, "better": others[best]}
            faults.append(Fault("datum_suspect", file, values=values))
    return faults
