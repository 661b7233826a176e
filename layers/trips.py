"""Say what a patrol format gives: patrols, and fixes in degrees."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.schema import PATROLS
from geo.words import Text
from layers.faults import Fault
from layers.sources import Source

FIX_COLUMNS = ("patrol_id", "lon", "lat", "at", "accuracy_m", "point")
# Fixes farther apart in time than this, in the middle, are separate points and no track.
TRACK_SECONDS = 150.0


@dataclass(frozen=True)
class Trips:
    """What one file of patrols gives.

    `patrols` has the columns of PATROLS and `track`, the name of a file whose track belongs to the
    row, '' for none; `fixes` those of FIX_COLUMNS, in degrees of the source's datum.
    """

    patrols: pd.DataFrame
    fixes: pd.DataFrame
    rows: int = 0
    encoding: str = ""
    crs: str = ""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class PatrolSource:
    """What a module of `layers.patrols` declares: the endings it reads, and how.

    `read` never raises for what is in the file; times without a zone are in `source.time_zone`.
    `stream` reads a file too large to be held, whole patrols at a time; None for any other.
    """

    title: Text
    suffixes: tuple[str, ...]
    read: Callable[[Path, Source], Trips]
    stream: Callable[[Path, Source], Iterator[Trips] | None] | None = None


def nothing(*faults: Fault, rows: int = 0) -> Trips:
    """Return no trips, and why."""
    return Trips(patrol_rows([]), no_fixes(), rows=rows, faults=faults)


def gathered(parts: Sequence[Trips], *, rows: int = 0, faults: Sequence[Fault] = ()) -> Trips:
    """Return several trips as one, in their order; `faults` come before their own."""
    patrols = [part.patrols for part in parts if len(part.patrols)]
    fixes = [part.fixes for part in parts if len(part.fixes)]
    return Trips(
        pd.concat(patrols, ignore_index=True) if patrols else patrol_rows([]),
        pd.concat(fixes, ignore_index=True) if fixes else no_fixes(),
        rows=rows or sum(part.rows for part in parts),
        encoding=next((part.encoding for part in parts if part.encoding), ""),
        crs=next((part.crs for part in parts if part.crs), ""),
        faults=(*faults, *(fault for part in parts for fault in part.faults)),
    )


def patrol_rows(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return patrols of records with any of the columns; what is missing is unknown."""
    columns: dict[str, Any] = {
        name: pd.Series([record.get(name, nought) for record in records], dtype=kind)
        for name, (nought, kind) in _PATROL.items()
    }
    return pd.DataFrame(columns)


def one_patrol(
    fixes: pd.DataFrame, file: str, *, patrol_id: str = "", grade: str = "A", row: int = 0
) -> pd.DataFrame:
    """Return the patrol of a file that walked `fixes`, from the first time to the last one.

    It has the name of its file, unless the file tells of several; `row` is its place there.
    """
    record = {
        "patrol_id": patrol_id or file,
        "started_at": fixes["at"].min(),
        "ended_at": fixes["at"].max(),
        "grade": grade,
        "file": file,
        "row": row,
    }
    return patrol_rows([record])


_KINDS: dict[str, tuple[Any, Any]] = {"at": (pd.NaT, "datetime64[us, UTC]"), "whole": (0, "int64")}
_TEXT = ("", "object")
_PATROL = {c.name: _KINDS.get(c.kind, _TEXT) for c in PATROLS.columns} | {"track": _TEXT}


def no_fixes() -> pd.DataFrame:
    """Return fixes without rows."""
    return fix_rows([], [], [], pd.DatetimeIndex([]))


def fix_rows(
    patrol_id: Any,
    lon: Any,
    lat: Any,
    at: pd.DatetimeIndex | pd.Series,
    *,
    accuracy_m: Any = float("nan"),
    point: Any = "track",
) -> pd.DataFrame:
    """Return fixes of columns; one value stands for all rows, naive times are UTC."""
    east = np.asarray(lon, dtype=np.float64)
    times = pd.DatetimeIndex(at)
    times = times.tz_localize("UTC") if times.tz is None else times.tz_convert("UTC")
    return pd.DataFrame(
        {
            "patrol_id": _column(patrol_id, len(east), object),
            "lon": east,
            "lat": np.asarray(lat, dtype=np.float64),
            "at": times.as_unit("us"),
            "accuracy_m": _column(accuracy_m, len(east), np.float64),
            "point": _column(point, len(east), object),
        }
    )


def _column(values: Any, length: int, kind: type) -> np.ndarray:
    """Return an array of that many values; text stays Python text, not pandas' string type."""
    if isinstance(values, str | float):
        return np.full(length, values, dtype=kind)
    return np.asarray(values, dtype=kind)
