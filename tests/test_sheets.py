"""A study too big for one page: an overview and a sheet an area, not a metre lost."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import frame

from geo import schema
from geo.gist import came, gist
from geo.settings import Settings
from geo.trails import held
from maps.pack_segments import METRES
from maps.page import write_map
from maps.sheets import overview, sheet, sheet_of
from tests.bench.synthetic import study as synthetic
from tests.browser import opened


@pytest.fixture(scope="module")
def study():
    return synthetic(1000, problems=50, passages=500)


def overall(study):
    return study.standing[study.standing["level"] == ""]


def test_an_overview_keeps_every_metre(study):
    small = overview(study)
    assert len(small.segments) < len(study.segments)
    assert small.segments["length_m"].sum() == pytest.approx(
        study.segments["length_m"].sum(), abs=1e-6
    )
    for name in METRES:
        assert overall(small)[name].sum() == pytest.approx(overall(study)[name].sum(), abs=1e-6)


def test_a_joined_stretch_has_one_state_and_the_worst_of_its_days(study):
    small = overview(study)
    was = overall(study).merge(
        study.segments[["segment_id", "course_id", "from_m"]], on="segment_id"
    )
    row = small.segments.iloc[np.argmax(small.segments["to_m"] - small.segments["from_m"])]
    pieces = was[
        (was["course_id"] == row["course_id"])
        & (was["from_m"] >= row["from_m"])
        & (was["from_m"] < row["to_m"])
    ]
    told = overall(small).set_index("segment_id").loc[row["segment_id"]]
    assert set(pieces["state"]) == {told["state"]}
    assert told["overdue_days"] == pieces["overdue_days"].max() or np.isnan(told["overdue_days"])
    assert str(len(pieces)) in told["why"]


def test_the_lines_of_an_overview_are_the_lines_of_its_pieces(study):
    small = overview(study)
    # Joined on the projection; no vertex is left out.
    assert small.segments.length.sum() == pytest.approx(study.segments.length.sum(), rel=1e-9)


def test_every_segment_lies_on_exactly_one_sheet(study):
    names = sheet_of(study)
    ids = [i for name in names.unique() for i in sheet(study, names == name).segments["segment_id"]]
    assert sorted(ids) == sorted(study.segments["segment_id"])


def test_a_big_study_becomes_linked_pages(study, tmp_path):
    written = write_map(study, tmp_path / "map.html", most=500)
    assert len(written.sheets) == sheet_of(study).nunique()
    assert all(path.exists() for path in written.sheets)
    assert written.bytes == sum(p.stat().st_size for p in [written.path, *written.sheets])
    assert not write_map(study, tmp_path / "one.html").sheets


def test_a_sheet_holds_the_whole_tracks_that_came_near_and_no_other(study):
    names = sheet_of(study)
    chosen = names == names.iloc[0]
    west, south, east, north = study.segments[chosen.to_numpy()].total_bounds
    spots = {"in": (west, south), "out": (east + 5000, north), "through": (west, north)}
    rows = [{"patrol_id": p, "x_m": x, "y_m": y} for p, (x, y) in spots.items()]
    rows.append({"patrol_id": "through", "x_m": east + 9000, "y_m": north})
    patrols = frame(schema.PATROLS, [{"patrol_id": p} for p in spots])
    fixes = frame(schema.FIXES, rows).assign(point="track")
    told = gist(fixes, np.zeros(4, dtype=np.int8), patrols, study.settings)
    whole = replace(study, patrols=patrols, trails=held(fixes, patrols), gist=told)
    mine = sheet(whole, chosen).gist
    assert list(mine.measured["patrol_id"]) == ["in", "through"]
    assert list(mine.measured["fixes"]) == [1, 2]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), max_size=200))
def test_who_came_is_told_by_fixes_where_boxes_cannot_tell(rows):
    spots = [{"patrol_id": f"p{p}", "x_m": 10.0 * x, "y_m": 10.0 * y} for p, x, y in rows]
    patrols = frame(schema.PATROLS, [{"patrol_id": f"p{p}"} for p in range(3)])
    fixes = frame(schema.FIXES, spots)
    boxes = gist(fixes, np.zeros(len(fixes), dtype=np.int8), patrols, Settings()).boxes
    there = fixes["x_m"].between(95, 195) & fixes["y_m"].between(95, 195)
    found = came(held(fixes, patrols), boxes, patrols, (95.0, 95.0, 195.0, 195.0))
    assert sorted(found) == sorted(fixes["patrol_id"][there].unique())


@pytest.mark.browser
def test_one_goes_from_the_overview_to_a_sheet_and_back(chrome, study, tmp_path):
    path = tmp_path / "map.html"
    write_map(study, path, most=500)
    with opened(chrome, path) as there:
        page = there.ready().page
        listed = page.locator(".pm-sheet-link")
        assert listed.count() == sheet_of(study).nunique()
        name = listed.nth(1).locator("b").inner_text()
        listed.nth(1).click()
        page.wait_for_url("**/map-sheets/002.html*")
        there.ready()
        assert there("patrolmap.counts().segments") == (sheet_of(study) == name).sum()
        page.click("text=总览")
        page.wait_for_url("**/map.html*")
        there.ready()
        assert there.complaints == []
