"""Duties: six ways of saying where, and a fault for all that is not certain."""

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.duties import in_force, locate_duties
from geo.settings import Settings
from tests.duty_world import CRS, STRAIGHT, VILLAGES, X, Y, ground, line, rows

DEFAULTS = Settings()


def located(*given, on=None, settings=DEFAULTS):
    return locate_duties(rows(*given), on or ground([STRAIGHT], VILLAGES), settings)


def held(found):
    return [tuple(row) for row in found.duties[["course_id", "from_m", "to_m", "side"]].to_numpy()]


@pytest.mark.parametrize(
    ("row", "stretch"),
    [
        ({"asset": "湍河"}, ("R1", 0, 1000, "B")),
        ({"code": "r1", "asset": "某河"}, ("R1", 0, 1000, "B")),
        ({"asset": "湍河", "area": "张村"}, ("R1", 0, 400, "B")),
        ({"asset": "湍河", "area": "李村委会", "side": "左岸"}, ("R1", 400, 1000, "L")),
        (
            {"asset": "湍河", "from_text": "K0+100", "to_text": "Ｋ０＋２５０"},
            ("R1", 100, 250, "B"),
        ),
        (
            {"asset": "湍河", "from_text": "0.1km", "to_text": "终点", "side": "右"},
            ("R1", 100, 1000, "R"),
        ),
        ({"asset": "湍河", "from_text": "大桥", "to_text": "水闸"}, ("R1", 200, 700, "B")),
        ({"asset": "湍河", "from_text": "水闸", "to_text": "大桥"}, ("R1", 200, 700, "B")),
        ({"asset": "湍河", "from_text": "张村", "to_text": "水闸"}, ("R1", 0, 700, "B")),
        ({"asset": "湍河李村段"}, ("R1", 400, 1000, "B")),
        ({"kind": "river", "area": "张村"}, ("R1", 0, 400, "B")),
    ],
)
def test_a_row_is_located_as_an_office_says_it(row, stretch):
    parts = [
        ("P1", "大桥", shapely.Point(X + 5, Y + 200)),
        ("P2", "水闸", shapely.Point(X - 5, Y + 700)),
    ]
    found = located(row, on=ground([STRAIGHT], VILLAGES, parts))
    assert list(found.faults["message"]) == []
    assert held(found) == [stretch]


def test_two_coordinates_are_put_on_the_line():
    ends = gpd.GeoSeries([shapely.Point(X, Y + 300), shapely.Point(X, Y + 600)], crs=CRS).to_crs(
        4326
    )
    texts = [f"{p.x:.8f},{p.y:.8f}" for p in ends]
    (stretch,) = held(located({"asset": "湍河", "from_text": texts[0], "to_text": texts[1]}))
    assert stretch[1:3] == pytest.approx((300, 600), abs=0.005)


@pytest.mark.parametrize(
    ("row", "fault", "used", "word"),
    [
        ({"asset": "白河"}, "unmatched", False, "白河"),
        ({}, "no_asset", False, "没有写对象"),
        ({"asset": "湍河", "code": "X9"}, "ambiguous", False, "X9"),
        ({"asset": "湍河", "area": "王村"}, "unknown_area", False, "王村"),
        ({"asset": "湍河城区段"}, "unknown_section", False, "城区"),
        ({"asset": "湍河", "from_text": "K0+500", "to_text": "K0+200"}, "reversed", False, "对调"),
        ({"asset": "湍河", "from_text": "K0+500"}, "one_end", False, "终点"),
        (
            {"asset": "湍河", "from_text": "-500", "to_text": "K0+600"},
            "unreadable_chainage",
            False,
            "为负",
        ),
        (
            {"asset": "湍河", "from_text": "-K0+500", "to_text": "K0+600"},
            "unreadable_chainage",
            False,
            "应从 K0+000 起",
        ),
        (
            {"asset": "湍河", "from_text": "K1+500", "to_text": "K1+600"},
            "beyond_end",
            False,
            "K1+000",
        ),
        (
            {"asset": "湍河", "from_text": "K0+500", "to_text": "K1+600"},
            "beyond_end",
            True,
            "K1+600",
        ),
        (
            {"asset": "湍河", "from_text": "老王家", "to_text": "K0+600"},
            "unknown_place",
            False,
            "老王家",
        ),
        ({"asset": "湍河", "side": "东岸"}, "unknown_side", False, "东岸"),
        ({"asset": "湍河", "level": "三级"}, "unknown_level", True, "三级"),
        ({"asset": "湍河", "holder": " "}, "no_holder", True, "空岗"),
        (
            {"asset": "湍河", "from_on": "2026-05-01", "until_on": "2026-04-01"},
            "reversed_dates",
            False,
            "2026-05-01",
        ),
    ],
)
def test_a_row_that_is_not_certain_is_a_fault_with_its_row_and_a_word(row, fault, used, word):
    dates = {k: pd.Timestamp(v) for k, v in row.items() if k.endswith("_on")}
    found = located(row | dates)
    assert list(found.faults["fault"]) == [fault]
    one = found.faults.iloc[0]
    assert (one["file"], one["row"], bool(one["used"])) == ("责任.xlsx", 2, used)
    assert word in one["message"]
    assert len(found.duties) == used
    assert list(found.rejects["severity"]) == ["warning" if used else "error"]


