"""Say what a patrol format gives: patrols, and fixes in degrees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
    crs: str = "EPSG:4326"
    faults: tuple[Fault, ...] = field(default=())


@dataclass(frozen=True)
class PatrolSource:
    """What a module of `layers.patrols` declares: the endings it reads, and how.

    `read` never raises for what is in the file; times without a zone are in `source.time_zone`.
    """

    title: Text
    suffixes: tuple[str, ...]
    read: Callable[[Path, Source], Trips]


def nothing(*faults: Fault, rows: int = 0) -> Trips:
    """Return no trips, and why."""
    return Trips(patrol_rows([]), no_fixes(), rows=rows, faults=faults)


def patrol_rows(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return patrols of records with any of the columns; what is missing is unknown."""
    unknown: dict[str, Any] = {
        c.name: {"at": pd.NaT, "whole": 0}.get(c.kind, "") for c in PATROLS.columns
    }
    unknown["track"] = ""
    frame = pd.DataFrame([unknown | record for record in records], columns=list(unknown))
    for name in ("started_at", "ended_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def no_fixes() -> pd.DataFrame:
    """Return fixes without rows."""
    return fix_rows([], [], [], [])


def fix_rows(
    patrol_id: Any,
    lon: Any,
    lat: Any,
    at: Any,
    *,
    accuracy_m: Any = float("nan"),
    point: Any = "track",
) -> pd.DataFrame:
    """Return fixes of columns; one value stands for all rows."""
    east = np.asarray(lon, dtype=np.float64)
    index = range(len(east))
    ids = patrol_id if isinstance(patrol_id, str) else np.asarray(patrol_id, dtype=object)
    times = pd.to_datetime(pd.Series(at).to_numpy(), utc=True) if len(east) else []
    return pd.DataFrame(
        {
            "patrol_id": pd.Series(ids, index=index, dtype=object),
            "lon": east,
            "lat": np.asarray(lat, dtype=np.float64),
            "at": pd.Series(times, index=index, dtype="datetime64[us, UTC]"),
            "accuracy_m": pd.Series(accuracy_m, index=index, dtype="float64"),
            "point": pd.Series(point, index=index, dtype=object),
        }
    )
