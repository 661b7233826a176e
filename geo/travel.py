"""Find the quickest ways over a network, for one mode of moving."""

from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from geo.lines import Ints
from geo.network import ACCESS, BANK, CROSSING, GAP, ROAD, SHORE, WALK, Network

MODES = ("foot", "bicycle", "motorcycle", "car", "boat")
NO_WAY = 1 << 60
# On foot from a bank to the road, whatever stands there waiting.
_JOIN_KMH = 4.0
# Over fields and through bushes.
_WALK_KMH = 3.0


@dataclass(frozen=True)
class Speed:
    """How fast a mode moves while looking, in km/h: on roads, on banks and shores; 0 is not at all.

    On unpaved roads it has `unpaved` of its speed. Defaults of ours, no source.
    """

    road_kmh: float
    bank_kmh: float
    keeps_one_way: bool = False
    unpaved: float = 1.0

    def __post_init__(self) -> None:
        if min(self.road_kmh, self.bank_kmh) < 0 or not 0 < self.unpaved <= 1:
            msg = (
                "wanted speeds of at least 0 and an unpaved share above 0 and up to 1, "
                f"got {self.road_kmh}, {self.bank_kmh} and {self.unpaved}"
            )
            raise ValueError(msg)


SPEEDS = {
    "foot": Speed(4.5, 4.0),
    "bicycle": Speed(12.0, 8.0, unpaved=0.75),
    "motorcycle": Speed(25.0, 10.0, keeps_one_way=True, unpaved=0.7),
    "car": Speed(30.0, 0.0, keeps_one_way=True, unpaved=0.6),
    "boat": Speed(0.0, 8.0),
}


@dataclass(frozen=True)
class Ways:
    """The network for one mode: arcs out of node i are `first[i]:first[i + 1]`, times in ms.

    `edge` is the edge an arc runs along, `forth` whether from its a to its b; `time` is of edges,
    [edges, 2], there and back, `NO_WAY` where it cannot be gone.
    """

    first: Ints
    node: Ints
    cost: Ints
    edge: Ints
    forth: NDArray[np.bool_]
    time: Ints


def ways(network: Network, speed: Speed, *, closed: NDArray[np.bool_] | None = None) -> Ways:
    """Return the ways of one mode; `closed` edges (floods, works, seasons) are not gone."""
    kmh = np.zeros(len(network.a))
    kmh[network.kind == ROAD] = speed.road_kmh
    kmh[network.unpaved] *= speed.unpaved
    kmh[np.isin(network.kind, (BANK, SHORE))] = speed.bank_kmh
    joins = np.isin(network.kind, (CROSSING, ACCESS))
    kmh[joins] = _JOIN_KMH if speed.bank_kmh and speed.road_kmh else 0.0
    kmh[network.kind == WALK] = _WALK_KMH if speed.bank_kmh and speed.road_kmh else 0.0
    if speed.road_kmh:
        kmh[network.afoot] = np.minimum(kmh[network.afoot], SPEEDS["foot"].bank_kmh)
    kmh[network.kind == GAP] = speed.road_kmh and max(speed.road_kmh, _JOIN_KMH)
    if closed is not None:
        kmh[closed] = 0.0
    ms = np.full((len(kmh), 2), NO_WAY, np.int64)
    go = kmh > 0
    ms[go] = np.rint(network.length_m[go] / kmh[go] * 3600.0)[:, None]
    if speed.keeps_one_way:
        ms[network.one_way < 0, 0] = NO_WAY
        ms[network.one_way > 0, 1] = NO_WAY
    a, b = np.append(network.a, network.b), np.append(network.b, network.a)
    cost = np.append(ms[:, 0], ms[:, 1])
    arc = np.flatnonzero(cost < NO_WAY)
    arc = arc[np.argsort(a[arc], kind="stable")]
    edges = len(network.a)
    return Ways(
        first=np.searchsorted(a[arc], np.arange(len(network.x) + 1)).astype(np.int64),
        node=b[arc],
        cost=cost[arc],
        edge=arc % max(edges, 1),
        forth=arc < edges,
        time=ms,
    )


