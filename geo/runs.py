"""Turn what was decided anchor by anchor into stretches of courses, and say how sure they are.

A run is an unbroken walk along one course. It covers from its least to its greatest chainage, not
the sum of its steps: beside a meander the nearest point of the centre line jumps back and forth.
"""

import numba
import numpy as np

from geo.candidates import FIX_SIGMA_M
from geo.junctions import desk
from geo.kernels import leaf
from geo.path import ANCHOR, BY, CHAIN, JOINED, TIME, M, lay, pace_of
from geo.path import COURSE as ON
from geo.path import OFFSET as BESIDE
from geo.trace import FRESH, STEP_M, all_candidates, anchors, decode, hop, moved

# Explanations tried: the likeliest, then what the courses it leaves say.
RANKS = 3
# A walk shorter than this is a touch or a crossing.
SHORTEST_M = 50.0
# So far into a side road and back by the same junction is the phone's error, not a visit.
_TOUCH_M = 25.0
# Log density: two roads seven metres apart, within a phone's and a map's error, differ by less.
_CLEAR = 0.4
# Across the band of a river at more than 20 degrees is a crossing, not a walk along it.
_CROSSING = 0.36
_COMING = 0.58
# Anchors to both sides that tell how far off a track runs.
_AROUND = 3
# From one side to the other, by more than a phone's error, at more than 8 degrees.
_SIDES_M = 25.0
_CHANGING = 0.14
# Nearer to a course than a phone's error nobody tells its sides apart.
_SIDED_M = 8.0
# So far to a side is on that bank, whatever two and a half sigma of a phone's error make of it.
_BANK_M = 2.5 * FIX_SIGMA_M
# So many anchors make a trend, which explains so much of what their offsets vary.
_TREND = 4
_EVEN = 0.75

COLUMNS = 12
(
    PATROL, COURSE, FROM_M, TO_M, ENTERED, LEFT, OFFSET, EFFORT, FIXES, UNSURE, REASON, SIDED
) = range(COLUMNS)  # fmt: skip
ALONG, FAR, NEARER, EITHER, ERRAND, WEAVING = range(6)


@numba.njit(cache=True, nogil=True)
def run_all(grid, network, who, first, x, y, t, accuracy, still, sent_first, sent, beside):
    """Return the rows of the patrols `who`, patrol after patrol in order of time.

    `beside` says that a nearer road walked on an errand to a river covers the river.
    """
    rows = np.empty((64, COLUMNS))
    n = 0
    search = desk(network)
    for k in who:
        errand = sent[sent_first[k] : sent_first[k + 1]]
        if first[k + 1] - first[k] >= 2:
            rows, n = _patrol(
                grid, network, search, k, first[k], first[k + 1], x, y, t, accuracy, still,
                errand, beside, rows, n,
            )  # fmt: skip
    return rows[:n]


@numba.njit(cache=True, nogil=True)
def _patrol(grid, network, search, k, a, b, x, y, t, accuracy, still, errand, beside, rows, n):
    anchor = anchors(a, b, x, y, t, accuracy, still)
    first, state = all_candidates(grid, network, anchor, errand)
    if len(state) == 0:
        return rows, n
    pace = pace_of(anchor)
    off_back = np.empty(len(anchor), dtype=np.int64)
    doubtful = np.zeros(len(anchor), dtype=np.bool_)
    likeliest = np.full(len(anchor), -1, dtype=np.int64)
    worth, how = np.zeros(len(anchor)), np.zeros(len(anchor), dtype=np.int8)
    paths = []
    for rank in range(RANKS):
        chosen = np.full(len(anchor), -1, dtype=np.int64)
        came = np.zeros(len(anchor), dtype=np.int8)
        begin, end = _left(first, state, 0)
        if end == begin:
            break
        while end > begin:
            decode(grid, network, search, anchor, t, first, state, begin, end, off_back, chosen,
                   came)  # fmt: skip
            begin, end = _left(first, state, end)
        if rank == 0:
            likeliest[:], how[:] = chosen, came
            _weigh(state, chosen, worth)
        else:
            _doubt(grid, network, search, anchor, state, likeliest, how, worth, chosen, came,
                   doubtful)  # fmt: skip
        paths.append(lay(grid, network, search, anchor, pace, chosen, came, state))
        _take(first, state, chosen)
    for rank, path in enumerate(paths):
        rows, n = _walk(
            grid, k, path, x, y, t, still, anchor, doubtful, rank, errand, beside, rows, n
        )
    return rows, n


