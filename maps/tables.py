"""Write the tables an office hands in: findings, standing, rejects, as one Excel file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from geo.chainage import written
from geo.findings import Rule, declared
from geo.kinds import called
from geo.study import Study
from geo.words import Language, Text
from layers.files import whole

SHEETS = {
    "files": Text("文件", "Files"),
    "findings": Text("疑点", "Findings"),
    "standing": Text("状态", "Standing"),
    "rejects": Text("退回", "Rejects"),
}
SEVERITIES = {
    "high": Text("高", "high"),
    "middle": Text("中", "middle"),
    "low": Text("低", "low"),
    "review": Text("待核", "review"),
}
STATE_NAMES = {
    "unassigned": Text("未分配", "unassigned"),
    "conflicting": Text("责任重叠", "conflicting"),
    "never": Text("从未巡查", "never seen"),
    "overdue": Text("逾期", "overdue"),
    "unsure": Text("存疑", "unsure"),
    "partial": Text("部分巡查", "partly seen"),
    "covered": Text("已覆盖", "covered"),
    "out_of_scope": Text("不作要求", "out of scope"),
}
HEADINGS: dict[str, tuple[tuple[str, Text, int], ...]] = {
    "findings": (
        ("rule", Text("疑点类型", "Rule"), 14),
        ("severity", Text("轻重", "Severity"), 6),
        ("asset", Text("对象", "Asset"), 16),
        ("from", Text("起点桩号", "From"), 11),
        ("to", Text("终点桩号", "To"), 11),
        ("length_m", Text("长度(米)", "Length (m)"), 10),
        ("side", Text("岸别", "Bank"), 6),
        ("level", Text("层级", "Level"), 8),
        ("why", Text("说明", "Why"), 50),
        ("who_acts", Text("谁来处理", "Who acts"), 22),
        ("since_on", Text("自何日", "Since"), 11),
        ("evidence", Text("依据", "Evidence"), 36),
        ("action", Text("建议", "Action"), 28),
        ("source", Text("来源", "Source"), 22),
        ("finding_id", Text("编号", "Id"), 30),
    ),
    "standing": (
        ("name", Text("对象", "Asset"), 16),
        ("from", Text("起点桩号", "From"), 11),
        ("to", Text("终点桩号", "To"), 11),
        ("length_m", Text("长度(米)", "Length (m)"), 10),
        ("area", Text("片区", "Area"), 14),
        ("level", Text("层级", "Level"), 8),
        ("state", Text("状态", "State"), 10),
        ("holders", Text("责任人", "Holders"), 36),
        ("covered_m", Text("已覆盖(米)", "Covered (m)"), 11),
        ("unsure_m", Text("存疑(米)", "Unsure (m)"), 10),
        ("overdue_m", Text("逾期(米)", "Overdue (m)"), 10),
        ("never_m", Text("从未(米)", "Never (m)"), 10),
        ("visits", Text("周期内经过次数", "Passes in the period"), 9),
        ("last_on", Text("最近巡查", "Last seen"), 11),
        ("due_on", Text("应巡日", "Due"), 11),
        ("overdue_days", Text("逾期天数", "Days overdue"), 9),
        ("why", Text("说明", "Why"), 60),
        ("segment_id", Text("编号", "Id"), 22),
    ),
    "files": (
        ("path", Text("文件", "File"), 36),
        ("kind", Text("读作", "Read as"), 12),
        ("rows", Text("行数", "Rows"), 8),
        ("used", Text("采用", "Used"), 8),
        ("rejected", Text("退回", "Rejected"), 8),
        ("encoding", Text("编码", "Encoding"), 10),
        ("crs", Text("坐标系", "CRS"), 14),
        ("datum", Text("坐标基准", "Datum"), 10),
        ("note", Text("说明", "Note"), 60),
    ),
    "rejects": (
        ("file", Text("文件", "File"), 30),
        ("row", Text("行", "Row"), 8),
        ("column", Text("列", "Column"), 14),
        ("severity", Text("轻重", "Severity"), 8),
        ("message", Text("要什么、来了什么、怎么办", "Wanted, came, way out"), 90),
    ),
}


def write_tables(study: Study, path: Path) -> None:
    """Write findings, standing and rejects of `study` to an Excel file, whole or not at all.

    Every text is written as text: a name that begins with `=` is a name, never a formula.
    """
    language = study.settings.language
    frames = {
        "findings": _findings(study, language),
        "standing": _standing(study, language),
        "rejects": study.rejects,
    }
    _book(study, frames, path)


def write_check(study: Study, path: Path) -> None:
    """Write how every file was read, and the rejects, as `write_tables` writes."""
    _book(study, {"files": study.inputs.files, "rejects": study.rejects}, path)


def _book(study: Study, frames: Mapping[str, pd.DataFrame], path: Path) -> None:
    language = study.settings.language
    with whole(path) as part:
        # A fixed date, so that the same study writes the same bytes.
        book = xlsxwriter.Workbook(str(part), {"strings_to_formulas": False, "in_memory": True})
        book.set_properties({"created": study.as_of.to_pydatetime()})
        for name, frame in frames.items():
            _sheet(book, name, frame, language)
        book.close()


def asset_names(study: Study) -> pd.Series:
    """Return the name of every asset by id: as an office finds it."""
    names = called(study.assets, study.settings.language)
    return names.set_axis(study.assets["asset_id"])


def _findings(study: Study, language: Language) -> pd.DataFrame:
    titles = {name: rule.title.say(language) for name, rule in _rules().items()}
    found = pd.DataFrame(study.findings.drop(columns="geometry"))
    row = found["row"].map(lambda row: f":{row}" if row else "")
    return found.assign(
        rule=found["rule"].map(titles),
        severity=found["severity"].map(lambda word: SEVERITIES[word].say(language)),
        asset=found["asset_id"].map(asset_names(study)).fillna(found["asset_id"]),
        source=found["file"] + row,
        **{"from": _chainages(found["from_m"]), "to": _chainages(found["to_m"])},
    )


def _standing(study: Study, language: Language) -> pd.DataFrame:
    segments = pd.DataFrame(study.segments.drop(columns="geometry"))
    joined = study.standing.merge(segments, on="segment_id", validate="many_to_one")
    zone = study.settings.time_zone
    return joined.assign(
        state=joined["state"].map(lambda word: STATE_NAMES[word].say(language)),
        last_on=joined["last_at"].dt.tz_convert(zone).dt.tz_localize(None),
        **{"from": _chainages(joined["from_m"]), "to": _chainages(joined["to_m"])},
    )


def _rules() -> dict[str, Rule]:
    return declared("geo.rules", "RULE", Rule)


def _chainages(metres: pd.Series) -> pd.Series:
    return metres.map(lambda m: "" if pd.isna(m) else written(m))


def _sheet(book: Any, name: str, frame: pd.DataFrame, language: Language) -> None:
    sheet = book.add_worksheet(SHEETS[name].say(language))
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF5", "border": 1, "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    metres = book.add_format({"num_format": "0.000"})
    sheet.freeze_panes(1, 0)
    for column, (key, title, width) in enumerate(HEADINGS[name]):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title.say(language), bold)
        for row, value in enumerate(frame[key], start=1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif pd.isna(value):
                continue
            elif isinstance(value, pd.Timestamp):
                sheet.write_datetime(row, column, value.to_pydatetime(), day)
            else:
                sheet.write_number(row, column, value, metres if key.endswith("_m") else None)
    if len(frame):
        sheet.autofilter(0, 0, len(frame), len(HEADINGS[name]) - 1)
