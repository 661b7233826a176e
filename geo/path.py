"""Lay the decided anchors end to end as a path of places on courses.

Between two anchors the path goes over joints and links where there is a way; what lies between is
credited only where the time, the speed and the other ways leave no doubt.
"""

import numba
import numpy as np

from geo.junctions import explore, way_to
from geo.kernels import leaf
from geo.trace import ALONG, WAY, along, driven, farthest, moved

# Columns of a path: course, chainage (unwrapped on a ring), offset (NaN between anchors),
# anchor (-1 between), joined to the place before, joint it lies on (-1 for none), chain: places of
# one chain follow one another without a gap, over joints too. Time, between anchors interpolated.
PLACE = 8
COURSE, M, OFFSET, ANCHOR, JOINED, BY, CHAIN, TIME = range(PLACE)
# Fixes nearer than this leave no room for another way.
_DENSE_M = 60.0
# Another way this much longer is as good to who goes it: maps are no better, and nobody measures.
_AS_GOOD = 1.05
# Two fixes are off along their roads by so much together.
_AS_GOOD_M = 15.0
_DEARER = 2.0


@numba.njit(cache=True, nogil=True)
def lay(grid, network, search, rows, pace, chosen, came, state):
    """Return the places of the path in order; `pace` is how fast the patrol commonly moves."""
    path = np.empty((_places(chosen) + 16, PLACE))
    i, n, chain = 0, 0, 0.0
    while i < len(rows):
        path = _roomy(path, n)
        i, n, chain = _lay_on(grid, rows, pace, chosen, came, state, i, path, n, chain)
        if i < len(rows) and _by_joints(rows, pace, chosen, came, i):
            d = moved(rows, i)
            before, here = state[chosen[i - 1]], state[chosen[i]]
            path, n, joined = _over(
                grid, network, search, d, driven(rows, i, d), before.link, before.m, here.link,
                here.m, path, n,
            )  # fmt: skip
            path = _roomy(path, n)
            n = _put_anchor(grid, rows, i, here, path, n, joined, chain)
            i += 1
    _interpolate(path[:n])
    return path[:n]


@leaf
def _places(chosen):
    """Return how many anchors lie on a course."""
    n = 0
    for i in range(len(chosen)):
        n += chosen[i] >= 0
    return n


@leaf
def _lay_on(grid, rows, pace, chosen, came, state, i, path, n, chain):
    """Append the anchors from `i` on while there is room, up to one come to by joints; tell it."""
    while i < len(rows):
        if chosen[i] >= 0:
            if n == len(path) or _by_joints(rows, pace, chosen, came, i):
                break
            here = state[chosen[i]]
            joined = False
            if i > 0 and came[i] == ALONG:
                way = abs(along(grid.rule[here.course], state[chosen[i - 1]].m, here.m))
                joined = _possible(rows, i, way, pace)
            if not joined:
                chain += 1
            n = _put_anchor(grid, rows, i, here, path, n, joined, chain)
        i += 1
    return i, n, chain


@leaf
def _by_joints(rows, pace, chosen, came, i):
    """Tell whether an anchor was come to from another course, in a time that allows it."""
    if i == 0 or chosen[i] < 0 or came[i] != WAY:
        return False
    return _possible(rows, i, moved(rows, i), pace)


@leaf
def _put_anchor(grid, rows, i, here, path, n, joined, chain):
    """Append the place of an anchor."""
    n = _put(grid, path, n, here.course, here.m, joined, -1)
    path[n - 1, OFFSET], path[n - 1, ANCHOR], path[n - 1, CHAIN] = here.offset, i, chain
    path[n - 1, TIME] = rows[i].t
    return n


@leaf
def _interpolate(path):
    """Give the places between two anchors their times, by the way between them."""
    last = -1
    for i in range(len(path)):
        if path[i, ANCHOR] < 0:
            continue
        if last >= 0 and i - last > 1:
            way = 0.0
            for turn in range(2):
                gone = 0.0
                for p in range(last + 1, i + 1):
                    if path[p, JOINED] > 0:
                        gone += abs(path[p, M] - path[p - 1, M])
                    if turn == 1 and p < i:
                        share = gone / way if way > 0 else 0.5
                        path[p, TIME] = path[last, TIME] + share * (
                            path[i, TIME] - path[last, TIME]
                        )
                way = gone
        last = i


@numba.njit(cache=True, nogil=True)
def pace_of(rows):
    """Return the speed that a patrol commonly moves at, 0 without times."""
    speeds = np.empty(len(rows))
    n = _speeds(rows, speeds)
    return np.median(speeds[:n]) if n else 0.0


@leaf
def _speeds(rows, speeds):
    """Write the speeds from anchor to anchor, except on the spot; return how many."""
    n = 0
    for i in range(1, len(rows)):
        gone = rows[i].t - rows[i - 1].t
        d = moved(rows, i)
        if gone > 0 and d > 20.0:
            speeds[n] = d / gone
            n += 1
    return n


@leaf
def _possible(rows, i, way, pace):
    """Tell whether a patrol of that pace could go the way in the time."""
    gone = rows[i].t - rows[i - 1].t
    if pace == 0.0 or not gone > 0 or way <= 100.0:
        return True
    return way / gone <= 2.5 * pace + 3.0


