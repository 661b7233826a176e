"""What holds of the matcher whatever the patrols and the courses are."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from walks import LINE, WALKED, courses, covered, patrol, run, walk

from geo.lines import measure
from geo.match import match
from geo.schema import Courses, Fixes, Patrols
from geo.settings import Settings
from geo.trace import anchors

few = settings(max_examples=15)
CROSS = shapely.LineString([(500_000 + 2400, 3_298_500), (500_000 + 2500, 3_301_500)])
WORLD = courses(river=LINE, road=CROSS)
starts = st.floats(0, 3500)
lengths = st.floats(200, 1500)
everys = st.sampled_from([1.0, 5.0, 20.0, 60.0])


def one(name, start, length, every, seed):
    path = shapely.ops.substring(WALKED, start, start + length)
    return patrol(walk(path, every=every, seed=seed), name=name)


def both(a, b):
    return (
        Fixes(pd.concat([a[0], b[0]], ignore_index=True)),
        Patrols(pd.concat([a[1], b[1]], ignore_index=True)),
    )


walks = st.builds(one, st.just("p"), starts, lengths, everys, st.integers(0, 50))
others = st.builds(one, st.just("q"), starts, lengths, everys, st.integers(0, 50))


def told(passages):
    """Passages as rows that can be compared."""
    return sorted(
        passages.drop(columns="passage_id").astype(str).itertuples(index=False, name=None)
    )


@few
@given(walks, others)
def test_adding_a_pass_never_lowers_coverage(a, b):
    alone, together = run(a, WORLD), run(both(a, b), WORLD)
    assert covered(together, "river") >= covered(alone, "river")


@few
@given(walks, others)
def test_the_order_of_patrols_does_not_matter(a, b):
    assert told(run(both(a, b), WORLD)) == told(run(both(b, a), WORLD))


@few
@given(walks)
def test_a_track_backwards_covers_the_same(a):
    fixes, patrols = a
    back = Fixes(fixes.assign(at=fixes["at"].to_numpy()[::-1]))
    there = run(a, WORLD)
    again = match(back, patrols, WORLD, measure(WORLD), Settings()).passages
    assert covered(again, "river") == pytest.approx(covered(there, "river"), abs=5)


@few
@given(walks)
def test_a_track_backwards_has_the_same_anchors(a):
    x, y = (a[0][name].to_numpy(dtype=float).copy() for name in ("x_m", "y_m"))
    t = np.arange(len(x)) * 5.0
    unknown, still = np.full(len(x), np.nan), np.zeros(len(x), dtype=np.int32)
    there = anchors(0, len(x), x, y, t, unknown, still)
    again = anchors(0, len(x), x[::-1].copy(), y[::-1].copy(), t, unknown, still)[::-1]
    assert len(x) - again["end"] == pytest.approx(there["begin"])
    assert again["x"] == pytest.approx(there["x"])
    assert again["y"] == pytest.approx(there["y"])


@few
@given(walks)
def test_a_course_backwards_changes_sides_only(a):
    turned = courses(river=shapely.reverse(LINE), road=CROSS)
    there, again = run(a, WORLD), run(a, turned)
    assert covered(again, "river") == pytest.approx(covered(there, "river"), abs=1)
    swapped = {"L": "R", "R": "L", "B": "B"}
    river = there[there["course_id"] == "river"]["side"].map(swapped)
    assert sorted(river) == sorted(again[again["course_id"] == "river"]["side"])


@few
@given(walks, st.floats(0.3, 0.7))
def test_splitting_a_track_loses_at_most_one_gap(a, share):
    fixes, patrols = a
    at = int(len(fixes) * share)
    names = np.where(np.arange(len(fixes)) < at, "p", "q")
    halves = Fixes(fixes.assign(patrol_id=names.astype(object)))
    people = Patrols(pd.concat([patrols, patrols.assign(patrol_id="q")], ignore_index=True))
    lost = covered(run(a, WORLD), "river") - covered(run((halves, people), WORLD), "river")
    steps = np.hypot(fixes["x_m"].diff(), fixes["y_m"].diff())
    assert lost <= steps.max() + 2 * 50 + 20


@few
@given(walks, st.integers(1, 3))
def test_passages_lie_on_their_course(a, workers):
    passages = run(a, WORLD, workers=workers)
    length = measure(WORLD).length_m[measure(WORLD).numbers(passages["course_id"])]
    assert (passages["from_m"] >= 0).all()
    assert (passages["from_m"] < passages["to_m"]).all()
    assert (passages["to_m"].to_numpy() <= length + 1e-9).all()


def test_a_ring_is_walked_over_its_start():
    angles = np.linspace(0, 2 * np.pi, 200)
    ring = np.column_stack([500_000 + 500 * np.cos(angles), 3_300_000 + 500 * np.sin(angles)])
    ring[-1] = ring[0]
    shore = courses(reservoir=shapely.LineString(ring))
    shore = Courses(shore.assign(closed=True))
    path = shapely.LineString(np.concatenate([ring[-21:], ring[1:21]]))
    passages = run(patrol(walk(path)), shore)
    assert covered(passages, "reservoir") == pytest.approx(path.length, rel=0.03)
    assert passages["effort_m"].sum() == pytest.approx(path.length, rel=0.06)


def test_the_errand_decides_for_the_river_beside_a_road():
    road = shapely.offset_curve(LINE, 22.0)
    world = courses(river=LINE, road=road)
    passages = run(patrol(walk(road)), world, sent={"p": [0]})
    assert covered(passages, "river") == pytest.approx(LINE.length, rel=0.03)


def test_a_side_street_passed_is_not_covered():
    main = shapely.LineString([(500_000, 3_300_000), (502_000, 3_300_000)])
    side = shapely.LineString([(501_000, 3_300_000), (501_000, 3_300_400)])
    world = courses(road=main, road_side=side)
    passages = run(patrol(walk(main, speed=5.0, every=1.0)), world)
    assert covered(passages, "road") == pytest.approx(2000, rel=0.01)
    assert covered(passages, "road_side") == 0


def test_a_turn_at_a_junction_loses_no_metre():
    main = shapely.LineString([(500_000, 3_300_000), (501_000, 3_300_000), (502_000, 3_300_000)])
    side = shapely.LineString([(501_000, 3_300_000), (501_000, 3_300_800)])
    path = shapely.LineString([(500_000, 3_300_000), (501_000, 3_300_000), (501_000, 3_300_800)])
    passages = run(patrol(walk(path, speed=5.0, every=10.0)), courses(road=main, road_side=side))
    assert covered(passages, "road") == pytest.approx(1000, abs=10)
    assert covered(passages, "road_side") == pytest.approx(800, abs=50)
    assert passages.loc[passages["course_id"] == "road", "to_m"].max() == pytest.approx(1000, abs=1)


def test_a_link_between_two_fixes_has_their_times():
    ends = [500_000, 501_000, 501_100, 502_000]
    spots = [shapely.LineString([(a, 3_300_000), (b, 3_300_000)]) for a, b in pairwise(ends)]
    world = courses(road=spots[0], road_link=spots[1], road_far=spots[2])
    path = shapely.LineString([(500_000, 3_300_000), (502_000, 3_300_000)])
    passages = run(patrol(walk(path, speed=15.0, every=20.0, noise=1.0)), world)
    link = passages[passages["course_id"] == "road_link"]
    assert covered(passages, "road_link") == pytest.approx(100)
    assert link["entered_at"].iloc[0] < link["left_at"].iloc[0]
    seconds = (link["entered_at"].iloc[0] - pd.Timestamp("2026-05-01T01:00Z")).total_seconds()
    assert seconds == pytest.approx(1000 / 15, abs=3)
