"""Proposed holders: every gap tiled, with reasons, and written as rows an office can paste."""

import itertools
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.deputies import group_rivers
from geo.districting import Terms
from geo.duties import locate_duties
from geo.intervals import stretches
from geo.lines import cut
from geo.one_river import one_river_each
from geo.required import holdings
from geo.settings import Required, Settings
from geo.suggest import Wishes, suggest
from geo.tracts import cut_up, meetings
from layers.forms import Form, forms
from layers.sources import Source
from maps.handover import handover
from maps.pasting import as_form, write_pasted
from maps.proposals import before_after, pasted, write_overlay, write_proposals
from tests.duty_world import STRAIGHT, VILLAGES, box, ground, line, rows

DAY = pd.Timestamp("2026-06-01")
HOSTILE = ("=1+1", "+SUM(A1)", "-2", "@cmd", '=HYPERLINK("http://x")', "http://x.example/a", "\t=1")


def office(duty_rows, *, on=None, asked=None):
    """What `suggest` reads of a study: duties and holdings of one day."""
    asked = asked or Settings()
    here = on or ground([STRAIGHT], VILLAGES)
    located = locate_duties(duty_rows, here, asked)
    return SimpleNamespace(
        inputs=SimpleNamespace(duty_rows=duty_rows),
        settings=asked,
        as_of=DAY,
        assets=here.assets,
        courses=here.courses,
        areas=here.areas,
        parts=here.parts,
        lines=here.lines,
        area_stretches=here.within,
        duties=located.duties,
        holdings=holdings(here.courses, here.lines, located.duties, asked, DAY),
    )


def duty(start, end, holder="张三", **more):
    return {
        "asset": "湍河",
        "from_text": f"K0+{start:03d}",
        "to_text": f"K{end // 1000}+{end % 1000:03d}",
        "holder": holder,
    } | more


def told(suggestion):
    found = suggestion.proposals
    return list(zip(found["from_m"], found["to_m"], found["holder"], strict=True))


def test_each_half_of_a_gap_goes_to_its_neighbour_cut_at_the_village_border():
    found = suggest(office(rows(duty(0, 300), duty(800, 1000, "李四"))))
    assert told(found) == [(300, 400, "张三"), (400, 800, "李四")]
    assert found.proposals["continues"].tolist() == [True, True]
    assert found.proposals["load_m"].tolist() == [400, 600]
    assert found.proposals["area"].tolist() == ["张村", "李村"]
    assert found.proposals["why"].iloc[0] == (
        "与其现管河段(路段)相接；位于其片区张村；现管 0.3 公里，补后 0.4 公里（人均 0.5 公里）"
    )
    assert found.proposals["others"].iloc[0] == "李四（0.45 公里）"


def test_no_gap_no_proposal():
    found = suggest(office(rows(duty(0, 1000))))
    assert len(found.proposals) == len(found.loads) == len(found.says) == 0


def test_a_vacant_bank_is_proposed_as_that_bank_to_who_has_the_other():
    found = suggest(office(rows(duty(0, 1000, side="左岸"))))
    assert set(found.proposals["side"]) == {"R"}
    assert set(found.proposals["holder"]) == {"张三"}
    assert found.proposals["why"].str.startswith("其现管对岸").all()


def test_only_the_metres_inside_the_holder_s_village_are_said_to_lie_in_it():
    # The villages end 10 m before the river does; 李四 is of 李村 and takes the last 700 m.
    villages = [VILLAGES[0], ("李村", "village", box(-500, 400, 500, 990))]
    given = rows(duty(0, 300, level="village"), duty(500, 600, "李四", level="village"))
    found = suggest(office(given, on=ground([STRAIGHT], villages))).proposals
    last = found[found["to_m"] == 1000].iloc[0]
    assert last["holder"] == "李四"
    assert "其中 0.39 公里位于其片区李村" in last["why"]
    assert last["distance_m"] == pytest.approx(200)
    assert last["others"] == "张三（0.5 公里）"


