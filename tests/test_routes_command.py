"""The command `routes` on a folder of two files: the contract, the same bytes twice, bad asking."""

import json
import shutil

import openpyxl
import pytest
from click.testing import CliRunner

from scripts.routes import COMMAND

LON, LAT = 114.20, 22.70


def collection(**lines):
    return json.dumps({
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"name": name},
             "geometry": {"type": "LineString",
                          "coordinates": [[LON + x, LAT + y] for x, y in points]}}
            for name, points in lines.items()
        ],
    })  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("office")
    river = collection(清溪=[(0.0, 0.0), (0.01, 0.0), (0.02, 0.0)])
    roads = collection(
        沿河路=[(0.0, 0.0003), (0.01, 0.0003), (0.02, 0.0003)],
        桥路=[(0.01, -0.004), (0.01, 0.0003)],
    )
    (path / "rivers.geojson").write_text(river, "utf-8")
    (path / "roads.geojson").write_text(roads, "utf-8")
    # One walk along the first metres of the bridge road, weeks before the day of the plan.
    fixes = "".join(
        f'<trkpt lat="{LAT - 0.004 + k * 0.0001}" lon="{LON + 0.01}">'
        f"<time>2026-08-01T02:{k:02d}:00Z</time></trkpt>"
        for k in range(20)
    )
    (path / "patrols").mkdir()
    (path / "patrols" / "walk.gpx").write_text(
        '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
        f"{fixes}</trkseg></trk></gpx>", "utf-8",
    )  # fmt: skip
    return path


def run(folder, out, *words):
    asked = [str(folder), "--as-of", "2026-09-30", "--out", str(out), "--quiet", *words]
    return CliRunner().invoke(COMMAND, asked)


def test_the_json_keeps_the_contract_and_two_runs_the_bytes(folder, tmp_path):
    words = ("--start", f"{LON},{LAT + 0.0003}", "--format", "json", "--mode", "bicycle")
    first, second = run(folder, tmp_path / "a", *words), run(folder, tmp_path / "b", *words)
    assert first.exit_code == 0, first.output
    told = json.loads(first.output)
    assert first.output == second.output
    for path in sorted((tmp_path / "a" / "routes").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / "routes" / path.name).read_bytes()
    route = told["routes"][0]
    assert route["service_m"] > 2000
    assert route["length_m"] == pytest.approx(route["service_m"] + route["deadhead_m"], abs=0.01)
    assert told["unserved"] == []


def test_a_start_in_the_sea_is_said_and_nothing_breaks(folder, tmp_path):
    done = run(folder, tmp_path, "--start", "116.0,20.0")
    assert done.exit_code == 0, done.output
    assert "离路网" in done.output
    assert "没有能出发的班组" in done.output


def test_a_start_that_is_none_is_refused_in_one_line(folder, tmp_path):
    done = run(folder, tmp_path, "--start", "here")
    assert done.exit_code == 2
    assert "wanted longitude,latitude" in done.stderr


def test_zero_hours_are_said(folder, tmp_path):
    assert "工时为零" in run(folder, tmp_path, "--hours", "0").output


def test_the_plan_stands_on_a_page_with_one_line_a_tour(folder, tmp_path):
    told = run(folder, tmp_path, "--crews", "2", "--mode", "bicycle")
    assert told.exit_code == 0, told.output
    page = (tmp_path / "routes" / "map.html").read_text("utf-8")
    assert "patrolmap" in page
    assert 'http-equiv="Content-Security-Policy"' in page.replace("'", '"')


def test_a_roster_without_a_cadence_is_said(folder, tmp_path):
    told = run(folder, tmp_path, "--roster", "--days", "7")
    assert told.exit_code == 0, told.output
    assert "没有写巡查频次" in told.output
    assert "没有能出发的班组" not in told.output


def test_a_week_meets_every_cadence_and_says_so(folder, tmp_path):
    office = tmp_path / "office"
    shutil.copytree(folder, office)
    (office / "rules.toml").write_text(
        '[[cadence]]\nkind = "road"\nevery_days = 3\n[[cadence]]\nkind = "river"\nevery_days = 7\n',
        "utf-8",
    )
    (office / "crews.csv").write_text(
        f'班组,起点,交通方式,工时\n东组,"{LON},{LAT}",自行车,5\n西组,飞来峰,步行,5\n', "utf-8"
    )
    told = run(office, tmp_path, "--roster", "--days", "7")
    assert told.exit_code == 0, told.output
    assert "crews.csv 第 3 行 西组:部位和片区里没有叫“飞来峰”的地方" in told.output
    assert "7 天内每段的频次都排到了" in told.output
    book = openpyxl.load_workbook(tmp_path / "routes" / "roster.xlsx")
    assert [sheet.title for sheet in book] == ["汇总", "步骤", "手机导航", "未排入"]
    assert book["汇总"].cell(book["汇总"].max_row, 1).value == "合计"


def test_tracks_of_the_plan_before_go_and_other_files_stay(folder, tmp_path):
    run(folder, tmp_path, "--crews", "2", "--mode", "bicycle")
    own = tmp_path / "routes" / "自己的.gpx"
    own.write_text("x", "utf-8")
    run(folder, tmp_path, "--crews", "1", "--mode", "bicycle")
    assert sorted(path.name for path in (tmp_path / "routes").glob("*.gpx")) == [
        "第1组-1.gpx", "自己的.gpx",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "25:00"), "--at: wanted a time of day"),
        (("--from", "soon"), "--from: wanted a day"),
    ],
)
def test_words_that_are_no_time_are_refused_in_one_line(folder, tmp_path, words, said):
    told = run(folder, tmp_path, *words)
    assert told.exit_code == 2
    assert said in told.stderr
