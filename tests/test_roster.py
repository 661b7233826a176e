"""Cadences over a horizon, plan against actual, fewest crews."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import schema
from geo.plan_actual import compare
from geo.roster import (
    MOST_VISITS,
    Owed,
    days_at_once,
    fewest_crews,
    more_hours,
    plan_roster,
    windows,
)
from geo.terrain import terrain
from tests.test_routes import crew, errands, planned, town, turns
from tests.worlds import frame


@given(
    st.integers(-20, 60), st.integers(1, 40), st.integers(1, 62), st.randoms(use_true_random=False)
)
def test_any_days_inside_the_windows_keep_the_cadence(due, every, horizon, chance):
    visits = windows(due, every, horizon)
    days = [chance.randint(first, last) for first, last in visits]
    assert all(1 <= first <= last <= horizon for first, last in visits)
    if not visits:
        assert max(due, 1) > horizon
        return
    assert days[0] <= max(due, 1)
    assert all(b - a <= every for a, b in pairwise(days))
    assert days[-1] + every > horizon


def searching(wanted):
    return lambda share: turns(wanted * share)


def test_a_roster_visits_each_stretch_as_often_as_it_is_due():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 1000.0},
        {"course_id": "south", "from_m": 0.0, "to_m": 1000.0},
    )
    made = terrain(courses, lines, wanted)
    asked = Owed(np.array([7, 14]), np.array([3, 3]))
    crews = [crew(hours=4.0, days=tuple(range(1, 15)))]
    found, visits = plan_roster(made, crews, asked, horizon_days=14, search=searching(3000))
    assert found.unserved.empty
    assert visits["errand_id"].str.split("/").str[0].value_counts().to_dict() == {"e0": 2, "e1": 1}
    days = found.routes[found.routes["kind"] == "service"].groupby("errand_id")["day"].first()
    assert days["e0/2"] - days["e0/1"] <= 7
    assert len(set(days)) == 2


def test_what_is_late_is_caught_up_within_its_cadence_and_then_kept():
    courses, lines = town()
    wanted = errands(*[
        {"course_id": "north", "from_m": 1000.0 * k, "to_m": 1000.0 * (k + 1)} for k in range(4)
    ])  # fmt: skip
    made = terrain(courses, lines, wanted)
    asked = Owed(np.array([7, 7, 7, 7]), np.array([-30, 0, -2, 0]))
    # Two and a bit kilometres a day: all four on day 1 would be more than the crew can do.
    crews = [crew(x=2000.0, hours=1.1, days=tuple(range(1, 15)))]
    found, visits = plan_roster(made, crews, asked, horizon_days=14, search=searching(6000))
    assert found.unserved.empty, found.unserved["why"].tolist()
    served = found.routes[found.routes["kind"] == "service"]
    days = served.groupby(served["errand_id"].str.split("/").str[0])["day"].unique()
    for name, on in days.items():
        every = sorted(on)
        assert every[0] <= 7, name
        assert all(b - a <= 7 for a, b in pairwise(every)), (name, every)
        assert every[-1] + 7 > 14, (name, every)
    assert len(visits) == 8


def test_a_visit_due_on_a_day_off_says_so():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 500.0})
    made = terrain(courses, lines, wanted)
    asked = Owed(np.array([7]), np.array([3]))
    found, _ = plan_roster(made, [crew(days=(5, 6))], asked, horizon_days=7, search=searching(500))
    assert found.unserved["why"].tolist() == ["该去的日子(第 1–3 天)没有班组出勤"]


def test_more_than_a_year_allows_is_said_in_hours():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 4000.0})
    made = terrain(courses, lines, wanted)
    asked = Owed(np.array([10]), np.array([10]))
    crews = [crew(hours=0.5, days=tuple(range(1, 367)))]
    found, visits = plan_roster(made, crews, asked, horizon_days=366, search=searching(300))
    assert len(found.unserved) == len(visits) >= 36
    missing = more_hours(made, visits, found, crews, search=searching(300))
    assert missing == pytest.approx(len(visits) * 8000 / 4500, rel=0.01)


def test_a_roster_that_cannot_be_met_says_the_missing_hours():
    courses, lines = town()
    wanted = errands({"course_id": "north", "from_m": 0.0, "to_m": 4000.0})
    made = terrain(courses, lines, wanted)
    crews = [crew(hours=1.0, days=(1, 2))]
    asked = Owed(np.array([1]), np.array([1]))
    found, visits = plan_roster(made, crews, asked, horizon_days=2, search=searching(1000))
    missing = more_hours(made, visits, found, crews, search=searching(1000))
    assert missing == pytest.approx(2 * 8000 / 4500, abs=0.01)


def test_fewest_crews_is_the_least_number_that_serves_all():
    courses, lines = town()
    wanted = errands(*[
        {"course_id": road, "from_m": a, "to_m": a + 1000.0}
        for road in ("north", "south") for a in (0.0, 1000.0, 2000.0, 3000.0)
    ])  # fmt: skip
    made = terrain(courses, lines, wanted)
    count, found = fewest_crews(made, crew(x=2000.0, hours=1.0), most=5, search=searching(4000))
    # 8 km at 4.5 km/h and hours of one: at least 2, and each side must be walked out and back.
    assert count == 4
    assert found.unserved.empty
    assert fewest_crews(made, crew(x=2000.0, hours=1.0), most=2, search=searching(1000))[0] == 0


def test_a_plan_is_held_against_what_was_patrolled():
    courses, lines = town()
    wanted = errands(
        {"course_id": "north", "from_m": 0.0, "to_m": 1000.0},
        {"course_id": "south", "from_m": 0.0, "to_m": 1000.0},
    )
    _, found = planned(courses, lines, wanted, [crew()])
    first = pd.Timestamp("2026-10-01")
    at = pd.Timestamp("2026-10-01 02:00", tz="UTC")
    seen = [("north", 0.0, 980.0, at), ("bridge", 0.0, 60.0, at),
            ("south", 0.0, 1000.0, at + pd.Timedelta(days=1))]  # fmt: skip
    passages = frame(schema.PASSAGES, [
        {"course_id": c, "from_m": a, "to_m": b, "certainty": "sure", "entered_at": t, "left_at": t}
        for c, a, b, t in seen
    ])  # fmt: skip
    told = compare(
        found.routes, passages, lines, first_on=first, until_on=first, time_zone="Asia/Shanghai"
    )
    status = dict(zip(told["course_id"], told["status"], strict=True))
    assert status == {"north": "done", "south": "missed", "bridge": "otherwise"}
    assert told.set_index("course_id")["done_m"].to_dict() == {
        "north": 980.0, "south": 0.0, "bridge": 60.0,
    }  # fmt: skip
    assert np.isclose(told["planned_m"].sum(), 2000.0)


def test_only_so_many_days_are_planned_at_once_as_memory_holds():
    daily = Owed(np.full(100, 1), np.full(100, 1))
    assert days_at_once(daily, 366) == MOST_VISITS // 100
    assert days_at_once(daily, 7) == 7
    assert days_at_once(Owed(np.full(MOST_VISITS + 1, 7), np.full(MOST_VISITS + 1, 1)), 7) == 1
