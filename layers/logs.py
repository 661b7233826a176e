"""Read files of patrols, each content once, and hand out their fixes a few patrols at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
from numpy.typing import NDArray

from geo.lines import Ints
from geo.schema import PATROLS, Fixes, Patrols, conform
from geo.trails import held
from layers.datum import to_wgs84
from layers.faults import Fault
from layers.files import digest
from layers.kinds import suffix_of
from layers.metric import fixes_in_metres
from layers.shelf import Shelf, Track
from layers.sources import Source
from layers.suspect import no_spots, spots
from layers.trips import PatrolSource, Trips, fix_rows, patrol_rows

# Counts up when a reader reads differently, or a log is kept differently.
_READER = 1
_POINTS = ("track", "checkin", "photo")
# As kept: column after column, degrees of WGS 84, microseconds, metres, number of the word.
_COLUMNS = (("lon", "f8"), ("lat", "f8"), ("at", "i8"), ("accuracy_m", "f8"), ("point", "u1"))
_BYTES = sum(np.dtype(kind).itemsize for _, kind in _COLUMNS)
# Formats whose content lies in more files than one.
_COMPANIONS = (".shp", ".gpkg")


@dataclass(frozen=True)
class Log:
    """A file of patrols as it was read: all but its fixes, which are on the shelf under `key`.

    `patrols` are the columns of `layers.trips`, `spots` a sample of the fixes by file to judge a
    datum by, none where it was told; `middle` is that of each patrol with fixes, in degrees.
    """

    key: str
    patrols: dict[str, list[Any]]
    spots: dict[str, list[Any]]
    middle: list[tuple[float, float]]
    rows: int
    encoding: str
    crs: str
    faults: tuple[Fault, ...]

    @property
    def placed(self) -> bool:
        """Whether there are fixes."""
        return len(self.middle) > 0


def read_log_file(source: Source, reader: PatrolSource, shelf: Shelf, sha: str) -> Log:
    """Return what the file of a source says, from the shelf if the same was read before.

    `sha` is the digest of its bytes.
    """
    key = _key(source, sha)
    told = shelf.told(key)
    if told is None:
        told = _shelved(source, reader, shelf, key)
        shelf.put_file(key, told)
    return Log(key=key, **told | {"faults": tuple(Fault(**fault) for fault in told["faults"])})


def _key(source: Source, sha: str) -> str:
    """Return a name for the content of a file and for how it is to be read."""
    path = source.path
    beside = sorted(path.parent.glob(f"{path.stem}.*")) if suffix_of(path) in _COMPANIONS else []
    told: dict[str, Any] = asdict(replace(source, path=Path(), highways=())) | {"path": ""}
    told["columns"] = sorted(told["columns"].items())
    content = [sha, *(digest(other) for other in beside)]
    return sha256(repr((_READER, sorted(told.items()), content)).encode()).hexdigest()


def _shelved(source: Source, reader: PatrolSource, shelf: Shelf, key: str) -> dict[str, Any]:
    """Put the fixes of a file on the shelf, and return all else that is to be told of it."""
    patrols, sample = [patrol_rows([])], no_spots()
    faults: list[Fault] = []
    middle: list[tuple[float, float]] = []
    rows, encoding, crs = 0, "", ""
    # Readers know nothing of datums: all their fixes are shifted here, once.
    for given in _parts(reader, replace(source, datum="")):
        lon, lat = given.fixes["lon"].to_numpy(), given.fixes["lat"].to_numpy()
        lon, lat = to_wgs84(lon, lat, source.datum)
        trips = replace(given, fixes=given.fixes.assign(lon=lon, lat=lat))
        for track in _tracks(trips, sum(map(len, patrols))):
            shelf.put_track(key, track)
        if not source.datum:
            sample = spots(trips, sample)
        middle += _middle(trips.fixes)
        patrols.append(trips.patrols)
        faults += trips.faults
        rows, encoding, crs = rows + trips.rows, encoding or trips.encoding, crs or trips.crs
    return {
        "patrols": _plain(patrols),
        "spots": sample.to_dict("list"),
        "middle": middle,
        "rows": rows,
        "encoding": encoding,
        "crs": (crs or "EPSG:4326") if middle else "",
        "faults": [asdict(_worded(fault)) for fault in faults],
    }


def _middle(fixes: pd.DataFrame) -> list[tuple[float, float]]:
    """Return the middle of the fixes of each patrol, by number and not of the box."""
    each = fixes.groupby("patrol_id", sort=False)[["lon", "lat"]].median()
    return [(lon, lat) for lon, lat in each.to_numpy().tolist()]


def _parts(reader: PatrolSource, source: Source) -> Iterable[Trips]:
    parts = reader.stream(source.path, source) if reader.stream else None
    return [reader.read(source.path, source)] if parts is None else parts


def _worded(fault: Fault) -> Fault:
    """Return a fault whose values can be kept: what a library said, in its words."""
    kept = {
        name: given if isinstance(given, int | float) else str(given)
        for name, given in dict(**fault.values).items()
    }
    return replace(fault, values=kept)


def _tracks(trips: Trips, before: int) -> Iterator[Track]:
    """Yield the fixes of each patrol; patrols are numbered on from those `before`."""
    fixes = trips.fixes.assign(
        at=trips.fixes["at"].to_numpy(dtype="datetime64[us]").view(np.int64),
        point=pd.Index(_POINTS).get_indexer(pd.Index(trips.fixes["point"])),
    )
    trails = held(Fixes(fixes), Patrols(trips.patrols))
    columns = [fixes[name].to_numpy(kind)[trails.row] for name, kind in _COLUMNS]
    for n, (a, b) in enumerate(zip(trails.first[:-1], trails.first[1:], strict=True)):
        if a < b:
            raw = b"".join(column[a:b].tobytes() for column in columns)
            body = pa.compress(raw, codec="zstd", asbytes=True)
            yield Track(before + n, int(b - a), sha256(raw).hexdigest(), body)


def _plain(parts: list[pd.DataFrame]) -> dict[str, list[Any]]:
    """Return the columns of patrols as lists of text and numbers, instants as microseconds."""
    frame = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    track = frame["track"].map(str)
    frame = conform(frame.drop(columns="track"), PATROLS).assign(track=track)
    times = frame.columns[frame.dtypes.map(lambda kind: isinstance(kind, pd.DatetimeTZDtype))]
    numbers = {name: frame[name].astype("int64") for name in times}
    return {str(name): column.tolist() for name, column in frame.assign(**numbers).items()}


def patrols_of(logs: Sequence[Log]) -> pd.DataFrame:
    """Return the patrols of all logs in their order, with the columns of `layers.trips`."""
    columns: dict[str, pd.Series] = {}
    for name, kind in patrol_rows([]).dtypes.items():
        values = [value for log in logs for value in log.patrols[str(name)]]
        if isinstance(kind, pd.DatetimeTZDtype):
            stamps = np.array(values, dtype=np.int64).view("datetime64[us]")
            columns[str(name)] = pd.Series(stamps).dt.tz_localize("UTC")
        else:
            columns[str(name)] = pd.Series(values, dtype=kind)
    return pd.DataFrame(columns)


def spots_of(logs: Sequence[Log]) -> pd.DataFrame:
    """Return the sample of fixes of all logs."""
    columns = no_spots().columns
    return no_spots().assign(**{c: [v for log in logs for v in log.spots[c]] for c in columns})


@dataclass(frozen=True)
class LogTrails:
    """Trails that lie on a shelf: of each patrol the tracks (file and number) that it is made of.

    A fix that the metric CRS cannot hold is left out, so `sizes` may be a little too large.
    """

    shelf: Shelf
    crs: pyproj.CRS
    ids: list[str]
    tracks: list[list[tuple[str, int]]]
    sizes: Ints
    names: list[str]

    def of(self, patrols: Ints) -> Fixes:
        """Return the fixes of some patrols, patrol after patrol, of each in its own order."""
        taken = [(self.ids[n], *track) for n in patrols for track in self.tracks[n]]
        bodies = [_fixes(self.shelf.body(file, number)) for _, file, number in taken]
        columns = {
            name: np.concatenate([np.zeros(0, kind), *(body[name] for body in bodies)])
            for name, kind in _COLUMNS
        }
        ids = np.array([patrol_id for patrol_id, *_ in taken], dtype=object)
        fixes = fix_rows(
            np.repeat(ids, np.array([len(body["lon"]) for body in bodies], dtype=np.int64)),
            columns["lon"],
            columns["lat"],
            pd.DatetimeIndex(columns["at"].view("datetime64[us]")),
            accuracy_m=columns["accuracy_m"],
            point=np.array(_POINTS, dtype=object)[columns["point"]],
        )
        return fixes_in_metres(fixes, self.crs)


def trails_of(
    logs: Sequence[Log],
    shelf: Shelf,
    patrols: pd.DataFrame,
    owner: Mapping[str, str],
    crs: pyproj.CRS,
) -> LogTrails:
    """Return the trails of `patrols`, of which some own the tracks of others, see `joined`."""
    number = {patrol_id: n for n, patrol_id in enumerate(patrols["patrol_id"])}
    tracks: list[list[tuple[str, int]]] = [[] for _ in number]
    names: list[list[str]] = [[] for _ in number]
    sizes = np.zeros(len(number), dtype=np.int64)
    for log in logs:
        ids = log.patrols["patrol_id"]
        for track, size, name in shelf.tracks(log.key):
            n = number[owner.get(ids[track], ids[track])]
            tracks[n].append((log.key, track))
            names[n].append(name)
            sizes[n] += size
    return LogTrails(shelf, crs, list(number), tracks, sizes, [" ".join(each) for each in names])


def _fixes(body: bytes) -> dict[str, NDArray[Any]]:
    """Return the columns of a track as it is kept."""
    size = pa.input_stream(pa.py_buffer(body), compression="zstd").read()
    count, start = len(size) // _BYTES, 0
    columns = {}
    for name, kind in _COLUMNS:
        columns[name] = np.frombuffer(size, kind, count, start)
        start += columns[name].nbytes
    return columns
