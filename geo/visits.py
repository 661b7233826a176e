"""Say which parts a patrol visited: dams, gates, outfalls, signs.

A part is visited by a stay within its tolerance, or by a check-in or photo there.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cleaning import seconds_of
from geo.lines import Floats, Ints
from geo.schema import VISITS, Fixes, Flagged, Parts, Visits, conform, empty
from geo.settings import Settings
from geo.words import Text

_STAYED = Text("停留{seconds:.0f}秒", "stayed {seconds:.0f} s")
_POINT = Text("在此签到或拍照", "checked in or took a photo here")
_UNTIMED = Text("轨迹经过,没有时间", "the track comes here, without times")
# Fixes farther apart in time do not prove that the patrol stayed between them.
_SILENCE_S = 150.0
_CELL_M = 250.0


def visit(fixes: Fixes, flags: Flagged, parts: Parts, settings: Settings) -> Visits:
    """Return one row for each part a patrol visited, in the order of patrols and parts.

    A stay is the time from fix to fix within the tolerance; without times a fix is enough.
    """
    usable = flags["used"].to_numpy() & np.isfinite(fixes["x_m"]).to_numpy()
    row, part, distance = _near(fixes, usable, parts, settings.part_tolerance_m)
    if not len(row):
        return Visits(conform(empty(VISITS), VISITS))
    near = pd.DataFrame(
        {
            "patrol_id": fixes["patrol_id"].to_numpy(dtype=object)[row],
            "part_id": parts["part_id"].to_numpy(dtype=object)[part],
            "t": seconds_of(fixes["at"])[row],
            "distance_m": np.round(distance, 1),
            "point": (fixes["point"] != "track").to_numpy()[row],
        }
    ).sort_values(["patrol_id", "part_id", "t"], kind="stable")
    same = ["patrol_id", "part_id"]
    step = near.groupby(same)["t"].diff()
    near["seconds"] = step.where(step <= _SILENCE_S, 0.0).fillna(0.0)
    found = near.groupby(same, as_index=False).agg(
        at=("t", "min"),
        seconds=("seconds", "sum"),
        distance_m=("distance_m", "min"),
        point=("point", "any"),
    )
    timed = found["at"].notna()
    found = found[found["point"] | ~timed | (found["seconds"] >= settings.part_stay_s)]
    return Visits(conform(_worded(found, settings), VISITS))


def _worded(found: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    language = settings.language
    timed = found["at"].notna()
    stayed = found["seconds"].map(lambda s: _STAYED.say(language, seconds=s))
    why = stayed.where(timed, _UNTIMED.say(language))
    long = found["seconds"] >= settings.part_stay_s
    return found.assign(
        at=pd.to_datetime(found["at"], unit="s", utc=True),
        seconds=found["seconds"].where(timed),
        why=why.where(long | ~found["point"], _POINT.say(language)),
    ).drop(columns="point")


def _near(
    fixes: Fixes, usable: NDArray[np.bool_], parts: Parts, within_m: float
) -> tuple[Ints, Ints, Floats]:
    """Return fix, part and distance of every usable fix within a distance of a part."""
    shapes = parts.geometry.to_numpy()
    rows = np.flatnonzero(usable)
    nothing = np.zeros(0, dtype=np.int64)
    if not len(rows) or not len(shapes):
        return nothing, nothing, np.zeros(0)
    x, y = fixes["x_m"].to_numpy(float)[rows], fixes["y_m"].to_numpy(float)[rows]
    # Points are dear to make: only those in a cell that a part reaches into.
    west, south, east, north = shapely.bounds(shapes).T
    cells: set[tuple[int, int]] = set()
    for w, s, e, n in zip(west, south, east, north, strict=True):
        if np.isfinite(w):
            columns = range(int((w - within_m) // _CELL_M), int((e + within_m) // _CELL_M) + 1)
            lines = range(int((s - within_m) // _CELL_M), int((n + within_m) // _CELL_M) + 1)
            cells |= {(column, line) for column in columns for line in lines}
    wanted = pd.MultiIndex.from_tuples(sorted(cells) or [(0, 0)])
    here = pd.MultiIndex.from_arrays([(x // _CELL_M).astype(int), (y // _CELL_M).astype(int)])
    close = here.isin(wanted)
    points = np.asarray(gpd.points_from_xy(x[close], y[close]), dtype=object)
    at, part = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=within_m)
    return rows[close][at], part, np.asarray(shapely.distance(points[at], shapes[part]))
