"""Turn what was decided anchor by anchor into stretches of courses, and say how sure they are.

A run is an unbroken walk along one course. It covers from its least to its greatest chainage, not
the sum of its steps: beside a meander the nearest point of the centre line jumps back and forth.
"""

import numba
import numpy as np

from geo.trace import STEP_M, all_candidates, along, anchors, decode

# Explanations tried: the likeliest, then what the courses it leaves say.
RANKS = 3
# A run shorter than this is a touch or a crossing.
SHORTEST_M = 50.0
# Twenty to one: below this, two courses cannot be told apart.
_CLEAR = 3.0
# A phone's error drifts over half a minute; nearer anchors repeat one another.
_DRIFT_S = 20.0
# Across the band of a river at more than 20 degrees is a crossing, not a walk along it.
_CROSSING = 0.36
_COMING = 0.58

COLUMNS = 12
(
    PATROL, COURSE, FROM_M, TO_M, ENTERED, LEFT, OFFSET, EFFORT, FIXES, UNSURE, REASON, SIDED
) = range(COLUMNS)  # fmt: skip
ALONG, FAR, NEARER, EITHER, ERRAND = range(5)


@numba.njit(cache=True, nogil=True)
def run_all(grid, a, b, first, x, y, t, accuracy, still, sent_first, sent, beside):
    """Return the rows of patrols `a` to `b`, patrol after patrol in order of time.

    `beside` says that a nearer road walked on an errand to a river covers the river.
    """
    rows = np.empty((64, COLUMNS))
    n = 0
    for k in range(a, b):
        errand = sent[sent_first[k] : sent_first[k + 1]]
        rows, n = _patrol(
            grid, k, first[k], first[k + 1], x, y, t, accuracy, still, errand, beside, rows, n
        )
    return rows[:n]


@numba.njit(cache=True, nogil=True)
def _patrol(grid, k, a, b, x, y, t, accuracy, still, errand, beside, rows, n):
    if b - a < 2:
        return rows, n
    anchor, span = anchors(a, b, x, y, t, accuracy, still)
    first, course, m, offset, score = all_candidates(grid, anchor, errand)
    if first[-1] == 0:
        return rows, n
    count = len(anchor)
    taken = np.zeros(first[-1], dtype=np.bool_)
    chosen = np.full((RANKS, count), -1, dtype=np.int64)
    joined = np.zeros((RANKS, count), dtype=np.bool_)
    ranks = 0
    while ranks < RANKS:
        chosen[ranks], joined[ranks] = decode(grid, anchor, span, t, first, course, m, score, taken)
        ranks += 1
        if not _take(first, course, chosen[ranks - 1], taken):
            break
    doubtful = np.zeros((RANKS, count), dtype=np.bool_)
    for rank in range(1, ranks):
        _doubt(grid, anchor, course, m, score, chosen, joined, rank, doubtful)
    for rank in range(ranks):
        i = 0
        while i < count:
            if chosen[rank, i] < 0:
                i += 1
                continue
            j = i + 1
            while j < count and joined[rank, j]:
                j += 1
            rows, n = _run(
                grid, k, i, j, x, y, t, still, span, course, m, offset, chosen[rank],
                doubtful[0], rank, errand, beside, rows, n,
            )  # fmt: skip
            i = j
    return rows, n


@numba.njit(cache=True, nogil=True)
def _take(first, course, chosen, taken):
    """Take away the courses just chosen; tell whether anything is left beside them."""
    left = False
    for i in range(len(chosen)):
        for q in range(first[i], first[i + 1]):
            if chosen[i] >= 0 and course[q] == course[chosen[i]]:
                taken[q] = True
            elif not taken[q]:
                left = True
    return left


