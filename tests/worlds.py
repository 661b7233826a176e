"""Build worlds small enough to check by hand: straight courses in a metric CRS, few rows."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo import schema
from geo.lines import measure
from geo.schema import conform

CRS = "EPSG:4547"
# On the central meridian of the zone a metre on the map is a metre on the ground.
EAST, NORTH = 500_000.0, 3_300_000.0


def frame(table, rows, geometry=None):
    """A frame of `table` from dicts; what a row leaves out gets its unknown value."""
    unknown = {
        "text": "",
        "m": np.nan,
        "number": np.nan,
        "share": np.nan,
        "whole": 0,
        "at": pd.NaT,
        "on": pd.NaT,
        "yes": False,
    }
    plain = pd.DataFrame(
        [{c.name: row.get(c.name, unknown[c.kind]) for c in table.columns} for row in rows],
        columns=[c.name for c in table.columns],
    )
    if not table.geometry:
        return conform(plain, table)
    shapes = gpd.GeoSeries(geometry if geometry is not None else [], crs=CRS)
    return conform(gpd.GeoDataFrame(plain, geometry=shapes.to_numpy(), crs=CRS), table)


def line(*points):
    """A line through points given in metres east and north of the world's corner."""
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in points])


def northward(*lengths, kind="river"):
    """Courses C0, C1 ... running north, a kilometre apart, of the lengths given in metres."""
    lines = [line((1000 * i, 0), (1000 * i, length)) for i, length in enumerate(lengths)]
    rows = [
        {"course_id": f"C{i}", "asset_id": f"C{i}", "kind": kind, "name": f"C{i}", "length_m": n}
        for i, n in enumerate(lengths)
    ]
    courses = frame(schema.COURSES, rows, lines)
    return courses, measure(courses)


def tiled(courses, *, every_m=500.0):
    """Segments of equal length on `courses`."""
    rows, lines = [], []
    for course in courses.itertuples():
        starts = np.arange(0, course.length_m, every_m)
        for start in starts:
            end = min(start + every_m, course.length_m)
            rows.append(
                {
                    "segment_id": f"{course.course_id}@{start:.0f}",
                    "from_m": start,
                    "to_m": end,
                    "length_m": end - start,
                    "course_id": course.course_id,
                    "asset_id": course.asset_id,
                    "kind": course.kind,
                    "name": course.name,
                }
            )
            lines.append(shapely.ops.substring(course.geometry, start, end))
    return frame(schema.SEGMENTS, rows, lines)


def passage(patrol, course, from_m, to_m, day, **more):
    """A sure passage of grade A that ended at noon of `day` in Shanghai, or undated for None."""
    at = pd.NaT if day is None else pd.Timestamp(f"{day} 04:00", tz="UTC")
    return {
        "passage_id": f"{patrol}/{from_m}",
        "patrol_id": patrol,
        "course_id": course,
        "from_m": from_m,
        "to_m": to_m,
        "side": "B",
        "entered_at": at,
        "left_at": at,
        "offset_m": 8.0,
        "fixes": 20,
        "certainty": "sure",
        "evidence": "A",
    } | more


def every_fix(inputs):
    """The fixes of all patrols, in their order."""
    return inputs.trails.of(np.arange(len(inputs.patrols)))
