"""Read a large text file of fixes as a stream, and sort it into patrols on the disk.

The file is read once, block by block; its fixes go to a temporary file, and from there to a second
one, each to the place of its patrol: those in front of it are counted by then. From that whole
patrols are read one after another, as the careful reader would give them. Memory holds one block
and the names, whatever the order of the file; only one patrol alone must fit into it.
"""

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from geo.lines import Ints
from geo.trails import batches
from layers.columns import Wanted, plain, recognise
from layers.dates import instants, local_to_utc
from layers.faults import Fault
from layers.files import UnsafeFileError, text_stream
from layers.fixlog import NAMED, SAID_BY_ROW, grouped, is_fixlog, local_day, unread_times, with_day
from layers.kinds import suffix_of
from layers.positions import POSITION
from layers.sources import Source
from layers.tables import sniff
from layers.trips import Trips, no_fixes, patrol_rows

Mask = NDArray[np.bool_]

_BLOCK_BYTES = 4_000_000
_MOST_FAULTS = 100
_NUMBERS = ("lon", "lat", "accuracy_m")
_TOLD = (*_NUMBERS, "date", "at")
# Fewer positions than this in degrees are of another system, or the other way round.
_DEGREES = 0.9
_ROW = np.dtype(
    [("key", "i8"), ("row", "i8"), ("at", "i8"), ("lon", "f8"), ("lat", "f8"), ("accuracy_m", "f8")]
    + [(name, "i4") for name in NAMED]
)


