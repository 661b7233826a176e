"""Write the responsibility tables of the demo office as an office keeps them."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from layers.demo.borders import TOWN
from layers.demo.office import LongRow, Office, RiverRow
from layers.demo.people import Person

_GROUPS = ("县级河长", "镇级河长", "村级河长")
_PLACE = ("河流名称", "河流编码", "所在村", "起点桩号", "终点桩号")
_WIDTH = len(_PLACE) + 3 * len(_GROUPS) + 1

_LONG = ("编码", "角色", "级别", "姓名", "职务", "电话")


def write_tables(folder: Path, office: Office) -> None:
    """Write the wide table of river chiefs and the long tables of all others."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_book(folder / "责任表.xlsx", lambda book: _river_sheet(book, office))
    _write_book(folder / "水库山塘责任人.xlsx", lambda book: _water_sheet(book, office.water_rows))
    write_csv(
        folder / "路长名单.csv",
        ["路线名称", "路线编码", "所在村", "起点桩号", "终点桩号", "级别", "路长", "职务", "电话",
         "任期开始", "任期结束", "备注"],
        [_road_cells(row) for row in office.road_rows],
        encoding="gbk",
    )  # fmt: skip
    write_csv(
        folder / "渠长名单.csv",
        ["渠道名称", "渠道编码", "岸别", "起点桩号", "终点桩号", "级别", "渠长", "职务", "电话"],
        [
            [row.asset, row.code, row.side, row.from_text, row.to_text, row.level, *_who(row)]
            for row in office.canal_rows
        ],
        encoding="utf-8-sig",
    )
    write_csv(
        folder / "河长调整.csv",
        ["河流名称", "河流编码", "起点桩号", "终点桩号", "级别", "河长", "职务", "电话", "起始日期",
         "备注"],
        [
            [row.asset, row.code, row.from_text, row.to_text, row.level, *_who(row),
             _day(row.from_on), row.note]
            for row in office.change_rows
        ],
        encoding="gbk",
    )  # fmt: skip


def write_csv(path: Path, header: Sequence[str], rows: Any, *, encoding: str) -> None:
    """Write a table of text, lines ended as Windows ends them."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def _who(row: LongRow) -> list[str]:
    return list(_cells(row.holder))


def _cells(person: Person | None) -> tuple[str, str, str]:
    return (person.name, person.title, person.phone) if person else ("空缺", "", "")


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""


def _road_cells(row: LongRow) -> list[str]:
    ends = [_day(row.from_on), _day(row.until_on)]
    return [
        row.asset,
        row.code,
        row.village,
        row.from_text,
        row.to_text,
        row.level,
        *_who(row),
        *ends,
        row.note,
    ]


def _write_book(path: Path, fill: Any) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(2026, 9, 30, 8, 0)})  # noqa: DTZ001
        fill(book)


def _river_sheet(book: Any, office: Office) -> None:
    """Fill the wide table: a title, a header of two rows, names merged over their villages."""
    sheet = book.add_worksheet("河长")
    head = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
    body = book.add_format({"valign": "vcenter", "border": 1, "text_wrap": True})
    sheet.merge_range(0, 0, 0, _WIDTH - 1, f"{TOWN}三级河长责任表(2026年)", head)
    for column, name in enumerate(_PLACE):
        sheet.merge_range(1, column, 2, column, name, head)
    for number, group in enumerate(_GROUPS):
        left = len(_PLACE) + 3 * number
        sheet.merge_range(1, left, 1, left + 2, group, head)
        for offset, name in enumerate(("姓名", "职务", "电话")):
            sheet.write(2, left + offset, name, head)
    sheet.merge_range(1, _WIDTH - 1, 2, _WIDTH - 1, "备注", head)
    sheet.set_column(0, _WIDTH - 1, 13)
    columns = list(zip(*map(_river_cells, office.river_rows), strict=True))
    rivers = [(row.name, row.code) for row in office.river_rows]
    for column, cells in enumerate(columns):
        # An office merges what repeats below itself, but never over the next river.
        merged = column in (0, *range(len(_PLACE), len(_PLACE) + 6))
        keys = [(cell, rivers[k] if merged else k) for k, cell in enumerate(cells)]
        _column(sheet, column, keys, body)
    foot = 3 + len(rivers)
    sheet.write(foot, 0, "合计", head)
    sheet.write(foot, 2, len(rivers), head)
    note = "备注:1.桩号自河源起算;2.未写桩号的为该村境内全段;3.人员变动应于15日内更新。"
    sheet.merge_range(foot + 1, 0, foot + 1, _WIDTH - 1, note, body)


def _column(sheet: Any, column: int, keys: Sequence[tuple[str, object]], style: Any) -> None:
    top = 3
    for (cell, _), run in groupby(keys):
        count = len(list(run))
        if count > 1:
            sheet.merge_range(top, column, top + count - 1, column, cell, style)
        else:
            sheet.write(top, column, cell, style)
        top += count


def _river_cells(row: RiverRow) -> tuple[str, ...]:
    people = (*_cells(row.county), *_cells(row.town), *_cells(row.holder))
    return (row.name, row.code, row.village, row.from_text, row.to_text, *people, row.note)


def _water_sheet(book: Any, rows: Sequence[LongRow]) -> None:
    sheet = book.add_worksheet("责任人")
    bold = book.add_format({"bold": True})
    header = ("名称", *_LONG, "所在村", "任期开始")
    sheet.write_row(0, 0, header, bold)
    days = book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows, start=1):
        sheet.write_row(
            number, 0, [row.asset, row.code, row.role, row.level, *_who(row), row.village]
        )
        # A real date of the spreadsheet, not text: both occur in one office.
        sheet.write_number(number, 8, (date(2026, 1, 1) - date(1899, 12, 30)) / timedelta(1), days)
