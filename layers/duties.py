"""Read responsibility tables: long ones, and wide ones with a group of columns a level."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.marks import degrees_in
from geo.names import may_be
from layers.columns import Wanted, blank, is_name, plain, recognise, words
from layers.dates import days, days_after
from layers.datum import to_wgs84
from layers.faults import Fault
from layers.ranks import (
    holder_kind,
    kind_in,
    kind_word,
    level_in,
    level_of,
    persons,
    role_of,
)
from layers.sources import Source
from layers.tables import Table

_ASSET = Wanted(
    "asset",
    ("河流名称", "河道名称", "河湖名称", "河段名称", "河流", "河道", "河湖", "河名", "渠道名称",
     "渠道", "道路名称", "路线名称",
     "公路名称", "道路", "公路", "路线", "路名", "路段名称", "水库名称", "水库", "库名",
     "塘坝名称", "塘坝", "山塘名称",
     "对象名称", "对象", "责任对象", "工程名称", "水体名称", "名称", "asset", "asset_name",
     "name", "river", "road",
     "reservoir"),
    is_name,
)  # fmt: skip
_CODE = Wanted(
    "code",
    ("编码", "代码", "河流编码", "河流代码", "河道编码", "路线编码", "路线编号", "路线代码",
     "道路编码", "水库编码",
     "对象编码", "河道编号", "道路编号", "水库编号", "code", "asset_code"),
)  # fmt: skip
_WANTED = (
    _CODE,
    _ASSET,
    Wanted("kind", ("对象类型", "对象类别", "类型", "类别", "kind", "asset_kind")),
    Wanted(
        "area",
        ("所属村", "行政村", "所在村", "村名", "村居", "村社区", "村", "社区", "责任片区",
         "片区", "网格", "area", "village"),
    ),
    Wanted(
        "town",
        ("所属乡镇", "所在乡镇", "乡镇", "乡镇街道", "镇街", "街道", "镇", "流经乡镇",
         "责任区域", "责任范围", "辖区", "town"),
    ),
    Wanted("from_text", ("起点", "起点桩号", "起始桩号", "起桩号", "起点位置", "起始点",
                         "河段起点", "from", "start")),
    Wanted("to_text", ("终点", "止点", "终点桩号", "止点桩号", "终止桩号", "止桩号", "终点位置",
                       "河段终点", "to", "end")),
    Wanted("span", ("起止点", "起讫点", "起止桩号", "起讫桩号", "桩号", "责任段", "责任河段",
                    "责任路段", "管护路段",
                    "起止位置", "起讫地点", "stretch")),
    Wanted("from_lon", ("起点经度", "from_lon", "起经度")),
    Wanted("from_lat", ("起点纬度", "from_lat", "起纬度")),
    Wanted("to_lon", ("终点经度", "止点经度", "to_lon", "止经度")),
    Wanted("to_lat", ("终点纬度", "止点纬度", "to_lat", "止纬度")),
    Wanted("side", ("岸别", "岸", "左右岸", "侧", "side", "bank")),
    Wanted("role", ("角色", "责任角色", "责任类型", "职责", "岗位", "role")),
    Wanted("level", ("级别", "层级", "河长级别", "路长级别", "责任级别", "level")),
    Wanted("unit", ("单位", "所属单位", "工作单位", "所在单位", "单位名称", "unit")),
    Wanted("joint", ("共同", "联合", "联合责任", "joint")),
    Wanted("from_on", ("任职时间", "任职日期", "起始日期", "开始日期", "生效日期", "生效时间",
                       "上任时间", "任期开始", "任期起", "有效期起", "from_on",
                       "valid_from", "since")),
    Wanted("until_on", ("截止日期", "结束日期", "失效日期", "有效期至", "有效期", "任期至",
                        "任期结束",
                        "任期止", "有效期止",
                        "until", "valid_to")),
    Wanted("left_on", ("离任日期", "离任时间", "免职日期", "until_on")),
    Wanted("term", ("任期", "任职期限", "有效期限", "起止日期")),
    Wanted("holder", ("姓名", "责任人姓名", "人员", "人员姓名", "holder", "person"), is_name),
    Wanted("phone", ("电话", "联系电话", "联系方式", "手机", "手机号", "手机号码", "责任人电话",
                     "phone", "tel")),
)  # fmt: skip
_PHONE = re.compile("电话|手机|联系方式|phone|tel", re.IGNORECASE)
_UNIT = re.compile("单位|部门$")
_POST = re.compile("职务|职位|职称|post|title", re.IGNORECASE)
_NOT_A_POST = re.compile(
    "桩号|长度|级别|层级|类型|类别|日期|时间|编码|序号|备注|人数|公示牌|牌|签名|河段|路段"
)
_SPAN = re.compile(r"\s*(?:[—–~～至到]+|-(?=\s*[A-Za-zK桩]))\s*")
HEADERS = "河流名称、河长、姓名、起点、终点、电话"


@dataclass(frozen=True)
class Post:
    """A group of columns that tells the holders of one post: their names, units, telephones."""

    role: str
    level: str
    holder: str
    unit: str = ""
    phone: str = ""


def known(header: str) -> bool:
    """Return whether a compared header is one a duty table has."""
    return header in _HEADERS or (role_of(header) != "" and not _NOT_A_POST.search(header))


def headings(table: Table, source: Source) -> pd.DataFrame:
    """Return the rows of HEADINGS for a table: what it calls the columns of DUTY_ROWS."""
    column, posts, _ = laid_out(table, source)
    # One column may tell both ends, two an end by coordinates, several the holders of the posts.
    ends = {
        f"{end}_text": column.get("span", column.get(f"{end}_lon", "")) for end in ("from", "to")
    }
    column = {**ends, **column, "holder": "、".join(post.holder for post in posts)}
    found = pd.DataFrame([(f, h) for f, h in column.items() if h], columns=["field", "heading"])
    return found.assign(file=table.file)


def read_duties(table: Table, source: Source) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows of DUTY_ROWS in a table, one a holder, and what was wrong by row."""
    cells = table.cells
    column, posts, kind = laid_out(table, source)
    faults: list[Fault] = []
    if not {"asset", "code"} & column.keys() or not posts:
        lacking = "河流名称/asset" if posts else "河长/姓名/holder"
        values = {"wanted": lacking, "came": "、".join(map(str, cells.columns))}
        return pd.DataFrame(), [Fault("no_column", table.file, values=values)]
    cells, more = _filled(table, column)
    dates, wrong = _validity(table, cells, column)
    faults += more + wrong
    records: list[dict[str, object]] = []
    for place, (row, line) in enumerate(zip(cells.index, _lines(cells), strict=True)):
        get = {field: _said(line[name]) for field, name in column.items()}
        if not get.get("asset") and not get.get("code"):
            came = "、".join(v for v in line.values() if v)
            faults.append(
                Fault(
                    "no_asset_named",
                    table.file,
                    int(row),
                    column.get("asset", ""),
                    {"came": came[:40]},
                )
            )
            continue
        made = list(_rows(line, get, posts, column, source.datum))
        for number, record in enumerate(made, 1):
            name = f"{table.file}#{row}" + (f"~{number}" if number > 1 else "")
            own = kind if may_be(get.get("asset", ""), kind) else ""
            fixed = {"duty_id": name, "kind": kind_word(get.get("kind", "")) or own}
            records.append({**record, **fixed, **dates[place], "file": table.file, "row": int(row)})
    return pd.DataFrame(records), faults


