"""Check a plan again, knowing nothing of how it was made: from courses, errands and crews alone."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.plan_sums import totals
from geo.travel import SPEEDS

WATERS = {"river", "canal"}
NEAR_M, FAR_M = 0.02, 0.5


def verify(routes, unserved, courses, wanted, crews, joining, features=None, first_on=None):
    """Raise where a plan does not hold: places, ways, banks, directions, times, sums, what is served."""
    by_name = {crew.name: crew for crew in crews}
    known = {row.course_id: row for row in courses.itertuples()}
    widest = float(np.nan_to_num(courses["width_m"] / 2).max())
    most = max(joining.reach_m, joining.gap_m) + widest + 0.01
    for (name, day), route in routes.groupby(["crew", "day"]):
        legs = list(route.itertuples())
        for leg in legs:
            _leg_holds(leg, known, SPEEDS[by_name[name].mode], most, joining)
        _legs_join(legs, most)
        starts = [0.0, *np.cumsum(route["minutes"])[:-1]]
        assert route["starts_min"].tolist() == pytest.approx(starts, abs=1e-6)
        assert route["order"].tolist() == list(range(1, len(route) + 1))
        assert route["minutes"].sum() <= by_name[name].hours * 60 + 1e-6
        if features is not None and SPEEDS[by_name[name].mode].keeps_one_way:
            _one_ways_hold(legs, known, features)
        if features is not None and first_on is not None:
            on = first_on + pd.Timedelta(days=day - 1)
            _open_roads_only(legs, features, by_name[name].mode, on)
    _sums_hold(routes, unserved, wanted)


def _leg_holds(leg, known, speed, most, joining):
    """A leg is where its chainages say, and takes as long as its metres."""
    if leg.kind == "stop":
        return
    if not leg.course_id:
        # On foot, slower over open ground; a gap in a drawn road is a road.
        open_ground = "图上没有路" in leg.step
        kmh = max(speed.road_kmh, 4.0) if "断开" in leg.step else 3.0 if open_ground else 4.0
        assert leg.length_m <= (joining.walk_m if open_ground else most)
        assert leg.minutes == pytest.approx(leg.length_m / kmh * 0.06, abs=1e-3)
        return
    course = known[leg.course_id]
    assert leg.length_m == pytest.approx(abs(leg.to_m - leg.from_m), abs=1e-6)
    assert bool(leg.side) == (course.kind in WATERS)
    aside = np.nan_to_num(course.width_m) / 2 if leg.side else 0.0
    xy = shapely.get_coordinates(leg.geometry)
    # Chainages are metres on the ground, a little more or less than those of the map.
    stretch = course.geometry.length / course.length_m
    last = course.geometry.interpolate(leg.to_m * stretch)
    assert abs(np.hypot(last.x - xy[-1, 0], last.y - xy[-1, 1]) - aside) <= FAR_M
    first = course.geometry.interpolate(leg.from_m * stretch)
    away = np.hypot(first.x - xy[:2, 0], first.y - xy[:2, 1])
    assert np.abs(away - aside).min() <= FAR_M
    road = course.kind == "road"
    kmh = speed.road_kmh if road else speed.bank_kmh
    # Who walked to a water over open ground walks along it.
    # On a road wheels may be slowed by gravel.
    allowed = {kmh, kmh * speed.unpaved} if road else {kmh, min(kmh, 4.0)}
    assert min(abs(leg.minutes - leg.length_m / k * 0.06) for k in allowed) <= NEAR_M


def _legs_join(legs, most):
    """A leg is drawn on from the one before; from bank to bank it goes by something else."""
    for before, after in pairwise(legs):
        a, b = (shapely.get_coordinates(leg.geometry) for leg in (before, after))
        assert np.hypot(*(b[0] - a[-1])) <= NEAR_M
    for before, after in pairwise([leg for leg in legs if leg.kind != "stop"]):
        if before.side and after.side and before.course_id == after.course_id:
            assert before.side == after.side


def _one_ways_hold(legs, known, features):
    """No leg runs against every one-way road drawn where it runs."""
    drawn = features[(features["kind"] == "road") & features["oneway"].isin(["yes", "-1"])]
    others = features[(features["kind"] == "road") & ~features["oneway"].isin(["yes", "-1"])]
    tree, free = (
        shapely.STRtree(drawn.geometry.to_numpy()),
        shapely.STRtree(others.geometry.to_numpy()),
    )
    for leg in legs:
        if leg.kind == "stop" or not leg.course_id or known[leg.course_id].kind != "road":
            continue
        xy = shapely.get_coordinates(leg.geometry)
        for a, b in pairwise(xy):
            middle, step = shapely.Point((a + b) / 2), (b - a) / max(np.hypot(*(b - a)), 1e-9)
            if np.hypot(*(b - a)) < 5.0 or len(free.query(middle, "dwithin", 0.5)):
                continue
            along = []
            for k in tree.query(middle, "dwithin", 0.05):
                shape, sign = drawn.geometry.iloc[k], 1 if drawn["oneway"].iloc[k] == "yes" else -1
                at = shape.project(middle)
                p, q = (shape.interpolate(max(m, 0.0)) for m in (at - 1.0, at + 1.0))
                along.append(sign * ((q.x - p.x) * step[0] + (q.y - p.y) * step[1]) > 0)
            assert not along or any(along)


def _open_roads_only(legs, features, mode, on):
    """No leg along a road runs on a feature that is barred to its mode or shut on its day."""

    def shut_on(span):
        if not span:
            return False
        first, last = span.split("/")
        in_year = [first <= f"{on:%m-%d}", f"{on:%m-%d}" <= last]
        return all(in_year) if first <= last else any(in_year)

    roads = features[features["kind"] == "road"]
    bad = np.array(
        [
            mode in bars.split() or shut_on(span)
            for bars, span in zip(roads["barred"], roads["shut"], strict=True)
        ],
        bool,
    )
    closed, free = (shapely.STRtree(roads.geometry.to_numpy()[rows]) for rows in (bad, ~bad))
    for leg in legs:
        if leg.kind == "stop" or not leg.course_id or leg.side:
            continue
        for a, b in pairwise(shapely.get_coordinates(leg.geometry)):
            middle = shapely.Point((a + b) / 2)
            if np.hypot(*(b - a)) >= 5.0 and not len(free.query(middle, "dwithin", 0.5)):
                assert not len(closed.query(middle, "dwithin", 0.05))


def _sums_hold(routes, unserved, wanted):
    """Every errand is served or left out, to the metre, on every bank it asks for."""
    sums, plain = totals(routes), pd.DataFrame(routes)
    assert sums["length_m"].sum() == pytest.approx(plain["length_m"].sum())
    parts = (sums["service_m"] + sums["deadhead_m"]).tolist()
    assert parts == pytest.approx(sums["length_m"].tolist())
    for row in wanted.itertuples():
        served = plain[(plain["errand_id"] == row.errand_id) & (plain["kind"] == "service")]
        left = unserved[unserved["errand_id"] == row.errand_id]
        assert (left["why"] != "").all()
        metres = served["length_m"].sum() + left["length_m"].sum()
        banks = 2 if row.side == "B" else 1
        assert metres == pytest.approx(banks * (row.to_m - row.from_m), abs=0.01)
        if row.from_m == row.to_m:
            stays = (plain["errand_id"] == row.errand_id) & (plain["kind"] == "stop")
            assert stays.any() or len(left)
