"""Know how a responsibility table is laid out: which column holds what, and of which post."""

import re
from dataclasses import dataclass

import pandas as pd

from geo.names import AREA_ENDINGS
from layers.columns import Wanted, blank, is_name, plain, recognise, words
from layers.ranks import kind_in, level_in, level_told, role_of
from layers.sources import Source
from layers.spans import unit_of
from layers.tables import Table

_ASSET = Wanted(
    "asset",
    ("河流名称", "河道名称", "河湖名称", "所在河流", "所属河流", "所在河湖",
     "河段名称", "河流", "河道", "河湖", "河名", "渠道名称",
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
    # Beside a column of rivers, one of reaches tells a stretch; alone it names the river.
    Wanted("section", ("河段名称", "河段", "路段名称", "路段", "责任河段名称", "岸段")),
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
# 汲滩镇村级河长 is the sheet of 汲滩镇; 各乡镇 is no one's.
_AREA = re.compile(
    rf"(?!.*(?:[各全]|乡镇|镇街))([\u3400-\u9fff]{{2,}}?(?:{'|'.join(AREA_ENDINGS)}))"
    r"(?=$|[（(_\-\s]|.{1,2}级|[河路湖库渠]长|责任|名[单录]|\d)"
)
_CONTACTS = {"联系人", "联络员", "联系单位", "联系部门"}
HEADERS = "河流名称、河长、姓名、起点、终点、电话"


@dataclass(frozen=True)
class Post:
    """A group of columns that tells the holders of one post: their names, units, telephones."""

    role: str
    level: str
    holder: str
    unit: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Layout:
    """Which column of a table holds which field, and what the table says of all its rows.

    `posts` are those with a column of holders. `kind` is '' where the headers leave it open,
    `area` where the workbook does not keep a sheet for each area; `units` are those of length of
    the columns of a start and an end, '' where the header tells none.
    """

    column: dict[str, str]
    posts: list[Post]
    kind: str
    area: str
    units: tuple[str, str]


def known(header: str) -> bool:
    """Return whether a compared header is one a duty table has."""
    return header in _HEADERS or (role_of(header) != "" and not _NOT_A_POST.search(header))


def laid_out(table: Table, source: Source) -> Layout:
    """Return how a table is laid out.

    A level that neither the project's settings nor a header tells is that of the title or sheet.
    """
    column = recognise(table.cells, _WANTED, source.columns)
    level = source.level or level_told(table.caption)
    area = _AREA.match(table.sheet)
    ends = (column.get(f"{end}_text", column.get("span", "")) for end in ("from", "to"))
    start, end = map(unit_of, ends)
    return Layout(
        column,
        _posts(table.cells, column, level),
        kind_in(column.get("asset", column.get("code", ""))),
        area[1] if area else "",
        (start, end),
    )


def headings(table: Table, source: Source) -> pd.DataFrame:
    """Return the rows of HEADINGS for a table: what it calls the columns of DUTY_ROWS."""
    layout = laid_out(table, source)
    column = layout.column
    # One column may tell both ends, two an end by coordinates, several the holders of the posts,
    # and an area may be told by its village, by its town, or in the words of a stretch.
    ends = {
        f"{end}_text": column.get("span", column.get(f"{end}_lon", "")) for end in ("from", "to")
    }
    areas = [column[f] for f in ("area", "town", "span", "section") if f in column]
    several = {"area": "、".join(areas), "holder": "、".join(post.holder for post in layout.posts)}
    named = {**ends, **column, **several}
    found = pd.DataFrame([(f, h) for f, h in named.items() if h], columns=["field", "heading"])
    return found.assign(file=table.file)


_HEADERS = words(_WANTED)
_BARE = {plain(n): w.field for w in _WANTED if w.field in {"phone", "unit"} for n in w.names}


def _posts(cells: pd.DataFrame, column: dict[str, str], level: str) -> list[Post]:
    """Return the posts a table has columns for; a long table has one, with its own role column.

    Whom to ring up answers for nothing, where the table also names somebody who does.
    """
    groups: list[tuple[str, str, dict[str, str]]] = []
    taken = {c for f, c in column.items() if f not in {"holder", "phone", "unit"}}
    for name in cells.columns:
        header = plain(name)
        if header in _BARE and groups:
            # A bare 电话 or 单位 behind a post is that post's.
            groups[-1][2].setdefault(_BARE[header], name)
            continue
        role = role_of(header)
        if name in taken or not role or (_NOT_A_POST.search(header) and not _PHONE.search(header)):
            continue
        field = _field(header, role, cells[name])
        if field:
            _group(groups, role, _level(name), field)[field] = name
    posts = [
        Post(role, own or level, g["holder"], g.get("unit", ""), g.get("phone", ""))
        for role, own, g in groups
        if "holder" in g
    ]
    if "holder" in column and not any(p.holder == column["holder"] for p in posts):
        posts.append(Post("", level, column["holder"]))
    posts = [post for post in posts if post.role not in _CONTACTS] or posts
    if len(posts) == 1:
        only = posts[0]
        unit, phone = only.unit or column.get("unit", ""), only.phone or column.get("phone", "")
        return [Post(only.role, only.level, only.holder, unit, phone)]
    return posts


def _field(header: str, role: str, values: pd.Series) -> str:
    """Return what a column tells of the post in its header: phone, unit, holder, or nothing."""
    if _PHONE.search(header):
        return "phone"
    if _UNIT.search(header) and not role.endswith("单位"):
        return "unit"
    return "holder" if not _POST.search(header) and _holds_names(values) else ""


def _group(
    groups: list[tuple[str, str, dict[str, str]]], role: str, own: str, field: str
) -> dict[str, str]:
    """Return the columns of the last post of that role and level which still lacks the field.

    A second column of names is a second holder of the post, not to be lost behind the first.
    """
    for of_role, of_level, columns in reversed(groups):
        if (of_role, of_level) == (role, own) and field not in columns:
            return columns
    groups.append((role, own, {}))
    return groups[-1][2]


def _level(name: str) -> str:
    """Return the level in a header, where it may stand in any of its rows: 设置情况_县级_姓名."""
    return next(filter(None, (level_in(plain(part)) for part in str(name).split("_"))), "")


def _holds_names(values: pd.Series) -> bool:
    """Return whether a column holds names: 河长 may be the chief or the length of the river."""
    given = [v for v in pd.unique(values) if not blank(v)]
    return not given or sum(map(is_name, given)) * 2 >= len(given)
