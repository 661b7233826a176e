"""Join courses where they meet, and find the way from one to the next.

Roads meet roads and waters meet waters, at shared vertices and where an end lies on another
course. A road over a river is no meeting. A link is the stretch of a course between two joints.
"""

from typing import NamedTuple

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.candidates import MOST, Grid, crowd, near
from geo.kernels import leaf
from geo.lines import Floats, Ints, Lines
from geo.schema import Courses

# Ends drawn this near a course were meant to touch it.
SNAP_M = 2.0
_FAR = 1e18
# Where more pieces than this crowd one cell nobody tells junctions from crossings.
_CROWD = 2000
_FAMILY = {"road": 0, "river": 1, "canal": 1}


class Network(NamedTuple):
    """Links of all courses, in order of course and chainage, and the joints they end in.

    Link `k` is course `course[k]` from `m0[k]` at joint `joint0[k]` to `m1[k]` at `joint1[k]`; the
    links of course `c` are `of[c]:of[c + 1]`; those at joint `j`: `link[first[j]:first[j + 1]]`.
    """

    course: NDArray[np.int32]
    m0: Floats
    m1: Floats
    joint0: NDArray[np.int32]
    joint1: NDArray[np.int32]
    oneway: NDArray[np.int8]
    of: Ints
    first: Ints
    link: NDArray[np.int32]


class Search(NamedTuple):
    """What a search writes on, made once for many searches."""

    length: Floats
    seen: Ints
    by: NDArray[np.int32]
    heap: Floats
    heap_joint: Ints
    turn: Ints
    dear: NDArray[np.bool_]


def connect(courses: Courses, lines: Lines, grid: Grid) -> Network:
    """Return the network of `courses`."""
    kinds = courses["kind"].to_numpy(dtype=object)
    family = np.array([_FAMILY.get(kind, -1) for kind in kinds], dtype=np.int64)
    cuts = _shared(lines, family)
    ends = _end_cuts(lines)
    touching = _touching(grid, lines, family)
    course = np.concatenate([ends[0], cuts[0], touching[0]]).astype(np.int64)
    m = np.concatenate([ends[1], cuts[1], touching[1]])
    joint = np.concatenate([ends[2], cuts[2], touching[2]]).astype(np.int64)
    return _links(grid.rule["oneway"].copy(), course, m, joint)


def _end_cuts(lines: Lines) -> tuple[Ints, Floats, Ints]:
    """Return a cut at both ends of every course; joints are numbered by their first vertex."""
    number = np.arange(len(lines))
    start, end = lines.first[:-1], lines.first[1:] - 1
    joint = np.concatenate([start, np.where(lines.closed, start, end)])
    return np.tile(number, 2), np.concatenate([np.zeros(len(lines)), lines.length_m]), joint


def _shared(lines: Lines, family: Ints) -> tuple[Ints, Floats, Ints]:
    """Return a cut at every vertex that lies where another of the same family lies."""
    owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
    places = pd.DataFrame(
        {
            "x": np.round(lines.x * 10).astype(np.int64),
            "y": np.round(lines.y * 10).astype(np.int64),
            "family": family[owner],
        }
    )
    places = places[places["family"] >= 0]
    together = places[places.duplicated(keep=False)]
    if together.empty:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64)
    at = together.index.to_numpy()
    joint = together.groupby(list(together.columns)).ngroup().to_numpy()
    first = np.full(joint.max() + 1, len(lines.x))
    np.minimum.at(first, joint, at)
    return owner[at], lines.m[at], first[joint]


def _touching(grid: Grid, lines: Lines, family: Ints) -> tuple[Ints, Floats, Ints]:
    """Return a cut where an end of one course lies on another of its family."""
    vertex = np.concatenate([lines.first[:-1], lines.first[1:] - 1])
    owner = np.tile(np.arange(len(lines)), 2)
    open_end = ~lines.closed[owner] & (family[owner] >= 0)
    return _touch(grid, family, vertex[open_end], owner[open_end], lines.x, lines.y)


@numba.njit(cache=True, nogil=True)
def _touch(grid, family, vertex, owner, x, y):
    size = len(vertex) * MOST
    of, joint = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    at = np.empty(size)
    n = 0
    course = np.empty(MOST, dtype=np.int64)
    m, offset, score = np.empty(MOST), np.empty(MOST), np.empty(MOST)
    for i in range(len(vertex)):
        if crowd(grid, x[vertex[i]], y[vertex[i]]) > _CROWD:
            continue
        got = near(grid, x[vertex[i]], y[vertex[i]], 0.0, course, m, offset, score)
        for q in range(got):
            alike = family[course[q]] == family[owner[i]] and course[q] != owner[i]
            if alike and abs(offset[q]) <= SNAP_M:
                of[n], at[n], joint[n] = course[q], m[q], vertex[i]
                n += 1
    return of[:n], at[:n], joint[:n]


