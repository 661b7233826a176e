"""Read vector files of any make into degrees, row by row traceable."""

import glob
import os
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fiona
import fiona.errors
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
import pyproj
import pyproj.exceptions
import shapely

from layers import crs as systems
from layers.datum import to_wgs84
from layers.dbf import beside, encoding_of, records_of
from layers.faults import Fault
from layers.files import BAD_ARCHIVE, UnsafeFileError, unpack
from layers.kinds import VECTOR_SUFFIXES, suffix_of
from layers.sources import Source
from layers.tables import as_text
from layers.text import codec

# What GDAL, through either engine, raises for a file that is not what it should be.
BROKEN = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    fiona.errors.FionaError,
    pyproj.exceptions.CRSError,
    shapely.errors.ShapelyError,
    UnicodeError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Layer:
    """One layer in degrees of WGS 84: attributes as text, indexed by record number from 1.

    `crs` and `datum` say in words what it was read as.
    """

    file: str
    frame: gpd.GeoDataFrame
    encoding: str
    crs: str
    datum: str


def read_layers(path: Path, source: Source) -> tuple[list[Layer], list[Fault]]:
    """Return the layers of a vector file that hold geometry, and what was wrong; never raises.

    A zip is unpacked and every layer inside it read. `source.layer` names the one layer to read.
    """
    if suffix_of(path) in {".zip", ".kmz"} and not path.name.lower().endswith(".gdb.zip"):
        return _read_zip(path, source)
    if "!" in path.name or (path.suffix.lower() == ".shp" and not beside(path, ".shx")):
        return _read_copy(path, source)
    faults: list[Fault] = []
    try:
        with _listening(source.file):
            found = pyogrio.list_layers(path)
    except BROKEN as error:
        return [], [unreadable(source.file, error, path)]
    names = [str(n) for n, shape in found if shape is not None and source.layer in {"", n}]
    layers = []
    for name in names:
        file = source.file if len(names) == 1 else f"{source.file}[{name}]"
        layer, more = _read(path, name, file, source)
        layers += [layer] if layer is not None else []
        faults += more
    if not names:
        faults.append(Fault("empty_layer", source.file))
    return layers, faults


def _read_copy(path: Path, source: Source) -> tuple[list[Layer], list[Fault]]:
    """Read a copy under a plain name.

    `!` means an archive to GDAL, and an index that is missing can be made anew, but not in the
    office's own folder.
    """
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / f"copy{path.suffix.lower()}"
        for file in path.parent.glob(f"{glob.escape(path.stem)}.*"):
            shutil.copyfile(file, plain.with_suffix(file.suffix.lower()))
        if plain.suffix == ".shp" and not plain.with_suffix(".shx").exists():
            faults.append(Fault("restored_index", source.file))
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
        try:
            with _listening(source.file):
                # Looking at it is what makes the index.
                pyogrio.list_layers(plain)
            layers, more = read_layers(plain, source)
        except BROKEN as error:
            return [], [unreadable(source.file, error, plain)]
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})
    return layers, faults + more


def _read_zip(path: Path, source: Source) -> tuple[list[Layer], list[Fault]]:
    layers: list[Layer] = []
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            members = unpack(path, Path(folder))
        except UnsafeFileError as error:
            return [], [Fault("unsafe", source.file, values={"came": error})]
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            return [], [unreadable(source.file, error)]
        readable = [m for m in members if suffix_of(m) in VECTOR_SUFFIXES and m.suffix != ".zip"]
        for member in readable:
            more, wrong = read_layers(member, source.inside(member.relative_to(folder).as_posix()))
            layers += more
            faults += wrong
    if not readable:
        came = ", ".join(m.name for m in members[:5]) or "-"
        values = {"wanted": ".shp .gpkg .geojson .kml", "came": came}
        faults.append(Fault("unknown_format", source.file, values=values))
    return layers, faults


def _read(path: Path, name: str, file: str, source: Source) -> tuple[Layer | None, list[Fault]]:
    shapefile = path.suffix.lower() == ".shp"
    told = codec(source.encoding)
    faults: list[Fault] = []
    try:
        with _listening(file) as said:
            frame = _bulk(path, name, "ISO-8859-1" if shapefile else told or None)
        faults += said
    except BROKEN as error:
        try:
            frame, more = _one_by_one(path, name, file)
        except BROKEN:
            return None, [unreadable(file, error, path)]
        faults += more
    encoding = told
    if shapefile:
        encoding, more = encoding_of(path, file, told)
        frame = records_of(frame, encoding)
        faults += more
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    if not len(frame):
        return None, [*faults, Fault("empty_layer", file)]
    return _in_degrees(file, _as_texts(frame), encoding, source, faults)


