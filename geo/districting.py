"""Deal pieces of line out to holders: near, in one piece each, evenly, and proven so.

The cost of a plan is, in metre · metre, the length of every piece times its distance from its
holder, plus `balance_m` for every metre that a load lies outside the band round the mean load,
plus a price above all others for every metre nobody may take without breaking a cap.

A linear program in shares of pieces, with cuts added where a share is torn, gives prices and a
bound that holds for every plan. Annealing then moves whole pieces between holders without ever
breaking a holder's share. Where the two are still apart, the whole-number program is solved over
the pairs that may still be worth it: with the same cuts first, then, as each round of them only
tears a share elsewhere, with the torn shares grown from a root (`geo.rooted`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from geo.annealing import Ground, anneal
from geo.lines import Floats, Ints
from geo.programme import Cut, Programme, Relaxed
from geo.rooted import rooted
from geo.separators import separators

Yes = NDArray[np.bool_]

# A programme is cut so often; a whole-number programme is solved and cut so often, each time until
# so many nodes are used up: limits of time would give another plan on another machine.
CUTTINGS = 120
ROUNDS = 12
NODES = 50
# So many rounds with cuts that hold for every plan are tried before shares must grow from a root.
EXACT = 4
# A whole-number programme of more columns would take minutes: of the pairs that may still be worth
# it only those then stay that cost less than this much distance more than the best of their piece.
COLUMNS = 6_000
WORTH_M = 200.0


@dataclass(frozen=True)
class _Heat:
    """How hot annealing begins, as a share of what moving a middling piece costs, and how long.

    `tries` are proposals for each piece: at 6,000 it takes seven seconds for 2,000 pieces. `ease`
    is the share of the price of the band that is asked from the start.
    """

    share: float
    tries: int
    ease: float = 0.5


# A plan in shares that is nearly whole needs only its loose ends tied; one in whole pieces, even
# already, only what is torn mended.
COOL = _Heat(0.02, 500)
MEND = _Heat(0.005, 200, ease=1.0)
HOT = _Heat(1.0, 6_000)
MOST = 20_000_000
# One descent may end in a poor corner: so many are tried before the gap is given up.
STARTS = 3


@dataclass(frozen=True)
class Pieces:
    """What is to be dealt out: `n` pieces, `k` holders.

    `distance_m[i, h]` is how far piece `i` is for holder `h`, infinite where `h` may not have it.
    `edges` are pairs of pieces that meet; `touches[i, h]` says that a piece meets what `h` holds
    already. `held_m` and `cap_m` are the load of each holder now and the load it may not exceed.
    """

    length_m: Floats
    distance_m: Floats
    edges: Ints
    touches: Yes
    held_m: Floats
    cap_m: Floats

    def __post_init__(self) -> None:
        n, k = self.distance_m.shape
        wanted = {
            "length_m": (n,),
            "edges": (len(self.edges), 2),
            "touches": (n, k),
            "held_m": (k,),
            "cap_m": (k,),
        }
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                msg = f"{name}: wanted the shape {shape}, got {getattr(self, name).shape}"
                raise ValueError(msg)
        if n and not (np.isfinite(self.length_m).all() and self.length_m.min() > 0):
            msg = f"wanted lengths above 0 m, got {self.length_m.min()}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Terms:
    """What a plan is asked for.

    A load may differ from the mean by `share` of it at no cost; a metre outside that band weighs
    as much as a metre held `balance_m` farther away. The search stops when the plan is proven to
    cost no more than `gap` (a share) above the least possible.
    """

    share: float = 0.10
    balance_m: float = 5_000.0
    gap: float = 0.01
    seed: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1 or self.balance_m < 0 or self.gap < 0:
            msg = (
                "wanted 0 <= share < 1, balance_m and gap of at least 0, "
                f"got {self.share}, {self.balance_m}, {self.gap}"
            )
            raise ValueError(msg)


@dataclass(frozen=True)
class Plan:
    """Who takes each piece: the number of the holder, -1 for nobody.

    `cost` is in metre · metre without the price of what nobody took; `bound` is what no plan that
    leaves as little over can cost less than; `gap` is their distance as a share of the cost.
    """

    holder: Ints
    load_m: Floats
    cost: float
    bound: float
    gap: float
    left_m: float
    broken: int


def deal(pieces: Pieces, terms: Terms | None = None) -> Plan:
    """Return the plan for `pieces`: the same plan for the same arguments, always.

    A holder's share of every connected component is one piece, where pieces that touch what the
    holder has count as joined. No load exceeds its cap because of the plan; a load that is above
    it already grows no further. With no pieces the plan is empty; pieces no holder may have, or
    no cap leaves room for, go to nobody.
    """
    asked = terms or Terms()
    if not pieces.distance_m.size:
        nobody = np.full(len(pieces.length_m), -1, dtype=np.int64)
        return Plan(nobody, pieces.held_m.copy(), 0.0, 0.0, 0.0, float(pieces.length_m.sum()), 0)
    ground = _ground(pieces, asked)
    programme = _programme(ground, pieces.held_m)
    relaxed = _cut(ground, programme)
    ground = ground._replace(toll_m=relaxed.toll_m)
    holder = _improve(ground, pieces, relaxed.shares, asked.seed, COOL)
    bound = relaxed.bound
    if _apart(ground, pieces, holder, bound) > asked.gap:
        holder, bound = _whole(ground, pieces, programme, relaxed, holder, asked)
    for start in range(STARTS):
        if _apart(ground, pieces, holder, bound) <= asked.gap:
            break
        other = _improve(ground, pieces, relaxed.shares, asked.seed + start, HOT)
        holder = min(holder, other, key=lambda own: _total(ground, pieces, own))
    return _plan(ground, pieces, holder, bound)


def broken(pieces: Pieces, holder: Ints) -> int:
    """Return how many pieces too many the shares fall into; holder -1 is nobody."""
    parts = _parts(_ground(pieces, Terms()), np.where(holder < 0, len(pieces.held_m), holder))
    return int((parts["order"] > 0).sum())


def in_shares(pieces: Pieces, terms: Terms) -> Floats:
    """Return the best shares of every piece (rows) for every holder when nothing must connect."""
    return _programme(_ground(pieces, terms), pieces.held_m).solve().shares[:, :-1]


def _ground(pieces: Pieces, terms: Terms) -> Ground:
    n, k = pieces.distance_m.shape
    one, other = pieces.edges[:, 0], pieces.edges[:, 1]
    graph = sp.csr_matrix((np.ones(len(one)), (one, other)), shape=(n, n))
    graph = (graph + graph.T).tocsr()
    graph.sort_indices()
    farthest = np.max(pieces.distance_m, initial=0.0, where=np.isfinite(pieces.distance_m))
    # Leaving a metre over must cost more than any way of carrying it.
    price_m = 10 * (farthest + 2 * terms.balance_m + 1)
    holder, piece = np.nonzero(pieces.touches.T)
    mean_m = (pieces.held_m.sum() + pieces.length_m.sum()) / k
    return Ground(
        length_m=pieces.length_m,
        distance_m=np.column_stack([pieces.distance_m, np.full(n, price_m)]),
        component=connected_components(graph, directed=False)[1].astype(np.int64),
        start=graph.indptr.astype(np.int64),
        near=graph.indices.astype(np.int64),
        touches=pieces.touches,
        first=np.searchsorted(holder, np.arange(k + 1)).astype(np.int64),
        touching=piece.astype(np.int64),
        cap_m=np.append(np.maximum(pieces.cap_m, pieces.held_m), np.inf),
        low_m=float((1 - terms.share) * mean_m),
        high_m=float((1 + terms.share) * mean_m),
        balance_m=terms.balance_m,
        toll_m=np.zeros(k),
    )


def _programme(ground: Ground, held_m: Floats) -> Programme:
    return Programme(
        ground.length_m,
        ground.distance_m,
        room_m=ground.cap_m[:-1] - held_m,
        low_m=ground.low_m - held_m,
        high_m=ground.high_m - held_m,
        balance_m=ground.balance_m,
    )


def _cut(ground: Ground, programme: Programme) -> Relaxed:
    """Return the programme's best shares after cuts, with the highest bound on the way."""
    relaxed = programme.solve()
    for _ in range(CUTTINGS):
        cuts = separators(ground, relaxed, relaxed.shares)
        if not cuts:
            break
        programme.forbid(cuts)
        relaxed = programme.solve()
    return relaxed


