"""Say who goes out: the crews of the office's table, and what an asking overrides."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.offices import start_place
from geo.study import Study
from geo.travel import SPEEDS
from geo.words import Language, Text

NAME = Text("第{n}组", "crew {n}")
NO_PLACE = Text(
    "{file} 第 {row} 行 {crew}:部位和片区里没有叫“{place}”的地方,不安排;可写“经度,纬度”",
    "{file} row {row}, {crew}: no part or area is called '{place}', so nothing is planned; "
    "write longitude,latitude",
)
MODE, HOURS, SETS_OUT_MIN = "motorcycle", 6.0, 8 * 60 + 30


@dataclass(frozen=True)
class Crew:
    """Who goes: start and end in the metric CRS, mode, hours a day, the days it works.

    With `only`, only errands in an area or of a holder of one of these names. `sets_out_min` is in
    minutes after midnight.
    """

    name: str
    x_m: float
    y_m: float
    end_x_m: float | None = None
    end_y_m: float | None = None
    mode: str = MODE
    hours: float = HOURS
    days: tuple[int, ...] = (1,)
    only: tuple[str, ...] = ()
    sets_out_min: float = SETS_OUT_MIN

    def __post_init__(self) -> None:
        if self.mode not in SPEEDS or not 0 <= self.hours <= 24:
            msg = (
                f"{self.name}: wanted a mode of {list(SPEEDS)} and 0 to 24 hours, "
                f"got {self.mode!r} and {self.hours}"
            )
            raise ValueError(msg)

    def may(self, holders: str, areas: str) -> bool:
        """Return whether an errand of these holders, in these areas, is this crew's."""
        named = areas.split("、")
        return not self.only or any(word in named or word in holders for word in self.only)


Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Asking:
    """What is asked of the crews; None and () leave it to the table, else to our defaults.

    `starts` are (longitude, latitude), the last one for all further crews.
    """

    count: int | None = None
    starts: tuple[tuple[float, float], ...] = ()
    mode: str | None = None
    hours: float | None = None
    days: int = 1
    sets_out_min: float | None = None


def crews_of(study: Study, asking: Asking, first_on: pd.Timestamp) -> tuple[list[Crew], list[str]]:
    """Return the crews that are to go out, and in words what was chosen for want of a word.

    They are those of the office's table. A `count` takes its first ones, and further ones numbered
    on. Day 1 is `first_on`; a crew whose start cannot be found is not sent out, and said.
    """
    language = study.settings.language
    rows: list[Row] = pd.DataFrame(study.inputs.crews).to_dict("records")
    wanted = asking.count or len(rows) or 1
    starts = _metric(study, asking.starts)
    notes: list[str] = []
    if len(rows) < wanted or any(not row["start"] and np.isnan(row["start_lon"]) for row in rows):
        *place, chosen = start_place(study.parts, study.lines, language)
        notes += [] if starts else [chosen]
        middle = (float(place[0]), float(place[1]))
    else:
        middle = (0.0, 0.0)
    crews = []
    for n in range(wanted):
        row: Row = rows[n] if n < len(rows) else {}
        given = starts[min(n, len(starts) - 1)] if starts else None
        begin, end = (_place(study, row, key, notes) for key in ("start", "end"))
        if given is None and begin is None and row.get("start"):
            continue
        start = given or begin or middle
        crews.append(_crew(row, n, asking, first_on, language, start, end or start))
    return crews, notes


def _crew(
    row: Row,
    n: int,
    asking: Asking,
    first_on: pd.Timestamp,
    language: Language,
    start: tuple[float, float],
    end: tuple[float, float],
) -> Crew:
    hours = asking.hours if asking.hours is not None else row.get("hours", np.nan)
    sets_out = asking.sets_out_min
    sets_out = sets_out if sets_out is not None else row.get("sets_out_min", np.nan)
    week = str(row.get("weekdays", "") or "1234567")
    every = range(1, asking.days + 1)
    days = [k for k in every if str((first_on + pd.Timedelta(days=k - 1)).isoweekday()) in week]
    return Crew(
        str(row.get("crew") or NAME.say(language, n=n + 1)),
        *start,
        *end,
        mode=str(asking.mode or row.get("mode") or MODE),
        hours=_number(hours, HOURS),
        days=tuple(days),
        only=tuple(filter(None, str(row.get("areas", "")).split("、"))),
        sets_out_min=_number(sets_out, SETS_OUT_MIN),
    )


def _number(value: float, unknown: float) -> float:
    return unknown if np.isnan(value) else float(value)


def _place(study: Study, row: Row, key: str, notes: list[str]) -> tuple[float, float] | None:
    """Return where a row's start or end lies; None where it says nothing, or nothing that is known.

    A place is a part or an area of that very name, else the only one whose name holds the word.
    """
    lon, lat, word = (row.get(name) for name in (f"{key}_lon", f"{key}_lat", key))
    if isinstance(lon, float) and isinstance(lat, float) and np.isfinite(lon):
        return _metric(study, [(lon, lat)])[0]
    if not word:
        return None
    for frame in (study.parts, study.areas):
        names = frame["name"]
        found = frame[names == word]
        found = found if len(found) else frame[names.str.contains(str(word), regex=False)]
        if len(found) == 1 or (len(found) and (names == word).any()):
            point = shapely.point_on_surface(found.geometry.iloc[0])
            return float(point.x), float(point.y)
    values = {name: row[name] for name in ("file", "row", "crew")}
    notes.append(NO_PLACE.say(study.settings.language, place=word, **values))
    return None


def _metric(study: Study, places: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if not places:
        return []
    to_metres = pyproj.Transformer.from_crs("EPSG:4326", study.courses.crs, always_xy=True)
    lon, lat = zip(*places, strict=True)
    x, y = to_metres.transform(lon, lat)
    return list(zip(map(float, x), map(float, y), strict=True))
