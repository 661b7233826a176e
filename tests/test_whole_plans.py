"""Whole plans, from the files to the legs, are checked by hands that did not make them."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crews import Asking, crews_of
from geo.dispatch import Wish, dispatch
from geo.network import Joining
from geo.program import study
from layers.demo.write import AS_OF, write_office
from layers.project import open_project
from layers.read import read
from tests.verifier import verify

REAL_AS_OF = pd.Timestamp("2026-09-30")


def planned(folder, as_of, asking, **wish):
    """Plan from the files of a folder, and check the whole plan again."""
    project = open_project(folder)
    found = study(read(project), project.settings, pd.Timestamp(as_of))
    made = dispatch(found, Wish(crews=asking, **wish), search=lambda _: lambda done: done / 2000)
    crews, _ = crews_of(found, asking, made.first_on)
    plan = made.planned
    verify(plan.routes, plan.unserved, found.courses, made.errands, crews, Joining(),
           found.inputs.features, made.first_on)  # fmt: skip
    return made


def test_the_plan_of_the_demo_office_holds_and_leaves_nothing_unreached(tmp_path):
    write_office(tmp_path)
    made = planned(tmp_path, AS_OF, Asking(count=2, hours=8.0), bank="both")
    assert not made.planned.unserved["why"].str.contains("到不了").any()
    assert len(made.planned.routes) > 20


@pytest.mark.real
def test_the_plan_of_a_street_office_with_one_way_roads_holds(real, tmp_path):
    shutil.copy(real / "longgang" / "longgang_shenzhen.osm", tmp_path)
    made = planned(tmp_path, REAL_AS_OF, Asking(count=3, hours=4.0, mode="car"))
    assert made.planned.routes["crew"].nunique() == 3


def grid_of_roads(rivers, seed):
    """Roads a kilometre or so apart over the middle of the rivers, in degrees."""
    dice = np.random.default_rng(seed)
    x0, y0, x1, y1 = rivers.total_bounds
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    east, north = (np.cumsum(dice.uniform(0.008, 0.014, 14)) for _ in range(2))
    east, north = x + east - east.mean(), y + north - north.mean()
    rows = [[(a, b) for b in north] for a in east] + [[(a, b) for a in east] for b in north]
    return [shapely.LineString(row) for row in rows]


@pytest.mark.real
def test_the_plan_of_real_rivers_between_made_up_roads_holds(real, tmp_path):
    import geopandas as gpd

    rivers = gpd.read_file(real / "dengzhou" / "rivers.geojson")
    roads = grid_of_roads(rivers, seed=1)
    box = shapely.box(*shapely.MultiLineString(roads).bounds)
    near = rivers[rivers.intersects(box)]
    near = near.set_geometry(near.intersection(box)).explode()
    near[near.geom_type == "LineString"].to_file(tmp_path / "rivers.geojson", driver="GeoJSON")
    drawn = gpd.GeoDataFrame(
        {"name": [f"路{k}" for k in range(len(roads))]}, geometry=roads, crs=4326
    )
    drawn.to_file(tmp_path / "roads.geojson", driver="GeoJSON")
    assert json.loads((tmp_path / "roads.geojson").read_text("utf-8"))["features"]
    made = planned(tmp_path, REAL_AS_OF, Asking(count=2, hours=8.0, days=4), bank="both")
    looked = made.planned.routes[made.planned.routes["kind"] == "service"]
    assert set(looked["side"]) >= {"L", "R"}
