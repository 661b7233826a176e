"""Match a name an office wrote to the things it may mean, and never guess between two.

The code decides first, then the whole name, then the name without its kind of water or road.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import opencc
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

# What a name may end in, and the kinds it can then be; the longest ending is tried first.
ENDINGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("河流", "河道", "河", "溪", "江", "港", "浦", "涌", "沟", "泾", "浜", "塘河", "川", "水"),
        ("river", "canal"),
    ),
    **dict.fromkeys(("干渠", "支渠", "渠道", "渠", "运河"), ("canal", "river")),
    **dict.fromkeys(("水库", "库"), ("reservoir",)),
    **dict.fromkeys(("山塘", "塘坝", "塘", "湖", "池"), ("pond", "reservoir")),
    **dict.fromkeys(
        ("公路", "大道", "大街", "路", "线", "道", "街", "巷"),
        ("road",),
    ),
    **dict.fromkeys(("river", "stream", "brook"), ("river", "canal")),
    **dict.fromkeys(("road", "street", "rd", "st"), ("road",)),
    "reservoir": ("reservoir",),
    "canal": ("canal", "river"),
}
AREA_ENDINGS = (
    "街道办事处", "居民委员会", "村民委员会", "居委会", "村委会", "行政村", "街道", "社区",
    "自治县", "镇", "乡", "村", "县", "区", "市", "自治州",
)  # fmt: skip
VILLAGES = {"村", "村委会", "村民委员会", "行政村", "社区", "居委会", "居民委员会"}
_BY_LENGTH = sorted(ENDINGS, key=len, reverse=True)
_BRACKETS = re.compile(r"[(\[{<《〈【〔「『].*?[)\]}>》〉】〕」』]")
_SECTION = re.compile(r"(?<=..)(?:境内段?|段)$")
_NOISE = re.compile(r"[\s·・•,.,。、:;'\"“”‘’_\-—~]+")


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Return `text` in simplified, half-width, lower-case characters without spaces.

    >>> plain(" 邓州 湍 河(城区)")
    '邓州湍河(城区)'
    """
    return _NOISE.sub("", _converter().convert(unicodedata.normalize("NFKC", text)).casefold())


@lru_cache(maxsize=200_000)
def bare(text: str) -> str:
    """Return the plain text without what stands in brackets, unless nothing else is left."""
    full = plain(text)
    return _BRACKETS.sub("", full) or full


def ending(name: str) -> str:
    """Return the ending of a plain name that tells its kind, '' where it has none."""
    for end in _BY_LENGTH:
        if name.endswith(end) and len(name) > len(end):
            return end
    return ""


def may_be(name: str, kind: str) -> bool:
    """Return whether a name's ending leaves it open that it is of a kind: 张沟水库 is no river."""
    end = ending(bare(name))
    return not end or kind in ENDINGS[end]


@dataclass(frozen=True)
class Match:
    """What a text may mean: one id is a match, none is unknown, several are not to be guessed.

    `rest` is what the text says beyond the name: 城区 in 湍河城区段. `how` is code, name or stem.
    """

    ids: tuple[str, ...] = ()
    how: str = ""
    rest: str = ""


@dataclass(frozen=True)
class Known:
    """The ids that can be meant, by code, by whole name and by name without its ending."""

    kinds: dict[str, str]
    names: dict[str, str]
    codes: dict[str, str]
    by_code: dict[str, tuple[str, ...]]
    by_name: dict[str, tuple[str, ...]]
    by_stem: dict[str, tuple[str, ...]]
    _seen: dict[tuple[str, str, str], Match] = field(default_factory=dict, compare=False)

    def match(self, name: str, code: str = "", kind: str = "") -> Match:
        """Return what is meant by a row that gives `name`, `code` and, if told, `kind`."""
        key = (name, code, kind)
        if key not in self._seen:
            self._seen[key] = self._look_up(*key)
        return self._seen[key]

    def near(self, name: str) -> tuple[str, ...]:
        """Return the ids of names one slip of the pen away, as a hint and never as a match."""
        text = bare(name)
        slips = process.extract(
            text, list(self.by_name), scorer=Levenshtein.distance, score_cutoff=1, limit=5
        )
        # 白河 is one slip from 湍河 and another river: two characters say too little.
        close = [name for name, *_ in slips if max(len(text), len(name)) > 2]
        return tuple(dict.fromkeys(one for name in close for one in self.by_name[name]))

    def _look_up(self, name: str, code: str, kind: str) -> Match:
        named = self._by_words(name, kind) if name.strip() else Match()
        if not code.strip():
            return named
        coded = self.by_code.get(plain(code), ())
        if not coded:
            # A layer without codes can only be met by name; one with another code is not meant.
            free = all(not self.codes[known] for known in named.ids)
            return named if free else Match(named.ids, "contradiction")
        if named.ids and not set(named.ids) & set(coded):
            return Match(tuple(sorted({*coded, *named.ids})), "contradiction")
        both = tuple(known for known in coded if known in named.ids)
        return Match(both or coded, "code", named.rest)

    def _by_words(self, name: str, kind: str) -> Match:
        for text in dict.fromkeys((plain(name), bare(name))):
            ids = self._of_kind(self.by_name.get(text, ()), kind) or self.by_code.get(text, ())
            if ids:
                return Match(ids, "name", _in_brackets(name) if text != plain(name) else "")
        text = bare(name)
        if text.endswith("段"):
            return self._section(text.removesuffix("段"), kind)
        end = ending(text)
        stem = text.removesuffix(end)
        ids = self._of_kind(self.by_stem.get(stem, ()), kind)
        if end:
            ids = tuple(known for known in ids if self.kinds[known] in ENDINGS[end])
            # 大河 and 大溪 are two waters; 新丰河 and 新丰溪 are one, written by two people.
            if len(stem) < 2:
                ids = tuple(known for known in ids if not ending(bare(self.names[known])))
        return Match(ids, "stem" if ids else "", _in_brackets(name) if ids else "")

    def _section(self, text: str, kind: str) -> Match:
        """Match 湍河城区 by the longest known name it begins with."""
        for size in range(len(text), 1, -1):
            ids = self._of_kind(self.by_name.get(text[:size], ()), kind)
            if ids:
                return Match(ids, "name", text[size:] or "")
        return Match()

    def _of_kind(self, ids: tuple[str, ...], kind: str) -> tuple[str, ...]:
        return tuple(known for known in ids if kind in ("", self.kinds[known]))


