"""Keep matched patrols between runs, so that a new day costs only its own fixes.

Patrols are kept in files of many, in a folder named for all that bears on every patrol alike:
courses and settings. Each patrol in them is named for its own fixes and errand, so nothing in the
store can be stale.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geo.cleaning import REASONS, STRANGER
from geo.lines import Ints, Lines
from geo.match import Matched, match
from geo.schema import FLAGGED, PASSAGES, Courses, Fixes, Flagged, Passages, Patrols, conform, empty
from geo.settings import Settings

# Counts up when the matcher answers differently.
_MATCHER = 1
_BATCH_FIXES = 500_000


@dataclass(frozen=True)
class _Kept:
    """One file of the store: its patrols' marks, their passages, the flags of their fixes."""

    marks: list[str]
    passages: pd.DataFrame
    flags: pd.DataFrame


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
    folder = store / _world(lines, courses, settings, oneway)
    folder.mkdir(parents=True, exist_ok=True)
    number = pd.Index(patrols["patrol_id"]).get_indexer(fixes["patrol_id"]).astype(np.int64)
    marks = _marks(fixes, number, patrols, sent or {})
    kept = [_read(path) for path in sorted(folder.glob("*.passages.parquet"))]
    known = {mark for file in kept for mark in file.marks}
    new = np.array([mark not in known for mark in marks], dtype=bool)
    for batch in _batches(number, new):
        mine = np.flatnonzero(np.isin(number, batch))
        found = match(
            Fixes(fixes.iloc[mine].reset_index(drop=True)),
            Patrols(patrols.iloc[batch].reset_index(drop=True)),
            courses,
            lines,
            settings,
            sent=sent,
            oneway=oneway,
            workers=workers,
        )
        names = np.array(marks, dtype=object)
        owner = pd.Index(patrols["patrol_id"]).get_indexer(found.passages["patrol_id"])
        file = _Kept(
            marks=[marks[n] for n in batch],
            passages=found.passages.assign(mark=names[owner]),
            flags=found.flags.assign(mark=names[number[mine]]),
        )
        _write(folder, file)
        kept.append(file)
    return _collected(kept, marks, number, settings)


def _collected(kept: list[_Kept], marks: list[str], number: Ints, settings: Settings) -> Matched:
    """Put passages in the order of `match`, flags in the order of the fixes."""
    place = {mark: n for n, mark in enumerate(marks)}
    passages = pd.concat([empty(PASSAGES).assign(mark=""), *(file.passages for file in kept)])
    at = passages["mark"].map(place)
    passages = passages.assign(at=at)[at.notna()].drop_duplicates("passage_id")
    passages = passages.sort_values(["evidence", "at"], kind="stable").drop(columns=["mark", "at"])
    flags = pd.concat([empty(FLAGGED).assign(mark=""), *(file.flags for file in kept)])
    owner = flags["mark"].map(place)
    flags = flags.assign(at=owner)[owner.notna()]
    flags = flags.assign(nth=flags.groupby("mark").cumcount()).drop_duplicates(["at", "nth"])
    nth = pd.Series(number).groupby(number).cumcount()
    asked = pd.DataFrame({"at": number.astype(float), "nth": nth})
    found = asked.merge(flags.drop(columns="mark"), on=["at", "nth"], how="left", validate="m:1")
    stranger = found["flag"].isna()
    word = REASONS[STRANGER].say(settings.language)
    found = found.assign(
        used=found["used"].eq(other=True),
        flag=found["flag"].where(~stranger, "unlisted"),
        why=found["why"].where(~stranger, word),
    )
    return Matched(
        Passages(conform(passages, PASSAGES)),
        Flagged(conform(found[FLAGGED.names], FLAGGED)),
    )


def _batches(number: Ints, new: NDArray[np.bool_]) -> Iterator[Ints]:
    """Yield the numbers of new patrols, so many at a time that memory stays bounded."""
    size = np.bincount(number[number >= 0], minlength=len(new))
    asked = np.flatnonzero(new)
    if len(asked):
        group = np.cumsum(size[asked]) // _BATCH_FIXES
        yield from (asked[group == one] for one in np.unique(group))


def _write(folder: Path, file: _Kept) -> None:
    name = hashlib.sha256("".join(file.marks).encode()).hexdigest()[:16]
    _whole(pa.Table.from_pandas(file.flags, preserve_index=False), folder / f"{name}.flags.parquet")
    # The passages come last: with them the batch is in the store.
    table = pa.Table.from_pandas(file.passages, preserve_index=False)
    told = dict(table.schema.metadata or {}) | {b"marks": json.dumps(file.marks).encode()}
    _whole(table.replace_schema_metadata(told), folder / f"{name}.passages.parquet")


def _whole(table: pa.Table, path: Path) -> None:
    """Write a file that is there whole or not at all."""
    half = path.with_suffix(f".{os.getpid()}.half")
    pq.write_table(table, half, compression="zstd")
    half.replace(path)


def _read(path: Path) -> _Kept:
    table = pq.read_table(path)
    flags = path.with_name(path.name.replace(".passages.", ".flags."))
    return _Kept(
        marks=json.loads(table.schema.metadata[b"marks"]),
        passages=table.to_pandas(),
        flags=pq.read_table(flags).to_pandas(),
    )


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
    kinds = sorted(settings.tolerances.items())
    told.update(repr((kinds, settings.bank_road_covers_river, settings.language)).encode())
    return told.hexdigest()[:16]


def _marks(
    fixes: Fixes, number: Ints, patrols: Patrols, sent: Mapping[str, Sequence[int]]
) -> list[str]:
    """Return a name for each patrol, its fixes in their order, and its errand."""
    told = fixes[["x_m", "y_m", "at", "accuracy_m", "point"]]
    row = pd.util.hash_pandas_object(told, index=False).to_numpy()
    nth = pd.Series(number).groupby(number).cumcount().to_numpy().astype(np.uint64)
    here = number >= 0
    # Two sums of 64 bits, each minding the order of the fixes.
    one, two = np.zeros(len(patrols), np.uint64), np.zeros(len(patrols), np.uint64)
    np.add.at(one, number[here], row[here] * (2 * nth[here] + np.uint64(1)))
    np.add.at(two, number[here], (row[here] >> np.uint64(17)) * (2 * nth[here] + np.uint64(3)))
    count = np.bincount(number[here], minlength=len(patrols))
    ids, grades = patrols["patrol_id"], patrols["grade"]
    return [
        hashlib.sha256(repr((i, g, sorted(sent.get(i, ())), n, a, b)).encode()).hexdigest()[:24]
        for i, g, n, a, b in zip(
            ids, grades, count.tolist(), one.tolist(), two.tolist(), strict=True
        )
    ]
