"""Plan a week or a month: every stretch as often as its cadence asks, in fewest days."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.arcs import Spent
from geo.routes import Crew, Ground, Planned, plan
from geo.schema import ERRANDS, Errands, conform


def windows(due_in_days: int, every_days: int, horizon_days: int) -> list[tuple[int, int]]:
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
    ground: Ground,
    crews: Sequence[Crew],
    *,
    every_days: Sequence[int],
    due_in_days: Sequence[int],
    horizon_days: int,
    spent: Spent,
    seed: int = 1,
) -> tuple[Planned, Errands]:
    """Return the roster of `horizon_days` days with fewest days out, and its errands, one a visit.

    `every_days` and `due_in_days` are by errand of `ground`. What cannot be met stands in
    `unserved`, with the hours it would take.
    """
    rows, days = [], []
    asked = zip(due_in_days, every_days, strict=True)
    for row, (due, every) in enumerate(asked):
        for window in windows(int(due), int(every), horizon_days):
            rows.append(row)
            days.append(window)
    visits = ground.errands.iloc[rows].reset_index(drop=True)
    number = visits.groupby("errand_id").cumcount() + 1
    visits = visits.assign(errand_id=visits["errand_id"] + number.map("/{}".format))
    visits = Errands(conform(visits[ERRANDS.names], ERRANDS))
    out = [replace(crew, days=tuple(range(1, horizon_days + 1))) for crew in crews]
    found = plan(
        replace(ground, errands=visits), out, spent=spent, seed=seed, fewest_days=True, days=days
    )
    return found, visits


def missing_hours(planned: Planned) -> float:
    """Return how many hours more the unserved would take, each gone to alone: an upper bound."""
    return float(planned.unserved["hours"].sum())


def fewest_crews(
    ground: Ground, crew: Crew, *, most: int, spent: Spent, seed: int = 1
) -> tuple[int, Planned]:
    """Return the least number of crews like `crew` that leave nothing reachable unserved.

    Up to `most` are tried; when all are needed and more, the plan of `most` is returned with 0.
    """
    if most < 1:
        msg = f"wanted at least one crew to try, got {most}"
        raise ValueError(msg)
    for count in range(1, most + 1):
        crews = [replace(crew, name=f"{crew.name}{k}") for k in range(1, count + 1)]
        found = plan(ground, crews, spent=spent, seed=seed)
        reachable = found.unserved["hours"].notna() & (found.unserved["hours"] <= crew.hours)
        if not reachable.any():
            return count, found
    return 0, found


def cadence_days(every: pd.Series, unknown: int) -> np.ndarray:
    """Return whole days of each cadence, `unknown` where there is none."""
    return every.fillna(unknown).clip(lower=1).to_numpy(dtype=np.int64)
