"""Read a whole project into frames: one metric CRS, UTC times, every fault with its place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

from geo.findings import declared
from geo.schema import (
    AREAS,
    CREWS,
    DUTY_ROWS,
    FEATURES,
    FILES,
    HEADINGS,
    PARTS,
    PATROLS,
    POSTS,
    PROBLEM_ROWS,
    Areas,
    Crews,
    DutyRows,
    Features,
    Files,
    Headings,
    Parts,
    Patrols,
    Posts,
    ProblemRows,
    Table,
    conform,
    empty,
)
from geo.study import Inputs
from layers import crews, duties, features, layout, positions, problems
from layers.columns import plain
from layers.faults import FAULTS, Fault, told
from layers.files import digest
from layers.joined import joined
from layers.kinds import ASSET_KINDS, TABLE_SUFFIXES, VECTOR_SUFFIXES, suffix_of
from layers.logs import Log, patrols_of, read_log_file, spots_of, trails_of
from layers.metric import choose, in_metres
from layers.osm import read_osm
from layers.project import Project
from layers.shelf import Shelf
from layers.sources import Source
from layers.suspect import suspect_datum
from layers.tables import Table as Sheet
from layers.tables import read_tables
from layers.trips import PatrolSource
from layers.vectors import Layer, read_layers

_GEO = {t.name: t for t in (FEATURES, AREAS, PARTS, POSTS, PROBLEM_ROWS)}


@dataclass
class _Taken:
    """What is being gathered, by frame name, in degrees; fixes go to the shelf at once."""

    shelf: Shelf
    frames: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    logs: list[Log] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, frame: pd.DataFrame) -> None:
        if len(frame):
            self.frames.setdefault(name, []).append(frame)


@dataclass(frozen=True)
class _Facts:
    rows: int = 0
    used: int = 0
    encoding: str = ""
    crs: str = ""
    note: str = ""


def read(project: Project, shelf: Shelf | None = None) -> Inputs:
    """Return everything in the project's files; what could not be used is in `rejects`.

    Files of patrols that `shelf` holds are not read again, and no fixes of theirs are in memory.
    Never raises for what is in a file. The metric CRS is chosen by the middle of the assets, else
    of whatever has a position, else for WGS 84 zone 0, where nothing lies.
    """
    taken = _Taken(shelf or Shelf(), faults=list(project.faults))
    for source in project.sources:
        _take(source, taken)
    if not project.sources:
        taken.faults.append(Fault("no_files", project.folder.name))
    elif "features" not in taken.frames:
        taken.faults.append(Fault("no_assets", project.folder.name))
    taken.shelf.keep_files([log.key for log in taken.logs])
    placed = taken.frames.get("features") or [f for n in _GEO for f in taken.frames.get(n, [])]
    crs = choose(placed, [middle for log in taken.logs for middle in log.middle])
    frames = {}
    for name, table in _GEO.items():
        frames[name], far = in_metres(taken.frames.get(name, []), table, crs)
        taken.faults += far
    taken.faults += suspect_datum(spots_of(taken.logs), frames["features"])
    patrols, owner, more = joined(patrols_of(taken.logs))
    taken.faults += more
    known = Patrols(conform(patrols.drop(columns="track"), PATROLS))
    language = project.settings.language
    duty_rows = taken.frames.get("duty_rows", [])
    return Inputs(
        crs=crs,
        features=Features(frames["features"]),
        posts=Posts(frames["posts"]),
        areas=Areas(frames["areas"]),
        parts=Parts(frames["parts"]),
        duty_rows=DutyRows(_conformed(duty_rows, DUTY_ROWS)),
        patrols=known,
        trails=trails_of(taken.logs, taken.shelf, known, owner, crs),
        problem_rows=ProblemRows(frames["problem_rows"]),
        rejects=told(taken.faults, language),
        files=_files(taken),
        headings=Headings(_conformed(taken.frames.get("headings", []), HEADINGS)),
        crews=Crews(_conformed(taken.frames.get("crews", []), CREWS)),
    )


def _take(source: Source, taken: _Taken) -> None:
    """Read one source into what is gathered, and write down what became of its rows."""
    sha = digest(source.path) if source.path.is_file() else ""
    if source.kind == "osm":
        facts = _take_osm(source, taken)
    elif source.kind == "patrols":
        facts = _take_patrols(source, taken, sha)
    elif suffix_of(source.path) in TABLE_SUFFIXES:
        facts = _take_tables(source, taken)
    else:
        facts = _take_layers(source, taken)
    taken.files.append(
        {
            "path": source.file,
            "kind": source.kind,
            "rows": facts.rows,
            "used": facts.used,
            "rejected": facts.rows - facts.used,
            "encoding": facts.encoding,
            "crs": facts.crs,
            "datum": source.datum or ("wgs84" if facts.crs else ""),
            "sha256": sha,
            "note": facts.note,
        }
    )


def _take_osm(source: Source, taken: _Taken) -> _Facts:
    frames, faults = read_osm(source.path, source)
    taken.faults += faults
    for name, frame in frames.items():
        taken.add(name, frame)
    rows = sum(len(frame) for frame in frames.values())
    return _Facts(rows, rows, "utf-8", "EPSG:4326")


def _take_layers(source: Source, taken: _Taken) -> _Facts:
    layers, faults = read_layers(source.path, source)
    taken.faults += faults
    used = sum(_take_layer(layer, source, taken) for layer in layers)
    return _Facts(
        rows=sum(len(layer.frame) for layer in layers),
        used=used,
        encoding=_words(layer.encoding for layer in layers),
        crs=_words(layer.crs for layer in layers),
    )


def _take_layer(layer: Layer, source: Source, taken: _Taken) -> int:
    """Read one layer as what its source holds, and return how many of its rows were used."""
    kind, given = source.kind, source.columns
    if kind == "duties":
        cells = pd.DataFrame(layer.frame.drop(columns="geometry"))
        return _take_duties(Sheet(layer.file, cells, layer.encoding), source, taken)
    if kind == "problems":
        name = "problem_rows"
        frame, faults = problems.read_problems(layer, source.time_zone or "UTC", given)
    elif kind in ASSET_KINDS:
        name = "features"
        frame, faults = features.read_features(layer, kind, given)
    elif kind == "areas":
        name = "areas"
        frame, faults = features.read_areas(layer, source.level, given)
    elif kind == "posts":
        name = "posts"
        frame, faults = features.read_posts(layer, given)
    else:
        name = "parts"
        frame, faults = features.read_parts(layer, "sign" if kind == "signs" else "", given)
    taken.add(name, frame)
    taken.faults += faults
    return len(frame)


def _take_duties(sheet: Sheet, source: Source, taken: _Taken) -> int:
    rows, faults = duties.read_duties(sheet, source)
    taken.add("duty_rows", rows)
    taken.add("headings", layout.headings(sheet, source))
    taken.faults += faults
    return rows["row"].nunique() if len(rows) else 0


def _take_crews(sheet: Sheet, source: Source, taken: _Taken) -> int:
    rows, faults = crews.read_crews(sheet, source)
    taken.add("crews", rows)
    taken.faults += faults
    return len(rows)


_READERS: dict[str, tuple[Callable[[str], bool], str]] = {
    "crews": (crews.known, crews.HEADERS),
    "duties": (layout.known, layout.HEADERS),
    "problems": (problems.known, problems.HEADERS),
    "parts": (features.known, features.HEADERS),
    "signs": (features.known, features.HEADERS),
    "posts": (features.known, features.HEADERS),
}


def _take_tables(source: Source, taken: _Taken) -> _Facts:
    if source.kind not in _READERS:
        values = {"wanted": " ".join(VECTOR_SUFFIXES), "came": suffix_of(source.path)}
        taken.faults.append(Fault("unknown_format", source.file, values=values))
        return _Facts()
    known, wanted = _READERS[source.kind]
    told_names = {plain(name) for name in source.columns.values()}
    sheets, faults = read_tables(
        source.path,
        source.file,
        lambda header: header in told_names or known(header),
        wanted=wanted,
        encoding=source.encoding,
    )
    taken.faults += faults
    used, crs = 0, []
    for sheet in sheets:
        if source.kind == "duties":
            used += _take_duties(sheet, source, taken)
            continue
        if source.kind == "crews":
            used += _take_crews(sheet, source, taken)
            continue
        layer, more = positions.as_layer(sheet, source)
        taken.faults += more
        crs.append(layer.crs)
        used += _take_layer(layer, source, taken)
    dropped = sum(sheet.dropped for sheet in sheets)
    return _Facts(
        rows=sum(len(sheet.cells) for sheet in sheets),
        used=used,
        encoding=_words(sheet.encoding for sheet in sheets),
        crs=_words(crs),
        note=f"合计、备注、重复表头等 {dropped} 行未计入" if dropped else "",
    )


def _words(texts: Iterable[str]) -> str:
    return " ".join(sorted(set(filter(None, texts))))


@cache
def _formats() -> dict[str, PatrolSource]:
    return declared("layers.patrols", "SOURCE", PatrolSource)


def _take_patrols(source: Source, taken: _Taken, sha: str) -> _Facts:
    formats = _formats()
    suffix = suffix_of(source.path)
    reader = next((f for f in formats.values() if suffix in f.suffixes), None)
    if reader is None:
        wanted = " ".join(sorted({s for f in formats.values() for s in f.suffixes}))
        values = {"wanted": wanted, "came": suffix}
        taken.faults.append(Fault("unknown_format", source.file, values=values))
        return _Facts()
    log = read_log_file(source, reader, taken.shelf, sha)
    taken.logs.append(log)
    taken.faults += log.faults
    wrong = {
        (fault.file, fault.row)
        for fault in log.faults
        if fault.row and FAULTS[fault.rule][0] == "error"
    }
    used = log.rows - min(len(wrong), log.rows) if log.patrols["patrol_id"] else 0
    return _Facts(log.rows, used, log.encoding, log.crs)


def _conformed(parts: list[pd.DataFrame], table: Table) -> pd.DataFrame:
    parts = [part for part in parts if len(part)]
    return conform(pd.concat(parts, ignore_index=True), table) if parts else empty(table)


def _files(taken: _Taken) -> Files:
    return Files(conform(pd.DataFrame(taken.files, columns=FILES.names), FILES))
