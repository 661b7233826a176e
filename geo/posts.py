"""Read the words of a post: its level, its role, its bank."""

import re
from functools import lru_cache

from geo.names import plain
from geo.words import Language, Text

LEVEL_WORDS = {
    "province": Text("省级", "province"),
    "city": Text("市级", "city"),
    "county": Text("县级", "county"),
    "town": Text("镇级", "town"),
    "village": Text("村级", "village"),
    "group": Text("组级", "group"),
}
# Longest first when a role is split. 区级 is a county's rank; 社区 is a village's.
_LEVELS = {
    "province": ("province", "省级", "省"),
    "city": ("city", "市级", "地级", "市"),
    "county": ("county", "县级", "区级", "县区级", "县(区)级", "区县级", "县", "区"),
    "town": (
        "town", "township", "镇级", "乡级", "乡镇级", "镇街级", "街道级", "镇(街道)级",
        "乡镇(街道)级", "镇乡级", "镇", "乡", "街道", "乡镇", "镇街",
    ),
    "village": ("village", "村级", "社区级", "村(社区)级", "村居级", "村社级", "村", "社区"),
    "group": ("group", "组级", "村民小组", "小组级", "组", "小组"),
}  # fmt: skip
# What an office writes where there is nobody; punctuation does not count.
_NOBODY = re.compile(
    r"[/\\*]*|nan|none|null|n/?a|暂?无|暂?缺|[暂空出]*[空缺][岗位员职]?|暂?待[定补]|待(任命|明确|配备|选举)"
    r"|暂?未(定|明确|配备|设)|不设|不涉及|没有"
)
_LEVEL_OF = {plain(word): level for level, words in _LEVELS.items() for word in words}
_PREFIXES = sorted((w for w in _LEVEL_OF if w.endswith("级")), key=len, reverse=True)
_SIDES = {
    "L": ("l", "left", "左", "左岸", "左侧", "左幅", "左堤", "left bank"),
    "R": ("r", "right", "右", "右岸", "右侧", "右幅", "右堤", "right bank"),
    "B": ("", "b", "both", "两岸", "双侧", "两侧", "双岸", "左右岸", "左右两岸", "全幅", "全部"),
}
_SIDE_OF = {plain(word): side for side, words in _SIDES.items() for word in words}


def read_level(text: str) -> str:
    """Return the schema's word for a level, '' for none, the text itself where it is unknown.

    >>> read_level("鎮級"), read_level("街道"), read_level("一级"), read_level("")
    ('town', 'town', '一级', '')
    """
    return _LEVEL_OF.get(plain(text), text.strip())


@lru_cache(maxsize=10_000)
def read_role(text: str) -> tuple[str, str]:
    """Return `(level, role)` of a role that may carry its level.

    >>> read_role("镇级河长"), read_role("河长"), read_role("巡查员 ")
    (('town', '河长'), ('', '河长'), ('', '巡查员'))
    """
    role = plain(text)
    for word in _PREFIXES:
        if role.startswith(word) and len(role) > len(word):
            return _LEVEL_OF[word], role.removeprefix(word)
    return "", role if not text.isascii() else text.strip()


def read_holder(text: str) -> str:
    """Return the holder without blanks around, '' for a word that says there is none.

    >>> read_holder(" 张三 "), read_holder("空缺"), read_holder("—")
    ('张三', '', '')
    """
    return "" if _NOBODY.fullmatch(plain(text)) else text.strip()


def read_side(text: str) -> str:
    """Return L, R or B, '' for a text that says none of them."""
    return _SIDE_OF.get(plain(text), "")


def say_post(level: str, role: str, language: Language) -> str:
    """Return a post in words: 镇级河长."""
    spoken = LEVEL_WORDS[level].say(language) if level in LEVEL_WORDS else level
    return f"{spoken}{role}" if language == "zh" else " ".join(filter(None, (spoken, role)))
