"""Suspect a wrong datum: tracks that would lie on the assets if they were shifted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.datum import to_wgs84
from layers.faults import Fault
from layers.trips import Trips

_NEAR_M = 50.0
_SAMPLE = 1_000
_FEWEST = 10
# About 100 m.
_SPOT_DEG = 0.001
# One datum must explain the points clearly better than the other, not by chance.
_BETTER, _RATIO = 0.3, 2.0


def suspect_datum(sample: pd.DataFrame, features: gpd.GeoDataFrame) -> list[Fault]:
    """Return a fault for each patrol file that lies better on the assets in another datum.

    `sample` are spots of the files whose datum nobody told. Nothing is converted.
    """
    sample = sample[sample.groupby("file")["lon"].transform("size") >= _FEWEST]
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


def spots(trips: Trips, known: pd.DataFrame) -> pd.DataFrame:
    """Return `known` spots and one fix for each new spot of the files of `trips`, up to enough.

    Columns: file, lon, lat; in degrees. A phone that lay in an office lies by chance on something
    in one datum or another: files that went to few spots are not judged.
    """
    file = trips.fixes["patrol_id"].map(trips.patrols.set_index("patrol_id")["file"].to_dict())
    fixes = trips.fixes[["lon", "lat"]].assign(file=file)
    found = pd.concat([part for part in (known, fixes) if len(part)] or [known])
    at = {"x": (found["lon"] / _SPOT_DEG).round(), "y": (found["lat"] / _SPOT_DEG).round()}
    found = found.assign(**at).drop_duplicates(["file", "x", "y"])
    return found[found.groupby("file").cumcount() < _SAMPLE][["file", "lon", "lat"]]


def no_spots() -> pd.DataFrame:
    """Return no spot of any file."""
    return pd.DataFrame({"file": np.array([], dtype=object), "lon": [], "lat": []})