def test_a_nearer_holder_with_more_to_do_is_named_and_the_chosen_one_not_called_near():
    rivers = [
        STRAIGHT,
        ("R2", "刁河", line((60, 0), (60, 400))),
        ("R3", "赵河", line((360, 0), (360, 400))),
    ]
    given = rows({"asset": "湍河"}, {"asset": "赵河", "holder": "李四"})
    why = suggest(office(given, on=ground(rivers))).proposals["why"].iloc[0]
    assert why == (
        "距其现管处 0.3 公里；现管 0.4 公里，补后 0.8 公里（人均 0.9 公里）；"
        "更近的张三（0.06 公里）补后已有 1 公里"
    )


def test_a_village_without_a_holder_is_asked_to_name_one():
    asked = Settings(required=(Required("river", level="village"),))
    found = suggest(office(rows(duty(0, 400)), asked=asked))
    assert told(found) == [(400, 1000, "李村")]
    assert found.proposals["holder_kind"].tolist() == ["unit"]
    assert "尚无责任人" in found.proposals["why"].iloc[0]


def test_a_post_nobody_holds_anywhere_is_left_open_in_words():
    asked = Settings(required=(Required("river", level="county"),))
    found = suggest(office(rows(duty(0, 1000)), asked=asked))
    assert told(found) == [(0, 1000, "")]
    assert "没有任何责任人" in found.proposals["why"].iloc[0]


def test_a_cap_too_low_is_said_in_kilometres_and_the_rest_is_planned():
    found = suggest(office(rows(duty(0, 300), duty(800, 1000, "李四"))), Wishes(cap_m=350.0))
    assert any("至少多出 0.3 公里" in word for word in found.says)
    # Tracts are 100 m: the room of 张三, 50 m, fits none, that of 李四, 150 m, fits one.
    planned = found.proposals[found.proposals["holder"] != ""]
    assert planned["length_m"].sum() == pytest.approx(100)
    assert found.says[-1] == "河湖责任人：仍有 0.4 公里无人可接（分段或相接的要求所致）"
    assert (found.loads["load_m"] <= 350).all()


def test_a_holder_above_the_cap_already_is_named_and_gets_nothing():
    found = suggest(office(rows(duty(0, 800), duty(900, 1000, "李四"))), Wishes(cap_m=500.0))
    assert told(found) == [(800, 900, "李四")]
    assert any("张三现管 0.8 公里，已超过上限 0.5 公里" in word for word in found.says)


def test_a_road_chief_is_never_proposed_for_a_river():
    world = ground([STRAIGHT, ("L1", "县道", "road", line((10, 0), (10, 1000)))], VILLAGES)
    found = suggest(office(rows({"asset": "县道", "holder": "路长", "role": "路长"}), on=world))
    assert "路长" not in set(found.proposals["holder"])


def test_the_keeper_of_a_shore_is_passed_over_for_a_river_chief_farther_off():
    shore = line((10, 0), (110, 0), (110, 100), (10, 100), (10, 0))
    world = ground(
        [
            STRAIGHT,
            ("S1", "龙口水库", "reservoir", shore),
            ("R2", "白河", line((3000, 0), (3000, 900))),
        ]
    )
    given = rows({"asset": "龙口水库"}, {"asset": "白河", "holder": "李四"})
    found = suggest(office(given, on=world)).proposals
    assert found["holder"].unique().tolist() == ["李四"]
    assert "更近的张三（0.4 公里）补后 0.4 公里：全部空缺" in found["why"].iloc[0]


def test_english_is_spoken_when_asked_for():
    found = suggest(office(rows(duty(0, 600)), asked=Settings(language="en")))
    assert found.proposals["why"].iloc[0].startswith("continues what the holder has")


