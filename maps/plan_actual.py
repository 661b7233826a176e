"""Say what became of a plan: lines for the terminal, and an Excel file leg by leg."""

from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from geo.chainage import written
from geo.plan_actual import STATUSES, kept
from geo.schema import Courses, PlanActual
from geo.words import Language, Text
from layers.files import whole
from layers.plans import Plan
from maps.roster_book import add_sheet
from maps.routes import date_of

NAMES = {
    "done": Text("完成", "done"),
    "partly": Text("部分完成", "partly"),
    "moved": Text("改日完成", "another day"),
    "missed": Text("未做", "missed"),
    "ahead": Text("未到日期", "not yet its day"),
    "gone": Text("对象已不在图上", "no longer on the map"),
    "otherwise": Text("计划外", "beside the plan"),
}
LINE = Text(
    "{crew} {date}:计划 {planned:.1f} 公里,完成 {done:.1f} 公里({share:.0%});{legs}",
    "{crew}, {date}: {planned:.1f} km planned, {done:.1f} km done ({share:.0%}); {legs}",
)
BESIDE = Text("计划外另巡 {km:.1f} 公里", "{km:.1f} km seen beside the plan")
MISSED = Text("未做:{what}", "missed: {what}")
LEGS = Text("逐条对照", "Leg by leg")
SUMS = Text("汇总", "Totals")
# So many missed stretches are told on a terminal; the file tells them all.
_TOLD = 10


def actual_lines(actual: PlanActual, plan: Plan, language: Language) -> str:
    """Return a line a crew and day, what was seen beside the plan, and what was missed."""
    lines = []
    for row in kept(actual).to_dict("records"):
        named = [f"{NAMES[s].say(language)} {row[s]}" for s in STATUSES if row[s]]
        share = row["done_m"] / row["planned_m"] if row["planned_m"] else 0.0
        lines.append(LINE.say(
            language, crew=row["crew"], date=date_of(plan.first_on, row["day"], language),
            planned=row["planned_m"] / 1000, done=row["done_m"] / 1000, share=share,
            legs="、".join(named),
        ))  # fmt: skip
    beside = actual.loc[actual["status"] == "otherwise", "done_m"].sum() / 1000
    lines += [BESIDE.say(language, km=beside)] if beside else []
    missed = actual.loc[actual["status"] == "missed", "errand_id"].drop_duplicates()
    what = plan.errands.set_index("errand_id")["why"]
    lines += [MISSED.say(language, what=what.get(name, name)) for name in missed[:_TOLD]]
    return "\n".join(lines)


def write_actual(
    actual: PlanActual, plan: Plan, courses: Courses, path: Path, language: Language
) -> None:
    """Write totals and legs, whole or not at all; text is never a formula."""
    name = courses.set_index("course_id")["name"]
    what = plan.errands.set_index("errand_id")["why"]
    days = [date_of(plan.first_on, day, language) for day in actual["day"]]
    spans = zip(actual["from_m"], actual["to_m"], strict=True)
    legs = pd.DataFrame(actual).assign(
        date=days,
        status=[NAMES[status].say(language) for status in actual["status"]],
        name=actual["course_id"].map(name).fillna(""),
        span=[f"{written(round(a))}–{written(round(b))}" for a, b in spans],
        what=actual["errand_id"].map(what).fillna(""),
    )[["crew", "date", "status", "name", "span", "planned_m", "done_m", "what"]]
    sums = kept(actual)
    dates = [date_of(plan.first_on, day, language) for day in sums["day"]]
    sums = sums.assign(date=dates)[["crew", "date", "planned_m", "done_m", *STATUSES]]
    with whole(path) as file:
        book: Any = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False})
        # The day of writing would make two runs differ.
        book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        add_sheet(book, SUMS.say(language), sums, language, NAMES)
        add_sheet(book, LEGS.say(language), legs, language)
        book.close()