def _improve(ground: Ground, pieces: Pieces, shares: Floats, seed: int, heat: _Heat) -> Ints:
    """Return owners in whole, unbroken shares: rounded, cut down to what is allowed, annealed."""
    own = _allowed(ground, pieces, shares.argmax(axis=1))
    n, holders = ground.distance_m.shape
    components = int(ground.component.max()) + 1
    count = np.zeros((holders, components), dtype=np.int64)
    np.add.at(count, (own, ground.component), 1)
    touched = np.zeros((holders - 1, components), dtype=np.int64)
    mine = np.flatnonzero(own < holders - 1)
    mine = mine[ground.touches[mine, own[mine]]]
    np.add.at(touched, (own[mine], ground.component[mine]), 1)
    nearest = np.sort(ground.distance_m, axis=1)[:, :2]
    between_m = float(np.median(nearest[:, 1] - nearest[:, 0]))
    hot = float(np.median(ground.length_m)) * between_m + 1.0
    load = _loads(pieces, own)
    tries = min(heat.tries * n, MOST)
    own_ground = ground._replace(toll_m=ground.toll_m.copy())
    return anneal(own_ground, own, load, count, touched, tries, heat.share * hot, heat.ease, seed)


def _allowed(ground: Ground, pieces: Pieces, own: Ints) -> Ints:
    """Return `own` with pieces given up that break a cap (farthest first) or a share."""
    nobody = len(pieces.held_m)
    kept = own.astype(np.int64)
    for holder in range(nobody):
        mine = np.flatnonzero(own == holder)
        mine = mine[np.argsort(ground.distance_m[mine, holder], kind="stable")]
        load = pieces.held_m[holder] + np.cumsum(ground.length_m[mine])
        kept[mine[load > ground.cap_m[holder]]] = nobody
    parts = _parts(ground, kept)
    for part in parts.loc[parts["order"] > 0, "members"]:
        kept[part] = nobody
    return kept


