"""Bring everything into one metric CRS, and report what lies too far away to be measured in it."""

from collections.abc import Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.projection import metric_crs
from geo.schema import FIXES, Fixes, Table, conform, conform_geo, empty
from layers.faults import Fault

# An office's work ends long before this; what lies beyond is a slip of a coordinate.
_FAR_M = 1_000_000.0


def choose(frames: Sequence[pd.DataFrame], patrols: Sequence[tuple[float, float]]) -> pyproj.CRS:
    """Return the metric CRS of the middle feature of `frames`, else of the middle patrol.

    `patrols` are the middles of those with fixes, in degrees.

    The middle by number and not of the box: one slip to 0, 0 must not move a whole town into
    another zone. Without any position UTM zone 31.
    """
    bounds = [shapely.bounds(gpd.GeoDataFrame(frame).geometry.to_numpy()) for frame in frames]
    boxes = np.concatenate([np.empty((0, 4)), *bounds])
    lon, lat = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    if not np.isfinite(lon).any():
        lon, lat = np.array(patrols, dtype=np.float64).reshape(-1, 2).T
    right = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if not right.any():
        return pyproj.CRS.from_epsg(32631)
    x, y = float(np.median(lon[right])), float(np.median(lat[right]))
    return metric_crs(x, y, x, y)


def in_metres(
    parts: Sequence[pd.DataFrame], table: Table, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the rows of `parts` in the metric CRS as the frame of `table`, and what is too far."""
    if not parts:
        return conform_geo(empty(table, crs), table), []
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)
    metric = frame.to_crs(crs)
    shapes = metric.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    there = ~(metric.geometry.isna() | metric.geometry.is_empty).to_numpy()
    known = bounds[np.isfinite(bounds).all(axis=1)]
    middle = np.median(known, axis=0) if len(known) else np.zeros(4)
    away = np.abs(bounds - middle).max(axis=1)
    far = there & ~(away < _FAR_M)
    degrees = shapely.bounds(frame.geometry.to_numpy())
    faults = [
        Fault("too_far", str(file), int(row), values={"came": f"{box[0]:.5g}, {box[1]:.5g}"})
        for file, row, box in zip(
            metric["file"][far], metric["row"][far], degrees[far], strict=True
        )
    ]
    return conform_geo(metric[~far], table), faults


def fixes_in_metres(fixes: pd.DataFrame, crs: pyproj.CRS) -> Fixes:
    """Return fixes in the metric CRS; what it cannot hold is left out."""
    x, y = _to_metres(crs).transform(fixes["lon"].to_numpy(), fixes["lat"].to_numpy())
    metric = fixes.drop(columns=["lon", "lat"]).assign(x_m=x, y_m=y)
    return Fixes(conform(metric[np.isfinite(x) & np.isfinite(y)], FIXES))


@cache
def _to_metres(crs: pyproj.CRS) -> pyproj.Transformer:
    # Dear to make, and asked for with every few patrols.
    return pyproj.Transformer.from_crs(4326, crs, always_xy=True)