def _links(oneway: NDArray[np.int8], course: Ints, m: Floats, joint: Ints) -> Network:
    """Return the links between cuts; cuts within the snapping distance are one joint."""
    order = np.lexsort((m, course))
    course, m, joint = course[order], m[order], joint[order]
    starts = np.concatenate([[True], course[1:] != course[:-1]])[: len(course)]
    same = np.flatnonzero((course[1:] == course[:-1]) & (m[1:] - m[:-1] <= SNAP_M))
    joint = _merged(joint, np.column_stack([joint[same], joint[same + 1]]))
    keep = starts.copy()
    keep[1:] |= m[1:] - m[:-1] > SNAP_M
    # The end of a course keeps its exact chainage, not that of a cut just before it.
    top = np.zeros(len(oneway))
    np.maximum.at(top, course, m)
    course, m, joint = course[keep], m[keep], joint[keep]
    follows = np.flatnonzero(course[1:] == course[:-1])
    ends = np.concatenate([course[1:] != course[:-1], [True]])[: len(course)]
    m = np.where(ends, np.maximum(m, top[course]), m)
    links = course[follows]
    joints = np.unique(joint, return_inverse=True)[1].reshape(-1)
    a, b = joints[follows], joints[follows + 1]
    at = np.concatenate([a, b])
    by = np.argsort(at, kind="stable")
    count = int(joints.max()) + 1 if len(joints) else 0
    return Network(
        course=links.astype(np.int32),
        m0=m[follows],
        m1=m[follows + 1],
        joint0=a.astype(np.int32),
        joint1=b.astype(np.int32),
        oneway=oneway[links],
        of=np.searchsorted(links, np.arange(len(oneway) + 1)).astype(np.int64),
        first=np.searchsorted(at[by], np.arange(count + 1)).astype(np.int64),
        link=(by % max(len(follows), 1)).astype(np.int32),
    )


def _merged(joint: Ints, pairs: NDArray[np.int64]) -> Ints:
    """Return joints renamed so that every pair is one, and so all that hang together."""
    if not len(pairs):
        return joint
    from scipy.sparse import coo_array  # noqa: PLC0415 heavy, and seldom needed
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    names, number = np.unique(np.concatenate([joint, pairs.ravel()]), return_inverse=True)
    a, b = number[len(joint) :].reshape(-1, 2).T
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(names), len(names)))
    return connected_components(graph, directed=False)[1][number[: len(joint)]].astype(np.int64)


@numba.njit(cache=True, nogil=True)
def desk(network):
    """Return what searches write on."""
    joints, links = len(network.first) - 1, len(network.course)
    return Search(
        np.full(joints, _FAR),
        np.zeros(joints, dtype=np.int64),
        np.zeros(joints, dtype=np.int32),
        np.empty(2 * links + 4),
        np.empty(2 * links + 4, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(links, dtype=np.bool_),
    )


@leaf
def link_at(network, course, m):
    """Return the link of a course that holds a chainage, -1 on a course too short for one."""
    a, b = network.of[course], network.of[course + 1]
    if a == b:
        return -1
    while b - a > 1:
        middle = (a + b) // 2
        if network.m0[middle] <= m:
            a = middle
        else:
            b = middle
    return a


@leaf
def explore(network, search, link, m, bound, dearer, driven):
    """Write the way from a place to every joint within `bound` metres.

    Links marked `dear` count `dearer` times; 1.0 for true lengths. Who is `driven` does not go
    against a one-way.
    """
    search.turn[0] += 1
    turn = search.turn[0]
    n = 0
    for end in range(2):
        if driven and network.oneway[link] * (end * 2 - 1) < 0:
            continue
        joint = network.joint1[link] if end else network.joint0[link]
        way = abs(network.m1[link] - m) if end else abs(m - network.m0[link])
        if search.dear[link]:
            way *= dearer
        if way <= bound and (search.seen[joint] != turn or way < search.length[joint]):
            search.seen[joint], search.length[joint], search.by[joint] = turn, way, -1
            n = _push(search.heap, search.heap_joint, n, way, joint)
    while n:
        way, joint = search.heap[0], search.heap_joint[0]
        n = _pop(search.heap, search.heap_joint, n)
        if way > search.length[joint]:
            continue
        for k in range(network.first[joint], network.first[joint + 1]):
            next_link = network.link[k]
            other, ahead = network.joint0[next_link], -1
            if other == joint:
                other, ahead = network.joint1[next_link], 1
            if driven and network.oneway[next_link] * ahead < 0:
                continue
            step = network.m1[next_link] - network.m0[next_link]
            if search.dear[next_link]:
                step *= dearer
            farther = way + step
            if farther <= bound and (search.seen[other] != turn or farther < search.length[other]):
                search.seen[other], search.length[other] = turn, farther
                search.by[other] = next_link
                n = _push(search.heap, search.heap_joint, n, farther, other)


@leaf
def way_to(network, search, link, m, driven):
    """Return the way found to a place, and whether it comes by the link's far end."""
    best, far = _FAR, False
    turn = search.turn[0]
    a, b = network.joint0[link], network.joint1[link]
    if search.seen[a] == turn and not (driven and network.oneway[link] < 0):
        best = search.length[a] + abs(m - network.m0[link])
    if search.seen[b] == turn and not (driven and network.oneway[link] > 0):
        way = search.length[b] + abs(network.m1[link] - m)
        if way < best:
            best, far = way, True
    return best, far


@leaf
def _push(heap, heap_joint, n, way, joint):
    at = n
    while at > 0 and heap[(at - 1) // 2] > way:
        heap[at], heap_joint[at] = heap[(at - 1) // 2], heap_joint[(at - 1) // 2]
        at = (at - 1) // 2
    heap[at], heap_joint[at] = way, joint
    return n + 1


@leaf
def _pop(heap, heap_joint, n):
    n -= 1
    way, joint = heap[n], heap_joint[n]
    at = 0
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= way:
            break
        heap[at], heap_joint[at] = heap[child], heap_joint[child]
        at = child
    heap[at], heap_joint[at] = way, joint
    return n