@leaf
def _weigh(state, chosen, worth):
    """Write what the way to each anchor of an explanation is worth."""
    for i in range(len(chosen)):
        worth[i] = state[chosen[i]].total if chosen[i] >= 0 else 0.0


@leaf
def _left(first, state, begin):
    """Return the next unbroken row of anchors, from `begin` on, that have candidates left."""
    count = len(first) - 1
    while begin < count and not _any_left(first, state, begin):
        begin += 1
    end = begin
    while end < count and _any_left(first, state, end):
        end += 1
    return begin, end


@leaf
def _any_left(first, state, i):
    left = False
    for q in range(first[i], first[i + 1]):
        left = left or not state[q].taken
    return left


@leaf
def _take(first, state, chosen):
    """Take away the courses just chosen; where nothing was chosen, nothing is left to choose."""
    for i in range(len(chosen)):
        for q in range(first[i], first[i + 1]):
            if chosen[i] < 0 or state[q].course == state[chosen[i]].course:
                state[q].taken = True


@leaf
def _doubt(grid, network, search, anchor, state, likeliest, how, worth, chosen, came, doubtful):
    """Mark the anchors of the first explanation that a later one explains as well.

    The later one must be come to from what the first was before, and go on to what it is after:
    a road beside that has no junction there is no explanation of the whole.
    """
    count = len(anchor)
    i = 0
    while i < count:
        if chosen[i] < 0:
            i += 1
            continue
        j, way = i + 1, 0.0
        while j < count and chosen[j] >= 0 and came[j] != FRESH:
            way += moved(anchor, j)
            j += 1
        a, b = i, j - 1
        while a < b and likeliest[a] < 0:
            a += 1
        while b > a and likeliest[b] < 0:
            b -= 1
        if way >= SHORTEST_M and likeliest[a] >= 0:
            gain = state[likeliest[a]].score - state[chosen[a]].score
            gain += worth[b] - worth[a] - state[chosen[b]].total + state[chosen[a]].total
            # To the first of the later explanation, and from its last.
            for s, p, q in ((a, likeliest, chosen), (b + 1, chosen, likeliest)):
                if s in (0, count) or how[s] == FRESH:
                    continue
                if likeliest[s - 1] >= 0 and likeliest[s] >= 0:
                    gain += worth[s] - worth[s - 1] - state[likeliest[s]].score
                    gain += hop(grid, network, search, anchor, s, state[p[s - 1]], state[q[s]])
            if gain < _CLEAR * (b + 1 - a):
                doubtful[i:j] = True
        i = j


@numba.njit(cache=True, nogil=True)
def _walk(grid, k, path, x, y, t, still, anchor, doubtful, rank, errand, beside, rows, n):
    """Append the rows of a path: chain by chain, and in a chain course by course."""
    held = _judge(grid, path, doubtful, rank, errand, beside)
    i = 0
    while i < len(path):
        i, j = _next_walk(path, i)
        while i < j:
            q = _joined(path, i, j)
            if _counts(grid, path[i:q], anchor):
                if not _sent_to(errand, int(path[i, ON])) and _weaves(grid, path[i:q]):
                    for s in range(i, q):
                        held[s] = WEAVING if held[s] == ALONG else held[s]
                rows, n = _run(grid, k, path[i:q], held[i:q], x, y, t, still, anchor, rows, n)
            i = q
    return rows, n


