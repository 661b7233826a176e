"""Reckon with stretches of courses, on whole columns, exact to the millimetre.

A stretch is `(course, from, to)`, half-open: it includes its first millimetre and not its last, so
stretches that only touch share nothing and parts always sum to the whole. Inside, positions are
whole millimetres; courses are numbers, as `Lines.numbers` gives them. Every function takes rows in
any order, overlapping or not, and leaves its arguments alone. Rows of no length cover nothing.

    duties = stretches(lines.numbers(frame["course_id"]), frame["from_m"], frame["to_m"])
    nobody = difference(whole(lines.length_m), duties)       # metres without a duty
    shared = overlay(duties, segments)                       # who meets what: rows of both, where
    twice = at_least(pieces(duties), 2)                      # metres with two duties or more

A closed course has no stretch that runs across its seam: `around` turns one into two.
"""

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]


@dataclass(frozen=True)
class Stretches:
    """Columns of stretches: course number, first and last position in whole millimetres."""

    course: Ints
    from_mm: Ints
    to_mm: Ints

    def __post_init__(self) -> None:
        if not len(self.course) == len(self.from_mm) == len(self.to_mm):
            counts = (len(self.course), len(self.from_mm), len(self.to_mm))
            msg = f"wanted three columns of one length, got {counts}"
            raise ValueError(msg)
        wrong = (self.from_mm > self.to_mm) | (self.from_mm < 0) | (self.course < 0)
        if wrong.any():
            row = int(np.argmax(wrong))
            msg = (
                f"wanted course >= 0 and 0 <= from <= to, got course {self.course[row]}, "
                f"{self.from_mm[row]} to {self.to_mm[row]} mm in row {row} (and in "
                f"{int(wrong.sum()) - 1} more)"
            )
            raise ValueError(msg)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.course)

    @property
    def from_m(self) -> Floats:
        """Return the starts in metres."""
        return self.from_mm / 1000

    @property
    def to_m(self) -> Floats:
        """Return the ends in metres."""
        return self.to_mm / 1000

    @property
    def length_mm(self) -> Ints:
        """Return the lengths in millimetres."""
        return self.to_mm - self.from_mm

    @property
    def length_m(self) -> Floats:
        """Return the lengths in metres."""
        return self.length_mm / 1000

    def take(self, rows: Any) -> "Stretches":
        """Return the rows of a mask, of row numbers or of a slice."""
        return Stretches(self.course[rows], self.from_mm[rows], self.to_mm[rows])


@dataclass(frozen=True)
class Pieces:
    """Stretches that do not overlap, in order, and how many rows of each layer cover them.

    `depth[i, k]` is the number of rows of layer `k` over piece `i`.
    """

    stretches: Stretches
    depth: Ints


@dataclass(frozen=True)
class Overlaps:
    """Pairs of rows that share metres, and the metres they share.

    In order of the left row, then of where the right row starts.
    """

    left: Ints
    right: Ints
    stretches: Stretches


def millimetres(m: ArrayLike) -> Ints:
    """Return metres as whole millimetres, rounded to the nearest; NaN raises `ValueError`."""
    values = np.asarray(m, dtype=np.float64)
    if not np.isfinite(values).all():
        msg = f"wanted finite metres, got {int((~np.isfinite(values)).sum())} that are not"
        raise ValueError(msg)
    return np.rint(values * 1000).astype(np.int64)


def stretches(course: ArrayLike, from_m: ArrayLike, to_m: ArrayLike) -> Stretches:
    """Return stretches from columns of course numbers and metres.

    Raises `ValueError` where a start is negative or behind its end, or a course is -1 (unknown).
    """
    return Stretches(np.asarray(course, dtype=np.int64), millimetres(from_m), millimetres(to_m))


def whole(length_m: ArrayLike) -> Stretches:
    """Return one stretch for each course, from 0 to its length."""
    to_mm = millimetres(length_m)
    return Stretches(np.arange(len(to_mm), dtype=np.int64), np.zeros_like(to_mm), to_mm)


def around(
    course: ArrayLike, from_m: ArrayLike, to_m: ArrayLike, length_m: ArrayLike
) -> tuple[Stretches, Ints]:
    """Return stretches of closed courses and the row each came from; across the seam makes two.

    `length_m` is the length of each row's course. A row with from > to runs through the end of
    the ring and on from its start.
    """
    number = np.asarray(course, dtype=np.int64)
    start, end, ring = millimetres(from_m), millimetres(to_m), millimetres(length_m)
    across = start > end
    row = np.concatenate([np.arange(len(number)), np.flatnonzero(across)])
    found = Stretches(
        number[row],
        np.concatenate([start, np.zeros(across.sum(), dtype=np.int64)]),
        np.concatenate([np.where(across, ring, end), end[across]]),
    )
    kept = (found.length_mm > 0) | ~across[row]
    order = np.argsort(row[kept], kind="stable")
    return found.take(kept).take(order), row[kept][order]


