"""What the commands promise before they read anything."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from layers.options import read_options
from scripts.cli import main


def run(*words):
    return CliRunner().invoke(main, list(words))


def put_a_river(folder):
    line = '{"type":"LineString","coordinates":[[120.1,30.0],[120.12,30.01]]}'
    (folder / "rivers.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"清水河"},'
        f'"geometry":{line}}}]}}',
        encoding="utf-8",
    )


def test_help_does_not_import_what_is_heavy():
    code = (
        "import sys\nfrom scripts.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'pandas', 'numpy', 'shapely', 'folium', 'numba'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", main.list_commands(None))
def test_every_command_helps_with_a_sentence_and_an_example(name):
    told = run(name, "--help")
    assert told.exit_code == 0
    assert "Example: patrolmap" in told.output


def test_every_command_takes_what_the_contract_says(tmp_path):
    for name in main.list_commands(None):
        told = run(name, "--help").output
        assert all(f"--{word} " in told for word in ("as-of", "out", "lang", "format", "quiet"))


def test_what_new_is_told_stands_in_the_settings(tmp_path):
    folder = tmp_path / "新"
    told = run("new", str(folder), "--lang", "en", "--as-of", "2026年9月30日", "--format", "json")
    assert len(json.loads(told.stdout)["written"]) == 5
    options = read_options(folder)
    assert (options.settings.language, str(options.as_of.date())) == ("en", "2026-09-30")


@pytest.mark.parametrize("word", ["2026-13-45", "today", "09/30/2026"])
def test_a_day_that_is_none_is_one_line_and_code_2(tmp_path, word):
    put_a_river(tmp_path)
    told = run("gaps", str(tmp_path), "--as-of", word)
    assert (told.exit_code, "--as-of" in told.stderr) == (2, True)


def test_a_rule_that_does_not_exist_cannot_fail(tmp_path):
    told = run("gaps", str(tmp_path), "--fail-on", "unasigned")
    assert told.exit_code == 2
    assert "unassigned" in told.stderr


def test_a_folder_that_is_not_there_is_one_line_and_code_2(tmp_path):
    told = run("gaps", str(tmp_path / "nowhere"))
    assert told.exit_code == 2
    assert "nowhere" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("name", ["map", "gaps", "suggest", "routes"])
def test_a_folder_with_nothing_in_it_says_so_and_ends_with_2(tmp_path, name):
    told = run(name, str(tmp_path), "--as-of", "2026-09-30")
    assert told.exit_code == 2
    assert "需要至少一个图层" in told.stderr


def test_check_of_a_folder_with_nothing_in_it_says_what_to_put_there(tmp_path):
    told = run("check", str(tmp_path), "--as-of", "2026-09-30")
    assert told.exit_code == 1
    assert "需要至少一个图层" in told.output


def test_reports_without_any_asset_are_examined_all_the_same(tmp_path):
    (tmp_path / "问题.csv").write_text("问题编号,经度,纬度,状态\n1,120.1,30,待办\n", "utf-8")
    told = run("check", str(tmp_path), "--as-of", "2026-09-30")
    assert told.exit_code == 1
    assert "至少一个对象" in told.output


def test_a_river_alone_is_enough_for_a_map(tmp_path):
    put_a_river(tmp_path)
    assert run("map", str(tmp_path), "--as-of", "2026-09-30").exit_code == 0
    told = run("gaps", str(tmp_path), "--as-of", "2026-09-30", "--fail-on", "unassigned")
    assert told.exit_code == 1
    assert "河道" in told.output


def test_results_written_beside_the_data_are_not_read_again(tmp_path):
    put_a_river(tmp_path)
    asked = ["map", str(tmp_path), "--as-of", "2026-09-30", "--out", str(tmp_path / "巡查路线")]
    assert run(*asked).exit_code == 0
    first = (tmp_path / "巡查路线" / "findings.xlsx").read_bytes()
    assert run(*asked).exit_code == 0
    assert (tmp_path / "巡查路线" / "findings.xlsx").read_bytes() == first


def test_results_are_not_written_among_the_data(tmp_path):
    put_a_river(tmp_path)
    (tmp_path / "巡查").mkdir()
    (tmp_path / "巡查" / "一月.csv").write_text("姓名,日期\n张三,2026-01-05\n", "utf-8")
    told = run("gaps", str(tmp_path), "--out", str(tmp_path / "巡查"))
    assert (told.exit_code, "巡查/一月.csv" in told.stderr) == (2, True)
    assert [path.name for path in (tmp_path / "巡查").iterdir()] == ["一月.csv"]


def test_a_faulty_duty_row_is_told_once_and_in_the_offices_own_words(tmp_path):
    put_a_river(tmp_path)
    # Two posts make two duties of one row; the row has one fault.
    (tmp_path / "责任.csv").write_text(
        "河道名称,起止桩号,镇级河长,村级河长\n清水河,K0+900-K0+100,张三,李四\n", encoding="utf-8"
    )
    told = run("check", str(tmp_path), "--as-of", "2026-09-30", "--format", "json")
    (fault,) = json.loads(told.stdout)["errors"]
    assert (fault["row"], fault["column"]) == (2, "起止桩号")


def test_a_fault_in_an_end_by_coordinates_names_their_column(tmp_path):
    put_a_river(tmp_path)
    (tmp_path / "责任.csv").write_text(
        "河道名称,起点经度,起点纬度,终点经度,终点纬度,河长\n清水河,121.9,31.9,120.12,30.01,张三\n",
        encoding="utf-8",
    )
    told = run("check", str(tmp_path), "--as-of", "2026-09-30", "--format", "json")
    (fault,) = json.loads(told.stdout)["errors"]
    assert (fault["row"], fault["column"]) == (2, "起点经度")
