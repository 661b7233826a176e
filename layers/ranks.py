"""Understand the office's words for levels, roles, kinds and holders."""

import re
import unicodedata
from decimal import Decimal

LEVELS = {
    "province": ("省级", "省"),
    "city": ("市级", "地市级", "州级", "市"),
    "county": ("县级", "区级", "县区级", "县市区级", "区县级", "旗级", "县", "区"),
    "town": ("镇级", "乡级", "乡镇级", "镇乡级", "街道级", "镇街级", "镇街", "乡镇", "镇", "乡",
    "街道"),
    "village": ("村级", "社区级", "村社级", "村居级", "居级", "行政村级", "村居", "村社", "村",
    "社区"),
    "group": ("组级", "村民小组", "小组级", "小组", "组"),
}  # fmt: skip
_LEVEL_OF = {word: level for level, words in LEVELS.items() for word in words}
_ROLES = (
    "总河长", "副总河长", "总路长", "总林长", "河湖长", "河长", "湖长", "路长", "段长", "库长",
    "塘长", "渠长",
    "林长", "田长", "片长", "网格长", "网格员", "楼栋长", "河道警长", "警长", "督查长", "督察长",
    "检察长",
    "联系人", "联络员", "巡查员", "巡河员", "巡路员", "巡护员", "护河员", "护路员", "护林员",
    "路政员", "技术员",
    "管护员", "保洁员", "养护员", "管养员", "专管员", "监督员", "人大代表", "代表小组", "代表",
    "行政责任人", "技术责任人", "巡查责任人", "管护责任人", "政府责任人", "主管部门责任人",
    "管理单位责任人",
    "主管责任人", "防汛责任人", "安全责任人", "责任人", "负责人", "责任单位", "管理单位",
    "管护单位", "养护单位", "管养单位",
    "联系单位", "牵头单位", "联系部门",
)  # fmt: skip
_KINDS = {
    "river": ("河流", "河道", "河", "溪", "江", "river", "stream"),
    "canal": ("渠道", "渠", "沟渠", "沟", "canal", "ditch"),
    "road": ("道路", "公路", "路线", "路", "县道", "乡道", "村道", "road"),
    "reservoir": ("水库", "湖泊", "库", "reservoir", "lake"),
    "pond": ("塘坝", "山塘", "池塘", "塘", "坑塘", "pond"),
}
_UNIT = re.compile(
    r"(局|所|站|村委会|居委会|委员会|委|办|办公室|公司|中心|政府|街道|街道办|社区|村|镇|乡|大队|支队|科|院|处|厅|部"
    r"|集团|合作社|学校|office|bureau|council|department|ltd\.?|inc\.?|agency|authority)$",
    re.IGNORECASE,
)
_GROUP = re.compile(r"(组|小组|队|班|分队|group|team)$", re.IGNORECASE)
_LEVEL_HEADER = re.compile(
    r"^(省|市|州|地市|县|区|旗|县区|区县|县市区|镇|乡|乡镇|镇乡|镇街|街道|村|社区|村社|村居|行政村|组|村民小组|一|二|三|四|五)级?"
)


_LEVEL_IN_TITLE = re.compile(
    "|".join(sorted((w for words in LEVELS.values() for w in words if w.endswith("级")), key=len))
)
# Excel writes 1.3800000015E10 for a telephone kept as a number; 1.38E+10 has lost its digits.
_DECIMAL = re.compile(r"(?<![\d.])\d+\.\d+(?:E\+?\d+)?(?![\d.])", re.IGNORECASE)
_DIGITS = 10
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")


def level_of(text: str) -> str:
    """Return our word for a level, the text itself where it is none of ours.

    >>> level_of("镇级"), level_of("县（市、区）级"), level_of("一级"), level_of("Town")
    ('town', 'county', '一级', 'town')
    """
    bare = re.sub(r"[（(].*?[）)]|\s", "", text.strip())
    if bare.casefold() in LEVELS:
        return bare.casefold()
    return _LEVEL_OF.get(bare, bare)


def role_of(text: str) -> str:
    """Return the role a text ends with or holds, '' for none: the longest known word.

    A deputy is no chief.

    >>> role_of("镇级河长"), role_of("镇级副河长"), role_of("巡查责任人姓名"), role_of("备注")
    ('河长', '副河长', '巡查责任人', '')
    """
    role = max((role for role in _ROLES if role in text), key=len, default="")
    return f"副{role}" if role and f"副{role}" in text else role


