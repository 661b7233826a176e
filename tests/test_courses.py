"""Courses: assets grouped, pieces joined, shores turned, nothing invented."""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.courses import trace
from geo.schema import FEATURES, PARTS, POSTS, Features, Posts, conform_geo, empty
from geo.settings import Settings

CRS = "EPSG:4547"
EAST, NORTH = 500_000.0, 3_000_000.0


def line(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def area(*points, holes=()):
    def moved(ring):
        return [(EAST + x, NORTH + y) for x, y in ring]

    return shapely.Polygon(moved(points), [moved(hole) for hole in holes])


def features(*rows):
    """Features from `(kind, name, geometry, **more)` rows."""
    blank = {
        "code": "",
        "grade": "",
        "width_m": np.nan,
        "oneway": "",
        "flows": False,
        "barred": "",
        "shut": "",
        "unpaved": False,
    }
    frame = pd.DataFrame(
        [
            blank
            | {"kind": kind, "name": name, "feature_id": f"f#{i}", "file": "f", "row": i}
            | (more[0] if more else {})
            for i, (kind, name, _, *more) in enumerate(rows, 1)
        ]
    )
    geometry = gpd.GeoSeries([row[2] for row in rows], crs=CRS)
    return Features(conform_geo(gpd.GeoDataFrame(frame, geometry=geometry), FEATURES))


def no_posts():
    return Posts(conform_geo(empty(POSTS, CRS), POSTS))


def traced(*rows, **settings):
    return trace(features(*rows), no_posts(), Settings(**settings))


def points(course):
    return [(round(x - EAST, 3), round(y - NORTH, 3)) for x, y in course.coords]


def test_pieces_drawn_both_ways_become_one_line_as_most_are_drawn():
    found = traced(
        ("river", "湍河", line((0, 0), (100, 0))),
        ("river", "湍河", line((150, 0), (100, 0))),
        ("river", "湍河", line((150, 0), (400, 0))),
    )
    assert found.courses["course_id"].tolist() == ["river:湍河"]
    assert points(found.courses.geometry[0]) == [(0, 0), (100, 0), (150, 0), (400, 0)]
    assert found.courses["why"][0] == (
        "由 3 段连成;其中 1 段画向相反,已调转;流向未知;桩号按多数线段的绘制方向"
    )


def test_one_piece_that_is_known_to_flow_decides_for_the_course():
    found = traced(
        ("river", "湍河", line((0, 0), (100, 0))),
        ("river", "湍河", line((150, 0), (100, 0)), {"flows": True}),
        language="en",
    )
    assert points(found.courses.geometry[0]) == [(150, 0), (100, 0), (0, 0)]
    assert found.courses["why"][0].endswith("chainage runs downstream")


def test_one_name_far_apart_is_two_assets_and_said():
    found = traced(
        ("canal", "新开河", line((0, 0), (100, 0))),
        ("canal", "新开河", line((5000, 0), (5100, 0))),
        ("canal", "新开河", line((130, 0), (230, 0))),
    )
    assert found.assets["asset_id"].tolist() == ["canal:新开河", "canal:新开河@5050,30000"]
    assert found.rejects[["rule", "row"]].to_numpy().tolist() == [
        ["namesakes", 2], ["drawing_gap", 3],
    ]  # fmt: skip
    assert "相距 4770 米" in found.rejects["message"][0]
    assert found.assets["length_m"].tolist() == [200.0, 100.0]


def test_one_code_is_one_asset_however_far_apart():
    found = traced(
        ("canal", "新开河", line((0, 0), (100, 0)), {"code": "Q7"}),
        ("canal", "老开河", line((9000, 0), (9200, 0)), {"code": "Q7"}),
    )
    assert found.courses["course_id"].tolist() == ["Q7", "Q7#2"]
    assert found.assets[["asset_id", "code", "name"]].to_numpy().tolist() == [
        ["Q7", "Q7", "老开河"]
    ]


def test_a_gap_in_the_drawing_has_no_chainage():
    found = traced(
        ("river", "湍河", line((0, 0), (100, 0))), ("river", "湍河", line((130, 0), (400, 0)))
    )
    assert found.courses["length_m"].tolist() == [270.0, 100.0]
    assert "断开 30 米" in found.rejects["message"][0]


def test_the_straight_arm_goes_on_where_a_river_braids():
    found = traced(
        ("river", "湍河", line((0, 0), (100, 0))),
        ("river", "湍河", line((100, 0), (150, 40), (200, 0))),
        ("river", "湍河", line((100, 0), (200, 0))),
        ("river", "湍河", line((200, 0), (300, 0))),
    )
    assert points(found.courses.geometry[0]) == [(0, 0), (100, 0), (200, 0), (300, 0)]
    assert found.courses["why"][1].startswith("第 2 条线,接于其他线")
    assert not len(found.rejects)


def test_a_shore_begins_in_the_south_with_the_water_on_its_left():
    island = [(40, 40), (60, 40), (60, 60), (40, 60)]
    found = traced(
        ("reservoir", "龙口水库", area((0, 100), (100, 100), (100, 0), (0, 0), holes=[island]))
    )
    assert points(found.courses.geometry[0]) == [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    assert points(found.courses.geometry[1])[:2] == [(40, 40), (40, 60)]
    assert found.courses["closed"].tolist() == [True, True]
    assert found.assets["length_m"].tolist() == [480.0]


SQUARE = area((0, 100), (100, 100), (100, 0), (0, 0))


def begun(*dams, water=(("reservoir", "龙口水库", SQUARE),)):
    """Courses of waters with dams of `(name, asset, geometry)`."""
    rows = [
        {"part_id": f"p{i}", "asset": asset, "name": name, "part": "dam", "file": "p", "row": i}
        for i, (name, asset, _) in enumerate(dams, 1)
    ]
    shapes = gpd.GeoSeries([shape for *_, shape in dams], crs=CRS)
    parts = conform_geo(gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes), PARTS)
    return trace(features(*water), no_posts(), Settings(), parts=parts).courses


def at(x, y):
    return shapely.Point(EAST + x, NORTH + y)


def test_a_shore_with_a_dam_begins_at_the_dam_and_says_so():
    course = begun(("大坝", "龙口水库", at(60, 130))).iloc[0]
    assert points(course.geometry) == [(60, 100), (0, 100), (0, 0), (100, 0), (100, 100), (60, 100)]
    assert course["length_m"] == 400.0
    assert course["why"].startswith("岸线从“大坝”起")


def test_a_dam_at_a_vertex_adds_none():
    course = begun(("", "", line((90, 110), (110, 110)))).iloc[0]
    assert points(course.geometry) == [(100, 100), (0, 100), (0, 0), (100, 0), (100, 100)]


def test_of_several_dams_the_main_one_counts_and_without_it_none():
    dams = [("副坝", "", at(0, 50)), ("一坝", "", at(100, 50))]
    course = begun(*dams).iloc[0]
    assert points(course.geometry)[0] == (0, 0)
    assert "有 2 座坝" in course["why"]
    main = begun(*dams, ("龙口水库主坝", "", at(50, 100))).iloc[0]
    assert points(main.geometry)[0] == (50, 100)


def test_a_dam_of_another_water_or_far_away_begins_nothing():
    other = begun(("大坝", "凤凰水库", at(50, 100)), ("大坝", "", at(50, 300))).iloc[0]
    assert points(other.geometry)[0] == (0, 0)
    assert "最南端" in other["why"]


def test_two_areas_of_one_water_share_no_shore():
    found = traced(
        ("reservoir", "龙口水库", area((0, 0), (100, 0), (100, 100), (0, 100))),
        ("reservoir", "龙口水库", area((100, 0), (200, 0), (200, 100), (100, 100))),
        ("reservoir", "龙口水库", area((300, 0), (310, 0), (310, 10), (300, 10))),
    )
    assert found.courses["length_m"].tolist() == [600.0, 40.0]


def test_a_line_drawn_twice_is_measured_once_and_said():
    found = traced(
        ("river", "湍河", line((0, 0), (50, 9), (100, 0))),
        ("river", "湍河", line((100, 0), (50, 9), (0, 0))),
    )
    assert len(found.courses) == 1
    assert found.rejects[["row", "rule", "severity"]].to_numpy().tolist() == [
        [2, "drawn_twice", "warning"]
    ]


def test_what_has_no_name_is_measured_once_however_often_its_layer_draws_it():
    lane, pool = line((0, 0), (50, 9), (100, 0)), area((0, 50), (9, 50), (9, 59), (0, 59))
    found = traced(
        ("road", "", lane),
        ("road", "长安路", lane.reverse()),
        ("road", "解放路", lane),
        ("river", "", lane),
        ("pond", "", pool),
        ("pond", "", pool),
    )
    assert found.rejects[["row", "rule"]].to_numpy().tolist() == [
        [1, "drawn_twice"],
        [6, "drawn_twice"],
    ]
    assert found.assets["kind"].tolist() == ["pond", "river", "road", "road"]


def test_carriageways_are_two_courses_that_run_the_same_way():
    found = traced(
        ("road", "S202", line((0, 0), (500, 0)), {"oneway": "yes"}),
        ("road", "S202", line((490, 20), (0, 20)), {"oneway": "yes"}),
    )
    assert [points(course)[0] for course in found.courses.geometry] == [(0, 0), (0, 20)]
    assert found.courses["why"][1] == (
        "第 2 条线,与主线并行,分向车道;其中 1 段画向相反,已调转;与主线同向"
    )
    assert not len(found.rejects)


def test_carriageways_that_meet_are_not_one_hair_pin():
    found = traced(
        ("road", "S202", line((0, 0), (50, 10), (450, 10), (500, 0)), {"oneway": "yes"}),
        ("road", "S202", line((500, 0), (450, -10), (50, -10), (0, 0)), {"oneway": "yes"}),
    )
    assert len(found.courses) == 2


def test_a_mountain_hair_pin_in_pieces_is_one_line():
    found = traced(
        ("road", "盘山路", line((0, 0), (300, 0))), ("road", "盘山路", line((0, 20), (300, 0)))
    )
    assert len(found.courses) == 1


def test_a_lollipop_is_one_line_that_touches_itself():
    found = traced(
        ("road", "环湖路", line((0, 0), (100, 0))),
        ("road", "环湖路", line((100, 0), (200, 30), (200, -30), (100, 0))),
    )
    assert len(found.courses) == 1
    assert found.courses["closed"].tolist() == [False]


def test_pieces_that_close_are_a_ring():
    found = traced(
        ("road", "环路", line((0, 0), (100, 0), (100, 100))),
        ("road", "环路", line((100, 100), (0, 100), (0, 0))),
    )
    assert found.courses[["closed", "length_m"]].to_numpy().tolist() == [[True, 400.0]]


def test_ends_a_hand_apart_are_one_place():
    found = traced(
        ("river", "湍河", line((0, 0), (100, 0))), ("river", "湍河", line((100.6, 0), (200, 0)))
    )
    assert points(found.courses.geometry[0]) == [(0, 0), (100, 0), (200, 0)]


def test_a_river_with_a_centre_line_is_not_measured_round_its_water():
    water = area((0, -20), (400, -20), (400, 20), (0, 20))
    found = traced(
        ("river", "湍河", line((-50, 0), (450, 0))), ("river", "", water), ("river", "湍河", water)
    )
    assert found.courses["length_m"].tolist() == [500.0]
    assert found.rejects["rule"].tolist() == ["area_beside_line"] * 2


def test_a_river_that_is_only_water_is_measured_along_its_banks_and_says_so():
    found = traced(("river", "白河", area((0, 0), (400, 0), (400, 40), (0, 40))))
    assert found.courses["length_m"].tolist() == [880.0]
    assert "按岸线计长,两岸各计一次" in found.courses["why"][0]


def test_an_area_that_crosses_itself_is_repaired_and_said():
    found = traced(("pond", "荷塘", area((0, 0), (20, 20), (20, 0), (0, 20))))
    assert found.courses["length_m"].sum() == pytest.approx(40 + 4 * 200**0.5, abs=0.002)
    assert found.rejects["rule"].tolist() == ["geometry_repaired"]


def test_an_edit_elsewhere_changes_no_id_and_no_chainage():
    mine = [
        ("river", "湍河", line((0, 0), (100, 0))),
        ("river", "湍河", line((100, 0), (150, 40), (200, 0))),
        ("river", "湍河", line((100, 0), (200, 0))),
        ("pond", "", area((0, 200), (9, 200), (9, 209))),
    ]
    before = traced(*mine).courses
    after = traced(
        *mine,
        ("river", "湍河", line((9000, 0), (9900, 0))),
        ("river", "白河", line((0, 1), (99, 1))),
    ).courses
    same = after[after["course_id"].isin(before["course_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(before, same)


@pytest.mark.real
def test_dengzhou_rivers_keep_every_metre_drawn(real):
    import pyogrio

    drawn = pyogrio.read_dataframe(real / "dengzhou" / "rivers.geojson").to_crs("EPSG:4546")
    rows = [
        ("river", name, one) for name, one in zip(drawn["name_zh"], drawn.geometry, strict=True)
    ]
    frame = features(*rows).set_crs("EPSG:4546", allow_override=True)
    found = trace(
        Features(frame), Posts(no_posts().set_crs("EPSG:4546", allow_override=True)), Settings()
    )
    geodesic = sum(map(pyproj.Geod(ellps="GRS80").geometry_length, drawn.to_crs(4490).geometry))
    assert found.courses["length_m"].sum() == pytest.approx(geodesic, rel=1e-6)
    assert len(found.courses) == 7
    assert found.rejects["rule"].tolist() == ["namesakes"]


@pytest.mark.real
def test_liechtenstein_roads_are_traced_whole_and_soon(real):
    import pyogrio

    path = real / "liechtenstein" / "liechtenstein-latest.osm.pbf"
    ways = pyogrio.read_dataframe(path, layer="lines", where="highway is not null")
    ways = ways.to_crs("EPSG:32632")
    rows = [
        ("road", name or "", one)
        for name, one in zip(ways["name"].fillna(""), ways.geometry, strict=True)
    ]
    frame = Features(features(*rows).set_crs("EPSG:32632", allow_override=True))
    nothing = Posts(no_posts().set_crs("EPSG:32632", allow_override=True))
    start = time.process_time()
    found = trace(frame, nothing, Settings())
    assert time.process_time() - start < 5
    assert found.courses["length_m"].sum() == pytest.approx(1_141_493, abs=1)
    assert shapely.is_valid(found.courses.geometry.to_numpy()).all()


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        (None, "geometry_empty"),
        (shapely.LineString(), "geometry_empty"),
        (shapely.Point(EAST, NORTH), "geometry_point"),
        (shapely.LineString([(EAST, NORTH), (EAST, NORTH)]), "geometry_zero"),
        (shapely.LineString([(EAST, NORTH), (np.inf, NORTH)]), "geometry_broken"),
        (area((0, 0), (9, 0), (9, 9)), "geometry_area"),
        (line((1e9, 0), (1e9, 50)), "geometry_far"),
        (line((4e7, 9e7), (4e7, 9.1e7)), "geometry_far"),
    ],
)
def test_what_cannot_be_measured_is_rejected_with_its_row(geometry, rule):
    found = traced(("road", "甲路", line((0, 0), (10, 0))), ("road", "乙路", geometry))
    assert found.courses["name"].tolist() == ["甲路"]
    assert found.rejects[["file", "row", "rule", "severity"]].to_numpy().tolist() == [
        ["f", 2, rule, "error"]
    ]


def test_nothing_drawn_is_nothing_traced():
    found = traced(("road", "甲路", None))
    assert len(found.assets) == len(found.courses) == 0


@settings(max_examples=5)
@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order):
    rows = features(
        ("river", "湍河", line((0, 0), (100, 0))),
        ("river", "湍河", line((150, 0), (100, 0))),
        ("river", "湍河", line((150, 0), (200, 90))),
        ("road", "", line((150, 0), (400, 70))),
        ("pond", "", area((0, 0), (9, 0), (9, 9))),
        ("road", "", None),
    )
    before = trace(rows, no_posts(), Settings())
    after = trace(Features(rows.iloc[list(order)]), no_posts(), Settings())
    pd.testing.assert_frame_equal(before.courses, after.courses)
    pd.testing.assert_frame_equal(before.rejects, after.rejects)


lattice = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda p: (p[0] * 50, p[1] * 50))
pieces = st.lists(
    st.tuples(
        st.lists(lattice, min_size=2, max_size=4).filter(lambda p: len(set(p)) > 1),
        st.sampled_from(["", "yes", "-1"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=15)
@given(pieces, st.randoms(use_true_random=False))
def test_no_metre_is_lost_or_invented_whatever_is_drawn(drawn, random):
    rows = [
        ("road", "乱路", line(*one), {"oneway": oneway, "flows": flows})
        for one, oneway, flows in drawn
    ]
    found = traced(*rows)
    once = len(found.rejects[found.rejects["rule"] == "drawn_twice"])
    distinct = {
        shapely.normalize(shapely.LineString(line(*one).coords)).wkt: line(*one).length
        for one, *_ in drawn
    }
    assert len(distinct) + once == len(drawn)
    assert found.courses["length_m"].sum() == pytest.approx(sum(distinct.values()), abs=0.05)
    assert found.assets["length_m"].sum() == pytest.approx(found.courses["length_m"].sum())
    assert found.courses["course_id"].is_unique
    for course, closed in zip(found.courses.geometry, found.courses["closed"], strict=True):
        assert not closed or course.coords[0] == course.coords[-1]
    frame = features(*rows)
    mixed = Features(frame.iloc[random.sample(range(len(frame)), len(frame))])
    pd.testing.assert_frame_equal(trace(mixed, no_posts(), Settings()).courses, found.courses)


def test_no_features_are_no_courses():
    frame = Features(conform_geo(empty(FEATURES, CRS), FEATURES))
    found = trace(frame, no_posts(), Settings())
    assert len(found.assets) == len(found.courses) == len(found.rejects) == 0


def drawing_gaps(found):
    return found.rejects.loc[found.rejects["rule"] == "drawing_gap", "message"].tolist()


def test_carriageways_that_end_side_by_side_are_no_gap_even_if_nobody_said_oneway():
    # 25 m apart, drawn against one another, cut off at the same places.
    found = traced(
        ("road", "惠盐高速", line((0, 0), (1000, 0))),
        ("road", "惠盐高速", line((900, 25), (10, 25))),
    )
    assert drawing_gaps(found) == []
    assert "分向车道" in found.courses["why"][1]
    assert [points(c)[0] for c in found.courses.geometry] == [(0, 0), (10, 25)]


def test_a_break_between_two_pairs_of_carriageways_is_said_once_and_as_long_as_it_is():
    found = traced(
        ("road", "盐龙大道", line((0, 0), (1000, 0))),
        ("road", "盐龙大道", line((0, 63), (950, 63))),
        ("road", "盐龙大道", line((1300, 0), (1500, 0))),
        ("road", "盐龙大道", line((1320, 63), (1600, 63))),
    )
    (message,) = drawing_gaps(found)
    assert "断开 300 米" in message


def test_an_asset_without_a_name_is_called_by_where_it_was_drawn():
    both = shapely.MultiLineString([line((0, 0), (1000, 0)), line((1300, 0), (1500, 0))])
    (message,) = drawing_gaps(traced(("road", "", both)))
    assert message.startswith("“f 的无名道路(要素 1)”")


def test_each_break_of_a_broken_river_is_said_once():
    found = traced(
        ("river", "湍河", line((0, 0), (1000, 0))),
        ("river", "湍河", line((1600, 0), (2600, 0))),
        ("river", "湍河", line((1040, 0), (1300, 0))),
    )
    assert sorted(m.split("断开 ")[1].split(" ")[0] for m in drawing_gaps(found)) == ["300", "40"]


def test_a_short_road_of_the_name_beside_another_is_no_carriageway_unless_it_is_oneway():
    bent = line((200, 20), (300, 20), (300, 300))
    found = traced(("road", "大学道", line((0, 0), (1000, 0))), ("road", "大学道", bent))
    assert "分向车道" not in found.courses["why"][1]