@numba.njit(cache=True, nogil=True)
def _doubt(grid, anchor, course, m, score, chosen, joined, rank, doubtful):
    """Mark the anchors of the first explanation that a later one explains as well."""
    count = len(anchor)
    i = 0
    while i < count:
        if chosen[rank, i] < 0:
            i += 1
            continue
        j, gain, way = i, 0.0, 0.0
        while j < count and (j == i or joined[rank, j]):
            weight = 0.5
            if j > i:
                way += abs(
                    along(grid, course[chosen[rank, j]], m[chosen[rank, j - 1]], m[chosen[rank, j]])
                )
                gone = anchor[j, 2] - anchor[j - 1, 2]
                if gone == gone:
                    weight = min(gone / _DRIFT_S, 1.0)
            if chosen[0, j] >= 0:
                gain += weight * (score[chosen[0, j]] - score[chosen[rank, j]])
            j += 1
        if way >= SHORTEST_M and gain < _CLEAR:
            doubtful[0, i:j] = True
        i = j


@numba.njit(cache=True, nogil=True)
def _run(grid, k, i, j, x, y, t, still, span, course, m, offset, chosen, doubtful, rank,
         errand, beside, rows, n):  # fmt: skip
    of = course[chosen[i]]
    beside_m = np.empty(j - i)
    at = np.empty(j - i)
    for p in range(i, j):
        beside_m[p - i] = offset[chosen[p]]
        at[p - i] = m[chosen[p]]
        if p > i:
            at[p - i] = at[p - i - 1] + along(grid, of, m[chosen[p - 1]], m[chosen[p]])
    lo, hi = _trim(grid.flat_m[of], at, beside_m)
    if hi - lo < 2 or _crosses(grid.flat_m[of], at[lo:hi], beside_m[lo:hi]):
        return rows, n
    sent = False
    for s in errand:
        sent = sent or s == of
    i, at, beside_m = i + lo, at[lo:hi], beside_m[lo:hi]
    held = np.empty(len(at), dtype=np.int64)
    for p in range(len(at)):
        distance = np.median(np.abs(beside_m[max(p - 2, 0) : p + 3]))
        held[p] = _held(grid, of, distance, rank, doubtful[i + p], sent, beside)
    p = 0
    while p < len(at):
        q = p + 1
        while q < len(at) and held[q] == held[p]:
            q += 1
        if held[p] >= 0:
            rows, n = _stretch(
                grid, k, of, p, q, at, beside_m, held[p], x, y, t, still, span[i : i + len(at)],
                rows, n,
            )  # fmt: skip
        p = q
    return rows, n


@numba.njit(cache=True, nogil=True)
def _held(grid, of, distance, rank, doubtful, sent, beside):
    """Return the reason why a metre counts, -1 when it does not."""
    if distance > grid.unsure_m[of]:
        return -1
    if distance > grid.sure_m[of]:
        return ERRAND if sent and beside and rank > 0 else FAR
    if sent:
        return ALONG if rank == 0 else ERRAND
    if rank > 0:
        return NEARER
    return EITHER if doubtful else ALONG


@numba.njit(cache=True, nogil=True)
def _trim(flat, at, beside):
    """Leave out the oblique coming to and going from a wide course at the ends of a run."""
    lo, hi = 0, len(at)
    if flat == 0.0:
        return lo, hi
    while hi - lo >= 2 and abs(beside[lo]) - abs(beside[lo + 1]) > _COMING * abs(
        at[lo + 1] - at[lo]
    ):
        lo += 1
    while hi - lo >= 2 and abs(beside[hi - 1]) - abs(beside[hi - 2]) > _COMING * abs(
        at[hi - 1] - at[hi - 2]
    ):
        hi -= 1
    return lo, hi


@numba.njit(cache=True, nogil=True)
def _crosses(flat, at, beside):
    way = 0.0
    for p in range(1, len(at)):
        way += abs(at[p] - at[p - 1])
    if way < SHORTEST_M:
        return True
    across = abs(beside[-1] - beside[0])
    # The band is crossed once it is left: a longer walk is no crossing, however slanting.
    return way < 2 * (flat + 30.0) / _CROSSING and across > _CROSSING * abs(at[-1] - at[0])


