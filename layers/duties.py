"""Read responsibility tables: long ones, and wide ones with a group of columns a level."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.marks import degrees_in
from geo.names import ENDINGS, bare, ending, may_be
from geo.posts import read_holder, read_side
from layers.columns import blank
from layers.dates import days, days_after
from layers.datum import to_wgs84
from layers.faults import Fault
from layers.layout import Layout, laid_out
from layers.ranks import (
    holder_kind,
    kind_word,
    level_in,
    level_of,
    persons,
    phones_in,
    role_of,
)
from layers.sources import Source
from layers.spans import Span, banked, between, here, spans, with_unit
from layers.tables import Table


@dataclass(frozen=True)
class _Line:
    """One line of a table: its cells, what they say by field, and the stretches it means."""

    cells: dict[str, str]
    get: dict[str, str]
    stretches: list[Span]


class _UnusableError(Exception):
    """A line that cannot be used: the fault, and what came in which column."""

    def __init__(self, rule: str, column: str, came: str) -> None:
        super().__init__(rule)
        self.rule, self.column, self.came = rule, column, came


def read_duties(table: Table, source: Source) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows of DUTY_ROWS in a table, one a holder, and what was wrong by row."""
    cells = table.cells
    layout = laid_out(table, source)
    faults: list[Fault] = []
    if not {"asset", "code"} & layout.column.keys() or not layout.posts:
        lacking = "河流名称/asset" if layout.posts else "河长/姓名/holder"
        values = {"wanted": lacking, "came": "、".join(map(str, cells.columns))}
        return pd.DataFrame(), [Fault("no_column", table.file, values=values)]
    cells, more = _filled(table, layout)
    dates, wrong = _validity(table, cells, layout.column)
    faults += more + wrong
    records: list[dict[str, object]] = []
    names = list(map(str, cells.columns))
    for place, (row, texts) in enumerate(zip(cells.index, cells.to_numpy(), strict=True)):
        try:
            line = _line(dict(zip(names, texts, strict=True)), layout, source.datum)
        except _UnusableError as found:
            values = {"came": found.came[:40]}
            faults.append(Fault(found.rule, table.file, int(row), found.column, values))
            continue
        for number, record in enumerate(_rows(line, layout), 1):
            name = f"{table.file}#{row}" + (f"~{number}" if number > 1 else "")
            fixed = {"duty_id": name, **dates[place], "file": table.file, "row": int(row)}
            records.append({**record, **fixed})
    return pd.DataFrame(records), faults


def _line(cells: dict[str, str], layout: Layout, datum: str) -> _Line:
    """Return what a line says; raises `_UnusableError` for one that is not understood."""
    column = layout.column
    used = [*column.values(), *(post.holder for post in layout.posts)]
    for name in used:
        # A program that saves a workbook without computing it leaves formulas without values.
        if cells[name].startswith("="):
            raise _UnusableError("formula", name, cells[name])
    get = {field: _said(cells[name]) for field, name in column.items()}
    if not get.get("asset") and not get.get("code"):
        came = "、".join(text for text in cells.values() if text)
        raise _UnusableError("no_asset_named", column.get("asset", ""), came)
    stretches = _stretches(get, column)
    bank, name = banked(get.get("asset", ""))
    if bank and name:
        get["asset"] = name
        stretches = [
            replace(one, side=_one_bank(one.side, bank, column["asset"])) for one in stretches
        ]
    side = get.get("side", "")
    stretches = [
        replace(
            with_unit(one, *layout.units), side=_one_bank(one.side, side, column.get("side", ""))
        )
        for one in stretches
    ]
    return _Line(cells, get, [_in_wgs84(one, datum) for one in stretches])


