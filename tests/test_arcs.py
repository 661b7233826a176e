"""The arc router: plans add up, small ones are the best there are, a seed gives one answer."""

from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.arcs import MUST, Work, priced, solve
from geo.tours import FAR
from geo.twins import solve_both, solve_twins
from tests.bench.arc_routing import read, work_of


def turns(wanted):
    return lambda done: done / wanted


def made(seed, tasks, tours, *, optional=False, room=0, limit=0, ways=1):
    """Work of random, windy, uneven costs; no triangle inequality is promised."""
    dice = np.random.default_rng(seed)
    price = np.full(tasks, MUST)
    if optional:
        price = np.where(dice.random(tasks) < 0.5, dice.integers(5, 60, tasks), MUST)
    return Work(
        between=dice.integers(0, 40, (ways, 2 * tasks, 2 * tasks)),
        service=dice.integers(1, 20, (ways, tasks, 2)),
        start=dice.integers(0, 40, (tours, tasks, 2)),
        finish=dice.integers(0, 40, (tours, tasks, 2)),
        way=dice.integers(0, ways, tours),
        limit=np.full(tours, limit or FAR - 1),
        room=np.full(tours, room or FAR),
        fixed=np.zeros(tours, np.int64),
        demand=dice.integers(1, 5, tasks),
        price=price,
        allowed=np.ones((tasks, tours), bool),
    )


def added_up(work, tour):
    """What a tour costs, leg by leg, from the matrices alone."""
    w, v = work.way[tour.tour], tour.tour
    at = list(zip(tour.tasks, tour.directions, strict=True))
    cost = work.start[v][at[0]] + work.finish[v][at[-1]] + sum(work.service[w][a] for a in at)
    return cost + sum(work.between[w][2 * a + o, 2 * b + q] for (a, o), (b, q) in pairwise(at))


def best_by_force(work, *, balance=False):
    """The least objective over every order, direction and split of at most five tasks."""
    tasks, tours = len(work.price), len(work.way)

    def cheapest(v, members):
        if not members:
            return 0
        if work.demand[list(members)].sum() > work.room[v]:
            return FAR
        best = FAR
        for order in permutations(members):
            for ways in product((0, 1), repeat=len(order)):
                tour = type("T", (), {"tour": v, "tasks": order, "directions": ways})
                best = min(best, added_up(work, tour))
        return best if best <= work.limit[v] else FAR

    cost = {
        (v, members): cheapest(v, members)
        for v in range(tours)
        for members in {tuple(t for t in range(tasks) if mask >> t & 1) for mask in range(2**tasks)}
    }
    best = (MUST * tasks, MUST)
    for split in product(range(-1, tours), repeat=tasks):
        out = sum(int(work.price[t]) for t in range(tasks) if split[t] < 0)
        parts = [cost[v, tuple(t for t in range(tasks) if split[t] == v)] for v in range(tours)]
        if max(parts) < FAR:
            best = min(best, (out, max(parts)) if balance else (out + sum(parts), 0))
    return best


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 2), st.booleans(), st.booleans())
def test_a_small_plan_is_the_best_there_is(seed, tasks, tours, optional, limited):
    work = made(seed, tasks, tours, optional=optional, limit=90 if limited else 0, ways=tours)
    found = solve(work, spent=turns(3000), seed=1)
    assert found.objective == best_by_force(work)[0]


@given(st.integers(0, 10**6), st.integers(2, 4))
def test_a_balanced_plan_has_the_shortest_longest_tour(seed, tasks):
    work = made(seed, tasks, 2)
    found = solve(work, spent=turns(20000), seed=1, balance=True)
    assert found.longest == best_by_force(work, balance=True)[1]


@given(st.integers(0, 10**6), st.integers(5, 40), st.integers(1, 5), st.booleans())
def test_a_plan_adds_up_and_serves_each_task_at_most_once(seed, tasks, tours, optional):
    work = made(seed, tasks, tours, optional=optional, room=30, limit=400)
    found = solve(work, spent=turns(1000), seed=seed)
    for tour in found.tours:
        assert added_up(work, tour) == tour.cost <= 400
        assert work.demand[list(tour.tasks)].sum() <= 30
    served = [t for tour in found.tours for t in tour.tasks]
    assert sorted([*served, *found.unserved]) == list(range(tasks))
    out = int(work.price[list(found.unserved)].sum())
    assert found.objective == found.cost + out


def test_a_seed_gives_one_answer():
    work = made(7, 60, 4, room=60)
    assert solve(work, spent=turns(4000), seed=3) == solve(work, spent=turns(4000), seed=3)


def test_more_turns_from_a_plan_never_make_it_worse():
    work = made(8, 60, 4, room=60)
    first = solve(work, spent=turns(1000), seed=3)
    assert solve(work, spent=turns(2000), seed=4, first=first).objective <= first.objective


def test_a_task_no_tour_may_serve_is_left_out():
    work = made(9, 5, 2)
    work.allowed[3] = False
    assert solve(work, spent=turns(1000)).unserved == (3,)


