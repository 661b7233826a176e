"""Make Chinese words findable by the first letters of their pinyin."""

from typing import Any

import pandas as pd
import pypinyin

from maps.packing import Pack


def pack_initials(pack: Pack, column: "pd.Series[Any]") -> dict[str, Any]:
    """Add the pinyin initials of every different word of a column, in order of appearance."""
    return pack.words([initials(str(word)) for word in column.unique()])


def initials(word: str) -> str:
    """Return what an office worker types to find a Chinese word: the first letters of its pinyin.

    >>> initials("重庆路2号")
    'cql2h'
    """
    letters = pypinyin.lazy_pinyin(word, style=pypinyin.Style.FIRST_LETTER, errors="default")
    return "".join(letters).lower()
