"""Tell of every metre when it was last surely seen, and by which passage.

Passages overlap in thousands; what is asked is only the newest one at each place. Courses are laid
end to end on one axis of whole millimetres, all ends of passages and segments cut it into pieces,
and the passages are painted on newest first, each piece once.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from geo.intervals import millimetres
from geo.lines import Ints, Lines
from geo.schema import Passages, Segments

Mask = NDArray[np.bool_]
NOBODY = -1


@dataclass(frozen=True)
class Pieces:
    """Places that no passage and no segment divides further, in the order of the segments.

    `segment` numbers the segment each lies in; `start_mm` is on the common axis, `from_mm` on the
    course.
    """

    segment: Ints
    start_mm: Ints
    length_mm: Ints
    from_mm: Ints


@dataclass(frozen=True)
class Track:
    """The passages on the common axis, newest first; `time_us` is when each left, in microseconds.

    `row` points back to the passages frame. A passage without a time is older than any other.
    """

    row: Ints
    start_mm: Ints
    end_mm: Ints
    time_us: Ints


UNDATED = np.iinfo(np.int64).min


def axis(lines: Lines) -> Ints:
    """Return where each course starts when all are laid end to end, in millimetres."""
    return np.concatenate([[0], np.cumsum(millimetres(lines.length_m))]).astype(np.int64)


def lay(passages: Passages, lines: Lines) -> Track:
    """Return the passages on the common axis, newest first; unknown courses are left out."""
    number = lines.numbers(passages["course_id"])
    row = np.flatnonzero(number >= 0)
    start = axis(lines)[number[row]]
    dated = passages["left_at"].to_numpy(dtype="datetime64[us]")[row].astype(np.int64)
    order = np.argsort(-np.maximum(dated, UNDATED + 1), kind="stable")
    return Track(
        row=row[order],
        start_mm=(start + millimetres(passages["from_m"].to_numpy()[row]))[order],
        end_mm=(start + millimetres(passages["to_m"].to_numpy()[row]))[order],
        time_us=dated[order],
    )


def divide(segments: Segments, lines: Lines, track: Track) -> Pieces:
    """Return the pieces that the ends of all passages cut the segments into.

    The segments must tile their courses in order, as `geo.segments.tile` makes them.
    """
    offset = axis(lines)[lines.numbers(segments["course_id"])]
    start = offset + millimetres(segments["from_m"].to_numpy())
    end = offset + millimetres(segments["to_m"].to_numpy())
    cuts = np.unique(np.concatenate([start, end, track.start_mm, track.end_mm]))
    segment = np.searchsorted(start, cuts[:-1], side="right") - 1
    inside = (segment >= 0) & (cuts[:-1] < end[np.maximum(segment, 0)])
    segment, left, right = segment[inside], cuts[:-1][inside], cuts[1:][inside]
    return Pieces(
        segment=segment, start_mm=left, length_mm=right - left, from_mm=left - offset[segment]
    )


def newest(pieces: Pieces, track: Track, counts: Mask) -> Ints:
    """Return, for each piece, the place in `track` of the newest passage over it, or NOBODY.

    Only passages where `counts` (in the order of `track`) are looked at.
    """
    first = np.searchsorted(pieces.start_mm, track.start_mm)
    last = np.searchsorted(pieces.start_mm, track.end_mm)
    return _paint(len(pieces.start_mm), first, last, np.flatnonzero(counts))


@numba.njit(cache=True)
def _paint(size: int, first: Ints, last: Ints, which: Ints) -> Ints:  # pragma: no cover
    painted = np.full(size, -1, np.int64)
    # free[i] leads to the first unpainted piece at or after i.
    free = np.arange(size + 1)
    for passage in which:
        i = first[passage]
        while free[i] != i:
            free[i] = free[free[i]]
            i = free[i]
        while i < last[passage]:
            painted[i] = passage
            free[i] = i + 1
            while free[i] != i:
                free[i] = free[free[i]]
                i = free[i]
    return painted
