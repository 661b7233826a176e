import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.settings import Cadence, Required, Tolerance
from layers.doctor import examine
from layers.kinds import kind_of
from layers.project import RESULTS_MARK, open_project
from layers.read import read
from layers.sources import ProjectError
from layers.template import start

RIVER = shapely.LineString([(120.0, 28.0), (120.05, 28.0)])


def put(folder, name, text="", encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return folder


def river(folder, name="河流.gpkg", crs=4326):
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"名称": ["王家河"]}, geometry=[RIVER], crs=crs), folder / name
    )
    return folder


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rivers.gpkg", "river"),
        ("河道2024.shp", "river"),
        ("渠道", "canal"),
        ("公路.geojson", "road"),
        ("水库.shp", "reservoir"),
        ("山塘.shp", "pond"),
        ("村界.shp", "areas"),
        ("部位.csv", "parts"),
        ("公示牌.xlsx", "signs"),
        ("里程桩.csv", "posts"),
        ("duties-town.xlsx", "duties"),
        ("河长名单.xlsx", "duties"),
        ("巡查", "patrols"),
        ("问题.csv", "problems"),
        ("readme.txt", ""),
        ("roadside.txt", ""),
        ("RIVERS.SHP", "river"),
    ],
)
def test_a_name_says_what_a_file_holds(name, kind):
    assert kind_of(name) == kind


def test_companions_results_and_lock_files_are_no_sources(tmp_path):
    river(tmp_path, "河流.shp")
    put(put(put(tmp_path, "out/rivers.gpkg"), "~$duties.xlsx"), ".duties.csv")
    put(put(tmp_path, "patrols/a.gpx"), "patrols/deep/b.gpx")
    files = [source.file for source in open_project(tmp_path).sources]
    assert files == ["patrols/a.gpx", "patrols/deep/b.gpx", "河流.shp"]


def test_results_under_a_name_of_data_are_not_read_and_told(tmp_path):
    river(put(tmp_path, "巡查路线/甲.gpx"))
    put(put(tmp_path, "巡查/一月.gpx"), "巡查/out/routes/乙.gpx")
    for results in ("巡查路线", "巡查/out"):
        (tmp_path / results / RESULTS_MARK).touch()
    project = open_project(tmp_path)
    assert [s.file for s in project.sources] == ["巡查/一月.gpx", "河流.gpkg"]
    assert [(f.rule, f.file) for f in project.faults] == [("own_results", "巡查路线")]


def test_settings_come_from_both_files(tmp_path):
    put(
        tmp_path,
        "patrolmap.toml",
        'language = "en"\nas_of = 2024-06-30\nsegment_m = 200\ntime_zone = "UTC"\n'
        '[tolerance.river]\nsure_m = 10\n[[required]]\nkind = "河流"\nlevel = "镇级"\nrole = "河长"\n',
    )
    put(tmp_path, "rules.toml", '[[cadence]]\nkind = "river"\nevery_days = 7\nlevel = "village"\n')
    project = open_project(tmp_path)
    settings = project.settings
    assert (settings.language, settings.segment_m, project.as_of) == (
        "en",
        200,
        pd.Timestamp("2024-06-30"),
    )
    assert settings.required == (Required("river", level="town", role="河长"),)
    assert settings.cadences == (Cadence("river", 7, level="village"),)
    assert settings.tolerances["river"] == Tolerance(10.0, 100.0)


