"""Keep where duty rows given by chainage lay when they were first read, and on which lines.

K3+200 is a place on the line that was drawn when the row was written. As long as a row says the
same, it means the place it meant at its first reading, however its line is redrawn; a row that was
changed is read on the lines of the day.
"""

import hashlib
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.schema import (
    KEPT_COURSES,
    READINGS,
    Assets,
    Courses,
    Duties,
    DutyRows,
    KeptCourses,
    Readings,
    conform,
    conform_geo,
    empty,
)

# What a row says of where it lies; a new holder does not move it.
_WHERE = ("asset", "code", "kind", "area", "from_text", "to_text", "side")


@dataclass(frozen=True)
class Baseline:
    """What outlives a redrawing; `courses` may be in the metric CRS of an earlier run."""

    courses: KeptCourses
    readings: Readings


def no_baseline() -> Baseline:
    """Return the baseline of a first run: nothing was read before."""
    courses = conform_geo(empty(KEPT_COURSES, pyproj.CRS(4326)), KEPT_COURSES)
    return Baseline(KeptCourses(courses), Readings(empty(READINGS)))


def row_keys(rows: DutyRows) -> NDArray[np.object_]:
    """Return a name for what each row says of where it lies: rows that say the same share one."""
    said = zip(*(rows[column] for column in _WHERE), strict=True)
    keys = [hashlib.sha256(repr(one).encode()).hexdigest()[:16] for one in said]
    return np.array(keys, dtype=object)


def kept(
    baseline: Baseline,
    rows: DutyRows,
    found: Readings,
    duties: Duties,
    assets: Assets,
    courses: Courses,
) -> Baseline:
    """Return the baseline for the next run; `found` are this run's readings, on `courses`.

    A row that says what it said keeps its first reading. What no row says any more is forgotten,
    unless its whole file gave no row: then the file may only be missing for a day. Kept are the
    drawings that readings rest on, and the present one of every asset that has a duty.
    """
    before, earlier = baseline.courses.to_crs(pyproj.CRS(courses.crs)), baseline.readings
    said = earlier["key"].isin(set(row_keys(rows))) | ~earlier["file"].isin(set(rows["file"]))
    still = earlier[said]
    fresh = found[~found["key"].isin(set(still["key"]))]
    held = courses["course_id"].isin(set(duties["course_id"]) | set(fresh["course_id"]))
    mine = held.groupby(courses["asset_id"]).transform("any").to_numpy(dtype=bool)
    now = _versioned(Courses(courses[mine]), assets, before)
    version = dict(zip(now["course_id"], now["version"], strict=True))
    fresh = fresh.assign(version=fresh["course_id"].map(version))
    readings = pd.concat([still, fresh] if len(fresh) else [still], ignore_index=True)
    readings = readings.sort_values(["key", "course_id", "from_m"], kind="stable")
    # The last drawing of what is gone today may be wanted tomorrow.
    gone = ~before["asset_id"].isin(set(courses["asset_id"])) & before["latest"]
    gone &= before["course_id"].isin(set(still["course_id"]))
    some = [frame for frame in (now, before.assign(latest=gone)) if len(frame)] or [before]
    every = pd.concat(some, ignore_index=True).drop_duplicates(["course_id", "version"])
    resting = pd.MultiIndex.from_frame(every[["course_id", "version"]]).isin(
        pd.MultiIndex.from_frame(readings[["course_id", "version"]])
    )
    every = every[resting | every["latest"].to_numpy(dtype=bool)]
    every = every.sort_values(["course_id", "version"], kind="stable")
    lines = gpd.GeoDataFrame(every, crs=courses.crs)
    return Baseline(
        KeptCourses(conform_geo(lines, KEPT_COURSES)), Readings(conform(readings, READINGS))
    )


def _versioned(courses: Courses, assets: Assets, before: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return `courses` as kept ones: under the version that was drawn the same, else a new one."""
    code = dict(zip(assets["asset_id"], assets["code"], strict=True))
    then = before.merge(
        pd.DataFrame({"course_id": courses["course_id"], "now": courses.geometry.to_numpy()}),
        on="course_id",
    )
    same = shapely.equals_exact(then.geometry.to_numpy(), then["now"].to_numpy(), tolerance=0.001)
    known = then[same].drop_duplicates("course_id").set_index("course_id")["version"]
    fresh = before.groupby("course_id")["version"].max() + 1
    ids = courses["course_id"]
    return courses.assign(
        # How a line came about is told in the language of the day.
        why="",
        code=courses["asset_id"].map(code),
        version=ids.map(known).fillna(ids.map(fresh)).fillna(1).astype("int64"),
        latest=True,
    )
