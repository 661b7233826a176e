import re
import shutil

import pandas as pd
import pytest
from worlds import every_fix

from geo.settings import Settings
from layers.dbf import encoding_of
from layers.kinds import VECTOR_SUFFIXES, suffix_of
from layers.project import Project, open_project
from layers.read import read
from layers.sources import Source

pytestmark = pytest.mark.real
# Two or more letters of Latin-1 in a row where a Chinese, Japanese or Korean name stood.
MOJIBAKE = re.compile("[\u00a1-\u00ff]{3,}|\ufffd")


def only(folder, path, kind, **told):
    file = path.relative_to(folder).as_posix()
    source = Source(path, file, kind, time_zone=told.pop("time_zone", "UTC"), **told)
    return read(Project(folder, (source,), Settings(language="en"), None, folder / "out"))


def test_every_broken_file_gives_a_result_or_a_clear_message(real):
    folder = real / "broken"
    seen = 0
    for path in sorted(folder.rglob("*")):
        suffix = suffix_of(path)
        if suffix not in {*VECTOR_SUFFIXES, ".gpx", ".csv", ".txt"} or not path.is_file():
            continue
        kind = (
            "patrols" if suffix == ".gpx" else "problems" if suffix in {".csv", ".txt"} else "parts"
        )
        inputs = only(folder, path, kind)
        frame = {
            "patrols": every_fix(inputs),
            "problems": inputs.problem_rows,
            "parts": inputs.parts,
        }[kind]
        told = inputs.rejects[inputs.rejects["rule"] != "no_assets"]
        assert len(frame) or len(told), path
        assert told["message"].str.contains("wanted|came|said").all(), path
        assert not told["message"].str.contains(str(real), regex=False).any(), path
        text = " ".join([*inputs.parts["name"], *inputs.parts["part"], *inputs.parts["asset"]])
        assert not MOJIBAKE.search(text), (path, text[:80])
        seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("dbf/gbk.dbf", "gb18030"),
        ("dbf/gb2312.dbf", "gb18030"),
        ("dbf/big5.dbf", "big5hkscs"),
        ("dbf/shiftjis.dbf", "cp932"),
        ("dbf/eucjp.dbf", "euc_jp"),
        ("dbf/utf8.dbf", "utf-8"),
        ("dbf/ldid/chinese.dbf", "gb18030"),
        ("dbf/cpg/big5.dbf", "big5hkscs"),
        ("dbf/cpg/euckr.dbf", "euc_kr"),
        ("dbf/cpg/win1251.dbf", "cp1251"),
        ("dbf/latin1.dbf", "cp1252"),
    ],
)
def test_the_encoding_of_a_table_is_judged_by_its_text(real, name, encoding):
    path = real / "broken" / "mapshaper" / "test" / "data" / name
    assert encoding_of(path.with_suffix(".shp"), name, "")[0] == encoding


def test_an_extract_of_a_town_gives_rivers_roads_and_the_reservoir(real):
    inputs = only(real / "longgang", real / "longgang" / "longgang_shenzhen.osm", "osm")
    features = inputs.features
    assert features[features["kind"] == "river"]["name"].tolist() == ["龙岗河", ""]
    assert features[features["kind"] == "reservoir"]["name"].tolist() == ["龙口水库"]
    water = features[features["name"] == "龙口水库"].geometry.iloc[0]
    assert water.area == pytest.approx(609_000, rel=0.01)
    roads = features[features["kind"] == "road"]
    assert len(roads) == 513
    assert roads.geometry.length.sum() == pytest.approx(225_000, rel=0.01)
    assert features["feature_id"].is_unique
    assert inputs.crs.to_epsg() == 4547


def test_a_country_in_pbf_reads_as_known(real):
    inputs = only(
        real / "liechtenstein", real / "liechtenstein" / "liechtenstein-latest.osm.pbf", "osm"
    )
    length = inputs.features.geometry.length.groupby(inputs.features["kind"]).sum() / 1000
    assert length["road"] == pytest.approx(1_141, rel=0.01)
    # 205 km of waterways, less dam, weir and the like.
    assert length["river"] + length["canal"] == pytest.approx(205, rel=0.01)
    assert {"county", "town"} & set(inputs.areas["level"]) or len(inputs.areas)
    assert inputs.features["feature_id"].is_unique


def test_dengzhou_keeps_several_pieces_under_one_name(real, tmp_path):
    for name, new in (("rivers", "rivers"), ("canals", "canals"), ("osm-reservoir-surfaces", "reservoirs"),
                      ("admin-boundaries", "areas"), ("places", "places")):  # fmt: skip
        shutil.copy(real / "dengzhou" / f"{name}.geojson", tmp_path / f"{new}.geojson")
    inputs = read(open_project(tmp_path))
    rivers = inputs.features[inputs.features["kind"] == "river"]
    assert (len(rivers), set(rivers["code"])) == (19, {""})
    assert (rivers["name"] == "湍河").sum() > 1
    assert rivers.geometry.length.sum() == pytest.approx(436_000, rel=0.01)
    assert sorted(inputs.areas["level"]) == ["county"] * 3
    assert len(inputs.parts) == 127
    assert inputs.rejects["severity"].tolist().count("error") == 0


def test_months_of_real_tracks_are_read_by_columns(real, tmp_path):
    shutil.copy(real / "haidian" / "haidian_beijing.osm", tmp_path / "haidian_beijing.osm")
    shutil.copy(real / "haidian" / "geolife_sample.txt.gz", tmp_path / "patrols.txt.gz")
    (tmp_path / "patrolmap.toml").write_text('time_zone = "UTC"\n', "utf-8")
    inputs = read(open_project(tmp_path))
    assert len(every_fix(inputs)) == 217_653
    assert every_fix(inputs)["at"].min() > pd.Timestamp("2007-01-01", tz="UTC")
    assert inputs.patrols["patrol_id"].is_unique
    assert set(every_fix(inputs)["patrol_id"]) <= set(inputs.patrols["patrol_id"])
    assert inputs.features["name"].str.contains("万泉河").any()
