"""Who goes out: the office's table, what the asking overrides, places by name, closures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyproj
import pytest

from geo import schema
from geo.closures import closures
from geo.crews import Asking, Crew, crews_of
from geo.lines import measure
from geo.routes import plan
from geo.terrain import terrain
from tests.duty_world import rows
from tests.duty_world import study as a_study
from tests.test_routes import crew, errands, planned, town, turns
from tests.worlds import frame, line

MONDAY = pd.Timestamp("2026-10-05")


def table(*rows):
    base = {"start_lon": np.nan, "hours": np.nan, "sets_out_min": np.nan, "file": "班组.xlsx"}
    return frame(schema.CREWS, [base | {"row": i + 2} | row for i, row in enumerate(rows)])


@pytest.fixture
def office():
    made = a_study(rows({"asset": "清河", "holder": "张三"}))
    return lambda *rows: replace(made, inputs=replace(made.inputs, crews=table(*rows)))


def at(study, lon, lat):
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", study.courses.crs, always_xy=True)
    return to_metres.transform(lon, lat)


def test_the_table_says_who_goes_and_the_asking_overrides_it(office):
    study = office(
        {"crew": "东组", "start_lon": 114.0, "start_lat": 30.0, "mode": "foot", "hours": 3.0},
        {"crew": "西组", "start_lon": 114.1, "start_lat": 30.0, "areas": "西村、张三"},
    )
    east, west = crews_of(study, Asking(), MONDAY)[0]
    assert (east.name, east.mode, east.hours, east.only) == ("东组", "foot", 3.0, ())
    assert (west.mode, west.hours, west.only) == ("motorcycle", 6.0, ("西村", "张三"))
    assert (east.x_m, east.y_m) == pytest.approx(at(study, 114.0, 30.0))
    asked, _ = crews_of(study, Asking(mode="car", hours=8.0, count=3), MONDAY)
    assert [c.name for c in asked] == ["东组", "西组", "第3组"]
    assert {(c.mode, c.hours) for c in asked} == {("car", 8.0)}
    assert [c.name for c in crews_of(study, Asking(count=1), MONDAY)[0]] == ["东组"]


def test_days_off_are_kept(office):
    study = office({"crew": "甲", "start_lon": 114.0, "start_lat": 30.0, "weekdays": "12345"})
    found, _ = crews_of(study, Asking(days=9), MONDAY)
    assert found[0].days == (1, 2, 3, 4, 5, 8, 9)


def test_a_place_nobody_knows_is_said_with_its_row_and_the_others_go(office):
    known = {"crew": "乙", "start_lon": 114.0, "start_lat": 30.0}
    found, notes = crews_of(office({"crew": "甲", "start": "无此村"}, known), Asking(), MONDAY)
    assert [c.name for c in found] == ["乙"]
    assert notes == ["班组.xlsx 第 2 行 甲:部位和片区里没有叫“无此村”的地方,不安排;可写“经度,纬度”"]


@pytest.mark.parametrize(
    ("holders", "areas", "may"),
    [
        ("张三(村级)", "", True),
        ("", "东村、西村", True),
        ("", "大东村", False),
        ("李四", "南村", False),
    ],
)
def test_own_duty_is_by_area_or_holder(holders, areas, may):
    assert Crew("甲", 0.0, 0.0, only=("张三", "东村")).may(holders, areas) == may
    assert Crew("甲", 0.0, 0.0).may(holders, areas)


def test_nobody_goes_where_it_is_closed():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 400.0},
        {"course_id": "north", "from_m": 600.0, "to_m": 900.0},
        {"course_id": "north", "from_m": 1500.0, "to_m": 2000.0},
    )
    shut, notes = closures(["north K0+500-K1+000"], courses, lines, "zh")
    assert notes == ["封闭“north K0+500-K1+000”,共 0.50 公里:路线都绕开,那里要看的列入“未排入”"]
    made = terrain(courses, lines, wanted, closed=shut)
    found = plan(made, [crew()], spent=turns(500))
    road = found.routes.loc[found.routes["course_id"] == "north", ["from_m", "to_m"]]
    assert not ((road.min(axis=1) < 1000) & (road.max(axis=1) > 500)).any()
    assert dict(zip(found.unserved["errand_id"], found.unserved["why"], strict=True))["e1"] == (
        "道路或岸线封闭"
    )
    assert "e0" in set(found.routes["errand_id"])


def test_a_closure_that_says_nothing_known_closes_nothing():
    courses, lines = town()
    shut, notes = closures(["无此路", "north K9", "south"], courses, lines, "zh")
    assert [note[3:8] for note in notes] == ["无此路”:", "north", "south"]
    assert "没有封闭任何路段" in notes[1]
    assert "共 4.00 公里" in notes[2]
    assert shut.length_mm.tolist() == [4_000_000]


def test_a_crew_sets_out_from_the_road_not_from_a_bank_that_leads_nowhere():
    # The pond's shore is 100 m from the office, the road 200 m, and nothing joins the two.
    shape = line((0, 0), (100, 0), (100, 100), (0, 0))
    pond = {"course_id": "pond", "asset_id": "pond", "kind": "pond", "closed": True,
            "length_m": shape.length}  # fmt: skip
    roads = [line((-2000, 500), (0, 500)), line((0, 500), (2000, 500))]
    drawn = [{"course_id": f"r{k}", "asset_id": f"r{k}", "kind": "road", "length_m": 2000.0}
             for k in range(2)]  # fmt: skip
    courses = frame(schema.COURSES, [pond, *drawn], [shape, *roads])
    wanted = errands({"course_id": "r1", "from_m": 0.0, "to_m": 500.0})
    _, found = planned(courses, measure(courses), wanted, [crew(x=50.0, y=250.0)])
    assert found.unserved.empty
