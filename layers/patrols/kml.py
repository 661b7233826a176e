"""Read KML and KMZ: `gx:Track` with times, and lines without."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geo.words import Text
from layers.dates import stamps
from layers.faults import Fault
from layers.files import UnsafeFileError, text_bytes, unpack
from layers.markup import BROKEN, broken, walk
from layers.sources import Source
from layers.trips import PatrolSource, Trips, fix_rows, gathered, nothing, one_patrol


@dataclass
class _Track:
    places: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)


class _Reader:
    """Collect the tracks and lines of a document while it goes by."""

    def __init__(self) -> None:
        self.tracks: list[_Track] = []
        self._inside = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        del attributes
        if tag in {"track", "linestring"}:
            self.tracks.append(_Track())
            self._inside = tag

    def end(self, tag: str, text: str) -> None:
        if tag == self._inside:
            self._inside = ""
        elif self._inside == "track" and tag == "coord":
            self.tracks[-1].places.append(text.replace(" ", ","))
        elif self._inside == "track" and tag == "when":
            self.tracks[-1].times.append(text.strip())
        elif self._inside == "linestring" and tag == "coordinates":
            self.tracks[-1].places += text.split()


def read(path: Path, source: Source) -> Trips:
    """Return one patrol a track or line of a KML file, or of all those in a KMZ."""
    reader = _Reader()
    faults = []
    try:
        for document in _documents(path):
            walk(document, reader.start, reader.end)
    except UnsafeFileError as error:
        return nothing(Fault("unsafe", source.file, values={"came": error}))
    except BROKEN as error:
        faults.append(broken(error, "KML", source.file))
    if not reader.tracks and not faults:
        faults.append(Fault("no_points", source.file))
    many = len(reader.tracks) > 1
    parts = [_trip(t, n * many, source) for n, t in enumerate(reader.tracks, 1)]
    return gathered(parts, rows=len(reader.tracks), faults=faults)


def _documents(path: Path) -> list[bytes]:
    if path.suffix.lower() != ".kmz":
        return [text_bytes(path)]
    with tempfile.TemporaryDirectory() as folder:
        members = unpack(path, Path(folder))
        return [member.read_bytes() for member in members if member.suffix.lower() == ".kml"]


def _trip(track: _Track, number: int, source: Source) -> Trips:
    """Return the patrol of a track; times count only when there is one a place."""
    lon, lat = [], []
    for place in track.places:
        try:
            x, y = (float(part) for part in place.split(",")[:2])
        except ValueError:
            return nothing(Fault("bad_position", source.file, number, values={"came": place}))
        lon.append(x)
        lat.append(y)
    if not lon:
        return nothing(Fault("no_points", source.file, number))
    timed = len(track.times) == len(lon)
    at = stamps(track.times if timed else [""] * len(lon), source.time_zone or "UTC")
    name = f"{source.file}#{number}" if number else source.file
    fixes = fix_rows(name, lon, lat, at)
    patrol = one_patrol(fixes, source.file, patrol_id=name, row=number)
    faults = () if at.notna().any() else (Fault("no_times", source.file, number),)
    return Trips(patrol, fixes, faults=faults)


SOURCE = PatrolSource(Text("KML 轨迹", "KML tracks"), (".kml", ".kmz"), read)
