"""Read days and instants as offices write them: 2024.4.7, 2024年4月, serial numbers, 下午3:20.

Apps also write seconds or milliseconds since 1970.

Nothing is guessed: what is no date becomes NaT, and the caller says so by row.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_AWARE = re.compile(r"(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)
# Excel's day 1 is 1900-01-01, and it believes in 1900-02-29.
_SERIAL_ORIGIN = pd.Timestamp(1899, 12, 30)
_SERIALS = (20_000.0, 80_000.0)
# 2001 to 2033: ten digits that begin with 20 may as well be year, month, day and hour.
_EPOCH = re.compile(r"(1\d{9})(\d{3}|\.\d+)?")


def days(texts: pd.Series) -> pd.Series:
    """Return the day each text names, NaT for what names none; a month is its first day."""
    return _each(texts, _day)


def days_after(texts: pd.Series) -> pd.Series:
    """Return the day after the last day each text names: 2024年4月 gives the first of May."""
    return _each(texts, _day_after)


def instants(texts: pd.Series, zone: str) -> pd.Series:
    """Return the UTC instant each text names, NaT for none; without a zone of its own, in `zone`.

    Where a clock is set back the earlier hour is taken, where it is set forward the next one.
    """
    found = stamps(texts.tolist(), zone)
    return pd.Series(found, index=texts.index, dtype="datetime64[us, UTC]")


def stamps(texts: Sequence[str], zone: str) -> pd.DatetimeIndex:
    """Return `instants` of a plain sequence: all at once where they are all plain UTC."""
    if texts and all(len(t) in {20, 24} and t[-1] == "Z" and t[10] == "T" for t in texts):
        try:
            return pd.DatetimeIndex(np.array([t[:-1] for t in texts], "datetime64[us]"), tz="UTC")
        except ValueError:
            # One of them is no time after all: each by itself, then.
            pass
    each = {text: _instant(str(text)) for text in dict.fromkeys(texts)}
    codes = {text: code for code, text in enumerate(each)}
    found = pd.Series(list(each.values()), dtype=object)
    aware = found.map(lambda stamp: stamp.tzinfo is not None).astype(bool)
    utc = pd.Series(pd.NaT, index=found.index, dtype="datetime64[us, UTC]")
    utc[aware] = pd.to_datetime(found[aware], utc=True).astype("datetime64[us, UTC]")
    utc[~aware] = local_to_utc(pd.DatetimeIndex(found[~aware]).as_unit("us"), zone)
    return pd.DatetimeIndex(utc)[[codes[text] for text in texts]]


def local_to_utc(naive: pd.DatetimeIndex, zone: str) -> pd.DatetimeIndex:
    """Return instants of clock readings in `zone`, as `instants` does."""
    first = [True] * len(naive)
    local = naive.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")  # type: ignore[arg-type]
    return local.tz_convert("UTC")


def _each(texts: pd.Series, read: object) -> pd.Series:
    unique = pd.unique(texts)
    table = pd.Series([read(str(t)) for t in unique], index=unique, dtype="datetime64[us]")  # type: ignore[operator]
    return pd.Series(table.reindex(texts).to_numpy(), index=texts.index, dtype="datetime64[us]")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).strip().rstrip("止起始前")
    return re.sub(r"\s+", " ", text)


def _day(text: str) -> pd.Timestamp:
    return _span(text)[0]


def _day_after(text: str) -> pd.Timestamp:
    return _span(text)[1]


def _span(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first day a text names and the day after its last."""
    text = _plain(text)
    if _SERIAL.fullmatch(text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
        first = _SERIAL_ORIGIN + pd.Timedelta(days=int(float(text)))
        return first, first + pd.Timedelta(days=1)
    parts = re.fullmatch(r"(\d{4})\D+(\d{1,2})(?:\D+(\d{1,2}))?(?:日|号)?(?:[T ].*)?", text)
    parts = parts or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    parts = parts or re.fullmatch(r"(\d{4})年(\d{1,2})月()", text)
    if not parts:
        return pd.NaT, pd.NaT  # type: ignore[return-value]
    year, month, day = parts.group(1), parts.group(2), parts.group(3)
    try:
        first = pd.Timestamp(int(year), int(month), int(day or 1))
    except ValueError:
        return pd.NaT, pd.NaT  # type: ignore[return-value]
    return first, first + (pd.Timedelta(days=1) if day else pd.DateOffset(months=1))


def _instant(text: str) -> pd.Timestamp:
    text = _plain(text)
    if _SERIAL.fullmatch(text) and _SERIALS[0] <= float(text) <= _SERIALS[1]:
        return _SERIAL_ORIGIN + pd.to_timedelta(round(float(text) * 86_400), unit="s")
    if since := _EPOCH.fullmatch(text):
        return pd.Timestamp(int(since[1]), unit="s", tz="UTC") + _fraction(since[2] or "")
    text = re.sub(r"^(\d{8})[ T](\d{6})$", r"\1\2", text)
    if re.fullmatch(r"\d{14}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return _stamp(text)
    afternoon = re.search(r"下午|晚|[\d\s]pm\b", text, re.IGNORECASE) is not None
    past_midnight = re.search(r"\s12:.*[\d\s]am\b", text, re.IGNORECASE) is not None
    text = re.sub(
        r"(上午|下午|晚上|早上|中午|凌晨|星期.|周.|[ap]m\b)", " ", text, flags=re.IGNORECASE
    )
    text = re.sub(r"^(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})", r"\1-\2-\3", text)
    text = re.sub(r"[日号T]", " ", text, count=1)
    text = re.sub(r"[时点](?=\d)|分(?=\d)", ":", text)
    text = re.sub(r"[时点]\s*$", ":00", text).replace("秒", "").rstrip("分 ")
    parts = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?)?"
        r"\s*(Z|[+-]\d\d:?\d\d)?",
        re.sub(r"\s+", " ", text).strip(),
        re.IGNORECASE,
    )
    if not parts:
        return pd.NaT  # type: ignore[return-value]
    year, month, day, hour, minute, second, zone = parts.groups()
    turned = int(hour or 0) + (12 if afternoon and int(hour or 0) < 12 else 0) - 12 * past_midnight
    clock = f"{turned:02d}:{int(minute or 0):02d}:{float(second or 0):09.6f}"
    return _stamp(f"{year}-{int(month):02d}-{int(day):02d}T{clock}{zone or ''}")


def _fraction(digits: str) -> pd.Timedelta:
    """Return what stands behind whole seconds: milliseconds, or a decimal fraction."""
    seconds = float(digits) if digits.startswith(".") else int(digits or 0) / 1000
    return pd.Timedelta(round(seconds * 1e6), unit="us")


def _stamp(text: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(text)
    except ValueError:
        return pd.NaT  # type: ignore[return-value]