def test_the_same_row_twice_counts_once():
    found = located({"asset": "湍河"}, {"asset": "湍河"})
    assert held(found) == [("R1", 0, 1000, "B")]
    assert list(found.faults["fault"]) == ["same_row"]
    assert "第 2 行" in found.faults["message"].iloc[0]


def test_two_rivers_of_one_name_are_told_apart_by_area_and_never_guessed():
    other = ("R2", "湍河", line((100, 500), (100, 900)))
    on = ground([STRAIGHT, other], VILLAGES)
    guess = located({"asset": "湍河"}, on=on)
    assert list(guess.faults["candidates"]) == ["R1 | R2"]
    assert guess.duties.empty
    assert held(located({"asset": "湍河", "area": "张村"}, on=on)) == [("R1", 0, 400, "B")]


def test_a_duty_is_in_force_from_its_first_day_until_the_day_before_its_end():
    days = pd.DataFrame(
        {"from_on": [pd.Timestamp("2026-05-01")], "until_on": [pd.Timestamp("2026-06-01")]}
    )
    told = [
        bool(in_force(days, pd.Timestamp(day))[0])
        for day in ("2026-04-30", "2026-05-01", "2026-05-31", "2026-06-01")
    ]
    assert told == [False, True, True, False]


def test_a_role_may_carry_its_level():
    found = located({"asset": "湍河", "role": "镇级河长", "level": ""})
    assert found.duties.loc[0, ["role", "level"]].to_list() == ["河长", "town"]


def test_chainages_are_read_off_the_posts_where_a_line_has_them():
    # The posts begin at K10 and count backwards along the drawn line.
    posts = {"R1": (np.array([0.0, 1000.0]), np.array([11_000.0, 10_000.0]))}
    row = {"asset": "湍河", "from_text": "K10+200", "to_text": "K10+300"}
    assert held(located(row, on=ground([STRAIGHT], posts=posts))) == [("R1", 700, 800, "B")]
    past = {"asset": "湍河", "from_text": "K10+800", "to_text": "K11+500"}
    found = located(past, on=ground([STRAIGHT], posts=posts))
    assert held(found) == [("R1", 0, 200, "B")]
    assert (
        "K11+000" in found.faults["message"].iloc[0] or "K11+500" in found.faults["message"].iloc[0]
    )


RING = ("S1", "龙口水库", "reservoir", line((0, 0), (100, 0), (100, 100), (0, 100), (0, 0)))


def test_a_stretch_of_a_shore_may_run_across_its_seam():
    found = located(
        {"asset": "龙口水库", "from_text": "K0+350", "to_text": "K0+050"}, on=ground([RING])
    )
    assert held(found) == [("S1", 0, 50, "B"), ("S1", 350, 400, "B")]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"asset": "龙口水库", "side": "左岸"}, "no_banks"),
        ({"asset": "龙口水库", "from_text": "大坝", "to_text": "水闸"}, "ambiguous"),
    ],
)
def test_a_shore_has_no_banks_and_two_ways_round(row, fault):
    parts = [
        ("P1", "大坝", shapely.Point(X + 50, Y - 5)),
        ("P2", "水闸", shapely.Point(X + 50, Y + 105)),
    ]
    found = located(row, on=ground([RING], parts=parts))
    assert list(found.faults["fault"]) == [fault]
    assert found.duties.empty


def test_namesakes_are_told_apart_in_words_and_by_the_id_that_settles_it():
    rivers = [
        ("R1", "湍河", line((0, 0), (0, 1000))),
        ("R2", "湍河", line((900, 0), (900, 2000))),
    ]
    there = ground(rivers, [("V1", "village", shapely.box(X + 800, Y - 1, X + 950, Y + 900))])
    message = located({"asset": "湍河"}, on=there).faults["message"].iloc[0]
    assert "R1（1.0 公里，起于" in message
    assert "R2（2.0 公里，在V1，起于" in message
    assert held(located({"asset": "湍河", "code": "R2"}, on=there)) == [("R2", 0, 2000, "B")]


def test_short_numbers_without_a_unit_are_doubted():
    found = located({"asset": "湍河", "from_text": "0", "to_text": "5"})
    assert found.faults[["fault", "used"]].to_numpy().tolist() == [["doubtful_chainage", True]]
    assert "5 米" in found.faults["message"].iloc[0]


@pytest.mark.parametrize("name", ["湍河(溪)", "湍河（张村段）"])
def test_what_stands_in_brackets_is_another_ending_or_a_section(name):
    found = located({"asset": name})
    assert found.faults.empty
    assert found.duties["located_by"].tolist() == ["area" if "张" in name else "asset"]