def total_mm(layer: Stretches, courses: int) -> Ints:
    """Return the millimetres of the rows on each of `courses` courses; overlaps count twice."""
    # Sums in floats are exact below 2^53 mm, nine thousand million kilometres.
    sums = np.bincount(layer.course, weights=layer.length_mm, minlength=courses)
    return sums.astype(np.int64)


def pieces(*layers: Stretches) -> Pieces:
    """Return the elementary pieces of all layers: between two edges nothing changes.

    Only pieces that some layer covers, in order of course and position.
    """
    span = _span(layers)
    starts = [np.sort(_key(layer.course, layer.from_mm, span)) for layer in layers]
    ends = [np.sort(_key(layer.course, layer.to_mm, span)) for layer in layers]
    edges = _distinct(np.concatenate([*starts, *ends])) if layers else np.empty(0, np.int64)
    depth = np.empty((max(len(edges) - 1, 0), len(layers)), dtype=np.int64)
    for k, (start, end) in enumerate(zip(starts, ends, strict=True)):
        # What started at or before an edge and has not ended there covers the piece behind it.
        here = edges[:-1]
        depth[:, k] = np.searchsorted(start, here, "right") - np.searchsorted(end, here, "right")
    covered = np.flatnonzero(depth.any(axis=1))
    course = edges[covered] // span
    found = Stretches(course, edges[covered] - course * span, edges[covered + 1] - course * span)
    return Pieces(found, depth[covered])


def at_least(found: Pieces, depth: int) -> Stretches:
    """Return where all layers together are at least `depth` deep, touching pieces joined."""
    return _joined(found.stretches.take(found.depth.sum(axis=1) >= depth))


def union(*layers: Stretches, within_m: float = 0.0) -> Stretches:
    """Return what any layer covers, in order; gaps up to `within_m` are closed."""
    return _joined(pieces(*layers).stretches, int(millimetres(within_m)))


def intersection(*layers: Stretches) -> Stretches:
    """Return what every layer covers, in order, touching pieces joined."""
    found = pieces(*layers)
    return _joined(found.stretches.take((found.depth > 0).all(axis=1)))


def difference(layer: Stretches, *without: Stretches) -> Stretches:
    """Return what `layer` covers and none of the others does, in order, touching pieces joined."""
    found = pieces(layer, *without)
    alone = (found.depth[:, 0] > 0) & ~(found.depth[:, 1:] > 0).any(axis=1)
    return _joined(found.stretches.take(alone))


def gaps(layer: Stretches, length_m: ArrayLike) -> Stretches:
    """Return what `layer` leaves uncovered of courses of these lengths, in order."""
    return difference(whole(length_m), layer)


def remains(layer: Stretches, without: Stretches) -> tuple[Stretches, Ints]:
    """Return what is left of each row of `layer`, and the row it is left of.

    As `difference`, but rows stay apart even where they overlap or touch.
    """
    left = overlay(layer, difference(layer, without))
    return left.stretches, left.left


def longer(layer: Stretches, than_m: float) -> Yes:
    """Return which rows are longer than `than_m`."""
    return layer.length_mm > int(millimetres(than_m))


def snapped(layer: Stretches, course: ArrayLike, at_m: ArrayLike, *, within_m: float) -> Stretches:
    """Return the rows with each end moved to the nearest of these places, if within `within_m`.

    A row whose two ends would meet or pass stays as it was. Ties go to the place nearer the start.
    """
    at_mm = millimetres(at_m)
    number = np.asarray(course, dtype=np.int64)
    reach = int(millimetres(within_m))
    span = max(_span((layer,)), int(at_mm.max(initial=0)) + 1) + 2 * reach
    places = _distinct(np.sort(_key(number, at_mm, span)))
    if not len(places):
        return layer

    def nearest(position: Ints) -> Ints:
        key = _key(layer.course, position, span)
        right = np.searchsorted(places, key).clip(0, len(places) - 1)
        left = (right - 1).clip(0)
        near = np.where(key - places[left] <= np.abs(places[right] - key), left, right)
        return np.where(np.abs(places[near] - key) <= reach, places[near], key)

    offset = _key(layer.course, np.zeros(len(layer), dtype=np.int64), span)
    start, end = nearest(layer.from_mm) - offset, nearest(layer.to_mm) - offset
    good = start < end
    return Stretches(
        layer.course, np.where(good, start, layer.from_mm), np.where(good, end, layer.to_mm)
    )


