"""Plans on a small world: legs exist and join, sums are right, rivers are crossed by bridges only."""

import numpy as np
import pandas as pd
import pytest

from geo import schema
from geo.crews import Crew
from geo.lines import measure
from geo.network import CROSSING, Joining, build
from geo.plan_sums import summary, totals
from geo.routes import plan
from geo.terrain import terrain
from tests.worlds import EAST, NORTH, frame, line

FOOT = {"mode": "foot", "hours": 10.0}


def turns(wanted):
    return lambda done: done / wanted


def course(name, kind, *points, width_m=np.nan):
    shape = line(*points)
    row = {"course_id": name, "asset_id": name, "kind": kind, "name": name, "width_m": width_m}
    return row | {"length_m": shape.length}, shape


def world(*courses):
    rows, shapes = zip(*courses, strict=True)
    made = frame(schema.COURSES, list(rows), list(shapes))
    return made, measure(made)


def errands(*rows):
    base = {"reason": "overdue", "priority": 1.0, "minutes": 0.0}
    return frame(schema.ERRANDS, [base | {"errand_id": f"e{i}"} | r for i, r in enumerate(rows)])


def town():
    """A river running east, a road on each bank 30 m off, a bridge road at x = 2000."""
    return world(
        course("river", "river", (0, 0), (1000, 0), (2000, 0), (3000, 0), (4000, 0), width_m=20.0),
        course("north", "road", (0, 30), (2000, 30), (4000, 30)),
        course("south", "road", (0, -30), (2000, -30), (4000, -30)),
        course("bridge", "road", (2000, -30), (2000, 0), (2000, 30)),
    )


def crew(x=0.0, y=30.0, **other):
    return Crew(other.pop("name", "甲"), EAST + x, NORTH + y, **{**FOOT, **other})


def planned(courses, lines, wanted, crews, **other):
    made = terrain(courses, lines, wanted)
    return made, plan(made, crews, spent=turns(other.pop("turns", 2000)), **other)


def test_both_banks_are_reached_over_the_bridge():
    courses, lines = town()
    wanted = errands(
        {"course_id": "river", "from_m": 0.0, "to_m": 500.0, "side": "L"},
        {"course_id": "river", "from_m": 0.0, "to_m": 500.0, "side": "R"},
    )
    _, found = planned(courses, lines, wanted, [crew()])
    assert found.unserved.empty
    # The only way from bank to bank is 2 km away: 500 + 1500 out, over, and all that back again.
    assert totals(found.routes)["length_m"].sum() > 2 * 2000 - 100
    assert found.routes["step"].str.contains("过桥").any() or "bridge" in set(
        found.routes["course_id"]
    )


def test_without_a_bridge_the_other_bank_is_reported_unreachable():
    courses, lines = world(
        course("river", "river", (0, 0), (1000, 0), width_m=20.0),
        course("north", "road", (0, 30), (1000, 30)),
    )
    wanted = errands(
        {"course_id": "river", "from_m": 0.0, "to_m": 500.0, "side": "L"},
        {"course_id": "river", "from_m": 0.0, "to_m": 500.0, "side": "R"},
    )
    _, found = planned(courses, lines, wanted, [crew()])
    assert list(found.routes.loc[found.routes["kind"] == "service", "side"]) == ["L"]
    assert list(found.unserved["side"]) == ["R"]
    assert found.unserved["why"].iloc[0] == "到不了:步行没有路通到这里"


def test_a_tributary_stands_in_the_way_on_its_bank_only():
    courses, lines = world(
        course("main", "river", (0, 0), (1000, 0), (2000, 0)),
        course("side", "river", (1000, 800), (1000, 0)),
    )
    network = build(courses, lines)
    main = network.course == 0
    ends = {
        side: (network.b[main & (network.side == side)], network.a[main & (network.side == side)])
        for side in "LR"
    }
    assert set(ends["R"][0]) & set(ends["R"][1])
    left = main & (network.side == "L")
    at_mouth = network.b[left & (network.to_m == 1000)], network.a[left & (network.from_m == 1000)]
    assert not set(at_mouth[0]) & set(at_mouth[1])