def test_a_place_between_the_arms_of_a_hairpin_is_not_guessed():
    bend = ("R1", "湍河", line((0, 0), (0, 500), (30, 500), (30, 0)))
    parts = [
        ("P1", "大桥", shapely.Point(X + 15, Y + 200)),
        ("P2", "水闸", shapely.Point(X - 5, Y + 100)),
    ]
    row = {"asset": "湍河", "from_text": "水闸", "to_text": "大桥"}
    found = located(row, on=ground([bend], parts=parts))
    assert list(found.faults["fault"]) == ["ambiguous"]
    assert "K0+200" in found.faults["message"].iloc[0]
    assert "K0+830" in found.faults["message"].iloc[0]


def test_chainages_outside_the_area_are_said_not_dropped():
    row = {"asset": "湍河", "area": "张村", "from_text": "K0+500", "to_text": "K0+600"}
    assert list(located(row).faults["fault"]) == ["no_metres"]


@pytest.mark.parametrize("text", ["白河", "与白河交汇处", "白河汇合口"])
def test_where_another_asset_meets_the_line_is_a_place(text):
    other = ("R2", "白河", line((-300, 300), (300, 300)))
    row = {"asset": "湍河", "from_text": text, "to_text": "李村"}
    found = located(row, on=ground([STRAIGHT, other], VILLAGES))
    assert held(found) == [("R1", 300, 1000, "B")]


def test_an_asset_that_does_not_meet_the_line_is_told_as_such():
    other = ("R2", "白河", line((3000, 300), (4000, 300)))
    row = {"asset": "湍河", "from_text": "白河", "to_text": "终点"}
    (message,) = located(row, on=ground([STRAIGHT, other])).faults["message"]
    assert message.startswith("“湍河”与“白河”在图上不相接")


def test_an_asset_that_meets_the_line_twice_is_no_place():
    other = ("R2", "白河", line((-300, 300), (300, 300), (300, 800), (-300, 800)))
    row = {"asset": "湍河", "from_text": "白河", "to_text": "终点"}
    assert list(located(row, on=ground([STRAIGHT, other])).faults["fault"]) == ["ambiguous"]


@pytest.mark.parametrize(
    ("prefix", "stretches"),
    [
        ("K", [("G1", 100, 300, "B"), ("G1#2", 0, 200, "B")]),
        ("ZK", [("G1#2", 0, 200, "B")]),
        ("YK", [("G1", 100, 300, "B")]),
    ],
)
def test_a_chainage_means_both_carriageways_unless_it_names_one(prefix, stretches):
    # The second one begins beside K0+100, 20 m to the left.
    road = [
        ("G1", "G1", "road", line((0, 0), (0, 1000))),
        ("G1#2", "G1", "road", line((-20, 100), (-20, 900))),
    ]
    row = {"asset": "G1", "from_text": f"{prefix}0+100", "to_text": f"{prefix}0+300"}
    assert held(located(row, on=ground(road))) == stretches


def test_a_branch_of_a_road_is_no_carriageway():
    road = [
        ("G1", "G1", "road", line((0, 0), (0, 1000))),
        ("G1#2", "G1", "road", line((0, 500), (500, 500))),
    ]
    row = {"asset": "G1", "from_text": "K0+100", "to_text": "K0+300"}
    assert held(located(row, on=ground(road))) == [("G1", 100, 300, "B")]


def town(name, x, y):
    return name, name, shapely.Point(X + x, Y + y)


def test_towns_some_way_off_count_at_their_nearest_metre_and_that_is_said():
    on = ground([STRAIGHT], VILLAGES, [town("罗庄镇", 1900, 200), town("腰店镇", -300, 700)])
    found = located({"asset": "湍河", "from_text": "罗庄镇", "to_text": "腰店镇"}, on=on)
    assert held(found) == [("R1", 200, 700, "B")]
    assert found.faults[["fault", "used"]].to_numpy().tolist() == [["far_place", True]]
    assert "“罗庄镇”是离“湍河”1900 米的一个点,按最近处 K0+200 计" in found.faults["message"][0]


def test_a_town_beyond_reach_or_before_two_arms_is_not_guessed():
    bend = ("R1", "湍河", line((0, 0), (0, 4000), (50, 4000), (50, 0)))
    on = ground(
        [bend], (), [town("罗庄镇", 2000, 3000), town("远镇", 0, -5100), town("王庄", 0, 100)]
    )
    fault = located({"asset": "湍河", "from_text": "远镇", "to_text": "王庄"}, on=on).faults
    assert fault["fault"].tolist() == ["far_off"]
    west = ground([bend], (), [town("罗庄镇", -2000, 3000), town("王庄", 0, 100)])
    seen = located({"asset": "湍河", "from_text": "罗庄镇", "to_text": "王庄"}, on=west)
    assert seen.faults["fault"].tolist() == ["ambiguous"]


def test_a_dam_far_from_the_line_is_no_town():
    on = ground([STRAIGHT], (), [town("大坝", 1900, 200), town("腰店镇", 0, 700)])
    on = dataclasses.replace(on, parts=on.parts.assign(part=["dam", "place"]))
    found = located({"asset": "湍河", "from_text": "大坝", "to_text": "腰店镇"}, on=on)
    assert found.faults["fault"].tolist() == ["far_off"]
