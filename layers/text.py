"""Judge which encoding a text is in, by how it reads and not by whether it decodes.

`gb18030` swallows Big5, Shift-JIS and UTF-8 without an error, and Latin-1 swallows everything:
an exception proves nothing. Each candidate is decoded and scored by what an office's text is made
of: frequent characters, no controls, no private use, no runs of accents.
"""

import codecs
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

# In the order in which ties go.
CANDIDATES = (
    "utf-8", "gb18030", "big5hkscs", "cp932", "euc_jp", "euc_kr",
    "cp1252", "cp1251", "koi8-r", "cp1250", "cp1253", "cp874",
)  # fmt: skip
# The 500 most frequent characters of modern Chinese, with those of names and of our field;
# the simplified ones first, then the traditional forms of those that have one.
_SIMPLIFIED = frozenset(
    "一丁七万三上下不与专且世业东两严个中为主么义之九也习乡书了争事二于五些交产京亲人什今从他"
    "付代以们件价任众会传但位低住体何余作你使例侯便保信候值做傅儿元先光克党入全八公六共关其具"
    "养内再写军农冯决况准几出分切划列刘则利别到制前力办加务动劳包化北区十千半华单南卢即却厂历"
    "压原去县参又及反发取受变口只叫可史右叶号各合同名后向吕听吴员周命和品响唐商器四回因团国图"
    "圆土在圩地场坝坪型基堤塔塘增声处备复夏外多大天太头好如始姓委姚姜子孔字存孙孟学它安宋完定"
    "实家容对导将小少就尹局层展属山岗岭岸崔巡工左己已巷市布带常干平年并广库应府度廖建开式引张"
    "强当形彭影往很律徐得心必志快思性总情想意感成我或战戴所手才打技把报拉持指按据接提支收改放"
    "政效教数整文斗料断斯新方族无日时明易是更曹曾最月有期本术朱机权李村杜条来杨极构林果查标样"
    "根格桥桩梁次止正此步武段每比毛民气水求江汤汪沈沟没河油治法注洋洞洲活派流测济浦海消涵深清"
    "渠温港游湖湾溪满滩潘潭火点热然照熊片物特状率王现理生用田由电界白百的目直相省看真眼着知石"
    "矿码研确示社离种科秦积称程究空立符第等简算管米类精系素繁红约级线组细织经结给统维编罗置美"
    "群老者而职联肖育胡能自至般色节花苏范莫董蒋蔡薛行街表袁被装西要见观规角解计认议记许论设证"
    "识试话该语说调谢谭象责质贺贾资走赵起越路身车转较边达过运近还这进连适选通速造道邓那邱邵邹"
    "郑郝部郭都酸采里重量金钟钱铁镇长门闫问间闸队阶际陆陈院除陶难集雷需青非面革韦韩音须顾领题"
    "风马验高魏黄黎龙龚"
)
_TRADITIONAL = frozenset(
    "並來個們備傳價兒內兩別則劃劉動務勞區卻參吳呂員問單嚴國圓圖團報場壓壩孫學實寫將專對導層屬"
    "崗嶺帶幹幾庫廠廣張強後從應戰採據數斷於時書會東條楊業極構樁標樣橋機權歷氣決沒況測湯準溝溫"
    "滿濟灘灣無熱爭爲狀現產當發盧確碼礦種稱積節範簡約紅級細組結給統經維線編縣總織羅羣義習聯聲"
    "職聽與華萬葉蔣蘇處號衆術裏裝覆見規親觀計記設許註試話該認語說調論謝證識譚議變責賀資賈質趙"
    "車軍較轉辦農這連進遊運過達適選還邊鄉鄒鄧鄭錢鍾鎮鐵長門閆開間閘關陳陸隊階際離難電韋韓響須"
    "領頭題類顧風養餘馬馮驗體鬥麼黃點黨龍龔"
)
_FREQUENT = _SIMPLIFIED | _TRADITIONAL
_SAMPLE_BYTES = 200_000
# Below this the best reading is still no text that anybody wrote.
_DOUBTFUL = 0.25
# What a file says of itself counts, but not against plain evidence.
_TOLD = 0.35


@dataclass(frozen=True)
class Judged:
    """An encoding, and how well the text reads in it: 1 and more is plain, below 0 is garbage."""

    encoding: str
    score: float

    @property
    def doubtful(self) -> bool:
        """Return whether even the best reading does not look like text."""
        return self.score < _DOUBTFUL


def judge(samples: Iterable[bytes], told: str = "") -> Judged:
    """Return the encoding in which `samples` read best; ASCII alone is utf-8, or what was told.

    `told` is what the file says of itself, '' for nothing; it is preferred among equals. An
    unknown name counts as nothing.
    """
    seen = list(dict.fromkeys(s for s in samples if not s.isascii()))
    told = codec(told)
    if not seen:
        return Judged(told or "utf-8", 1.0)
    text = b"\n".join(seen)[:_SAMPLE_BYTES]
    names = dict.fromkeys((*([told] if told else []), *CANDIDATES))
    scores = {name: _score(text, name) + (_TOLD if name == told else 0) for name in names}
    best = max(scores, key=lambda name: scores[name])
    return Judged(best, scores[best])