@numba.njit(cache=True, nogil=True)
def _stretch(grid, k, of, p, q, at, beside, reason, x, y, t, still, span, rows, n):
    low, high = at[p], at[p]
    effort, fixes = 0.0, 0
    for s in range(p, q):
        low, high = min(low, at[s]), max(high, at[s])
        fixes += span[s, 1] - span[s, 0]
        if s > p:
            effort += abs(at[s] - at[s - 1])
    # Halfway to a neighbour of another certainty; at the ends of the run, to the last fix itself.
    for s, other in ((p, p - 1), (q - 1, q)):
        if 0 <= other < len(at):
            middle = (at[s] + at[other]) / 2
            low, high = min(low, middle), max(high, middle)
            effort += abs(at[s] - middle)
    for s in range(p, q):
        if at[s] - low < 1.0 or high - at[s] < 1.0:
            near_low, near_high = _reach(grid, of, at[s], x, y, still, span[s, 0], span[s, 1])
            if near_low < low:
                effort, low = effort + low - near_low, near_low
            if near_high > high:
                effort, high = effort + near_high - high, near_high
    middle = np.median(beside[p:q])
    sided = 0.0
    if abs(middle) > 8.0:
        sided = 1.0 if middle > 0 else -1.0
    entered, left = t[span[p, 0]], t[span[q - 1, 1] - 1]
    length = grid.length_m[of]
    pieces = 1
    if grid.closed[of]:
        if high - low >= length:
            low, high = 0.0, length
        else:
            turn = np.floor(low / length) * length
            low, high = low - turn, high - turn
            if high > length:
                pieces = 2
    low = max(low, 0.0)
    for piece in range(pieces):
        if n == len(rows):
            wider = np.empty((2 * n, COLUMNS))
            wider[:n] = rows
            rows = wider
        rows[n, PATROL], rows[n, COURSE] = k, of
        rows[n, FROM_M] = 0.0 if piece else low
        rows[n, TO_M] = high - length if piece else min(high, length)
        rows[n, ENTERED], rows[n, LEFT] = entered, left
        rows[n, OFFSET], rows[n, SIDED] = abs(middle), sided
        share = (rows[n, TO_M] - rows[n, FROM_M]) / max(high - low, 1e-9)
        rows[n, EFFORT], rows[n, FIXES] = effort * share, fixes
        rows[n, UNSURE] = 0.0 if reason in (ALONG, ERRAND) else 1.0
        rows[n, REASON] = reason
        n += 1
    return rows, n


@numba.njit(cache=True, nogil=True)
def _reach(grid, of, at, x, y, still, a, b):
    """Return least and greatest chainage, near `at`, of the fixes behind an anchor."""
    low = high = at
    if still[a]:
        return low, high
    length = grid.length_m[of]
    home = at - np.floor(at / length) * length if grid.closed[of] else at
    lo, hi = grid.first_piece[of], grid.first_piece[of + 1]
    start = lo + np.searchsorted(grid.m[lo:hi], home - 1.5 * STEP_M)
    for i in range(a, b):
        best, way = 1e18, 0.0
        for p in range(max(start - 1, lo), hi):
            if grid.m[p] > home + 1.5 * STEP_M:
                break
            ex, ey = x[i] - grid.x[p], y[i] - grid.y[p]
            dx, dy = grid.dx[p], grid.dy[p]
            w = min(max((ex * dx + ey * dy) / (dx * dx + dy * dy), 0.0), 1.0)
            distance = np.hypot(ex - w * dx, ey - w * dy)
            if distance < best:
                best, way = distance, grid.m[p] + w * grid.dm[p] - home
        if best <= grid.reach_m[of] and abs(way) <= 1.5 * STEP_M:
            low, high = min(low, at + way), max(high, at + way)
    return low, high
