"""Read the tables offices keep: title rows, headers of two rows, merged cells, sums at the end.

A table comes out as text, one column a header, indexed by the row number the office's own program
shows, so that whatever is wrong can be said where it is.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import openpyxl
import pandas as pd
import python_calamine as calamine

from layers.columns import blank, plain
from layers.faults import Fault
from layers.files import UnsafeFileError, check_archive, text_bytes
from layers.kinds import suffix_of
from layers.text import clean, codec, decode

Known = Callable[[str], bool]
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et")
_OPENPYXL = (".xlsx", ".xlsm")
_HEADER_WITHIN_ROWS = 20
_SUMS = re.compile(r"(合计|小计|总计|累计|共计|total)([:：(（\d].*)?|共\d+.{0,4}", re.IGNORECASE)
_FOOTER = re.compile(
    r"(备注|注|说明|填表人|填表|制表人|制表|审核人|审核|填报|联系人)\s*\d*[:：、.．].*", re.DOTALL
)
_DITTO = frozenset(["同上", "同前", "〃", '"', "″", "”", "''", "同上行"])
_DELIMITERS = (",", "\t", ";", "，", "|")


@dataclass(frozen=True)
class Table:
    """One table as text. `cells` is indexed by the real row number; `dropped` rows held no data.

    `sheet` is the name of its sheet where the workbook keeps several tables, `caption` that name
    or the one sheet's, and the words above the header.
    """

    file: str
    cells: pd.DataFrame
    encoding: str = ""
    dropped: int = 0
    sheet: str = ""
    caption: str = ""


@dataclass(frozen=True)
class _Grid:
    sheet: str
    rows: list[list[str]]
    numbers: list[int]
    encoding: str = ""
    hidden: bool = False


def read_tables(
    path: Path, file: str, known: Known, *, wanted: str, encoding: str = ""
) -> tuple[list[Table], list[Fault]]:
    """Return the tables of a spreadsheet or text file, one a sheet that has a known header.

    `known` says of a compared header whether the reader has a use for it; `wanted` names a few in
    words for the message when none is found. Never raises for what is in the file.
    """
    try:
        grids = _sheets(path) if suffix_of(path) in _EXCEL else [_text_grid(path, encoding)]
    except UnsafeFileError as error:
        return [], [Fault("unsafe", file, values={"came": error})]
    except (calamine.CalamineError, calamine.PasswordError, OSError, EOFError, zipfile.BadZipFile,
            ValueError) as error:  # fmt: skip
        return [], [Fault("unreadable", file, values={"kind": "Excel/CSV", "came": error})]
    found = [(grid, _header(grid.rows, known)) for grid in grids if any(map(any, grid.rows))]
    if not found:
        return [], [Fault("empty_table", file)]
    used = [(grid, span) for grid, span in found if span and not grid.hidden]
    if not used:
        return [], [Fault("no_header", file, values={"wanted": wanted})]
    tables, faults = [], []
    for grid, span in used:
        sheet = grid.sheet if len(used) > 1 else ""
        table, more = _table(f"{file}[{sheet}]" if sheet else file, sheet, grid, span)
        tables.append(table)
        faults += more
    faults += [
        Fault("sheet_skipped", file, values={"came": grid.sheet})
        for grid, span in found
        if not span and len(grid.rows) > 1 and not grid.hidden
    ]
    faults += [
        Fault("sheet_hidden", file, values={"came": grid.sheet})
        for grid, span in found
        if span and grid.hidden
    ]
    return tables, faults


def _sheets(path: Path) -> list[_Grid]:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            check_archive(packed)
    with calamine.CalamineWorkbook.from_path(path) as book:
        grids = [
            _sheet(
                book.get_sheet_by_name(sheet.name),
                hidden=sheet.visible != calamine.SheetVisibleEnum.Visible,
            )
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
    for sheet, row, column, formula in uncomputed(path):
        grid = next(grid for grid in grids if grid.sheet == sheet)
        if not grid.rows[row - 1][column - 1]:
            grid.rows[row - 1][column - 1] = formula
    return grids


def _sheet(sheet: calamine.CalamineSheet, *, hidden: bool) -> _Grid:
    rows = [[as_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value] * (min(right + 1, len(row)) - left)
    return _Grid(sheet.name, rows, list(range(1, len(rows) + 1)), hidden=hidden)


def uncomputed(path: Path) -> list[tuple[str, int, int, str]]:
    """Return the formulas of a workbook without a value: sheet, row and column from 1, formula.

    A program that is no spreadsheet saves them so: a cell that holds one is not empty.
    """
    if path.suffix.lower() not in _OPENPYXL or not _has_formulas(path):
        return []
    book = openpyxl.load_workbook(path, read_only=True)
    found = [
        (sheet.title, row, column, str(cell.value))
        for sheet in book.worksheets
        for row, cells in enumerate(sheet.iter_rows(), 1)
        for column, cell in enumerate(cells, 1)
        if cell.data_type == "f"
    ]
    book.close()
    return found


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as packed:
        sheets = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        return any(b"<f" in packed.read(name) for name in sheets)


def _text_grid(path: Path, encoding: str) -> _Grid:
    text, name, delimiter = sniff(text_bytes(path), encoding)
    # Without strict, a quote left open at worst swallows the lines after it into one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, numbers, before = [], [], 0
    for row in reader:
        rows.append([clean(cell) for cell in row])
        numbers.append(before + 1)
        before = reader.line_num
    return _Grid("", rows, numbers, name)


def sniff(raw: bytes, encoding: str = "") -> tuple[str, str, str]:
    """Return a text file's text, the encoding it was read in, and what separates its cells."""
    if named := codec(encoding):
        text, name = raw.decode(named, errors="replace").removeprefix("\ufeff"), named
    else:
        text, judged = decode(raw)
        name = judged.encoding
    lines = [line for line in text[:50_000].splitlines() if line.strip()][:50]
    counts = {d: sum(line.count(d) > 0 for line in lines) for d in _DELIMITERS}
    most = {d: sum(line.count(d) for line in lines) for d in _DELIMITERS}
    return text, name, max(_DELIMITERS, key=lambda d: (counts[d], most[d]))


