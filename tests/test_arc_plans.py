"""Every plan is checked again by someone who knows nothing of how it was made."""

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from geo.arcs import solve
from geo.network import Joining
from geo.routes import Crew, ground, plan, totals
from geo.tours import FAR
from geo.travel import SPEEDS
from tests.test_arcs import made, turns
from tests.test_routes import course, errands, world
from tests.worlds import EAST, NORTH


def verify(routes, unserved, courses, lines, wanted, crews, joining):
    """Raise where a plan does not hold: places, ways, banks, times, sums, what is served."""
    by_name = {crew.name: crew for crew in crews}
    half = dict(zip(courses["course_id"], courses["width_m"].fillna(0) / 2, strict=True))
    shape = dict(zip(courses["course_id"], courses.geometry, strict=True))
    kind = dict(zip(courses["course_id"], courses["kind"], strict=True))
    most = joining.reach_m + joining.gap_m + max(half.values()) + 0.01
    for (name, _), route in routes.groupby(["crew", "day"]):
        crew, speed = by_name[name], SPEEDS[by_name[name].mode]
        legs = list(route.itertuples())
        for leg in legs:
            if leg.kind == "stop":
                continue
            ends = shapely.get_coordinates(leg.geometry)
            if not leg.course_id:
                assert leg.length_m <= most
                assert leg.minutes == pytest.approx(leg.length_m / 4000 * 60, abs=1e-3)
                continue
            assert leg.length_m == pytest.approx(abs(leg.to_m - leg.from_m), abs=1e-6)
            line = shape[leg.course_id]
            aside = half[leg.course_id] if leg.side else 0.0
            for (x, y), m in zip(ends[[0, -1]], (leg.from_m, leg.to_m), strict=True):
                on = line.interpolate(m)
                assert np.hypot(on.x - x, on.y - y) == pytest.approx(aside, abs=0.01)
            kmh = speed.road_kmh if kind[leg.course_id] == "road" else speed.bank_kmh
            assert leg.minutes == pytest.approx(leg.length_m / kmh * 0.06, abs=0.02)
            assert bool(leg.side) == (kind[leg.course_id] in {"river", "canal"})
        moves = [leg for leg in legs if leg.kind != "stop"]
        for before, after in pairwise(moves):
            a, b = (shapely.get_coordinates(leg.geometry) for leg in (before, after))
            assert np.hypot(*(b[0] - a[-1])) <= most
            # From bank to bank of one river only over something that is not the river.
            if before.side and after.side and before.course_id == after.course_id:
                assert before.side == after.side
        assert route["starts_min"].tolist() == pytest.approx(
            [0.0, *np.cumsum(route["minutes"])[:-1]], abs=1e-6
        )
        assert route["order"].tolist() == list(range(1, len(route) + 1))
        assert route["minutes"].sum() <= crew.hours * 60 + 1e-6
    sums = totals(routes)
    plain = pd.DataFrame(routes)
    assert sums["length_m"].sum() == pytest.approx(plain["length_m"].sum())
    assert (sums["service_m"] + sums["deadhead_m"]).tolist() == pytest.approx(
        sums["length_m"].tolist()
    )
    for row in wanted.itertuples():
        served = plain[(plain["errand_id"] == row.errand_id) & (plain["kind"] == "service")]
        left = unserved[unserved["errand_id"] == row.errand_id]
        metres = served["length_m"].sum() + left["length_m"].sum()
        banks = 2 if row.side == "B" else 1
        assert metres == pytest.approx(banks * (row.to_m - row.from_m), abs=0.01)


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
    made_ground = ground(courses, lines, wanted)
    found = plan(made_ground, crews, spent=turns(1000), seed=seed, balance=balance)
    verify(found.routes, found.unserved, courses, lines, wanted, crews, Joining())


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
