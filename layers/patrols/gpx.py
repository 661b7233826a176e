"""Read GPX: one patrol a track, way points with times as check-ins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import Text
from layers.dates import stamps
from layers.faults import Fault
from layers.files import UnsafeFileError, text_bytes
from layers.markup import BROKEN, broken, walk
from layers.sources import Source
from layers.trips import PatrolSource, Trips, fix_rows, gathered, nothing, one_patrol, patrol_rows

# What the routes that we write call their creator: where to go is not where somebody was.
PLANNED = "patrolmap"


@dataclass
class _Points:
    lon: list[str] = field(default_factory=list)
    lat: list[str] = field(default_factory=list)
    time: list[str] = field(default_factory=list)
    accuracy: list[str] = field(default_factory=list)


class _Reader:
    """Collect points track by track while the document goes by."""

    def __init__(self) -> None:
        self.tracks: list[_Points] = []
        self.marks = _Points()
        self.routes = 0
        self.planned = False
        self._at: _Points | None = None
        self._own = True

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "trk":
            self.tracks.append(_Points())
        elif tag in {"trkpt", "wpt"}:
            self._at = self.tracks[-1] if tag == "trkpt" and self.tracks else self.marks
            self._at.lon.append(attributes.get("lon", ""))
            self._at.lat.append(attributes.get("lat", ""))
            self._at.time.append("")
            self._at.accuracy.append("")
        elif tag == "extensions":
            self._own = False
        elif tag == "rte":
            self.routes += 1
        elif tag == "gpx":
            self.planned = attributes.get("creator") == PLANNED

    def end(self, tag: str, text: str) -> None:
        if tag in {"trkpt", "wpt"}:
            self._at = None
        elif tag == "extensions":
            self._own = True
        # A time among an app's own words is not the time of the point.
        elif self._at is not None and (tag == "accuracy" or (tag == "time" and self._own)):
            getattr(self._at, tag)[-1] = text


def read(path: Path, source: Source) -> Trips:
    """Return the tracks of a GPX file; GPX times without a zone are the project's.

    Of a file that breaks off in the middle, what came before is kept and the break reported.
    """
    reader = _Reader()
    faults = []
    try:
        walk(text_bytes(path), reader.start, reader.end)
    except UnsafeFileError as error:
        return nothing(Fault("unsafe", source.file, values={"came": error}))
    except BROKEN as error:
        faults.append(broken(error, "GPX", source.file))
    if reader.planned:
        return nothing(Fault("own_route", source.file))
    parts = [_trip(points, n, source, reader) for n, points in enumerate(reader.tracks, 1)]
    if not reader.tracks:
        parts = [_checkins(reader.marks, source)] if any(reader.marks.time) else []
    if not parts and not faults:
        only = Fault("only_routes", source.file, values={"count": reader.routes})
        faults.append(only if reader.routes else Fault("no_points", source.file))
    return gathered(parts, rows=len(parts), faults=faults)


def _checkins(marks: _Points, source: Source) -> Trips:
    """Return the one patrol of a file that holds way points with times and no track."""
    fixes, wrong = _fixes(marks, source)
    faults = [Fault("bad_position", source.file, values={"came": came}) for came in wrong[:5]]
    fixes = fixes[fixes["at"].notna()].reset_index(drop=True)
    if not len(fixes):
        return nothing(*faults, Fault("no_points", source.file))
    fixes = fixes.assign(patrol_id=source.file, point="checkin")
    return Trips(one_patrol(fixes, source.file, grade="B"), fixes, faults=tuple(faults))


def _trip(points: _Points, number: int, source: Source, reader: _Reader) -> Trips:
    fixes, wrong = _fixes(points, source)
    faults = [
        Fault("bad_position", source.file, number, values={"came": came}) for came in wrong[:5]
    ]
    if not len(fixes):
        return nothing(*faults, Fault("no_points", source.file, number))
    if fixes["at"].isna().all():
        faults.append(Fault("no_times", source.file, number))
    row = 0 if len(reader.tracks) == 1 else number
    patrol_id = f"{source.file}#{row}" if row else source.file
    patrol = one_patrol(fixes, source.file, patrol_id=patrol_id, row=row)
    parts = [Trips(patrol, fixes.assign(patrol_id=patrol_id))]
    if number == 1 and any(reader.marks.time):
        marks = _fixes(reader.marks, source)[0]
        timed = marks[marks["at"].notna()]
        parts.append(Trips(patrol_rows([]), timed.assign(patrol_id=patrol_id, point="checkin")))
    return gathered(parts, faults=faults)


def _fixes(points: _Points, source: Source) -> tuple[pd.DataFrame, list[str]]:
    """Return the fixes on earth, and the positions that are not."""
    lon, lat = _numbers(points.lon), _numbers(points.lat)
    at = stamps(points.time, source.time_zone or "UTC")
    fixes = fix_rows("", lon, lat, at, accuracy_m=_numbers(points.accuracy))
    right = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if right.all():
        return fixes, []
    wrong = [f"{points.lat[i]}, {points.lon[i]}" for i in np.flatnonzero(~right)]
    return fixes[right].reset_index(drop=True), wrong


def _numbers(texts: list[str]) -> NDArray[np.float64]:
    try:
        return np.array([text or "nan" for text in texts], dtype=np.float64)
    except ValueError:
        return np.array([_number(text) for text in texts])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


SOURCE = PatrolSource(Text("GPX 轨迹", "GPX tracks"), (".gpx", ".gpx.gz"), read)
