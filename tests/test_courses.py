"""Courses: assets grouped, pieces joined, shores turned, nothing invented."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.courses import trace
from geo.schema import FEATURES, POSTS, Features, Posts, conform_geo, empty
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
    blank = {"code": "", "grade": "", "width_m": np.nan, "oneway": "", "flows": False}
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
        "由 3 段连成;其中 1 段画向相反,已调转;流向未知,桩号按多数线段的绘制方向"
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
    assert found.rejects["rule"].tolist() == ["namesakes", "namesakes", "drawing_gap"]
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


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        (None, "geometry_empty"),
        (shapely.LineString(), "geometry_empty"),
        (shapely.Point(EAST, NORTH), "geometry_point"),
        (shapely.LineString([(EAST, NORTH), (EAST, NORTH)]), "geometry_zero"),
        (shapely.LineString([(EAST, NORTH), (np.inf, NORTH)]), "geometry_broken"),
        (area((0, 0), (9, 0), (9, 9)), "geometry_area"),
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


@settings(max_examples=10)
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
