"""By boat and by drone: what is seen from the water and from the air, and what only may be."""

import numpy as np
import pandas as pd
import pytest
import shapely
from walks import LENGTH, LINE, boxes, courses, covered, patrol, run, walk

from geo.explain import explain
from geo.lines import measure
from geo.match import match
from geo.reasons import Evidence
from geo.schema import Courses, Patrols
from geo.settings import Manner, Settings
from geo.trails import held

STRAIGHT = shapely.LineString([(500_000, 3_300_000), (503_000, 3_300_000)])
_X = np.arange(0.0, 3001.0, 20.0)
BENDS = shapely.LineString(np.column_stack([500_000 + _X, 3_300_000 + 27 * np.sin(_X / 90)]))
FAST = {"speed": 6.0, "every": 5.0}


def by(mode, path, **pace):
    fixes, patrols = patrol(walk(path, **FAST | pace))
    return fixes, Patrols(patrols.assign(mode=mode))


def wide(width_m, **lines):
    return Courses(courses(**lines).assign(width_m=width_m))


def test_a_boat_under_a_bridge_of_a_road_along_the_river_covers_the_river_only():
    world = courses(river=LINE, road=shapely.offset_curve(LINE, 12.0))
    afloat = run(by("boat", LINE), world)
    assert covered(afloat, "river") == pytest.approx(LENGTH, rel=0.01)
    assert set(afloat["course_id"]) == {"river"}


def test_a_boat_is_on_no_bank():
    beside = shapely.offset_curve(STRAIGHT, 20.0)
    assert set(run(by("foot", beside), wide(80, river=STRAIGHT))["side"]) == {"L"}
    assert set(run(by("boat", beside), wide(80, river=STRAIGHT))["side"]) == {"B"}


def test_a_boat_on_a_reservoir_has_the_shore_on_one_side():
    angles = np.linspace(0, 2 * np.pi, 120)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    circle[-1] = circle[0]
    world = courses(reservoir=shapely.LineString(circle * 400 + [500_000, 3_300_000]))
    path = shapely.LineString(circle[:60] * 385 + [500_000, 3_300_000])
    assert set(run(by("boat", path), Courses(world.assign(closed=True)))["side"]) == {"L"}


def test_a_boat_may_change_sides_on_its_way():
    tack = shapely.LineString([(500_200 + 250 * n, 3_300_000 + 35 * (-1) ** n) for n in range(10)])
    world = wide(80, river=STRAIGHT)
    assert covered(run(by("boat", tack), world), "river") == pytest.approx(2250, abs=30)


@pytest.mark.parametrize(("mode", "certainty"), [("foot", "unsure"), ("boat", "sure")])
def test_straight_through_the_bends_is_no_walk_along_a_bank(mode, certainty):
    found = run(by(mode, STRAIGHT), courses(river=BENDS))
    assert covered(found, "river", certainty) == pytest.approx(BENDS.length, rel=0.03)
    assert set(found["certainty"]) == {certainty}


def test_who_was_sent_to_the_bends_is_believed():
    found = run(by("foot", STRAIGHT), courses(river=BENDS), sent={"p": [0]})
    assert covered(found, "river") == pytest.approx(BENDS.length, rel=0.03)


def test_a_ferry_covers_nothing():
    across = shapely.LineString([(501_000, 3_299_800), (501_060, 3_300_200)])
    for mode in ("boat", "drone", "foot"):
        found = run(by(mode, across, speed=3.0), wide(120, river=STRAIGHT))
        assert covered(found, "river") == 0


def test_a_boat_beyond_the_bank_of_a_river_of_known_width_is_on_another_water():
    beside = shapely.offset_curve(STRAIGHT, 70.0)
    narrow, unknown = wide(20, river=STRAIGHT), courses(river=STRAIGHT)
    assert not len(run(by("boat", beside), narrow))
    assert set(run(by("boat", beside), unknown)["certainty"]) == {"unsure"}


@pytest.mark.parametrize(
    ("aside", "sure", "unsure"), [(5.0, 3000, 0), (60.0, 0, 3000), (130.0, 0, 0)]
)
def test_a_road_flown_beside_is_unsure_and_far_away_nothing(aside, sure, unsure):
    found = run(
        by("drone", shapely.offset_curve(STRAIGHT, aside), speed=10.0), courses(road=STRAIGHT)
    )
    # The last fix is up to one step short of the end.
    assert covered(found, "road") == pytest.approx(sure, abs=55)
    assert covered(found, "road", "unsure") == pytest.approx(unsure, abs=55)


def test_a_drone_flies_against_a_one_way():
    world = courses(road=STRAIGHT, road_beside=shapely.offset_curve(STRAIGHT, 10.0))
    fixes, people = by("drone", shapely.reverse(STRAIGHT), speed=10.0, noise=1.0)
    oneway = np.array([1, -1], dtype=np.int8)
    flown = match(fixes, people, world, measure(world), Settings(), oneway=oneway).passages
    assert set(flown.loc[flown["why"] == "轨迹更像走在旁边另一条上", "course_id"]) == {
        "road_beside"
    }


@pytest.mark.parametrize(("mode", "dropped"), [("boat", 1), ("drone", 1), ("car", 0), ("", 0)])
def test_a_leap_that_no_boat_can_make_is_no_fix_of_it(mode, dropped):
    path = shapely.LineString([(500_000, 3_300_000), (500_600, 3_300_000)])
    fixes, people = by(mode, path, speed=3.0, noise=0.0)
    # 250 m away for the five seconds to the next fix, 50 m/s, and back within fifteen.
    x = fixes["x_m"].to_numpy().copy()
    y = fixes["y_m"].to_numpy().copy()
    y[20] += 250.0
    y[21] += 150.0
    leapt = type(fixes)(fixes.assign(x_m=x, y_m=y))
    world = courses(river=STRAIGHT)
    flags = match(leapt, people, world, measure(world), Settings()).flags
    assert (flags["flag"].iloc[20] == "jump") == bool(dropped)


def test_patrols_of_every_manner_come_in_their_order():
    parts = [by(mode, LINE) for mode in ("boat", "foot", "drone", "boat")]
    for n, (fixes, people) in enumerate(parts):
        parts[n] = fixes.assign(patrol_id=f"p{n}"), people.assign(patrol_id=f"p{n}")
    fixes = pd.concat([part[0] for part in parts], ignore_index=True)
    people = pd.concat([part[1] for part in parts], ignore_index=True)
    found = run((fixes, people), courses(river=LINE, road=shapely.offset_curve(LINE, 12.0)))
    tracks = found[found["evidence"] == "A"]["patrol_id"].tolist()
    assert tracks == sorted(tracks)
    assert set(tracks) == {"p0", "p1", "p2", "p3"}


def test_it_is_said_that_a_boat_sees_no_road():
    world = courses(road=STRAIGHT)
    fixes, people = by("boat", STRAIGHT)
    lines = measure(world)
    found = match(fixes, people, world, lines, Settings())
    evidence = Evidence(
        held(fixes, people), boxes(fixes, people), people, found.passages, world, lines, Settings()
    )
    assert ["看不到这类对象" in said for said in explain(evidence, "road", 1500.0)] == [True]


def test_a_manner_of_no_speed_is_refused():
    with pytest.raises(ValueError, match=r"wanted fastest_m_s above 0 .* got 0"):
        Manner(fastest_m_s=0)
