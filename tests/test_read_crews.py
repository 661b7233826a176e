"""The table of crews: what is understood, and each fault named by row and column."""

import math

import openpyxl
import pytest

from layers.crews import clock
from layers.project import open_project
from layers.read import read
from layers.template import start

HEAD = ("班组", "起点", "终点", "交通方式", "工时", "出发时间", "工作日", "责任区")


def office(folder, *rows, head=HEAD):
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.worksheets[0].append(row)
    book.save(folder / "班组.xlsx")
    (folder / "roads.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲路"},'
        '"geometry":{"type":"LineString","coordinates":[[114.2,22.7],[114.21,22.7]]}}]}',
        "utf-8",
    )
    return read(open_project(folder))


def test_a_full_row_is_understood(tmp_path):
    rows = (
        "东组",
        "东村",
        "114.20,22.70",
        "电动车",
        "4.5小时",
        "8:15",
        "周一至周三、周六",
        "东村、李四",
    )
    got = office(tmp_path, rows).crews.iloc[0]
    assert (got["crew"], got["start"], got["mode"], got["hours"]) == (
        "东组",
        "东村",
        "motorcycle",
        4.5,
    )
    assert (got["end"], got["end_lon"], got["end_lat"]) == ("", 114.2, 22.7)
    assert (got["sets_out_min"], got["weekdays"], got["areas"]) == (495.0, "1236", "东村、李四")
    assert (got["file"], got["row"]) == ("班组.xlsx", 2)


@pytest.mark.parametrize("text", ["8:00-12:00", "08:00—12:00", "8点至12点"])
def test_working_hours_may_be_a_span_of_the_day(tmp_path, text):
    got = office(tmp_path, ("甲组", text), head=("班组", "工作时间")).crews.iloc[0]
    assert (got["sets_out_min"], got["hours"]) == (480.0, 4.0)


def test_hours_that_begin_at_another_time_than_said_are_a_fault(tmp_path):
    row = dict.fromkeys(HEAD, "") | {"班组": "乙组", "工时": "8:00-12:00", "出发时间": "9:00"}
    got = office(tmp_path, ("甲组",), tuple(row.values()))
    assert got.rejects["column"].tolist() == ["出发时间"]
    assert got.crews["crew"].tolist() == ["甲组"]


def test_what_is_not_said_is_left_to_the_asking(tmp_path):
    got = office(tmp_path, ("甲组",), head=("班组",)).crews.iloc[0]
    assert (got["start"], got["mode"], got["weekdays"], got["areas"]) == ("", "", "", "")
    assert math.isnan(got["hours"])
    assert math.isnan(got["start_lon"])


def test_a_shared_crew_has_no_area_of_its_own(tmp_path):
    assert office(tmp_path, ("甲组", *[""] * 6, "全镇")).crews["areas"].tolist() == [""]


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [("交通方式", "飞机", "步行"), ("工时", "六小时", "0 到 24"), ("工时", "25", "0 到 24"),
     ("出发时间", "25:00", "8:30"), ("工作日", "节假日", "周一至周五"), ("班组", "", "没有用过")],
)  # fmt: skip
def test_a_fault_is_named_by_row_and_column_and_the_rest_is_read(tmp_path, column, value, wanted):
    row = dict.fromkeys(HEAD, "") | {"班组": "乙组"} | {column: value}
    # A row with nothing else in it would count as empty.
    got = office(tmp_path, ("甲组",), tuple(row.values() if value else [*[""] * 7, "东村"]))
    fault = got.rejects[got.rejects["file"] == "班组.xlsx"].iloc[0]
    assert (fault["row"], fault["column"], fault["severity"]) == (3, column, "error")
    assert wanted in fault["message"]
    assert got.crews["crew"].tolist() == ["甲组"]


def test_a_name_given_twice_is_a_fault(tmp_path):
    got = office(tmp_path, ("甲组",), ("甲组",))
    assert got.rejects["row"].tolist() == [3]
    assert len(got.crews) == 1


def test_a_table_without_a_name_column_says_what_it_has(tmp_path):
    got = office(tmp_path, ("东村", 4), head=("起点", "工时"))
    assert "班组" in got.rejects["message"].iloc[0]
    assert got.crews.empty


def test_the_template_is_read_without_a_fault(tmp_path):
    start(tmp_path / "新")
    assert (tmp_path / "新" / "班组.xlsx").is_file()
    told = read(open_project(tmp_path / "新")).rejects
    assert told.loc[told["file"] == "班组.xlsx", "rule"].tolist() == ["empty_table"]


@pytest.mark.parametrize(
    ("text", "minutes"), [("8:30", 510.0), ("8点", 480.0), ("8时05分", 485.0), ("08:30:00", 510.0)]
)
def test_times_of_day_as_offices_write_them(text, minutes):
    assert clock(text) == minutes
