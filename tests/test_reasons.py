"""Reasons for many places at once are those of each place alone, and a heap of fixes costs little."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from walks import LINE, WALKED, between, boxes, courses, patrol, walk
from worlds import frame, northward, passage, tiled

import geo.reasons
from geo import schema
from geo.coverage import weigh
from geo.lines import measure
from geo.match import match
from geo.reasons import Evidence, places, reasons
from geo.schema import Fixes, Patrols
from geo.settings import Cadence, Settings
from geo.shortfall import SHORTFALLS, shortfall
from geo.trails import Held, batches, held, no_trails

WORLD = courses(river=LINE)
LINES = measure(WORLD)


def evidence(*walks):
    told = [patrol(legs, name=f"p{n}") for n, legs in enumerate(walks)]
    fixes = Fixes(pd.concat([f for f, _ in told], ignore_index=True))
    patrols = Patrols(pd.concat([p for _, p in told], ignore_index=True))
    found = match(fixes, patrols, WORLD, LINES, Settings())
    return Evidence(
        held(fixes, patrols),
        boxes(fixes, patrols),
        patrols,
        found.passages,
        WORLD,
        LINES,
        Settings(),
    )


def at(*chainages):
    return places(LINES, np.zeros(len(chainages), dtype=np.int64), np.array(chainages, dtype=float))


@pytest.fixture(scope="module")
def three():
    day = 86_400.0
    return evidence(
        walk(WALKED), walk(between(0, 2400), start=day), walk(between(2700, 4000), start=2 * day)
    )


def test_places_together_are_told_what_each_is_told_alone(three, monkeypatch):
    spots = [100.0, 1200.0, 2550.0, 3900.0]
    together = reasons(three, at(*spots))
    monkeypatch.setattr(geo.reasons, "_AT_ONCE", 7)
    for place, spot in enumerate(spots):
        alone = reasons(three, at(spot))
        mine = together[together["place"] == place].drop(columns="place")
        pd.testing.assert_frame_equal(
            mine.reset_index(drop=True), alone.drop(columns="place"), check_dtype=False
        )


def test_only_the_newest_are_told_where_that_is_asked(three):
    told = reasons(three, at(1200.0), most=1)
    assert list(told["patrol"]) == [1]
    assert list(told["reason"]) == ["counted"]


@pytest.mark.parametrize("most", [None, 1, 2])
def test_patrol_by_patrol_is_told_what_all_together_are_told(three, monkeypatch, most):
    spots = at(100.0, 1200.0, 2550.0, 3900.0, 5200.0)
    together = reasons(three, spots, most=most)
    read = []
    of = Held.of
    monkeypatch.setattr(Held, "of", lambda self, some: read.extend(some) or of(self, some))
    monkeypatch.setattr(geo.reasons, "batches", partial(batches, most=1))
    pd.testing.assert_frame_equal(reasons(three, spots, most=most), together)
    # Nobody is looked at twice, and who came too late to be told of not at all.
    assert len(read) == len(set(read))
    if most == 1:
        assert set(told := together["patrol"]) == set(read), told


def test_no_place_and_no_fix_have_no_reasons(three):
    assert reasons(three, at()).empty
    nothing = (no_trails(), three.boxes.iloc[:0])
    assert reasons(Evidence(*nothing, three.patrols, three.passages, WORLD, LINES, Settings()), at(9.0)).empty  # fmt: skip


def test_a_hundred_thousand_fixes_left_out_on_one_spot_are_one(monkeypatch):
    spot = np.tile([*walk(WALKED)[300, :2], 0.0], (100_000, 1))
    spot[:, 2] = np.arange(100_000)
    fixes, patrols = patrol(spot)
    fixes = Fixes(fixes.assign(accuracy_m=300.0))
    asked = []
    monkeypatch.setattr(
        geo.reasons, "_pairs", lambda s, *a, whole=geo.reasons._pairs: asked.append(len(s)) or whole(s, *a)
    )  # fmt: skip
    passages = frame(schema.PASSAGES, [])
    told = reasons(
        Evidence(
            held(fixes, patrols), boxes(fixes, patrols), patrols, passages, WORLD, LINES, Settings()
        ),
        at(1950.0),
    )
    assert list(told["reason"]) == ["dropped"]
    assert sum(asked) == 1


def test_a_counted_visit_says_what_it_lacks_to_cover_now():
    course, lines = northward(500.0)
    patrols = frame(schema.PATROLS, [
        {"patrol_id": "old", "level": "town"}, {"patrol_id": "other", "level": "village"},
        {"patrol_id": "good", "level": "town"},
    ])  # fmt: skip
    rows = [
        passage("old", "C0", 0, 200, "2026-07-01"),
        passage("other", "C0", 0, 200, "2026-09-20"),
    ]
    seen = weigh(
        tiled(course), lines, frame(schema.PASSAGES, rows), patrols,
        duties=frame(schema.DUTIES, []),
        settings=Settings(cadences=(Cadence("river", 30, level="town"),)),
        as_of=pd.Timestamp("2026-09-30"),
    )  # fmt: skip
    visits = [pd.Timestamp(day, tz="UTC").value // 1000 for day in ("2026-07-01", "2026-09-20", "2026-09-21")]  # fmt: skip
    lacks = shortfall(
        seen, patrols, frame(schema.DUTIES, []),
        piece=np.zeros(3, dtype=np.int64), patrol=np.arange(3), at=np.array(visits),
    )  # fmt: skip
    assert [SHORTFALLS[n].zh for n in lacks] == ["但早于本期", "但不是频次所要求的人来巡", ""]
