"""The six patrols of one river that every matcher must get right, within 3 %."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

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


def test_out_and_back_counts_once_for_coverage_and_twice_for_effort():
    out = between(0, 1500)
    there, back = walk(out), walk(shapely.reverse(out), start=1200.0, seed=1)
    passages = run(patrol(there, back), courses(river=LINE))
    assert covered(passages, "river") == pytest.approx(1500, rel=0.03)
    assert passages["effort_m"].sum() == pytest.approx(3000, rel=0.06)


@pytest.mark.parametrize("x", [600.0, 1900.0, 2500.0, 4100.0])
@pytest.mark.parametrize("every", [1.0, 5.0, 30.0])
def test_crossing_a_bridge_earns_nothing(x, every):
    bridge = shapely.LineString([(EAST + x, NORTH - 900), (EAST + x + 150, NORTH + 900)])
    assert covered(run(patrol(walk(bridge, every=every)), courses(river=LINE)), "river") == 0


def test_an_outage_earns_nothing():
    first = walk(between(0, 1000))
    second = walk(between(4000, 4600), start=first[-1, 2] + 2300, seed=1)
    passages = run(patrol(first, second), courses(river=LINE))
    assert covered(passages, "river") == pytest.approx(1600, rel=0.03)
    assert len(passages) == 2


def test_the_whole_river_is_the_whole_river():
    assert covered(run(patrol(walk(WALKED)), courses(river=LINE)), "river") == pytest.approx(
        LENGTH, rel=0.03
    )


def test_a_course_beside_the_river_is_sure_and_the_river_unsure():
    road = shapely.offset_curve(LINE, 22.0)
    passages = run(patrol(walk(road)), courses(river=LINE, road=road))
    assert covered(passages, "road") == pytest.approx(road.length, rel=0.03)
    assert covered(passages, "river") == 0
    assert covered(passages, "river", "unsure") == pytest.approx(LENGTH, rel=0.03)


def test_sixty_metres_off_an_unknown_width_is_never_sure():
    passages = run(patrol(walk(shapely.offset_curve(LINE, 60.0))), courses(river=LINE))
    assert covered(passages, "river") == 0
    assert covered(passages, "river", "unsure") > 0