def times(there: Ways, sources: Ints, targets: Ints) -> Ints:
    """Return the quickest time in ms from each source to each target, `NO_WAY` where none leads."""
    if len(targets) < len(sources):
        # A search from each of the few, over arcs turned round.
        return times(_turned(there), targets, sources).T
    found = np.full((len(sources), len(targets)), NO_WAY, np.int64)
    if len(there.first) > 1:
        _times(there.first, there.node, there.cost, sources, targets, found)
    return found


def _turned(there: Ways) -> Ways:
    """Return the ways with every arc leading back."""
    nodes = len(there.first) - 1
    order = np.argsort(there.node, kind="stable")
    return replace(
        there,
        first=np.searchsorted(there.node[order], np.arange(nodes + 1)).astype(np.int64),
        node=np.repeat(np.arange(nodes), np.diff(there.first))[order],
        cost=there.cost[order],
        edge=there.edge[order],
        forth=~there.forth[order],
    )


def path(there: Ways, source: int, target: int) -> list[tuple[int, bool]]:
    """Return the (edge, forth) of the quickest way; raises `ValueError` where none leads."""
    found = np.full((1, 1), NO_WAY, np.int64)
    by = _times(there.first, there.node, there.cost, np.array([source]), np.array([target]), found)
    if found[0, 0] == NO_WAY:
        msg = f"wanted a way from node {source} to {target}, there is none"
        raise ValueError(msg)
    steps = []
    while target != source:
        arc = int(by[target])
        steps.append((int(there.edge[arc]), bool(there.forth[arc])))
        target = int(np.searchsorted(there.first, arc, side="right")) - 1
    return steps[::-1]


# A heap's item is time << NODE_BITS | node: one number to move and compare, good for networks of
# sixteen million nodes and ways of seventeen years.
_NODE_BITS = 24


@numba.njit(cache=True)
def _times(first: Any, node: Any, cost: Any, sources: Any, targets: Any, found: Any) -> Any:
    """Write the times to `found`; return the arc by which the last source reaches each node."""
    nodes = first.size - 1
    by = np.empty(nodes, np.int64)
    best = np.empty(nodes, np.int64)
    heap = np.empty(node.size + 1, np.int64)
    wanted = np.zeros(nodes, np.bool_)
    for t in range(targets.size):
        wanted[targets[t]] = True
    left = wanted.sum()
    for s in range(sources.size):
        best[:] = NO_WAY
        _reach(first, node, cost, sources[s], (wanted, left), best, by, heap)
        for t in range(targets.size):
            found[s, t] = best[targets[t]]
    return by


@numba.njit(cache=True)
def _reach(
    first: Any, node: Any, cost: Any, source: int, targets: Any, best: Any, by: Any, heap: Any
) -> None:
    """Settle the targets by Dijkstra with a binary heap; `by` gets the arc to each node."""
    wanted, left = targets
    heap[0], n = source, 1
    best[source] = 0
    by[source] = -1
    while n > 0:
        reached, here = heap[0] >> _NODE_BITS, heap[0] & ((1 << _NODE_BITS) - 1)
        n -= 1
        _sink(heap, n)
        if reached > best[here]:
            continue
        if wanted[here]:
            left -= 1
            if left == 0:
                return
        for arc in range(first[here], first[here + 1]):
            there, then = node[arc], reached + cost[arc]
            if then < best[there]:
                best[there] = then
                by[there] = arc
                _rise(heap, n, then << _NODE_BITS | there)
                n += 1


@numba.njit(cache=True)
def _sink(heap: Any, n: int) -> None:
    """Take the least of n + 1 items off a heap."""
    moved, k = heap[n], 0
    while 2 * k + 1 < n:
        child = 2 * k + 1
        if child + 1 < n and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= moved:
            break
        heap[k] = heap[child]
        k = child
    heap[k] = moved


@numba.njit(cache=True)
def _rise(heap: Any, n: int, item: int) -> None:
    """Put an item on a heap of n."""
    k = n
    while k > 0 and heap[(k - 1) // 2] > item:
        heap[k] = heap[(k - 1) // 2]
        k = (k - 1) // 2
    heap[k] = item