def _parts(ground: Ground, own: Ints) -> pd.DataFrame:
    """Return the parts every share falls into: holder, members, and order, the longest first."""
    n, nobody = len(own), ground.distance_m.shape[1] - 1
    mine = np.flatnonzero(own < nobody)
    one = np.repeat(np.arange(n), np.diff(ground.start))
    same = (own[one] == own[ground.near]) & (own[one] < nobody)
    touching = mine[ground.touches[mine, own[mine]]]
    share = own * (ground.component.max(initial=0) + 1) + ground.component
    anchors, anchor = np.unique(share[touching], return_inverse=True)
    size = n + len(anchors)
    ends = (np.r_[one[same], touching], np.r_[ground.near[same], n + anchor])
    graph = sp.csr_matrix((np.ones(len(ends[0])), ends), shape=(size, size))
    label = connected_components(graph, directed=False)[1][:n]
    pieces = pd.DataFrame(
        {"share": share, "label": label, "piece": np.arange(n), "m": ground.length_m, "own": own}
    ).iloc[mine]
    parts = pieces.groupby(["share", "label"], as_index=False).agg(
        holder=("own", "first"), first=("piece", "first"), m=("m", "sum"), members=("piece", list)
    )
    parts = parts.sort_values(["share", "m", "first"], ascending=[True, False, True])
    return parts.assign(order=parts.groupby("share").cumcount())


