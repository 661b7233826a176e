"""Read lengths and coordinates as offices write them: 约3.2公里, 120°30′15″, full-width digits."""

import re
import unicodedata

import numpy as np
import pandas as pd

_LENGTH = re.compile(r"约?\s*([+-]?\d+(?:\.\d+)?)\s*(km|公里|千米|里|m|米)?", re.IGNORECASE)
_UNITS = {"km": 1000.0, "公里": 1000.0, "千米": 1000.0, "里": 500.0, "m": 1.0, "米": 1.0}
_DEGREES = re.compile(
    r"([EWNS东西南北])?[经纬]?\s*(\d+(?:\.\d+)?)\s*[°度]\s*(?:(\d+(?:\.\d+)?)\s*[′'’分]\s*)?"
    r"(?:(\d+(?:\.\d+)?)\s*(?:[″\"”秒]|'')?\s*)?([EWNS])?",
    re.IGNORECASE,
)


def metres(texts: pd.Series, unit: str) -> pd.Series:
    """Return the length each text says, in metres; without a unit of its own in `unit`, else NaN.

    >>> metres(pd.Series(["3.2km", "约３公里", "12", "宽"]), "m").tolist()
    [3200.0, 3000.0, 12.0, nan]
    """
    return _each(texts, lambda text: _length(text, unit))


def coordinates(texts: pd.Series) -> pd.Series:
    """Return the number each text says, degrees also as 120°30′15″; NaN for none.

    A comma is the decimal one where it cannot be that of thousands in all of the column.

    >>> coordinates(pd.Series(["120.5", "120°30′", "东经120度30分36秒", "S 1°30'", "x"])).tolist()
    [120.5, 120.5, 120.51, -1.5, nan]
    >>> coordinates(pd.Series(["120,5", "120,125"])).tolist()
    [120.5, 120.125]
    """
    decimal = texts.str.fullmatch(r"\s*-?\d{1,3},(?!\d{3}\s*$)\d+\s*")
    if decimal.any():
        texts = texts.str.replace(r"^(\s*-?\d{1,3}),(\d+\s*)$", r"\1.\2", regex=True)
    return _each(texts, _degrees)


def pairs(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the two numbers of texts such as `120.1,28.2`, NaN for what is no pair."""
    parts = texts.map(lambda text: re.split(r"[,，;；、\s]+", str(text).strip("()（）[] ")))
    first = parts.map(lambda part: part[0] if len(part) == 2 else "")
    second = parts.map(lambda part: part[1] if len(part) == 2 else "")
    return coordinates(first), coordinates(second)


def _each(texts: pd.Series, read: object) -> pd.Series:
    unique = pd.unique(texts)
    known = pd.Series([read(str(t)) for t in unique], index=unique, dtype="float64")  # type: ignore[operator]
    return pd.Series(known.reindex(texts).to_numpy(), index=texts.index, dtype="float64")


def _length(text: str, unit: str) -> float:
    match = _LENGTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return float(match[1]) * _UNITS[(match[2] or unit).lower()] if match else np.nan


def _degrees(text: str) -> float:
    plain = unicodedata.normalize("NFKC", text).strip()
    # NFKC turns the one sign for seconds into two for minutes.
    plain = plain.replace("′′", "″").replace("''", "″")
    try:
        return float(plain)
    except ValueError:
        match = _DEGREES.fullmatch(plain)
    if not match:
        return np.nan
    turn, degree, minute, second, behind = match.groups()
    value = float(degree) + float(minute or 0) / 60 + float(second or 0) / 3600
    return -value if (turn or behind or "").upper() in {"W", "S", "西", "南"} else round(value, 10)
