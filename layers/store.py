"""Keep a study in one GeoPackage, and read its frames back."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.errors
import pyproj

from geo.schema import TABLES, Routes, Table, conform, empty
from geo.settings import Settings
from geo.study import Study
from layers.faults import PatrolmapError
from layers.files import whole
from layers.styles import STYLES, qml

_LIBRARIES = ("patrolmap", "geopandas", "shapely", "pyproj", "pandas", "numpy")
_BY_NAME = {table.name: table for table in TABLES}
# GDAL writes the clock into a GeoPackage; the same study must give the same bytes.
_MOMENT = "2000-01-01T00:00:00.000Z"


class ResultsError(PatrolmapError):
    """A results file that is none of ours or is broken."""


def store(study: Study, path: Path, *, routes: Routes | None = None) -> None:
    """Write every frame of a study into a GeoPackage at `path`, whole or not at all.

    Tables without geometry are layers without geometry. Layer `run` records versions, parameters
    and the hash of every input file. The same study gives the same bytes. With planned `routes`,
    these are a layer, too.
    """
    frames = _frames(study)
    if routes is not None:
        frames["routes"] = routes
    write_frames(path, frames, run_record(study), study.inputs.crs)


def write_frames(
    path: Path, frames: Mapping[str, pd.DataFrame], run: pd.DataFrame, crs: pyproj.CRS
) -> None:
    """Write frames by the name of their table, and layer `run`, whole or not at all."""
    with whole(path) as temporary:
        temporary.unlink()
        for name, frame in frames.items():
            _write(temporary, name, frame, crs)
        _write_table(temporary, "run", run)
        _finish(temporary, frames)


def read_results(path: Path) -> dict[str, pd.DataFrame]:
    """Return the frames of a results file by name, `run` among them; fixes are not kept.

    Raises `ResultsError` when it is no results file.
    """
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    except (pyogrio.errors.DataSourceError, OSError) as error:
        msg = f"{path.name}: wanted a results file written by patrolmap; came {error}"
        raise ResultsError(msg) from error
    if "run" not in layers:
        msg = f"{path.name}: wanted a results file with a layer 'run'; it has {layers}"
        raise ResultsError(msg)
    frames = {name: _read(path, _BY_NAME[name]) for name in layers if name in _BY_NAME}
    return frames | {"run": pyogrio.read_dataframe(path, layer="run")}


def _frames(study: Study) -> dict[str, pd.DataFrame]:
    """Return the frames of a study by the name of their table."""
    inputs = study.inputs
    own: Mapping[str, Any] = {
        name: getattr(study, name, getattr(inputs, name, None)) for name in _BY_NAME
    }
    return {name: frame for name, frame in own.items() if isinstance(frame, pd.DataFrame)}


def _write(path: Path, name: str, frame: pd.DataFrame, crs: pyproj.CRS) -> None:
    columns: dict[str, Any] = {}
    for column in _BY_NAME[name].columns:
        values = frame[column.name]
        if column.kind in {"at", "on"}:
            # ISO text: a GeoPackage knows no missing zone, and sorts text as time.
            form = "%Y-%m-%dT%H:%M:%S.%fZ" if column.kind == "at" else "%Y-%m-%d"
            values = values.dt.strftime(form).astype(object).where(values.notna(), None)
        columns[column.name] = values
    flat = pd.DataFrame(columns)
    if not _BY_NAME[name].geometry:
        _write_table(path, name, flat)
        return
    layer = gpd.GeoDataFrame(flat, geometry=frame["geometry"].to_numpy(), crs=crs)
    pyogrio.write_dataframe(
        layer, path, layer=name, driver="GPKG", geometry_type="Unknown", append=path.exists()
    )


def _write_table(path: Path, name: str, frame: pd.DataFrame) -> None:
    pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())


def run_record(study: Study) -> pd.DataFrame:
    """Return the run record as key and value: what was run, on what, with which parameters."""
    rows = [("as_of", study.as_of.isoformat()), ("crs", pyproj.CRS(study.inputs.crs).to_string())]
    rows += [(f"version.{name}", _version(name)) for name in _LIBRARIES]
    rows += [(f"setting.{key}", value) for key, value in _parameters(study.settings)]
    files = study.inputs.files
    rows += [
        (f"sha256.{path}", digest)
        for path, digest in zip(files["path"], files["sha256"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["key", "value"])


def _parameters(settings: Settings) -> list[tuple[str, str]]:
    return sorted((key, repr(value)) for key, value in asdict(settings).items())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def _finish(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Fix the clock, add QGIS styles and pack the file, so that equal studies are equal bytes."""
    with sqlite3.connect(path) as base:
        base.execute("UPDATE gpkg_contents SET last_change = ?", (_MOMENT,))
        base.execute(
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_catalog TEXT, "
            "f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT, styleName TEXT, "
            "styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT, "
            "ui TEXT, update_time TEXT)"
        )
        for name, style in STYLES.items():
            if name not in frames:
                continue
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, ui, update_time) VALUES ('', '', ?, 'geom', 'patrolmap', ?, '', 1, '', '', "
                "'', ?)",
                (name, qml(style), _MOMENT),
            )
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
            "last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (_MOMENT,),
        )
    base.close()
    packed = sqlite3.connect(path)
    packed.execute("VACUUM")
    packed.close()


def _read(path: Path, table: Table) -> pd.DataFrame:
    frame = pyogrio.read_dataframe(path, layer=table.name)
    if not len(frame):
        return empty(table, getattr(frame, "crs", None) or "EPSG:4326")
    for column in table.columns:
        values = frame[column.name]
        if column.kind == "at":
            frame[column.name] = pd.to_datetime(values, utc=True, format="ISO8601")
        elif column.kind == "on":
            frame[column.name] = pd.to_datetime(values, format="ISO8601")
    return conform(frame[table.names], table)