def _stretches(get: dict[str, str], column: dict[str, str]) -> list[Span]:
    """Return the stretches of a line: from the columns of ends, of coordinates, or of both ends."""
    numbers = [get.get(f"{end}_{axis}", "") for end in ("from", "to") for axis in ("lon", "lat")]
    if all(numbers):
        return [Span(",".join(numbers[:2]), ",".join(numbers[2:]))]
    if any(numbers):
        raise _UnusableError(
            "bad_stretch", column.get("from_lon", ""), " ".join(filter(None, numbers))
        )
    start, end = get.get("from_text", ""), get.get("to_text", "")
    field = "span" if get.get("span") else "section"
    both, name = get.get(field, ""), column.get("from_text" if start or end else field, "")
    if not (start or end or both):
        return [Span()]
    found = between(start, end) if start or end else spans(both)
    if found is None:
        raise _UnusableError("bad_stretch", name, f"{start} {end}".strip() or both)
    own = get.get("area") or get.get("town")
    # 湍河赵集镇段 names its river again, 本镇境内 the area of the row.
    found = [replace(one, place=one.place.removeprefix(get.get("asset", ""))) for one in found]
    if any(here(one.place) for one in found) and not own:
        raise _UnusableError("bad_stretch", name, both)
    return [replace(one, place="") if here(one.place) else one for one in found]


def _one_bank(told: str, other: str, column: str) -> str:
    """Return the bank two places of a line tell; raises `_UnusableError` where they contradict."""
    if told and other and read_side(told) != read_side(other):
        raise _UnusableError("two_banks", column, f"{told}、{other}")
    return told or other


def _filled(table: Table, layout: Layout) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the cells with a missing asset filled from above, each filled row reported.

    A merged cell saved as text leaves its name in the first row only. A row that names no holder
    either is a remark, and filled with nothing.
    """
    cells = table.cells.copy()
    names = [layout.column[f] for f in ("asset", "code") if f in layout.column]
    holders = [post.holder for post in layout.posts]
    silent, vacant = (
        pd.concat([cells[n].map(blank).astype(bool) for n in some], axis=1).all(axis=1)
        for some in (names, holders)
    )
    absent = silent & ~vacant
    faults = []
    for name in names:
        # None, not NaN: pandas 2 would take a column with nothing in it for numbers.
        above = cells[name].mask(silent, None).ffill().fillna("")
        cells[name] = cells[name].where(~absent, above)
    for row, *given in cells.loc[absent, names].itertuples():
        came = next(filter(None, given), "")
        if came:
            faults.append(
                Fault("filled_from_above", table.file, int(row), names[0], {"came": came})
            )
    return cells, faults


def _said(value: str) -> str:
    return "" if blank(value) else value


def _rows(line: _Line, layout: Layout) -> Iterator[dict[str, object]]:
    """Give one record a post, stretch, area and holder of one line of the table."""
    get, cells = line.get, line.cells
    own = layout.kind if may_be(get.get("asset", ""), layout.kind) else ""
    for post in layout.posts:
        held = read_holder(cells[post.holder])
        holders = persons(held) or [""]
        phones = phones_in(_said(cells.get(post.phone, "")) or held, len(holders))
        role = get.get("role") or post.role
        for asset, span, area in _places(line, layout):
            for holder, phone in zip(holders, phones, strict=True):
                yield {
                    "asset": asset,
                    "code": get.get("code", ""),
                    "kind": kind_word(get.get("kind", "")) or own,
                    "area": area,
                    "from_text": span.start,
                    "to_text": span.end,
                    "side": span.side,
                    "role": role_of(role) or role,
                    "level": level_of(get.get("level", ""))
                    or level_in(get.get("role", ""))
                    or post.level,
                    "holder": holder,
                    "holder_kind": holder_kind(holder, post.holder) if holder else "person",
                    "unit": _said(cells.get(post.unit, "")),
                    "phone": phone,
                    # Two names in one cell hold one post together; the office says so itself.
                    "joint": len(holders) > 1 or get.get("joint", "") in {"是", "1", "yes", "true"},
                }


def _places(line: _Line, layout: Layout) -> Iterator[tuple[str, Span, str]]:
    """Give each asset, stretch and area that a line means.

    An area in the words of the stretch goes before that of its column, and the sheet's own area
    is only for rows that tell no stretch.
    """
    get = line.get
    told = re.split(r"[、，,;；\n]+", get.get("area", "") or get.get("town", ""))
    assets = [get.get("asset", "")]
    if not get.get("code") and not any(one.start or one.end for one in line.stretches):
        assets = [name for name in re.split(r"[、;；]+", assets[0]) if name] or assets
    for asset in assets:
        for span in line.stretches:
            areas = [span.place] if span.place else told
            if _stands(asset, layout.kind) and not span.place:
                # 所在村 tells where the dam stands; a shore is not shared out by it.
                areas = [""]
            if areas == [""] and not (span.start or span.end):
                areas = [layout.area]
            for area in areas:
                yield asset.strip(), span, area.strip()


def _stands(asset: str, kind: str) -> bool:
    """Return whether an asset is a water that stands, by its name or else by its table."""
    end = ending(bare(asset))
    return (ENDINGS[end][0] if end else kind) in {"reservoir", "pond"}


def _in_wgs84(span: Span, datum: str) -> Span:
    """Return a stretch as written, but coordinates of a web map as WGS 84, to the centimetre."""
    if datum not in {"gcj02", "bd09"}:
        return span
    start, end = (_end_in_wgs84(text, datum) for text in (span.start, span.end))
    return replace(span, start=start, end=end)


def _end_in_wgs84(text: str, datum: str) -> str:
    found = degrees_in(text)
    if found is None:
        return text
    lon, lat = to_wgs84(np.array([found[0]]), np.array([found[1]]), datum)
    return f"{lon[0]:.7f},{lat[0]:.7f}"


def _ends_of_term(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the two ends of each term as written, '' where one is missing."""
    parts = texts.str.split(r"[—–~～至到]+|-(?=\s*\d{4})", n=1, regex=True)
    return _text(parts.str[0]), _text(parts.str[1])


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "")


