"""Find what a plan in shares lacks between the parts of a torn share.

A holder may have two pieces that do not meet only with pieces that connect them: at least one out
of every set that separates the two (Validi, Buchanan and Lykhovyd 2022, "Imposing contiguity
constraints in political districting models"). No order of growth is assumed, so that a bound with
such cuts holds for every unbroken plan.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from geo.annealing import Ground
from geo.lines import Floats, Ints
from geo.programme import Cut, Relaxed

Yes = NDArray[np.bool_]

# Parts are looked for where a holder has more of a piece than this: thin bridges do not connect.
THIN = (1e-6, 0.15, 0.4, 0.7)
# A cut is worth a row when the plan breaks it by this much.
BROKEN = 0.01
# Cuts between the same two parts for so many pieces: with few, the others would stay torn off.
MOST = 60
ROOTS = 2


def separators(ground: Ground, relaxed: Relaxed, shares: Floats) -> list[Cut]:
    """Return cuts that `shares` break, each once; none when no share is torn."""
    found: dict[tuple[int, int, int, bytes], Cut] = {}
    graph = graph_of(ground)
    regret = regrets(relaxed.extra)
    for holder in range(ground.distance_m.shape[1] - 1):
        have = shares[:, holder]
        joined = met_by(ground, graph, holder)
        for thin in THIN:
            for main, part in _torn(ground, joined, have, thin):
                root = main[np.lexsort((-regret[main, holder], -np.round(have[main], 2)))][:ROOTS]
                twig = part[np.argsort(-have[part] * ground.length_m[part], kind="stable")][:MOST]
                for near, far in ((part, main), (main, part)):
                    between = _between(joined, near, far[0], len(have))
                    bridge = have[between].sum()
                    for one in root:
                        broken = have[one] + have[twig] - bridge > 1 + BROKEN
                        for other in twig[broken]:
                            key = (holder, int(one), int(other), between.tobytes())
                            found[key] = Cut(holder, int(one), int(other), between)
    return list(found.values())


def graph_of(ground: Ground) -> sp.csr_matrix:
    """Return which pieces meet."""
    n = len(ground.length_m)
    return sp.csr_matrix((np.ones(len(ground.near)), ground.near, ground.start), shape=(n, n))


def met_by(ground: Ground, graph: sp.csr_matrix, holder: int) -> sp.csr_matrix:
    """Return which pieces meet for `holder`; those that touch what he has meet at a node more."""
    touching = ground.touching[ground.first[holder] : ground.first[holder + 1]]
    if not len(touching):
        return graph
    hubs, hub = np.unique(ground.component[touching], return_inverse=True)
    n, size = graph.shape[0], graph.shape[0] + len(hubs)
    ends = graph.tocoo()
    rows, columns = np.r_[ends.row, touching, n + hub], np.r_[ends.col, n + hub, touching]
    return sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size))


def regrets(extra: Floats) -> Floats:
    """Return how much dearer the best other holder of a piece is than this one."""
    two = np.partition(extra, 1, axis=1)[:, :2]
    best = extra <= two[:, :1]
    return np.asarray(np.maximum(np.where(best, two[:, 1:], two[:, :1]) - extra, 0.0))


def _torn(
    ground: Ground, joined: sp.csr_matrix, have: Floats, thin: float
) -> list[tuple[Ints, Ints]]:
    """Return the main part of every torn share of a component, each with one of its other parts."""
    n = len(have)
    mine = np.flatnonzero(np.r_[have > thin, np.ones(joined.shape[0] - n, dtype=bool)])
    label = connected_components(joined[mine][:, mine], directed=False)[1]
    real = mine < n
    mine, label = mine[real], label[real]
    if not len(mine) or (label == label[0]).all():
        return []
    weight = np.bincount(label, have[mine] * ground.length_m[mine])
    parts: dict[int, list[int]] = {}
    for one, at in zip(*np.unique(label, return_index=True), strict=True):
        parts.setdefault(int(ground.component[mine[at]]), []).append(int(one))
    torn = []
    for labels in parts.values():
        main, *rest = sorted(labels, key=lambda one: (-weight[one], one))
        torn += [(mine[label == main], mine[label == one]) for one in rest]
    return torn


def _between(joined: sp.csr_matrix, near: Ints, far: int, n: int) -> Ints:
    """Return the pieces next to those of `near` that any way from there to `far` must pass."""
    size = joined.shape[0]
    inside = np.zeros(size, dtype=bool)
    inside[near] = True
    # The node of those who touch what the holder has is no piece: what lies behind it is next.
    hub = np.zeros(size, dtype=bool)
    hub[n:] = (joined[n:] @ inside) > 0
    ring = (joined @ (inside | hub).astype(float) > 0) & ~inside
    ring[n:] = False
    outside = np.flatnonzero(~ring)
    label = np.full(size, -1)
    label[outside] = connected_components(joined[outside][:, outside], directed=False)[1]
    side = (label == label[far]).astype(float)
    return np.flatnonzero(ring & (joined @ side > 0)).astype(np.int64)