def test_a_source_can_say_what_its_name_does_not(tmp_path):
    river(tmp_path, "sx.gpkg")
    put(tmp_path, "patrolmap.toml", '[[source]]\npath = "sx.gpkg"\nkind = "canal"\n')
    assert read(open_project(tmp_path)).features["kind"].tolist() == ["canal"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("colour = 1", "patrolmap.toml: unknown key 'colour'"),
        ('language = "fr"', "patrolmap.toml: language: wanted one of zh, en; came 'fr'"),
        ('time_zone = "Moon"', "time_zone: wanted a time zone such as Asia/Shanghai; came 'Moon'"),
        ("segment_m = -1", "segment_m: wanted a number, 0 or more; came -1"),
        ("segment_m = 0", "wanted a segment_m above 0"),
        ('as_of = "today"', "as_of: wanted a day"),
        ('datum = "mars"', "datum: wanted one of wgs84"),
        ('encoding = "x-unknown"', "encoding: wanted an encoding"),
        ('[[cadence]]\nkind = "river"', "[[cadence]] 1: wanted the key 'every_days'"),
        ('[[cadence]]\nkind = "sea"\nevery_days = 1', "kind: wanted one of river"),
        ('[[required]]\nkind = "road"\nrank = 1', "[[required]] 1: unknown key 'rank'"),
        ('[[source]]\npath = "a.shp"', "[[source]] 1: wanted the key 'kind'"),
        (
            '[[source]]\npath = "a"\nkind = "river"\ncrs = "EPSG:0"',
            "crs: wanted a reference system",
        ),
        ("[tolerance.river]\nsure_m = 200", "[tolerance.river]: wanted 0 < sure_m <= unsure_m"),
        ("language = zh", "patrolmap.toml: wanted TOML"),
        ("source = 1", "source: wanted tables in double brackets"),
    ],
)
def test_every_wrong_setting_has_its_line(tmp_path, text, line):
    with pytest.raises(ProjectError) as caught:
        open_project(put(tmp_path, "patrolmap.toml", text))
    assert line in str(caught.value)


def test_all_wrong_settings_are_told_at_once(tmp_path):
    with pytest.raises(ProjectError) as caught:
        open_project(put(tmp_path, "patrolmap.toml", 'a = 1\nlanguage = "fr"\n'))
    assert len(str(caught.value).splitlines()) == 2


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ProjectError, match="wanted a folder"):
        open_project(tmp_path / "nowhere")


def test_a_file_named_in_the_settings_but_absent_is_told(tmp_path):
    river(put(tmp_path, "patrolmap.toml", '[[source]]\npath = "x.shp"\nkind = "road"\n'))
    inputs = read(open_project(tmp_path))
    assert inputs.rejects[["rule", "file"]].to_numpy().tolist() == [["missing_file", "x.shp"]]
    assert len(inputs.features) == 1


def lines(folder):
    project = open_project(folder)
    return examine(read(project)).lines()


def test_an_empty_folder_says_what_to_put_there(tmp_path):
    (line,) = lines(tmp_path)
    assert "rivers" in line or "河道" in line


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_bad_input_of_the_first_light_gives_its_line_and_the_rest_runs(tmp_path, language):
    river(tmp_path)
    grid = gpd.GeoDataFrame(
        {"名称": ["乙"]}, geometry=[shapely.LineString([(5e5, 3e6), (5.1e5, 3e6)])], crs=4549
    )
    pyogrio.write_dataframe(grid, tmp_path / "渠道.shp")
    (tmp_path / "渠道.prj").unlink()
    put(tmp_path, "duties.csv", "河流名称,河长\n")
    put(
        tmp_path,
        "patrols/a.gpx",
        '<gpx><trk><trkseg><trkpt lat="28" lon="120"/></trkseg></trk></gpx>',
    )
    put(tmp_path, "patrolmap.toml", f'language = "{language}"\n')
    told = lines(tmp_path)
    assert [line.split(":")[0] for line in told] == ["渠道.shp", "duties.csv", "patrols/a.gpx(1)"]
    assert read(open_project(tmp_path)).features["name"].tolist() == ["王家河"]
    words = ["需要", "请"] if language == "zh" else ["wanted"]
    assert all(word in line for word in words for line in told if "empty" not in line)


def test_the_examination_is_the_json_of_the_contract(tmp_path):
    river(put(tmp_path, "duties.csv", "河流名称,河长,起始日期\n王家河,张三,昨天\n", "gbk"))
    project = open_project(tmp_path)
    examination = examine(read(project))
    told = json.loads(json.dumps(examination.as_json(), ensure_ascii=False))
    assert told["files"][0] == {
        "path": "duties.csv",
        "kind": "duties",
        "rows": 1,
        "used": 1,
        "rejected": 0,
        "encoding": "gb18030",
        "crs": "",
        "datum": "",
    }
    assert told["errors"] == []
    assert [(w["rule"], w["file"], w["row"], w["column"]) for w in told["warnings"]] == [
        ("bad_date", "duties.csv", 2, "起始日期")
    ]
    assert examination.healthy


