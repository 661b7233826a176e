"""Let a share grow from one piece, so that a plan in whole pieces comes out unbroken.

Pieces are put in the order of their way from a root; a holder may have one only with another that
is nearer to the root. No share is torn any more, but some unbroken ones are lost: what is found
with such rows is a plan, never a bound (Zoltners and Sinha 1983, "Sales territory alignment").
"""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from geo.annealing import Ground
from geo.lines import Floats, Ints
from geo.programme import Cut, Relaxed, Yes
from geo.separators import graph_of, met_by, regrets


def rooted(
    ground: Ground, relaxed: Relaxed, pairs: Yes, shares: Floats, torn: Iterable[tuple[int, int]]
) -> list[Cut]:
    """Return a row for every piece of `pairs` that must hang on its root, of each torn share.

    `torn` are holders with the component their share is torn in. The root is the piece the holder
    has in `shares` that would be the worst to lose.
    """
    graph, regret = graph_of(ground), regrets(relaxed.extra)
    rows = []
    for holder, component in torn:
        may = np.flatnonzero(pairs[:, holder] & (ground.component == component))
        worst = np.lexsort((-regret[may, holder], -np.round(shares[may, holder])))
        meets = met_by(ground, graph, holder)
        rows += _grown(ground, meets, holder, may, int(may[worst[0]]))
    return rows


def _grown(ground: Ground, meets: sp.csr_matrix, holder: int, may: Ints, root: int) -> list[Cut]:
    n, size = len(ground.length_m), meets.shape[0]
    # The node of those who touch what the holder has is no piece and costs no way.
    metres = np.r_[ground.length_m, np.zeros(size - n)]
    allowed = np.zeros(size, dtype=bool)
    allowed[may], allowed[n:] = True, True
    ends = meets.tocoo()
    inside = allowed[ends.row] & allowed[ends.col]
    one, other = ends.row[inside], ends.col[inside]
    ways = sp.csr_matrix((metres[one] + metres[other], (one, other)), shape=meets.shape)
    far_m: Floats = np.asarray(dijkstra(ways.tocsr(), indices=np.array([root])))[0]
    rows = []
    for piece in may:
        beside = _beside(ways, piece, n)
        if piece == root or root in beside or not np.isfinite(far_m[piece]):
            continue
        nearer = beside[far_m[beside] < far_m[piece]]
        rows.append(Cut(holder, root, int(piece), nearer.astype(np.int64)))
    return rows


def _beside(ways: sp.csr_matrix, piece: int, n: int) -> Ints:
    """Return the pieces that `piece` meets, those over a node that is no piece among them."""
    near = ways.indices[ways.indptr[piece] : ways.indptr[piece + 1]]
    behind = [ways.indices[ways.indptr[hub] : ways.indptr[hub + 1]] for hub in near[near >= n]]
    pieces = np.setdiff1d(np.concatenate([near[near < n], *behind]), [piece])
    return pieces.astype(np.int64)
