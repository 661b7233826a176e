"""Compare a plan with what was patrolled: done, partly, on another day, missed, done otherwise."""

import numpy as np
import pandas as pd

from geo.intervals import Stretches, difference, overlay, stretches, union
from geo.lines import Floats, Ints, Lines
from geo.schema import PLAN_ACTUAL, Passages, PlanActual, Routes, conform

# As a segment counts as seen: ends always miss a few metres.
DONE_SHARE = 0.9
# Whoever came this near along the course was at the place.
NEAR_M = 50.0


def compare(
    routes: Routes,
    passages: Passages,
    lines: Lines,
    *,
    first_on: pd.Timestamp,
    until_on: pd.Timestamp,
    time_zone: str,
) -> PlanActual:
    """Return one row a leg of looking and a row a stop, then one a course patrolled beside them.

    Day 1 of the plan is `first_on` on the office's clock. A leg is done on its own day, by sure
    passages, and moved when another day of the plan, or one since up to `until_on`, saw it; the
    bank is not asked, as a track seldom tells it. A stop is done when a passage came within
    `NEAR_M` of it. What lies on a course no longer drawn is gone. `otherwise` rows are metres
    surely seen on a day of the plan that no leg of that day asked for.
    """
    sure = passages[passages["certainty"] == "sure"]
    day = sure["entered_at"].dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()
    on_day = ((day - first_on.normalize()).dt.days + 1).to_numpy(dtype=np.int64)
    seen = stretches(lines.numbers(sure["course_id"]), sure["from_m"], sure["to_m"])
    last = (until_on.normalize() - first_on.normalize()).days + 1
    legs = routes[routes["kind"].isin(["service", "stop"])].reset_index(drop=True)
    asked = _asked(legs, lines)
    frames = [_legs(legs, asked, seen, on_day, last)]
    for number in sorted(set(legs["day"])):
        beside = difference(
            union(seen.take(on_day == number)), asked.take(legs["day"].to_numpy() == number)
        )
        frames.append(_otherwise(beside, lines, int(number)))
    every = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    return PlanActual(conform(every[PLAN_ACTUAL.names], PLAN_ACTUAL))


def _asked(legs: pd.DataFrame, lines: Lines) -> Stretches:
    """Return the metres of each leg; for a stop those within `NEAR_M` of it."""
    number = lines.numbers(legs["course_id"])
    near = np.where(legs["kind"] == "stop", NEAR_M, 0.0)
    low = np.maximum(legs[["from_m", "to_m"]].min(axis=1) - near, 0.0)
    high = np.minimum(legs[["from_m", "to_m"]].max(axis=1) + near, lines.length_m[number])
    # A course that is no longer drawn has no metres that could be seen.
    gone = number < 0
    high = np.where(gone, 0.0, high)
    return stretches(np.where(gone, 0, number), np.minimum(low, high), high)


def _legs(
    legs: pd.DataFrame, asked: Stretches, seen: Stretches, on_day: Ints, last: int
) -> pd.DataFrame:
    day = legs["day"].to_numpy(dtype=np.int64)
    done = np.zeros(len(legs))
    for number in np.unique(day):
        rows = np.flatnonzero(day == number)
        done[rows] = _met_m(asked.take(rows), seen.take(on_day == number))
    ever = _met_m(asked, seen.take((on_day >= 1) & (on_day <= last)))
    stop = legs["kind"].to_numpy(dtype=object) == "stop"
    length = asked.length_mm / 1000
    enough = np.where(stop, 0.001, DONE_SHARE * length)
    status = np.select(
        [length == 0, done >= enough, day > last, ever >= enough, (done > 0) | (ever > 0)],
        ["gone", "done", "ahead", "moved", "partly"],
        "missed",
    )
    return pd.DataFrame(
        {
            "crew": legs["crew"],
            "day": day,
            "errand_id": legs["errand_id"],
            "course_id": legs["course_id"],
            "from_m": legs[["from_m", "to_m"]].min(axis=1),
            "to_m": legs[["from_m", "to_m"]].max(axis=1),
            "planned_m": np.where(stop, 0.0, length),
            "done_m": np.where(stop, 0.0, done),
            "status": status.astype(object),
        }
    )


def _met_m(asked: Stretches, seen: Stretches) -> Floats:
    """Return the metres of each row of `asked` that were seen."""
    met = overlay(asked, union(seen))
    return np.bincount(met.left, met.stretches.length_mm, minlength=len(asked)) / 1000


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


def kept(actual: PlanActual) -> pd.DataFrame:
    """Return one row a crew and day: metres planned and done, and how many legs came out how."""
    legs = actual[actual["status"] != "otherwise"]
    rows = []
    for (crew, day), part in legs.groupby(["crew", "day"], sort=False):
        count = part["status"].value_counts()
        rows.append(
            {"crew": crew, "day": day, "planned_m": part["planned_m"].sum(),
             "done_m": part["done_m"].sum()}
            | {name: int(count.get(name, 0)) for name in STATUSES}
        )  # fmt: skip
    return pd.DataFrame(rows, columns=["crew", "day", "planned_m", "done_m", *STATUSES])


STATUSES = ("done", "partly", "moved", "missed", "ahead", "gone")
