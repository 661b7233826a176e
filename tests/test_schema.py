"""The frames' contract."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo import schema
from geo.lines import measure
from geo.schema import COURSES, REJECTS, TABLES, conform, empty


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_empty_frame_conforms_to_its_own_table(table):
    frame = empty(table, crs="EPSG:4547")
    assert list(conform(frame, table).columns) == table.names


def test_a_missing_column_is_named_with_what_came():
    frame = schema.rejects([]).drop(columns="row").assign(line=1)
    with pytest.raises(TypeError, match=r"rejects: missing columns \['row'\].*\['line'\]"):
        conform(frame, REJECTS)


def test_unknown_text_becomes_empty_not_nan():
    frame = schema.rejects([("a.csv", 3, None, "x", "error", "m")])
    assert frame.loc[0, "column"] == ""


def courses(*lines, crs="EPSG:4547"):
    frame = pd.DataFrame(
        {
            "course_id": [f"C{i}" for i in range(len(lines))],
            "asset_id": "A",
            "kind": "river",
            "name": "",
            "grade": "",
            "width_m": float("nan"),
            "length_m": 0.0,
            "closed": False,
            "why": "",
        }
    )
    geometry = [shapely.LineString(line) for line in lines]
    return conform(gpd.GeoDataFrame(frame, geometry=geometry, crs=crs), COURSES)


def test_lengths_are_on_the_ground_not_on_the_projection():
    # 10 km along the central meridian of a 3° zone, true length 10,000 m there; in UTM the same
    # ground is drawn 0.04 % short.
    line = gpd.GeoSeries(
        [shapely.LineString([(500_000, 3_000_000), (500_000, 3_010_000)])], crs="EPSG:4547"
    )
    assert measure(courses(line[0].coords)).length_m[0] == pytest.approx(10_000, abs=0.002)
    in_utm = line.to_crs("EPSG:32650")
    there = courses(in_utm[0].coords, crs="EPSG:32650")
    assert measure(there).length_m[0] == pytest.approx(10_000, abs=0.05)