def _validity(
    table: Table, cells: pd.DataFrame, column: dict[str, str]
) -> tuple[list[dict[str, pd.Timestamp]], list[Fault]]:
    """Return `from_on` and `until_on` a row. A last day is still valid, a day of leaving is not."""
    nothing = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    first, until, faults = nothing, nothing, []
    given = {f: cells[column[f]] for f in ("from_on", "until_on", "left_on", "term") if f in column}
    if "term" in given:
        start, end = _ends_of_term(given["term"])
        given.setdefault("from_on", start)
        given.setdefault("until_on", end)
    elif "from_on" in given and "until_on" not in given:
        # 任职时间 may be the first day or a whole term; 2024—03—01 is one day.
        start, end = _ends_of_term(given["from_on"])
        whole = days(given["from_on"]).isna() & days(start).notna() & (end != "")
        given["from_on"] = start.where(whole, given["from_on"])
        given["until_on"] = end.where(whole, "")
    readers = {"from_on": days, "until_on": days_after, "left_on": days}
    for field, read in readers.items():
        if field not in given:
            continue
        texts = given[field].map(lambda t: "" if t in {"至今", "今", "长期", "永久"} else t)
        told_in = column.get("term", column.get("from_on", ""))
        found, name = read(texts), column.get(field, told_in)
        faults += [
            Fault("doubtful_date", table.file, int(row), name, {"came": texts[row]})
            for row in cells.index[texts.str.fullmatch(r"\d{4}\.1")]
        ]
        faults += [
            Fault("bad_date", table.file, int(row), name, {"came": texts[row]})
            for row in cells.index[found.isna() & ~texts.map(blank).astype(bool)]
        ]
        first, until = (found, until) if field == "from_on" else (first, until.fillna(found))
    return [{"from_on": a, "until_on": b} for a, b in zip(first, until, strict=True)], faults
