"""Bad input to the matcher: right or unsure, never slow without end, never a crash."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from walks import CRS, fixes, patrols

from geo.lines import measure
from geo.match import match
from geo.schema import COURSES, FIXES, PATROLS, Courses, Fixes, Patrols, conform, empty
from geo.settings import Settings

STRAIGHT = shapely.LineString([(500_000, 3_300_000), (502_000, 3_300_000)])


def courses(*lines, kind="river", closed=False):
    rows = [
        {"course_id": f"c{n}", "asset_id": f"c{n}", "kind": kind, "name": "", "grade": "",
         "width_m": np.nan, "length_m": line.length, "closed": closed, "why": "", "geometry": line}
        for n, line in enumerate(lines)
    ]  # fmt: skip
    return Courses(conform(gpd.GeoDataFrame(rows, crs=CRS), COURSES))


def run(fixes, patrols, courses, **options):
    return match(fixes, patrols, courses, measure(courses), Settings(), **options)


def walk(a=500_100.0, b=501_100.0, step=6.5):
    x = np.arange(a, b, step)
    return x, np.full(len(x), 3_300_005.0), np.arange(len(x)) * 5.0


def test_nothing_in_nothing_out():
    found = run(Fixes(empty(FIXES)), Patrols(empty(PATROLS)), courses(STRAIGHT))
    assert len(found.passages) == len(found.flags) == 0


def test_no_courses_no_passages():
    found = run(fixes(*walk()), patrols("p"), Courses(empty(COURSES, CRS)))
    assert len(found.passages) == 0


def test_times_backwards_give_the_same_stretch():
    x, y, t = walk()
    passages = run(fixes(x[::-1], y, t[::-1]), patrols("p"), courses(STRAIGHT)).passages
    assert passages["from_m"].tolist() == pytest.approx([100], abs=1)
    assert passages["to_m"].tolist() == pytest.approx([x[-1] - 500_000], abs=1)


def test_without_times_there_is_coverage_and_no_date():
    x, y, _ = walk()
    passages = run(fixes(x, y), patrols("p"), courses(STRAIGHT)).passages
    assert (passages["to_m"] - passages["from_m"]).sum() == pytest.approx(1000, rel=0.03)
    assert passages["entered_at"].isna().all()


def test_one_fix_covers_its_own_tolerance_and_is_a_point():
    passages = run(fixes([501_000], [3_300_010], [0]), patrols("p"), courses(STRAIGHT)).passages
    assert passages[["from_m", "to_m", "evidence"]].to_numpy().tolist() == [[970, 1030, "B"]]


def test_check_ins_cover_nothing_between_them():
    points = fixes([500_200, 500_900], [3_300_000] * 2, [0, 600], point="checkin")
    passages = run(points, patrols("p", grade="B"), courses(STRAIGHT)).passages
    assert passages["to_m"].sub(passages["from_m"]).tolist() == [60, 60]


def test_a_declared_patrol_covers_nothing():
    found = run(Fixes(empty(FIXES)), patrols("p", grade="C"), courses(STRAIGHT))
    assert len(found.passages) == 0


def test_a_million_fixes_in_one_place_cover_nothing():
    noise = np.random.default_rng(0).normal(0, 5, (1_000_000, 2))
    cloud = fixes(501_000 + noise[:, 0], 3_300_000 + noise[:, 1], np.arange(1_000_000))
    found = run(cloud, patrols("p"), courses(STRAIGHT))
    assert len(found.passages) == 0
    assert (found.flags["flag"] == "stationary").mean() > 0.99


def test_a_track_of_another_country_is_nowhere():
    x, y, t = walk()
    found = run(fixes(x + 3e6, y - 2e6, t), patrols("p"), courses(STRAIGHT))
    assert len(found.passages) == 0
    assert found.flags["used"].all()


def test_courses_a_metre_apart_are_unsure():
    twin = shapely.offset_curve(STRAIGHT, 1.0)
    for kind in ("river", "road"):
        passages = run(fixes(*walk()), patrols("p"), courses(STRAIGHT, twin, kind=kind)).passages
        assert set(passages["course_id"]) == {"c0", "c1"}
        assert set(passages["certainty"]) == {"unsure"}


def test_a_hundred_thousand_courses_under_one_fix_are_not_endless():
    angles = np.linspace(0, np.pi, 100_000, endpoint=False)
    arm = np.column_stack([np.cos(angles), np.sin(angles)]) * 40
    centre = np.array([501_000, 3_300_000])
    star = shapely.linestrings(np.stack([centre - arm, centre + arm], axis=1))
    x, y, t = walk()
    passages = run(fixes(x, y, t), patrols("p"), courses(*star, kind="road")).passages
    assert (passages["certainty"] == "unsure").all()


@pytest.mark.parametrize(
    ("row", "flag"),
    [
        ({"x_m": np.nan}, "impossible"),
        ({"x_m": np.inf}, "impossible"),
        ({"accuracy_m": 300.0}, "inaccurate"),
        ({"at": pd.NaT}, "untimed"),
        ({"y_m": 3_300_900.0}, "jump"),
        ({"patrol_id": "another"}, "unlisted"),
    ],
)
def test_a_fix_left_out_says_why(row, flag):
    frame = fixes(*walk())
    for name, value in row.items():
        frame.loc[50, name] = value
    found = run(frame, patrols("p"), courses(STRAIGHT))
    assert found.flags.loc[50, ["used", "flag"]].tolist() == [False, flag]
    assert found.flags.drop(index=50)["used"].all()
    assert found.flags.loc[50, "why"] != ""


def test_two_fixes_of_one_instant_are_a_duplicate():
    frame = fixes(*walk())
    twice = Fixes(pd.concat([frame, frame.iloc[[20]]], ignore_index=True))
    assert run(twice, patrols("p"), courses(STRAIGHT)).flags["flag"].tolist()[-1] == "duplicate"


def test_two_people_in_one_file_are_told_apart():
    x, y, t = walk()
    frame = fixes(np.r_[x, x + 40_000], np.r_[y, y], np.r_[t, t + 2.5])
    flags = run(frame, patrols("p"), courses(STRAIGHT)).flags["flag"]
    assert (flags == "merged").sum() == len(x)


def test_inputs_are_unchanged():
    frame, lines = fixes(*walk()), courses(STRAIGHT)
    before = frame.copy()
    run(frame, patrols("p"), lines)
    pd.testing.assert_frame_equal(frame, before)


def test_a_pause_of_hours_is_said_and_nothing_is_credited_across_it():
    x, y, t = walk()
    half = len(x) // 2
    # Half a kilometre farther on an hour and a half later: nobody knows the way between.
    x, t = x + np.where(np.arange(len(x)) < half, 0, 500.0), t.astype(float)
    t[half:] += 5400
    found = run(fixes(x, y, t), patrols("p"), courses(STRAIGHT))
    assert np.flatnonzero(found.flags["flag"] == "pause").tolist() == [half]
    assert found.flags["used"].all()
    between = (x[half - 1] + x[half]) / 2 - shapely.get_x(shapely.get_point(STRAIGHT, 0))
    over = (found.passages["from_m"] < between) & (found.passages["to_m"] > between)
    assert len(found.passages) == 2
    assert not over.any()
