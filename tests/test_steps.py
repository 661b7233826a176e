"""Follow a route by finger: every step begins where the last one ended, on the line it names."""

import re

import numpy as np
import pytest
import shapely

from geo.plan_sums import totals
from layers.store import read_results
from tests.test_routes import course, crew, errands, planned, town, world
from tests.test_routes_command import folder, run  # noqa: F401
from tests.worlds import EAST, NORTH

HALF_M = 30.0


def follow(routes, courses):
    """Raise where a crew that did what the steps say would not get where the next one begins."""
    by_id = courses.set_index("course_id")
    for (who, day), tour in routes.groupby(["crew", "day"], sort=False):
        legs = tour.reset_index(drop=True)
        xy = [shapely.get_coordinates(shape) for shape in legs.geometry]
        assert legs["order"].tolist() == list(range(1, len(legs) + 1)), (who, day)
        for k in range(1, len(legs)):
            apart = np.hypot(*(xy[k][0] - xy[k - 1][-1]))
            assert apart <= 1.0, (who, day, k, apart, legs["step"].iloc[k - 1 : k + 1].tolist())
        clock = np.cumsum([0.0, *legs["minutes"]])[:-1]
        assert np.allclose(legs["starts_min"], clock, atol=1e-6)
        assert np.allclose(np.diff(legs["at_min"]), legs["minutes"][:-1], atol=1e-6)
        for leg, points in zip(legs.itertuples(), xy, strict=True):
            _speaks_true(leg, points, by_id)


def _speaks_true(leg, points, by_id):
    """Raise where the words of one step do not fit its line."""
    if leg.course_id == "":
        assert leg.kind == "deadhead", leg.step
        return
    named = by_id.loc[leg.course_id]
    if leg.kind == "stop":
        assert leg.step.startswith("停留"), leg.step
        return
    assert (named["name"] or named["asset_id"].rsplit("#", 1)[-1]) in leg.step
    assert leg.length_m == pytest.approx(abs(leg.to_m - leg.from_m), abs=0.002)
    said = [int(km) * 1000 + int(m) for km, m in re.findall(r"K(\d+)\+(\d{3})", leg.step)]
    assert said[-2:] == [round(leg.from_m), round(leg.to_m)], leg.step
    metres = re.search(r"(\d+) 米", leg.step)
    assert abs(int(metres[1]) - leg.length_m) <= 0.5001, leg.step
    beside = shapely.distance(shapely.points(points[1:]), named["geometry"])
    half = (named["width_m"] if named["width_m"] > 0 else 0.0) / 2
    assert beside.max() <= half + 1.0, (leg.step, beside.max())
    bank = {"L": "左岸", "R": "右岸", "": ""}[leg.side]
    assert bank in leg.step


def test_a_day_on_both_banks_can_be_followed():
    courses, lines = town()
    wanted = errands(
        {"course_id": "river", "from_m": 100.0, "to_m": 900.0, "side": "B"},
        {"course_id": "river", "from_m": 2500.0, "to_m": 2500.0, "minutes": 5.0, "why": "看闸"},
        {"course_id": "south", "from_m": 3000.0, "to_m": 3600.0},
    )
    _, found = planned(courses, lines, wanted, [crew(), crew(x=4000.0, name="乙")])
    assert found.unserved.empty
    follow(found.routes, courses)


def test_a_mouth_and_a_pond_can_be_followed():
    courses, lines = world(
        course("main", "river", (0, 0), (1000, 0), (2000, 0), width_m=40.0),
        course("side", "river", (1000, 800), (1000, 0), width_m=8.0),
        course("north", "road", (0, 40), (990, 40)),
        course("east", "road", (1015, 800), (1015, 60), (2000, 60)),
        course("south", "road", (0, -40), (2000, -40)),
        course("bridge", "road", (500, -40), (500, 0), (500, 40)),
    )
    wanted = errands(
        {"course_id": "main", "from_m": 0.0, "to_m": 2000.0, "side": "R"},
        {"course_id": "main", "from_m": 0.0, "to_m": 900.0, "side": "L"},
        {"course_id": "side", "from_m": 100.0, "to_m": 700.0, "side": "R"},
    )
    _, found = planned(courses, lines, wanted, [crew(y=40.0)])
    assert len(found.routes)
    follow(found.routes, courses)


def test_the_words_say_where_a_join_leads():
    courses, lines = town()
    wanted = errands({"course_id": "river", "from_m": 0.0, "to_m": 500.0, "side": "R"})
    _, found = planned(courses, lines, wanted, [crew()])
    joins = found.routes.loc[found.routes["course_id"] == "", "step"].tolist()
    assert joins
    assert all("转到" in step or "过河" in step for step in joins)
    assert any("river 右岸" in step for step in joins)


def test_the_files_of_the_command_can_be_followed(folder, tmp_path):  # noqa: F811
    told = run(folder, tmp_path, "--crews", "2", "--mode", "bicycle", "--at", "7:45")
    assert told.exit_code == 0, told.output
    kept = read_results(tmp_path / "routes" / "plan.gpkg")
    results = read_results(tmp_path / "patrolmap.gpkg")
    follow(kept["routes"], results["courses"])
    assert kept["routes"]["at_min"].min() == 465.0
    assert totals(results["routes"]).equals(totals(kept["routes"]))


def test_a_crew_stays_on_the_way_not_after_going_past():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 500.0, "to_m": 1500.0},
        {"course_id": "north", "from_m": 900.0, "to_m": 900.0, "minutes": 5.0},
    )
    _, found = planned(courses, lines, wanted, [crew(end_x_m=EAST + 2000.0, end_y_m=NORTH + 30.0)])
    route = found.routes
    assert route["kind"].tolist() == ["deadhead", "service", "stop", "service", "deadhead"]
    assert route["length_m"].sum() == pytest.approx(2000.0, abs=1.0)


def test_a_crew_that_comes_off_the_bank_gets_back_on_the_road_it_left():
    courses, lines = world(
        course("river", "river", (0, 0), (1000, 0), (2000, 0)),
        course("bridge", "road", (1000, -500), (1000, 0), (1000, 500)),
    )
    wanted = errands({"course_id": "river", "from_m": 500.0, "to_m": 900.0, "side": "L"})
    _, found = planned(courses, lines, wanted, [crew(x=1000.0, y=500.0)])
    said = found.routes["step"].tolist()
    assert "在 bridge 桥头转到 river 左岸" in said
    assert "从桥头回到 bridge 上" in said
