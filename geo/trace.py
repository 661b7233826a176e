"""Decide, fix by fix, which course a patrol walked along, or none.

A hidden Markov model: states are the candidates of a position and *off every course*. Fixes are
averaged over a few tens of metres first, which quiets the noise and halves the work; the averages
are called anchors.
"""

import numba
import numpy as np

from geo.candidates import MOST, near

# Averaging over less leaves the noise, over more cuts corners.
STEP_M = 40.0
# Longer without a fix and nobody knows where the patrol was.
SILENCE_S = 150.0
# Without times: farther from one fix to the next than this is a gap.
GAP_M = 200.0
# Log density of being anywhere else: uniform over the breadth of country between two courses.
_OFF = -np.log(2600.0)
# A leg along a course is some twenty anchors long: coming and going are that rare.
_ENTER = 2.5
# What knowing the patrol's errand is worth: as much as two anchors' evidence at equal distance.
_SENT = 1.5
_NEVER = -1e18


@numba.njit(cache=True, nogil=True)
def anchors(a, b, x, y, t, accuracy, still):
    """Return rows of anchors of the fixes `a:b`: x, y, t, vague, and first and last fix.

    An anchor averages fixes until one lies `STEP_M` from its first, or a silence, or a standing.
    """
    rows = np.empty((b - a, 4))
    span = np.empty((b - a, 2), dtype=np.int64)
    n = 0
    i = a
    while i < b:
        sx = sy = st = worst = 0.0
        j = i
        while j < b:
            if j > i:
                if still[j] != still[i] or t[j] - t[j - 1] > 30.0:
                    break
                if still[i] == 0 and np.hypot(x[j] - x[i], y[j] - y[i]) >= STEP_M:
                    break
            sx += x[j] - x[i]
            sy += y[j] - y[i]
            st += t[j] - t[i]
            if accuracy[j] > worst:
                worst = accuracy[j]
            j += 1
        rows[n, 0] = x[i] + sx / (j - i)
        rows[n, 1] = y[i] + sy / (j - i)
        rows[n, 2] = t[i] + st / (j - i)
        # A good phone says 5 to 10 m; what it says beyond makes the position vaguer.
        rows[n, 3] = max(worst - 10.0, 0.0)
        span[n, 0], span[n, 1] = i, j
        n += 1
        i = j
    return rows[:n], span[:n]


@numba.njit(cache=True, nogil=True)
def all_candidates(grid, rows, sent):
    """Return the candidates of every anchor, one after the other, and where each begins."""
    n = len(rows)
    first = np.zeros(n + 1, dtype=np.int64)
    size = 4 * n + MOST
    course = np.empty(size, dtype=np.int32)
    m, offset, score = np.empty(size), np.empty(size), np.empty(size)
    for i in range(n):
        a = first[i]
        if a + MOST > size:
            size = 2 * size + MOST
            course, m = _longer(course, size), _longer(m, size)
            offset, score = _longer(offset, size), _longer(score, size)
        b = a + MOST
        got = near(
            grid, rows[i, 0], rows[i, 1], rows[i, 3], course[a:b], m[a:b], offset[a:b], score[a:b]
        )
        for q in range(a, a + got):
            for s in sent:
                if s == course[q]:
                    score[q] += _SENT
        first[i + 1] = a + got
    return first, course, m, offset, score


@numba.njit(cache=True, nogil=True)
def _longer(values, size):
    wider = np.empty(size, dtype=values.dtype)
    wider[: len(values)] = values
    return wider


@numba.njit(cache=True, nogil=True)
def along(grid, course, m0, m1):
    """Return the signed way from `m0` to `m1`; on a ring the shorter way round."""
    way = m1 - m0
    if grid.closed[course]:
        length = grid.length_m[course]
        way -= length * np.round(way / length)
    return way


@numba.njit(cache=True, nogil=True)
def step_cost(grid, course, way, d):
    """Return what it costs to move `d` metres over land and `way` metres along the course.

    Much movement and little way is a crossing. Much way and little movement is another arm of a
    meander; on a bank the inside of a bend is honestly shorter than the centre line.
    """
    way = abs(way)
    short = max(d - way - 12.0, 0.0) / (6.5 + 0.05 * d)
    bend = 1.6 if grid.flat_m[course] > 0 else 1.2
    far = max(way - bend * d - 25.0, 0.0) / (10.0 + 0.1 * d)
    return short + far


@numba.njit(cache=True, nogil=True)
def decode(grid, rows, span, t, first, course, m, score, taken):
    """Return the most likely candidate of every anchor (-1 for off) and whether each step holds.

    A step holds when the patrol came from the anchor before along the course itself. Candidates
    that are `taken` are left out.
    """
    n = len(rows)
    chosen = np.full(n, -1, dtype=np.int64)
    joined = np.zeros(n, dtype=np.bool_)
    if n == 0:
        return chosen, joined
    total = np.full(first[n], _NEVER)
    back = np.full(first[n], -2, dtype=np.int64)
    off = np.empty(n)
    off_back = np.full(n, -1, dtype=np.int64)
    best_before, best_at = 0.0, -1
    off[0] = _OFF
    for i in range(n):
        quiet = i > 0 and silent(rows, span, t, i)
        fresh = 0.0
        if i > 0:
            d = np.hypot(rows[i, 0] - rows[i - 1, 0], rows[i, 1] - rows[i - 1, 1])
            off[i] = off[i - 1] + _OFF
            if best_at >= 0 and best_before - _ENTER > off[i - 1]:
                off[i] = best_before - _ENTER + _OFF
                off_back[i] = best_at
            # Straight from one course to another without a way between: once out, once in.
            fresh = max(off[i - 1] - _ENTER, best_before - 2 * _ENTER)
            fresh_at = -1 if off[i - 1] >= best_before - _ENTER else best_at
        for q in range(first[i], first[i + 1]):
            if taken[q]:
                continue
            value, source = fresh - (0.0 if i else _ENTER), -2
            if i > 0:
                source = -2 if fresh_at < 0 else -3 - fresh_at
                if not quiet:
                    for p in range(first[i - 1], first[i]):
                        if course[p] != course[q] or total[p] <= value:
                            continue
                        way = along(grid, course[q], m[p], m[q])
                        held = total[p] - step_cost(grid, course[q], way, d)
                        if held > value:
                            value, source = held, p
            total[q] = value + score[q]
            back[q] = source
        best_before, best_at = _NEVER, -1
        for q in range(first[i], first[i + 1]):
            if total[q] > best_before:
                best_before, best_at = total[q], q
    at = best_at if best_at >= 0 and best_before > off[n - 1] else -1
    for i in range(n - 1, -1, -1):
        chosen[i] = at
        if at < 0:
            at = off_back[i]
        elif back[at] >= 0:
            joined[i] = True
            at = back[at]
        else:
            at = -1 if back[at] == -2 else -3 - back[at]
    return chosen, joined


@numba.njit(cache=True, nogil=True)
def silent(rows, span, t, i):
    """Tell whether nobody knows where the patrol was between anchors `i - 1` and `i`."""
    gap = t[span[i, 0]] - t[span[i - 1, 1] - 1]
    if gap == gap:
        return gap > SILENCE_S
    return np.hypot(rows[i, 0] - rows[i - 1, 0], rows[i, 1] - rows[i - 1, 1]) > GAP_M
