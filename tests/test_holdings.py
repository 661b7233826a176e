"""Who holds what on a day: states that tile every course, segments, and what the rules say."""

import pandas as pd
import pytest

from geo import gaps
from geo.findings import Rule, collect, declared
from geo.intervals import millimetres
from geo.schema import DUTY_ROWS, empty
from geo.settings import Required, Settings
from tests.duty_world import STRAIGHT, VILLAGES, ground, line, rows, study


def states(of, level="", role=""):
    asked = of.holdings[(of.holdings["level"] == level) & (of.holdings["role"] == role)]
    return [tuple(row) for row in asked[["from_m", "to_m", "state", "side"]].to_numpy()]


def duty(start, end, **more):
    return {"asset": "湍河", "from_text": f"K0+{start:03d}", "to_text": f"{end}"} | more


def found(of, rule):
    rows_of = declared("geo.rules", "RULE", Rule)[rule].find(of)
    return [tuple(row) for row in rows_of[["from_m", "to_m"]].to_numpy()]


def test_a_stretch_without_a_row_is_unassigned():
    one = study(rows(duty(0, 300), duty(600, 1000)))
    assert states(one) == [
        (0, 300, "assigned", ""),
        (300, 600, "unassigned", "B"),
        (600, 1000, "assigned", ""),
    ]
    assert found(one, "unassigned") == [(300, 600)]
    assert gaps.lengths(gaps.answered(one), one.courses) == {
        "river": {
            "total_m": 1000,
            "assigned_m": 700,
            "unassigned_m": 300,
            "conflicting_m": 0,
            "out_of_scope_m": 0,
        }
    }


def test_a_metre_needs_both_banks_and_the_finding_names_the_bare_one():
    one = study(rows(duty(0, 1000, side="左岸"), duty(0, 400, side="右岸", holder="李四")))
    assert states(one) == [(0, 400, "assigned", ""), (400, 1000, "unassigned", "R")]
    (row,) = declared("geo.rules", "RULE", Rule)["unassigned"].find(one).to_dict("records")
    assert row["side"] == "R"
    assert "右岸" in row["why"]
    assert "李村" in row["who_acts"]


def test_two_holders_of_one_post_on_one_bank_conflict():
    one = study(rows(duty(0, 700), duty(500, 1000, holder="李四")))
    assert states(one) == [
        (0, 500, "assigned", ""),
        (500, 700, "conflicting", "B"),
        (700, 1000, "assigned", ""),
    ]
    lengths = gaps.lengths(gaps.answered(one), one.courses)["river"]
    assert (lengths["assigned_m"], lengths["conflicting_m"]) == (1000, 200)
    assert found(one, "overlap") == [(500, 700)]


@pytest.mark.parametrize(
    "other",
    [
        {"level": "town", "holder": "李四"},
        {"role": "警长", "holder": "李四"},
        {"side": "右岸", "holder": "李四"},
        {"holder": "张三", "phone": "1"},
        {"holder": "李四", "joint": True},
    ],
    ids=["level", "role", "bank", "same person", "joint"],
)
def test_what_the_field_allows_is_no_conflict(other):
    mine = {"side": "左岸"} if "side" in other else {"joint": other.get("joint", False)}
    one = study(rows(duty(0, 1000, **mine), duty(0, 1000, **other)))
    assert states(one) == [(0, 1000, "assigned", "")]
    assert found(one, "overlap") == []


def test_an_overlap_at_a_border_is_for_review():
    # The border lies at 400; each holder goes a little beyond it.
    one = study(rows(duty(0, 450), duty(350, 1000, holder="李四")))
    assert found(one, "overlap") == []
    assert found(one, "review_boundary_tail") == [(350, 450)]
    assert gaps.lengths(gaps.answered(one), one.courses)["river"]["conflicting_m"] == 100


def test_a_sliver_between_two_rows_is_a_hole_and_counts_as_unassigned():
    one = study(rows(duty(0, 300), duty(320, 1000)))
    assert found(one, "hole") == [(300, 320)]
    assert found(one, "unassigned") == []
    assert gaps.lengths(gaps.answered(one), one.courses)["river"]["unassigned_m"] == 20


def test_an_expired_post_that_nobody_took_over_is_found():
    gone = {"until_on": pd.Timestamp("2026-03-01")}
    one = study(rows(duty(0, 600, **gone), duty(200, 1000, holder="李四")))
    assert found(one, "expired") == [(0, 200)]
    (row,) = declared("geo.rules", "RULE", Rule)["unassigned"].find(one).to_dict("records")
    assert row["since_on"] == pd.Timestamp("2026-03-01")
    assert "张三" in row["evidence"]
    before = study(
        rows(duty(0, 600, **gone), duty(600, 1000, holder="李四")), as_of=pd.Timestamp("2026-02-28")
    )
    assert states(before) == [(0, 600, "assigned", ""), (600, 1000, "assigned", "")]
    assert found(before, "expired") == []


