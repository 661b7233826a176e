"""Cut stretches into tracts that can change hands, and say which of them meet."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.intervals import Stretches, millimetres, overlay
from geo.lines import Ints, Lines

# A border that follows a river crosses it to and fro: shorter tracts are nobody's duty.
LEAST_M = 100.0


def cut_up(
    gaps: Stretches, borders: Stretches, *, every_m: float, least_m: float = LEAST_M
) -> tuple[Stretches, Ints]:
    """Return the tracts of `gaps` and the row of the gap each belongs to, in order.

    A gap is cut where one of `borders` begins or ends inside it and, where it is longer than one
    and a half times `every_m`, at whole multiples of `every_m`. A cut that would leave less than
    `least_m` on a side is not made; borders come before multiples. The tracts tile their gaps.
    """
    marks = _marks(gaps, borders)
    course, start, end, owner = [], [], [], []
    step, least = int(millimetres(every_m)), int(millimetres(least_m))
    for gap in range(len(gaps)):
        first, last = int(gaps.from_mm[gap]), int(gaps.to_mm[gap])
        kept = _spaced([first, last], marks.get(gap, []), least)
        if last - first > 1.5 * step:
            kept = _spaced(kept, range((first // step + 1) * step, last, step), least)
        start += kept[:-1]
        end += kept[1:]
        course += [int(gaps.course[gap])] * (len(kept) - 1)
        owner += [gap] * (len(kept) - 1)
    whole = (np.array(column, dtype=np.int64) for column in (course, start, end, owner))
    course_of, from_mm, to_mm, of = whole
    return Stretches(course_of, from_mm, to_mm), of


def _marks(gaps: Stretches, borders: Stretches) -> dict[int, list[int]]:
    shared = overlay(gaps, borders)
    gap = np.r_[shared.left, shared.left]
    at = np.r_[shared.stretches.from_mm, shared.stretches.to_mm]
    marks: dict[int, list[int]] = {}
    for one, mark in np.unique(np.column_stack([gap, at]), axis=0).tolist():
        marks.setdefault(one, []).append(mark)
    return marks


def _spaced(kept: list[int], marks: "list[int] | range", least: int) -> list[int]:
    """Return the sorted `kept` with every mark that is `least` from all others."""
    ends = sorted(kept)
    for mark in marks:
        at = int(np.searchsorted(ends, mark))
        if 0 < at < len(ends) and mark - ends[at - 1] >= least and ends[at] - mark >= least:
            ends.insert(at, mark)
    return ends


def most_of(tracts: Stretches, areas: Stretches) -> Ints:
    """Return the row of `areas` that has most of each tract, the first of equals, -1 for none."""
    shared = overlay(tracts, areas)
    found = pd.DataFrame(
        {"tract": shared.left, "area": shared.right, "mm": shared.stretches.length_mm}
    ).sort_values(["tract", "mm", "area"], ascending=[True, False, True])
    best = found.drop_duplicates("tract")
    most = np.full(len(tracts), -1, dtype=np.int64)
    most[best["tract"].to_numpy()] = best["area"].to_numpy()
    return most


def meetings(
    stretches: Stretches, shapes: NDArray[np.object_], lines: Lines, *, reach_m: float
) -> Ints:
    """Return the pairs of stretches that meet, the lower row first, each once.

    Stretches of one course meet when they touch, overlap (on opposite banks) or lie on both sides
    of the seam of a closed course; those of different courses when they cross, or when an end of
    the one's course lies within `reach_m` of the other. `shapes` are their lines.
    """
    along = _along(stretches, lines)
    tree = shapely.STRtree(shapes)
    crossing = tree.query(shapes, predicate="intersects")
    ends, owner = _course_ends(stretches, shapes, lines)
    point, near = tree.query(ends, predicate="dwithin", distance=reach_m)
    pairs = np.hstack([along, crossing, np.vstack([owner[point], near])]).astype(np.int64)
    other = stretches.course[pairs[0]] != stretches.course[pairs[1]]
    other[: along.shape[1]] = True
    pairs = np.sort(pairs[:, other & (pairs[0] != pairs[1])], axis=0)
    return np.unique(pairs.T, axis=0) if pairs.size else np.zeros((0, 2), dtype=np.int64)


def _along(stretches: Stretches, lines: Lines) -> Ints:
    # A millimetre on either side turns touching into overlapping.
    wider = Stretches(stretches.course, np.maximum(stretches.from_mm - 1, 0), stretches.to_mm + 1)
    shared = overlay(wider, wider)
    length = millimetres(lines.length_m)
    seam = np.flatnonzero(lines.closed[stretches.course])
    begins = seam[stretches.from_mm[seam] == 0]
    stops = seam[stretches.to_mm[seam] >= length[stretches.course[seam]]]
    first = pd.DataFrame({"course": stretches.course[begins], "one": begins})
    joined = first.merge(
        pd.DataFrame({"course": stretches.course[stops], "other": stops}),
        on="course",
    )
    round_trip = joined[["one", "other"]].to_numpy(dtype=np.int64).T
    return np.hstack([np.vstack([shared.left, shared.right]), round_trip]).astype(np.int64)


def _course_ends(
    stretches: Stretches, shapes: NDArray[np.object_], lines: Lines
) -> tuple[NDArray[np.object_], Ints]:
    """Return the points where courses end, for the stretches that reach them."""
    length = millimetres(lines.length_m)
    begins = np.flatnonzero(stretches.from_mm == 0)
    stops = np.flatnonzero(stretches.to_mm >= length[stretches.course])
    points = np.r_[
        np.atleast_1d(shapely.get_point(shapes[begins], 0)),
        np.atleast_1d(shapely.get_point(shapes[stops], -1)),
    ]
    return points, np.r_[begins, stops].astype(np.int64)
