"""Read a stretch as offices write it into a cell: K3+200至K5+000、左岸, 沙堰镇段, 全段.

What is not understood is said to be so: a stretch that somebody wrote never counts as the whole.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from geo.posts import read_side

_WHOLE = re.compile(
    r"[全整](?:[段线长程河渠路库湖域境条段个]|河段|路段|流域|条河|条路|条河道|条道路|个水库)|全部"
)
_HERE = re.compile(r"本?(?:[省市县区镇乡村组]|街道|社区)?(?:境内|辖区|辖区内|辖段|境内段)")
_BANK = r"(?:左右两岸|左右岸|[左右两双]岸|[左右两双]侧|[左右]堤)"
_BRACKETED = rf"[（(\[【]?({_BANK})[）)\]】]?"
_BANK_FIRST = re.compile(rf"{_BRACKETED}[:：,，\s]*(.*)", re.DOTALL)
_BANK_LAST = re.compile(rf"(.*?)[,，\s]*{_BRACKETED}", re.DOTALL)
# A hyphen in an English name or before a negative number parts nothing.
_TO = re.compile(
    r"\s*[—–―~～〜∼至到→]+\s*|\s+to\s+|\s+-\s+|(?<=[^\s\-a-zA-Z])-(?=[^\s\-])|(?<=[a-zA-Z])-(?=[^\sa-zA-Z\-])"
)
# A narrow cell breaks its line before or after what stands between the ends.
_WRAPPED = re.compile(r"\s*\n?\s*([—–―~～〜∼至到→-])\s*\n\s*|\s*\n\s*([—–―~～〜∼至到→-])\s*")
_LIST = re.compile(r"[、;；\n]+")
_SECTION = re.compile(r"(?<=..)(?:境内段?|辖区内?|范围内?|段)")
# 大坝 and 上游 are no areas, and K3+000以下 has one end only.
_NO_PLACE = re.compile(r"\d|[上下]游|以[上下东西南北内外]|大坝|坝|^[上中下]段?$")
_BARE = re.compile(r"\d+(?:\.\d+)?")
_UNIT = re.compile(r"[（(\[【_]?(km|公里|千米|m|米)[）)\]】]?$", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """One stretch as written: two ends, or one place, or neither for the whole; and its bank."""

    start: str = ""
    end: str = ""
    place: str = ""
    side: str = ""


def spans(text: str) -> list[Span] | None:
    """Return the stretches of one cell, None where any of it is not understood.

    >>> spans("左岸K3+200-5+000"), spans("全段") == [Span()]
    ([Span(start='K3+200', end='5+000', place='', side='左岸')], True)
    >>> [one.place for one in spans("沙堰镇段、王家村段")], spans("K3+000以下")
    (['沙堰镇', '王家村'], None)
    """
    text = _WRAPPED.sub(lambda sign: sign[1] or sign[2], text.strip())
    found = [_span(piece) for piece in _LIST.split(text) if piece.strip()]
    told = [one for one in found if one is not None]
    return told if told and len(told) == len(found) else None


def between(start: str, end: str) -> list[Span] | None:
    """Return the stretches of a cell for the start and a cell for the end, either may be empty.

    One cell may hold both ends, or say 全段. An end without its other stays alone.

    >>> between("K1至K2", "") == between("K1", "K2"), between("全段", "") == [Span()]
    (True, True)
    >>> between("左岸K1", "K2")
    [Span(start='K1', end='K2', place='', side='左岸')]
    """
    if not (start and end):
        alone = spans(start or end)
        if alone and all(not one.place for one in alone):
            return alone
    elif _is_whole(start) and _is_whole(end):
        return [Span()]
    (side, start), (other, end) = banked(start), banked(end)
    if side and other and read_side(side) != read_side(other):
        return None
    return [Span(start, end, side=side or other)]


def here(text: str) -> bool:
    """Return whether a text only says that a stretch lies in its writer's own area: 本镇境内."""
    return _HERE.fullmatch(_squeezed(text)) is not None


def banked(text: str) -> tuple[str, str]:
    """Return the bank a text begins or ends with, '' for none, and the rest of the text.

    >>> banked("湍河（左岸）"), banked("右岸：K1"), banked("左岸"), banked("湍河")
    (('左岸', '湍河'), ('右岸', 'K1'), ('左岸', ''), ('', '湍河'))
    """
    text = text.strip()
    if first := _BANK_FIRST.fullmatch(text):
        return first[1], first[2].strip()
    if last := _BANK_LAST.fullmatch(text):
        return last[2], last[1].strip()
    return "", text


def unit_of(header: str) -> str:
    """Return the unit of length a header tells, '' for none.

    >>> unit_of("起点（km）"), unit_of("起点桩号_公里"), unit_of("终点")
    ('km', '公里', '')
    """
    found = _UNIT.search(unicodedata.normalize("NFKC", header).strip())
    return found[1].lower() if found and found.start() else ""


def with_unit(span: Span, start: str, end: str) -> Span:
    """Return a span whose ends, where they are bare numbers, carry the units of their columns."""
    texts = ((span.start, start), (span.end, end))
    first, last = (text + unit if _BARE.fullmatch(text) else text for text, unit in texts)
    return replace(span, start=first, end=last)


def _span(piece: str) -> Span | None:
    side, text = banked(piece)
    if not text or _is_whole(text):
        return Span(side=side)
    if here(text):
        return Span(place=text, side=side)
    ends = [part.strip() for part in _TO.split(text)]
    if len(ends) == 2 and all(ends):
        return Span(ends[0], ends[1], side=side)
    place = _SECTION.sub("", text) if _SECTION.search(text) else text
    if len(ends) > 1 or _NO_PLACE.search(place) or not re.search(r"[^\W\d_]", place):
        return None
    return Span(place=place, side=side)


def _is_whole(text: str) -> bool:
    return _WHOLE.fullmatch(_squeezed(text)) is not None


def _squeezed(text: str) -> str:
    return re.sub(r"[\s（()）]+", "", text)
