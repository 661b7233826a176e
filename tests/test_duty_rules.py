"""What the rules say of duties: one small world a rule, and the field's own figures."""

from itertools import pairwise

import pandas as pd
import pytest
import shapely

from geo.findings import Rule, collect, declared
from geo.gaps import answered, lengths
from geo.names import known, plain
from geo.settings import Required, Settings
from tests.duty_world import STRAIGHT, VILLAGES, X, Y, box, ground, line, rows
from tests.duty_world import study as study_of

RULES = declared("geo.rules", "RULE", Rule)


def told(rule, study):
    return RULES[rule].find(study).to_dict("records")


def test_an_asset_that_no_row_names_is_on_no_list():
    here = ground([STRAIGHT, ("R2", "白河", line((50, 0), (50, 300)))])
    (one,) = told("unlisted_asset", study_of(rows({"asset": "湍河"}), on=here))
    assert one["asset_id"] == "R2"
    assert "白河" in one["why"]


def test_a_row_that_could_not_be_used_names_its_asset_all_the_same():
    faulty = {"asset": "湍河", "from_text": "K0+900", "to_text": "K0+100"}
    assert told("unlisted_asset", study_of(rows(faulty), on=ground([STRAIGHT]))) == []


def test_what_nobody_requires_may_be_on_no_list():
    here = ground([STRAIGHT, ("R2", "白河", "pond", line((50, 0), (50, 300)))])
    settings = Settings(required=(Required("river"),))
    assert (
        told("unlisted_asset", study_of(rows({"asset": "湍河"}), on=here, settings=settings)) == []
    )


def test_a_pond_of_the_tables_that_no_layer_draws_is_named_once():
    given = rows(
        {"asset": "湍河"},
        {"asset": "李家塘"},
        {"asset": "李家塘", "role": "塘长"},
        {"asset": "丹江"},
    )
    study = study_of(given)
    (one,) = told("missing_water", study)
    assert "第 3 行" in one["evidence"]
    assert "第 4 行" in one["evidence"]
    assert [row["row"] for row in told("unmatched_duty", study)] == [3, 4, 5]


def test_a_village_holder_over_a_village_border_is_told_and_a_town_holder_is_not():
    (one,) = told(
        "crosses_boundary", study_of(rows({"asset": "湍河"}, {"asset": "湍河", "level": "town"}))
    )
    assert (one["level"], one["row"]) == ("village", 2)
    assert one["evidence"] == "张村 400 米；李村 600 米"


def test_a_few_metres_over_a_border_are_a_drawing_fault():
    row = {"asset": "湍河", "from_text": "K0+000", "to_text": "K0+440"}
    assert told("crosses_boundary", study_of(rows(row))) == []


def test_a_river_over_a_county_border_is_told_once():
    counties = (
        ("甲县", "county", box(-500, -10, 500, 300)),
        ("乙县", "county", box(-500, 300, 500, 1010)),
    )
    (one,) = told("crosses_boundary", study_of(rows(), on=ground([STRAIGHT], counties)))
    assert (one["course_id"], one["level"]) == ("R1", "county")
    assert "甲县" in one["why"]


@pytest.mark.parametrize(
    ("sign", "bare"),
    [
        ((5, 100, ""), ["李村"]),
        ((5, 100, "白河"), ["张村", "李村"]),
        ((400, 100, ""), ["张村", "李村"]),
    ],
    ids=["one beside", "of another river", "too far"],
)
def test_each_village_on_a_river_wants_a_sign(sign, bare):
    x, y, asset = sign
    parts = [("P1", "公示牌", shapely.Point(X + x, Y + y), asset)]
    here = ground([STRAIGHT, ("R2", "白河", line((9000, 0), (9000, 5)))], VILLAGES, parts)
    found = told("sign_missing", study_of(rows(), on=here))
    assert [one["who_acts"].split("（")[0] for one in found] == bare


def test_an_office_that_keeps_no_signs_here_is_not_asked_for_any():
    assert told("sign_missing", study_of(rows())) == []


def test_a_holder_of_far_more_than_others_is_told():
    rivers = [
        (f"R{i}", f"河{i}", line((100 * i, 0), (100 * i, 5000 if i == 5 else 1000)))
        for i in range(1, 6)
    ]
    given = rows(*({"code": f"R{i}", "holder": f"张{i}"} for i in range(1, 6)))
    (one,) = told("uneven_load", study_of(given, on=ground(rivers)))
    assert "张5 负责 5.0 公里，是同岗 5 人中位数 1.0 公里的 5.0 倍" in one["why"]


def test_what_must_be_done_is_said_in_the_language_of_the_project():
    (one,) = told(
        "unassigned", study_of(rows(), settings=Settings(language="en"), on=ground([STRAIGHT]))
    )
    assert one["why"] == "湍河 K0+000-K1+000 (1,000 m) has no holder"
    assert one["who_acts"] == "river-chief office"


def test_a_finding_keeps_its_id_when_another_is_mended():
    two = rows({"asset": "湍河", "from_text": "K0+200", "to_text": "K0+400"})
    one = rows({"asset": "湍河", "from_text": "K0+000", "to_text": "K0+400"})
    before, after = (set(collect(study_of(given))["finding_id"]) for given in (two, one))
    assert before - after == {"unassigned:R1@0.000B"}
    assert after < before


# Figures of the field: domain.md 1.6.