def decode(raw: bytes, told: str = "") -> tuple[str, Judged]:
    """Return the text of `raw` and the encoding it was judged to be in; never raises.

    A byte order mark decides. A byte that is no text in that encoding becomes U+FFFD.
    """
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, errors="replace"), Judged(name, 1.0)
    judged = judge(raw[:_SAMPLE_BYTES].splitlines(), told)
    return raw.decode(judged.encoding, errors="replace"), judged


def codec(name: str) -> str:
    """Return Python's name of an encoding, '' when it has none; GBK and GB2312 widen to gb18030.

    >>> codec("GBK"), codec("UTF8"), codec("936"), codec("1252"), codec("nonsense")
    ('gb18030', 'utf-8', 'gb18030', 'cp1252', '')
    """
    plain = name.strip().lower().replace("_", "-").removeprefix("ansi ").removeprefix("cp")
    known = {
        "gbk": "gb18030", "gb2312": "gb18030", "936": "gb18030", "utf8": "utf-8", "65001": "utf-8",
        "950": "big5hkscs", "big5": "big5hkscs", "big-5": "big5hkscs", "932": "cp932",
        "shift-jis": "cp932", "shiftjis": "cp932", "949": "euc_kr", "874": "cp874",
        "utf-8-sig": "utf-8",
    }  # fmt: skip
    plain = known.get(plain, f"cp{plain}" if plain.isdigit() else plain)
    try:
        found = codecs.lookup(plain)
    except (LookupError, ValueError):
        return ""
    # hex, rot13 and their like are no encodings of text.
    return found.name if found._is_text_encoding else ""  # noqa: SLF001


def clean(value: str) -> str:
    r"""Return the text without controls and surrogates, ends trimmed; tabs and breaks stay.

    >>> clean("\x00 王\u3000")
    '王'
    """
    if value.isprintable():
        return value.strip()
    kept = (c for c in value if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def _score(raw: bytes, encoding: str) -> float:
    """Return how well `raw` reads in `encoding`, per byte beyond ASCII."""
    text = raw.decode(encoding, errors="replace")
    width = 3.0 if encoding == "utf-8" else 2.0
    wide = not encoding.startswith(("cp12", "koi8", "cp874"))
    # Bytes that happen to be valid UTF-8 are rare in any other encoding.
    bonus = 0.4 if encoding == "utf-8" and "\ufffd" not in text else 0.0
    total, beyond, before = 0.0, 0.0, " "
    for letter in text:
        if letter > "\x7f":
            step = width if wide and letter > "\u00ff" else 1.0
            beyond += step
            total += step * _worth(letter, before, encoding)
        before = letter
    return bonus + total / beyond if beyond else 0.0


def _worth(letter: str, before: str, encoding: str) -> float:
    if letter in _FREQUENT:
        return 1.5 if _own(letter, encoding) else 0.5
    if "\u4e00" <= letter <= "\u9fff":
        return 0.6 if _common(letter, encoding) else -0.6
    if "\u3041" <= letter <= "\u30fe":
        # GB 2312 and Big5 hold kana too, but no office writes Chinese with them.
        return 1.2 if encoding in {"utf-8", "cp932", "euc_jp"} else -0.6
    if "\uac00" <= letter <= "\ud7a3":
        return 0.9 if encoding in {"utf-8", "euc_kr"} else -0.6
    if letter in "，。、；：（）《》“”‘’—…·～％㎡°′″" or "\uff10" <= letter <= "\uff5a":
        return 0.8
    if letter.isalpha():
        return _worth_of_alphabet(letter, before, encoding)
    # Signs, boxes and fractions are rare in text, controls and unassigned ones impossible.
    impossible = unicodedata.category(letter) in {"Cc", "Cn", "Co", "Cs"} or letter == "\ufffd"
    return -4.0 if impossible else -0.7


def _worth_of_alphabet(letter: str, before: str, encoding: str) -> float:
    if "\uff66" <= letter <= "\uff9f":
        return -0.4
    if "\u0e00" <= letter <= "\u0e7f":
        return -1.5 if before.isascii() and before not in {" ", "\n"} else 0.7
    if not letter.islower() and before.islower():
        return -1.5
    if "\u00c0" <= letter <= "\u024f":
        # Accents stand alone among plain letters; a run of them is Chinese read as Latin.
        return 0.8 if before.isascii() else -1.5
    if encoding in {"cp1251", "koi8-r", "cp1253", "utf-8"}:
        return 0.8 if letter.lower() in "оеаинтсрвлαοιετσνηρπ" else 0.6
    return -0.6


@cache
def _own(letter: str, encoding: str) -> bool:
    """Return whether a frequent character is in its own country's script in this encoding."""
    if encoding == "gb18030":
        return letter in _SIMPLIFIED
    return encoding in {"utf-8", "big5hkscs", "cp932", "euc_jp"}


@cache
def _common(letter: str, encoding: str) -> bool:
    """Return whether the first plane of that encoding's standard, its common characters, has it."""
    plane = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6),
             "cp932": ("cp932", 0x88, 0x97), "euc_jp": ("euc_jp", 0xB0, 0xCF)}  # fmt: skip
    if encoding not in plane:
        return encoding == "utf-8"
    name, low, high = plane[encoding]
    try:
        return low <= letter.encode(name)[0] <= high
    except UnicodeEncodeError:
        return False
