"""Decide, fix by fix, which course a patrol walked along, or none.

A hidden Markov model: states are the candidates of a position and *off every course*. Fixes are
averaged over a few tens of metres first, which quiets the noise and halves the work; the averages
are called anchors.
"""

import numba
import numpy as np

from geo.candidates import MOST, crowd, near
from geo.junctions import explore, link_at, way_to

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
# Taking another road at a junction: one in three does.
_TURN = 1.0
# Nobody drives against a one-way; who is slower than this may be walking.
_DRIVEN_M_S = 4.0
AGAINST = 3.0
# No predecessor so much worse than the best can still win.
_HOPELESS = 12.0
_NEVER = -1e18

# How an anchor was come to: afresh, along its course, by a way over joints.
FRESH, ALONG, WAY = range(3)


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
def all_candidates(grid, network, rows, sent):
    """Return the candidates of every anchor, one after the other, and where each begins.

    They are arrays: course, chainage, offset, score, link.
    """
    n = len(rows)
    first = np.zeros(n + 1, dtype=np.int64)
    size = n + 4 * MOST
    course = np.empty(size, dtype=np.int32)
    m, offset, score = np.empty(size), np.empty(size), np.empty(size)
    a = 0
    for i in range(n):
        if crowd(grid, rows[i, 0], rows[i, 1]) > 0:
            if a + MOST > size:
                size = 2 * size + MOST
                course, m = _longer(course, size), _longer(m, size)
                offset, score = _longer(offset, size), _longer(score, size)
            a += near(grid, rows[i, 0], rows[i, 1], rows[i, 3], course, m, offset, score, a)
        first[i + 1] = a
    link = np.empty(a, dtype=np.int64)
    for q in range(a):
        link[q] = link_at(network, course[q], m[q])
        for s in range(len(sent)):
            if sent[s] == course[q]:
                score[q] += _SENT
    return first, course, m, offset, score, link


@numba.njit(cache=True, nogil=True)
def _longer(values, size):
    wider = np.empty(size, dtype=values.dtype)
    wider[: len(values)] = values
    return wider


@numba.njit(cache=True, nogil=True)
def along(rule, m0, m1):
    """Return the signed way from `m0` to `m1`; on a ring the shorter way round."""
    way = m1 - m0
    if rule.closed:
        way -= rule.length_m * np.round(way / rule.length_m)
    return way


@numba.njit(cache=True, nogil=True)
def step_cost(rule, way, d):
    """Return what it costs to move `d` metres over land and `way` metres along the course.

    Much movement and little way is a crossing. Much way and little movement is another arm of a
    meander; on a bank the inside of a bend is honestly shorter than the centre line.
    """
    way = abs(way)
    short = max(d - way - 12.0, 0.0) / (6.5 + 0.05 * d)
    bend = 1.6 if rule.bank else 1.2
    far = max(way - bend * d - 25.0, 0.0) / (10.0 + 0.1 * d)
    return short + far


@numba.njit(cache=True, nogil=True)
def decode(grid, network, search, rows, span, t, first, course, m, score, link, taken,
           begin, end, total, back, how, chosen, came):  # fmt: skip
    """Choose the most likely candidate of the anchors `begin` to `end`, -1 for off.

    Before and after them the patrol is off every course; candidates that are `taken` are left out.
    `came` tells how an anchor was come to; `total`, `back` and `how` are only written on.
    """
    off_back = np.full(end - begin, -1, dtype=np.int64)
    off, best, best_at = 0.0, _NEVER, -1
    for i in range(begin, end):
        # Straight from one course to another without a way between: once out, once in.
        fresh, fresh_at = off - _ENTER, -1
        if best - 2 * _ENTER > fresh:
            fresh, fresh_at = best - 2 * _ENTER, best_at
        for q in range(first[i], first[i + 1]):
            total[q], back[q], how[q] = _NEVER, -1, FRESH
            if not taken[q]:
                total[q], back[q] = fresh, fresh_at
        if i > begin and best_at >= 0 and not silent(rows, span, t, i):
            d = np.hypot(rows[i, 0] - rows[i - 1, 0], rows[i, 1] - rows[i - 1, 1])
            fast = driven(rows, i, d)
            for p in range(first[i - 1], first[i]):
                if total[p] < best - _HOPELESS:
                    continue
                a, b = first[i], first[i + 1]
                if _go_along(grid, d, fast, p, a, b, course, m, taken, total, back, how):
                    _go_over(grid, network, search, d, fast, p, a, b, course, m, link, taken, total,
                             back, how)  # fmt: skip
        if best - _ENTER > off:
            off, off_back[i - begin] = best - _ENTER, best_at
        off += _OFF
        best, best_at = _NEVER, -1
        for q in range(first[i], first[i + 1]):
            if not taken[q]:
                total[q] += score[q]
                if total[q] > best:
                    best, best_at = total[q], q
    at = best_at if best > off else -1
    for i in range(end - 1, begin - 1, -1):
        chosen[i] = at
        if at < 0:
            at = off_back[i - begin]
        else:
            came[i] = how[at]
            at = back[at]


@numba.njit(cache=True, nogil=True)
def _go_along(grid, d, fast, p, a, b, course, m, taken, total, back, how):
    """Try candidate `p` before those of the same course; tell whether others are left to try."""
    others = False
    rule = grid.rule[course[p]]
    for q in range(a, b):
        if taken[q]:
            continue
        if course[q] != course[p]:
            others = True
            continue
        way = along(rule, m[p], m[q])
        held = total[p] - step_cost(rule, way, d)
        if fast and way * rule.oneway < -10.0:
            held -= AGAINST
        if held > total[q]:
            total[q], back[q], how[q] = held, p, ALONG
    return others


@numba.njit(cache=True, nogil=True)
def _go_over(grid, network, search, d, fast, p, a, b, course, m, link, taken, total, back, how):
    """Try candidate `p` before those of other courses, by the way over their joints."""
    k = link[p]
    bound = farthest(d)
    if k < 0 or min(m[p] - network.m0[k], network.m1[k] - m[p]) > bound:
        return
    explore(network, search, k, m[p], bound, 1.0, fast)
    for q in range(a, b):
        if taken[q] or course[q] == course[p] or link[q] < 0:
            continue
        way, _ = way_to(network, search, link[q], m[q], fast)
        if way > bound:
            continue
        held = total[p] - step_cost(grid.rule[course[q]], way, d) - _TURN
        if held > total[q]:
            total[q], back[q], how[q] = held, p, WAY


@numba.njit(cache=True, nogil=True)
def driven(rows, i, d):
    """Tell whether the patrol came to anchor `i` faster than on foot; no times, no telling."""
    gone = rows[i, 2] - rows[i - 1, 2]
    return gone > 0 and d > _DRIVEN_M_S * gone


@numba.njit(cache=True, nogil=True)
def farthest(d):
    """Return how far over joints may be gone while `d` metres are moved over land."""
    return 1.2 * d + 25.0 + 6.0 * (10.0 + 0.1 * d)


@numba.njit(cache=True, nogil=True)
def silent(rows, span, t, i):
    """Tell whether nobody knows where the patrol was between anchors `i - 1` and `i`."""
    gap = t[span[i, 0]] - t[span[i - 1, 1] - 1]
    if gap == gap:
        return gap > SILENCE_S
    return np.hypot(rows[i, 0] - rows[i - 1, 0], rows[i, 1] - rows[i - 1, 1]) > GAP_M
