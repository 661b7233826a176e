"""Calibration: kilometre posts against metres on the ground."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.calibration import Calibration, calibrated
from geo.schema import COURSES, POSTS, Courses, Posts, conform_geo
from geo.settings import Settings

CRS = "EPSG:4547"
EAST, NORTH = 500_000.0, 3_000_000.0


def road(*points):
    line = shapely.LineString([(EAST + x, NORTH + y) for x, y in points])
    row = {"course_id": "road:S202", "asset_id": "road:S202", "kind": "road", "name": "S202"}
    more = {"grade": "", "width_m": np.nan, "length_m": line.length, "closed": False, "why": ""}
    frame = gpd.GeoDataFrame([row | more], geometry=[line], crs=CRS)
    return Courses(conform_geo(frame, COURSES))


def posts(*rows):
    frame = pd.DataFrame(
        [
            {"asset": asset, "chainage_text": text, "file": "posts", "row": i}
            for i, (asset, text, *_) in enumerate(rows, 1)
        ]
    )
    points = [shapely.Point(EAST + x, NORTH + y) for _, _, x, y in rows]
    return Posts(conform_geo(gpd.GeoDataFrame(frame, geometry=points, crs=CRS), POSTS))


STRAIGHT = road((0, 0), (5000, 0))


def test_between_posts_the_translation_is_linear_and_beyond_them_metre_for_metre():
    found, said = calibrated(
        posts(("S202", "K12+000", 1000, 5), ("S202", "K13+010", 2000, -5)), STRAIGHT, Settings()
    )
    ids = ["road:S202"] * 4
    official = [11_900, 12_000, 12_505, 13_110]
    np.testing.assert_allclose(found.to_internal(ids, official), [900, 1000, 1500, 2100])
    np.testing.assert_allclose(found.to_official(ids, [900, 1000, 1500, 2100]), official)
    assert said == []


def test_posts_that_count_backwards_are_read_backwards():
    found, said = calibrated(
        posts(("S202", "K3", 1000, 0), ("S202", "K2", 2000, 0)), STRAIGHT, Settings()
    )
    assert found.to_internal(["road:S202"] * 3, [3100, 2500, 1500]).tolist() == [900, 1500, 2500]
    assert found.to_official(["road:S202"] * 2, [900, 2500]).tolist() == [3100, 1500]
    assert said == []


def test_a_broken_chain_is_reported_with_both_lengths():
    _, said = calibrated(
        posts(("S202", "K1", 1000, 0), ("S202", "K2", 2000, 0), ("S202", "K3", 2700, 0)),
        STRAIGHT,
        Settings(),
    )
    assert [one[1:5] for one in said] == [(3, "chainage_text", "broken_chain", "warning")]
    assert said[0][5] == "断链:K2+000 至 K3+000 按桩号为 1000 米,实地为 700 米"


def test_a_post_out_of_order_is_left_out_and_said():
    found, said = calibrated(
        posts(
            ("S202", "K1", 1000, 0), ("S202", "K7", 1500, 0), ("S202", "K2", 2000, 0),
            ("S202", "K3", 3000, 0),
        ),
        STRAIGHT,
        Settings(),
    )  # fmt: skip
    assert found.posts["road:S202"][1].tolist() == [1000, 2000, 3000]
    assert [one[1:5] for one in said] == [(2, "chainage_text", "post_disorder", "warning")]


def test_posts_of_nothing_far_away_or_unreadable_are_rejected():
    found, said = calibrated(
        posts(("G5", "K1", 1000, 0), ("S202", "K2", 2000, 900), ("S202", "桥头", 3000, 0)),
        STRAIGHT,
        Settings(),
    )
    assert found == Calibration()
    assert sorted(one[1:5] for one in said) == [
        (1, "chainage_text", "post_unknown", "error"),
        (2, "chainage_text", "post_far", "error"),
        (3, "chainage_text", "chainage", "error"),
    ]


def test_a_course_without_posts_is_its_own_calibration():
    assert Calibration().to_internal(["a", "b"], [5, 7.5]).tolist() == [5, 7.5]


@given(
    st.lists(st.integers(1, 2000), min_size=2, max_size=8),
    st.lists(st.integers(1, 2000), min_size=2, max_size=8),
    st.booleans(),
    st.lists(st.floats(-1e4, 1e4), max_size=8),
)
def test_to_official_and_back_is_the_same_metre(ground, counted, falling, at):
    count = min(len(ground), len(counted))
    internal = np.cumsum(ground[:count]).astype(float)
    official = np.cumsum(counted[:count]).astype(float) * (-1 if falling else 1)
    found = Calibration({"c": (internal, official)})
    there = found.to_official(["c"] * len(at), at)
    back = found.to_internal(["c"] * len(at), there)
    # One rounding to a millimetre, stretched by the steepest pair of posts.
    np.testing.assert_allclose(back, at, atol=0.002 + 0.001 * 2000)
