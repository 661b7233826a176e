"""What always holds of duties, whatever an office draws and writes."""

from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import within
from geo.duties import locate_duties
from geo.intervals import difference, millimetres, stretches, union
from geo.overlaps import overlaps
from geo.required import holdings
from geo.segments import tile
from geo.settings import Required, Settings
from geo.vacancies import vacancies
from tests.duty_world import VILLAGES, box, ground, line, rows, study

DAY = pd.Timestamp("2026-06-01")
# Loops, hair-pins, steps of a hair and repeated points: coordinates on a coarse grid meet often.
POINTS = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 10)).map(lambda p: (p[0] * 37.3, p[1] * 97.1)),
    min_size=2,
    max_size=9,
).filter(lambda points: shapely.LineString(points).length > 1)
TEXT = st.sampled_from(
    ["", "K0+000", "K0+100", "k0+250.5", "0.4km", "K0+600", "K9", "-5", "张村", "终点", "大桥"]
)
ROW = st.fixed_dictionaries(
    {
        "asset": st.sampled_from(["湍河", "湍", "白河", "白河城区段", ""]),
        "area": st.sampled_from(["", "", "张村", "李村", "王村"]),
        "from_text": TEXT,
        "to_text": TEXT,
        "side": st.sampled_from(["", "左岸", "R", "东"]),
        "level": st.sampled_from(["", "town", "村级", "三级"]),
        "role": st.sampled_from(["河长", "警长"]),
        "holder": st.sampled_from(["张三", "李四", ""]),
        "joint": st.booleans(),
        "from_on": st.sampled_from(
            [pd.NaT, pd.Timestamp("2026-01-01"), pd.Timestamp("2026-07-01")]
        ),
        "until_on": st.sampled_from(
            [pd.NaT, pd.Timestamp("2026-05-01"), pd.Timestamp("2026-08-01")]
        ),
    }
)
MATRIX = st.sampled_from(
    [(), (Required("river", level="town"), Required("river", level="village", role="警长"))]
)


def world(one, two):
    return ground([("R1", "湍河", line(*one)), ("R2", "白河", line(*two))], VILLAGES)


@settings(max_examples=20)
@given(POINTS, POINTS, st.lists(ROW, max_size=6), MATRIX)
def test_every_metre_has_one_state_and_every_row_an_answer(one, two, table, matrix):
    here, decided = world(one, two), Settings(required=matrix, segment_m=90)
    given_rows = rows(*table)
    found = locate_duties(given_rows, here, decided)
    answered = set(found.duties["duty_id"]) | set(
        found.faults.loc[~found.faults["used"], "duty_id"]
    )
    assert answered == set(given_rows["duty_id"])
    assert not set(found.duties["duty_id"]) & set(
        found.faults.loc[~found.faults["used"], "duty_id"]
    )
    assert (found.duties["from_m"] < found.duties["to_m"]).all()
    held = holdings(here.courses, here.lines, found.duties, decided, DAY)
    tiles(here, held, ["level", "role"])
    cutting = tile(
        here.courses, here.lines, found.duties,
        areas=here.areas, within=here.within, settings=decided, as_of=DAY,
    )  # fmt: skip
    tiles(here, cutting.assign(level="", role=""), ["level", "role"])
    assert cutting["segment_id"].is_unique
    assert (cutting["length_m"] <= 90).all()
    mixed = holdings(
        here.courses, here.lines, found.duties.sample(frac=1, random_state=1), decided, DAY
    )
    pd.testing.assert_frame_equal(held, mixed)


def tiles(here, frame, keys):
    """Each question's stretches follow one another and fill each course to the millimetre."""
    length = dict(zip(here.courses["course_id"], millimetres(here.lines.length_m), strict=True))
    for key, part in frame.groupby([*keys, "course_id"]):
        start, end = millimetres(part["from_m"]), millimetres(part["to_m"])
        assert start[0] == 0
        assert end[-1] == length[key[-1]]
        assert (start[1:] == end[:-1]).all()
    asked = frame[keys].drop_duplicates()
    assert len(frame.groupby([*keys, "course_id"])) == len(asked) * len(length)


