"""Write the drawn layers of the demo office, in the mixture of formats offices keep."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layers.demo.courses import CRS, Course
from layers.demo.town import Town
from layers.demo.waters import MAIN

# The main river widens: it is drawn in three pieces, each with its own width.
_MAIN_PIECES = ((0.0, 0.34, 28.0), (0.34, 0.70, 36.0), (0.70, 1.0, 46.0))


def write_layers(folder: Path, town: Town) -> None:
    """Write every layer; the rivers as a Shapefile in GBK without its .cpg."""
    with _one_clock():
        _write_rivers(folder, town)
        _write(_frame(town.of_kind("reservoir")), folder / "reservoirs.gpkg", layer="水库")
        levels = (("villages", "村"), ("towns", "镇"), ("counties", "县"))
        for layer, level in levels:
            _write(_areas(town, level), folder / "areas.gpkg", layer=layer)
        _write(_frame(town.of_kind("canal")).to_crs(4326), folder / "渠道.geojson")
        _write(_frame(town.of_kind("road")).to_crs(4326), folder / "roads.geojson")
        _write(_frame(town.of_kind("pond")).to_crs(4326), folder / "山塘.geojson")
        _write(_parts(town).to_crs(4326), folder / "parts.geojson")


@contextmanager
def _one_clock() -> Iterator[None]:
    """Let GDAL write one fixed time, so that the same town gives the same bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-09-30T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_rivers(folder: Path, town: Town) -> None:
    rivers = town.of_kind("river")
    main = next(river for river in rivers if river.code == MAIN)
    pieces = [_piece(main, *span) for span in _MAIN_PIECES]
    frame = _frame([*pieces, *(river for river in rivers if river.code != MAIN)])
    pyogrio.write_dataframe(
        frame,
        folder / "河流.shp",
        encoding="GBK",
        layer_options={"DBF_DATE_LAST_UPDATE": "2026-09-30"},
    )
    # As offices hand them on: nothing says that the table is in GBK.
    (folder / "河流.cpg").unlink(missing_ok=True)


def _piece(course: Course, first: float, last: float, width_m: float) -> Course:
    count = len(course.path) - 1
    path = course.path[round(first * count) : round(last * count) + 1]
    return Course(course.code, course.name, course.kind, course.grade, path, width_m)


def _frame(courses: Sequence[Course]) -> gpd.GeoDataFrame:
    closed = courses[0].closed
    columns: dict[str, object] = {
        "名称": [course.name for course in courses],
        "编码": [course.code for course in courses],
        "等级": [course.grade for course in courses],
    }
    if not closed:
        columns["宽度"] = [course.width_m for course in courses]
    shapes = [course.polygon if closed else course.line for course in courses]
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=CRS)


def _areas(town: Town, level: str) -> gpd.GeoDataFrame:
    areas = [area for area in town.areas if area.level == level]
    columns = {
        "名称": [area.name for area in areas],
        "编码": [area.code for area in areas],
        "级别": [area.level for area in areas],
        "上级": [area.parent for area in areas],
    }
    shapes = [area.polygon for area in areas]
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=shapes, crs=CRS)


def _parts(town: Town) -> gpd.GeoDataFrame:
    columns = {
        "编号": [part.code for part in town.parts],
        "名称": [part.name for part in town.parts],
        "部位": [part.part for part in town.parts],
        "所属对象": [part.asset for part in town.parts],
    }
    points = shapely.points(np.array([part.point for part in town.parts]))
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=points, crs=CRS)


def _write(frame: gpd.GeoDataFrame, path: Path, layer: str = "") -> None:
    options = {"layer": layer} if layer else {"layer_options": {"COORDINATE_PRECISION": "9"}}
    pyogrio.write_dataframe(frame, path, **options)
