"""Duties by county on the rivers of 邓州 and its neighbours."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.areas import within
from geo.courses import trace
from geo.findings import Rule, collect, declared
from geo.gaps import answered, lengths
from geo.ground import Ground
from geo.intervals import millimetres
from geo.lines import measure
from geo.schema import AREAS, FEATURES, PARTS, POSTS, conform_geo, empty
from geo.settings import Settings
from tests.duty_world import rows, study

CRS = "EPSG:4546"
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def basin(real):
    """The rivers and canals as courses, the three counties as areas."""
    folder = real / "dengzhou"
    drawn = pd.concat(
        [
            gpd.read_file(folder / f"{name}.geojson").assign(kind=kind)
            for name, kind in (("rivers", "river"), ("canals", "canal"))
        ]
    )
    features = gpd.GeoDataFrame(
        {
            "feature_id": drawn["id"], "kind": drawn["kind"], "code": "", "name": drawn["name_zh"], "grade": "",
            "width_m": float("nan"), "oneway": "", "flows": False, "barred": "", "shut": "", "unpaved": False, "file": "rivers", "row": range(1, len(drawn) + 1),
        },
        geometry=drawn.geometry.to_numpy(), crs=4326,
    ).to_crs(CRS)  # fmt: skip
    traced = trace(conform_geo(features, FEATURES), empty(POSTS, CRS), Settings())
    county = gpd.read_file(folder / "admin-boundaries.geojson").to_crs(CRS)
    areas = gpd.GeoDataFrame(
        {"area_id": county["id"], "name": county["name_zh"], "level": "county", "parent": "", "file": "a", "row": range(1, 4)},
        geometry=county.geometry, crs=CRS,
    )  # fmt: skip
    areas = conform_geo(areas, AREAS)
    lines = measure(traced.courses)
    return Ground(
        traced.assets,
        traced.courses,
        lines,
        areas,
        empty(PARTS, CRS),
        within(lines, areas),
        traced.calibration,
    )


def test_metres_by_county_agree_with_a_clip(basin):
    by_county = (
        (basin.within["to_m"] - basin.within["from_m"]).groupby(basin.within["area_id"]).sum()
    )
    assert len(by_county) >= 2
    for area_id, metres in by_county.items():
        county = basin.areas.set_index("area_id").geometry[area_id]
        clipped = shapely.intersection(basin.courses.geometry.to_numpy(), county)
        # The plane of a 3° zone is stretched by less than one part in two thousand.
        assert metres == pytest.approx(shapely.length(clipped).sum(), rel=5e-4)


def test_each_county_holds_its_rivers_and_the_rest_is_unassigned(basin):
    asked = basin.areas["name"].to_list()[:2]
    given = rows(
        *(
            {"kind": "river", "area": name, "holder": f"{name}河长办", "level": "county"}
            for name in asked
        )
    )
    of = study(given, on=basin)
    rivers = lengths(answered(of), of.courses)["river"]
    mine = basin.within[basin.within["area_id"].isin(basin.areas["area_id"][:2])]
    river = mine["course_id"].map(basin.courses.set_index("course_id")["kind"]) == "river"
    held = (millimetres(mine["to_m"]) - millimetres(mine["from_m"]))[river].sum()
    assert millimetres(rivers["assigned_m"]) == held
    total = millimetres(basin.lines.length_m)[basin.courses["kind"] == "river"].sum()
    assert millimetres(rivers["total_m"]) == total
    assert millimetres(rivers["assigned_m"] + rivers["unassigned_m"]) == total
    assert millimetres(of.segments["length_m"]).sum() == millimetres(basin.lines.length_m).sum()


def test_the_rules_have_their_say(basin):
    given = rows(
        *(
            {"asset": name, "holder": "王县长", "level": "county"}
            for name in ("湍河", "白河", "赵河")
        ),
        {"asset": "严陵河", "area": "邓州", "holder": "李镇长", "level": "town"},
    )
    found = collect(study(given, on=basin))
    assert set(found["rule"]) <= set(declared("geo.rules", "RULE", Rule))
    bare = found[found["rule"].isin(["unassigned", "hole"])]
    assert (found["why"] != "").all()
    assert bare["who_acts"].str.contains("河长办").all()
