"""Measured lines: places, cuts and all plausible places, on adversarial courses."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.lines import cut, measure, offset, place
from geo.locate import gridded, locate, located, nearest
from geo.schema import COURSES, Courses, conform_geo

CRS = "EPSG:4547"
EAST, NORTH = 500_000.0, 3_000_000.0


def lines_of(*courses, closed=False):
    frame = pd.DataFrame(
        {
            "course_id": [f"c{i}" for i in range(len(courses))], "asset_id": "a", "kind": "river",
            "name": "", "grade": "", "width_m": np.nan, "length_m": 0.0, "closed": closed, "why": "",
        }
    )  # fmt: skip
    geometry = [shapely.LineString(np.add(c, (EAST, NORTH), dtype=float)) for c in courses]
    return measure(
        Courses(conform_geo(gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS), COURSES))
    )


def at(*points):
    return np.array([EAST + x for x, _ in points]), np.array([NORTH + y for _, y in points])


# Steps that double back, close loops, are a thousandth of a millimetre or a thousand kilometres.
steps = st.sampled_from(
    [(30, 0), (-30, 0), (0, 30), (0, -30), (10, 17), (-3, 1), (1e-6, 0), (0, 1e-6), (0, 0)]
)
courses = st.tuples(
    st.lists(steps, min_size=1, max_size=12), st.sampled_from([(5, 0), (7, 3), (1e6, 40), (0, 1e6)])
).map(lambda found: np.cumsum([(0, 0), *found[0], found[1]], axis=0))


@given(courses, st.lists(st.floats(0, 1), max_size=6))
def test_cuts_meet_end_to_end_and_pass_every_vertex(course, shares):
    lines = lines_of(course)
    length = lines.length_m[0]
    bounds = np.unique([0, length, *np.round(np.array(shares) * length, 3)])
    parts = cut(lines, 0, bounds[:-1], bounds[1:])
    ends = [np.array(part.coords) for part in parts]
    assert ends[0][0].tolist() == [EAST, NORTH]
    assert ends[-1][-1].tolist() == [lines.x[-1], lines.y[-1]]
    for before, after in itertools.pairwise(ends):
        assert before[-1].tolist() == after[0].tolist()
    assert sum(part.length for part in parts) == pytest.approx(
        shapely.LineString(np.c_[lines.x, lines.y]).length, abs=0.001 * len(bounds)
    )


@given(courses, st.floats(0, 1))
def test_a_place_is_found_again_where_it_was(course, share):
    lines = lines_of(course)
    chainage = round(share * lines.length_m[0], 3)
    x, y, _ = place(lines, 0, chainage)
    found = locate(lines, x, y, 1.0, apart_m=0.0)
    assert np.abs(found.chainage_m - chainage).min() <= 0.002
    assert found.offset_m.min() <= 1e-6


@given(courses, st.floats(-50, 80), st.floats(-50, 80))
def test_places_are_as_far_as_they_say_and_none_is_nearer(course, x, y):
    lines = lines_of(course)
    px, py = at((x, y))
    found = locate(lines, px, py, 60.0)
    line, point = shapely.LineString(np.c_[lines.x, lines.y]), shapely.Point(px[0], py[0])
    if line.distance(point) > 60:
        assert len(found) == 0
        return
    assert found.offset_m.min() == pytest.approx(line.distance(point), abs=1e-9)
    there = place(lines, found.number, found.chainage_m)
    # Chainages are whole millimetres: the place may lie half of one beside the foot.
    assert found.offset_m == pytest.approx(np.hypot(there[0] - px, there[1] - py), abs=0.002)


@settings(max_examples=40)
@given(courses, st.floats(-50, 80), st.floats(-50, 80))
def test_reversing_a_course_mirrors_chainage_and_sides(course, x, y):
    there, back = lines_of(course), lines_of(course[::-1])
    px, py = at((x, y))
    a = locate(there, px, py, 60.0, apart_m=0.0)
    b = locate(back, px, py, 60.0, apart_m=0.0)
    mirrored = np.sort(back.length_m[0] - b.chainage_m)
    both = np.abs(a.chainage_m[:, None] - mirrored[None, :])
    assert (len(a) > 0) == (len(b) > 0)
    if len(a):
        assert max(both.min(axis=0).max(), both.min(axis=1).max()) <= 0.004
    if len(a) == len(b) == 1:
        assert a.side[0] == -b.side[0]


def test_a_hair_pin_gives_both_arms_with_their_sides():
    lines = lines_of([(0, 0), (200, 0), (200, 20), (0, 20)])
    found = locate(lines, *at((50, 8)), within_m=30.0)
    assert found.chainage_m.tolist() == [50, 370]
    assert found.offset_m.tolist() == [8, 12]
    assert found.side.tolist() == [1, 1]
    assert nearest(found, 1).tolist() == [0]


def test_a_vertex_the_line_comes_back_to_gives_both_chainages():
    lines = lines_of([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0), (0, -50)])
    assert locate(lines, *at((0, 0)), within_m=5.0).chainage_m.tolist() == [0, 400]


def test_the_seam_of_a_ring_is_one_place():
    lines = lines_of([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)], closed=True)
    assert locate(lines, *at((-3, -4)), within_m=9.0).chainage_m.tolist() == [0]
    assert locate(lines, *at((5, 0.5)), within_m=9.0, apart_m=0).chainage_m.tolist() == [5, 399.5]


def test_the_outside_of_a_bend_is_one_place_at_the_vertex():
    lines = lines_of([(0, 0), (100, 0), (100, 100)])
    found = locate(lines, *at((103, -4), (96, 4), (float("nan"), 0)), within_m=20.0, apart_m=0)
    assert found.point.tolist() == [0, 1, 1]
    assert found.chainage_m.tolist() == [100, 96, 104]
    assert found.side.tolist() == [-1, 1, 1]


def test_points_before_the_start_and_behind_the_end_belong_to_them():
    found = locate(lines_of([(0, 0), (0, 0), (9, 0), (9, 0)]), *at((-3, 0), (12, 4)), within_m=6.0)
    assert found.chainage_m.tolist() == [0, 9]
    assert found.offset_m.tolist() == [3, 5]


def test_ripples_of_one_branch_are_one_place():
    ripple = [(x, x % 2 * 0.1) for x in range(9)]
    assert len(locate(lines_of(ripple), *at((4, 5)), within_m=20.0)) == 1


def test_a_grid_serves_many_calls():
    lines = lines_of([(0, 0), (100, 0)], [(0, 30), (100, 30)])
    grid = gridded(lines, 40.0)
    assert located(grid, *at((50, 10))).number.tolist() == [0, 1]
    assert len(located(grid, [], [])) == 0
    with pytest.raises(ValueError, match="wanted a within_m above 0"):
        gridded(lines, 0.0)


def test_place_tells_the_bearing_and_offset_the_side():
    lines = lines_of([(0, 0), (100, 0), (100, 100)])
    assert place(lines, [0, 0, 0], [50, 100, 150])[2].tolist() == [90, 0, 0]
    left, right = offset(lines, [0, 0], [50, 50], [10, -10])
    assert (left - EAST).tolist() == pytest.approx([50, 50])
    assert (right - NORTH).tolist() == pytest.approx([10, -10])


def test_a_stretch_of_no_length_is_an_empty_line():
    lines = lines_of([(0, 0), (100, 0)])
    assert cut(lines, 0, [5, 0, 100], [5, 0, 100]).tolist() == [shapely.LineString()] * 3
    assert len(cut(lines, [], [], [])) == 0


@pytest.mark.parametrize(
    ("number", "start", "end", "said"),
    [
        (1, 0, 5, "wanted a course number below 1, got 1 in row 0"),
        (-1, 0, 5, "got -1 in row 0"),
        (0, 0, 101, r"wanted a chainage from 0 to 100.0 m on c0, got 101.0 in row 0"),
        (0, -1, 5, "got -1.0"),
        (0, float("nan"), 5, "got nan"),
        (0, 9, 5, "wanted from <= to, got 9.0 to 5.0 m in row 0"),
    ],
)
def test_places_off_the_courses_are_refused(number, start, end, said):
    with pytest.raises(ValueError, match=said):
        cut(lines_of([(0, 0), (100, 0)]), number, start, end)


@settings(max_examples=25)
@given(courses, st.floats(0, 1))
def test_a_place_on_a_ring_is_found_again_seam_or_not(course, share):
    ring = np.concatenate([course, [(11, 29), course[0]]])
    lines = lines_of(ring, closed=True)
    length = lines.length_m[0]
    chainage = round(share * length, 3)
    x, y, _ = place(lines, 0, chainage)
    found = locate(lines, x, y, 1.0, apart_m=0.0)
    around = np.abs(found.chainage_m - chainage)
    assert np.minimum(around, length - around).min() <= 0.002


def test_places_are_all_the_valleys_of_the_distance():
    rng = np.random.default_rng(3)
    for closed in (False, True):
        for _ in range(60):
            xy = rng.uniform(0, 60, (7, 2))
            lines = lines_of(np.concatenate([xy, xy[:1]]) if closed else xy, closed=closed)
            px, py = at(rng.uniform(0, 60, 2))
            s = np.linspace(0, lines.length_m[0], 20_000)[: -1 if closed else None]
            x, y, _ = place(lines, np.zeros(len(s), dtype=int), s)
            d = np.hypot(x - px, y - py)
            edge = (d[-1], d[0]) if closed else (np.inf, np.inf)
            before, behind = np.append(edge[0], d[:-1]), np.append(d[1:], edge[1])
            valleys = s[(d < before) & (d <= behind) & (d <= 39)]
            found = locate(lines, px, py, 40.0, apart_m=0.0)
            apart = np.abs(found.chainage_m[:, None] - valleys[None, :])
            apart = np.minimum(apart, lines.length_m[0] - apart) if closed else apart
            assert (apart.min(axis=0) < 0.1).all()
            deep = found.offset_m < 38.9
            assert not deep.any() or (apart[deep].min(axis=1) < 0.1).all()
