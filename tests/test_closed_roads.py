"""Roads barred to a mode, shut in a season, unpaved or one-way: kept off, and said where it hurts."""

import geopandas as gpd
import pandas as pd
import pytest

from geo import schema
from geo.plan_sums import totals
from geo.routes import plan
from geo.terrain import terrain
from layers.project import open_project
from layers.read import read
from tests.test_routes import course, crew, errands, turns, world
from tests.worlds import frame, line

SUMMER, WINTER = pd.Timestamp("2026-07-01"), pd.Timestamp("2026-12-01")


def drawn(courses, **said):
    """Features of which the courses are made, with what is said of one of them."""
    rows = [
        {"feature_id": row.course_id, "kind": row.kind, "name": row.name}
        | said.get(row.course_id, {})
        for row in courses.itertuples()
    ]
    return frame(schema.FEATURES, rows, courses.geometry)


def valley():
    """A main road, a lane of 1 km off its middle, and the village's street at the lane's end."""
    return world(
        course("main", "road", (0, 0), (1000, 0), (2000, 0)),
        course("lane", "road", (1000, 0), (1000, 500), (1000, 1000)),
        course("street", "road", (1000, 1000), (1400, 1000)),
    )


STREET = {"course_id": "street", "from_m": 0.0, "to_m": 400.0}
MAIN = {"course_id": "main", "from_m": 0.0, "to_m": 1000.0}


def planned(mode, on, features, *wanted, days=(1,)):
    courses, lines = valley()
    made = terrain(
        courses, lines, errands(*wanted), features=drawn(courses, **features), first_on=on
    )
    going = crew(y=0.0, mode=mode, hours=8.0, days=days)
    return plan(made, [going], spent=turns(1000))


def test_a_road_shut_in_winter_is_open_in_summer_and_its_season_is_said():
    shut = {"lane": {"shut": "11-01/04-30"}}
    assert planned("foot", SUMMER, shut, STREET).unserved.empty
    winter = planned("foot", WINTER, shut, STREET, MAIN)
    assert winter.unserved["errand_id"].tolist() == ["e0"]
    why = winter.unserved["why"].iloc[0]
    assert why == "到不了:必经的 lane:封闭期(11月1日至4月30日)"
    assert totals(winter.routes)["service_m"].sum() == pytest.approx(1000.0)


def test_a_stretch_of_the_shut_road_itself_says_its_season():
    lane = {"course_id": "lane", "from_m": 0.0, "to_m": 400.0}
    winter = planned("foot", WINTER, {"lane": {"shut": "11-01/04-30"}}, lane)
    assert winter.unserved["why"].tolist() == ["封闭期(11月1日至4月30日)"]


def test_of_two_days_the_one_before_the_season_is_taken():
    late = pd.Timestamp("2026-10-31")
    found = planned("foot", late, {"lane": {"shut": "11-01/04-30"}}, STREET, days=(1, 2))
    assert found.unserved.empty
    assert set(found.routes["day"]) == {1}


def test_a_footway_keeps_a_car_off_and_lets_a_walker_through():
    footway = {"lane": {"barred": "motorcycle car"}}
    assert planned("foot", SUMMER, footway, STREET).unserved.empty
    why = planned("car", SUMMER, footway, STREET).unserved["why"].iloc[0]
    assert why == "到不了:必经的 lane:汽车不能走的路(禁行、步道等)"


def test_only_the_drawn_part_of_a_course_is_shut():
    courses, lines = world(course("main", "road", (0, 0), (600, 0), (1000, 0)))
    parts = frame(
        schema.FEATURES,
        [
            {"feature_id": "a", "kind": "road"},
            {"feature_id": "b", "kind": "road", "barred": "foot"},
        ],
        [line((0, 0), (600, 0)), line((1000, 0), (600, 0))],
    )
    wanted = errands(
        {"course_id": "main", "from_m": 0.0, "to_m": 600.0},
        {"course_id": "main", "from_m": 600.0, "to_m": 1000.0},
    )
    found = plan(terrain(courses, lines, wanted, features=parts), [crew(y=0.0)], spent=turns(100))
    assert found.unserved["errand_id"].tolist() == ["e1"]
    assert totals(found.routes)["service_m"].sum() == pytest.approx(600.0)


def test_a_barred_road_across_leaves_the_road_it_crosses_open():
    courses, lines = world(
        course("main", "road", (0, 0), (999.8, 0), (1000.2, 0), (2000, 0)),
        course("across", "road", (1000, -500), (1000, 0), (1000, 500)),
    )
    made = terrain(
        courses, lines, errands({"course_id": "main", "from_m": 0.0, "to_m": 2000.0}),
        features=drawn(courses, across={"barred": "foot"}),
    )  # fmt: skip
    assert plan(made, [crew(y=0.0)], spent=turns(100)).unserved.empty


def test_gravel_slows_wheels_and_not_feet():
    gravel = {"main": {"unpaved": True}}
    minutes = {
        (mode, bool(said)): planned(mode, SUMMER, said, MAIN).routes["minutes"].sum()
        for mode in ("foot", "car")
        for said in (gravel, {})
    }
    assert minutes["foot", True] == minutes["foot", False]
    assert minutes["car", True] == pytest.approx(minutes["car", False] / 0.6, rel=1e-4)


