"""Suspect a wrong datum: tracks that would lie on the assets if they were shifted."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.datum import to_wgs84
from layers.faults import Fault
from layers.sources import Source

_NEAR_M = 50.0
_SAMPLE = 1_000
_FEWEST = 10
# About 100 m.
_SPOT_DEG = 0.001
# One datum must explain the points clearly better than the other, not by chance.
_BETTER, _RATIO = 0.3, 2.0


def suspect_datum(
    sources: Sequence[Source],
    features: gpd.GeoDataFrame,
    patrols: pd.DataFrame,
    fixes: pd.DataFrame,
) -> list[Fault]:
    """Return a fault for each patrol file that lies better on the assets in another datum.

    `fixes` are in degrees, before logs and tracks were joined. Only files whose datum nobody told
    are asked. Nothing is converted.
    """
    told = {source.file for source in sources if source.datum}
    file = fixes["patrol_id"].map(patrols.set_index("patrol_id")["file"].to_dict())
    sample = _sample(fixes[["lon", "lat"]].assign(file=file)[~file.isin(told)])
    if not len(features) or not len(sample):
        return []
    tree = shapely.STRtree(features.geometry.to_numpy())
    there = pyproj.Transformer.from_crs(4326, features.crs, always_xy=True)
    shares = {}
    for datum in ("wgs84", "gcj02", "bd09"):
        lon, lat = to_wgs84(sample["lon"].to_numpy(), sample["lat"].to_numpy(), datum)
        points = shapely.points(*there.transform(lon, lat))
        near = np.zeros(len(points), dtype=bool)
        near[tree.query(points, predicate="dwithin", distance=_NEAR_M)[0]] = True
        shares[datum] = pd.Series(near).groupby(sample["file"].to_numpy()).mean()
    table = pd.DataFrame(shares)
    faults = []
    for name, as_is, *others in table.itertuples():
        better = max(others)
        if better >= _BETTER and better >= _RATIO * as_is:
            wanted = ("gcj02", "bd09")[others.index(better)]
            values = {"came": "wgs84", "wanted": wanted, "share": as_is, "better": better}
            faults.append(Fault("datum_suspect", str(name), values=values))
    return faults


def _sample(fixes: pd.DataFrame) -> pd.DataFrame:
    """Return one fix for each spot of a file, of files that went to enough spots to tell.

    A phone that lay in an office lies by chance on something in one datum or another.
    """
    spots = fixes.assign(x=(fixes["lon"] / _SPOT_DEG).round(), y=(fixes["lat"] / _SPOT_DEG).round())
    spots = spots.drop_duplicates(["file", "x", "y"])
    groups = spots.groupby("file")["lon"]
    return spots[(groups.transform("size") >= _FEWEST) & (groups.cumcount() < _SAMPLE)]