def as_text(cell: object) -> str:
    """Return a spreadsheet's cell as text: numbers without a needless .0, times as ISO.

    >>> as_text(13800000000.0), as_text(3.2), as_text(dt.datetime(2024, 4, 7))
    ('13800000000', '3.2', '2024-04-07')
    """
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    return str(cell)


def _header(rows: Sequence[Sequence[str]], known: Known) -> range | None:
    """Return the rows of the header, None without one: the row with most known names, and below."""
    scores = [_score(row, known) for row in rows[:_HEADER_WITHIN_ROWS]]
    top = scores.index(max(scores, default=0)) if any(scores) else -1
    # One known word among several is chance.
    if top < 0 or scores[top] < min(2, len(set(filter(None, rows[top])))):
        return None
    first = top
    # The row of groups above the names knows fewer names itself.
    while first > 0 and scores[first - 1] and _is_header(rows[first - 1], rows[first]):
        first -= 1
    last = top
    while (
        last + 1 < len(scores)
        and scores[last + 1]
        # Below 县级 and 乡级 a row may say nothing but 姓名, and divide nothing.
        and (_is_header(rows[last], rows[last + 1]) or _all_known(rows[last + 1], known))
    ):
        last += 1
    return range(first, last + 1)


def _score(row: Sequence[str], known: Known) -> int:
    given = set(filter(None, row))
    # One text over all columns is a title, whatever it speaks of.
    if len(given) == 1 and sum(map(bool, row)) > 1:
        return 0
    return len({header for header in map(plain, row) if header and known(header)})


