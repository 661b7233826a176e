import sqlite3

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.program import study
from layers.project import open_project
from layers.read import read
from layers.store import ResultsError, read_results, store


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    line = shapely.LineString([(120.0, 28.0), (120.01, 28.0)])
    river = gpd.GeoDataFrame({"名称": ["王家河{{7*7}}"]}, geometry=[line], crs=4326)
    pyogrio.write_dataframe(river, folder / "河流.gpkg")
    (folder / "duties.csv").write_text(
        "河流名称,河长,起始日期\n王家河{{7*7}},张三,2024-01-01\n", "utf-8"
    )
    (folder / "problems.csv").write_text(
        "问题描述,经度,纬度,发现时间\n垃圾,120.005,28,2024-04-07 08:30\n", "utf-8"
    )
    project = open_project(folder)
    return study(read(project), project.settings, pd.Timestamp("2024-06-30"))


def test_what_is_stored_reads_back_the_same(result, tmp_path):
    store(result, tmp_path / "a.gpkg")
    frames = read_results(tmp_path / "a.gpkg")
    assert {"assets", "segments", "standing", "findings", "duties", "rejects", "run"} <= set(frames)
    for name in ("segments", "duties", "standing", "problems", "findings", "files"):
        kept = getattr(result, name, getattr(result.inputs, name, None))
        pd.testing.assert_frame_equal(pd.DataFrame(frames[name]), pd.DataFrame(kept))


def test_the_same_study_is_stored_in_the_same_bytes(result, tmp_path):
    for name in ("a.gpkg", "b.gpkg"):
        store(result, tmp_path / name)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_the_run_record_tells_inputs_and_parameters(result, tmp_path):
    store(result, tmp_path / "a.gpkg")
    run = read_results(tmp_path / "a.gpkg")["run"].set_index("key")["value"]
    assert run["as_of"].startswith("2024-06-30")
    assert run["setting.segment_m"] == "500.0"
    assert len(run["sha256.duties.csv"]) == 64


def test_qgis_finds_its_styles(result, tmp_path):
    store(result, tmp_path / "a.gpkg")
    base = sqlite3.connect(tmp_path / "a.gpkg")
    named = {row[0] for row in base.execute("SELECT f_table_name FROM layer_styles")}
    tables = {row[0] for row in base.execute("SELECT table_name FROM gpkg_contents")}
    base.close()
    assert named <= tables


def test_old_results_stay_when_writing_fails(result, tmp_path, monkeypatch):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"old")
    monkeypatch.setattr("layers.store._finish", lambda *_: (tmp_path / "gone" / "x").read_bytes())
    with pytest.raises(FileNotFoundError):
        store(result, path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.gpkg"]


@pytest.mark.parametrize("raw", [b"", b"nonsense"])
def test_a_file_that_is_no_result_is_told(tmp_path, raw):
    (tmp_path / "a.gpkg").write_bytes(raw)
    with pytest.raises(ResultsError, match="wanted a results file"):
        read_results(tmp_path / "a.gpkg")


def test_a_geopackage_of_others_is_told(tmp_path):
    other = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs=4326)
    pyogrio.write_dataframe(other, tmp_path / "a.gpkg", layer="x")
    with pytest.raises(ResultsError, match="wanted a results file with a layer 'run'"):
        read_results(tmp_path / "a.gpkg")
