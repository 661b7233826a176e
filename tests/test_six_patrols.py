"""The six patrols of one river that every matcher must get right, within 3 %."""

import pytest
import shapely
from walks import EAST, LENGTH, LINE, NORTH, WALKED, between, courses, covered, patrol, run, walk


def test_out_and_back_counts_once_for_coverage_and_twice_for_effort():
    out = between(0, 1500)
    there, back = walk(out), walk(shapely.reverse(out), start=1200.0, seed=1)
    passages = run(patrol(there, back), courses(river=LINE))
    assert covered(passages, "river") == pytest.approx(1500, rel=0.03)
    assert passages["effort_m"].sum() == pytest.approx(3000, rel=0.06)


@pytest.mark.parametrize("x", [600.0, 1900.0, 2500.0, 4100.0])
@pytest.mark.parametrize("every", [1.0, 5.0, 30.0])
def test_crossing_a_bridge_earns_nothing(x, every):
    bridge = shapely.LineString([(EAST + x, NORTH - 900), (EAST + x + 150, NORTH + 900)])
    assert covered(run(patrol(walk(bridge, every=every)), courses(river=LINE)), "river") == 0


def test_an_outage_earns_nothing():
    first = walk(between(0, 1000))
    second = walk(between(4000, 4600), start=first[-1, 2] + 2300, seed=1)
    passages = run(patrol(first, second), courses(river=LINE))
    assert covered(passages, "river") == pytest.approx(1600, rel=0.03)
    assert len(passages) == 2


def test_the_whole_river_is_the_whole_river():
    assert covered(run(patrol(walk(WALKED)), courses(river=LINE)), "river") == pytest.approx(
        LENGTH, rel=0.03
    )


def test_a_course_beside_the_river_is_sure_and_the_river_unsure():
    road = shapely.offset_curve(LINE, 22.0)
    passages = run(patrol(walk(road)), courses(river=LINE, road=road))
    assert covered(passages, "road") == pytest.approx(road.length, rel=0.03)
    assert covered(passages, "river") == 0
    assert covered(passages, "river", "unsure") == pytest.approx(LENGTH, rel=0.03)


def test_sixty_metres_off_an_unknown_width_is_never_sure():
    passages = run(patrol(walk(shapely.offset_curve(LINE, 60.0))), courses(river=LINE))
    assert covered(passages, "river") == 0
    assert covered(passages, "river", "unsure") > 0
