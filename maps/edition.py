"""Decide what may leave the office: all in the internal edition, a white list in the public."""

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

# What a public responsibility board shows. A column that is not named here does not leave.
PUBLIC = {
    "segments": frozenset({"kind", "name", "grade", "area"}),
    "duties": frozenset({"side", "role", "level", "holder", "unit"}),
    "problems": frozenset({"category", "status"}),
    "parts": frozenset({"asset", "name", "part"}),
    "areas": frozenset({"name", "level", "parent"}),
    "findings": frozenset({"rule", "severity", "side", "level"}),
}
_DIGITS = re.compile(r"[0-9０-９](?:[\s\-－—_.·()（）]*[0-9０-９Xx]){6,}")
HIDDEN = "〔号码不公开〕"


def hide_numbers(text: str) -> str:
    """Return `text` without anything that could be a telephone or an ID number.

    Seven digits or more, also full-width or parted by blanks, dashes or brackets, are one number.

    >>> hide_numbers("张三 138-0013 8000")
    '张三 〔号码不公开〕'
    """
    return _DIGITS.sub(HIDDEN, text)


@dataclass(frozen=True)
class Edition:
    """An edition by name: `internal` shows every column, `public` those of the white list."""

    name: str

    def __post_init__(self) -> None:
        if self.name not in ("internal", "public"):
            msg = f"wanted edition internal or public, got {self.name!r}"
            raise ValueError(msg)

    @property
    def times(self) -> bool:
        """Return whether times finer than a day may be shown."""
        return self.name == "internal"

    def course_ids(self, column: "pd.Series[Any]") -> "pd.Series[Any]":
        """Return course ids, or numbers for them: an office's codes are not on the white list."""
        if self.name == "internal":
            return column
        codes, _ = pd.factorize(column)
        return pd.Series([f"c{code}" for code in codes], index=column.index, dtype=object)

    def word(self, word: str) -> str:
        """Return a word that is on the white list, cleaned of numbers in a public edition."""
        return word if self.name == "internal" else hide_numbers(word)

    def text(self, table: str, frame: pd.DataFrame, column: str) -> "pd.Series[Any]":
        """Return a text column as this edition shows it: itself, cleaned of numbers, or empty."""
        values = frame[column].fillna("")
        if self.name == "internal":
            return values
        if column not in PUBLIC.get(table, frozenset()):
            return pd.Series([""] * len(frame), index=frame.index, dtype=object)
        codes, unique = pd.factorize(values.to_numpy(dtype=object))
        cleaned = pd.Series([hide_numbers(str(u)) for u in unique], dtype=object)
        return pd.Series(cleaned.to_numpy()[codes], index=frame.index, dtype=object)