def mirrored(layer: Stretches, length_m: ArrayLike) -> Stretches:
    """Return the same metres as seen when the courses, of these lengths, are reversed."""
    length = millimetres(length_m)[layer.course]
    return Stretches(layer.course, length - layer.to_mm, length - layer.from_mm)


def overlay(left: Stretches, right: Stretches) -> Overlaps:
    """Return every pair of a left and a right row that share metres, with these metres.

    Time and memory grow with the rows and with the pairs found, whatever covers whatever.
    """
    span = _span((left, right))
    left_from, left_to = (_key(left.course, mm, span) for mm in (left.from_mm, left.to_mm))
    right_from, right_to = (_key(right.course, mm, span) for mm in (right.from_mm, right.to_mm))
    by_left, by_right = _order(left_from, left_to), _order(right_from, right_to)
    l_row, r_row = _pairs(left_from, left_to, by_left, right_from, right_to, by_right)
    shared = Stretches(
        left.course[l_row],
        np.maximum(left.from_mm[l_row], right.from_mm[r_row]),
        np.minimum(left.to_mm[l_row], right.to_mm[r_row]),
    )
    return Overlaps(l_row, r_row, shared)


@numba.njit(cache=True)
def _pairs(
    left_from: Any, left_to: Any, by_left: Any, right_from: Any, right_to: Any, by_right: Any
) -> Any:
    """Return the pairs of rows that share metres, by left row and then by start of the right.

    Of two rows that share metres one starts within the other: the left one behind the start of the
    right, which are counted and written first, or the right one within the left.
    """
    begin = np.zeros(len(left_from) + 1, dtype=np.int64)
    l_row = np.empty(0, dtype=np.int64)
    r_row = np.empty(0, dtype=np.int64)
    for turn in range(2):
        first = 0
        for r in by_right:
            while first < len(by_left) and left_from[by_left[first]] <= right_from[r]:
                first += 1
            k = first
            while k < len(by_left) and left_from[by_left[k]] < right_to[r]:
                one = by_left[k]
                if turn == 1:
                    l_row[begin[one]], r_row[begin[one]] = one, r
                    begin[one] += 1
                else:
                    begin[one + 1] += 1
                k += 1
        first = 0
        for one in by_left:
            while first < len(by_right) and right_from[by_right[first]] < left_from[one]:
                first += 1
            k = first
            while k < len(by_right) and right_from[by_right[k]] < left_to[one]:
                if turn == 1:
                    l_row[begin[one]], r_row[begin[one]] = one, by_right[k]
                    begin[one] += 1
                else:
                    begin[one + 1] += 1
                k += 1
        if turn == 0:
            begin = np.cumsum(begin)
            l_row = np.empty(begin[-1], dtype=np.int64)
            r_row = np.empty(begin[-1], dtype=np.int64)
    return l_row, r_row


def _order(start: Ints, end: Ints) -> Ints:
    """Return the rows that cover anything, by their start, of equals the first row first."""
    rows = np.flatnonzero(start < end)
    some, count = start[rows], max(len(rows), 1)
    if int(some.max(initial=0)) >= np.iinfo(np.int64).max // count:
        return rows[np.argsort(some, kind="stable")]
    # Start and row in one number: sorting values is several times as fast as sorting rows by them.
    packed = np.sort(some * count + np.arange(len(rows)))
    return rows[packed % count]


def _span(layers: tuple[Stretches, ...]) -> int:
    """Return one more than the farthest position: courses laid end to end then never touch."""
    span = max((int(layer.to_mm.max(initial=0)) for layer in layers), default=0) + 1
    course = max((int(layer.course.max(initial=0)) for layer in layers), default=0) + 1
    if span * course > np.iinfo(np.int64).max:
        msg = f"wanted courses x longest course below 2^63 mm, got {course} x {span} mm"
        raise ValueError(msg)
    return span


def _key(course: Ints, mm: Ints, span: int) -> Ints:
    return course * span + mm


def _distinct(ordered: Ints) -> Ints:
    ordered.sort()
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _joined(ordered: Stretches, within_mm: int = 0) -> Stretches:
    """Return pieces that do not overlap and are in order, joined across gaps up to `within_mm`."""
    if not len(ordered):
        return ordered
    apart = np.ones(len(ordered), dtype=bool)
    apart[1:] = (ordered.course[1:] != ordered.course[:-1]) | (
        ordered.from_mm[1:] - ordered.to_mm[:-1] > within_mm
    )
    first = np.flatnonzero(apart)
    last = np.append(first[1:], len(ordered)) - 1
    return Stretches(ordered.course[first], ordered.from_mm[first], ordered.to_mm[last])
