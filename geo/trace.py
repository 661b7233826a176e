"""Decide, fix by fix, which course a patrol walked along, or none.

A hidden Markov model: states are the candidates of a position and *off every course*. Fixes are
averaged over a few tens of metres first, which quiets the noise and halves the work; the averages
are called anchors.
"""

import numba
import numpy as np

from geo.candidates import MOST, near
from geo.junctions import explore, link_at, way_to
from geo.kernels import leaf

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
# Nobody walks or cycles so fast for long, and no car drives so across country.
_VEHICLE_M_S = 8.0
# Who goes by vehicle is on a road: of twenty driven kilometres about one is on none of the map's.
_ROLLS = 3.0
# Nobody drives against a one-way; who is slower than this may be walking.
_DRIVEN_M_S = 4.0
AGAINST = 3.0
# No predecessor so much worse than the best can still win.
_HOPELESS = 12.0
_NEVER = -1e18

# An anchor is the mean of the fixes `begin:end`; `vague` is their accuracy beyond a good phone's.
ANCHOR = np.dtype(
    [(name, "f8") for name in ("x", "y", "t", "vague")] + [("begin", "i8"), ("end", "i8")]
)
# A candidate, and what `decode` writes on it: the best way to it comes from `back`, and `how`.
CANDIDATE = np.dtype(
    [(name, "f8") for name in ("m", "offset", "score", "total")]
    + [(name, "i8") for name in ("course", "link", "back")]
    + [("how", "i1"), ("taken", "?")],
    align=True,
)

# How an anchor was come to: afresh, along its course, by a way over joints.
FRESH, ALONG, WAY = range(3)


@numba.njit(cache=True, nogil=True)
def anchors(a, b, x, y, t, accuracy, still):
    """Return the anchors of the fixes `a:b`, the same for a track and for its reverse.

    An anchor averages fixes until one lies `STEP_M` from its first, or a silence, or a standing.
    Between two silences they are laid from both ends towards the middle, which takes what is left.
    """
    rows = np.empty(b - a, dtype=ANCHOR)
    n = 0
    i = a
    while i < b:
        end = i + 1
        while end < b and still[end] == still[i] and not t[end] - t[end - 1] > 30.0:
            end += 1
        n = _lay(i, end, x, y, t, accuracy, still[i] > 0, rows, n)
        i = end
    return rows[:n]


@leaf
def _lay(i, end, x, y, t, accuracy, standing, rows, n):
    """Append the anchors of the fixes `i:end`, which no silence parts; return how many there are.

    Those from the far end are written at the end of the rows first: each has a fix of its own.
    """
    last = len(rows)
    while i < end:
        low, high = end, i
        if not standing:
            low, high = i + 1, end - 1
            while low < end and not _stepped(x, y, i, low):
                low += 1
            while high > i and not _stepped(x, y, end - 1, high - 1):
                high -= 1
        if low > high:
            _average(i, end, x, y, t, accuracy, rows[n])
            n += 1
            break
        _average(i, low, x, y, t, accuracy, rows[n])
        n += 1
        last -= 1
        _average(high, end, x, y, t, accuracy, rows[last])
        i, end = low, high
    for far in range(last, len(rows)):
        rows[n] = rows[far]
        n += 1
    return n


