"""Cut every course into segments that can be reported on."""

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.duties import in_force
from geo.intervals import Ints, millimetres, overlay, stretches, union
from geo.lines import Floats, Lines, cut
from geo.schema import (
    SEGMENTS,
    Areas,
    AreaStretches,
    Courses,
    Duties,
    Segments,
    conform_geo,
)
from geo.settings import Settings


def tile(
    courses: Courses,
    lines: Lines,
    duties: Duties,
    *,
    areas: Areas,
    within: AreaStretches,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Segments:
    """Return the segments of all courses, in order; they tile each course to the millimetre.

    A segment ends where a duty valid on `as_of` begins or ends, where the course crosses the
    border of the smallest area it lies in, and then after equal parts of at most
    `settings.segment_m`. Ends within `settings.ignore_m` of another make no segment of their own:
    tables round to the metre. Its id is its course and its start.
    """
    length_mm, ignore_mm = millimetres(lines.length_m), round(settings.ignore_m * 1000)
    edge = np.stack([np.arange(len(lines)), np.zeros(len(lines), dtype=np.int64)], axis=1)
    last = np.stack([np.arange(len(lines)), length_mm], axis=1)
    valid = duties[in_force(duties, as_of)]
    firm = _apart(_ends(lines, valid), np.concatenate([edge, last]), ignore_mm)
    border = _apart(_borders(lines, areas, within), firm, ignore_mm)
    course, at = np.unique(np.concatenate([edge, last, firm, border]), axis=0).T
    same = course[1:] == course[:-1]
    number, start, end = course[1:][same], at[:-1][same], at[1:][same]
    row, start, end = _equal(start, end, round(settings.segment_m * 1000))
    number = number[row]
    cutting = _segments(courses, lines, number, start / 1000, end / 1000)
    return Segments(conform_geo(cutting.assign(area=_areas(cutting, areas, within)), SEGMENTS))


def _ends(lines: Lines, rows: pd.DataFrame) -> Ints:
    """Return `(course, mm)` of both ends of all rows."""
    number = lines.numbers(rows["course_id"])
    ends = millimetres(np.concatenate([rows["from_m"], rows["to_m"]]))
    return np.stack([np.concatenate([number, number]), ends], axis=1)


def _borders(lines: Lines, areas: Areas, within: AreaStretches) -> Ints:
    """Return where courses cross a border of the smallest areas; a coarser one counts elsewhere."""
    size = pd.Series(areas.geometry.area.to_numpy()).groupby(areas["level"].to_numpy()).median()
    known = stretches([], [], [])
    found = [np.zeros((0, 2), dtype=np.int64)]
    for level in size.sort_values(kind="stable").index:
        rows = within[within["level"] == level]
        mine = stretches(lines.numbers(rows["course_id"]), rows["from_m"], rows["to_m"])
        ends = _ends(lines, rows)
        point = stretches(ends[:, 0], np.maximum(ends[:, 1] - 1, 0) / 1000, (ends[:, 1] + 1) / 1000)
        met = overlay(point, known)
        met_mm = np.bincount(met.left, met.stretches.length_mm, minlength=len(point))
        # A border within a finer area has both its neighbouring millimetres in there.
        found.append(ends[met_mm < point.length_mm])
        known = union(known, mine)
    return np.concatenate(found)


def _equal(start: Ints, end: Ints, most_mm: int) -> tuple[Ints, Ints, Ints]:
    """Return each stretch in equal parts of at most `most_mm`, with the row each came from."""
    parts = -((start - end) // most_mm)
    row = np.repeat(np.arange(len(start)), parts)
    part = np.arange(len(row)) - np.repeat(np.cumsum(parts) - parts, parts)
    length, of = (end - start)[row], parts[row]
    # Both ends are reckoned the same way, so that one part starts where the one before ends.
    return row, start[row] + part * length // of, start[row] + (part + 1) * length // of


def _apart(border: Ints, firm: Ints, ignore_mm: int) -> Ints:
    """Return the ends that are more than `ignore_mm` from those of `firm` and from one another."""
    kept = np.unique(border, axis=0)
    far = np.ones(len(kept), dtype=bool)
    far[1:] = (kept[1:, 0] != kept[:-1, 0]) | (kept[1:, 1] - kept[:-1, 1] > ignore_mm)
    kept = kept[far]
    near = stretches(
        firm[:, 0], np.maximum(firm[:, 1] - ignore_mm, 0) / 1000, (firm[:, 1] + ignore_mm) / 1000
    )
    point = stretches(kept[:, 0], kept[:, 1] / 1000, (kept[:, 1] + 1) / 1000)
    return kept[np.setdiff1d(np.arange(len(kept)), overlay(point, near).left)]


def _segments(
    courses: Courses, lines: Lines, number: Ints, from_m: Floats, to_m: Floats
) -> gpd.GeoDataFrame:
    ids = lines.ids[number]
    return gpd.GeoDataFrame(
        {
            "segment_id": [f"{one}@{m:.3f}" for one, m in zip(ids, from_m, strict=True)],
            "course_id": ids,
            "asset_id": courses["asset_id"].to_numpy()[number],
            "kind": courses["kind"].to_numpy()[number],
            "name": courses["name"].to_numpy()[number],
            "grade": courses["grade"].to_numpy()[number],
            "from_m": from_m,
            "to_m": to_m,
            "length_m": np.round(to_m - from_m, 3),
        },
        geometry=cut(lines, number, from_m, to_m),
        crs=courses.crs,
    )


def _areas(cutting: gpd.GeoDataFrame, areas: Areas, within: AreaStretches) -> pd.Series:
    """Return the smallest area that holds the middle of each segment, '' for none."""
    rank = areas.geometry.area.rank(method="first")
    size = dict(zip(areas["area_id"], rank, strict=True))
    middle = ((cutting["from_m"] + cutting["to_m"]) / 2).round(3)
    around = cutting[["course_id"]].assign(at=range(len(cutting)), middle=middle)
    held = around.merge(within, on="course_id")
    held = held[(held["from_m"] <= held["middle"]) & (held["middle"] < held["to_m"])]
    held = held.assign(size=held["area_id"].map(size)).sort_values("size", kind="stable")
    return held.groupby("at")["area_id"].first().reindex(range(len(cutting)), fill_value="")