def test_a_one_way_street_without_a_way_back_is_said_and_the_rest_is_planned():
    trap = {"lane": {"oneway": "yes"}}
    found = planned("car", SUMMER, trap, STREET, MAIN)
    assert found.unserved["why"].tolist() == ["进得去出不来:单行路进去后汽车没有路回来"]
    assert totals(found.routes)["service_m"].sum() == pytest.approx(1000.0)
    assert planned("foot", SUMMER, trap, STREET, MAIN).unserved.empty


def test_a_start_in_a_one_way_trap_sets_out_from_the_road_that_leads_on():
    courses, lines = valley()
    features = drawn(courses, lane={"oneway": "-1"})
    made = terrain(courses, lines, errands(MAIN), features=features)
    found = plan(made, [crew(x=1100.0, y=400.0, mode="car")], spent=turns(100))
    assert found.unserved.empty


def test_a_stretch_longer_than_a_day_is_shared_out_over_days():
    courses, lines = world(course("main", "road", (0, 0), (4000, 0)))
    made = terrain(courses, lines, errands({"course_id": "main", "from_m": 0.0, "to_m": 4000.0}))
    going = crew(y=0.0, hours=1.8, days=(1, 2, 3))
    alone = plan(made, [crew(y=0.0, hours=1.2, days=(1, 2))], spent=turns(500))
    found = plan(made, [going], spent=turns(500))
    assert found.unserved.empty
    # To the end and back is 8 km, 1.78 h at 4.5 km/h; in 1.2 h one comes 2.5 km far at most.
    assert totals(alone.routes)["service_m"].sum() == pytest.approx(2500.0)
    assert alone.unserved["length_m"].sum() == pytest.approx(1500.0)
    assert alone.unserved["why"].str.startswith("一天走不完").all()


def layered(tmp_path, **columns):
    """Roads in degrees of a folder's layer, one row a word, read."""
    rows = len(next(iter(columns.values())))
    shapes = [line((0, 100 * k), (1000, 100 * k)) for k in range(rows)]
    roads = gpd.GeoDataFrame(columns | {"名称": [f"路{k}" for k in range(rows)]}, geometry=shapes,
                             crs="EPSG:4547")  # fmt: skip
    roads.to_crs(4326).to_file(tmp_path / "道路.geojson", driver="GeoJSON")
    return read(open_project(tmp_path))


def test_an_office_writes_closures_in_its_own_words(tmp_path):
    words = ["是", "否", "11月至次年4月", "冬季", "12月15日-3月10日", "看情况"]
    found = layered(tmp_path, 冬季封闭=words, 路面=["水泥", "砂石", "土路", "", "沥青", "泥结碎石"])
    assert found.features["shut"].tolist() == [
        "12-01/02-29", "", "11-01/04-30", "12-01/02-29", "12-15/03-10", "",
    ]  # fmt: skip
    assert found.features["unpaved"].tolist() == [False, True, True, False, False, True]
    told = found.rejects[found.rejects["rule"] == "bad_season"]
    assert told["row"].tolist() == [6]
    assert "看情况" in told["message"].iloc[0]


def test_months_may_stand_in_two_columns(tmp_path):
    found = layered(tmp_path, 封闭起=["11", ""], 封闭止=["4", ""])
    assert found.features["shut"].tolist() == ["11-01/04-30", ""]


def test_a_barred_road_is_barred_to_all_on_land(tmp_path):
    found = layered(tmp_path, 禁行=["是", "否"], access=["yes", "no"])
    assert found.features["barred"].tolist() == ["foot bicycle motorcycle car"] * 2


OSM = """<osm version="0.6">
<node id="1" lat="30.0" lon="120.0"/><node id="2" lat="30.0" lon="120.01"/>
%s</osm>"""
WAY = '<way id="%d"><nd ref="1"/><nd ref="2"/>%s</way>'


def test_tags_of_openstreetmap_bar_the_modes_they_name(tmp_path):
    tags = [
        {"highway": "residential", "access": "private", "foot": "yes"},
        {"highway": "footway"},
        {"highway": "path", "motorcycle": "yes"},
        {"highway": "track", "surface": "gravel", "access:conditional": "no @ (Nov-Apr)"},
    ]
    ways = [
        WAY % (n, "".join(f'<tag k="{k}" v="{v}"/>' for k, v in said.items()))
        for n, said in enumerate(tags, 1)
    ]
    (tmp_path / "roads.osm").write_text(OSM % "".join(ways), encoding="utf-8")
    found = read(open_project(tmp_path)).features.sort_values("feature_id")
    assert found["barred"].tolist() == [
        "bicycle motorcycle car", "motorcycle car", "car", "",
    ]  # fmt: skip
    assert found["shut"].tolist() == ["", "", "", "11-01/04-30"]
    assert found["unpaved"].tolist() == [False, False, False, True]