def _all_known(row: Sequence[str], known: Known) -> bool:
    return all(known(plain(cell)) for cell in row if cell)


def _is_header(above: Sequence[str], below: Sequence[str]) -> bool:
    """Return whether two rows are one header: the lower divides or repeats what stands above."""
    if any(re.search(r"\d{3}", cell) for cell in below):
        return False
    pairs = list(zip(above, below, strict=False))
    divides = any(b and (not a or a == above[i - 1]) for i, (a, b) in enumerate(pairs) if i)
    return divides and sum(bool(cell) for cell in above) > 1


def _names(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return one name a column: groups and names joined by _, a name merged downwards once."""
    padded = [[*row, *[""] * (width - len(row))] for row in rows]
    for above, below in pairwise(padded):
        for i in range(1, width):
            # A text file has no merged cells: the group stands over its first column only.
            if not above[i] and below[i] and above[i - 1] != below[i - 1]:
                above[i] = above[i - 1]
    names = []
    for cells in zip(*padded, strict=True):
        parts = [re.sub(r"\s+", "", c) if not c.isascii() else c for c in dict.fromkeys(cells) if c]
        names.append("_".join(parts))
    return names


def _table(file: str, sheet: str, grid: _Grid, span: range) -> tuple[Table, list[Fault]]:
    width = max(map(len, grid.rows))
    names = _names([grid.rows[i] for i in span], width)
    headers = [set(filter(None, map(plain, grid.rows[i]))) for i in span]
    body = [
        (number, [*row, *[""] * (width - len(row))])
        for number, row in zip(grid.numbers[span.stop :], grid.rows[span.stop :], strict=True)
        if any(row)
    ]
    kept = _data(body, headers)
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if name or any(row[i] for _, row in kept):
            # The second 电话 belongs to the second post: it keeps its place as 电话.2.
            again = names[:i].count(name) + 1 if name else 1
            first[f"{name}.{again}" if again > 1 else name or f"列{i + 1}"] = i
    cells = pd.DataFrame(
        {name: pd.Series([row[i] for _, row in kept], dtype=object) for name, i in first.items()}
    )
    cells.index = pd.Index([number for number, _ in kept], dtype="int64")
    faults = [] if kept else [Fault("empty_table", file)]
    above = [cell for row in grid.rows[: span.start] for cell in dict.fromkeys(row) if cell]
    caption = " ".join([grid.sheet, *above])
    return (
        Table(file, _ditto(cells), grid.encoding, len(body) - len(kept), sheet, caption),
        faults,
    )


def _data(
    body: Sequence[tuple[int, list[str]]], headers: Sequence[set[str]]
) -> list[tuple[int, list[str]]]:
    """Return the rows that hold data: not what follows a first note in the same few cells."""
    kept, noted = [], False
    for number, row in body:
        note = _is_note(row) or (noted and _few(row))
        noted |= note
        if not (note or _no_data(row, headers)):
            kept.append((number, row))
    return kept


def _few(row: Sequence[str]) -> bool:
    return len(set(filter(None, row))) <= 2


def _is_note(row: Sequence[str]) -> bool:
    return _few(row) and _FOOTER.match(next(filter(None, row))) is not None


def _no_data(row: Sequence[str], headers: Sequence[set[str]]) -> bool:
    """Return whether a row is a sum or the header printed again."""
    given = list(dict.fromkeys(cell for cell in row if cell))
    if any(_SUMS.fullmatch(re.sub(r"\s", "", cell)) for cell in given[:2]):
        return True
    same = set(map(plain, given))
    return any(len(same & header) >= max(2, len(header) - 1) for header in headers)


def _ditto(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the cells with 同上 and its signs replaced by what stands above."""
    return cells.apply(lambda column: column.mask(column.isin(_DITTO)).ffill().fillna(""))


def is_blank(column: pd.Series) -> pd.Series:
    """Return which cells say that there is nothing."""
    return column.map(blank).astype(bool)
