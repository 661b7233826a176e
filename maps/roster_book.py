"""Write the roster as an Excel file: totals, days, steps, addresses for phones, what was left."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from geo.dispatch import Dispatched
from geo.plan_sums import totals
from geo.words import Language, Text
from layers.files import whole
from maps.navigation import APPS, links
from maps.routes import date_of, each
from maps.steps import clock

SHEETS = (
    ("totals", Text("汇总", "Totals")),
    ("steps", Text("步骤", "Steps")),
    ("links", Text("手机导航", "On a phone")),
    ("unserved", Text("未排入", "Left out")),
)
HEADINGS = {
    "crew": Text("班组", "Crew"), "day": Text("第几天", "Day"), "date": Text("日期", "Date"),
    "order": Text("序号", "No."), "at": Text("时刻", "At"), "out": Text("出发", "Out"),
    "length_m": Text("长度(米)", "Length (m)"), "service_m": Text("巡查(米)", "Looking (m)"),
    "deadhead_m": Text("赶路(米)", "Between (m)"), "duplicated_m": Text("重复(米)", "Twice (m)"),
    "stops": Text("停留(处)", "Stops"), "minutes": Text("分钟", "Minutes"),
    "hours": Text("小时", "Hours"), "step": Text("步骤", "Step"),
    "errand_id": Text("任务", "Errand"), "what": Text("内容", "What"), "why": Text("原因", "Why"),
    "alone_h": Text("单独去(小时)", "Alone (h)"), "app": Text("应用", "App"),
    "address": Text("网址", "Address"), "status": Text("结果", "Outcome"),
    "name": Text("对象", "Asset"), "span": Text("桩号", "Chainage"),
    "planned_m": Text("计划(米)", "Planned (m)"), "done_m": Text("完成(米)", "Done (m)"),
}  # fmt: skip
SUM = Text("合计", "Sum")
_WIDE = {"step": 60, "why": 48, "what": 48, "address": 90, "app": 26, "date": 16}


def write_roster(made: Dispatched, path: Path, *, language: Language = "zh") -> None:
    """Write the roster whole or not at all, the same bytes for the same plan.

    Text is never a formula; the last row of the totals adds them up.
    """
    frames = {
        "totals": _totals(made, language),
        "steps": _steps(made, language),
        "links": _links(made, language),
        "unserved": _unserved(made),
    }
    with whole(path) as file:
        book: Any = xlsxwriter.Workbook(
            str(file), {"strings_to_formulas": False, "strings_to_urls": False}
        )
        # The day of writing would make two runs of one plan differ.
        book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        for name, title in SHEETS:
            add_sheet(book, title.say(language), frames[name], language)
        book.close()


def _totals(made: Dispatched, language: Language) -> pd.DataFrame:
    sums = totals(made.planned.routes)
    first = made.planned.routes.groupby(["crew", "day"], sort=False)["at_min"].min()
    measured = ["length_m", "service_m", "deadhead_m", "duplicated_m", "stops", "hours"]
    sums = sums.assign(
        date=[date_of(made.first_on, day, language) for day in sums["day"]],
        out=first.map(clock).to_numpy(),
        hours=sums["minutes"] / 60,
    )[["crew", "day", "date", "out", *measured]]
    if len(sums) < 2:
        return sums
    last = {"crew": SUM.say(language), "date": "", "out": ""} | sums[measured].sum().to_dict()
    return pd.concat([sums.astype({"day": object}), pd.DataFrame([last])], ignore_index=True)


def _steps(made: Dispatched, language: Language) -> pd.DataFrame:
    routes = pd.DataFrame(made.planned.routes.drop(columns="geometry"))
    at = routes["at_min"].map(clock)
    date = [date_of(made.first_on, day, language) for day in routes["day"]]
    named = ["crew", "date", "order", "at", "step", "length_m", "minutes", "errand_id"]
    return routes.assign(date=date, at=at)[named]


def _links(made: Dispatched, language: Language) -> pd.DataFrame:
    rows = [
        (crew, date_of(made.first_on, day, language), APPS[app].say(language), address)
        for (crew, day), route in each(made.planned.routes)
        for app, address in links(route, language).items()
    ]
    return pd.DataFrame(rows, columns=["crew", "date", "app", "address"])


def _unserved(made: Dispatched) -> pd.DataFrame:
    left = made.planned.unserved
    what = left["errand_id"].map(made.errands.set_index("errand_id")["why"])
    named = ["errand_id", "what", "length_m", "alone_h", "why"]
    return left.assign(what=what, alone_h=left["hours"])[named]


def add_sheet(
    book: Any,
    title: str,
    frame: pd.DataFrame,
    language: Language,
    more: Mapping[str, Text] | None = None,
) -> None:
    """Add a frame as a sheet; its columns are named by HEADINGS, or by `more`."""
    headings = HEADINGS | dict(more or {})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for column, name in enumerate(frame.columns):
        sheet.set_column(column, column, _WIDE.get(name, 11), wrap)
        sheet.write_string(0, column, headings[name].say(language), bold)
        for row, value in enumerate(frame[name].tolist(), start=1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif not pd.isna(value):
                sheet.write_number(row, column, round(value, 2))