@settings(max_examples=12)
@given(POINTS, POINTS, st.lists(ROW, max_size=6), MATRIX)
def test_findings_of_bare_stretches_sum_to_what_is_unassigned(one, two, table, matrix):
    of = study(rows(*table), on=world(one, two), settings=Settings(required=matrix, ignore_m=0))
    found = vacancies(of)
    for (level, role), part in of.holdings[of.holdings["state"] == "unassigned"].groupby(
        ["level", "role"]
    ):
        mine = found[(found["level"] == level) & (found["role"] == role)]
        if len(mine):
            assert _mm(mine) == _mm(part)


@settings(max_examples=12)
@given(st.lists(ROW, min_size=2, max_size=6))
def test_a_metre_in_conflict_lies_in_an_overlap_that_is_told(table):
    named = [
        row | {"asset": "湍河", "level": "村级", "from_text": "", "to_text": ""} for row in table
    ]
    of = study(
        rows(*named), on=world([(0, 0), (0, 9)], [(2, 0), (2, 9)]), settings=Settings(ignore_m=0)
    )
    told = overlaps(of)
    told = told[told["class"].isin(["conflict", "tail"])]
    course = of.lines.numbers(told["course_id"])
    there = union(stretches(course, told["from_m"], told["to_m"]))
    disputed = of.holdings[of.holdings["state"] == "conflicting"]
    mine = stretches(of.lines.numbers(disputed["course_id"]), disputed["from_m"], disputed["to_m"])
    assert len(difference(mine, there)) == 0


def _mm(frame):
    return int((millimetres(frame["to_m"]) - millimetres(frame["from_m"])).sum())


@settings(max_examples=25)
@given(POINTS, st.integers(-90, 90), st.integers(100, 900))
def test_areas_that_tile_the_plane_share_every_metre_out_once(points, east, north):
    quarters = [
        ("西南", "village", box(-5000, -5000, east, north)), ("东南", "village", box(east, -5000, 5000, north)),
        ("西北", "village", box(-5000, north, east, 5000)), ("东北", "village", box(east, north, 5000, 5000)),
    ]  # fmt: skip
    here = ground([("R1", "湍河", line(*points))], quarters)
    total = millimetres(here.within["to_m"] - here.within["from_m"]).sum()
    # A metre on a border belongs to both sides.
    on_border = [
        ((x == east) and (u == east)) or ((y == north) and (v == north))
        for (x, y), (u, v) in pairwise(points)
    ]
    if not any(on_border):
        assert total == millimetres(here.lines.length_m)[0]


@settings(max_examples=20)
@given(POINTS, st.integers(100, 900))
def test_reversing_a_course_mirrors_where_it_lies_in_an_area(points, north):
    village = [("张村", "village", box(-5000, -5000, 5000, north))]
    there = ground([("R1", "湍河", line(*points))], village)
    back = ground([("R1", "湍河", line(*points[::-1]))], village)
    length = there.lines.length_m[0]
    mirrored = length - back.within[["to_m", "from_m"]].to_numpy()[::-1]
    np.testing.assert_allclose(there.within[["from_m", "to_m"]].to_numpy(), mirrored, atol=0.003)


def test_a_loop_through_an_area_is_in_it_as_often_as_it_passes():
    loop = line((0, 0), (0, 100), (50, 100), (50, 0), (-50, 0))
    village = [("张村", "village", box(-100, -10, 100, 50))]
    here = ground([("R1", "湍河", loop)], village)
    assert within(here.lines, here.areas)[["from_m", "to_m"]].to_numpy().tolist() == [
        [0, 50],
        [200, 350],
    ]


def test_no_input_is_changed():
    here, table = (
        world([(0, 0), (0, 900)], [(0, 0), (50, 900)]),
        rows({"asset": "湍河"}, {"asset": "白河"}),
    )
    before = table.copy(), here.courses.copy(), here.within.copy()
    study(table, on=here)
    for was, now in zip(before, (table, here.courses, here.within), strict=True):
        pd.testing.assert_frame_equal(was, now)
