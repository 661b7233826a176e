import numpy as np
import openpyxl
import pandas as pd
import pytest

from layers.datum import from_wgs84
from layers.duties import read_duties
from layers.layout import known
from layers.sources import Source
from layers.tables import read_tables


def source(path, **told):
    return Source(path, path.name, "duties", **told)


def duties(path, **told):
    tables, faults = read_tables(
        path, path.name, known, wanted="河流名称", encoding=told.get("encoding", "")
    )
    rows, more = read_duties(tables[0], source(path, **told)) if tables else (None, [])
    return rows, [*faults, *more]


def write_csv(folder, text, encoding="utf-8"):
    path = folder / "duties.csv"
    path.write_bytes(text.encode(encoding))
    return path


def write_book(folder, rows, merged=()):
    path = folder / "duties.xlsx"
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    book.save(path)
    return path


def write_sheets(folder, sheets, hidden=()):
    path = folder / "duties.xlsx"
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    book.save(path)
    return path


def every_sheet(path):
    tables, faults = read_tables(path, path.name, known, wanted="")
    return pd.concat([read_duties(table, source(path))[0] for table in tables]), faults


def told(rows, *columns):
    return rows[list(columns)].to_numpy().tolist()


def test_a_two_row_header_under_a_title_gives_a_row_a_post_and_real_row_numbers(tmp_path):
    rows, faults = duties(
        write_book(
            tmp_path,
            [
                ["某镇河长名单", None, None, None, None, None],
                ["序号", "河流名称", "镇级河长", None, "村级河长", None],
                [None, None, "姓名", "电话", "姓名", "电话"],
                [1, "王家河", "张三", 13800000000, "李四", "138 0000 0001"],
                [2, None, None, None, "赵五", "/"],
                ["合计", 1, None, None, None, None],
                ["备注：以上为2024年名单", None, None, None, None, None],
            ],
            ["A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "B4:B5", "C4:C5", "D4:D5"],
        )
    )
    assert faults == []
    assert told(rows, "row", "asset", "level", "holder", "phone", "kind") == [
        [4, "王家河", "town", "张三", "13800000000", "river"],
        [4, "王家河", "village", "李四", "138 0000 0001", "river"],
        [5, "王家河", "town", "张三", "13800000000", "river"],
        [5, "王家河", "village", "赵五", "", "river"],
    ]


def test_a_gbk_text_file_with_a_two_row_header_reads_the_same(tmp_path):
    text = "河流名称,镇级河长,,村级河长,\n,姓名,电话,姓名,电话\n王家河,张三,1,李四,2\n"
    rows, faults = duties(write_csv(tmp_path, text, "gbk"))
    assert faults == []
    assert told(rows, "row", "level", "holder", "phone") == [
        [3, "town", "张三", "1"],
        [3, "village", "李四", "2"],
    ]


@pytest.mark.parametrize("mark", [",", "\t", ";", "，"])
def test_any_separator_will_do(tmp_path, mark):
    text = (
        mark.join(["河流名称", "河长", "起点", "终点"])
        + "\n"
        + mark.join(["王家河", "张三", "K0+000", "K3+200"])
    )
    rows, _ = duties(write_csv(tmp_path, text))
    assert told(rows, "asset", "holder", "from_text", "to_text") == [
        ["王家河", "张三", "K0+000", "K3+200"]
    ]


def test_the_length_of_a_river_is_not_its_chief(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,河长,姓名\n王家河,3.2km,张三\n李家河,12,李四\n"))
    assert told(rows, "holder", "role") == [["张三", ""], ["李四", ""]]


def test_several_persons_in_a_cell_hold_a_joint_post(tmp_path):
    rows, _ = duties(write_csv(tmp_path, '河流名称,河长,电话\n王家河,"张三、李四",1/2\n'))
    assert told(rows, "duty_id", "holder", "phone", "joint") == [
        ["duties.csv#2", "张三", "1", True],
        ["duties.csv#2~2", "李四", "2", True],
    ]


@pytest.mark.parametrize("sign", ["", "/", "无", "—", "空缺", "待定"])
def test_a_vacant_post_has_no_holder(tmp_path, sign):
    rows, _ = duties(write_csv(tmp_path, f"河流名称,河长\n王家河,{sign}\n李家河,张三\n"))
    assert told(rows, "holder") == [[""], ["张三"]]


def test_the_last_day_of_a_term_is_still_valid(tmp_path):
    rows, _ = duties(
        write_csv(tmp_path, "河流名称,河长,起始日期,有效期至\n王家河,张三,2024.4.7,2024年6月\n")
    )
    assert str(rows["from_on"][0].date()) == "2024-04-07"
    assert str(rows["until_on"][0].date()) == "2024-07-01"


@pytest.mark.parametrize(
    ("written", "until"), [("2020-01-01至2022-01-01", "2022-01-02"), ("2020年1月1日至今", "NaT"),
                           ("2020—01—01", "NaT")],
)  # fmt: skip
def test_a_whole_term_in_the_column_of_its_start_ends_when_it_says(tmp_path, written, until):
    rows, faults = duties(write_csv(tmp_path, f"河流名称,河长,任职时间\n王家河,张三,{written}\n"))
    assert str(rows["from_on"][0].date()) == "2020-01-01"
    assert str(rows["until_on"][0])[:10] == until
    assert faults == []


def test_an_end_of_a_term_that_is_no_date_is_told(tmp_path):
    _, faults = duties(
        write_csv(tmp_path, "河流名称,河长,任职时间\n王家河,张三,2020年1月1日至换届\n")
    )
    assert [(f.rule, f.row, f.column) for f in faults] == [("bad_date", 2, "任职时间")]


def test_ditto_repeats_and_an_empty_name_is_filled_and_said(tmp_path):
    rows, faults = duties(write_csv(tmp_path, "河流名称,河长\n王家河,张三\n,李四\n李家河,同上\n"))
    assert told(rows, "asset", "holder") == [
        ["王家河", "张三"],
        ["王家河", "李四"],
        ["李家河", "李四"],
    ]
    assert [(f.rule, f.row, f.column) for f in faults] == [("filled_from_above", 3, "河流名称")]


def test_row_numbers_survive_line_breaks_inside_cells(tmp_path):
    rows, _ = duties(write_csv(tmp_path, '河流名称,河长\n"王家\n河",张三\n李家河,李四\n'))
    assert told(rows, "row", "holder") == [[2, "张三"], [4, "李四"]]


def test_columns_can_be_told(tmp_path):
    path = write_csv(tmp_path, "XM,HL,其他\n张三,王家河,x\n")
    tables, _ = read_tables(path, path.name, {"xm", "hl"}.__contains__, wanted="")
    rows, _ = read_duties(tables[0], source(path, columns={"asset": "HL", "holder": "XM"}))
    assert told(rows, "asset", "holder") == [["王家河", "张三"]]


@pytest.mark.parametrize(
    ("text", "rule", "row"),
    [
        ("", "empty_table", 0),
        ("河流名称,河长\n", "empty_table", 0),
        ("甲,乙\n1,2\n", "no_header", 0),
        ("河流名称,起点\n王家河,K0\n", "no_column", 0),
        ("河流名称,河长,起始日期\n王家河,张三,20xx年\n", "bad_date", 2),
        ("河长,河流名称\n张三,\n", "no_asset_named", 2),
    ],
)
def test_each_fault_is_told_with_its_row(tmp_path, text, rule, row):
    _, faults = duties(write_csv(tmp_path, text))
    assert (rule, row) in [(fault.rule, fault.row) for fault in faults]


@pytest.mark.parametrize("name", ["duties.xlsx", "duties.xls", "duties.ods"])
def test_a_file_that_is_no_spreadsheet_is_told(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"this is not a workbook")
    _, faults = duties(path)
    assert [fault.rule for fault in faults] == ["unreadable"]


def test_a_bare_telephone_belongs_to_the_post_before_it(tmp_path):
    text = "河流名称,镇级河长,联系电话,村级河长,联系电话\n王家河,张三,1,李四,2\n"
    rows, faults = duties(write_csv(tmp_path, text))
    assert faults == []
    assert told(rows, "level", "holder", "phone") == [
        ["town", "张三", "1"],
        ["village", "李四", "2"],
    ]


def test_one_telephone_for_several_holders_is_not_cut_at_its_gaps(tmp_path):
    rows, _ = duties(
        write_csv(tmp_path, "河流名称,河长,电话\n王家河,张三、李四、王五,138 0000 0001\n")
    )
    assert told(rows, "phone") == [["138 0000 0001"]] * 3


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("columns", ["起点经度,起点纬度,终点经度,终点纬度", "起点,终点"])
def test_coordinates_of_a_web_map_are_put_back_where_they_are(tmp_path, datum, columns):
    true = np.array([112.0851, 112.1302]), np.array([32.6813, 32.7011])
    lon, lat = from_wgs84(*true, datum)
    cells = [f"{lon[0]:.8f}", f"{lat[0]:.8f}", f"{lon[1]:.8f}", f"{lat[1]:.8f}"]
    if columns == "起点,终点":
        cells = [f'"{cells[0]},{cells[1]}"', f'"{cells[3]},{cells[2]}"']
    path = write_csv(tmp_path, f"河流名称,{columns},村级河长\n湍河,{','.join(cells)},张三\n")
    rows, faults = duties(path, datum=datum)
    assert not faults
    ends = [rows["from_text"][0], rows["to_text"][0]]
    found = np.array([list(map(float, end.split(","))) for end in ends])
    assert found == pytest.approx(np.transpose(true), abs=2e-7)


@pytest.mark.parametrize("datum", ["", "wgs84", "cgcs2000"])
def test_other_ends_stay_as_they_are_written(tmp_path, datum):
    path = write_csv(tmp_path, '河流名称,起点,终点,村级河长\n湍河,"112.1,32.6",K3+200,张三\n')
    rows, _ = duties(path, datum=datum)
    assert told(rows, "from_text", "to_text") == [["112.1,32.6", "K3+200"]]
    rows, _ = duties(path, datum="gcj02")
    assert rows["to_text"][0] == "K3+200"


def test_a_reservoir_in_a_table_of_rivers_is_still_a_reservoir(tmp_path):
    path = write_csv(tmp_path, "河流名称,村级河长\n湍河,张三\n张沟水库,李四\n引丹干渠,王五\n")
    rows, _ = duties(path)
    assert told(rows, "asset", "kind") == [
        ["湍河", "river"],
        ["张沟水库", ""],
        ["引丹干渠", "river"],
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("K3+200至K5+000", [["K3+200", "K5+000", "", ""]]),
        ("3.2km-5.0km", [["3.2km", "5.0km", "", ""]]),
        ("3200-5000", [["3200", "5000", "", ""]]),
        ("右岸：Ｋ３—Ｋ５", [["Ｋ３", "Ｋ５", "", "右岸"]]),
        ("K3+000～K5+000（左岸）", [["K3+000", "K5+000", "", "左岸"]]),
        ("A村至B村", [["A村", "B村", "", ""]]),
        ("K1-K2、K3-K4", [["K1", "K2", "", ""], ["K3", "K4", "", ""]]),
        ("112.1,32.6-112.2,32.7", [["112.1,32.6", "112.2,32.7", "", ""]]),
        ("左岸", [["", "", "", "左岸"]]),
        ("全段", [["", "", "", ""]]),
        ("整条河", [["", "", "", ""]]),
        ("沙堰镇段", [["", "", "沙堰镇", ""]]),
        ("湍河沙堰镇境内", [["", "", "沙堰镇", ""]]),
        ("李村、王家村", [["", "", "李村", ""], ["", "", "王家村", ""]]),
    ],
)
def test_a_stretch_in_one_cell_is_understood(tmp_path, written, meant):
    rows, faults = duties(write_csv(tmp_path, f'河流名称,责任段,村级河长\n湍河,"{written}",张三\n'))
    assert faults == []
    assert told(rows, "from_text", "to_text", "area", "side") == meant


@pytest.mark.parametrize(
    "written", ["K3+200", "K3+000以下", "大坝", "上游段", "K1至K2至K3", "本村境内", "3.2公里"]
)
def test_a_stretch_that_is_not_understood_never_means_the_whole(tmp_path, written):
    rows, faults = duties(write_csv(tmp_path, f"河流名称,责任段,村级河长\n湍河,{written},张三\n"))
    assert rows.empty
    assert [(f.rule, f.row, f.column) for f in faults] == [("bad_stretch", 2, "责任段")]


def test_a_shore_is_not_shared_out_by_the_village_of_its_dam(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河道名称,村,河长\n湍河,李村,张三\n张沟水库,李村,李四\n"))
    assert told(rows, "asset", "area") == [["湍河", "李村"], ["张沟水库", ""]]


def test_ones_own_area_is_that_of_its_column(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,村,责任段,河长\n湍河,李村,本村境内,张三\n"))
    assert told(rows, "area", "from_text") == [["李村", ""]]


def test_one_cell_may_hold_both_ends_or_the_whole(tmp_path):
    text = "河流名称,起点,终点,河长\n湍河,K1至K2,,张三\n湍河,,全线,李四\n湍河,左岸K1,K2,王五\n湍河,K1,,赵六\n"
    rows, faults = duties(write_csv(tmp_path, text))
    assert not faults
    assert told(rows, "from_text", "to_text", "side") == [
        ["K1", "K2", ""],
        ["", "", ""],
        ["K1", "K2", "左岸"],
        ["K1", "", ""],
    ]


def test_a_bank_behind_the_name_of_a_river_is_its_bank(tmp_path):
    rows, faults = duties(
        write_csv(
            tmp_path,
            "河流名称,岸别,河长\n湍河左岸,,张三\n湍河（右岸）,右,李四\n湍河左岸,右岸,王五\n",
        )
    )
    assert told(rows, "asset", "side") == [["湍河", "左岸"], ["湍河", "右岸"]]
    assert [(f.rule, f.row) for f in faults] == [("two_banks", 4)]


def test_the_unit_in_a_header_is_that_of_its_numbers(tmp_path):
    text = "河流名称,起点（km）,终点(公里),河长\n湍河,3.2,K5+000,张三\n湍河,0,4,李四\n"
    rows, _ = duties(write_csv(tmp_path, text))
    assert told(rows, "from_text", "to_text") == [["3.2km", "K5+000"], ["0km", "4公里"]]


def test_several_rivers_in_a_cell_are_each_held_but_never_share_a_chainage(tmp_path):
    text = "河流名称,起点,终点,河长\n湍河、白河,,,张三\n湍河、白河,K1,K2,李四\n"
    rows, _ = duties(write_csv(tmp_path, text))
    assert told(rows, "asset", "holder") == [
        ["湍河", "张三"],
        ["白河", "张三"],
        ["湍河、白河", "李四"],
    ]


def test_remarks_under_a_table_are_no_rows_of_it(tmp_path):
    text = "河流名称,河长,电话\n湍河,张三,1\n合  计：1条,,\n注：1.本表由河长办填报。,,\n2.有变动请上报。,,\n"
    rows, faults = duties(write_csv(tmp_path, text))
    assert told(rows, "row", "holder") == [[2, "张三"]]
    assert faults == []


def test_a_row_without_river_and_holder_is_not_filled_from_above(tmp_path):
    rows, faults = duties(write_csv(tmp_path, "河流名称,河长,备注\n湍河,张三,\n,,请及时上报\n"))
    assert told(rows, "holder") == [["张三"]]
    assert [(f.rule, f.row) for f in faults] == [("no_asset_named", 3)]


def test_a_formula_without_its_value_is_no_vacant_post(tmp_path):
    rows, faults = duties(
        write_book(
            tmp_path,
            [["序号", "河流名称", "河长"], ["=ROW()", "湍河", "张三"], [2, "白河", '="李"&"四"']],
        )
    )
    assert told(rows, "row", "holder") == [[2, "张三"]]
    assert [(f.rule, f.row, f.column) for f in faults] == [("formula", 3, "河长")]


def test_each_sheet_of_a_town_speaks_of_its_town_and_level(tmp_path):
    head = ["河道", "责任段", "河长"]
    rows, faults = every_sheet(
        write_sheets(
            tmp_path,
            {
                "赵集镇(镇级)": [head, ["湍河", "全段", "张三"], ["湍河", "K1-K2", "李四"]],
                "汲滩镇村级河长": [head, ["湍河", None, "王五"]],
                "旧表": [head, ["湍河", None, "赵六"]],
            },
            hidden=["旧表"],
        )
    )
    assert told(rows, "area", "from_text", "level", "holder") == [
        ["赵集镇", "", "town", "张三"],
        ["", "K1", "town", "李四"],
        ["汲滩镇", "", "village", "王五"],
    ]
    assert [fault.rule for fault in faults] == ["sheet_hidden"]


def test_the_only_sheet_of_a_workbook_is_of_no_area(tmp_path):
    head = [["某县村级河长名单", "某县村级河长名单"], ["河道", "河长"]]
    rows, _ = every_sheet(write_sheets(tmp_path, {"赵集镇": [*head, ["湍河", "张三"]]}))
    assert told(rows, "area", "level") == [["", "village"]]


def test_a_deputy_chief_is_no_chief(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,镇级河长,镇级副河长\n湍河,张三,李四\n"))
    assert told(rows, "role", "level", "holder") == [
        ["河长", "town", "张三"],
        ["副河长", "town", "李四"],
    ]


@pytest.mark.parametrize("cell", ["13800000001.0", "1.3800000001E10", "13800000001"])
def test_a_telephone_kept_as_a_number_is_put_back(tmp_path, cell):
    rows, _ = duties(write_csv(tmp_path, f"河流名称,河长,电话\n湍河,张三,{cell}\n"))
    assert told(rows, "phone") == [["13800000001"]]


def test_a_telephone_behind_a_name_is_no_part_of_the_name(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,河长\n湍河,张三13800000001\n"))
    assert told(rows, "holder", "phone") == [["张三", "13800000001"]]


def test_levels_in_the_middle_row_of_a_header_are_told_apart(tmp_path):
    head = [["河流", "河长设置", None, None], [None, "县级", "乡级", "村级"], [None, *["姓名"] * 3]]
    merged = ["A1:A3", "B1:D1"]
    rows, _ = duties(write_book(tmp_path, [*head, ["湍河", "张三", "李四", "王五"]], merged))
    assert told(rows, "level", "holder") == [
        ["county", "张三"],
        ["town", "李四"],
        ["village", "王五"],
    ]


def test_a_second_column_of_chiefs_is_not_lost_behind_the_first(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,河长1,电话,河长2,电话\n湍河,张三,1,李四,2\n"))
    assert told(rows, "holder", "phone") == [["张三", "1"], ["李四", "2"]]


def test_who_is_only_rung_up_answers_for_nothing(tmp_path):
    rows, _ = duties(write_csv(tmp_path, "河流名称,河长,电话,联系人,电话\n湍河,张三,1,李四,2\n"))
    assert told(rows, "holder", "phone") == [["张三", "1"]]


def test_a_column_of_reaches_beside_one_of_rivers_tells_the_stretch(tmp_path):
    text = "河流名称,河段名称,河长\n湍河,湍河李村段,张三\n湍河,湍河,李四\n湍河,上段,王五\n"
    rows, faults = duties(write_csv(tmp_path, text))
    assert told(rows, "asset", "area") == [["湍河", "李村"], ["湍河", ""]]
    assert [(f.rule, f.row, f.column) for f in faults] == [("bad_stretch", 4, "河段名称")]


def test_one_end_by_coordinates_is_not_the_whole(tmp_path):
    text = "河流名称,起点经度,起点纬度,终点经度,终点纬度,河长\n湍河,112.1,32.6,,,张三\n"
    rows, faults = duties(write_csv(tmp_path, text))
    assert rows.empty
    assert [(f.rule, f.row, f.column) for f in faults] == [("bad_stretch", 2, "起点经度")]


def test_a_stretch_may_be_broken_over_the_lines_of_a_cell(tmp_path):
    rows, _ = duties(write_csv(tmp_path, '河流名称,起止点,河长\n湍河,"K0+000\n～K3+000",张三\n'))
    assert told(rows, "from_text", "to_text") == [["K0+000", "K3+000"]]


def test_october_that_a_spreadsheet_kept_as_a_number_is_doubted(tmp_path):
    path = write_book(tmp_path, [["河流名称", "河长", "任职时间"], ["湍河", "张三", 2024.10]])
    assert [(f.rule, f.row, f.column) for f in duties(path)[1]] == [
        ("doubtful_date", 2, "任职时间")
    ]
