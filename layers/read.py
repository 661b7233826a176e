"""Read a whole project into frames: one metric CRS, UTC times, every fault with its place."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from geo.findings import declared
from geo.projection import metric_crs
from geo.schema import (
    AREAS,
    DUTY_ROWS,
    FEATURES,
    FILES,
    FIXES,
    PARTS,
    PATROLS,
    POSTS,
    PROBLEM_ROWS,
    Areas,
    DutyRows,
    Features,
    Files,
    Fixes,
    Parts,
    Patrols,
    Posts,
    ProblemRows,
    Table,
    conform,
    conform_geo,
    empty,
)
from geo.study import Inputs
from layers import duties, features, positions, problems
from layers.datum import to_wgs84
from layers.faults import FAULTS, Fault, told
from layers.files import digest
from layers.joined import joined
from layers.kinds import ASSET_KINDS, TABLE_SUFFIXES, suffix_of
from layers.osm import read_osm
from layers.project import Project
from layers.sources import Source
from layers.suspect import suspect_datum
from layers.tables import Table as Sheet
from layers.tables import read_tables
from layers.trips import PatrolSource, Trips, gathered
from layers.vectors import Layer, read_layers

_GEO = {t.name: t for t in (FEATURES, AREAS, PARTS, POSTS, PROBLEM_ROWS)}


@dataclass
class _Taken:
    """What is being gathered, by frame name, in degrees."""

    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    trips: list[Trips] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, frame: pd.DataFrame) -> None:
        if len(frame):
            self.frames.setdefault(name, []).append(frame)


def read(project: Project) -> Inputs:
    """Return everything in the project's files; what could not be used is in `rejects`.

    Never raises for what is in a file. The metric CRS is chosen by the middle of the assets, else
    of whatever has a position, else for WGS 84 zone 0, where nothing lies.
    """
    taken = _Taken(faults=list(project.faults))
    for source in project.sources:
        _take(source, taken)
    if not project.sources:
        taken.faults.append(Fault("no_files", project.folder.name))
    elif "features" not in taken.frames:
        taken.faults.append(Fault("no_assets", project.folder.name))
    trips = gathered(taken.trips)
    crs = _crs(taken, trips.fixes)
    frames = {name: _metric(taken, table, crs) for name, table in _GEO.items()}
    taken.faults += suspect_datum(project.sources, frames["features"], trips.patrols, trips.fixes)
    patrols, fixes, more = joined(trips.patrols, trips.fixes)
    taken.faults += more
    language = project.settings.language
    duty_rows = taken.frames.get("duty_rows", [])
    return Inputs(
        crs=crs,
        features=Features(frames["features"]),
        posts=Posts(frames["posts"]),
        areas=Areas(frames["areas"]),
        parts=Parts(frames["parts"]),
        duty_rows=DutyRows(_conformed(duty_rows, DUTY_ROWS)),
        patrols=Patrols(conform(patrols.drop(columns="track"), PATROLS)),
        fixes=_metric_fixes(fixes, crs),
        problem_rows=ProblemRows(frames["problem_rows"]),
        rejects=told(taken.faults, language),
        files=_files(taken),
    )


def _take(source: Source, taken: _Taken) -> None:
    """Read one source into what is gathered, and write down what became of its rows."""
    before = len(taken.faults)
    suffix = suffix_of(source.path)
    if source.kind == "osm":
        facts = _take_osm(source, taken)
    elif source.kind == "patrols":
        facts = _take_patrols(source, taken)
    elif suffix in TABLE_SUFFIXES:
        facts = _take_tables(source, taken)
    else:
        facts = _take_layers(source, taken)
    errors = {
        (fault.file, fault.row)
        for fault in taken.faults[before:]
        if fault.row and FAULTS[fault.rule][0] == "error"
    }
    rows = int(facts.get("rows", 0))
    rejected = rows if facts.get("lost") else min(len(errors), rows)
    taken.files.append(
        {
            "path": source.file,
            "kind": source.kind,
            "rows": rows,
            "used": rows - rejected,
            "rejected": rejected,
            "encoding": facts.get("encoding", ""),
            "crs": facts.get("crs", ""),
            "datum": source.datum or ("wgs84" if facts.get("crs") else ""),
            "sha256": digest(source.path) if source.path.is_file() else "",
            "note": facts.get("note", ""),
        }
    )


def _take_osm(source: Source, taken: _Taken) -> dict[str, Any]:
    frames, faults = read_osm(source.path, source)
    taken.faults += faults
    for name, frame in frames.items():
        taken.add(name, frame)
    rows = sum(len(frame) for frame in frames.values())
    return {"rows": rows, "encoding": "utf-8", "crs": "EPSG:4326"}


def _take_layers(source: Source, taken: _Taken) -> dict[str, Any]:
    layers, faults = read_layers(source.path, source)
    taken.faults += faults
    for layer in layers:
        _take_layer(layer, source, taken)
    return _facts(layers)


def _facts(layers: list[Layer]) -> dict[str, Any]:
    return {
        "rows": sum(len(layer.frame) for layer in layers),
        "encoding": " ".join(sorted({layer.encoding for layer in layers if layer.encoding})),
        "crs": " ".join(sorted({layer.crs for layer in layers if layer.crs})),
    }


def _take_layer(layer: Layer, source: Source, taken: _Taken) -> None:
    kind, given = source.kind, source.columns
    if kind == "duties":
        cells = pd.DataFrame(layer.frame.drop(columns="geometry"))
        rows, faults = duties.read_duties(Sheet(layer.file, cells, layer.encoding), source)
        taken.add("duty_rows", rows)
    elif kind == "problems":
        frame, faults = problems.read_problems(layer, source.time_zone or "UTC", given)
        taken.add("problem_rows", frame)
    elif kind in ASSET_KINDS:
        frame, faults = features.read_features(layer, kind, given)
        taken.add("features", frame)
    elif kind == "areas":
        frame, faults = features.read_areas(layer, source.level, given)
        taken.add("areas", frame)
    elif kind == "posts":
        frame, faults = features.read_posts(layer, given)
        taken.add("posts", frame)
    else:
        frame, faults = features.read_parts(layer, "sign" if kind == "signs" else "", given)
        taken.add("parts", frame)
    taken.faults += faults


_READERS: dict[str, tuple[Callable[[str], bool], str]] = {
    "duties": (duties.known, duties.HEADERS),
    "problems": (problems.known, problems.HEADERS),
    "parts": (features.known, features.HEADERS),
    "signs": (features.known, features.HEADERS),
    "posts": (features.known, features.HEADERS),
}


def _take_tables(source: Source, taken: _Taken) -> dict[str, Any]:
    known, wanted = _READERS[source.kind]
    sheets, faults = read_tables(
        source.path, source.file, known, wanted=wanted, encoding=source.encoding
    )
    taken.faults += faults
    layers = []
    for sheet in sheets:
        if source.kind == "duties":
            rows, more = duties.read_duties(sheet, source)
            taken.add("duty_rows", rows)
            taken.faults += more
        else:
            layer, more = positions.as_layer(sheet, source)
            taken.faults += more
            layers.append(layer)
            _take_layer(layer, source, taken)
    dropped = sum(sheet.dropped for sheet in sheets)
    return {
        "rows": sum(len(sheet.cells) for sheet in sheets),
        "encoding": " ".join(sorted({sheet.encoding for sheet in sheets if sheet.encoding})),
        "crs": " ".join(sorted({layer.crs for layer in layers if layer.crs})),
        "note": f"合计、备注、重复表头等 {dropped} 行未计入" if dropped else "",
    }


@cache
def _formats() -> dict[str, PatrolSource]:
    return declared("layers.patrols", "SOURCE", PatrolSource)


def _take_patrols(source: Source, taken: _Taken) -> dict[str, Any]:
    formats = _formats()
    suffix = suffix_of(source.path)
    reader = next((f for f in formats.values() if suffix in f.suffixes), None)
    if reader is None:
        wanted = " ".join(sorted({s for f in formats.values() for s in f.suffixes}))
        values = {"wanted": wanted, "came": suffix}
        taken.faults.append(Fault("unknown_format", source.file, values=values))
        return {}
    trips = reader.read(source.path, source)
    lon, lat = to_wgs84(trips.fixes["lon"].to_numpy(), trips.fixes["lat"].to_numpy(), source.datum)
    taken.trips.append(replace(trips, fixes=trips.fixes.assign(lon=lon, lat=lat)))
    taken.faults += trips.faults
    return {
        "rows": trips.rows,
        "encoding": trips.encoding,
        "crs": (trips.crs or "EPSG:4326") if len(lon) else "",
    }


def _crs(taken: _Taken, fixes: pd.DataFrame) -> pyproj.CRS:
    boxes = [_bounds(frame) for frame in taken.frames.get("features", [])]
    boxes = boxes or [_bounds(f) for name in _GEO for f in taken.frames.get(name, [])]
    boxes = boxes or [_box(fixes)] * (len(fixes) > 0)
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return pyproj.CRS.from_epsg(32631)
    whole = np.array(boxes)
    west, south = whole[:, :2].min(axis=0)
    east, north = whole[:, 2:].max(axis=0)
    return metric_crs(float(west), float(south), float(east), float(north))


def _bounds(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(gpd.GeoDataFrame(frame).total_bounds)


def _box(fixes: pd.DataFrame) -> np.ndarray:
    lon, lat = fixes["lon"].to_numpy(), fixes["lat"].to_numpy()
    return np.array([lon.min(), lat.min(), lon.max(), lat.max()])


def _metric(taken: _Taken, table: Table, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the gathered rows of a frame in the metric CRS."""
    parts = taken.frames.get(table.name, [])
    if not parts:
        return conform_geo(empty(table, crs), table)
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)
    return conform_geo(frame.to_crs(crs), table)


def _metric_fixes(fixes: pd.DataFrame, crs: pyproj.CRS) -> Fixes:
    there = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    x, y = there.transform(fixes["lon"].to_numpy(), fixes["lat"].to_numpy())
    metric = fixes.drop(columns=["lon", "lat"]).assign(x_m=x, y_m=y)
    return Fixes(conform(metric[np.isfinite(x) & np.isfinite(y)], FIXES))


def _conformed(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    return conform(pd.concat(parts, ignore_index=True), table) if parts else empty(table)


def _files(taken: _Taken) -> Files:
    return Files(conform(pd.DataFrame(taken.files, columns=FILES.names), FILES))