def level_in(text: str) -> str:
    """Return the level a header or post begins with, '' for none.

    >>> level_in("镇级河长"), level_in("村河长"), level_in("河长"), level_in("县道路长")
    ('town', 'village', '', '')
    """
    match = _LEVEL_HEADER.match(re.sub(r"[（(].*?[）)]|\s", "", text))
    # 县道 and 村道 are classes of road, no levels.
    if not match or text[match.end() :].startswith("道"):
        return ""
    return level_of(match.group())


def level_told(text: str) -> str:
    """Return the level a title or the name of a sheet tells, '' where it tells none or several.

    >>> level_told("汲滩镇村级河长名单"), level_told("县级、乡级河长"), level_told("汲滩镇")
    ('village', '', '')
    """
    told = {level_of(word) for word in _LEVEL_IN_TITLE.findall(text)}
    return told.pop() if len(told) == 1 else ""


def kind_word(text: str) -> str:
    """Return the asset kind a text names exactly, '' for none.

    >>> kind_word("河道"), kind_word("水库"), kind_word("王家河")
    ('river', 'reservoir', '')
    """
    bare = text.strip().casefold()
    return next((kind for kind, words in _KINDS.items() if bare == kind or bare in words), "")


def kind_in(text: str) -> str:
    """Return the asset kind a header or title speaks of, '' where it speaks of none or of two."""
    patterns = {"river": "河", "canal": "渠", "road": "路", "reservoir": "水库|库长", "pond": "塘"}
    kinds = [kind for kind, pattern in patterns.items() if re.search(pattern, text)]
    return kinds[0] if len(kinds) == 1 else ""


def holder_kind(holder: str, role: str = "") -> str:
    """Return person, unit or group, as the name or its post tells.

    >>> holder_kind("张三"), holder_kind("李村村委会"), holder_kind("第三代表小组")
    ('person', 'unit', 'group')
    """
    if _GROUP.search(holder):
        return "group"
    return "unit" if "单位" in role or "部门" in role or _UNIT.search(holder) else "person"


def persons(cell: str) -> list[str]:
    """Return the names in one cell: lists, breaks and strokes part them, a gap inside one does not.

    A telephone behind a name is none of it.

    >>> persons("张三、李四"), persons("张 三"), persons("张三 李四"), persons("王五（镇长）")
    (['张三', '李四'], ['张三'], ['张三', '李四'], ['王五'])
    >>> persons("张三13800000000")
    ['张三']
    """
    text = re.sub(r"[（(][^）)]*[）)]", "", unicodedata.normalize("NFKC", cell))
    text = _PHONE.sub(" ", text)
    names: list[str] = []
    for part in re.split(r"[、，,;；/|\n]+", text):
        pieces = part.split()
        chinese = bool(pieces) and all(re.fullmatch(r"[\u3400-\u9fff·]+", p) for p in pieces)
        if chinese and all(len(p) >= 2 for p in pieces):
            names += pieces
        elif pieces:
            names.append("".join(pieces) if chinese else " ".join(pieces))
    return names


def phones_in(cell: str, holders: int) -> list[str]:
    """Return a telephone for each of so many holders, from a cell of telephones or of names.

    As many as there are holders are theirs in order, otherwise all have what the cell says. A
    number that a program wrote out as a decimal is put back, where no digit was lost.

    >>> phones_in("1380000001/1380000002", 2), phones_in("13800000001.0", 1)
    (['1380000001', '1380000002'], ['13800000001'])
    >>> phones_in("张三13800000001、李四", 2), phones_in("1.38E+10", 1), phones_in("张三", 1)
    (['13800000001', '13800000001'], ['1.38E+10'], [''])
    """
    text = _DECIMAL.sub(_whole, cell)
    if not re.search(r"\d", text):
        return [""] * holders
    if re.search(r"[^\W\d_]{2}", text):
        text = "、".join(_PHONE.findall(text))
    each = [one.strip() for one in re.split(r"[、，,;；/\n]+", text)]
    return each if len(each) == holders else [text.strip()] * holders


def _whole(found: re.Match[str]) -> str:
    value = Decimal(found[0])
    kept = value == value.to_integral_value() and len(value.as_tuple().digits) >= _DIGITS
    return str(int(value)) if kept else found[0]
