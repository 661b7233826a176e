"""Read again, where their lines were redrawn, the duty rows that say what they said before."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj

from geo.baseline import Baseline, row_keys
from geo.calibration import Calibration
from geo.carry import carried, redrawn
from geo.ends import LIMITS
from geo.schema import COURSES, Courses, DutyRows, Readings
from geo.settings import Settings
from geo.words import Text

_BANK = Text(
    "{course} 的线形已反向重画,这一行仍指原来的那一岸;核对后请改写岸别",
    "{course} was redrawn the other way; this row still means the bank it meant, check it and "
    "write the bank anew",
)
Fault = tuple[int, str, str, str, bool]

_SILENT = pd.DataFrame({"key": [], "what": [], "why": []}, dtype=object)


@dataclass(frozen=True)
class Reread:
    """Rows that keep their first meaning: `at` are their numbers, the rest is as in `Ends`."""

    at: list[int]
    limits: pd.DataFrame
    faults: list[Fault]
    turned: frozenset[tuple[int, str]]


def reread(
    rows: DutyRows,
    courses: Courses,
    calibration: Calibration,
    baseline: Baseline,
    settings: Settings,
) -> Reread:
    """Return the stretches, carried by position, of rows first read on lines that are redrawn now.

    A row on lines that are drawn as they were is none of them, nor is one whose course has
    kilometre posts: posts say themselves where their chainages are. Every row that moved is
    reported; one of which an end is drawn no more is cut to what still is, one of which nothing is
    found again is lost and gives no stretch. A row that is found
    anew but names a bank keeps its bank where the line now runs the other way.
    """
    keys = row_keys(rows)
    moved = _moved(baseline, courses, calibration, set(keys))
    rows_of = pd.DataFrame({"at": np.arange(len(rows)), "key": keys})
    found = _carried(moved[moved["way"] == "chainage"], courses, baseline, settings)
    banks = _carried(moved[moved["way"] == "bank"], courses, baseline, settings).stretches
    turned = rows_of.merge(banks[banks["turned"]], on="key")[["at", "course_id"]]
    limits = rows_of.merge(found.stretches, on="key").rename(
        columns={"from_m": "start_m", "to_m": "end_m"}
    )
    limits = limits.assign(located_by="chainage", lasting=False, carried=True)
    told = found.report.groupby("key", sort=False).agg({"why": list})["why"]
    cut = set(found.report.loc[found.report["what"] == "cut", "key"])
    by_chainage = set(moved.loc[moved["way"] == "chainage", "key"])
    lost = by_chainage - set(found.stretches["key"])
    stop = ";" if settings.language == "zh" else "; "
    faults = [
        (int(at), "lost" if key in lost else "cut" if key in cut else "moved", "from_text",
         stop.join(told[key]), key not in lost)
        for at, key in rows_of.itertuples(index=False)
        if key in told
    ]  # fmt: skip
    faults += [
        (int(at), "moved", "side", _BANK.say(settings.language, course=course), True)
        for at, course in turned.itertuples(index=False)
    ]
    at = rows_of.loc[rows_of["key"].isin(by_chainage), "at"].to_list()
    pairs = frozenset((int(at), str(course)) for at, course in turned.itertuples(index=False))
    return Reread(at, limits[LIMITS].sort_values("at", kind="stable"), faults, pairs)


@dataclass(frozen=True)
class _Found:
    stretches: pd.DataFrame
    report: pd.DataFrame


def _moved(
    baseline: Baseline, courses: Courses, calibration: Calibration, keys: set[str]
) -> Readings:
    """Return the readings, of `keys`, of rows of which a course was redrawn.

    Chainages of a course with posts are not among them.
    """
    kept, readings = baseline.courses, baseline.readings
    lines = Courses(kept.to_crs(pyproj.CRS(courses.crs)))
    elsewhere = kept[redrawn(lines, courses)][["course_id", "version"]]
    hit = readings.merge(elsewhere, on=["course_id", "version"])["key"]
    official = readings["course_id"].isin(set(calibration.posts)) & (readings["way"] == "chainage")
    posted = readings.loc[official, "key"]
    mine = keys & set(hit) - set(posted)
    return Readings(readings[readings["key"].isin(mine)])


def _carried(
    moved: pd.DataFrame, courses: Courses, baseline: Baseline, settings: Settings
) -> _Found:
    """Return the readings on `courses`, and what is to be said of each, both by key."""
    stretches, reports = [], []
    for version, mine in moved.groupby("version"):
        then = baseline.courses[baseline.courses["version"] == version]
        found = carried(
            Courses(then[COURSES.names]),
            courses,
            mine,
            ignore_m=settings.ignore_m,
            language=settings.language,
        )
        key = moved.loc[found.report["row"], "key"].to_numpy()
        stretches.append(found.stretches)
        reports.append(found.report[["what", "why"]].assign(key=key))
    return _Found(_together(stretches, moved.assign(turned=False)), _together(reports, _SILENT))


def _together(frames: list[pd.DataFrame], otherwise: pd.DataFrame) -> pd.DataFrame:
    some = [frame for frame in frames if len(frame)]
    return pd.concat(some, ignore_index=True) if some else otherwise.iloc[:0]
