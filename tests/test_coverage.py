"""How much of each segment was seen, and when it is due."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from worlds import frame, northward, passage, tiled

from geo import schema
from geo.coverage import cover, days_of, weigh, whole_at
from geo.settings import Cadence, Settings

AS_OF = pd.Timestamp("2026-09-30")
EVERY_30 = Settings(cadences=(Cadence("river", 30),))
NOBODY = frame(schema.DUTIES, [])


def evidence(rows, *, settings=EVERY_30, lengths=(1000.0,), patrols=None, duties=NOBODY):
    courses, lines = northward(*lengths)
    known = patrols or [{"patrol_id": row["patrol_id"]} for row in rows]
    known = {row["patrol_id"]: row for row in known}.values()
    return weigh(
        tiled(courses),
        lines,
        frame(schema.PASSAGES, rows),
        frame(schema.PATROLS, list(known)),
        duties=duties,
        settings=settings,
        as_of=AS_OF,
    )


def metres(found):
    return [list(part / 1000) for part in (found.covered, found.unsure, found.overdue, found.never)]


def test_each_metre_is_in_one_of_four_lengths():
    rows = [
        passage("P1", "C0", 0, 200, "2026-09-20"),
        passage("P2", "C0", 100, 400, "2026-07-01"),
        passage("P3", "C0", 350, 450, "2026-09-01", certainty="unsure"),
    ]
    # 0-200 fresh; 200-350 only in July; 350-450 unsure in September; the rest never.
    assert metres(cover(evidence(rows), "")) == [[200, 0], [100, 0], [150, 0], [50, 500]]


def test_a_passage_across_a_border_of_segments_counts_in_both():
    rows = [passage("P1", "C0", 400, 700, "2026-09-20")]
    assert metres(cover(evidence(rows), ""))[0] == [100, 200]


def test_without_a_cadence_a_metre_seen_once_is_covered_for_ever():
    rows = [passage("P1", "C0", 0, 500, "2020-01-01"), passage("P2", "C0", 500, 1000, None)]
    assert metres(cover(evidence(rows, settings=Settings()), "")) == [
        [500, 500],
        [0, 0],
        [0, 0],
        [0, 0],
    ]


def test_a_passage_without_a_time_is_in_no_period():
    rows = [passage("P1", "C0", 0, 500, None)]
    assert metres(cover(evidence(rows), ""))[2] == [500, 0]


@pytest.mark.parametrize(("day", "covered"), [("2026-08-31", 500), ("2026-08-30", 0)])
def test_seen_thirty_days_ago_is_in_time_and_thirty_one_is_not(day, covered):
    assert metres(cover(evidence([passage("P1", "C0", 0, 500, day)]), ""))[0][0] == covered


def test_what_happens_after_the_day_asked_does_not_count():
    assert metres(cover(evidence([passage("P1", "C0", 0, 500, "2026-10-01")]), ""))[3] == [500, 500]


def test_separate_points_never_cover():
    rows = [passage("P1", "C0", 0, 100, "2026-09-20", evidence="B")]
    assert metres(cover(evidence(rows), "")) == [[0, 0], [100, 0], [0, 0], [400, 500]]


def test_a_level_is_served_only_by_its_own_people():
    settings = Settings(
        cadences=(Cadence("river", 30, level="town"), Cadence("river", 7, level="village"))
    )
    duties = frame(schema.DUTIES, [{"holder": "王五", "level": "village", "course_id": "C0"}])
    rows = [passage("P1", "C0", 0, 500, "2026-09-28"), passage("P2", "C0", 0, 300, "2026-09-10")]
    patrols = [
        {"patrol_id": "P1", "person": "王五"},
        {"patrol_id": "P2", "person": "赵六", "level": "town"},
    ]
    found = evidence(rows, settings=settings, duties=duties, patrols=patrols)
    assert metres(cover(found, "village"))[0] == [500, 0]
    assert metres(cover(found, "town"))[0] == [300, 0]
    # Over all, a metre is covered when both were there in time.
    assert metres(cover(found, ""))[0] == [300, 0]


def test_a_segment_is_whole_since_the_oldest_sighting_that_is_needed():
    rows = [
        passage("P1", "C0", 0, 460, "2026-09-20"),
        passage("P2", "C0", 400, 500, "2026-08-01"),
    ]
    found = evidence(rows)
    (watch,) = found.watches
    assert str(days_of(whole_at(found, watch, 0.9), EVERY_30)[0])[:10] == "2026-09-20"
    assert str(days_of(whole_at(found, watch, 1.0), EVERY_30)[0])[:10] == "2026-08-01"
    assert np.isnat(days_of(whole_at(found, watch, 0.9), EVERY_30)[1])


stretch = st.tuples(
    st.integers(0, 2_000_000), st.integers(1, 600_000), st.integers(0, 90), st.booleans()
)


@examples(max_examples=20)
@given(st.lists(stretch, max_size=25), st.randoms(use_true_random=False))
def test_the_four_lengths_sum_to_the_segment_and_order_does_not_matter(stretches, random):
    rows = [
        passage(
            f"P{n}",
            "C0",
            a / 1000,
            min(a + b, 2_000_000) / 1000,
            str((AS_OF - pd.Timedelta(days=age)).date()),
            certainty="sure" if sure else "unsure",
        )
        for n, (a, b, age, sure) in enumerate(stretches)
        if a < 2_000_000
    ]
    found = cover(evidence(rows, lengths=(2000.0, 300.0)), "")
    total = found.covered + found.unsure + found.overdue + found.never
    assert list(total) == [500_000] * 4 + [300_000]
    random.shuffle(rows)
    assert metres(cover(evidence(rows, lengths=(2000.0, 300.0)), "")) == metres(found)


@examples(max_examples=20)
@given(st.lists(stretch, min_size=1, max_size=20))
def test_one_more_passage_never_lowers_what_is_covered(stretches):
    rows = [
        passage(
            f"P{n}", "C0", a / 1000, (a + b) / 1000, str((AS_OF - pd.Timedelta(days=age)).date())
        )
        for n, (a, b, age, _) in enumerate(stretches)
    ]
    less = cover(evidence(rows[:-1], lengths=(3000.0,)), "").covered
    assert (cover(evidence(rows, lengths=(3000.0,)), "").covered >= less).all()