def _in_brackets(name: str) -> str:
    """Return the section a name tells in brackets: 邓州 of 湍河(邓州段), but none of 湍河(溪)."""
    found = _BRACKETS.findall(plain(name))
    said = _SECTION.sub("", found[0][1:-1]) if found else ""
    return "" if said in ENDINGS else said


def known(
    ids: Iterable[str], names: Iterable[str], codes: Iterable[str], kinds: Iterable[str]
) -> Known:
    """Return what can be matched; a thing with no name can be met by its code or id alone."""
    by_code: dict[str, dict[str, None]] = defaultdict(dict)
    by_name: dict[str, dict[str, None]] = defaultdict(dict)
    by_stem: dict[str, dict[str, None]] = defaultdict(dict)
    rows = list(zip(ids, names, codes, kinds, strict=True))
    for known_id, name, code, _ in rows:
        for text in filter(None, (plain(code), plain(known_id))):
            by_code[text][known_id] = None
        if plain(name):
            by_name[plain(name)][known_id] = None
            by_name[bare(name)][known_id] = None
            by_stem[bare(name).removesuffix(ending(bare(name)))][known_id] = None
    return Known(
        kinds={row[0]: row[3] for row in rows},
        names={row[0]: row[1] for row in rows},
        codes={row[0]: row[2] for row in rows},
        by_code={text: tuple(found) for text, found in by_code.items()},
        by_name={text: tuple(found) for text, found in by_name.items()},
        by_stem={text: tuple(found) for text, found in by_stem.items()},
    )


@dataclass(frozen=True)
class Places:
    """The ids of areas or parts by whole text, and by text without 镇, 村, 街道 ..."""

    by_name: dict[str, tuple[str, ...]]
    by_stem: dict[str, tuple[tuple[str, str], ...]]


def places(ids: Iterable[str], names: Iterable[str], parents: Iterable[str]) -> Places:
    """Return what `place` can meet: by id, by name, and by name with the parent's before it."""
    by_name: dict[str, dict[str, None]] = defaultdict(dict)
    by_stem: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for place_id, name, parent in zip(ids, names, parents, strict=True):
        for text in filter(None, (plain(place_id), plain(name), plain(parent) + plain(name))):
            by_name[text][place_id] = None
            stem, end = _area_stem(text)
            by_stem[stem][end, place_id] = None
    return Places(
        {text: tuple(found) for text, found in by_name.items()},
        {text: tuple(found) for text, found in by_stem.items()},
    )


def place(text: str, known_places: Places) -> tuple[str, ...]:
    """Return the ids `text` can mean: the whole name decides before the name without its ending.

    >>> known_places = places(["V1", "T1"], ["陈家村", "陈家镇"], ["", ""])
    >>> [place(text, known_places) for text in ("陈家村委会", "陈家", "李村")]
    [('V1',), ('V1', 'T1'), ()]
    """
    whole = plain(text)
    if whole in known_places.by_name:
        return known_places.by_name[whole]
    stem, end = _area_stem(whole)
    alike = [
        place_id
        for other, place_id in known_places.by_stem.get(stem, ())
        if (_same_level(end, other) if end and other else len(stem) > 1)
    ]
    # 新乡 may be 新乡市 and not a 乡 called 新; 李村 is 李村委会, but 李 alone says too little.
    longer = [place_id for _, place_id in known_places.by_stem.get(whole, ()) if len(whole) > 1]
    return tuple(dict.fromkeys(alike + longer))


def _area_stem(name: str) -> tuple[str, str]:
    for end in AREA_ENDINGS:
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end), end
    return name, ""


def _same_level(one: str, other: str) -> bool:
    return (one in VILLAGES) == (other in VILLAGES)
