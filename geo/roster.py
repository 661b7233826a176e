"""Plan a week or a month: every stretch as often as its cadence asks, in fewest days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.arcs import Spent
from geo.cadences import every_days, posts
from geo.crews import Crew
from geo.intervals import overlay, stretches
from geo.lines import Ints
from geo.routes import Planned, plan
from geo.schema import ERRANDS, Errands, conform
from geo.study import Study
from geo.terrain import Terrain

# Gives a search its own clock, for this share of the whole effort.
Search = Callable[[float], Spent]
Window = tuple[int, int]
# Every two visits have a way between them: more at once would fill the memory of an office's PC.
MOST_VISITS = 2500


@dataclass(frozen=True)
class Owed:
    """What cadences owe, by errand: every how many days, and in how many days first.

    1 is the first day of the roster, 0 or less is late already.
    """

    every_days: Ints
    due_in_days: Ints


def owed(study: Study, errands: Errands, first_on: pd.Timestamp) -> Owed | None:
    """Return what the cadences owe each errand, None where the project says no cadence at all.

    Of several cadences the strictest holds, of several segments the one due first. An errand that
    no cadence asks for is owed once, on any day.
    """
    if not study.settings.cadences:
        return None
    segments, never = study.segments, np.iinfo(np.int32).max
    every = np.full(len(segments), never, dtype=np.int64)
    for post in posts(study.settings):
        asked = every_days(segments, post, study.settings)
        every = np.minimum(every, np.where(asked > 0, asked, never))
    overall = study.standing[study.standing["level"] == ""].set_index("segment_id")
    due_on = overall["due_on"].reindex(segments["segment_id"])
    due = (due_on - first_on).dt.days.fillna(-1).to_numpy(dtype=np.int64) + 1
    layers = [
        stretches(study.lines.numbers(frame["course_id"]), frame["from_m"], frame["to_m"])
        for frame in (errands, segments)
    ]
    met = overlay(*layers)
    least = np.full((2, len(errands)), never, dtype=np.int64)
    np.minimum.at(least[0], met.left, every[met.right])
    np.minimum.at(least[1], met.left, due[met.right])
    return Owed(least[0], np.where(least[1] == never, 0, least[1]))


def days_at_once(asked: Owed, days: int) -> int:
    """Return how many of so many days can be planned at once, 1 at least.

    >>> days_at_once(Owed(np.full(100, 1), np.full(100, 1)), 366)
    25
    """
    for first in range(days, 1, -1):
        if np.ceil(first / np.maximum(asked.every_days, 1)).sum() <= MOST_VISITS:
            return first
    return 1


def windows(due_in_days: int, every_days: int, horizon_days: int) -> list[Window]:
    """Return the first and last day (from 1) of each visit that a cadence asks for.

    The first is not later than the day it is due, or day 1 when it is overdue; whatever days are
    chosen inside the windows, no two visits in a row are farther apart than `every_days`, and the
    next after them is due beyond the horizon. There are as few as can be; the slack is shared
    out evenly.

    >>> windows(3, 7, 7)
    [(1, 3)]
    >>> windows(7, 7, 28)
    [(6, 7), (12, 13), (18, 19), (24, 25)]
    """
    first = max(due_in_days, 1)
    if first > horizon_days:
        return []
    # A visit on day t serves until t + every_days; the last must serve beyond the horizon, even
    # when every visit comes as early as its window lets it.
    ahead = horizon_days + 1 - first
    more = max(-(-ahead // every_days) - 1, 0)
    slack = min((every_days * (more + 1) - ahead) // (more + 1), first - 1, every_days - 1)
    visits = []
    last = first
    for _ in range(more + 1):
        visits.append((max(last - slack, 1), min(last, horizon_days)))
        last = last - slack + every_days
    return visits


def plan_roster(
    terrain: Terrain,
    crews: Sequence[Crew],
    asked: Owed,
    *,
    horizon_days: int,
    search: Search,
    seed: int = 1,
) -> tuple[Planned, Errands]:
    """Return the roster of `horizon_days` days with fewest days out, and its errands, one a visit.

    What is late already is caught up within one cadence: the best days for that are looked for
    first, and what follows keeps the cadence from there. What cannot be met stands in `unserved`,
    with the hours it would take.
    """
    asked_for = [
        _visits(int(due), int(every), horizon_days)
        for due, every in zip(asked.due_in_days, asked.every_days, strict=True)
    ]
    late = (asked.due_in_days < 1).any()
    if late and max(map(len, asked_for), default=0) > 1:
        once = [days[:1] for days in asked_for]
        first, _ = _planned(terrain, crews, once, search(0.5), seed)
        on = first.routes.groupby("errand_id")["day"].max()
        for row, errand in enumerate(terrain.errands["errand_id"]):
            day = on.get(f"{errand}/1")
            if day is not None:
                every = int(asked.every_days[row])
                after = windows(int(day) + every, every, horizon_days)
                asked_for[row] = [(int(day), int(day)), *after]
        return _planned(terrain, crews, asked_for, search(0.5), seed)
    return _planned(terrain, crews, asked_for, search(1.0), seed)


def _visits(due: int, every: int, horizon: int) -> list[Window]:
    if due >= 1:
        return windows(due, every, horizon)
    return [(1, min(every, horizon)), *windows(2 * every, every, horizon)]


def _planned(
    terrain: Terrain,
    crews: Sequence[Crew],
    asked_for: list[list[Window]],
    spent: Spent,
    seed: int,
) -> tuple[Planned, Errands]:
    """Return the plan of these visits, and the visits as errands `NAME/1`, `NAME/2` ..."""
    rows = [row for row, days in enumerate(asked_for) for _ in days]
    visits = terrain.errands.iloc[rows].reset_index(drop=True)
    number = visits.groupby("errand_id").cumcount() + 1
    visits = visits.assign(errand_id=visits["errand_id"] + number.map("/{}".format))
    errands = Errands(conform(visits[ERRANDS.names], ERRANDS))
    days = [window for windows in asked_for for window in windows]
    made = replace(terrain, errands=errands)
    return plan(made, crews, spent=spent, seed=seed, fewest_days=True, days=days), errands


def more_hours(
    terrain: Terrain,
    visits: Errands,
    planned: Planned,
    crews: Sequence[Crew],
    *,
    search: Search,
    seed: int = 1,
) -> float:
    """Return how many hours more would serve what is unserved and can be reached at all.

    They are those of a plan for the unserved alone, by the same crews with all their days anew;
    what does not fit even there counts as gone to alone.
    """
    left = planned.unserved[planned.unserved["hours"].notna()]
    pieces = ["from_m", "to_m", "side"]
    errands = left[["errand_id", *pieces]].merge(visits.drop(columns=pieces), on="errand_id")
    errands = errands[ERRANDS.names]
    made = replace(terrain, errands=Errands(conform(errands, ERRANDS)))
    again = plan(made, crews, spent=search(0.25), seed=seed)
    return float(again.routes["minutes"].sum() / 60 + again.unserved["hours"].sum())


def fewest_crews(
    terrain: Terrain, crew: Crew, *, most: int, search: Search, seed: int = 1
) -> tuple[int, Planned]:
    """Return the least number of crews like `crew` that leave nothing reachable unserved.

    Up to `most` are tried; when all are needed and more, the plan of `most` is returned with 0.
    """
    if most < 1:
        msg = f"wanted at least one crew to try, got {most}"
        raise ValueError(msg)
    for count in range(1, most + 1):
        crews = [replace(crew, name=f"{crew.name}-{k}") for k in range(1, count + 1)]
        found = plan(terrain, crews, spent=search(1 / most), seed=seed)
        reachable = found.unserved["hours"].notna() & (found.unserved["hours"] <= crew.hours)
        if not reachable.any():
            return count, found
    return 0, found