def test_a_vacant_post_holds_nothing():
    one = study(rows(duty(0, 600), duty(600, 1000, holder="")))
    assert states(one) == [(0, 600, "assigned", ""), (600, 1000, "unassigned", "B")]
    assert found(one, "vacant") == [(600, 1000)]


def test_what_is_not_required_is_out_of_scope():
    matrix = (Required("river", level="town"), Required("river", level="village"))
    here = ground([STRAIGHT, ("D1", "路", "road", line((300, 0), (300, 500)))], VILLAGES)
    given = rows(duty(0, 1000), duty(0, 400, level="town"))
    one = study(given, on=here, settings=Settings(required=matrix))
    assert states(one, "village") == [(0, 1000, "assigned", ""), (0, 500, "out_of_scope", "")]
    assert states(one, "town")[:2] == [(0, 400, "assigned", ""), (400, 1000, "unassigned", "B")]
    assert gaps.lengths(gaps.answered(one), one.courses)["road"]["out_of_scope_m"] == 500
    assert gaps.lengths(gaps.answered(one), one.courses)["river"]["unassigned_m"] == 600
    assert gaps.lengths(gaps.answered(one, "镇级"), one.courses)["river"]["assigned_m"] == 400
    assert (
        gaps.lengths(gaps.answered(one, "county"), one.courses)["river"]["out_of_scope_m"] == 1000
    )


def test_without_a_matrix_a_level_or_role_can_still_be_asked_for():
    one = study(rows(duty(0, 1000), duty(0, 400, level="town", role="督查长", holder="李四")))
    assert gaps.summary(one)["lengths"]["river"]["assigned_m"] == 1000
    assert gaps.summary(one, "town")["lengths"]["river"]["unassigned_m"] == 600
    assert gaps.summary(one, "督查长")["lengths"]["river"]["assigned_m"] == 400
    with pytest.raises(ValueError, match=r"wanted a level or a role .*督查长.*got 'vilage'"):
        gaps.summary(one, "vilage")


def test_one_person_in_a_joint_and_in_a_single_row_is_one_person():
    one = study(
        rows(duty(0, 1000, joint=True), duty(0, 1000), duty(0, 1000, joint=True, phone="1"))
    )
    assert states(one) == [(0, 1000, "assigned", "")]
    three = study(
        rows(
            duty(0, 500, joint=True),
            duty(0, 500, joint=True, holder="李四"),
            duty(0, 1000, holder="王五"),
        )
    )
    assert states(three) == [(0, 500, "conflicting", "B"), (500, 1000, "assigned", "")]
    assert found(three, "overlap") == [(0, 500), (0, 500)]


def test_segments_tile_their_course_and_break_where_something_changes():
    one = study(
        rows(duty(0, 700), duty(700, 1000, holder="李四")), settings=Settings(segment_m=200)
    )
    cuts = one.segments["from_m"].to_list()
    assert cuts == [0, 200, 400, 550, 700, 850]
    assert one.segments["area"].to_list() == ["张村", "张村", "李村", "李村", "李村", "李村"]
    assert one.segments["segment_id"].iloc[1] == "R1@200.000"
    assert one.segments["to_m"].to_list() == [*cuts[1:], 1000]
    assert list(one.segments.geometry.length) == pytest.approx(one.segments["length_m"].to_list())


def test_no_duty_at_all_is_one_finding_a_course():
    one = study(empty(DUTY_ROWS))
    assert found(one, "unassigned") == [(0, 1000)]
    assert millimetres(one.segments["length_m"]).sum() == 1_000_000


def test_faulty_rows_become_findings_that_point_back():
    one = study(
        rows(
            {"asset": "白河"},
            {"asset": "湍河", "from_text": "K0+5"},
            {"asset": "湍河", "holder": ""},
        )
    )
    told = collect(one)
    rules = told.set_index("rule")["row"].to_dict()
    assert rules["unmatched_duty"] == 2
    assert rules["duty_row_fault"] == 3
    assert rules["vacant"] == 4


RULES = declared("geo.rules", "RULE", Rule)
# Nobody patrols this world.
OF_PATROLS = {"never_seen", "overdue"}


@pytest.mark.parametrize("name", sorted(RULES.keys() - OF_PATROLS))
def test_every_rule_keeps_silent_where_all_is_well(name):
    assert len(RULES[name].find(study(rows({"asset": "湍河", "level": "town"})))) == 0


def test_what_nobody_saw_and_nobody_holds_is_for_the_office_of_its_place():
    found = RULES["never_seen"].find(study(empty(DUTY_ROWS)))
    assert found["who_acts"].tolist() == ["张村、李村（河长办）"]
