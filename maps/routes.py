"""Say a plan in words and names: crews, days, dates, totals, file names, a terminal's lines."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from geo.dispatch import Dispatched
from geo.plan_sums import figures, totals
from geo.schema import Routes
from geo.words import Language, Text
from layers.files import safe_name

TITLE = Text("{crew} 第 {day} 天 {date}", "{crew}, day {day}, {date}")
DATE = Text("{on:%Y-%m-%d}(周{week})", "{on:%Y-%m-%d} ({on:%a})")
TOTAL = Text(
    "共 {length:.1f} 公里:巡查 {service:.1f},赶路 {deadhead:.1f},重复 {twice:.1f};停留 {stops} 处;"
    "{hours:.1f} 小时",
    "{length:.1f} km: {service:.1f} looking, {deadhead:.1f} between, {twice:.1f} twice; "
    "{stops} stops; {hours:.1f} h",
)
UNSERVED_SUM = Text(
    "未排入 {n} 处,{km:.1f} 公里,原因见步骤单",
    "{n} left out, {km:.1f} km; see the step list for why",
)
MODES = {
    "foot": Text("步行", "foot"),
    "bicycle": Text("骑车", "bicycle"),
    "motorcycle": Text("摩托车", "motorcycle"),
    "car": Text("汽车", "car"),
    "boat": Text("船", "boat"),
}
FIGURES = {
    "crews": Text("班组", "crews"),
    "crew_days": Text("班次", "crew days"),
    "length_m": Text("总长(公里)", "length (km)"),
    "service_m": Text("巡查(公里)", "looking (km)"),
    "deadhead_m": Text("赶路(公里)", "between (km)"),
    "duplicated_m": Text("重复(公里)", "twice (km)"),
    "minutes": Text("总工时(小时)", "all hours"),
    "longest_minutes": Text("最长一天(小时)", "longest day (hours)"),
    "unserved": Text("未排入(处)", "left out"),
    "unserved_m": Text("未排入(公里)", "left out (km)"),
}
OURS = Text("本次", "this plan")


def each(routes: Routes) -> Iterator[tuple[tuple[str, int], Routes]]:
    """Yield each crew's day, in the order of the plan."""
    keys = list(zip(routes["crew"].tolist(), routes["day"].tolist(), strict=True))
    for crew, day in dict.fromkeys(keys):
        rows = (routes["crew"] == crew) & (routes["day"] == day)
        yield (crew, int(day)), Routes(routes[rows].reset_index(drop=True))


def stems(routes: Routes) -> dict[tuple[str, int], str]:
    """Return a file name without its ending for each crew's day; no two are alike."""
    found: dict[tuple[str, int], str] = {}
    for key, _ in each(routes):
        plain = safe_name("_".join(key[0].replace("\\", "/").split("/")).replace(" ", "_"))
        stem = f"{plain[:60]}-{key[1]}"
        number = sum(other.casefold() == stem.casefold() for other in found.values())
        while stem.casefold() in {other.casefold() for other in found.values()}:
            number += 1
            stem = f"{plain[:60]}-{key[1]}~{number}"
        found[key] = stem
    return found


def date_of(first_on: pd.Timestamp, day: int, language: Language) -> str:
    """Return the date of a day of a plan, with its weekday."""
    on = first_on + pd.Timedelta(days=int(day) - 1)
    return DATE.say(language, on=on, week="一二三四五六日"[on.weekday()])


def title_of(made: Dispatched, key: tuple[str, int], language: Language) -> str:
    """Return the heading of one crew's day."""
    return TITLE.say(
        language, crew=key[0], day=key[1], date=date_of(made.first_on, key[1], language)
    )


def total_of(sums: dict[Any, Any], language: Language) -> str:
    """Return one row of `totals` as a sentence."""
    return TOTAL.say(
        language,
        length=sums["length_m"] / 1000,
        service=sums["service_m"] / 1000,
        deadhead=sums["deadhead_m"] / 1000,
        twice=sums["duplicated_m"] / 1000,
        stops=sums["stops"],
        hours=sums["minutes"] / 60,
    )


def plan_table(made: Dispatched, language: Language) -> str:
    """Return the plan for the terminal: notes, a line a crew and day, how much was left out."""
    planned = made.planned
    lines = list(planned.notes)
    for row in totals(planned.routes).to_dict("records"):
        title = title_of(made, (row["crew"], row["day"]), language)
        lines.append(f"{title}  {total_of(row, language)}")
    if len(planned.unserved):
        metres = planned.unserved["length_m"].sum() / 1000
        lines.append(UNSERVED_SUM.say(language, n=len(planned.unserved), km=metres))
    return "\n".join(lines)


def side_by_side(plans: dict[str, Dispatched], language: Language) -> str:
    """Return plans as lines of a table, a column each, for the terminal."""
    columns = {name: figures(made.planned) for name, made in plans.items()}
    lines = ["\t".join(["", *columns])]
    for name, text in FIGURES.items():
        divided = {"m": 1000.0, "minutes": 60.0}.get(name.rsplit("_", 1)[-1], 1.0)
        digits = 1 if divided > 1 else 0
        cells = [f"{column[name] / divided:.{digits}f}" for column in columns.values()]
        lines.append("\t".join([text.say(language), *cells]))
    return "\n".join(lines)
