"""Pack the segments: where they run, how they stand over all levels and at each."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.settings import LEVELS
from geo.standing import STATES
from geo.study import Study
from maps.cells import Cells, lines
from maps.edition import Edition
from maps.pack_areas import area_names
from maps.packing import Ints, Pack, days, millimetres
from maps.pinyin import pack_initials

METRES = (
    "assigned_m", "unassigned_m", "conflicting_m", "out_of_scope_m",
    "covered_m", "unsure_m", "overdue_m", "never_m",
)  # fmt: skip
# What is mostly left over by others; the page reads METRES in their order.
RESTS = {
    "out_of_scope_m": ("assigned_m", "unassigned_m"),
    "never_m": ("covered_m", "unsure_m", "overdue_m"),
}
# What the page tells of the standing over all levels.
OVERALL = (
    "state", "last_at", "due_on", "why", "last_by", "declared", "visits", "overdue_days",
    "last_offset_m", *METRES,
)  # fmt: skip


def segments(
    pack: Pack, study: Study, ordered: gpd.GeoDataFrame, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add the segments, `ordered` as the page keeps them, with their standing over all levels."""
    overall = _standing(study, "", segment_ids(ordered), OVERALL)
    local = overall["last_at"].dt.tz_convert(study.settings.time_zone)
    length_mm = millimetres(ordered["length_m"])
    columns: dict[str, Any] = {
        "lines": lines(pack, ordered.geometry.to_numpy(), study.inputs.crs, cells),
        "course": pack.text(edition.course_ids(ordered["course_id"])),
        "start_mm": pack.ints(_jumps(ordered, length_mm)),
        "length_mm": pack.ints(length_mm, delta=1),
        "state": pack.ints(_states(overall["state"])),
        "last_on": pack.ints(days(local)),
        "due_after": pack.ints(days(overall["due_on"]) - days(local)),
    }
    ordered = ordered.assign(area=area_names(study, ordered["area"]))
    for name in ("kind", "name", "grade", "area"):
        columns[name] = pack.text(edition.text("segments", ordered, name))
    for name in ("name", "area"):
        columns[f"{name}_initials"] = pack_initials(pack, edition.text("segments", ordered, name))
    for name in ("why", "last_by"):
        columns[name] = pack.text(edition.text("standing", overall, name))
    columns |= _shares(pack, overall, length_mm)
    for name in ("declared", "visits"):
        columns[name] = pack.ints(overall[name].fillna(0).to_numpy())
    columns["overdue_days"] = pack.ints(overall["overdue_days"].fillna(-1).to_numpy())
    offset = overall["last_offset_m"].fillna(-1).to_numpy()
    columns["last_offset_m"] = pack.ints(np.rint(offset))
    if edition.times:
        minute = local.dt.hour * 60 + local.dt.minute
        columns["last_minute"] = pack.ints(minute.fillna(-1).to_numpy())
    return {"n": len(ordered), "columns": columns}


def levels(
    pack: Pack, study: Study, ordered: gpd.GeoDataFrame, edition: Edition
) -> list[dict[str, Any]]:
    """Add the standing of every level that was asked, highest first, segment by segment."""
    packed = []
    ids = segment_ids(ordered)
    asked = [str(level) for level in study.standing["level"].unique() if level]
    for level in sorted(asked, key=level_rank):
        rows = _standing(study, level, ids, ("state", "why"))
        packed.append(
            {
                "level": edition.word(level),
                "state": pack.ints(_states(rows["state"])),
                "why": pack.text(edition.text("standing", rows, "why")),
            }
        )
    return packed


def segment_ids(ordered: pd.DataFrame) -> "pd.Index[Any]":
    """Return the ids of the segments as an index: where an id stands in it is its number."""
    return pd.Index(ordered["segment_id"].to_numpy(dtype=object), dtype=object)


def level_rank(level: str) -> tuple[int, str]:
    """Return what levels are sorted by: the known ones from the top, then the others by name."""
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS), level)


def _standing(
    study: Study, level: str, ids: "pd.Index[Any]", columns: tuple[str, ...]
) -> pd.DataFrame:
    """Return standing columns of the segments `ids` at a level; unknown for a segment without one.

    Two standings of one segment at one level are refused with `ValueError`.
    """
    asked = (study.standing["level"] == level).to_numpy()
    rows = study.standing[["segment_id", *columns]][asked]
    segment = ids.get_indexer(pd.Index(rows["segment_id"].to_numpy(dtype=object), dtype=object))
    rows, segment = rows[segment >= 0], segment[segment >= 0]
    if len(segment) and int(np.bincount(segment).max()) > 1:
        twice = ids[int(np.bincount(segment).argmax())]
        msg = f"wanted one standing a segment and level, got two of {twice!r} at {level!r}"
        raise ValueError(msg)
    at = np.full(len(ids), -1)
    at[segment] = np.arange(len(segment))
    told = rows[list(columns)].reset_index(drop=True)
    told = told.take(at) if (at >= 0).all() else told.reindex(at)
    return told.reset_index(drop=True)


def _states(states: "pd.Series[Any]") -> Ints:
    """Return each state as its number in STATES; a segment without a standing is out of scope."""
    number = {state: i for i, state in enumerate(STATES)}
    unknown = number["out_of_scope"]
    codes, unique = pd.factorize(states.to_numpy(dtype=object))
    numbers = [number.get(state, unknown) for state in unique]
    return np.array([*numbers, unknown], dtype=np.int64)[codes]


def _shares(pack: Pack, overall: pd.DataFrame, length_mm: Ints) -> dict[str, Any]:
    """Add METRES, parts of the length: 0 none, 1 all, 2 what RESTS leave, else millimetres + 3."""
    parts = {name: np.maximum(millimetres(overall[name]), 0) for name in METRES}
    packed = {}
    for name, part in parts.items():
        rest = length_mm - sum(parts[other] for other in RESTS.get(name, ()))
        conditions = [part == 0, part == length_mm, part == rest]
        packed[name] = pack.ints(np.select(conditions, [0, 1, 2], part + 3))
    return packed


def _jumps(ordered: pd.DataFrame, length_mm: Ints) -> Ints:
    """Return how far each segment starts from the end of the one before: 0 along a tiled course."""
    start = millimetres(ordered["from_m"])
    return start - np.r_[0, (start + length_mm)[:-1]][: len(start)]
