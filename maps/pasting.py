"""Write proposals as rows of the office's own duty tables: the same columns in the same order."""

import re
from collections.abc import Sequence
from itertools import chain, count
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from geo.study import Study
from geo.suggest import Suggestion
from geo.words import Text
from layers.forms import Form
from maps.proposals import pasted, write_rows

# What Windows forbids in the name of a file.
_NOT_IN_NAMES = r"[\\/:*?\"<>|\x00-\x1f]+"
# A sheet of a book is named book.xlsx[sheet].
_BOOK = re.compile(r"^(.*?)(?:\[([^\[]*)\])?$", re.DOTALL)
# Names of files may be 255 bytes long, a Chinese character takes three.
_LONGEST = 60
MORE = Text("补充", "additions")
PASTE = Text(
    "{n} 行可直接粘到 {file} 末尾：{path}", "{n} rows to paste below those of {file}: {path}"
)
UNFIT = Text(
    "{n} 行没有合适的责任表（要有起止桩号、级别，一行一人）：在 suggest.xlsx 里",
    "{n} rows fit no duty table of the office (one with chainages, a level and one holder a row): "
    "they are in suggest.xlsx",
)


def write_pasted(
    study: Study, suggestion: Suggestion, forms: Sequence[Form], folder: Path
) -> list[str]:
    """Write a book for each table that rows fit, named after it; return what was done, in words.

    A row goes to the table of the office that holds most rows of its kind of asset and level.
    Stretches nobody can take go nowhere.
    """
    say = study.settings.language
    taken = (suggestion.proposals["holder"] != "").to_numpy()
    found = pd.DataFrame(suggestion.proposals)[taken].reset_index(drop=True)
    rows = pasted(study, suggestion)[taken].reset_index(drop=True)
    chosen = pd.Series(
        [_best(study, forms, row) for row in found.to_dict("records")], dtype="int64"
    )
    told = []
    books = named_after([form.file for form in forms], MORE.say(say))
    for number, form in enumerate(forms):
        mine = (chosen == number).to_numpy()
        if mine.any():
            path = folder / books[number]
            sheet = as_form(form, rows[mine])
            write_rows(study, sheet, path)
            told.append(PASTE.say(say, n=int(mine.sum()), file=form.file, path=path))
    unfit = int((chosen < 0).sum())
    return [*told, UNFIT.say(say, n=unfit)] if unfit else told


def named_after(files: Sequence[str], more: str) -> list[str]:
    """Return a name for a book with more rows of each file, none twice, whatever the case.

    >>> named_after(["责任/路长.csv", "台账.xlsx[镇级]", "旧/路长.xlsx"], "补充")
    ['路长-补充.xlsx', '台账-镇级-补充.xlsx', '路长-补充-2.xlsx']
    """
    names, taken = [], set[str]()
    for file in files:
        book, sheet = _BOOK.findall(file)[0]
        parts = [PurePosixPath(book).stem, sheet]
        plain = re.sub(_NOT_IN_NAMES, "_", "-".join(filter(None, parts)))[:_LONGEST]
        again = chain([""], (f"-{n}" for n in count(2)))
        tries = (f"{plain}-{more}{number}.xlsx" for number in again)
        name = next(one for one in tries if one.casefold() not in taken)
        taken.add(name.casefold())
        names.append(name)
    return names


def as_form(form: Form, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `maps.proposals.pasted` in the columns of a table, '' in all others."""
    known = {
        "asset": rows["name"], "code": rows["code"], "kind": rows["kind"],
        "from_text": rows["from"], "to_text": rows["to"],
        "span": rows["from"] + "–" + rows["to"], "side": rows["side"], "role": rows["role"],
        "level": rows["level"], "holder": rows["holder"], "unit": rows["unit"],
    }  # fmt: skip
    sheet = pd.DataFrame("", index=rows.index, columns=list(form.headers), dtype=object)
    for field, header in form.fields.items():
        if field in known:
            sheet[header] = known[field]
    return sheet


def _best(study: Study, forms: Sequence[Form], row: dict[Any, Any]) -> int:
    """Return the number of the table a proposal fits best, -1 where it fits none."""
    held = study.duties[["file", "course_id", "level"]]
    kind = study.courses.set_index("course_id")["kind"]
    same = (held["level"] == row["level"]) & (held["course_id"].map(kind) == row["kind"])
    rows = held.loc[same, "file"]
    many = [int((rows == form.file).sum()) for form in forms]
    fitting = [number for number, form in enumerate(forms) if _fits(form, row)]
    return max(fitting, key=lambda n: (many[n], -n), default=-1)


def _fits(form: Form, row: dict[Any, Any]) -> bool:
    """Return whether a table can say all that a proposal says."""
    has = form.fields.keys()
    named = bool(row["name"] and "asset" in has) or bool(row["code"] and "code" in has)
    placed = {"from_text", "to_text"} <= has or "span" in has
    banks = row["side"] == "B" or "side" in has
    level = row["level"] in ("", form.level) or "level" in has
    role = row["role"] in ("", form.role) or "role" in has
    kind = form.kind in ("", row["kind"]) or "kind" in has
    return named and placed and banks and level and role and kind
