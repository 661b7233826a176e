"""Stretches are carried to a redrawn network by position, never by chainage alone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.carry import carried
from geo.schema import COURSES, Courses, conform_geo

CRS = "EPSG:4547"
EAST, NORTH = 500_000.0, 3_000_000.0


def courses(**lines):
    frame = pd.DataFrame(
        {
            "course_id": [one.replace("_", "#") for one in lines],
            "asset_id": [one.split("_")[0] for one in lines], "kind": "river", "name": "湍河",
            "grade": "", "width_m": np.nan, "length_m": 0.0, "closed": False, "why": "",
        }
    )  # fmt: skip
    drawn = [shapely.LineString(np.add(points, (EAST, NORTH))) for points in lines.values()]
    geometry = gpd.GeoSeries(drawn, crs=CRS)
    return Courses(conform_geo(gpd.GeoDataFrame(frame, geometry=geometry), COURSES))


def on(course_id, from_m, to_m):
    return pd.DataFrame(
        {"course_id": [course_id], "from_m": [from_m], "to_m": [to_m], "holder": "张三"}, index=[7]
    )


def row(found):
    return found.stretches[["course_id", "from_m", "to_m", "holder"]].to_numpy().tolist()


OLD = courses(A=[(0, 0), (1000, 0)])


def test_what_was_not_redrawn_stays_and_is_not_reported():
    found = carried(OLD, courses(A=[(0, 0), (1000, 0)], B=[(0, 50), (9, 50)]), on("A", 100, 300))
    assert row(found) == [["A", 100, 300, "张三"]]
    assert len(found.report) == 0


def test_a_line_begun_farther_up_shifts_chainages_but_not_places():
    found = carried(OLD, courses(A=[(-500, 0), (1000, 0)]), on("A", 100, 300))
    assert row(found) == [["A", 600, 800, "张三"]]
    assert found.report.loc[0, "why"] == (
        "图形已重画:原 A K0+100—K0+300 按位置移至 A K0+600—K0+800,端点偏移至多 0.0 米,"
        "长度变化 +0.0 米;核对后请按新桩号改写"
    )
    assert found.report.loc[0, ["row", "what"]].tolist() == [7, "moved"]


def test_a_line_drawn_the_other_way_is_read_the_other_way():
    found = carried(OLD, courses(A=[(1000, 0), (0, 0)]), on("A", 100, 300))
    assert row(found) == [["A", 700, 900, "张三"]]


def test_of_two_arms_the_one_of_the_same_direction_is_taken():
    new = courses(A=[(0, -4), (1000, -4), (1000, 2), (0, 2)])
    assert row(carried(OLD, new, on("A", 100, 300))) == [["A", 100, 300, "张三"]]


def test_a_course_that_became_a_branch_is_found_under_its_new_id():
    new = courses(A=[(0, 900), (1500, 900)], A_2=[(0, 5), (1000, 5)])
    found = carried(OLD, new, on("A", 100, 300))
    assert row(found) == [["A#2", 100, 300, "张三"]]
    assert found.report.loc[0, "moved_m"] == pytest.approx(5)


def test_a_place_that_is_nowhere_near_is_lost_and_said():
    found = carried(OLD, courses(A=[(0, 900), (1000, 900)]), on("A", 100, 300), language="en")
    assert row(found) == []
    assert found.report["what"].tolist() == ["lost"]
    assert "has no place of its direction within 100 m" in found.report.loc[0, "why"]


@pytest.mark.parametrize(
    ("drawn", "kept"),
    [
        ([(0, 0), (600, 0)], [200, 600]),
        ([(600, 0), (0, 0)], [0, 400]),
        ([(500, 0), (1000, 0)], [0, 400]),
        ([(400, 0), (700, 0)], [0, 300]),
    ],
    ids=["end", "end, reversed", "start", "both ends"],
)
def test_of_a_line_drawn_shorter_what_is_still_drawn_is_kept(drawn, kept):
    found = carried(OLD, courses(A=drawn), on("A", 200, 900))
    assert row(found) == [["A", *kept, "张三"]]
    assert found.report["what"].tolist() == ["cut"]
    assert f"其余约 {700 - (kept[1] - kept[0])} 米" in found.report.loc[0, "why"]


def test_a_line_that_ends_elsewhere_keeps_nothing():
    found = carried(OLD, courses(A=[(0, 0), (300, 0), (300, 500)]), on("A", 200, 900))
    assert found.report["what"].tolist() == ["lost"]


def test_a_stretch_on_an_unknown_course_is_refused():
    with pytest.raises(ValueError, match=r"wanted stretches on the old courses, got \['X'\]"):
        carried(OLD, OLD, on("X", 1, 2))


@settings(max_examples=25)
@given(st.integers(0, 900), st.integers(1, 100), st.integers(-400, 400))
def test_carrying_there_and_back_is_the_same_stretch(start, length, shift):
    old = courses(A=[(0, 0), (400, 30), (1000, 0)])
    new = courses(A=[(-500 + shift, 0), (0, 0), (400, 30), (1000, 0), (1300, 10)])
    there = carried(old, new, on("A", start, start + length)).stretches
    back = carried(new, old, there).stretches
    assert back[["from_m", "to_m"]].to_numpy()[0] == pytest.approx(
        [start, start + length], abs=0.003
    )