@dataclass(frozen=True)
class _Layout:
    """How a file is written, and which of its columns holds what."""

    path: Path
    encoding: str
    delimiter: str
    column: dict[str, str]

    def blocks(self, fields: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield some of the fields, block by block, numbers as numbers and the rest as text."""
        kinds = {self.column[f]: pa.float64() if f in _NUMBERS else pa.string() for f in fields}
        with text_stream(self.path) as stream:
            reader = pyarrow.csv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=pyarrow.csv.ReadOptions(
                    encoding=self.encoding, use_threads=False, block_size=_BLOCK_BYTES
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=False
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=kinds, include_columns=list(kinds), strings_can_be_null=False
                ),
            )
            for block in reader:
                yield block.rename_columns(list(fields))


class _Words:
    """Number the different texts of a column in the order in which they come."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def numbers(self, texts: pa.Array) -> Ints:
        """Return the number of each text."""
        coded = texts.dictionary_encode()
        known = [
            self._number.setdefault(t, len(self._number)) for t in coded.dictionary.to_pylist()
        ]
        return np.array(known, dtype=np.int64)[coded.indices.to_numpy(zero_copy_only=False)]

    def texts(self, numbers: Ints) -> "np.ndarray[Any, Any]":
        """Return the texts of numbers; a column that is not there holds nothing."""
        known = list(self._number) or [""]
        return np.array(known, dtype=object)[numbers]


def stream_fixes(path: Path, source: Source, wanted: Sequence[Wanted]) -> Iterator[Trips] | None:
    """Return the trips of a large text file of fixes, None when it is something else.

    Read by columns, without a Python object a row; its first line must be the header.
    """
    with ExitStack() as open_files:
        try:
            layout = _layout(path, source, wanted)
            if layout is None:
                return None
            # Nameless from the start: nothing is left of it when the program is killed.
            stream = open_files.enter_context(tempfile.TemporaryFile())
            spool = _Spool(layout, source, stream)
        except (pa.ArrowInvalid, UnsafeFileError, OSError, EOFError, IndexError, ValueError):
            # Whatever is odd about it, the careful reader says it by row.
            return None
        if not spool.rows or sum(spool.count.values()) < _DEGREES * spool.rows:
            return None
        open_files.pop_all()
    return _trips(spool, layout.encoding)


def _layout(path: Path, source: Source, wanted: Sequence[Wanted]) -> _Layout | None:
    if suffix_of(path).removesuffix(".gz") not in {".csv", ".tsv", ".txt"}:
        return None
    text, encoding, delimiter = sniff(_head(path), source.encoding)
    names = [cell.strip().strip('"') for cell in text.splitlines()[0].split(delimiter)]
    sample = pd.DataFrame({name: pd.Series([], dtype=object) for name in names})
    column = recognise(sample, (*wanted, *POSITION), source.columns)
    placed = {"lon", "lat"} <= column.keys()
    if not is_fixlog(column, placed=placed) or not all(map(plain, names)):
        return None
    return _Layout(path, encoding.replace("-sig", ""), delimiter, column)


def _head(path: Path) -> bytes:
    open_it = gzip.open if path.suffix.lower() == ".gz" else open
    with open_it(path, "rb") as stream:
        return stream.read(20_000).rsplit(b"\n", 1)[0]


class _Spool:
    """The fixes of a file on the disk, in its order, and what was found on the way.

    The key of a fix is what its patrol is known by; patrols are in the order of their keys.
    """

    def __init__(self, layout: _Layout, source: Source, stream: IO[bytes]) -> None:
        self.stream, self.file, self.zone = stream, source.file, source.time_zone or "UTC"
        self.fields = [f for f in (*_TOLD, *NAMED) if f in layout.column]
        self.time_column = layout.column["at"]
        self.named = _numbered(layout)
        self.words = {name: _Words() for name in NAMED}
        self.count: dict[int, int] = {}
        self.rows = 0
        self.wrong: list[Fault] = []
        self.unread: list[pd.Series] = []
        self.unread_count = 0
        self._days: dict[int, int] = {}
        for block in layout.blocks(self.fields):
            self._add(block)

    def _add(self, block: pa.RecordBatch) -> None:
        texts = block["at"].to_pandas()
        if "date" in self.fields:
            texts = with_day(block["date"].to_pandas(), texts)
        at, on_earth = _times(texts, self.zone), _on_earth(block)
        self._tell(block, texts, at, on_earth)
        row = np.arange(self.rows + 2, self.rows + 2 + len(at))[on_earth]
        self.rows += len(at)
        block, at = block.filter(pa.array(on_earth)), at[on_earth]
        rows = np.zeros(len(row), dtype=_ROW)
        rows["row"], rows["accuracy_m"] = row, np.nan
        for name in self.fields:
            if name in self.words:
                rows[name] = self.words[name].numbers(block[name])
            elif name in _NUMBERS:
                rows[name] = block[name].to_numpy(zero_copy_only=False)
        rows["at"] = at.to_numpy(dtype="datetime64[us]").view(np.int64)
        rows["key"] = self._keys(rows, at)
        for key, count in zip(*np.unique(rows["key"], return_counts=True), strict=True):
            self.count[int(key)] = self.count.get(int(key), 0) + int(count)
        self.stream.write(rows.tobytes())

    def _keys(self, rows: "np.ndarray[Any, Any]", at: pd.Series) -> Ints:
        if self.named:
            return rows["patrol_id"].astype(np.int64)
        codes, found = pd.factorize(local_day(at, self.zone))
        known = [self._days.setdefault(day, len(self._days)) for day in found.tolist()]
        return (rows["person"].astype(np.int64) << 32) + np.array(known, dtype=np.int64)[codes]

    def _tell(self, block: pa.RecordBatch, texts: pd.Series, at: pd.Series, on_earth: Mask) -> None:
        """Note the first faults of each sort."""
        lon, lat = (block[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
        for n in np.flatnonzero(~on_earth)[: _MOST_FAULTS - len(self.wrong)].tolist():
            came = {"came": f"{lon[n]}, {lat[n]}"}
            self.wrong.append(Fault("bad_position", self.file, self.rows + 2 + n, values=came))
        unread = texts[at.isna().to_numpy() & (texts != "").to_numpy()]
        first = unread.iloc[: max(SAID_BY_ROW + 1 - self.unread_count, 0)]
        self.unread.append(first.set_axis(first.index + self.rows + 2))
        self.unread_count += len(unread)

    def faults(self) -> list[Fault]:
        """Return what was wrong, by row."""
        unread = pd.concat(self.unread)
        times = unread_times(unread, self.unread_count, self.file, self.time_column)
        return [*self.wrong, *times]


def _numbered(layout: _Layout) -> bool:
    """Return whether some fix has the number of its patrol; mostly the first block tells."""
    if "patrol_id" not in layout.column:
        return False
    for block in layout.blocks(["patrol_id", "lon", "lat"]):
        texts = block.filter(pa.array(_on_earth(block)))["patrol_id"]
        if any(texts.unique().to_pylist()):
            return True
    return False


def _on_earth(block: pa.RecordBatch) -> Mask:
    lon, lat = (block[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    return np.asarray((np.abs(lon) <= 180) & (np.abs(lat) <= 90))


def _trips(spool: _Spool, encoding: str) -> Iterator[Trips]:
    """Yield what is to be told of the file, then its patrols, a few at a time."""
    yield Trips(patrol_rows([]), no_fixes(), spool.rows, encoding, faults=tuple(spool.faults()))
    keys = np.array(sorted(spool.count), dtype=np.int64)
    counts = np.array([spool.count[key] for key in keys.tolist()], dtype=np.int64)
    with _by_patrol(spool.stream, keys, counts) as stream:
        for some in batches(np.arange(len(keys)), counts):
            rows = np.frombuffer(stream.read(int(counts[some].sum()) * _ROW.itemsize), _ROW)
            fixes = pd.DataFrame({name: rows[name] for name in ("lon", "lat", "accuracy_m", "row")})
            at = pd.Series(rows["at"].view("datetime64[us]")).dt.tz_localize("UTC")
            named = {name: words.texts(rows[name]) for name, words in spool.words.items()}
            fixes = fixes.assign(at=at, **named)
            yield grouped(fixes, rows["key"], spool.file, spool.zone, named=spool.named)


def _by_patrol(stream: IO[bytes], keys: Ints, counts: Ints) -> IO[bytes]:
    """Return the fixes of `stream` by key, of one key in their order, and close it."""
    place = np.cumsum(counts) - counts
    target: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    stream.seek(0)
    while raw := stream.read(_BLOCK_BYTES // _ROW.itemsize * _ROW.itemsize):
        rows = np.frombuffer(raw, _ROW)
        rank = np.searchsorted(keys, rows["key"])
        order = np.argsort(rank, kind="stable")
        rows, rank = rows[order], rank[order]
        edges = np.flatnonzero(np.diff(rank, prepend=-1, append=len(keys)))
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            target.seek(int(place[rank[a]]) * _ROW.itemsize)
            target.write(rows[a:b].tobytes())
            place[rank[a]] += b - a
    stream.close()
    target.seek(0)
    return target


def _times(texts: pd.Series, zone: str) -> pd.Series:
    """Return the instants of very many texts: one regular form at once, else each different one."""
    sample = str(texts.iloc[0]) if len(texts) else ""
    plain_form = len(sample) >= 19 and sample[4:5] == "-" and sample[13:14] == ":"
    if plain_form and not sample.endswith(("Z", "z")) and "+" not in sample:
        stamps = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
        if stamps.notna().all():
            return pd.Series(local_to_utc(pd.DatetimeIndex(stamps), zone), index=texts.index)
    return instants(texts, zone)
