"""Compare a plan with what was patrolled: done, partly done, missed, done otherwise."""

import numpy as np
import pandas as pd

from geo.intervals import Stretches, difference, intersection, stretches, total_mm, union
from geo.lines import Lines
from geo.schema import PLAN_ACTUAL, Passages, PlanActual, Routes, conform

# As a segment counts as seen: ends always miss a few metres.
DONE_SHARE = 0.9


def compare(
    routes: Routes, passages: Passages, lines: Lines, *, first_on: pd.Timestamp, time_zone: str
) -> PlanActual:
    """Return one row a served leg of the plan, then one a course patrolled beside the plan.

    Day 1 of the plan is `first_on` on the office's clock. A leg is done on its own day, by sure
    passages; the bank is not asked, as a track seldom tells it. `otherwise` rows are metres surely
    seen on a day of the plan that no leg of that day asked for.
    """
    sure = passages[passages["certainty"] == "sure"]
    day = sure["entered_at"].dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()
    on_day = (day - first_on.normalize()).dt.days + 1
    seen = stretches(lines.numbers(sure["course_id"]), sure["from_m"], sure["to_m"])
    legs = routes[routes["kind"] == "service"]
    asked = stretches(
        lines.numbers(legs["course_id"]),
        legs[["from_m", "to_m"]].min(axis=1),
        legs[["from_m", "to_m"]].max(axis=1),
    )
    frames = [_legs(legs, asked, seen, on_day.to_numpy(), len(lines))]
    for number in sorted(set(legs["day"])):
        today = seen.take(on_day.to_numpy() == number)
        beside = difference(union(today), asked.take(legs["day"].to_numpy() == number))
        frames.append(_otherwise(beside, lines, int(number)))
    every = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return PlanActual(conform(every[PLAN_ACTUAL.names], PLAN_ACTUAL))


def _legs(
    legs: Routes, asked: Stretches, seen: Stretches, on_day: np.ndarray, courses: int
) -> pd.DataFrame:
    done = np.zeros(len(legs))
    for row, day in enumerate(legs["day"].tolist()):
        one = asked.take(np.arange(len(legs)) == row)
        both = intersection(one, union(seen.take(on_day == day)))
        done[row] = total_mm(both, courses).sum() / 1000
    planned = asked.length_mm / 1000
    status = np.select([done >= DONE_SHARE * planned, done > 0], ["done", "partly"], "missed")
    return pd.DataFrame(
        {
            "crew": legs["crew"].to_numpy(),
            "day": legs["day"].to_numpy(),
            "errand_id": legs["errand_id"].to_numpy(),
            "course_id": legs["course_id"].to_numpy(),
            "from_m": asked.from_mm / 1000,
            "to_m": asked.to_mm / 1000,
            "planned_m": planned,
            "done_m": done,
            "status": status.astype(object),
        }
    )


def _otherwise(beside: Stretches, lines: Lines, day: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "crew": "",
            "day": day,
            "errand_id": "",
            "course_id": lines.ids[beside.course],
            "from_m": beside.from_mm / 1000,
            "to_m": beside.to_mm / 1000,
            "planned_m": 0.0,
            "done_m": beside.length_mm / 1000,
            "status": "otherwise",
        }
    )