@leaf
def _stepped(x, y, i, j):
    """Tell whether two fixes lie a step apart."""
    return (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 >= STEP_M * STEP_M


@leaf
def _average(i, j, x, y, t, accuracy, row):
    """Write the mean of the fixes `i:j` as an anchor."""
    sx = sy = st = worst = 0.0
    for fix in range(i, j):
        sx += x[fix] - x[i]
        sy += y[fix] - y[i]
        st += t[fix] - t[i]
        if accuracy[fix] > worst:
            worst = accuracy[fix]
    row.x = x[i] + sx / (j - i)
    row.y = y[i] + sy / (j - i)
    row.t = t[i] + st / (j - i)
    # A good phone says 5 to 10 m; what it says beyond makes the position vaguer.
    row.vague = max(worst - 10.0, 0.0)
    row.begin, row.end = i, j


@numba.njit(cache=True, nogil=True)
def all_candidates(grid, network, rows, sent):
    """Return the candidates of every anchor, one after the other, and where each begins."""
    n = len(rows)
    first = np.zeros(n + 1, dtype=np.int64)
    found = np.empty(n + 4 * MOST, dtype=CANDIDATE)
    course = np.empty(MOST, dtype=np.int64)
    m, offset, score = np.empty(MOST), np.empty(MOST), np.empty(MOST)
    done = 0
    while done < n:
        done = _fill(grid, network, rows, sent, course, m, offset, score, done, first, found)
        if done < n:
            wider = np.empty(2 * len(found), dtype=CANDIDATE)
            for q in range(first[done]):
                wider[q] = found[q]
            found = wider
    return first, found[: first[n]]


@leaf
def _fill(grid, network, rows, sent, course, m, offset, score, done, first, found):
    """Write the candidates of the anchors from `done` on while there is room; tell how far."""
    for i in range(done, len(rows)):
        row, a = rows[i], first[i]
        if a + MOST > len(found):
            return i
        got = near(grid, row.x, row.y, row.vague, course, m, offset, score)
        rolls = _ROLLS if _rolling(rows, i) else 0.0
        for q in range(got):
            one = found[a + q]
            one.course, one.m, one.offset, one.score = course[q], m[q], offset[q], score[q]
            if not grid.rule[course[q]].bank:
                one.score += rolls
            one.link = link_at(network, course[q], m[q])
            one.taken = False
            for s in range(len(sent)):
                if sent[s] == course[q]:
                    one.score += _SENT
        first[i + 1] = a + got
    return len(rows)


@leaf
def _rolling(rows, i):
    """Tell whether the patrol came to anchor `i`, or went on from it, as fast as vehicles only."""
    for step in (i, i + 1):
        if 0 < step < len(rows):
            gone = rows[step].t - rows[step - 1].t
            if gone > 0 and moved(rows, step) > _VEHICLE_M_S * gone:
                return True
    return False


@leaf
def along(rule, m0, m1):
    """Return the signed way from `m0` to `m1`; on a ring the shorter way round."""
    way = m1 - m0
    if rule.closed:
        way -= rule.length_m * np.round(way / rule.length_m)
    return way


@leaf
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


@leaf
def decode(grid, network, search, rows, t, first, state, begin, end, off_back, chosen, came):
    """Choose the most likely candidate of the anchors `begin` to `end`, -1 for off.

    Before and after them the patrol is off every course; candidates that are taken are left out.
    `came` tells how an anchor was come to; `off_back` is only written on.
    """
    off, best, best_at = 0.0, _NEVER, -1
    for i in range(begin, end):
        # Straight from one course to another without a way between: once out, once in.
        fresh, fresh_at = off - _ENTER, -1
        if best - 2 * _ENTER > fresh:
            fresh, fresh_at = best - 2 * _ENTER, best_at
        a, b = first[i], first[i + 1]
        for q in range(a, b):
            one = state[q]
            one.total, one.back, one.how = fresh, fresh_at, FRESH
            if one.taken:
                one.total = _NEVER
        if i > begin and best_at >= 0 and not silent(rows, t, i):
            d = moved(rows, i)
            fast = driven(rows, i, d)
            for p in range(first[i - 1], a):
                if state[p].total < best - _HOPELESS:
                    continue
                if _go_along(grid.rule[state[p].course], d, fast, p, a, b, state):
                    _go_over(grid, network, search, d, fast, p, a, b, state)
        off_back[i] = -1
        if best - _ENTER > off:
            off, off_back[i] = best - _ENTER, best_at
        off += _OFF
        best, best_at = _NEVER, -1
        for q in range(a, b):
            one = state[q]
            if not one.taken:
                one.total += one.score
                if one.total > best:
                    best, best_at = one.total, q
    # Leaving at the end costs what coming at the start did.
    at = best_at if best - _ENTER > off else -1
    for i in range(end - 1, begin - 1, -1):
        chosen[i] = at
        if at < 0:
            at = off_back[i]
        else:
            came[i] = state[at].how
            at = state[at].back


@leaf
def _go_along(rule, d, fast, p, a, b, state):
    """Try candidate `p` before those of the same course; tell whether others are left to try."""
    others = False
    before = state[p]
    for q in range(a, b):
        one = state[q]
        if one.taken:
            continue
        if one.course != before.course:
            others = True
            continue
        way = along(rule, before.m, one.m)
        held = before.total - step_cost(rule, way, d)
        if fast and way * rule.oneway < -10.0:
            held -= AGAINST
        if held > one.total:
            one.total, one.back, one.how = held, p, ALONG
    return others


@leaf
def _go_over(grid, network, search, d, fast, p, a, b, state):
    """Try candidate `p` before those of other courses, by the way over their joints."""
    before = state[p]
    k = before.link
    bound = farthest(d)
    if k < 0 or min(before.m - network.m0[k], network.m1[k] - before.m) > bound:
        return
    explore(network, search, k, before.m, bound, 1.0, fast)
    for q in range(a, b):
        one = state[q]
        if one.taken or one.course == before.course or one.link < 0:
            continue
        way, _ = way_to(network, search, one.link, one.m, fast)
        if way > bound:
            continue
        held = before.total - step_cost(grid.rule[one.course], way, d) - _TURN
        if held > one.total:
            one.total, one.back, one.how = held, p, WAY


@leaf
def hop(grid, network, search, rows, i, before, here):
    """Return what it costs to come to anchor `i` at a candidate from one of the anchor before."""
    d = moved(rows, i)
    fast = driven(rows, i, d)
    rule = grid.rule[here.course]
    never = 2 * _ENTER
    if here.course == before.course:
        way = along(rule, before.m, here.m)
        cost = step_cost(rule, way, d)
        return min(never, cost + AGAINST if fast and way * rule.oneway < -10.0 else cost)
    if before.link < 0 or here.link < 0:
        return never
    explore(network, search, before.link, before.m, farthest(d), 1.0, fast)
    way, _ = way_to(network, search, here.link, here.m, fast)
    return never if way > farthest(d) else min(never, step_cost(rule, way, d) + _TURN)


@leaf
def moved(rows, i):
    """Return the metres over land from the anchor before to anchor `i`."""
    return np.sqrt((rows[i].x - rows[i - 1].x) ** 2 + (rows[i].y - rows[i - 1].y) ** 2)


@leaf
def driven(rows, i, d):
    """Tell whether the patrol came to anchor `i` faster than on foot; no times, no telling."""
    gone = rows[i].t - rows[i - 1].t
    return gone > 0 and d > _DRIVEN_M_S * gone


@leaf
def farthest(d):
    """Return how far over joints may be gone while `d` metres are moved over land."""
    return 1.2 * d + 25.0 + 6.0 * (10.0 + 0.1 * d)


@leaf
def silent(rows, t, i):
    """Tell whether nobody knows where the patrol was between anchors `i - 1` and `i`."""
    gap = t[rows[i].begin] - t[rows[i - 1].end - 1]
    if gap == gap:
        return gap > SILENCE_S
    return moved(rows, i) > GAP_M
