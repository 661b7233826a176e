"""A plan is kept whole, read again, drawn on the main map, and held against what was patrolled."""

import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

from geo import schema
from geo.plan_actual import compare, kept
from layers.store import read_results
from scripts.map import COMMAND as MAP
from tests.test_routes import crew, errands, planned, town
from tests.test_routes_command import LAT, LON, folder, run  # noqa: F401
from tests.worlds import frame

FIRST = pd.Timestamp("2026-10-01")


@pytest.fixture(scope="module")
def out(folder, tmp_path_factory):  # noqa: F811
    path = tmp_path_factory.mktemp("plans")
    words = ("--start", f"{LON},{LAT + 0.0003}", "--mode", "bicycle", "--from", "2026-08-01")
    told = run(folder, path, *words, "--against", "crews=2 hours=3")
    assert told.exit_code == 0, told.output
    return path, told.output


def test_a_plan_reads_back_as_it_was_written_and_is_a_layer_of_the_results(out):
    plan = read_results(out[0] / "routes" / "plan.gpkg")
    again = read_results(out[0] / "patrolmap.gpkg")
    pd.testing.assert_frame_equal(
        plan["routes"].drop(columns="geometry"), again["routes"].drop(columns="geometry")
    )
    assert list(plan["routes"].columns) == schema.ROUTES.names
    assert dict(plan["run"].to_numpy())["first_on"] == "2026-08-01T00:00:00"
    assert {key for key in plan["run"]["key"] if key.startswith("sha256.")} >= {
        "sha256.rivers.geojson", "sha256.roads.geojson",
    }  # fmt: skip


def test_two_askings_stand_side_by_side(out):
    lines = [line.split("\t") for line in out[1].splitlines() if "\t" in line]
    assert lines[0] == ["", "本次", "crews=2 hours=3"]
    table = {line[0]: line[1:] for line in lines[1:]}
    assert table["班组"] == ["1", "2"]
    assert table["巡查(公里)"][0] == table["巡查(公里)"][1]


@pytest.mark.parametrize(
    ("text", "said"),
    [("crews=0", "crews: wanted 1 or more"), ("pace=3", "wanted words such as"),
     ("hours=many", "hours: wanted 0 to 24"), ("mode=plane", "mode: wanted foot")],
)  # fmt: skip
def test_an_asking_that_is_none_is_refused_in_one_line(folder, tmp_path, text, said):  # noqa: F811
    told = run(folder, tmp_path, "--against", text)
    assert told.exit_code == 2
    assert said in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_the_plan_is_held_against_the_walk_of_its_first_day(folder, out):  # noqa: F811
    told = run(folder, out[0], "--actual", "--format", "json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    status = {leg["status"] for leg in found["legs"]}
    assert "missed" in status
    assert found["totals"][0]["planned_m"] > 2000
    assert found["notes"] == []
    book = openpyxl.load_workbook(out[0] / "routes" / "actual.xlsx")
    assert book.sheetnames == ["汇总", "逐条对照"]
    assert "未做" in run(folder, out[0], "--actual").output


def test_without_a_plan_there_is_nothing_to_hold(folder, tmp_path):  # noqa: F811
    told = run(folder, tmp_path, "--actual")
    assert told.exit_code == 2
    assert "请先运行 patrolmap routes" in told.stderr


def test_the_main_map_shows_the_plan_and_keeps_its_layer(folder, out):  # noqa: F811
    asked = [str(folder), "--as-of", "2026-09-30", "--out", str(out[0]), "--quiet"]
    told = CliRunner().invoke(MAP, asked)
    assert told.exit_code == 0, told.output
    assert len(read_results(out[0] / "patrolmap.gpkg")["routes"])


def passages(*rows):
    return frame(schema.PASSAGES, [
        {"course_id": c, "from_m": a, "to_m": b, "certainty": "sure", "entered_at": t, "left_at": t}
        for c, a, b, t in rows
    ])  # fmt: skip


def test_each_leg_is_done_partly_moved_missed_or_not_yet_due():
    courses, lines = town()
    wanted = errands(*[
        {"course_id": "north", "from_m": 500.0 * k, "to_m": 500.0 * (k + 1), "priority": 1.0}
        for k in range(4)
    ], {"course_id": "south", "from_m": 700.0, "to_m": 700.0, "minutes": 5.0})  # fmt: skip
    _, found = planned(courses, lines, wanted, [crew()])
    at = pd.Timestamp("2026-10-01 02:00", tz="UTC")
    later = at + pd.Timedelta(days=2)
    seen = passages(
        ("north", 0.0, 480.0, at), ("north", 500.0, 700.0, at), ("north", 1000.0, 1500.0, later),
        ("south", 730.0, 800.0, at),
    )  # fmt: skip
    told = compare(found.routes, seen, lines, first_on=FIRST,
                   until_on=FIRST + pd.Timedelta(days=3), time_zone="Asia/Shanghai")  # fmt: skip
    legs = told[told["status"] != "otherwise"].set_index("errand_id")["status"].to_dict()
    assert legs == {"e0": "done", "e1": "partly", "e2": "moved", "e3": "missed", "e4": "done"}
    assert kept(told)[["done", "partly", "moved", "missed"]].iloc[0].tolist() == [2, 1, 1, 1]
    early = compare(found.routes, passages(), lines, first_on=FIRST,
                    until_on=FIRST - pd.Timedelta(days=1), time_zone="Asia/Shanghai")  # fmt: skip
    assert set(early["status"]) == {"ahead"}


def test_a_course_that_is_gone_is_nobodys_fault():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 500.0})
    _, found = planned(courses, lines, wanted, [crew()])
    routes = found.routes.assign(course_id="was")
    told = compare(routes, passages(), lines, first_on=FIRST, until_on=FIRST, time_zone="UTC")
    assert set(told["status"]) == {"gone"}
    assert np.isfinite(told["planned_m"]).all()