def test_a_crossing_joins_the_road_to_both_banks():
    courses, lines = town()
    network = build(courses, lines)
    joins = network.joins
    assert (joins["kind"] == "crossing").sum() == 2
    assert (network.kind == CROSSING).sum() == 2
    assert joins.loc[joins["kind"] == "crossing", "length_m"].tolist() == [10.0, 10.0]


def shore_off_the_road(*more):
    """A pond shore 200 m off the only road, and what else there is."""
    ring = [(400, 200), (600, 200), (600, 400), (400, 400), (400, 200)]
    shore, shape = course("pond", "pond", *ring)
    return world(
        (shore | {"closed": True}, shape), course("road", "road", (0, 0), (1000, 0)), *more
    )


def test_a_shore_off_every_road_is_walked_to_and_round_on_foot():
    courses, lines = shore_off_the_road()
    wanted = errands({"course_id": "pond", "from_m": 0.0, "to_m": 800.0})
    made, found = planned(courses, lines, wanted, [crew(y=0.0, mode="motorcycle")])
    assert made.network.joins["kind"].tolist() == ["walk"]
    assert found.unserved.empty
    legs = found.routes.set_index("order")
    assert legs["length_m"].tolist() == [400.0, 200.0, 800.0, 200.0, 400.0]
    # 200 m of open ground at 3 km/h; the shore at 4 km/h: the motorcycle stands at the road.
    assert legs["minutes"].round(2).tolist() == [0.96, 4.0, 12.0, 4.0, 0.96]
    assert legs.loc[2, "step"] == "图上没有路，下来步行 200 米穿过空地到 pond，4 分钟"


def test_nobody_walks_to_a_shore_through_water_or_too_far():
    wanted = errands({"course_id": "pond", "from_m": 0.0, "to_m": 800.0})
    ditch = course("ditch", "canal", (-500, 100), (1500, 100))
    courses, lines = shore_off_the_road(ditch)
    _, found = planned(courses, lines, wanted, [crew(y=0.0)])
    assert list(found.unserved["errand_id"]) == ["e0"]
    courses, lines = shore_off_the_road()
    near = terrain(courses, lines, wanted, joining=Joining(walk_m=150.0))
    assert near.network.joins.empty
    assert len(plan(near, [crew(y=0.0)], spent=turns(100)).unserved) == 1


def test_who_left_a_vehicle_comes_back_to_it():
    courses, lines = shore_off_the_road(course("other", "road", (0, 600), (1000, 600)))
    walks = build(courses, lines).joins
    assert walks["kind"].tolist() == ["walk"]


def test_a_gap_between_roads_is_joined_and_listed():
    courses, lines = world(
        course("a", "road", (0, 0), (500, 0)), course("b", "road", (510, 0), (1000, 0))
    )
    gaps = build(courses, lines).joins.query("kind == 'gap'")
    assert gaps["length_m"].round(6).tolist()[:1] == [10.0]


def test_roads_that_cross_without_a_junction_are_not_joined():
    courses, lines = world(
        course("over", "road", (0, 0), (1000, 0)), course("under", "road", (500, -500), (500, 500))
    )
    assert build(courses, lines).joins.empty


def test_a_one_way_road_is_gone_one_way_only():
    courses, lines = world(
        course("out", "road", (0, 0), (1000, 0)),
        course("back", "road", (0, 0), (0, 600), (1000, 600), (1000, 0)),
    )
    drawn = frame(
        schema.FEATURES,
        [{"feature_id": "f", "kind": "road", "oneway": "yes"}],
        [line((0, 0), (1000, 0))],
    )
    wanted = errands({"course_id": "out", "from_m": 0.0, "to_m": 1000.0})
    made = terrain(courses, lines, wanted, features=drawn)
    found = plan(made, [crew(y=0.0, mode="car")], spent=turns(1000))
    assert found.routes["length_m"].sum() == pytest.approx(1000 + 2200)
    assert list(found.routes["kind"]) == ["service", "deadhead"]


