"""Write proposed holders as a table to paste into the duty file, and as a before/after overlay."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from geo.chainage import written
from geo.duties import in_force
from geo.kinds import KIND_WORDS
from geo.lines import cut
from geo.posts import LEVEL_WORDS
from geo.proposals import POST
from geo.study import Study
from geo.suggest import Suggestion
from geo.words import Language, Text
from layers.files import whole

SIDES = {"L": Text("左岸", "left"), "R": Text("右岸", "right"), "B": Text("", "")}
# The first eleven are columns of a duty table, under names the reader of duty tables knows; those
# after them are for the eye and named so that it passes them over.
PASTED: tuple[tuple[str, Text, int], ...] = (
    ("name", Text("对象名称", "asset"), 18),
    ("code", Text("编码", "code"), 14),
    ("kind", Text("对象类型", "kind"), 9),
    ("from", Text("起点桩号", "from"), 11),
    ("to", Text("终点桩号", "to"), 11),
    ("side", Text("岸别", "side"), 7),
    ("role", Text("角色", "role"), 10),
    ("level", Text("级别", "level"), 8),
    ("holder", Text("姓名", "holder"), 14),
    ("unit", Text("单位", "unit"), 16),
    ("joint", Text("共同", "joint"), 6),
)
BESIDE: tuple[tuple[str, Text, int], ...] = (
    ("length_m", Text("长度(米)", "metres"), 10),
    ("where", Text("位置说明", "lies in"), 16),
    ("why", Text("推荐理由", "reasons"), 60),
    ("others", Text("备选说明", "others in question"), 36),
    ("proposal_id", Text("建议序码", "proposal id"), 30),
)
LOADS: tuple[tuple[str, Text, int], ...] = (
    ("post", Text("岗位", "post"), 12),
    ("holder", Text("责任人", "holder"), 14),
    ("unit", Text("单位", "unit"), 16),
    ("held_m", Text("现管(米)", "held (m)"), 12),
    ("added_m", Text("新增(米)", "added (m)"), 12),
    ("load_m", Text("合计(米)", "load (m)"), 12),
)
SHEETS = {
    "rows": Text("责任表", "duties"),
    "open": Text("无人可接", "nobody"),
    "loads": Text("负荷", "loads"),
    "says": Text("说明", "notes"),
}


def write_proposals(study: Study, suggestion: Suggestion, path: Path) -> None:
    """Write the proposals to an Excel file, whole or not at all.

    The first sheet reads as a duty table: with its rows pasted below the office's own, the gaps
    they fill are gone. Stretches nobody can take stand on a sheet of their own. Every text is
    written as text: a name that begins with `=` is a name, never a formula.
    """
    language = study.settings.language
    rows = pasted(study, suggestion)
    taken = (suggestion.proposals["holder"] != "").to_numpy()
    with _book(path, study) as book:
        _sheet(book, SHEETS["rows"].say(language), rows[taken], PASTED + BESIDE, language)
        if not taken.all():
            _sheet(book, SHEETS["open"].say(language), rows[~taken], PASTED + BESIDE, language)
        _sheet(book, SHEETS["loads"].say(language), suggestion.loads, LOADS, language)
        notes = pd.DataFrame({"note": list(suggestion.says)})
        _sheet(
            book, SHEETS["says"].say(language), notes, (("note", SHEETS["says"], 120),), language
        )


def write_rows(study: Study, rows: pd.DataFrame, path: Path) -> None:
    """Write rows with their own headers to an Excel file of one sheet, whole or not at all."""
    language = study.settings.language
    columns = tuple((name, Text(name, name), 14) for name in rows.columns)
    with _book(path, study) as book:
        _sheet(book, SHEETS["rows"].say(language), rows, columns, language)


def pasted(study: Study, suggestion: Suggestion) -> pd.DataFrame:
    """Return the rows as an office writes them, one a proposal, in the language of the project."""
    say, found = study.settings.language, suggestion.proposals
    anyone = POST.say(say)
    return pd.DataFrame(
        {
            "name": found["name"],
            "code": found["code"],
            "kind": found["kind"].map(
                lambda kind: KIND_WORDS[kind].say(say) if kind in KIND_WORDS else kind
            ),
            "from": found["from_m"].map(written),
            "to": found["to_m"].map(written),
            "side": found["side"].map(lambda side: SIDES[side].say(say)),
            "role": found["role"].where(found["role"] != "", anyone),
            "level": found["level"].map(lambda level: _post(level, "", say)),
            "holder": found["holder"],
            "unit": found["unit"],
            "joint": "",
            "length_m": found["length_m"],
            "where": found["area"],
            "why": found["why"],
            "others": found["others"],
            "proposal_id": found["proposal_id"],
        }
    )


def before_after(study: Study, suggestion: Suggestion) -> gpd.GeoDataFrame:
    """Return who holds what now and who would then, as lines for two layers of a map.

    A row a duty in force (`before` and `after` the same) and a row a proposal (`before` '',
    `after` '' too where nobody can take it); `changed` tells them apart. In the metric CRS.
    """
    duties = study.duties[in_force(study.duties, study.as_of) & (study.duties["holder"] != "")]
    number = study.lines.numbers(duties["course_id"])
    columns = ["course_id", "from_m", "to_m", "side", "level", "role", "holder", "unit"]
    now = duties[columns].rename(columns={"holder": "after"})
    then = pd.DataFrame(suggestion.proposals)[columns].rename(columns={"holder": "after"})
    rows = pd.concat(
        [
            now.assign(before=now["after"], changed=False, why=duties["why"]),
            then.assign(before="", changed=True, why=suggestion.proposals["why"]),
        ],
        ignore_index=True,
    )
    shapes = cut(study.lines, number, duties["from_m"], duties["to_m"])
    lines = np.r_[shapes, suggestion.proposals.geometry.to_numpy()]
    return gpd.GeoDataFrame(rows, geometry=lines, crs=study.courses.crs)


def write_overlay(study: Study, suggestion: Suggestion, path: Path) -> None:
    """Write `before_after` as GeoJSON in WGS 84, a centimetre fine, whole or not at all."""
    degrees = before_after(study, suggestion).to_crs(4326)
    fine = degrees.set_geometry(shapely.set_precision(degrees.geometry.to_numpy(), 1e-7))
    with whole(path) as part:
        part.write_text(fine.set_crs(4326).to_json(ensure_ascii=False), encoding="utf-8")


@contextmanager
def _book(path: Path, study: Study) -> Iterator[Any]:
    with whole(path) as part:
        safe = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        book = xlsxwriter.Workbook(str(part), safe)
        # A fixed date, so that the same study writes the same bytes.
        book.set_properties({"created": study.as_of.to_pydatetime()})
        yield book
        book.close()


def _post(level: str, role: str, language: Language) -> str:
    spoken = LEVEL_WORDS[level].say(language) if level in LEVEL_WORDS else level
    return f"{spoken}{role}"


def _sheet(
    book: Any,
    title: str,
    frame: pd.DataFrame,
    columns: tuple[tuple[str, Text, int], ...],
    language: Language,
) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1, "text_wrap": True})
    metres = book.add_format({"num_format": "0.000"})
    sheet.freeze_panes(1, 0)
    for column, (key, heading, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading.say(language), bold)
        for row, value in enumerate(frame[key], start=1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write_number(row, column, value, metres)