@leaf
def _next_walk(path, i):
    """Return the places of the next chain, from `i` on, that came farther than a touch."""
    while i < len(path):
        # How far it came, not how far it moved: jitter on one spot adds up without end.
        j, way, low, high = i, 0.0, 0.0, 0.0
        while j < len(path) and path[j, CHAIN] == path[i, CHAIN]:
            if j == i or path[j, JOINED] == 0:
                way += high - low
                low = high = path[j, M]
            low, high = min(low, path[j, M]), max(high, path[j, M])
            j += 1
        if way + high - low >= SHORTEST_M:
            return i, j
        i = j
    return i, i


@leaf
def _joined(path, i, end):
    """Return the end of the run along one course that begins at place `i`."""
    i += 1
    while i < end and path[i, JOINED] > 0:
        i += 1
    return i


@numba.njit(cache=True, nogil=True)
def _judge(grid, path, doubtful, rank, errand, beside):
    """Return for every place of a path why it counts, -1 where it does not.

    An anchor is judged by its neighbours on the same course: on a road by their median offset,
    because noise to both sides cancels, beside a river by their median distance. A place between
    anchors is as sure as the less sure of its neighbours.
    """
    held = np.full(len(path), -1, dtype=np.int64)
    _hold(grid, path, doubtful, rank, errand, beside, np.empty(2 * _AROUND + 1), held)
    return held


@leaf
def _hold(grid, path, doubtful, rank, errand, beside, window, held):
    count = len(path)
    for i in range(count):
        if path[i, ANCHOR] < 0:
            continue
        of = int(path[i, ON])
        bank = grid.rule[of].bank
        n, worst = 0, 0.0
        for way in (-1, 1):
            p, got = i, 0
            while 0 <= p < count and got <= _AROUND and path[p, CHAIN] == path[i, CHAIN]:
                if path[p, ON] != of:
                    break
                if path[p, ANCHOR] >= 0:
                    if got > 0 or way > 0:
                        window[n] = abs(path[p, BESIDE]) if bank else path[p, BESIDE]
                        worst = max(worst, abs(window[n]))
                        n += 1
                    got += 1
                p += way
        # What all lies within the sure distance has its median there: no need to look for it.
        median = abs(_middle(window, n)) if worst > grid.rule[of].sure_m else worst
        sent = _sent_to(errand, of)
        held[i] = _held(grid, of, median, rank, doubtful[int(path[i, ANCHOR])], sent, beside)
    for i in range(count):
        if path[i, ANCHOR] < 0:
            held[i] = _between(path, held, i)
    _settle(grid, path, held)


@leaf
def _sent_to(errand, of):
    """Tell whether a patrol was sent to a course."""
    sent = False
    for s in errand:
        sent = sent or s == of
    return sent


@leaf
def _settle(grid, path, held):
    """Count what strays a little from a road that is walked on surely before and after.

    A phone's drift and a map's coarse line do so; who leaves a road for another goes by a joint,
    or farther. Beside water an offset is no error.
    """
    i = 0
    while i < len(path):
        j = _joined(path, i, len(path))
        if not grid.rule[int(path[i, ON])].bank:
            last = -1
            for p in range(i, j):
                if held[p] == ALONG:
                    if last >= 0:
                        for strayed in range(last, p):
                            held[strayed] = ALONG
                    last = p
                elif held[p] != FAR:
                    last = -1
        i = j


