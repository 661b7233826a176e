"""Find what is in an office's folder: a project is a folder, and needs no configuration.

Files are known by their names; `patrolmap.toml` adds what names cannot tell.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from geo.settings import Settings
from layers.faults import Fault
from layers.kinds import (
    HOLDINGS,
    OSM_SUFFIXES,
    TABLE_SUFFIXES,
    VECTOR_SUFFIXES,
    kind_of,
    suffix_of,
)
from layers.options import Page, read_options
from layers.sources import ProjectError, Source

# Files that belong to another file, or are made by us.
_COMPANIONS = frozenset(
    [".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".cst", ".xml",
    ".lock",
     ".gpkg-wal", ".gpkg-shm", ".gpkg-journal", ".idx", ".fix", ".ind", ".dat", ".map", ".id",
     ".sld", ".qml", ".xsd", ".gfs",
     # Pictures are named in tables and never opened.
     ".jpg", ".jpeg", ".png", ".heic", ".webp", ".mp4"]
)  # fmt: skip
# What an office may have meant to be read, did its name only say as what; .txt is prose as a rule.
_DATA = frozenset([*VECTOR_SUFFIXES, *TABLE_SUFFIXES, ".gpx", ".gpx.gz", ".plt"]) - {".txt"}

# Lies in every folder of results, so that a later run knows them from what the office gave.
RESULTS_MARK = ".patrolmap-results"


@dataclass(frozen=True)
class Project:
    """An office's folder: its sources in the order of their names, and what was decided for it."""

    folder: Path
    sources: tuple[Source, ...]
    settings: Settings
    as_of: pd.Timestamp | None
    out: Path
    page: Page = field(default_factory=Page)
    faults: tuple[Fault, ...] = ()


def open_project(folder: Path, out: Path | None = None) -> Project:
    """Return the project in a folder, its files found but not yet read; results go to `out`.

    Raises `ProjectError` when there is no such folder or its settings are wrong, with every fault
    of the settings in a line of its own.
    """
    if not folder.is_dir():
        msg = f"{folder}: 需要一个文件夹，没有找到 (wanted a folder; came nothing of that name)"
        raise ProjectError(msg)
    options = read_options(folder)
    told = {source.path.resolve() for source in options.sources}
    found = [s for s in discover(folder, options.out) if s.path.resolve() not in told]
    default = options.defaults
    sources = [
        replace(
            source,
            encoding=source.encoding or default.encoding,
            datum=source.datum or default.datum,
            time_zone=source.time_zone or options.settings.time_zone,
        )
        for source in (*options.sources, *found)
    ]
    results = out or options.out
    missing = [Fault("missing_file", s.file) for s in sources if not s.path.exists()]
    passed_over = [
        fault
        for path in _given(folder, options.out)
        if path.resolve() != results.resolve()
        and not any(own == path.resolve() or path.resolve() in own.parents for own in told)
        for fault in _passed_over(path)
    ]
    return Project(
        folder=folder,
        sources=tuple(sorted((s for s in sources if s.path.exists()), key=lambda s: s.file)),
        settings=options.settings,
        as_of=options.as_of,
        out=results,
        page=options.page,
        faults=(*missing, *passed_over),
    )


def discover(folder: Path, out: Path) -> list[Source]:
    """Return the files of a folder whose names say what they hold, and its OpenStreetMap files.

    A sub-folder named for what it holds gives all its files. Hidden files, Office's lock files and
    folders of results are passed over.
    """
    found = []
    for path in _given(folder, out):
        if path.is_dir() and path.suffix.lower() != ".gdb":
            kind = kind_of(path.name)
            inner = _inside(path) if kind else []
            found += [_source(folder, p, kind) for p in inner if p.is_file() or p.suffix == ".gdb"]
        else:
            osm = path.name.lower().endswith(OSM_SUFFIXES)
            found.append(_source(folder, path, "osm" if osm else kind_of(path.name)))
    return [source for source in found if source.kind and _readable(source)]


def _inside(folder: Path) -> list[Path]:
    """Return what lies in a folder and those inside it, sorted, without results."""
    inner = sorted(folder.rglob("*"))
    results = {path.parent for path in inner if path.name == RESULTS_MARK}
    return [path for path in inner if not results.intersection([path, *path.parents])]


def _given(folder: Path, out: Path) -> list[Path]:
    """Return what lies in a project's folder, sorted, but what is hidden and the results."""
    hidden = (".", "~$")
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(hidden) and path.resolve() != out.resolve()
    ]


def _passed_over(path: Path) -> list[Fault]:
    """Return a fault for a file, or a folder with files, that is not read but might be meant to."""
    kind = kind_of(path.name)
    if (path / RESULTS_MARK).is_file():
        return [Fault("own_results", path.name)] if kind else []
    if path.is_dir():
        meant = not kind and any(suffix_of(inner) in _DATA for inner in path.iterdir())
        return [Fault("unknown_name", path.name)] if meant else []
    if not kind:
        return [Fault("unknown_name", path.name)] if suffix_of(path) in _DATA else []
    if suffix_of(path) in {"", *_COMPANIONS} or _readable(Source(path, path.name, kind)):
        return []
    values = {"wanted": " ".join(_suffixes(kind)), "came": suffix_of(path)}
    return [Fault("other_format", path.name, values=values)]


def _source(folder: Path, path: Path, kind: str) -> Source:
    return Source(path, path.relative_to(folder).as_posix(), kind)


def _readable(source: Source) -> bool:
    suffix = suffix_of(source.path)
    if suffix in _COMPANIONS or source.path.name.startswith((".", "~$")) or not suffix:
        return False
    wanted = _suffixes(source.kind)
    return not wanted or suffix in wanted


def _suffixes(kind: str) -> tuple[str, ...]:
    """Return the endings of files that hold `kind`, none for any."""
    return next((h.suffixes for h in HOLDINGS if h.kind == kind), OSM_SUFFIXES)