def laid_out(table: Table, source: Source) -> tuple[dict[str, str], list[Post], str]:
    """Return which column holds which field, the posts with a column of holders, and the kind.

    The kind of the assets is what the headers say of all rows, '' where they leave it open.
    """
    column = recognise(table.cells, _WANTED, source.columns)
    return column, _posts(table.cells, column, source), _kind(column)


_HEADERS = words(_WANTED)
_BARE = {plain(n): w.field for w in _WANTED if w.field in {"phone", "unit"} for n in w.names}


def _posts(cells: pd.DataFrame, column: dict[str, str], source: Source) -> list[Post]:
    """Return the posts a table has columns for; a long table has one, with its own role column."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    taken = {c for f, c in column.items() if f not in {"holder", "phone", "unit"}}
    before = ("", "")
    for name in cells.columns:
        header = plain(name)
        role, level = role_of(header), level_in(header)
        if header in _BARE and before in groups:
            # A bare 电话 or 单位 behind a post is that post's.
            groups[before].setdefault(_BARE[header], name)
            continue
        if name in taken or not role or (_NOT_A_POST.search(header) and not _PHONE.search(header)):
            continue
        before = (role, level)
        group = groups.setdefault(before, {})
        if _PHONE.search(header):
            group.setdefault("phone", name)
        elif _UNIT.search(header) and role not in {"责任单位", "管理单位"}:
            group.setdefault("unit", name)
        elif not _POST.search(header) and _holds_names(cells[name]):
            group.setdefault("holder", name)
    posts = [
        Post(role, level or source.level, g["holder"], g.get("unit", ""), g.get("phone", ""))
        for (role, level), g in groups.items()
        if "holder" in g
    ]
    if "holder" in column and not any(p.holder == column["holder"] for p in posts):
        posts.append(Post("", source.level, column["holder"]))
    if len(posts) == 1:
        only = posts[0]
        unit, phone = only.unit or column.get("unit", ""), only.phone or column.get("phone", "")
        return [Post(only.role, only.level, only.holder, unit, phone)]
    return posts


def _holds_names(values: pd.Series) -> bool:
    """Return whether a column holds names: 河长 may be the chief or the length of the river."""
    given = [v for v in pd.unique(values) if not blank(v)]
    return not given or sum(map(is_name, given)) * 2 >= len(given)


def _kind(column: dict[str, str]) -> str:
    """Return the asset kind the table's headers speak of, '' where they leave it open."""
    return kind_in(column.get("asset", column.get("code", "")))


