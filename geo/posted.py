"""Name the holders of every segment: who, for which unit, since when, under which telephone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.intervals import millimetres
from geo.lines import Lines
from geo.schema import Duties, Segments
from geo.seen import axis
from geo.words import Language, Text

ONE = Text("{level}{role} {holder}{bank}", "{holder}, {level} {role}{bank}")
BANKS = {"L": Text("(左岸)", " (left bank)"), "R": Text("(右岸)", " (right bank)")}
LEVEL_NAMES = {
    "province": Text("省级", "province"),
    "city": Text("市级", "city"),
    "county": Text("县级", "county"),
    "town": Text("镇级", "town"),
    "village": Text("村级", "village"),
    "group": Text("组级", "group"),
}


@dataclass(frozen=True)
class Posted:
    """One entry a segment; several holders are joined by `; `, nobody is ''."""

    holders: NDArray[np.object_]
    units: NDArray[np.object_]
    phones: NDArray[np.object_]
    since_on: NDArray[np.datetime64]


def level_name(level: str, language: Language) -> str:
    """Return the name of a level as an office says it; an unknown one as it is written."""
    return LEVEL_NAMES[level].say(language) if level in LEVEL_NAMES else level


def posted(
    segments: Segments,
    duties: Duties,
    lines: Lines,
    *,
    level: str,
    language: Language,
    as_of: pd.Timestamp,
) -> Posted:
    """Return who holds each segment on `as_of` at `level`, '' for all levels, highest first.

    A segment is held by whoever holds its middle: segments are cut wherever a holder changes.
    """
    day = as_of.normalize()
    valid = ~(duties["from_on"] > day) & ~(duties["until_on"] <= day) & (duties["holder"] != "")
    if level:
        valid &= duties["level"] == level
    rows = duties[valid].reset_index(drop=True)
    order = np.argsort(rows["level"].map(_rank).to_numpy(), kind="stable")
    rows = rows.iloc[order].reset_index(drop=True)
    segment, duty = _pairs(segments, rows, lines)
    told = np.array([_say(row, language) for row in rows.itertuples(index=False)], dtype=object)
    size = len(segments)
    since = np.full(size, np.datetime64("NaT", "us"))
    start = rows["from_on"].to_numpy(dtype="datetime64[us]")[duty]
    np.fmax.at(since, segment, start)
    return Posted(
        holders=_joined(segment, told[duty], size),
        units=_joined(segment, rows["unit"].to_numpy(dtype=object)[duty], size),
        phones=_joined(segment, rows["phone"].to_numpy(dtype=object)[duty], size),
        since_on=since,
    )


def _pairs(
    segments: Segments, rows: pd.DataFrame, lines: Lines
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of segment and duty that meet, by the middle of the segment."""
    offset = axis(lines)
    start = offset[lines.numbers(segments["course_id"])]
    middle = start + millimetres(((segments["from_m"] + segments["to_m"]) / 2).to_numpy())
    order = np.argsort(middle, kind="stable")
    base = offset[lines.numbers(rows["course_id"])]
    first = np.searchsorted(middle[order], base + millimetres(rows["from_m"].to_numpy()))
    last = np.searchsorted(middle[order], base + millimetres(rows["to_m"].to_numpy()))
    count = np.maximum(last - first, 0)
    duty = np.repeat(np.arange(len(rows)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return order[np.repeat(first, count) + within], duty


def _joined(
    segment: NDArray[np.int64], texts: NDArray[np.object_], size: int
) -> NDArray[np.object_]:
    told: list[list[str]] = [[] for _ in range(size)]
    for number, text in zip(segment.tolist(), texts.tolist(), strict=True):
        if text and text not in told[number]:
            told[number].append(text)
    return np.array(["; ".join(some) for some in told], dtype=object)


def _rank(level: str) -> int:
    known = list(LEVEL_NAMES)
    return known.index(level) if level in known else len(known)


def _say(row: object, language: Language) -> str:
    level, role, holder, side = (getattr(row, name) for name in ("level", "role", "holder", "side"))
    bank = BANKS[side].say(language) if side in BANKS else ""
    return ONE.say(
        language, level=level_name(level, language), role=role, holder=holder, bank=bank
    ).strip()