def test_six_teams_over_eight_towns_hold_every_metre_once():
    towns = ["渡普镇", "鱼岳镇", "陆溪镇", "高铁岭镇", "簰洲湾镇", "潘家湾镇", "新街镇", "官桥镇"]
    teams = [1, 2, 3, 3, 4, 4, 5, 6]
    areas = [(town, "town", box(-10, 100 * i, 10, 100 * i + 100)) for i, town in enumerate(towns)]
    here = ground([("R1", "长江", line((0, 0), (0, 800)))], areas)
    given = rows(
        *(
            {"asset": "长江", "area": town.removesuffix("镇"), "holder": f"督导{team}组", "holder_kind": "group",
             "level": "county", "role": "督导组"}
            for town, team in zip(towns, teams, strict=True)
        )
    )  # fmt: skip
    study = study_of(given, on=here)
    assert study.duties["holder"].nunique() == 6
    assert len(study.duties) == 8
    assert lengths(answered(study), study.courses)["river"] == {
        "total_m": 800, "assigned_m": 800, "unassigned_m": 0, "conflicting_m": 0, "out_of_scope_m": 0,
    }  # fmt: skip


def test_each_of_48_groups_answers_for_one_river():
    rivers = [(f"R{i:02}", f"第{i}河", line((100 * i, 0), (100 * i, 50 + i))) for i in range(48)]
    given = rows(
        *({"asset": f"第{i}河", "holder": f"第{i}代表小组", "role": "代表小组"} for i in range(48))
    )
    study = study_of(given, on=ground(rivers))
    assert study.duties.groupby("holder")["course_id"].nunique().to_list() == [1] * 48
    assert lengths(answered(study), study.courses)["river"]["unassigned_m"] == 0


def test_120_cleaners_on_96_streets_are_one_and_a_quarter_a_street():
    streets = [
        (f"S{i:02}", f"第{i}巷", "road", line((100 * i, 0), (100 * i, 100))) for i in range(96)
    ]
    given = rows(
        *(
            {"asset": f"第{i % 96}巷", "holder": f"保洁员{i}", "role": "保洁员", "joint": True}
            for i in range(120)
        )
    )
    study = study_of(given, on=ground(streets))
    assert study.duties["holder"].nunique() / study.duties["course_id"].nunique() == 1.25
    assert told("overlap", study) == []


def test_six_teams_answer_for_eight_towns_each_town_once_and_two_teams_for_two():
    teams = ["渡普镇", "鱼岳镇", "陆溪镇 高铁岭镇", "簰洲湾镇 潘家湾镇", "新街镇", "官桥镇"]
    towns = [(town, team) for team, names in enumerate(teams, 1) for town in names.split()]
    boxes = [
        (town, "town", box(-50, 500 * n, 50, 500 * (n + 1))) for n, (town, _) in enumerate(towns)
    ]
    given = rows(
        *(
            {"asset": "湍河", "area": town, "level": "town", "holder": f"第{team}督导组", "holder_kind": "group"}
            for town, team in towns
        )
    )  # fmt: skip
    river = ("R1", "湍河", line((0, 0), (0, 4000)))
    study = study_of(given, on=ground([river], boxes))
    told_m = lengths(answered(study), study.courses)["river"]
    assert (told_m["assigned_m"], told_m["conflicting_m"], told_m["unassigned_m"]) == (4000, 0, 0)
    metres = (study.duties["to_m"] - study.duties["from_m"]).groupby(study.duties["holder"]).sum()
    assert metres.to_dict() == {f"第{n}督导组": 1000 if n in (3, 4) else 500 for n in range(1, 7)}


def test_quotas_of_600_320_625_255_400_800_fill_3000_metres():
    ends = pd.Series([0, 600, 320, 625, 255, 400, 800]).cumsum().to_list()
    given = rows(
        *(
            {"asset": "湍河", "from_text": f"K{a // 1000}+{a % 1000:03}", "to_text": f"K{b // 1000}+{b % 1000:03}", "holder": f"村{b}"}
            for a, b in pairwise(ends)
        )
    )  # fmt: skip
    study = study_of(given, on=ground([("R1", "湍河", line((0, 0), (0, 3000)))]))
    assert lengths(answered(study), study.courses)["river"]["assigned_m"] == 3000
    assert len(study.holdings) == 6
    held = study.duties.sort_values("from_m")
    assert (held["to_m"] - held["from_m"]).to_list() == [600, 320, 625, 255, 400, 800]


@pytest.mark.parametrize(
    ("written", "kind", "ids"),
    [
        ("湍河", "", ("R1",)),
        ("湍 河（城区）", "", ("R1",)),
        ("湍", "", ("R1",)),
        ("龍崗河", "", ("R2",)),
        ("龙岗江", "", ("R2",)),
        ("龙岗路", "", ("D1",)),
        ("龙岗", "", ("R2", "D1")),
        ("龙岗", "road", ("D1",)),
        ("新开河", "", ("N1", "N2")),
        ("湍江", "", ()),
        ("Ｇ２０７", "", ("G207",)),
        ("簰洲河", "", ("P1",)),
    ],
)
def test_a_name_means_what_it_can_mean(written, kind, ids):
    rivers = {"R1": "湍河", "R2": "龙岗河", "N1": "新开河", "N2": "新開河", "P1": "簰洲河"}
    roads = {"D1": "龙岗路", "G207": ""}
    names = rivers | roads
    kinds = ["river"] * len(rivers) + ["road"] * len(roads)
    assert (
        known(names, names.values(), [""] * len(names), kinds).match(written, "", kind).ids == ids
    )


def test_the_name_of_a_town_outside_gb2312_survives():
    assert "簰" in plain("簰洲湾镇") or "𬭤" not in plain("簰洲湾镇")
    assert plain("簰洲灣鎮") == plain("簰洲湾镇")