def test_inputs_are_left_alone():
    world = office(rows(duty(0, 300)))
    before = [frame.copy() for frame in (world.duties, world.holdings, world.areas)]
    suggest(world)
    for old, now in zip(before, (world.duties, world.holdings, world.areas), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(old), pd.DataFrame(now))


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 998), st.integers(1, 999)), max_size=4), st.booleans())
def test_proposals_tile_the_gaps_to_the_millimetre(spans, capped):
    held = [duty(a, min(a + b, 999), f"甲{n}") for n, (a, b) in enumerate(spans)]
    world = office(rows(*held, duty(999, 1000, "末")))
    found = suggest(world, Wishes(cap_m=400.0 if capped else np.inf)).proposals
    gaps = world.holdings[
        (world.holdings["state"] == "unassigned") & (world.holdings["level"] == "")
    ]
    wanted = round(1000 * (gaps["to_m"] - gaps["from_m"]).sum())
    assert (found["length_m"] * 1000).round().sum() == wanted
    assert found["proposal_id"].is_unique
    ordered = found.sort_values("from_m")
    assert (ordered["to_m"].to_numpy()[:-1] <= ordered["from_m"].to_numpy()[1:]).all()


@settings(max_examples=40)
@given(
    st.integers(0, 5_000), st.integers(1, 9_000), st.lists(st.integers(0, 15_000), max_size=6),
    st.integers(100, 3_000),
)  # fmt: skip
def test_tracts_tile_their_gap_and_none_is_a_sliver(start, length, borders, every_m):
    marks = np.array(borders, dtype=float)
    areas = stretches(np.zeros(len(marks), dtype=int), marks, marks + 500)
    tracts, of = cut_up(stretches([0], [start], [start + length]), areas, every_m=every_m)
    assert tracts.from_mm[0] == start * 1000
    assert tracts.to_mm[-1] == (start + length) * 1000
    assert (tracts.from_mm[1:] == tracts.to_mm[:-1]).all()
    assert len(tracts) == 1 or tracts.length_m.min() >= 100
    assert set(of) == {0}


def test_courses_meet_where_they_cross_or_end_nearby_and_rings_at_their_seam():
    ring = line((3000, 0), (3100, 0), (3100, 100), (3000, 100), (3000, 0))
    world = ground(
        [
            ("A", "甲河", line((0, 0), (1000, 0))),
            ("B", "乙河", line((500, 30), (500, 500))),
            ("C", "丙河", line((0, 60), (400, 60))),
            ("P", "丁塘", "pond", ring),
        ]
    )
    number = world.lines.numbers(["A", "A", "B", "C", "P", "P", "P"])
    laid = stretches(number, [0, 500, 0, 0, 0, 100, 300], [500, 1000, 400, 400, 100, 300, 400])
    shapes = cut(world.lines, number, laid.from_m, laid.to_m)
    met = meetings(laid, shapes, world.lines, reach_m=50.0).tolist()
    # The two halves of A, B's mouth 30 m off both, the ring with its seam; C runs 60 m beside A.
    assert met == [[0, 1], [0, 2], [1, 2], [4, 5], [4, 6], [5, 6]]


def test_as_many_groups_as_rivers_are_one_to_one():
    far = np.abs(np.arange(48)[:, None] - np.arange(48)[None, :]) * 1000.0
    plan = one_river_each(far)
    assert plan.river.tolist() == list(range(48))
    assert len(plan.without) == 0


def test_49_rivers_and_48_groups_leave_one_river_and_say_so():
    draw = np.random.default_rng(3)
    plan = one_river_each(draw.uniform(0, 9_000, (48, 49)))
    assert len(set(plan.river)) == 48
    assert len(plan.without) == 1
    assert "至少有 1 条河没有小组" in plan.says


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_groups_are_dealt_out_as_well_as_trying_everything(groups, rivers, data):
    far = np.array(
        data.draw(
            st.lists(
                st.lists(st.integers(0, 99), min_size=rivers, max_size=rivers),
                min_size=groups,
                max_size=groups,
            )
        ),
        dtype=float,
    )
    plan = one_river_each(far)
    every = list(itertools.product(range(rivers), repeat=groups))
    most = max(len(set(one)) for one in every)
    best = min(sum(far[g, r] for g, r in enumerate(one)) for one in every if len(set(one)) == most)
    assert len(set(plan.river)) == most == rivers - len(plan.without)
    assert plan.total_m == best