def test_a_direction_that_is_closed_is_not_used():
    work = made(10, 8, 1)
    work.service[0, :, 1] = FAR
    assert set(solve(work, spent=turns(2000)).tours[0].directions) == {0}


def test_a_dear_tour_is_spared():
    work = made(11, 6, 3)
    work.fixed[:] = 100_000
    assert len(solve(work, spent=turns(3000)).tours) == 1


def test_no_tasks_and_no_tours_make_an_empty_plan():
    assert solve(made(1, 0, 2), spent=turns(1000)).tours == ()
    assert solve(made(1, 3, 0), spent=turns(1000)).unserved == (0, 1, 2)


def test_matrices_of_the_wrong_shape_are_refused():
    work = made(1, 3, 2)
    with pytest.raises(ValueError, match=r"start: wanted shape \(2, 3, 2\), got \(1, 3, 2\)"):
        Work(**{**work.__dict__, "start": work.start[:1]})


@pytest.mark.parametrize("seed", range(6))
def test_pyvrp_agrees_on_small_work(seed):
    work = made(seed, 4, 2, optional=seed % 2 == 1, limit=110, ways=2)
    ours = solve(work, spent=turns(3000))
    looks = iter(range(2000))
    theirs = solve_twins(work, stop=lambda best_cost: next(looks, None) is None)
    assert theirs is None or theirs.objective == ours.objective
    assert ours.objective == best_by_force(work)[0]


@pytest.mark.parametrize("seed", range(4))
def test_the_better_of_two_searches_is_never_worse_than_ours_and_always_the_same(seed):
    work = made(seed, 25, 3, optional=True, limit=300, ways=2)
    ours = solve(work, spent=turns(1600))
    both = solve_both(work, spent=turns(2000))
    assert both.objective <= ours.objective
    assert both == solve_both(work, spent=turns(2000))
    for tour in both.tours:
        assert added_up(work, tour) == tour.cost <= 300


def test_pyvrp_finds_what_a_short_search_of_ours_misses():
    work = made(3, 40, 3, optional=True, limit=400)
    ours = solve(work, spent=turns(100))
    looks = iter(range(300))
    theirs = solve_twins(work, stop=lambda best_cost: next(looks, None) is None, first=ours)
    assert theirs.objective < ours.objective


def test_an_order_is_priced_with_its_best_directions():
    work = made(12, 6, 1)
    found = priced(work, [[3, 1, 5, 0, 2, 4]])
    every = [
        added_up(work, type("T", (), {"tour": 0, "tasks": found.tours[0].tasks, "directions": d}))
        for d in product((0, 1), repeat=6)
    ]
    assert found.cost == min(every)


MIXED = """Name: mini
#Vehicles: -1
Capacity: 10
Depot Node: 1
#Nodes: 4

ReN. DEMAND S. COST
N4 2 5

ReE. From N. To N. T. COST DEMAND S. COST
E1 1 2 3 4 7

EDGE FROM N. TO N. T. COST
NrE1 2 3 2
NrE2 3 4 1

ReA. FROM N. TO N. T. COST DEMAND S. COST
A1 2 4 4 1 6

ARC FROM N. TO N. T. COST
NrA1 4 1 2
"""


def test_a_mixed_instance_of_nodes_edges_and_arcs_is_read_and_solved(tmp_path):
    (tmp_path / "mini.dat").write_text(MIXED, encoding="ascii")
    found = solve(work_of(read(tmp_path / "mini.dat"), 1), spent=lambda done: done / 1000)
    # The edge from 1 to 2, the arc from 2 to 4, the node, and the arc home: 7 + 6 + 5 + 2.
    assert (found.cost, found.unserved) == (20, ())


PLAIN = """ NOMBRE : mini
 COMENTARIO : 14 (cota superior)
 VERTICES : 4
 ARISTAS_REQ : 2
 ARISTAS_NOREQ : 2
 VEHICULOS : 1
 CAPACIDAD : 9
 TIPO_COSTES_ARISTAS : EXPLICITOS
 COSTE_TOTAL_REQ : 6
 LISTA_ARISTAS_REQ :
 ( 1, 2)   coste     4   demanda     5
 ( 3, 4)   coste     2   demanda     4
 LISTA_ARISTAS_NOREQ :
 ( 2, 3)   coste     3
 ( 1, 4)   coste     5
 DEPOSITO :   1
"""


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("( ", "(").replace(", ", ",").replace("   ", " "),
        PLAIN.replace("   ", "\t").replace("\n", "\r\n"),
        PLAIN.replace("coste", "costo").replace("DEPOSITO", "\nDEPOSITO"),
    ],
)
def test_an_instance_with_edges_only_to_pass_is_read_however_it_is_spaced(tmp_path, text):
    (tmp_path / "mini.dat").write_bytes(text.encode("latin-1"))
    found = solve(work_of(read(tmp_path / "mini.dat"), 2), spent=turns(1000))
    assert (found.cost, len(found.tours), found.unserved) == (4 + 3 + 2 + 5, 1, ())
