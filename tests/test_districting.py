"""Pieces dealt out to holders: complete, in one piece, under the cap, and proven."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from geo.districting import Pieces, Terms, _ground, _programme, broken, deal
from geo.rooted import rooted


def pieces(length_m, distance_m, edges=(), touches=None, held_m=None, cap_m=None):
    distance_m = np.array(distance_m, dtype=float)
    n, k = distance_m.shape
    return Pieces(
        length_m=np.array(length_m, dtype=float),
        distance_m=distance_m,
        edges=np.array(edges, dtype=np.int64).reshape(-1, 2),
        touches=np.zeros((n, k), dtype=bool) if touches is None else np.array(touches, dtype=bool),
        held_m=np.zeros(k) if held_m is None else np.array(held_m, dtype=float),
        cap_m=np.full(k, np.inf) if cap_m is None else np.array(cap_m, dtype=float),
    )


def cost(given, holder, terms):
    load = given.held_m + np.bincount(holder, given.length_m, minlength=len(given.held_m))
    mean = load.mean()
    outside = np.maximum(np.abs(load - mean) - terms.share * mean, 0).sum()
    far = given.length_m * given.distance_m[np.arange(len(holder)), holder]
    return far.sum() + terms.balance_m * outside


def parts(given, members, holder):
    """How many parts the members form when those that touch the holder's own count as joined."""
    if not len(members):
        return 0
    n = len(given.length_m)
    both = [(a, b) for a, b in given.edges.tolist() if a in members and b in members]
    both += [(i, n) for i in members if given.touches[i, holder]]
    rows = np.array(both, dtype=int).reshape(-1, 2)
    graph = csr_matrix((np.ones(len(rows)), (rows[:, 0], rows[:, 1])), shape=(n + 1, n + 1))
    return len(set(connected_components(graph, directed=False)[1][list(members)]))


def unbroken(given, holder):
    n = len(given.length_m)
    edges = given.edges
    graph = csr_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(n, n))
    of = connected_components(graph, directed=False)[1]
    return all(
        parts(given, {i for i in range(n) if holder[i] == h and of[i] == c}, h) <= 1
        for h in range(len(given.held_m))
        for c in set(of)
    )


def test_every_piece_goes_to_its_nearest_when_loads_are_even():
    plan = deal(pieces([100, 100], [[0, 50], [50, 0]], [(0, 1)]))
    assert plan.holder.tolist() == [0, 1]
    assert (plan.cost, plan.gap, plan.broken) == (0, 0, 0)


def test_a_holder_far_above_the_mean_gets_nothing_more():
    plan = deal(pieces([100], [[10, 200]], held_m=[5000, 1000]))
    assert plan.holder.tolist() == [1]


def test_a_share_is_not_torn_apart():
    # Both ends are nearer to 0, the middle far nearer to 1: torn would be cheapest.
    path = pieces([100, 100, 100], [[0, 90], [100, 0], [0, 90]], [(0, 1), (1, 2)])
    loose = Terms(balance_m=0.0)
    plan = deal(path, loose)
    assert plan.broken == 0
    assert plan.cost == pytest.approx(9_000)
    assert broken(path, np.array([0, 1, 0])) == 1


def test_pieces_that_touch_what_the_holder_has_may_lie_apart():
    touches = [[True, False], [False, False], [True, False]]
    path = pieces([100] * 3, [[0, 90], [100, 0], [0, 90]], [(0, 1), (1, 2)], touches)
    assert deal(path, Terms(balance_m=0.0)).holder.tolist() == [0, 1, 0]
    assert broken(path, np.array([0, 1, 0])) == 0


def test_a_cap_that_is_too_low_leaves_the_rest_over_and_plans_all_it_can():
    plan = deal(pieces([300, 200], [[1, 2], [1, 2]], cap_m=[200, 250]))
    assert plan.left_m == 300
    assert sorted(plan.holder.tolist()) == [-1, 0]


def test_nothing_to_deal_and_nobody_to_take_it():
    assert deal(pieces(np.zeros(0), np.zeros((0, 2)))).load_m.tolist() == [0, 0]
    assert deal(pieces([5.0], np.zeros((1, 0)))).holder.tolist() == [-1]