def _bulk(path: Path, name: str, encoding: str | None) -> gpd.GeoDataFrame:
    frame = pyogrio.read_dataframe(
        path,
        layer=name,
        encoding=encoding,
        datetime_as_string=True,
        # A geometry that cannot be built becomes a row without one, not the end of the file.
        on_invalid="ignore",
    )
    if not isinstance(frame, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(frame, geometry=np.full(len(frame), None, dtype=object))
    return frame


def _one_by_one(path: Path, name: str, file: str) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return what can be read record by record, up to the first record that stops the reader."""
    records: list[dict[str, Any]] = []
    shapes: list[Any] = []
    faults: list[Fault] = []
    with _listening(file) as said, fiona.open(path, layer=name) as layer:
        crs = layer.crs_wkt
        rows = iter(layer)
        while True:
            try:
                record = next(rows)
                shape = record.geometry and shapely.geometry.shape(record.geometry)
            except StopIteration:
                break
            except BROKEN as error:
                values = {"kind": Path(file).suffix, "came": _short(error)}
                faults.append(Fault("unreadable", file, len(records) + 1, values=values))
                if len(faults) > 20:
                    break
                records.append({})
                shapes.append(None)
                continue
            records.append(dict(record.properties))
            shapes.append(shape)
    frame = gpd.GeoDataFrame(pd.DataFrame(records), geometry=shapes, crs=crs or None)
    return frame, [*said, *faults]


@contextmanager
def _listening(file: str) -> Iterator[list[Fault]]:
    """Collect what the readers warn of as faults, each sentence once."""
    said: list[Fault] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield said
    texts = dict.fromkeys(_short(w.message) for w in caught)
    said += [Fault("reader_said", file, values={"came": text}) for text in list(texts)[:5]]


def _as_texts(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with every attribute as text, '' for nothing."""
    columns = {}
    for name in frame.columns.drop("geometry"):
        values = frame[name].astype(object)
        unique = {v: as_text(v) for v in pd.unique(values.dropna().map(_hashable))}
        columns[str(name)] = values.map(lambda v, u=unique: u.get(_hashable(v), ""))
    attributes = pd.DataFrame(columns, index=frame.index).fillna("").astype(object)
    return gpd.GeoDataFrame(attributes, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _hashable(value: object) -> object:
    return str(value) if isinstance(value, list | dict | np.ndarray | bytes) else value


def _in_degrees(
    file: str, frame: gpd.GeoDataFrame, encoding: str, source: Source, faults: list[Fault]
) -> tuple[Layer | None, list[Fault]]:
    shapes = shapely.force_2d(frame.geometry.to_numpy())
    xy = shapely.get_coordinates(shapes)
    crs = pyproj.CRS(frame.crs) if frame.crs is not None else None
    judged = systems.judge(file, crs, xy[:, 0], xy[:, 1], source.crs)
    if judged.fault:
        faults = [*faults, judged.fault]
    if judged.crs is None:
        return None, faults
    x, y = (xy[:, 1], xy[:, 0]) if judged.swap else (xy[:, 0], xy[:, 1])
    try:
        lon, lat = to_wgs84(*systems.degrees(x, y, judged.crs), source.datum)
    except pyproj.exceptions.ProjError:
        values = {"wanted": judged.crs.name, "came": "?"}
        return None, [*faults, Fault("bad_crs", file, values=values)]
    shapes = shapely.set_coordinates(shapes, np.column_stack([lon, lat]))
    named = judged.crs.to_string() if len(judged.crs.to_string()) < 40 else judged.crs.name
    degrees = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=systems.WGS84)
    return Layer(file, degrees, encoding, named, source.datum), faults


def unreadable(file: str, error: Exception, path: Path | None = None) -> Fault:
    """Return the fault of a file that could not be read at all."""
    if isinstance(error, BAD_ARCHIVE):
        return Fault("bad_archive", file)
    came = _short(error, path)
    return Fault("unreadable", file, values={"kind": Path(file).suffix, "came": came})


def _short(error: object, path: Path | None = None) -> str:
    """Return the first sentence of what a library said, without the folders of this machine."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    text = text.replace(f"{path.parent}{os.sep}", "") if path else text
    return text if len(text) < 160 else text[:157] + "..."
