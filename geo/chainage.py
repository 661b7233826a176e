"""Read and write chainages as surveyors do: K12+300."""

import math
import re
import unicodedata
from dataclasses import dataclass, replace

from geo.words import Text

_EMPTY = Text("没有写桩号", "no chainage is written")
_NEGATIVE = Text(
    "桩号“{text}”为负,应从 K0+000 起",
    "chainage “{text}” is negative, wanted K0+000 or more",
)
_NONSENSE = Text(
    "桩号“{text}”看不懂,应写作 K12+300、12.3公里或 12300 米",
    "chainage “{text}” cannot be read; wanted K12+300, 12.3km or 12300",
)
_BROKEN = Text(
    "“{text}”的米数不小于 1000,可能是断链桩号,按公里数乘 1000 加米数计",
    "“{text}” has 1000 metres or more after the plus (a broken chain?); counted as written",
)
_ABOUT = Text(
    "“{text}”只是约数,按所写的数计,请核对",
    "“{text}” is only about right; counted as written, check it",
)
_UNIT = Text(
    "“{text}”没有单位又带小数,按米计,请核对是否应为公里",
    "“{text}” is a small decimal without a unit; read as metres, check whether it means km",
)

_AROUND = re.compile(
    r"(?:自|从|由|至|到|起于|止于|起点|终点|止点)?:?(?P<about>约)?(?:桩号|里程)?:?(?P<inner>.*?)"
    r"处?(?P<nearly>附近|左右)?(?:起|止|为止)?"
)
_NUMBER = r"(\d+(?:\.\d+)?)"
_POST = re.compile(rf"([A-Z]{{0,3}}\d{{0,2}}K|)(\d+)\+{_NUMBER}")
_WHOLE_POST = re.compile(rf"([A-Z]{{0,3}}\d{{0,2}}K){_NUMBER}")
_KILOMETRES = re.compile(rf"{_NUMBER}(?:KM|公里|千米)(?:{_NUMBER}(?:M|米)?)?")
_METRES = re.compile(rf"{_NUMBER}(M|米|)")


@dataclass(frozen=True)
class Parsed:
    """What a text says: metres, or None and the fault.

    `prefix` is the line the chainage runs on: K, YK, ZK, AK ... or ''. `fault` says why there are
    no metres, `doubt` what to look at although there are; both None when all is well. `bare` is a
    number alone, without a unit.
    """

    text: str
    metres: float | None
    prefix: str = ""
    fault: Text | None = None
    doubt: Text | None = None
    bare: bool = False

    def why(self, language: str = "zh") -> str:
        """Return the fault or the doubt in words, '' for neither."""
        said = self.fault or self.doubt
        return said.say("zh" if language == "zh" else "en", text=self.text) if said else ""


def parsed(text: str) -> Parsed:
    """Return what `text` says, rounded to 1 mm.

    Understood are K12+300, k12+300.5, 12+300, YK3+50, K12.3, 12.3km, 3.2公里, 3公里200米, 3200米,
    3200, full-width or not, with spaces and words around them such as 桩号 and 自 ... 起. A number
    alone is metres; 约 is a doubt.

    >>> parsed("ＹＫ１２＋３００").metres
    12300.0
    >>> parsed("K3+1200").metres, parsed("K3+1200").doubt is None
    (4200.0, False)
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    about, plain = _bare(plain)
    if not plain:
        return Parsed(text, None, fault=_EMPTY)
    found = _parsed(text, plain)
    return replace(found, doubt=_ABOUT) if about and found.metres is not None else found


def _bare(plain: str) -> tuple[bool, str]:
    """Return whether a text says 约, and the text without the words around its chainage."""
    inner = _AROUND.fullmatch(plain)
    if not inner:
        return False, plain
    return bool(inner["about"] or inner["nearly"]), inner["inner"]


def _parsed(text: str, plain: str) -> Parsed:
    if post := _POST.fullmatch(plain):
        prefix, kilometres, metres = post.groups()
        value = round(int(kilometres) * 1000 + float(metres), 3)
        return Parsed(text, value, prefix, doubt=_BROKEN if float(metres) >= 1000 else None)
    if post := _WHOLE_POST.fullmatch(plain):
        return Parsed(text, round(float(post[2]) * 1000, 3), post[1])
    if long := _KILOMETRES.fullmatch(plain):
        return Parsed(text, round(float(long[1]) * 1000 + float(long[2] or 0), 3))
    if short := _METRES.fullmatch(plain):
        value, bare = float(short[1]), not short[2]
        small = bare and 0 < value < 100 and not value.is_integer()
        return Parsed(text, round(value, 3), doubt=_UNIT if small else None, bare=bare)
    negative = re.fullmatch(r"[A-Z]*[-−][A-Z]{0,3}\d.*", plain)
    return Parsed(text, None, fault=_NEGATIVE if negative else _NONSENSE)


def metres(text: str) -> float | None:
    """Return the metres `text` says, None when it says none; `parsed` tells why."""
    return parsed(text).metres


def written(chainage_m: float, prefix: str = "K") -> str:
    """Return a chainage as K12+300, with decimals to the millimetre only where there are any.

    Raises `ValueError` for a negative or infinite one.

    >>> written(12300.5), written(7, "YK")
    ('K12+300.5', 'YK0+007')
    """
    if not math.isfinite(chainage_m) or round(chainage_m, 3) < 0:
        msg = f"wanted a chainage of 0 m or more, got {chainage_m}"
        raise ValueError(msg)
    kilometres, rest_mm = divmod(round(chainage_m * 1000), 1_000_000)
    whole, part = divmod(rest_mm, 1000)
    decimals = f".{part:03d}".rstrip("0") if part else ""
    return f"{prefix}{kilometres}+{whole:03d}{decimals}"