@leaf
def _middle(few, n):
    """Return the median of the first `n` of a few numbers, which are put in order."""
    for i in range(1, n):
        value, j = few[i], i
        while j > 0 and few[j - 1] > value:
            few[j] = few[j - 1]
            j -= 1
        few[j] = value
    return (few[(n - 1) // 2] + few[n // 2]) / 2


@leaf
def _between(path, held, i):
    before, after = i, i
    while before >= 0 and path[before, ANCHOR] < 0:
        before -= 1
    while after < len(path) and path[after, ANCHOR] < 0:
        after += 1
    if before < 0 or path[before, CHAIN] != path[i, CHAIN]:
        return held[after] if after < len(path) else -1
    if after == len(path) or path[after, CHAIN] != path[i, CHAIN]:
        return held[before]
    if path[before, ON] == path[i, ON] and path[after, ON] != path[i, ON]:
        return held[before]
    if path[after, ON] == path[i, ON] and path[before, ON] != path[i, ON]:
        return held[after]
    if held[before] < 0 or held[after] < 0:
        return -1
    return held[before] if held[before] in (FAR, NEARER, EITHER) else held[after]


@leaf
def _counts(grid, run, anchor):
    """Tell whether a run is more than a touch or a crossing."""
    low, high = _span(run)
    if run[0, BY] >= 0 and run[0, BY] == run[-1, BY] and high - low < _TOUCH_M:
        return False
    return high > low and not _crosses(grid, run, anchor)


@numba.njit(cache=True, nogil=True)
def _run(grid, k, run, held, x, y, t, still, anchor, rows, n):
    lo, hi = 0, len(run)
    if grid.rule[int(run[0, ON])].bank:
        lo, hi = _trim(run)
    if hi - lo < 2:
        return rows, n
    run, held = run[lo:hi], held[lo:hi]
    p = 0
    while p < len(run):
        q = _alike(held, p)
        if held[p] >= 0:
            rows, n = _stretch(grid, k, run, p, q, held[p], x, y, t, still, anchor, rows, n)
        p = q
    return rows, n


@leaf
def _alike(held, p):
    """Return the end of the places from `p` on that count for one reason."""
    q = p + 1
    while q < len(held) and held[q] == held[p]:
        q += 1
    return q


@leaf
def _span(run):
    """Return the least and the greatest chainage of a run."""
    low = high = run[0, M]
    for p in range(1, len(run)):
        low, high = min(low, run[p, M]), max(high, run[p, M])
    return low, high


@leaf
def _held(grid, of, distance, rank, doubtful, sent, beside):
    """Return the reason why a metre counts, -1 when it does not."""
    if distance > grid.rule[of].unsure_m:
        return -1
    if distance > grid.rule[of].sure_m:
        if rank == 0:
            return FAR
        return ERRAND if sent and beside else NEARER
    if sent:
        return ALONG if rank == 0 else ERRAND
    if rank > 0:
        return NEARER
    return EITHER if doubtful else ALONG


@leaf
def _trim(run):
    """Leave out the oblique coming to and going from a wide course at the ends of a run."""
    lo, hi = 0, len(run)
    while hi - lo >= 2 and _oblique(run[lo], run[lo + 1]):
        lo += 1
    while hi - lo >= 2 and _oblique(run[hi - 1], run[hi - 2]):
        hi -= 1
    return lo, hi


@leaf
def _oblique(end, inner):
    """Tell whether a run nears its course rather than follows it; never at a joint."""
    nearing = abs(end[BESIDE]) - abs(inner[BESIDE])
    return nearing > _COMING * abs(end[M] - inner[M])


@leaf
def _crosses(grid, run, anchor):
    """Tell whether a run between joints goes slanting over its course, or from side to side.

    Nobody changes the bank within the breadth of the band but by crossing, except afloat, where
    the way along the water leads from side to side.
    """
    if run[0, ANCHOR] < 0 or run[-1, ANCHOR] < 0:
        return False
    afloat = grid.rule[int(run[0, ON])].afloat
    if not afloat and _slants(run):
        return True
    # The band is crossed once it is left: a longer walk is no crossing, however slanting.
    if _effort(run) >= _breadth(grid.rule[int(run[0, ON])]):
        return False
    if _through(grid, run, anchor):
        return True
    along_m = abs(run[-1, M] - run[0, M])
    across = abs(run[-1, BESIDE] - run[0, BESIDE])
    if run[-1, BESIDE] * run[0, BESIDE] < 0 and across > _SIDES_M and not afloat:
        return across > _CHANGING * along_m
    return across > _CROSSING * along_m and across > _SIDES_M


@leaf
def _through(grid, run, anchor):
    """Tell whether the patrol came from one side and went on to the other, slanting both times.

    Who changes sides in between, the same way, need slant less: three witnesses of one straight
    way over the course are no drift of a phone.
    """
    first, last = int(run[0, ANCHOR]), int(run[-1, ANCHOR])
    if first == 0 or last == len(anchor) - 1:
        return False
    rule = grid.rule[int(run[0, ON])]
    coming = _across(rule, grid.pieces, run[0, M], anchor, first - 1, first)
    going = _across(rule, grid.pieces, run[-1, M], anchor, last, last + 1)
    over = run[0, BESIDE] * run[-1, BESIDE] < 0 and run[-1, BESIDE] * going > 0
    least = _CHANGING if over and not rule.afloat else _CROSSING
    return coming * going > 0 and min(abs(coming), abs(going)) > least


@leaf
def _weaves(grid, run):
    """Tell whether a run beside water changes the bank so often that it does not follow it.

    Nobody on foot or wheels goes through the water every few hundred metres: it is a straight way
    over country that the bends of the water come and go under.
    """
    rule = grid.rule[int(run[0, ON])]
    if rule.afloat or not rule.bank:
        return False
    changes, side = 0, 0.0
    for p in range(len(run)):
        if run[p, ANCHOR] >= 0 and abs(run[p, BESIDE]) > _BANK_M:
            changes += run[p, BESIDE] * side < 0
            side = run[p, BESIDE]
    return changes >= 1 and _effort(run) < changes * _breadth(rule)


@leaf
def _breadth(rule):
    """Return the metres along a course in which its band is slantingly crossed and left."""
    return 2 * (rule.flat_m + 30.0) / _CROSSING


@leaf
def _across(rule, pieces, m, anchor, a, b):
    """Return the sine of the angle from the course to the way between two anchors, to the left."""
    turn = np.floor(m / rule.length_m) * rule.length_m if rule.closed else 0.0
    piece = pieces[_piece_at(rule, pieces, m - turn)]
    dx, dy = anchor[b].x - anchor[a].x, anchor[b].y - anchor[a].y
    size = np.hypot(piece.dx, piece.dy) * max(np.hypot(dx, dy), 1e-9)
    return (piece.dx * dy - piece.dy * dx) / size


@leaf
def _slants(run):
    """Tell whether a run goes evenly from one side of its course to the other, however slowly.

    Straight over country at a flat angle: the offsets lie on a line that leads over the course.
    Drift and bends sway to and fro.
    """
    n = 0
    mean_m = mean = 0.0
    low = high = run[0, M]
    for p in range(len(run)):
        low, high = min(low, run[p, M]), max(high, run[p, M])
        if run[p, ANCHOR] >= 0:
            n += 1
            mean_m += run[p, M]
            mean += run[p, BESIDE]
    mean_m, mean = mean_m / n, mean / n
    mm = mo = oo = 0.0
    for p in range(len(run)):
        if run[p, ANCHOR] >= 0:
            mm += (run[p, M] - mean_m) ** 2
            mo += (run[p, M] - mean_m) * (run[p, BESIDE] - mean)
            oo += (run[p, BESIDE] - mean) ** 2
    if n < _TREND or _effort(run) > 1.2 * (high - low) + STEP_M or mo * mo < _EVEN * mm * oo:
        return False
    lowest, highest = mean + mo / mm * (low - mean_m), mean + mo / mm * (high - mean_m)
    return lowest * highest < 0 and abs(highest - lowest) > _SIDES_M


@leaf
def _effort(run):
    way = 0.0
    for p in range(1, len(run)):
        way += abs(run[p, M] - run[p - 1, M])
    return way


@numba.njit(cache=True, nogil=True)
def _stretch(grid, k, run, p, q, reason, x, y, t, still, anchor, rows, n):
    of = int(run[0, ON])
    low, high = _span(run[p:q])
    effort = _effort(run[p:q])
    # Halfway to a neighbour of another certainty; at the ends of the run, to the last fix itself.
    for s, other in ((p, p - 1), (q - 1, q)):
        if 0 <= other < len(run):
            middle = (run[s, M] + run[other, M]) / 2
            low, high = min(low, middle), max(high, middle)
            effort += abs(run[s, M] - middle)
    offsets = np.empty(q - p)
    fixes, seen, entered, left, low, high, effort = _witnesses(
        grid, run, p, q, x, y, t, still, anchor, offsets, low, high, effort
    )
    middle = np.median(offsets[:seen]) if seen else np.nan
    sided = side_of(grid.rule[of], middle)
    length = grid.rule[of].length_m
    pieces = 1
    if grid.rule[of].closed:
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
            for row in range(n):
                for column in range(COLUMNS):
                    wider[row, column] = rows[row, column]
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


@leaf
def _witnesses(grid, run, p, q, x, y, t, still, anchor, offsets, low, high, effort):
    """Write the offsets of the anchors of a stretch; tell how many fixes and offsets there are.

    Then when it was entered and left, and its ends and effort with what the fixes behind the
    anchors at its ends reach beyond them.
    """
    fixes, seen = 0, 0
    entered, left = run[p, TIME], run[q - 1, TIME]
    for s in range(p, q):
        if run[s, ANCHOR] < 0:
            continue
        a, b = anchor[int(run[s, ANCHOR])].begin, anchor[int(run[s, ANCHOR])].end
        offsets[seen] = run[s, BESIDE]
        seen += 1
        fixes += b - a
        if s == p:
            entered = t[a]
        if s == q - 1:
            left = t[b - 1]
        if run[s, M] - low < 1.0 or high - run[s, M] < 1.0:
            near_low, near_high = _reach(grid, int(run[s, ON]), run[s, M], x, y, still, a, b)
            if near_low < low:
                effort, low = effort + low - near_low, near_low
            if near_high > high:
                effort, high = effort + near_high - high, near_high
    return fixes, seen, entered, left, low, high, effort


@leaf
def side_of(rule, offset):
    """Return 1 for the left of a course, -1 for its right, 0 for too near to say and for both.

    A boat on a river is on neither bank of it; a shore it has on one side.
    """
    if not abs(offset) > _SIDED_M or (rule.afloat and not rule.closed):
        return 0.0
    return 1.0 if offset > 0 else -1.0


@leaf
def _piece_at(rule, pieces, m):
    """Return the piece of a course that holds a chainage."""
    start, after = rule.begin, rule.end
    while after - start > 1:
        middle = (start + after) // 2
        if pieces[middle].m < m:
            start = middle
        else:
            after = middle
    return start


@leaf
def _reach(grid, of, at, x, y, still, a, b):
    """Return least and greatest chainage, near `at`, of the fixes behind an anchor."""
    low = high = at
    if still[a]:
        return low, high
    rule = grid.rule[of]
    home = at - np.floor(at / rule.length_m) * rule.length_m if rule.closed else at
    start = _piece_at(rule, grid.pieces, home - 1.5 * STEP_M)
    for i in range(a, b):
        best2, way = 1e18, 0.0
        for p in range(start, rule.end):
            piece = grid.pieces[p]
            if piece.m > home + 1.5 * STEP_M:
                break
            ex, ey, dx, dy = x[i] - piece.x, y[i] - piece.y, piece.dx, piece.dy
            w = min(max((ex * dx + ey * dy) * piece.per, 0.0), 1.0)
            far2 = (ex - w * dx) ** 2 + (ey - w * dy) ** 2
            if far2 < best2:
                best2, way = far2, piece.m + w * piece.dm - home
        if best2 <= rule.reach_m * rule.reach_m and abs(way) <= 1.5 * STEP_M:
            low, high = min(low, at + way), max(high, at + way)
    return low, high