def test_six_teams_over_eight_towns_leave_two_and_eight_over_six_share_two():
    few, many = one_river_each(np.ones((6, 8))), one_river_each(np.ones((8, 6)))
    assert (len(few.without), len(set(few.river))) == (2, 6)
    assert (len(many.without), len(set(many.river))) == (0, 6)
    assert "2 个小组与别的小组同管一条河" in many.says


def test_groups_get_the_river_nearest_to_their_base_and_a_lost_base_is_named():
    world = ground(
        [("R1", "湍河", line((0, 0), (0, 1000))), ("R2", "刁河", line((5000, 0), (5000, 1000)))],
        [
            ("一组驻地", "village", box(4900, 0, 5100, 100)),
            ("二组驻地", "village", box(-50, 0, 50, 100)),
        ],
    )
    group = {"level": "group", "holder_kind": "group", "asset": "湍河"}
    found = group_rivers(
        office(
            rows(
                group | {"holder": "第一小组", "unit": "一组驻地"},
                group | {"holder": "第二小组", "unit": "二组驻地"},
                group | {"holder": "第三小组"},
            ),
            on=world,
        )
    )
    assert dict(zip(found.proposals["name"], found.proposals["holder"], strict=True)) == {
        "湍河": "第二小组",
        "刁河": "第一小组",
    }
    assert "第三小组" in found.says[0]


def cells(path):
    book = openpyxl.load_workbook(path)
    return [
        cell
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula_or_a_link(name, tmp_path):
    world = office(rows(duty(0, 300, name, unit=name, role=name)))
    found = suggest(world)
    write_proposals(world, found, tmp_path / "suggest.xlsx")
    written = cells(tmp_path / "suggest.xlsx")
    assert any(str(cell.value).strip() == name.strip() for cell in written)
    assert {cell.data_type for cell in written} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in written)


def test_the_same_study_writes_the_same_bytes(tmp_path):
    world = office(rows(duty(0, 300), duty(800, 1000, "李四")))
    for name in ("one", "two"):
        write_proposals(world, suggest(world), tmp_path / f"{name}.xlsx")
        write_overlay(world, suggest(world), tmp_path / f"{name}.geojson")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert (tmp_path / "one.geojson").read_bytes() == (tmp_path / "two.geojson").read_bytes()


def test_pasted_rows_close_the_gaps_they_fill():
    held = [duty(0, 300, level="village"), duty(800, 1000, "李四", level="village")]
    world = office(rows(*held))
    sheet = pasted(world, suggest(world))
    more = [
        {
            "asset": row["name"], "code": row["code"], "from_text": row["from"],
            "to_text": row["to"], "side": row["side"], "holder": row["holder"],
            "role": row["role"], "level": "village",
        }
        for row in sheet.to_dict("records")
    ]  # fmt: skip
    assert len(suggest(office(rows(*held, *more))).proposals) == 0


def test_rows_come_in_the_columns_of_the_office_s_own_table(tmp_path):
    path = tmp_path / "河长名单.csv"
    path.write_text(
        "序号,河流名称,起点桩号,终点桩号,级别,河长,备注\n1,湍河,K0+000,K0+300,村级,张三,\n",
        encoding="gb18030",
    )
    found = forms([Source(path, "河长名单.csv", "duties")])
    world = office(rows(duty(0, 300, level="village"), duty(800, 1000, "李四", level="village")))
    said = write_pasted(world, suggest(world), found, tmp_path / "suggest")
    written = pd.read_excel(
        tmp_path / "suggest" / "河长名单-补充.xlsx", dtype=str, engine="openpyxl"
    )
    assert list(written) == ["序号", "河流名称", "起点桩号", "终点桩号", "级别", "河长", "备注"]
    assert written["河长"].tolist() == ["张三", "李四"]
    assert written["起点桩号"].tolist() == ["K0+300", "K0+400"]
    assert said[0].startswith("2 行可直接粘到 河长名单.csv 末尾")


