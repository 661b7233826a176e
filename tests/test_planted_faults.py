"""The program finds every planted fault of the demo office, where it was planted, and no other."""

import csv

import pandas as pd
import pytest

from geo.cleaning import JUMP, STILL
from geo.program import study
from layers.demo.write import write_office
from layers.project import open_project
from layers.read import read


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    write_office(folder)
    with (folder / ".planted.csv").open(encoding="utf-8-sig", newline="") as stream:
        planted = list(csv.DictReader(stream))
    project = open_project(folder)
    return planted, study(read(project), project.settings, project.as_of)


def matches(plant, finding, names):
    """Whether a finding is the planted fault: rule, asset, level and ends."""
    if finding.rule != plant["rule"]:
        return False
    if plant["course_hint"] not in ("", finding.course_id, finding.asset_id):
        return False
    told = finding.why + finding.evidence + names.get(finding.asset_id, "")
    if not plant["course_hint"] and plant["asset"] not in told:
        return False
    if plant["level"] not in ("", finding.level):
        return False
    if plant["from_m"] == "" or pd.isna(finding.from_m):
        return plant["from_m"] == "" and (
            pd.isna(finding.from_m) or plant["rule"] == "unlisted_asset"
        )
    reach = float(plant["tolerance_m"])
    return (
        abs(finding.from_m - float(plant["from_m"])) <= reach
        and abs(finding.to_m - float(plant["to_m"])) <= reach
    )


def test_each_planted_fault_is_found_once_and_nothing_else_is(office):
    planted, found = office
    names = dict(zip(found.assets["asset_id"], found.assets["name"], strict=True))
    findings = [f for f in found.findings.itertuples() if f.severity != "review"]
    missed, used = [], set()
    for plant in planted:
        hits = [f.Index for f in findings if f.Index not in used and matches(plant, f, names)]
        if not hits:
            missed.append(
                (plant["rule"], plant["asset"], plant["from_m"], plant["to_m"], plant["level"])
            )
        used |= set(hits[:1])
    extra = [
        (f.rule, f.course_id, f.from_m, f.to_m, f.level, f.why)
        for f in findings
        if f.Index not in used
    ]
    assert (missed, extra) == ([], [])


def test_every_kind_of_mark_is_to_be_seen(office):
    assert {JUMP, STILL} <= set(office[1].gist.remarks["flag"])


def test_the_lengths_sum_to_the_millimetre(office):
    _, found = office
    rows = found.standing.merge(found.segments[["segment_id", "length_m"]], on="segment_id")
    in_mm = (
        (rows.drop(columns=["segment_id"]).select_dtypes("number") * 1000).round().astype("Int64")
    )
    assert (in_mm.assigned_m + in_mm.unassigned_m + in_mm.out_of_scope_m == in_mm.length_m).all()
    assert (
        in_mm.covered_m + in_mm.unsure_m + in_mm.overdue_m + in_mm.never_m == in_mm.length_m
    ).all()
    total = in_mm.length_m[rows.level == ""].sum()
    assert total == round(found.lines.length_m.sum() * 1000)


def test_the_study_leaves_its_inputs_as_they_were(office, tmp_path):
    _, found = office
    again = study(found.inputs, found.settings, found.as_of)
    pd.testing.assert_frame_equal(pd.DataFrame(again.standing), pd.DataFrame(found.standing))
    pd.testing.assert_frame_equal(pd.DataFrame(again.findings), pd.DataFrame(found.findings))
