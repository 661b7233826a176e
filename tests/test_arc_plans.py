"""Every plan is checked again by someone who knows nothing of how it was made."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from geo.arcs import solve
from geo.crews import Crew
from geo.network import Joining
from geo.routes import plan
from geo.terrain import terrain
from geo.tours import FAR
from tests.test_arcs import made, turns
from tests.test_routes import course, errands, world
from tests.verifier import verify
from tests.worlds import EAST, NORTH


def random_town(seed):
    """A grid of roads, a river across it with bridges at some, a side stream, random errands."""
    dice = np.random.default_rng(seed)
    size, step = 4, 600.0
    rows = []
    for k in range(size):
        if dice.random() < 0.9:
            xy = [(k * step, j * step) for j in range(size)]
            rows.append(course(f"v{k}", "road", *xy))
        xy = [(i * step, k * step) for i in range(size)]
        rows.append(course(f"h{k}", "road", *xy))
    width = float(dice.choice([10.0, 30.0]))
    bend = [(-100.0, 0.5 * step), (step * 1.5, 0.5 * step + 60), (size * step, 0.5 * step)]
    rows.append(course("river", "river", *bend, width_m=width))
    rows.append(course("stream", "river", (step * 1.5, size * step), bend[1]))
    courses, lines = world(*rows)
    asked = []
    for _ in range(int(dice.integers(2, 9))):
        k = int(dice.integers(len(courses)))
        length = float(courses["length_m"].iloc[k])
        a, b = np.sort(np.round(dice.uniform(0, length, 2), 1))
        water = courses["kind"].iloc[k] == "river"
        asked.append({
            "course_id": courses["course_id"].iloc[k], "from_m": a, "to_m": max(b, a + 5),
            "side": str(dice.choice(["", "L", "R", "B"])) if water else "",
            "priority": float(dice.integers(1, 4)), "minutes": float(dice.choice([0, 0, 5])),
        })  # fmt: skip
        if asked[-1]["to_m"] > length:
            asked.pop()
    crews = [
        Crew(f"c{k}", EAST + dice.uniform(0, 1800), NORTH + dice.uniform(0, 1800),
             mode=str(dice.choice(["foot", "bicycle", "motorcycle"])),
             hours=float(dice.choice([0.5, 2.0, 6.0])), days=(1, 2))
        for k in range(int(dice.integers(1, 4)))
    ]  # fmt: skip
    return courses, lines, errands(*asked), crews


@given(st.integers(0, 10**6), st.booleans())
@tried(max_examples=40)
def test_a_plan_in_a_random_town_holds(seed, balance):
    courses, lines, wanted, crews = random_town(seed)
    made_ground = terrain(courses, lines, wanted)
    found = plan(made_ground, crews, spent=turns(1000), seed=seed, balance=balance)
    verify(found.routes, found.unserved, courses, wanted, crews, Joining())


def least(work):
    """The least objective by dynamic programming over sets, last task and direction."""
    tasks, tours = len(work.price), len(work.way)
    sets = range(1, 2**tasks)
    cost = np.zeros((tours, 2**tasks), np.int64)
    for v in range(tours):
        w, best = work.way[v], {}
        for mask in sets:
            inside = [t for t in range(tasks) if mask >> t & 1]
            for t, o in product(inside, (0, 1)):
                rest = mask & ~(1 << t)
                serve = work.service[w, t, o]
                best[mask, t, o] = serve + (
                    work.start[v, t, o] if not rest else min(
                        best[rest, s, q] + work.between[w, 2 * s + q, 2 * t + o]
                        for s in inside if s != t for q in (0, 1)
                    )
                )  # fmt: skip
            whole = min(best[mask, t, o] + work.finish[v, t, o] for t in inside for o in (0, 1))
            cost[v, mask] = whole if whole <= work.limit[v] else FAR
    found = []
    for split in product(range(-1, tours), repeat=tasks):
        out = sum(int(work.price[t]) for t in range(tasks) if split[t] < 0)
        masks = [sum(1 << t for t in range(tasks) if split[t] == v) for v in range(tours)]
        found.append(out + sum(int(cost[v, mask]) for v, mask in enumerate(masks)))
    return min(found)


def test_a_thousand_small_tasks_are_within_a_percent_of_the_best_on_average():
    gaps = []
    for seed in range(1000):
        work = made(seed, 1 + seed % 4, 1 + seed % 2, optional=seed % 3 == 0, limit=90 + seed % 90)
        best = least(work)
        gaps.append(solve(work, spent=turns(1000), seed=1).objective / best - 1)
    assert np.mean(gaps) <= 0.01
    assert np.mean(np.array(gaps) > 0) <= 0.01