def _whole(
    ground: Ground,
    pieces: Pieces,
    programme: Programme,
    relaxed: Relaxed,
    own: Ints,
    asked: Terms,
) -> tuple[Ints, float]:
    """Return a plan at least as good as `own`, and a bound at least that of `relaxed`."""
    bound = relaxed.bound
    pairs, every = _worthwhile(relaxed, ground, _total(ground, pieces, own) - bound)
    cuts, grown = list[Cut](), set[tuple[int, int]]()
    for turn in range(ROUNDS):
        solved = programme.whole(relaxed, pairs, cuts, gap=asked.gap / 2, nodes=NODES)
        if not solved.found:
            break
        if every and not grown:
            bound = max(bound, min(solved.bound, _total(ground, pieces, own)))
        torn = _torn(ground, solved.shares.argmax(axis=1)) - grown
        better = _improve(ground, pieces, solved.shares, asked.seed, MEND)
        own = min(own, better, key=lambda one: _total(ground, pieces, one))
        if _apart(ground, pieces, own, bound) <= asked.gap or not torn:
            break
        if every and turn < EXACT:
            cuts += separators(ground, relaxed, solved.shares)
        else:
            cuts += rooted(ground, relaxed, pairs, solved.shares, sorted(torn))
            grown |= torn
    return own, bound


def _worthwhile(relaxed: Relaxed, ground: Ground, room: float) -> tuple[Yes, bool]:
    """Return the pairs a plan may have that costs `room` above the bound, and if it is all."""
    pairs = relaxed.extra <= room
    if pairs.sum() <= COLUMNS:
        return pairs, True
    near = relaxed.extra <= WORTH_M * ground.length_m[:, None]
    return pairs & (near | (relaxed.shares > 0)), False


def _torn(ground: Ground, own: Ints) -> set[tuple[int, int]]:
    """Return the holders with a torn share, each with the component it is torn in."""
    parts = _parts(ground, own)
    torn = parts[parts["order"] > 0]
    return set(zip(torn["holder"], ground.component[torn["first"]], strict=True))


def _loads(pieces: Pieces, own: Ints) -> Floats:
    """Return the load of each holder and, last, what nobody took."""
    nobody = len(pieces.held_m)
    return np.append(pieces.held_m, 0.0) + np.bincount(
        own, weights=pieces.length_m, minlength=nobody + 1
    )


def _total(ground: Ground, pieces: Pieces, own: Ints) -> float:
    load = _loads(pieces, own)[:-1]
    outside = np.maximum(load - ground.high_m, 0) + np.maximum(ground.low_m - load, 0)
    far = ground.length_m * ground.distance_m[np.arange(len(own)), own]
    return float(far.sum() + ground.balance_m * outside.sum())


def _price(ground: Ground, pieces: Pieces, own: Ints) -> float:
    """Return what the plan pays for metres that nobody took."""
    return float(_loads(pieces, own)[-1] * ground.distance_m[0, -1])


def _apart(ground: Ground, pieces: Pieces, own: Ints, bound: float) -> float:
    """Return how far the plan may be from the best, as a share of its cost without the price."""
    total = _total(ground, pieces, own)
    cost = total - _price(ground, pieces, own)
    return max(0.0, total - bound) / cost if cost > 0 else float(total - bound > 1.0)


def _plan(ground: Ground, pieces: Pieces, own: Ints, bound: float) -> Plan:
    price, load = _price(ground, pieces, own), _loads(pieces, own)
    nobody = len(pieces.held_m)
    return Plan(
        holder=np.where(own == nobody, -1, own),
        load_m=load[:-1],
        cost=_total(ground, pieces, own) - price,
        bound=bound - price,
        gap=_apart(ground, pieces, own, bound),
        left_m=float(load[-1]),
        broken=int((_parts(ground, own)["order"] > 0).sum()),
    )
