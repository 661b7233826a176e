"""Worlds of the matcher's tests: a river, walks along it, frames of fixes and patrols."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cleaning import judged
from geo.gist import gist
from geo.lines import measure
from geo.match import match
from geo.schema import COURSES, FIXES, PATROLS, Courses, Fixes, Patrols, conform
from geo.settings import Settings

CRS = "EPSG:4547"
EAST, NORTH = 500_000.0, 3_300_000.0


def river():
    """A meandering river of 5.3 km."""
    x = np.arange(0.0, 4_900.0, 25.0)
    return np.column_stack([EAST + x, NORTH + 180 * np.sin(x / 420) + 25 * np.sin(x / 75)])


def courses(**lines):
    frame = gpd.GeoDataFrame(
        [
            {"course_id": name, "asset_id": name, "kind": name.split("_")[0], "name": name,
             "grade": "", "width_m": np.nan, "length_m": line.length, "closed": False, "why": "",
             "geometry": line}
            for name, line in lines.items()
        ],
        crs=CRS,
    )  # fmt: skip
    return Courses(conform(frame, COURSES))


def walk(line, *, speed=1.3, every=5.0, noise=5.0, seed=0, start=0.0):
    """Fixes along a line, with noise; x, y, seconds."""
    along = np.arange(0.0, line.length, speed * every)
    xy = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    xy = xy + np.random.default_rng(seed).normal(0, noise, xy.shape)
    return np.column_stack([xy, start + np.arange(len(along)) * every])


def patrol(*legs, name="p", asset=""):
    """One patrol of the legs of `walk`, as frames."""
    xyt = np.concatenate(legs)
    at = pd.Timestamp("2026-05-01T01:00Z") + pd.to_timedelta(xyt[:, 2], unit="s")
    fixes = pd.DataFrame(
        {"patrol_id": name, "x_m": xyt[:, 0], "y_m": xyt[:, 1], "at": at, "accuracy_m": np.nan,
         "point": "track"}
    )  # fmt: skip
    row = dict.fromkeys(PATROLS.names, "") | {
        "patrol_id": name, "asset": asset, "started_at": at.min(), "ended_at": at.max(),
        "grade": "A", "row": 0, "mode": "foot",
    }  # fmt: skip
    return Fixes(conform(fixes, FIXES)), Patrols(conform(pd.DataFrame([row]), PATROLS))


def boxes(fixes, patrols):
    """Where each patrol went, as the explainer asks first."""
    settings = Settings()
    return gist(fixes, judged(fixes, patrols, settings), patrols, settings).boxes


def covered(passages, course, certainty="sure"):
    """Metres of the union of the passages on a course."""
    mine = passages[(passages["course_id"] == course) & (passages["certainty"] == certainty)]
    spans = [shapely.LineString([(a, 0), (b, 0)]) for a, b in mine[["from_m", "to_m"]].to_numpy()]
    return shapely.union_all(spans).length if spans else 0.0


def run(fixes_patrols, lines, settings=None, **options):
    fixes, patrols = fixes_patrols
    return match(fixes, patrols, lines, measure(lines), settings or Settings(), **options).passages


LINE = shapely.LineString(river())
WALKED = shapely.offset_curve(LINE, 12.0)
LENGTH = LINE.length


def between(a, b):
    """The path 12 m beside the river from chainage a to b."""
    ends = [
        shapely.line_locate_point(WALKED, shapely.line_interpolate_point(LINE, m)) for m in (a, b)
    ]
    return shapely.ops.substring(WALKED, *ends)


def fixes(x, y, seconds=None, *, name="p", point="track", accuracy=np.nan):
    at = pd.NaT
    if seconds is not None:
        at = pd.Timestamp("2026-05-01T01:00Z") + pd.to_timedelta(np.asarray(seconds), unit="s")
    return Fixes(
        conform(
            pd.DataFrame(
                {
                    "patrol_id": name,
                    "x_m": x,
                    "y_m": y,
                    "at": at,
                    "accuracy_m": accuracy,
                    "point": point,
                }
            ),
            FIXES,
        )
    )


def patrols(*names, grade="A"):
    row = dict.fromkeys(PATROLS.names, "") | {"started_at": pd.NaT, "ended_at": pd.NaT, "row": 0}
    rows = [row | {"patrol_id": name, "grade": grade} for name in names]
    return Patrols(conform(pd.DataFrame(rows, columns=PATROLS.names), PATROLS))
