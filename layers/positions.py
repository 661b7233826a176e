"""Find the positions in a table: two columns, one column, surveyors' northing first."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers import crs as systems
from layers.columns import Wanted, recognise
from layers.datum import to_wgs84
from layers.faults import Fault
from layers.numbers import coordinates, pairs
from layers.sources import Source
from layers.tables import Table, is_blank
from layers.vectors import Layer

LON = Wanted(
    "lon",
    ("经度", "lon", "lng", "longitude", "long", "gps经度", "东经", "x", "x坐标", "横坐标", "jd"),
)
LAT = Wanted("lat", ("纬度", "lat", "latitude", "gps纬度", "北纬", "y", "y坐标", "纵坐标", "wd"))
BOTH = Wanted(
    "position", ("坐标", "经纬度", "位置坐标", "gps", "gps坐标", "定位", "lonlat", "position")
)
POSITION = (LON, LAT, BOTH)


def degrees_of(table: Table, source: Source) -> tuple[pd.DataFrame, str, list[Fault]]:
    """Return `lon` and `lat` in WGS 84 of each row, NaN for none, and the system in words.

    A row that says something which is no position is a fault; one that says nothing is not.
    """
    cells = table.cells
    column = recognise(cells, POSITION, source.columns)
    nowhere = pd.DataFrame({"lon": np.nan, "lat": np.nan}, index=cells.index)
    if {"lon", "lat"} <= column.keys():
        said = cells[column["lon"]] + ", " + cells[column["lat"]]
        silent = is_blank(cells[column["lon"]]) & is_blank(cells[column["lat"]])
        x, y = coordinates(cells[column["lon"]]), coordinates(cells[column["lat"]])
        shown = column["lon"]
    elif "position" in column:
        said, shown = cells[column["position"]], column["position"]
        silent = is_blank(said)
        x, y = pairs(said)
    else:
        return nowhere, "", []
    finite = np.isfinite(x) & np.isfinite(y)
    faults = _unplaced(said[~finite & ~silent], table.file, shown, column=not finite.any())
    if not finite.any():
        return nowhere, "", faults
    judged = systems.judge(table.file, None, x.to_numpy(), y.to_numpy(), source.crs)
    # Degrees need no label in a table: that is what the columns are called.
    if judged.fault and not (judged.fault.rule == "assumed_crs" and judged.crs == systems.WGS84):
        faults.append(judged.fault)
    if judged.crs is None:
        return nowhere, "", faults
    x, y = (y, x) if judged.swap else (x, y)
    lon, lat = systems.degrees(x.to_numpy(), y.to_numpy(), judged.crs)
    faults += _unplaced(said[finite & ~np.isfinite(lon)], table.file, shown, column=False)
    lon, lat = to_wgs84(lon, lat, source.datum)
    return pd.DataFrame({"lon": lon, "lat": lat}, index=cells.index), judged.crs.to_string(), faults


def _unplaced(said: pd.Series, file: str, shown: str, *, column: bool) -> list[Fault]:
    """Return a fault for each row that says no position, one for all when it is the `column`."""
    if column and len(said) > 1:
        row, values = int(said.index[0]), {"came": said.iloc[0], "count": len(said)}
        return [Fault("bad_positions", file, row, shown, values)]
    rows = zip(said.index.to_numpy().tolist(), said, strict=True)
    return [Fault("bad_position", file, row, shown, {"came": text}) for row, text in rows]


def as_layer(table: Table, source: Source) -> tuple[Layer, list[Fault]]:
    """Return a table as a layer of points, rows without a position with none."""
    where, crs, faults = degrees_of(table, source)
    points: Any = shapely.points(where["lon"], where["lat"])
    points[~np.isfinite(where["lon"].to_numpy())] = None
    frame = gpd.GeoDataFrame(table.cells, geometry=points, crs=systems.WGS84)
    return Layer(table.file, frame, table.encoding, crs, source.datum), faults