def _filled(table: Table, column: dict[str, str]) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the cells with a missing asset filled from above, each filled row reported.

    A merged cell saved as text leaves its name in the first row only.
    """
    cells = table.cells.copy()
    names = [column[f] for f in ("asset", "code") if f in column]
    absent = pd.concat([cells[n].map(blank).astype(bool) for n in names], axis=1).all(axis=1)
    faults = []
    for name in names:
        # None, not NaN: pandas 2 would take a column with nothing in it for numbers.
        above = cells[name].mask(absent, None).ffill().fillna("")
        cells[name] = cells[name].where(~absent, above)
    for row, *given in cells.loc[absent, names].itertuples():
        came = next(filter(None, given), "")
        if came:
            faults.append(
                Fault("filled_from_above", table.file, int(row), names[0], {"came": came})
            )
    return cells, faults


def _lines(cells: pd.DataFrame) -> list[dict[str, str]]:
    names = list(map(str, cells.columns))
    return [dict(zip(names, row, strict=True)) for row in cells.to_numpy()]


def _said(value: str) -> str:
    return "" if blank(value) else value


def _rows(
    line: dict[str, str],
    get: dict[str, str],
    posts: list[Post],
    column: dict[str, str],
    datum: str,
) -> Iterator[dict[str, object]]:
    """Give one record a post, area and holder of one line of the table."""
    start, end = (_in_wgs84(text, datum) for text in _ends(get))
    areas = re.split(r"[、，,;；\n]+", get.get("area", "") or get.get("town", ""))
    if _kind(column) in {"reservoir", "pond"}:
        # 所在村 tells where the dam stands; a shore is not shared out by it.
        areas = [""]
    told_level = level_of(get.get("level", ""))
    for post in posts:
        holders = persons(_said(line[post.holder])) or [""]
        phones = re.split(r"[、，,;；/\n]+", _said(line.get(post.phone, "")))
        if len(phones) != len(holders):
            phones = [_said(line.get(post.phone, ""))] * len(holders)
        role = get.get("role") or post.role
        unit = _said(line.get(post.unit, ""))
        for area in areas:
            for holder, phone in zip(holders, phones, strict=True):
                yield {
                    "asset": get.get("asset", ""),
                    "code": get.get("code", ""),
                    "area": area.strip(),
                    "from_text": start,
                    "to_text": end,
                    "side": get.get("side", ""),
                    "role": role_of(role) or role,
                    "level": told_level or post.level or level_in(role),
                    "holder": holder,
                    "holder_kind": holder_kind(holder, post.holder) if holder else "person",
                    "unit": unit,
                    "phone": phone,
                    # Two names in one cell hold one post together; the office says so itself.
                    "joint": len(holders) > 1 or get.get("joint", "") in {"是", "1", "yes", "true"},
                }


def _ends(get: dict[str, str]) -> tuple[str, str]:
    """Return start and end as written: their own columns, coordinates, or one column for both."""
    if get.get("from_lon") and get.get("to_lon"):
        return (
            f"{get['from_lon']},{get.get('from_lat', '')}",
            f"{get['to_lon']},{get.get('to_lat', '')}",
        )
    if get.get("from_text") or get.get("to_text"):
        return get.get("from_text", ""), get.get("to_text", "")
    parts = [part for part in _SPAN.split(get.get("span", "")) if part]
    return (parts[0], parts[1]) if len(parts) == 2 else ("", "")


def _in_wgs84(text: str, datum: str) -> str:
    """Return an end as written, but coordinates of a web map as WGS 84, to the centimetre."""
    found = degrees_in(text)
    if found is None or datum not in {"gcj02", "bd09"}:
        return text
    lon, lat = to_wgs84(np.array([found[0]]), np.array([found[1]]), datum)
    return f"{lon[0]:.7f},{lat[0]:.7f}"


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
        parts = given["term"].str.split(r"[—–~～至到]+|-(?=\s*\d{4})", n=1, regex=True)
        given.setdefault("from_on", _text(parts.str[0]))
        given.setdefault("until_on", _text(parts.str[1]))
    readers = {"from_on": days, "until_on": days_after, "left_on": days}
    for field, read in readers.items():
        if field not in given:
            continue
        texts = given[field].map(lambda t: "" if t in {"至今", "今", "长期", "永久"} else t)
        found = read(texts)
        faults += [
            Fault(
                "bad_date",
                table.file,
                int(row),
                column.get(field, column.get("term", "")),
                {"came": texts[row]},
            )
            for row in cells.index[found.isna() & ~texts.map(blank).astype(bool)]
        ]
        first, until = (found, until) if field == "from_on" else (first, until.fillna(found))
    return [{"from_on": a, "until_on": b} for a, b in zip(first, until, strict=True)], faults