@numba.njit(cache=True, nogil=True)
def _over(grid, network, search, d, fast, link_p, m_p, link_q, m_q, path, n):
    """Append the places between two anchors of different courses; tell if they join the second."""
    route, by_end = _route(network, search, link_p, m_p, link_q, m_q, farthest(d), 1.0, fast)
    way, _ = way_to(network, search, link_q, m_q, fast)
    last = len(route) + 1
    sure = np.ones(last + 1, dtype=np.bool_)
    if d > _DENSE_M:
        _find_doubt(network, search, fast, link_p, m_p, link_q, m_q, route, by_end, way, sure)
    for r in range(last + 1):
        k = link_p if r == 0 else link_q if r == last else route[r - 1]
        if not sure[r]:
            continue
        path = _roomy(path, n)
        low = (network.m0[k], network.joint0[k])
        high = (network.m1[k], network.joint1[k])
        # The last link is entered, not left, by the end that is named.
        start, end = (low, high) if (by_end[r] == 1) != (r == last) else (high, low)
        if r > 0:
            again = (
                n > 0 and path[n - 1, BY] == start[1] and path[n - 1, COURSE] == network.course[k]
            )
            n = _put(grid, path, n, network.course[k], start[0], again, start[1])
        if r < last:
            n = _put(grid, path, n, network.course[k], end[0], True, end[1])
    return path, n, sure[last]


@numba.njit(cache=True, nogil=True)
def _route(network, search, link_p, m_p, link_q, m_q, bound, dearer, fast):
    """Return the links between two places, and by which end each is left, 1 for its far end.

    The ends begin with that of the first place's link and close with that the last is entered by.
    """
    explore(network, search, link_p, m_p, bound, dearer, fast)
    _, far = way_to(network, search, link_q, m_q, fast)
    joint = network.joint1[link_q] if far else network.joint0[link_q]
    count = 0
    at = joint
    while search.by[at] >= 0:
        k = search.by[at]
        at = network.joint0[k] if network.joint1[k] == at else network.joint1[k]
        count += 1
    route = np.empty(count, dtype=np.int64)
    by_end = np.zeros(count + 2, dtype=np.int64)
    by_end[count + 1] = 1 if far else 0
    at = joint
    for r in range(count - 1, -1, -1):
        k = search.by[at]
        route[r] = k
        by_end[r + 1] = 1 if network.joint1[k] == at else 0
        at = network.joint0[k] if network.joint1[k] == at else network.joint1[k]
    ways = (m_p - network.m0[link_p], network.m1[link_p] - m_p)
    ends = (network.joint0[link_p] == at, network.joint1[link_p] == at)
    by_end[0] = 1 if ends[1] and (not ends[0] or ways[1] < ways[0]) else 0
    return route, by_end


@numba.njit(cache=True, nogil=True)
def _find_doubt(network, search, fast, link_p, m_p, link_q, m_q, route, by_end, way, sure):
    """Mark what of a route another, about as short, does without."""
    search.dear[route] = True
    search.dear[link_p] = search.dear[link_q] = True
    bound = _AS_GOOD * way + _AS_GOOD_M
    other, other_end = _route(
        network, search, link_p, m_p, link_q, m_q, _DEARER * bound, _DEARER, fast
    )
    search.dear[route] = False
    search.dear[link_p] = search.dear[link_q] = False
    starts, ends = other_end[0] == by_end[0], other_end[-1] == by_end[-1]
    # What both go through tells nothing of the choice between them.
    shared = _end_m(network, link_p, m_p, by_end[0]) if starts else 0.0
    shared += _end_m(network, link_q, m_q, by_end[-1]) if ends else 0.0
    for k in other:
        if np.any(route == k):
            shared += network.m1[k] - network.m0[k]
    theirs = _end_m(network, link_p, m_p, other_end[0]) + _end_m(
        network, link_q, m_q, other_end[-1]
    )
    for k in other:
        theirs += network.m1[k] - network.m0[k]
    # Where the fix lies on its link matters only to ways that leave the link by different ends.
    slack = 0.0 if starts and ends else _AS_GOOD_M
    if theirs - shared > _AS_GOOD * (way - shared) + slack:
        return
    sure[0], sure[len(sure) - 1] = starts, ends
    for r in range(len(route)):
        sure[r + 1] = False
        for k in other:
            sure[r + 1] = sure[r + 1] or k == route[r]


@leaf
def _end_m(network, link, m, far):
    """Return the metres from a place on a link to its far end, or to its near one."""
    return network.m1[link] - m if far else m - network.m0[link]


@numba.njit(cache=True, nogil=True)
def _roomy(path, n):
    """Return a path with room for two more places."""
    if n + 2 <= len(path):
        return path
    wider = np.empty((2 * len(path), PLACE))
    for i in range(n):
        for column in range(PLACE):
            wider[i, column] = path[i, column]
    return wider


@leaf
def _put(grid, path, n, course, m, joined, by):
    """Append a place between anchors; on a ring its chainage goes on from the place before."""
    path[n, COURSE], path[n, M], path[n, OFFSET], path[n, ANCHOR] = course, m, np.nan, -1.0
    path[n, JOINED], path[n, BY], path[n, TIME] = (1.0 if joined else 0.0), by, np.nan
    path[n, CHAIN] = path[n - 1, CHAIN] if n else 0.0
    if joined:
        path[n, M] = path[n - 1, M] + along(grid.rule[course], path[n - 1, M], m)
    return n + 1
