"""The whole program on real data, when they are there."""

import shutil

import pandas as pd
import pytest

from geo.gaps import summary
from geo.intervals import millimetres
from geo.program import study
from layers.project import open_project
from layers.read import read
from maps.results import write_results

pytestmark = pytest.mark.real
AS_OF = pd.Timestamp("2026-09-30")


def studied(folder, as_of=AS_OF):
    project = open_project(folder)
    return study(read(project), project.settings, as_of)


def sums_are_exact(found):
    kinds = summary(found)
    for lengths in kinds["lengths"].values():
        parts = ("assigned_m", "unassigned_m", "out_of_scope_m")
        assert sum(millimetres([lengths[part] for part in parts])) == millimetres(
            [lengths["total_m"]]
        )
    total = sum(millimetres([one["total_m"]])[0] for one in kinds["lengths"].values())
    assert total == millimetres(found.lines.length_m).sum()
    return kinds


def test_longgang_from_one_osm_file(real, tmp_path):
    shutil.copy(real / "longgang" / "longgang_shenzhen.osm", tmp_path)
    names = ["龙岗河,河道,街道办", "龙口水库,水库,水务所"]
    (tmp_path / "duties.csv").write_text("对象名称,类型,责任单位\n" + "\n".join(names), "utf-8")
    found = studied(tmp_path)
    kinds = sums_are_exact(found)
    assert kinds["lengths"]["road"]["total_m"] == pytest.approx(225_000, rel=0.01)
    assert kinds["lengths"]["reservoir"]["assigned_m"] > 3_000
    written = write_results(found, tmp_path / "out")
    assert written.bytes < 2_000_000


def test_dengzhou_by_county(real, tmp_path):
    source = real / "dengzhou"
    for name, given in {
        "rivers.geojson": "rivers.geojson",
        "canals.geojson": "canals.geojson",
        "reservoirs.geojson": "osm-reservoir-surfaces.geojson",
        "areas.geojson": "admin-boundaries.geojson",
    }.items():
        shutil.copy(source / given, tmp_path / name)
    rows = "湍河,邓州市,县级,张三\n湍河,内乡县,县级,李四\n白河,,县级,赵六\n没有的河,,县级,王五\n"
    (tmp_path / "duties.csv").write_text("河流名称,片区,级别,河长\n" + rows, "utf-8")
    found = studied(tmp_path)
    sums_are_exact(found)
    held = found.duties.groupby("holder")
    length = (held["to_m"].sum() - held["from_m"].sum()).to_dict()
    assert set(length) == {"张三", "李四", "赵六"}
    assert set(found.findings["rule"]) >= {"unassigned", "unmatched_duty"}


def test_haidian_walks_on_real_roads(real, tmp_path):
    shutil.copy(real / "haidian" / "haidian_beijing.osm", tmp_path)
    (tmp_path / "patrols").mkdir()
    shutil.copy(real / "haidian" / "geolife_sample.txt.gz", tmp_path / "patrols")
    found = studied(tmp_path, pd.Timestamp("2009-06-30"))
    road = sums_are_exact(found)["coverage"]["road"]
    assert 20_000 < road["covered_m"] < 110_000
    assert found.gist.measured["points"].sum() == found.trails.sizes.sum()


def test_liechtenstein_is_a_county(real, tmp_path):
    shutil.copy(real / "liechtenstein" / "liechtenstein-latest.osm.pbf", tmp_path)
    found = studied(tmp_path)
    assert sums_are_exact(found)["lengths"]["road"]["total_m"] == pytest.approx(1_141_000, rel=0.01)
    written = write_results(found, tmp_path / "out")
    assert written.bytes < 12_000_000