def test_a_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"held_m: wanted the shape \(2,\), got \(3,\)"):
        pieces([1.0], [[0.0, 1.0]], held_m=[0, 0, 0])


@st.composite
def worlds(draw, most=7):
    n, k = draw(st.integers(1, most)), draw(st.integers(1, 3))
    metres = st.integers(1, 2_000_000).map(lambda mm: mm / 1000)
    far = st.integers(0, 5_000).map(float)
    edges = draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=2 * n))
    pairs = sorted({(min(e), max(e)) for e in edges if e[0] != e[1]})
    table = st.lists(st.booleans(), min_size=k, max_size=k)
    return pieces(
        draw(st.lists(metres, min_size=n, max_size=n)),
        [draw(st.lists(far, min_size=k, max_size=k)) for _ in range(n)],
        pairs,
        [draw(table) for _ in range(n)],
        draw(st.lists(st.integers(0, 3_000), min_size=k, max_size=k)),
        draw(st.none() | st.lists(st.integers(500, 5_000), min_size=k, max_size=k)),
    )


@settings(max_examples=15)
@given(worlds())
def test_no_piece_is_lost_no_share_broken_no_cap_passed(world):
    plan = deal(world)
    taken = plan.holder >= 0
    load = world.held_m + np.bincount(
        plan.holder[taken], world.length_m[taken], minlength=len(world.held_m)
    )
    assert np.allclose(load, plan.load_m, atol=1e-6)
    assert plan.left_m == pytest.approx(world.length_m[~taken].sum(), abs=1e-6)
    assert (load <= np.maximum(world.cap_m, world.held_m) + 1e-6).all()
    assert plan.broken == 0
    assert unbroken(world, plan.holder)
    assert (broken(world, plan.holder) == 0) == unbroken(world, plan.holder)


@settings(max_examples=15)
@given(worlds(most=5))
def test_small_plans_are_as_good_as_trying_everything(world):
    free = pieces(world.length_m, world.distance_m, world.edges, world.touches, world.held_m)
    terms = Terms()
    plan = deal(free, terms)
    every = itertools.product(range(len(free.held_m)), repeat=len(free.length_m))
    best = min(cost(free, np.array(h), terms) for h in every if unbroken(free, h))
    assert plan.left_m == 0
    assert plan.bound <= best + 1
    assert best - 1 <= plan.cost
    assert plan.cost <= best * (1 + terms.gap) + 1


@settings(max_examples=15)
@given(worlds())
def test_the_same_pieces_give_the_same_plan(world):
    assert deal(world).holder.tolist() == deal(world).holder.tolist()


def grown(given, holder, shares):
    ground = _ground(given, Terms())
    programme = _programme(ground, given.held_m)
    may = np.isfinite(ground.distance_m)
    return rooted(ground, programme.solve(), may, np.array(shares, dtype=float), [(holder, 0)])


def test_a_grown_share_hangs_every_piece_on_one_nearer_to_its_root():
    # 0-1-2-3 in a row; holder 0 has both ends, so that the end it would lose most by is the root.
    row = pieces([10] * 4, [[1, 90], [9, 1], [9, 1], [5, 9]], edges=[(0, 1), (1, 2), (2, 3)])
    rows = grown(row, 0, [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    assert [(cut.holder, cut.one, cut.other, cut.between.tolist()) for cut in rows] == [
        (0, 0, 2, [1]),
        (0, 0, 3, [2]),
    ]


def test_a_share_grows_along_what_its_holder_has_already():
    # 0 and 2 meet what holder 0 has; 3 hangs on 2, nothing leads on to 1 but 0.
    touches = [[True, False], [False, False], [True, False], [False, False]]
    star = pieces([10] * 4, [[1, 90], [9, 1], [9, 1], [5, 9]], [(0, 1), (2, 3), (1, 3)], touches)
    rows = grown(star, 0, [[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    assert [(cut.other, cut.between.tolist()) for cut in rows] == [(3, [1, 2])]
