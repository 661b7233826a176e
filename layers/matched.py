"""Keep what patrols walked between runs, so that a new day costs only its own fixes.

Patrols are kept in batches, in a world named for all that bears on every patrol alike: courses,
parts and settings. Each patrol in it is named for its own fixes and errand, so nothing in the store
can be stale.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.gist import Gist, Shapes
from geo.lines import Ints
from geo.schema import BOXES, DRAWN, MEASURED, PASSAGES, REMARKS, VISITS, Patrols
from geo.trails import BATCH_FIXES, Trails, batches
from geo.walked import Beat, Walked, gathered, walked
from layers.shelf import Batch, Shelf

# Counts up when the matcher answers differently, or what is kept of a patrol is another thing.
_MATCHER = 4
# Every batch costs a look; so many small ones, of as many days, become one.
_SMALL_FIXES, _MANY = BATCH_FIXES // 2, 24
_TABLES = (PASSAGES, VISITS, MEASURED, DRAWN, REMARKS, BOXES)
_LINES = "lines"


def walk_kept(
    trails: Trails, patrols: Patrols, beat: Beat, *, shelf: Shelf, workers: int = 1
) -> Walked:
    """Return what `geo.walked.walk` returns, matching only what `shelf` does not hold.

    Every batch of patrols is kept whole or not at all, so that a run that was stopped goes on where
    it stopped and gives the same result.
    """
    world, marks = _world(beat), _marks(trails, patrols, beat)
    known = {mark for batch in shelf.batches(world) for mark in batch.marks}
    new = np.flatnonzero([mark not in known for mark in marks])
    for some in batches(new, trails.sizes):
        found = walked(trails, patrols, some, beat, workers=workers)
        fixes = int(trails.sizes[some].sum())
        names = patrols["patrol_id"].to_numpy(dtype=object)[some]
        shelf.put_batch(world, fixes, [marks[n] for n in some], _tables(found, names))
    asked = dict(zip(marks, patrols["patrol_id"], strict=True))
    _join_small(shelf, world, asked)
    return gathered(_parts(shelf, shelf.batches(world), asked), patrols)


def _parts(shelf: Shelf, kept: Sequence[Batch], asked: Mapping[str, str]) -> list[Walked]:
    """Return what the patrols `asked` walked, their ids by mark, batch by batch, each only once."""
    left, parts = dict(asked), []
    for batch in kept:
        names = np.array([left.pop(mark, "") for mark in batch.marks], dtype=object)
        parts.append(_part(shelf, batch, names))
    return parts


def _part(shelf: Shelf, batch: Batch, names: Shapes) -> Walked:
    """Return what the patrols of a batch walked; `names` are their ids, '' for one not asked."""
    frames = {}
    for table in _TABLES:
        frame = shelf.table(batch, table.name)
        patrol_id = names[frame.pop("of").to_numpy(dtype=np.int64)]
        frames[table.name] = frame.assign(patrol_id=patrol_id)[patrol_id != ""]
    return Walked(
        passages=frames["passages"],
        visits=frames["visits"],
        gist=Gist(
            measured=frames["measured"],
            drawn=frames["drawn"],
            remarks=frames["remarks"],
            boxes=frames["boxes"],
            lines=KeptLines(shelf, batch),
        ),
    )


@dataclass(frozen=True)
class KeptLines:
    """The drawn lines of a batch, on the shelf until they are asked for."""

    shelf: Shelf
    batch: Batch

    def of(self, places: Ints) -> Shapes:
        """Return the lines of these numbers."""
        if not len(places):
            return np.zeros(0, dtype=object)
        kept = self.shelf.table(self.batch, _LINES)
        return np.asarray(shapely.from_wkb(kept["line"].to_numpy(dtype=object)[places]))


def _tables(found: Walked, names: Shapes) -> dict[str, pd.DataFrame]:
    """Return what is kept of a batch: rows name their patrol by its number in `names`."""
    number = pd.Index(names)
    gist = found.gist
    lines = gist.lines.of(gist.drawn["place"].to_numpy())
    drawn = gist.drawn.assign(place=np.arange(len(lines)))
    frames = (found.passages, found.visits, gist.measured, drawn, gist.remarks, gist.boxes)
    tables = {_LINES: pd.DataFrame({"line": shapely.to_wkb(lines)})}
    for table, frame in zip(_TABLES, frames, strict=True):
        of = number.get_indexer(pd.Index(frame["patrol_id"]))
        tables[table.name] = frame.drop(columns="patrol_id").assign(of=of)
    return tables


def _join_small(shelf: Shelf, world: str, asked: Mapping[str, str]) -> None:
    """Make one batch of the small ones when there are many; what is not asked is forgotten."""
    small = [batch for batch in shelf.batches(world) if batch.fixes < _SMALL_FIXES]
    if len(small) <= _MANY:
        return
    marks = [m for m in dict.fromkeys(m for batch in small for m in batch.marks) if m in asked]
    names = np.array([asked[mark] for mark in marks], dtype=object)
    who = Patrols(pd.DataFrame({"patrol_id": names}))
    found = gathered(_parts(shelf, small, {mark: asked[mark] for mark in marks}), who)
    fixes = sum(batch.fixes for batch in small)
    shelf.put_batch(world, fixes, marks, _tables(found, names), instead_of=small)


def _world(beat: Beat) -> str:
    """Return a name for all that bears on every patrol alike."""
    lines, courses, parts, settings = beat.lines, beat.courses, beat.parts, beat.settings
    told = hashlib.sha256(f"{_MATCHER} {pyproj.CRS(courses.crs).to_wkt()}".encode())
    for array in (lines.first, lines.x, lines.y, lines.m, lines.closed):
        told.update(np.ascontiguousarray(array).tobytes())
    told.update("\n".join([*map(str, lines.ids), *map(str, courses["kind"])]).encode())
    told.update(courses["width_m"].to_numpy(dtype=np.float64).tobytes())
    told.update(b"" if beat.oneway is None else np.asarray(beat.oneway, dtype=np.int8).tobytes())
    told.update("\n".join(["", *map(str, parts["part_id"])]).encode())
    for shape in parts.geometry.to_wkb():
        told.update(shape or b"-")
    kinds = sorted(settings.tolerances.items()), sorted(settings.manners.items())
    stays = settings.part_tolerance_m, settings.part_stay_s, settings.time_zone
    others = settings.bank_road_covers_river, settings.language
    told.update(repr((*kinds, *stays, *others)).encode())
    return told.hexdigest()[:16]


def _marks(trails: Trails, patrols: Patrols, beat: Beat) -> list[str]:
    """Return a name for each patrol, its fixes in their order, and its errand."""
    who = patrols[["patrol_id", "grade", "mode", "started_at"]].itertuples(index=False, name=None)
    marks = []
    for (name, grade, mode, started), fixes in zip(who, trails.names, strict=True):
        sent = sorted(beat.sent.get(name, ()))
        told = repr((name, grade, mode, str(started), sent, fixes))
        marks.append(hashlib.sha256(told.encode()).hexdigest()[:24])
    return marks
