"""Deal unassigned stretches out to holders beside two peers; print one JSON line.

    python tests/bench/suggest.py --stretches 2000 --holders 30 --seed 1 [--seats even|random]

The town is generated: points, joined by the edges of a spanning tree and others of their Delaunay
triangulation, drawn by lot; every edge is a stretch, edges that share a point meet. Seats stand one in
each cell of a grid, as villages do (`even`), or anywhere, two of them on one spot (`random`).
Peers in the same run: every stretch to its nearest seat; the linear programme without contiguity,
rounded. Cost in km·km, loads as shares of the mean, seconds of this process, kernels loaded.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.districting import Pieces, Terms, broken, deal, in_shares


def town(stretches, holders, seed, seats):
    """Return the pieces of a generated town 30 km across."""
    draw = np.random.default_rng(seed)
    wide_m = 30_000.0
    points = draw.uniform(0, wide_m, (stretches // 2, 2))
    corners = Delaunay(points).simplices
    sides = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    ends = np.unique(sides, axis=0)
    length_m = np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T)
    size = (len(points), len(points))
    tree = minimum_spanning_tree(sp.csr_matrix((length_m, (ends[:, 0], ends[:, 1])), shape=size))
    in_tree = np.asarray(tree[ends[:, 0], ends[:, 1]]).ravel() > 0
    kept = np.sort(np.lexsort((draw.random(len(ends)), ~in_tree))[:stretches])
    ends, length_m = ends[kept], length_m[kept]
    middle = (points[ends[:, 0]] + points[ends[:, 1]]) / 2
    row = np.repeat(np.arange(stretches), 2)
    at = sp.csr_matrix((np.ones(2 * stretches), (row, ends.ravel())))
    meets = sp.triu(at @ at.T, k=1).tocoo()
    seat = draw.uniform(0, wide_m, (holders, 2))
    if seats == "even":
        across = int(np.ceil(np.sqrt(holders)))
        cells = np.argwhere(np.ones((across, across)))
        cells = cells[draw.permutation(len(cells))[:holders]]
        seat = (cells + draw.uniform(0.2, 0.8, (holders, 2))) * wide_m / across
    elif holders > 1:
        seat[1] = seat[0]
    return Pieces(
        length_m=length_m,
        distance_m=np.hypot(*(middle[:, None, :] - seat[None, :, :]).transpose(2, 0, 1)),
        edges=np.column_stack([meets.row, meets.col]).astype(np.int64),
        touches=np.zeros((stretches, holders), dtype=bool),
        held_m=np.zeros(holders),
        cap_m=np.full(holders, np.inf),
    )


def told(pieces, holder, terms):
    """Return cost, load range and broken pieces of a plan, whoever made it."""
    load_m = np.bincount(holder, pieces.length_m, minlength=len(pieces.held_m))
    mean_m = load_m.mean()
    outside = np.maximum(np.abs(load_m - mean_m) - terms.share * mean_m, 0).sum()
    far = (pieces.length_m * pieces.distance_m[np.arange(len(holder)), holder]).sum()
    return {
        "cost": round((far + terms.balance_m * outside) / 1e6, 3),
        "distance": round(far / 1e6, 3),
        "load": [round(load_m.min() / mean_m, 3), round(load_m.max() / mean_m, 3)],
        "broken": broken(pieces, holder),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stretches", type=int, default=2000)
    parser.add_argument("--holders", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seats", choices=["even", "random"], default="even")
    asked = parser.parse_args()
    terms = Terms(balance_m=30_000.0)
    deal(town(40, 3, 1, "even"), terms)
    pieces = town(asked.stretches, asked.holders, asked.seed, asked.seats)
    started = time.process_time()
    plan = deal(pieces, terms)
    seconds = time.process_time() - started
    ours = told(pieces, plan.holder, terms) | {
        "bound": round(plan.bound / 1e6, 3),
        "proven_gap": round(plan.gap, 5),
        "seconds": round(seconds, 2),
    }
    shares = in_shares(pieces, terms)
    peers = {
        "nearest": told(pieces, pieces.distance_m.argmin(axis=1), terms),
        "lp_and_round": told(pieces, shares.argmax(axis=1), terms),
    }
    sizes = {"stretches": asked.stretches, "holders": asked.holders, "seats": asked.seats}
    print(json.dumps(sizes | {"seed": asked.seed, "patrolmap": ours, **peers}))


if __name__ == "__main__":
    main()
