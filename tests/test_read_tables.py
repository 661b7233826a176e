import numpy as np
import openpyxl
import pytest

from layers.datum import from_wgs84
from layers.duties import known, read_duties
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
