"""Lay the ground of a plan: the network of the errands, and who may move on it on which day."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.closures import closed_edges, ends
from geo.crews import Crew
from geo.intervals import Stretches
from geo.lines import Floats, Ints, Lines
from geo.network import Joining, Network, build
from geo.schema import Courses, Errands, Features
from geo.travel import SPEEDS, Speed, Ways, ways
from geo.words import Language

# A mode, and the seasons in force in which some roads are shut: what decides where one can go.
Manner = tuple[str, tuple[str, ...]]
# Stretches are cut this often, lest one of them be more than a day.
CUT_EVERY_M = 500.0


@dataclass(frozen=True)
class Outing:
    """A crew on a day, from node to node; every tour of a plan is one."""

    crew: Crew
    day: int
    start: int
    end: int
    manner: Manner


@dataclass(frozen=True)
class Terrain:
    """What a plan is made on: courses, their lines and network, and words for the steps.

    Nobody uses `closed` edges. `first_on` is the date of day 1; without it no season is in force.
    """

    courses: Courses
    lines: Lines
    network: Network
    errands: Errands
    speeds: dict[str, Speed] = field(default_factory=lambda: dict(SPEEDS))
    language: Language = "zh"
    closed: NDArray[np.bool_] | None = None
    first_on: pd.Timestamp | None = None

    def manner(self, mode: str, day: int) -> Manner:
        """Return how one moves by a mode on a day of the plan, from 1."""
        if self.first_on is None:
            return mode, ()
        return mode, self.network.seasons(self.first_on + pd.Timedelta(days=day - 1))

    def shut(self, manner: Manner) -> NDArray[np.bool_]:
        """Return which edges nobody may use who moves so."""
        forbidden = self.network.forbidden(*manner)
        return forbidden if self.closed is None else forbidden | self.closed

    def ways(self, manner: Manner) -> Ways:
        """Return the ways of who moves so."""
        return ways(self.network, self.speeds[manner[0]], closed=self.shut(manner))


def terrain(
    courses: Courses,
    lines: Lines,
    errands: Errands,
    *,
    features: Features | None = None,
    joining: Joining | None = None,
    closed: Stretches | None = None,
    first_on: pd.Timestamp | None = None,
    language: Language = "zh",
) -> Terrain:
    """Return the ground for `errands`: the network is cut where they begin and end, and between.

    Nobody moves along what is `closed`, and nothing is looked at there.
    """
    number = lines.numbers(errands["course_id"])
    places = list(_cuts(number, errands["from_m"].to_numpy(), errands["to_m"].to_numpy()))
    if closed is not None:
        places.append(ends(closed))
    course = np.concatenate([course for course, _ in places])
    m = np.concatenate([m for _, m in places])
    known = course >= 0
    wanted = (course[known], np.clip(m[known], 0, lines.length_m[course[known]]))
    network = build(courses, lines, joining=joining, wanted=wanted, features=features)
    shut = None if closed is None else closed_edges(network, closed)
    return Terrain(
        courses, lines, network, errands, language=language, closed=shut, first_on=first_on
    )


def _cuts(number: Ints, from_m: Floats, to_m: Floats) -> Iterable[tuple[Ints, Floats]]:
    """Give the ends of stretches, and places as far apart as wanted between them."""
    pieces = np.maximum(np.ceil((to_m - from_m) / CUT_EVERY_M), 1).astype(np.int64)
    of = np.repeat(np.arange(len(number)), pieces)
    piece = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    yield number[of], from_m[of] + (to_m - from_m)[of] * piece / pieces[of]
    yield number, to_m