def test_a_new_project_is_read_without_errors_and_keeps_what_is_there(tmp_path):
    assert len(start(tmp_path / "新")) == 5
    before = (tmp_path / "新" / "责任.xlsx").read_bytes()
    assert start(tmp_path / "新") == []
    assert (tmp_path / "新" / "责任.xlsx").read_bytes() == before
    project = open_project(river(tmp_path / "新"))
    examination = examine(read(project))
    assert examination.errors["rule"].tolist() == []
    assert set(examination.warnings["rule"]) == {"empty_table"}


def test_every_commented_setting_of_a_new_project_is_a_good_one(tmp_path):
    start(tmp_path)
    path = tmp_path / "patrolmap.toml"
    settings = [line[2:] for line in path.read_text("utf-8").splitlines() if line.startswith("# ")]
    good = [line for line in settings if line[0] == "[" or (line[0].isascii() and " = " in line)]
    path.write_text("\n".join(good), "utf-8")
    assert len(good) > 20
    assert open_project(tmp_path).settings.cadences == (Cadence("river", 7, level="village"),)


def test_the_headers_of_a_new_duty_table_are_all_understood(tmp_path):
    start(tmp_path)
    book = openpyxl.load_workbook(tmp_path / "责任.xlsx")
    row = ["王家河", "R1", "河流", "李村", "K0+000", "K1+000", "左岸", "村级", "河长", "张三", "李村村委会",
           "13800000000", "2024-01-01", "2024-12-31", ""]  # fmt: skip
    book.worksheets[0].append(row)
    book.save(tmp_path / "责任.xlsx")
    rows = read(open_project(tmp_path)).duty_rows
    told = rows.drop(columns=["duty_id", "file", "row", "joint"]).astype(str).iloc[0].to_dict()
    assert told == {
        "asset": "王家河",
        "code": "R1",
        "kind": "river",
        "area": "李村",
        "from_text": "K0+000",
        "to_text": "K1+000",
        "side": "左岸",
        "role": "河长",
        "level": "village",
        "holder": "张三",
        "holder_kind": "person",
        "unit": "李村村委会",
        "phone": "13800000000",
        "from_on": "2024-01-01",
        "until_on": "2025-01-01",
    }


HOSTILE = [
    "{{7*7}}",
    "</script><script>",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "${x}",
    "\x00\x07",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_plain_text(tmp_path, text):
    layer = gpd.GeoDataFrame({"名称": [f"王家河{text}"]}, geometry=[RIVER], crs=4326)
    pyogrio.write_dataframe(layer, tmp_path / "河流.geojson")
    name = read(open_project(tmp_path)).features["name"][0]
    assert name == f"王家河{text}".replace("\x00", "").replace("\x07", "")


def test_one_slip_of_a_coordinate_moves_nothing_else(tmp_path):
    slip = shapely.LineString([(0, 0), (0.01, 0)])
    layer = gpd.GeoDataFrame({"名称": list("甲乙丙")}, geometry=[RIVER, slip, RIVER], crs=4326)
    pyogrio.write_dataframe(layer, tmp_path / "河流.gpkg")
    inputs = read(open_project(tmp_path))
    assert inputs.crs.to_epsg() == 4549
    assert inputs.features["name"].tolist() == ["甲", "丙"]
    assert inputs.rejects[["rule", "row"]].to_numpy().tolist() == [["too_far", 2]]


def test_problems_without_any_position_stay(tmp_path):
    river(put(tmp_path, "problems.csv", "河流名称,桩号,问题描述\n王家河,K0+100,垃圾\n"))
    inputs = read(open_project(tmp_path))
    assert inputs.problem_rows[["asset", "chainage_text"]].to_numpy().tolist() == [
        ["王家河", "K0+100"]
    ]
    assert inputs.problem_rows.geometry.isna().all()
