"""Read tracks drawn as lines or points in GeoJSON and other vector files."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.words import Text
from layers.dates import stamps
from layers.faults import Fault
from layers.patrols.log import read_log
from layers.sources import Source
from layers.tables import Table
from layers.trips import PatrolSource, Trips, fix_rows, gathered, nothing, patrol_rows
from layers.vectors import Layer, read_layers

_TIMES = ("coordTimes", "times", "coordinateProperties")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?")


def read(path: Path, source: Source) -> Trips:
    """Return one patrol a line, its attributes read as a log's row; points as rows of a log.

    A time for each place is taken from `coordTimes`, as converters of GPX write it.
    """
    layers, faults = read_layers(path, source)
    parts = [_trips(layer, source) for layer in layers]
    return gathered(parts, faults=faults) if parts else nothing(*faults)


def _trips(layer: Layer, source: Source) -> Trips:
    shapes = layer.frame.geometry
    cells = pd.DataFrame(layer.frame.drop(columns="geometry"))
    table = Table(layer.file, cells, layer.encoding)
    points = (shapes.geom_type == "Point").to_numpy()
    where = pd.DataFrame({"lon": np.nan, "lat": np.nan}, index=cells.index)
    where.loc[points, "lon"] = shapely.get_x(shapes.to_numpy()[points])
    where.loc[points, "lat"] = shapely.get_y(shapes.to_numpy()[points])
    log = read_log(table, where, layer.crs, source)
    if points.all():
        return log
    lines = shapes[~points & ~shapes.isna().to_numpy() & ~shapes.is_empty.to_numpy()]
    told = log.patrols[log.patrols["row"].isin(lines.index)].set_index("row")
    rows = lines.index.to_numpy(dtype=np.int64).tolist()
    parts = [_line(layer, row, shape, told, source) for row, shape in zip(rows, lines, strict=True)]
    # What a table of lines lacks as a log, it need not have.
    faults = [fault for fault in log.faults if fault.rule != "no_column"]
    return gathered(parts, rows=len(cells), faults=faults)


def _line(
    layer: Layer, row: int, shape: shapely.Geometry, told: pd.DataFrame, source: Source
) -> Trips:
    xy = shapely.get_coordinates(shape)
    texts = [layer.frame[name][row] for name in _TIMES if name in layer.frame.columns]
    times = _INSTANT.findall(texts[0]) if texts else []
    timed = len(times) == len(xy)
    at = stamps(times if timed else [""] * len(xy), source.time_zone or "UTC")
    name = f"{layer.file}#{row}"
    measured = {"started_at": at.min(), "ended_at": at.max()} if timed else {}
    record: dict[str, Any] = {"file": layer.file}
    if row in told.index:
        record |= {str(key): value for key, value in told.loc[row].items()}
    record |= measured | {"patrol_id": name, "row": row, "grade": "A"}
    patrol = patrol_rows([record])
    faults = () if timed else (Fault("no_times", layer.file, row),)
    fixes = fix_rows(name, xy[:, 0], xy[:, 1], at)
    return Trips(patrol, fixes, 1, layer.encoding, layer.crs, faults)


SOURCE = PatrolSource(
    Text("线状轨迹", "tracks drawn as lines"), (".geojson", ".json", ".gpkg", ".shp", ".fgb"), read
)
