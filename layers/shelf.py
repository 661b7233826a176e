"""Keep what was read and matched in one file between runs, so that a day costs only its own fixes.

The file is a memory and nothing else: deleted, it is made anew at the price of one long run. Every
entry is named for all that it was made of, so nothing in it can be stale.
"""

import json
import sqlite3
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from layers.faults import PatrolmapError

FILE = "matched.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tracks (
    file TEXT, patrol INTEGER, fixes INTEGER, name TEXT, body BLOB, PRIMARY KEY (file, patrol));
CREATE INDEX IF NOT EXISTS sizes ON tracks (file, patrol, fixes, name);
CREATE TABLE IF NOT EXISTS batches (
    batch INTEGER PRIMARY KEY, world TEXT, fixes INTEGER, marks TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS worlds ON batches (world);
CREATE TABLE IF NOT EXISTS tables (
    batch INTEGER, name TEXT, body BLOB NOT NULL, PRIMARY KEY (batch, name));
"""
# Another program may be at the same project: wait for it so long.
_PATIENCE_S = 120.0
# So many bytes may be lost when the program is killed; a commit for every small file is slow.
_UNSAVED_BYTES = 8_000_000
_FORGETTING = ("DELETE FROM tables WHERE batch = ?", "DELETE FROM batches WHERE batch = ?")


class ShelfError(PatrolmapError):
    """A memory of earlier runs that cannot be read or written."""


@dataclass(frozen=True)
class Track:
    """The fixes of one patrol of a file: its number there, how many, their name, their bytes."""

    patrol: int
    fixes: int
    name: str
    body: bytes


@dataclass(frozen=True)
class Batch:
    """Some matched patrols that are kept together: their marks, and how many fixes they had."""

    number: int
    fixes: int
    marks: list[str]


class Shelf:
    """Files that were read, and patrols that were matched; without a folder only in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE if folder else Path(":memory:")
        self._base = _opened(path)
        weakref.finalize(self, self._base.close)
        self._unsaved = 0

    def told(self, file: str) -> Any:
        """Return what was told of a file that was read, None for one that was not."""
        row = self._run("SELECT told FROM files WHERE file = ?", (file,)).fetchone()
        return None if row is None else json.loads(row[0])

    def put_track(self, file: str, track: Track) -> None:
        """Keep the fixes of a patrol; they count from when their file is told of."""
        values = (file, track.patrol, track.fixes, track.name, track.body)
        self._run("INSERT OR REPLACE INTO tracks VALUES (?, ?, ?, ?, ?)", values)
        self._saved(len(track.body))

    def put_file(self, file: str, told: object) -> None:
        """Keep what is told of a file, all of whose tracks are kept."""
        text = json.dumps(told, ensure_ascii=False)
        self._run("INSERT OR REPLACE INTO files VALUES (?, ?)", (file, text))
        self._saved(len(text))

    def tracks(self, file: str) -> list[tuple[int, int, str]]:
        """Return number, number of fixes and name of the tracks of a file, by number."""
        query = "SELECT patrol, fixes, name FROM tracks WHERE file = ? ORDER BY patrol"
        return self._run(query, (file,)).fetchall()

    def body(self, file: str, patrol: int) -> bytes:
        """Return the fixes of one track."""
        query = "SELECT body FROM tracks WHERE file = ? AND patrol = ?"
        (body,) = self._run(query, (file, patrol)).fetchone()
        return bytes(body)

    def keep_files(self, files: Collection[str]) -> None:
        """Forget all files but these."""
        known = {file for (file,) in self._run("SELECT file FROM files")}
        for file in known.difference(files):
            self._run("DELETE FROM files WHERE file = ?", (file,))
            self._run("DELETE FROM tracks WHERE file = ?", (file,))
        self._save()

    def batches(self, world: str) -> list[Batch]:
        """Return the batches of a world, the oldest first."""
        query = "SELECT batch, fixes, marks FROM batches WHERE world = ? ORDER BY batch"
        rows = self._run(query, (world,)).fetchall()
        return [Batch(number, fixes, json.loads(marks)) for number, fixes, marks in rows]

    def put_batch(
        self,
        world: str,
        fixes: int,
        marks: Sequence[str],
        tables: Mapping[str, pd.DataFrame],
        *,
        instead_of: Iterable[Batch] = (),
    ) -> None:
        """Keep a batch whole or not at all, `instead_of` others."""
        self._save()
        with self._base:
            for batch in instead_of:
                for statement in _FORGETTING:
                    self._run(statement, (batch.number,))
            told = (world, fixes, json.dumps(list(marks)))
            query = "INSERT INTO batches (world, fixes, marks) VALUES (?, ?, ?)"
            number = self._run(query, told).lastrowid
            for name, frame in tables.items():
                row = (number, name, _packed(frame))
                self._run("INSERT INTO tables VALUES (?, ?, ?)", row)

    def table(self, batch: Batch, name: str) -> pd.DataFrame:
        """Return one table of a batch."""
        query = "SELECT body FROM tables WHERE batch = ? AND name = ?"
        (body,) = self._run(query, (batch.number, name)).fetchone()
        return pa.ipc.open_file(pa.py_buffer(body)).read_all().to_pandas()

    def _run(self, query: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        try:
            return self._base.execute(query, values)
        except sqlite3.Error as error:
            raise ShelfError(_told(error)) from error

    def _saved(self, size: int) -> None:
        self._unsaved += size
        if self._unsaved > _UNSAVED_BYTES:
            self._save()

    def _save(self) -> None:
        self._base.commit()
        self._unsaved = 0


def _opened(path: Path) -> sqlite3.Connection:
    """Return the open base; a file that is none is begun anew."""
    base = sqlite3.connect(path, timeout=_PATIENCE_S)
    try:
        base.executescript(_SCHEMA)
    except sqlite3.OperationalError as error:
        raise ShelfError(_told(error)) from error
    except sqlite3.DatabaseError:
        base.close()
        path.unlink()
        return _opened(path)
    return base


def _told(error: sqlite3.Error) -> str:
    return (
        f"{FILE}: 需要能读写的记录,来的是 {error};等别的 patrolmap 结束,或删去它重算一遍 "
        f"(wanted the memory of earlier runs; came {error}; wait for others to end, or delete it)"
    )


def _packed(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
