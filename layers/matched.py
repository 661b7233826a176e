"""Keep matched patrols between runs, so that a new day costs only its own fixes.

Patrols are kept in files of many, in a folder named for all that bears on every patrol alike:
courses and settings. Each patrol in them is named for its own fixes and errand, so nothing in the
store can be stale.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geo.cleaning import NAMES, STRANGER, Flags, numbers
from geo.lines import Ints, Lines
from geo.match import Matched, flagged, match
from geo.schema import PASSAGES, Courses, Fixes, Passages, Patrols, conform, empty
from geo.settings import Settings
from layers.files import whole

# Counts up when the matcher answers differently, or the store keeps it differently.
_MATCHER = 3
_BATCH_FIXES = 500_000
# All of a fix that the matcher looks at.
_FIX = np.dtype([("x", "f8"), ("y", "f8"), ("at", "i8"), ("accuracy", "f8"), ("point", "u4")])


@dataclass(frozen=True)
class _Kept:
    """One file of the store: patrols' marks, their numbers of fixes, passages, flags of fixes.

    Flags are numbers of `geo.cleaning`, patrol after patrol; of one patrol in its fixes' order.
    """

    marks: list[str]
    sizes: list[int]
    passages: pd.DataFrame
    flags: Flags


@dataclass(frozen=True)
class _Rows:
    """The rows of the fixes of each patrol: of patrol `n`, `row[first[n]:first[n + 1]]`."""

    row: Ints
    first: Ints

    def of(self, patrols: Ints) -> Ints:
        """Return the rows of some patrols, patrol after patrol."""
        size = self.first[patrols + 1] - self.first[patrols]
        before = np.repeat(np.cumsum(size) - size, size)
        return self.row[np.repeat(self.first[patrols], size) + np.arange(len(before)) - before]


def match_kept(
    fixes: Fixes,
    patrols: Patrols,
    courses: Courses,
    lines: Lines,
    settings: Settings,
    *,
    store: Path,
    sent: Mapping[str, Sequence[int]] | None = None,
    oneway: NDArray[np.int8] | None = None,
    workers: int = 1,
) -> Matched:
    """Return what `geo.match.match` returns, matching only what `store` does not hold.

    Patrols are matched in batches; every batch is written whole or not at all, so that a run that
    was stopped goes on where it stopped and gives the same result.
    """
    if not len(patrols):
        return match(fixes, patrols, courses, lines, settings)
    folder = store / _world(lines, courses, settings, oneway)
    folder.mkdir(parents=True, exist_ok=True)
    rows = _rows(numbers(fixes, patrols), len(patrols))
    marks = _marks(fixes, rows, patrols, sent or {})
    # What begins with a dot a run that was killed left half written.
    kept = [_read(path) for path in sorted(folder.glob("[!.]*.parquet"))]
    known = {mark for file in kept for mark in file.marks}
    new = np.flatnonzero([mark not in known for mark in marks])
    for batch in _batches(new, np.diff(rows.first)):
        found = match(
            Fixes(fixes.iloc[rows.of(batch)].reset_index(drop=True)),
            Patrols(patrols.iloc[batch].reset_index(drop=True)),
            courses,
            lines,
            settings,
            sent=sent,
            oneway=oneway,
            workers=workers,
        )
        owner = pd.Index(patrols["patrol_id"]).get_indexer(found.passages["patrol_id"])
        file = _Kept(
            marks=[marks[n] for n in batch],
            sizes=np.diff(rows.first)[batch].tolist(),
            passages=found.passages.assign(mark=np.array(marks, dtype=object)[owner]),
            flags=pd.Index(NAMES).get_indexer(pd.Index(found.flags["flag"])).astype(np.int8),
        )
        _write(folder, file)
        kept.append(file)
    return _collected(kept, marks, rows, len(fixes), settings)


def _rows(number: Ints, patrols: int) -> _Rows:
    """Return the rows of each patrol; `number` is the patrol of every fix, -1 for none."""
    row = np.argsort(number, kind="stable")
    return _Rows(row, np.searchsorted(number[row], np.arange(patrols + 1)).astype(np.int64))


def _collected(
    kept: list[_Kept], marks: list[str], rows: _Rows, fixes: int, settings: Settings
) -> Matched:
    """Put passages in the order of `match`, flags in the order of the fixes."""
    place = {mark: n for n, mark in enumerate(marks)}
    passages = pd.concat([empty(PASSAGES).assign(mark=""), *(file.passages for file in kept)])
    at = passages["mark"].map(place)
    passages = passages.assign(at=at)[at.notna()].drop_duplicates("passage_id")
    passages = passages.sort_values(["evidence", "at"], kind="stable").drop(columns=["mark", "at"])
    flags = np.full(fixes, STRANGER, dtype=np.int8)
    for file in kept:
        patrol = np.array([place.get(mark, -1) for mark in file.marks], dtype=np.int64)
        asked = np.repeat(patrol >= 0, file.sizes)
        flags[rows.of(patrol[patrol >= 0])] = file.flags[asked]
    return Matched(Passages(conform(passages, PASSAGES)), flagged(flags, settings.language))


def _batches(new: Ints, size: Ints) -> Iterator[Ints]:
    """Yield the numbers of new patrols, so many at a time that memory stays bounded."""
    group = np.cumsum(size[new]) // _BATCH_FIXES
    yield from np.split(new, np.flatnonzero(np.diff(group)) + 1) if len(new) else ()


def _write(folder: Path, file: _Kept) -> None:
    name = hashlib.sha256("".join(file.marks).encode()).hexdigest()[:16]
    with whole(folder / f"{name}.npy") as half:
        np.save(half, file.flags)
    # The passages come last: with them the batch is in the store.
    table = pa.Table.from_pandas(file.passages, preserve_index=False)
    told = {b"patrols": json.dumps([file.marks, file.sizes]).encode()}
    with whole(folder / f"{name}.parquet") as half:
        pq.write_table(
            table.replace_schema_metadata(dict(table.schema.metadata or {}) | told),
            half,
            compression="zstd",
        )


def _read(path: Path) -> _Kept:
    table = pq.read_table(path)
    marks, sizes = json.loads(table.schema.metadata[b"patrols"])
    return _Kept(marks, sizes, table.to_pandas(), np.load(path.with_suffix(".npy")))


def _world(
    lines: Lines, courses: Courses, settings: Settings, oneway: NDArray[np.int8] | None
) -> str:
    """Return a name for all that bears on every patrol alike."""
    told = hashlib.sha256(f"{_MATCHER}".encode())
    for array in (lines.first, lines.x, lines.y, lines.m, lines.closed):
        told.update(np.ascontiguousarray(array).tobytes())
    told.update("\n".join([*map(str, lines.ids), *map(str, courses["kind"])]).encode())
    told.update(courses["width_m"].to_numpy(dtype=np.float64).tobytes())
    told.update(b"" if oneway is None else np.asarray(oneway, dtype=np.int8).tobytes())
    kinds = sorted(settings.tolerances.items()), sorted(settings.manners.items())
    told.update(repr((*kinds, settings.bank_road_covers_river, settings.language)).encode())
    return told.hexdigest()[:16]


def _marks(
    fixes: Fixes, rows: _Rows, patrols: Patrols, sent: Mapping[str, Sequence[int]]
) -> list[str]:
    """Return a name for each patrol, its fixes in their order, and its errand."""
    table = np.empty(len(rows.row), dtype=_FIX)
    table["x"], table["y"] = fixes["x_m"].to_numpy()[rows.row], fixes["y_m"].to_numpy()[rows.row]
    table["at"] = fixes["at"].to_numpy(dtype="datetime64[us]")[rows.row].view(np.int64)
    table["accuracy"] = fixes["accuracy_m"].to_numpy()[rows.row]
    code, words = pd.factorize(fixes["point"])
    table["point"] = np.array([zlib.crc32(w.encode()) for w in words], dtype=np.uint32)[
        code[rows.row]
    ]
    marks = []
    who = patrols[["patrol_id", "grade", "mode"]].itertuples(index=False, name=None)
    for n, (name, grade, mode) in enumerate(who):
        told = hashlib.sha256(repr((name, grade, mode, sorted(sent.get(name, ())))).encode())
        told.update(table[rows.first[n] : rows.first[n + 1]].data)
        marks.append(told.hexdigest()[:24])
    return marks
