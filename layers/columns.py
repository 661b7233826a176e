"""Recognise which column of a table holds what, by its name and by its values.

河长 means the river's chief and the river's length: a name alone does not decide where the values
can be asked.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

Test = Callable[[str], bool]


@dataclass(frozen=True)
class Wanted:
    """A column a reader wants: our word for it, the office's names for it, a test of its values.

    Names come in the order of preference. A column fails when more than half of its values that
    are not empty fail the test.
    """

    field: str
    names: tuple[str, ...]
    test: Test | None = None


def plain(header: object) -> str:
    """Return a header as it is compared: half-width, lower case, no spaces, no unit in brackets.

    >>> plain("河 长（km）"), plain("River_Name")
    ('河长', 'rivername')
    """
    text = unicodedata.normalize("NFKC", str(header)).casefold()
    text = re.sub(r"(?<=\D)\.\d+$", "", text)
    text = re.sub(r"[\(\[【][^)\]】]*[\)\]】]", "", text)
    return re.sub(r"[\s_\-:：*#.、]+", "", text)


def recognise(
    columns: pd.DataFrame, wanted: Sequence[Wanted], told: Mapping[str, str]
) -> dict[str, str]:
    """Return for each wanted field that is there the column that holds it.

    `told` is the project's own mapping, field to column, and goes before everything. Then whole
    names, in the order of `wanted` and of its names; no column serves two fields.
    """
    found = {field: column for field, column in told.items() if column in columns.columns}
    free = {c: plain(c) for c in columns.columns if c not in found.values()}
    for want in wanted:
        if want.field in found:
            continue
        for name in map(plain, want.names):
            match = [c for c, header in free.items() if header == name and _fits(columns[c], want)]
            if match:
                found[want.field] = match[0]
                free.pop(match[0])
                break
    return found


def words(wanted: Iterable[Wanted]) -> frozenset[str]:
    """Return every header the wanted columns may have, as compared."""
    return frozenset(plain(name) for want in wanted for name in want.names)


def _fits(values: pd.Series, want: Wanted) -> bool:
    if want.test is None:
        return True
    test = want.test
    given = [str(v) for v in pd.unique(values) if not blank(v)]
    return not given or sum(test(v) for v in given) * 2 >= len(given)


BLANKS = frozenset(["", "/", "\\", "-", "--", "—", "——", "－", "无", "暂无", "空", "空缺",
                    "待定", "nan",
                    "none", "null", "<null>", "n/a", "缺"])  # fmt: skip


def blank(value: object) -> bool:
    """Return whether a cell says that there is nothing: empty, a dash, a stroke, 无."""
    return str(value).strip().casefold() in BLANKS


def is_number(value: str) -> bool:
    """Return whether a value is a plain number, with or without a unit of length."""
    text = unicodedata.normalize("NFKC", value).strip().removeprefix("约")
    return (
        re.fullmatch(r"[+-]?\d+(\.\d+)?\s*(km|m|公里|千米|米|里)?", text, re.IGNORECASE) is not None
    )


def is_name(value: str) -> bool:
    """Return whether a value may name a person, unit or place: it has letters and is no number."""
    return not is_number(value) and any(c.isalpha() for c in value)
