"""The explainer says of one place why each patrol counted there or did not."""

import numpy as np
import pandas as pd
import pytest
import shapely
from walks import EAST, LINE, NORTH, WALKED, between, boxes, courses, patrol, walk

from geo.explain import explain
from geo.lines import measure
from geo.match import match
from geo.reasons import Evidence
from geo.schema import Fixes
from geo.settings import Settings
from geo.trails import held

WORLD = courses(river=LINE)
HALF = 2500.0


def told(fixes_patrols, *, chainage_m=HALF, days=None, language="en"):
    fixes, patrols = fixes_patrols
    settings, lines = Settings(language=language), measure(WORLD)
    found = match(fixes, patrols, WORLD, lines, settings)
    evidence = Evidence(
        held(fixes, patrols), boxes(fixes, patrols), patrols, found.passages, WORLD, lines, settings
    )
    return explain(evidence, "river", chainage_m, days)


def test_a_counted_metre_says_how_far_off():
    (sentence,) = told(patrol(walk(WALKED)))
    assert "counted, 1" in sentence
    assert "m from the line" in sentence


def test_a_crossing_says_its_angle():
    x, y = shapely.get_coordinates(shapely.line_interpolate_point(LINE, HALF))[0]
    a, b = shapely.get_coordinates(shapely.line_interpolate_point(LINE, [HALF - 10, HALF + 10]))
    dx, dy = (b - a) / 20
    across = shapely.LineString([(x - 700 * dy, y + 700 * dx), (x + 700 * dy, y - 700 * dx)])
    (sentence,) = told(patrol(walk(across, noise=0.0)))
    assert "crossing at 9" in sentence or "crossing at 8" in sentence


def test_an_outage_says_its_seconds():
    first = walk(between(0, 2400))
    gap = 310.0
    second = walk(between(2700, 4000), start=first[-1, 2] + gap)
    (sentence,) = told(patrol(first, second), chainage_m=2550.0)
    assert "310 s without a fix" in sentence


def test_too_far_says_how_far():
    (sentence,) = told(patrol(walk(shapely.offset_curve(LINE, 160.0), noise=0.0)))
    assert "160 m away" in sentence or "159 m away" in sentence or "161 m away" in sentence


def test_fixes_left_out_say_why():
    fixes, patrols = patrol(walk(WALKED))
    poor = Fixes(fixes.assign(accuracy_m=200.0))
    (sentence,) = told((poor, patrols), language="zh")
    assert "定位精度差" in sentence


def test_nobody_came():
    far = shapely.LineString([(EAST, NORTH + 9000), (EAST + 900, NORTH + 9000)])
    assert told(patrol(walk(far))) == ["no track came within 300 m of here in this time"]


def test_other_days_are_not_told():
    days = (pd.Timestamp("2026-06-01T00:00Z"), pd.Timestamp("2026-07-01T00:00Z"))
    assert "no track" in told(patrol(walk(WALKED)), days=days)[0]


@pytest.mark.parametrize("chainage_m", [-1.0, 1e9, np.nan])
def test_a_place_off_the_course_is_refused(chainage_m):
    with pytest.raises(ValueError, match=r"wanted a chainage from 0 to .* got"):
        told(patrol(walk(WALKED)), chainage_m=chainage_m)