def test_what_does_not_fit_is_left_out_with_hours():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 1000.0, "priority": 3.0},
        {"course_id": "north", "from_m": 1000.0, "to_m": 4000.0},
    )
    _, found = planned(courses, lines, wanted, [crew(hours=0.6)])
    served = found.routes[found.routes["kind"] == "service"]
    served = served.groupby("errand_id")["length_m"].sum()
    assert served["e0"] == pytest.approx(1000.0)
    # In 0.6 h one walks out 1,350 m and back: of the other its first metres, and the rest is left.
    assert 0 < served["e1"] <= 350
    assert found.unserved["length_m"].sum() == pytest.approx(3000 - served["e1"])
    assert found.unserved["hours"].iloc[-1] == pytest.approx(8000 / 4500, abs=0.01)
    assert "一天走不完" in found.unserved["why"].iloc[-1]


def test_bad_asking_is_said_in_one_line_each_and_the_rest_is_planned():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 1000.0},
        {"course_id": "nowhere", "from_m": 0.0, "to_m": 100.0},
    )
    crews = [crew(), crew(name="乙", hours=0.0), crew(name="丙", x=90_000.0)]
    _, found = planned(courses, lines, wanted, crews)
    assert set(found.routes["crew"]) == {"甲"}
    assert len(found.notes) == 2
    assert "工时为零" in found.notes[0]
    assert "离路网" in found.notes[1]
    assert list(found.unserved["errand_id"]) == ["e1"]


def test_no_crew_at_all_leaves_everything_unserved():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 1000.0})
    _, found = planned(courses, lines, wanted, [])
    assert found.routes.empty
    assert list(found.unserved["why"]) == ["没有能出发的班组"]


def test_a_place_gets_its_stay():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 700.0, "to_m": 700.0, "minutes": 5.0})
    _, found = planned(courses, lines, wanted, [crew()])
    stop = found.routes[found.routes["kind"] == "stop"].iloc[0]
    assert (stop["from_m"], stop["minutes"]) == (700.0, 5.0)
    assert found.routes["length_m"].sum() == pytest.approx(1400.0)


def test_only_own_errands_go_to_their_holder():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 500.0, "holders": "张三(村级)"},
        {"course_id": "north", "from_m": 500.0, "to_m": 1000.0, "holders": "李四(村级)"},
    )
    crews = [crew(name="甲", only=("张三",)), crew(name="乙", only=("李四",))]
    _, found = planned(courses, lines, wanted, crews)
    served = found.routes[found.routes["kind"] == "service"]
    assert dict(zip(served["errand_id"], served["crew"], strict=True)) == {
        "e0": "甲",
        "e1": "乙",
    }


def test_the_summary_keeps_the_contract():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 1000.0})
    _, found = planned(courses, lines, wanted, [crew()])
    told = summary(found)
    assert set(told) >= {"routes", "unserved"}
    route = told["routes"][0]
    assert set(route) >= {
        "crew",
        "day",
        "length_m",
        "service_m",
        "deadhead_m",
        "minutes",
        "stretches",
    }
    assert (route["service_m"], route["deadhead_m"]) == (1000.0, 1000.0)
    assert route["duplicated_m"] == pytest.approx(1000.0)
    assert route["minutes"] == pytest.approx(2000 / 4500 * 60, abs=0.01)
    assert route["stretches"][0]["to_m"] == 1000.0


def test_nothing_of_the_callers_is_changed():
    courses, lines = town()
    wanted = errands({"course_id": "river", "from_m": 100.0, "to_m": 900.0})
    before = courses.copy(), wanted.copy()
    planned(courses, lines, wanted, [crew()])
    pd.testing.assert_frame_equal(before[0], courses)
    pd.testing.assert_frame_equal(before[1], wanted)
