"""What makes a metre sure or unsure: other ways, strays, transits, one-ways."""

import numpy as np
import pytest
import shapely
from walks import EAST, LINE, NORTH, courses, covered, patrol, run, walk

STREET = shapely.LineString([(EAST, NORTH), (EAST + 2000, NORTH)])


def path(*points):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def test_a_twin_that_the_way_cannot_have_come_by_casts_no_doubt():
    before, after = path((-600, 0), (0, 0)), path((500, 0), (1100, 0))
    middle, twin = path((0, 0), (500, 0)), path((0, 6), (500, 6))
    world = courses(road=middle, road_before=before, road_after=after, road_twin=twin)
    passages = run(patrol(walk(path((-600, 3), (1100, 3)), speed=10.0, every=2.0)), world)
    assert covered(passages, "road") == pytest.approx(500, rel=0.03)
    assert covered(passages, "road_twin") == 0


def test_a_twin_that_leaves_and_joins_at_the_same_junctions_is_doubted():
    before, after = path((-600, 0), (0, 0)), path((500, 0), (1100, 0))
    middle, twin = path((0, 0), (500, 0)), path((0, 0), (10, 6), (490, 6), (500, 0))
    world = courses(road=middle, road_before=before, road_after=after, road_twin=twin)
    passages = run(patrol(walk(path((-600, 3), (1100, 3)), speed=10.0, every=2.0)), world)
    assert covered(passages, "road") < 50
    assert covered(passages, "road_before") == pytest.approx(600, rel=0.03)


@pytest.mark.parametrize(("ways", "driven"), [((1, -1), "road"), ((-1, 1), "road_twin")])
def test_carriageways_are_told_apart_by_their_one_ways(ways, driven):
    middle, twin = path((0, 0), (1500, 0)), path((0, 8), (1500, 8))
    track = patrol(walk(path((0, 4), (1500, 4)), speed=12.0, every=2.0, noise=2.0))
    passages = run(
        track, courses(road=middle, road_twin=twin), oneway=np.array(ways, dtype=np.int8)
    )
    assert covered(passages, driven) == pytest.approx(1500, rel=0.03)
    assert covered(passages, {"road", "road_twin"}.difference([driven]).pop()) == 0


def test_a_short_stray_from_a_road_is_counted_with_what_is_walked_before_and_after():
    aside = path((0, 0), (600, 0), (650, 22), (1000, 22), (1050, 0), (2000, 0))
    passages = run(patrol(walk(aside, noise=3.0)), courses(road=STREET))
    assert covered(passages, "road") == pytest.approx(2000, rel=0.02)


def test_a_road_walked_beside_from_end_to_end_stays_unsure():
    passages = run(patrol(walk(path((0, 22), (2000, 22)), noise=3.0)), courses(road=STREET))
    assert covered(passages, "road") == 0
    assert covered(passages, "road", "unsure") == pytest.approx(2000, rel=0.02)


def test_a_stray_beyond_the_tolerance_is_not_counted():
    aside = path((0, 0), (600, 0), (650, 45), (1200, 45), (1250, 0), (2000, 0))
    passages = run(patrol(walk(aside, noise=3.0)), courses(road=STREET))
    assert covered(passages, "road") < 2000 - 500


@pytest.mark.parametrize(("seconds", "metres"), [(4.0, 2000), (60.0, 1800)])
def test_who_drives_stays_on_the_road_where_one_who_walks_may_have_left_it(seconds, metres):
    x = np.arange(0.0, 2001.0, 100.0)
    strays = np.where(x == 1000, 36.0, 0.0)
    track = np.column_stack([EAST + x, NORTH + strays, seconds * np.arange(len(x))])
    assert covered(run(patrol(track), courses(road=STREET)), "road") == pytest.approx(metres, abs=5)


@pytest.mark.parametrize(("twin_m", "sure"), [(25, False), (90, True)])
def test_a_way_between_sparse_fixes_is_sure_unless_another_is_as_short(twin_m, sure):
    before, after = path((-900, 0), (0, 0)), path((600, 0), (1500, 0))
    twin = path((0, 0), (300, -np.sqrt((300 + twin_m / 2) ** 2 - 300**2)), (600, 0))
    world = courses(
        road=path((0, 0), (600, 0)), road_before=before, road_after=after, road_twin=twin
    )
    track = np.array(
        [(EAST + x, NORTH, t) for x, t in ((-800, 0), (-100, 47), (700, 100), (1400, 147))]
    )
    passages = run(patrol(track), world)
    assert covered(passages, "road") == pytest.approx(600 if sure else 0)
    assert covered(passages, "road_twin") == 0


@pytest.mark.parametrize("degrees", [12, 20, 40, 70])
@pytest.mark.parametrize("every", [5.0, 30.0])
def test_a_transit_at_a_flat_angle_earns_nothing_of_a_road(degrees, every):
    rise = 1000 * np.tan(np.radians(degrees))
    over = path((0, -rise), (2000, rise))
    assert covered(run(patrol(walk(over, every=every)), courses(road=STREET)), "road") == 0


@pytest.mark.parametrize("degrees", [12, 20, 40, 70])
def test_a_transit_at_a_flat_angle_earns_nothing_of_a_river(degrees):
    rise = 1500 * np.tan(np.radians(degrees))
    over = path((-500, -rise), (2500, rise))
    assert covered(run(patrol(walk(over)), courses(river=STREET)), "river") == 0


def test_a_walk_along_the_road_after_a_field_path_still_counts():
    bent = path((0, -400), (500, 0), (1300, 0), (1800, 400))
    passages = run(patrol(walk(bent)), courses(road=STREET))
    assert covered(passages, "road") == pytest.approx(800, rel=0.1)


def test_turned_courses_and_tracks_are_as_sure():
    there = patrol(walk(LINE, seed=3))
    turned = courses(river=shapely.reverse(LINE))
    assert covered(run(there, turned), "river") == pytest.approx(
        covered(run(there, courses(river=LINE)), "river"), abs=1
    )
