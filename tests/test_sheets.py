"""A study too big for one page: an overview and a sheet an area, not a metre lost."""

import numpy as np
import pytest

from maps.pack_segments import METRES
from maps.page import write_map
from maps.sheets import overview, sheet, sheet_of
from tests.bench.synthetic import study as synthetic


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
