"""Read who may use a road and when, and what it is made of, from an office's words and OSM tags."""

import re
import unicodedata

import pandas as pd

from layers.columns import Wanted

ROAD_MODES = ("foot", "bicycle", "motorcycle", "car")
ALL = " ".join(ROAD_MODES)
CLOSED = Wanted(
    "closed",
    ("封闭", "是否封闭", "封闭时间", "封闭时段", "封闭月份", "封闭期", "冬季封闭", "季节性封闭",
     "冬季封路", "封路", "封路时间", "禁行", "禁行时间", "禁止通行", "closed", "seasonal"),
)  # fmt: skip
CLOSED_FROM = Wanted(
    "closed_from",
    ("封闭起", "封闭开始", "封闭起始", "封闭起始月", "封闭开始月份", "封闭起月", "closed_from"),
)
CLOSED_TO = Wanted(
    "closed_to",
    ("封闭止", "封闭结束", "封闭截止", "封闭截止月", "封闭结束月份", "封闭止月", "closed_to"),
)
ACCESS = Wanted("access", ("access", "通行", "通行情况", "准入"))
SURFACE = Wanted("surface", ("路面", "路面类型", "路面材料", "路面种类", "铺装", "surface", "lmlx"))

_YES = frozenset(["是", "有", "yes", "true", "1", "y"])
_NO = frozenset(["", "否", "无", "no", "false", "0", "n", "不封闭", "开放", "通行"])
_FORBIDDEN = frozenset(["no", "private", "禁行", "封闭", "禁止", "禁止通行", "不通", "不通行",
                        "否"])  # fmt: skip
_ALWAYS = frozenset(["全年", "常年", "长期", "永久", "全封闭", "always"]) | _FORBIDDEN
# Of the weather services: 冬季 is December to February.
_SEASONS = {"冬": "12-01/02-29", "春": "03-01/05-31", "夏": "06-01/08-31", "秋": "09-01/11-30",
            "winter": "12-01/02-29", "spring": "03-01/05-31", "summer": "06-01/08-31",
            "autumn": "09-01/11-30"}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LAST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = re.compile(r"(\d{1,2}|[a-z]{3})[a-z]*月?(?:份|底|末|初)?(?:(\d{1,2})[日号]?)?")
_UNPAVED = re.compile(
    r"(砂|沙|碎石|砾石|级配|泥|土|石渣|未硬化|未铺|无铺|无路面|非铺|unpaved|gravel|fine_gravel|"
    r"compacted|dirt|earth|ground|sand|mud|grass|pebble|woodchips)"
)


def closed(text: str, header: str = "") -> tuple[str, str] | None:
    """Return the modes barred and the days shut, as in FEATURES; None for what says neither.

    A column that names a season, such as 冬季封闭, may say only yes.

    >>> closed("是"), closed("11月至次年4月"), closed("是", "冬季封闭"), closed("限重")
    (('foot bicycle motorcycle car', ''), ('', '11-01/04-30'), ('', '12-01/02-29'), None)
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
    if plain in _NO:
        return "", ""
    of_header = next((days for word, days in _SEASONS.items() if word in header.casefold()), "")
    if plain in _YES and of_header:
        return "", of_header
    if plain in _YES | _ALWAYS:
        return ALL, ""
    days = _season(plain)
    return ("", days) if days else None


def _season(plain: str) -> str:
    """Return the days of a season or a span of days or months, '' for neither."""
    bare = re.sub(r"(季节?|封闭|封路|禁行|期间|通行|每年)", "", plain)
    if bare in _SEASONS:
        return _SEASONS[bare]
    ends = re.split(r"[-—–~～至到]+", re.sub(r"(次年|翌年|第二年|来年)", "", bare))
    dates = [_DAY.fullmatch(end.strip("()[]")) for end in ends]
    if len(dates) != 2 or any(date is None for date in dates):
        return ""
    said: list[str] = []
    for date, last in zip(dates, (False, True), strict=True):
        month = _month(date[1]) if date else 0
        if not 1 <= month <= 12:
            return ""
        day = int(date[2]) if date and date[2] else _LAST[month - 1] if last else 1
        if not 1 <= day <= _LAST[month - 1]:
            return ""
        said.append(f"{month:02d}-{day:02d}")
    return "/".join(said)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return _MONTHS.index(text) + 1 if text in _MONTHS else 0


def barred(access: str) -> str:
    """Return the modes an office's word of access bars: all or none."""
    return ALL if unicodedata.normalize("NFKC", access).casefold().strip() in _FORBIDDEN else ""


def unpaved(surface: str) -> bool:
    """Return whether a surface is known to be loose: 砂石, 土路, gravel; 水泥 and 混凝土 are not.

    >>> [unpaved(word) for word in ("砂石路", "泥结碎石", "水泥混凝土", "沥青", "", "gravel")]
    [True, True, False, False, False, True]
    """
    plain = unicodedata.normalize("NFKC", surface).casefold().strip()
    return _UNPAVED.match(plain) is not None


# Which tags speak of a mode, the most particular first.
_TAGS = {
    "foot": ("foot", "access"),
    "bicycle": ("bicycle", "vehicle", "access"),
    "motorcycle": ("motorcycle", "motor_vehicle", "vehicle", "access"),
    "car": ("motorcar", "motor_vehicle", "vehicle", "access"),
}
# What a way bars by its kind alone, where no tag speaks of the mode.
_BY_KIND = {
    **dict.fromkeys(("footway", "pedestrian", "path", "bridleway", "cycleway", "corridor"),
                    ("motorcycle", "car")),
    "steps": ("bicycle", "motorcycle", "car"),
    **dict.fromkeys(("motorway", "motorway_link"), ("foot", "bicycle")),
}  # fmt: skip
_CONDITIONAL = ("access:conditional", "vehicle:conditional", "motor_vehicle:conditional")
OSM_TAGS = ("access", "foot", "bicycle", "vehicle", "motor_vehicle", "motorcycle", "motorcar",
            "surface", *_CONDITIONAL)  # fmt: skip


def osm_barred(ways: pd.DataFrame) -> list[str]:
    """Return the modes the tags of each way bar."""
    keys = ("highway", *OSM_TAGS)
    told = [dict(zip(keys, tags, strict=True)) for tags in ways[list(keys)].to_numpy()]
    return [" ".join(mode for mode in ROAD_MODES if _bars(tags, mode)) for tags in told]


def _bars(tags: dict[str, str], mode: str) -> bool:
    said = next((tags[key] for key in _TAGS[mode] if tags[key]), "")
    if said:
        return said in {"no", "private"}
    return mode in _BY_KIND.get(tags["highway"], ())


def osm_shut(ways: pd.DataFrame) -> list[str]:
    """Return the days each way is shut: `access:conditional` = no @ (Nov-Apr)."""
    said = zip(*(ways[key] for key in _CONDITIONAL), strict=True)
    return [_conditional(" ; ".join(texts)) for texts in said]


def _conditional(text: str) -> str:
    for when in re.findall(r"\bno\s*@\s*\(?([^;)]+)\)?", text):
        days = _season(when.casefold().replace(" ", ""))
        if days:
            return days
    return ""