def test_a_table_with_a_column_a_level_takes_no_row_about_one_level(tmp_path):
    path = tmp_path / "责任表.csv"
    path.write_text("河流名称,起点,终点,镇级河长,村级河长\n湍河,K0,K1,甲,张三\n", encoding="utf-8")
    assert forms([Source(path, "责任表.csv", "duties")]) == []


def test_a_row_that_fits_no_table_is_said_and_written_nowhere(tmp_path):
    no_place = Form(
        "名单.csv", ("河流", "河长"), {"asset": "河流", "holder": "河长"}, "河长", "", ""
    )
    world = office(rows(duty(0, 300)))
    said = write_pasted(world, suggest(world), [no_place], tmp_path / "suggest")
    assert said[0].startswith("1 行没有合适的责任表")
    assert not list(tmp_path.rglob("*.xlsx"))


def test_a_row_that_nothing_names_in_the_table_is_not_pasted_there(tmp_path):
    fields = {"asset": "河流", "from_text": "起点", "to_text": "终点", "level": "级别"}
    form = Form("a.csv", tuple(fields.values()), fields, "", "", "")
    world = office(rows(duty(0, 300, asset="R1")), on=ground([("R1", "", STRAIGHT[2])]))
    assert write_pasted(world, suggest(world), [form], tmp_path)[0].startswith("1 行没有合适")


def test_a_cell_the_proposal_knows_nothing_of_stays_empty():
    form = Form("a.csv", ("河流", "电话"), {"asset": "河流", "phone": "电话"}, "", "", "river")
    world = office(rows(duty(0, 300)))
    assert set(as_form(form, pasted(world, suggest(world)))["电话"]) == {""}


def test_the_page_of_a_suggestion_holds_every_stretch_once_with_its_reasons():
    world = office(rows(duty(0, 300), duty(800, 1000, "李四")))
    told_page = handover(world, suggest(world))
    (post,) = told_page["posts"]
    assert [(one["name"], one["added_mm"]) for one in post["holders"]] == [
        ("李四", 400_000),
        ("张三", 100_000),
    ]
    assert sum(one["mm"] for one in post["stretches"]) == 500_000
    assert [one["who"] for one in post["stretches"]] == ["张三", "李四"]
    assert post["stretches"][0]["why"][0] == "与其现管河段(路段)相接"


def test_before_and_after_tell_what_changes():
    world = office(rows(duty(0, 300), duty(800, 1000, "李四")))
    found = before_after(world, suggest(world))
    assert found["changed"].tolist() == [False, False, True, True]
    assert found["before"].tolist() == ["张三", "李四", "", ""]
    assert found["after"].tolist() == ["张三", "李四", "张三", "李四"]
    assert found.geometry.length.round().tolist() == [300, 200, 100, 400]


@pytest.mark.parametrize("wrong", [{"cap_m": 0.0}, {"every_m": -1.0}, {"strange_m": -1.0}])
def test_wishes_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"wanted .* got"):
        Wishes(**wrong)


def test_terms_out_of_range_are_refused():
    with pytest.raises(ValueError, match="wanted 0 <= share < 1"):
        Terms(share=1.0)


def test_a_role_asked_for_within_a_level_is_a_post_of_its_own():
    asked = Settings(
        required=(
            Required("river", level="village", role="河长"),
            Required("river", level="village", role="警长"),
        )
    )
    chief = {"level": "village", "role": "河长"}
    guard = {"level": "village", "role": "警长"}
    world = office(rows(duty(0, 300, **chief), duty(0, 1000, "王五", **guard)), asked=asked)
    found = suggest(world).proposals
    assert set(zip(found["level"], found["role"], strict=True)) == {("village", "河长")}
    assert (found["from_m"].min(), found["to_m"].max()) == (300, 1000)
    assert "王五" not in set(found["holder"])


def test_a_level_asked_for_with_and_without_a_role_is_two_posts():
    asked = Settings(
        required=(
            Required("river", level="village"),
            Required("river", level="village", role="警长"),
        )
    )
    world = office(rows(duty(0, 1000, level="village", role="河长")), asked=asked)
    found = suggest(world).proposals
    assert set(found["role"]) == {"警长"}
    assert found["length_m"].sum() == 1000
