"""Write what a crew takes along: tracks for phones, a step list to print, a roster."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import segno
import shapely
import xlsxwriter

from geo.routes import Planned, totals
from geo.schema import Courses, Errands, Routes
from geo.words import Language, Text
from layers.files import whole
from maps.gpx import degrees, write_gpx, write_kml

TITLE = Text("{crew} 第 {day} 天", "{crew}, day {day}")
STEPS = Text("巡查路线步骤单", "Patrol routes, step by step")
TOTAL = Text(
    "共 {length:.1f} 公里:巡查 {service:.1f},赶路 {deadhead:.1f},重复 {twice:.1f};{hours:.1f} 小时",
    "{length:.1f} km: {service:.1f} looking, {deadhead:.1f} between, {twice:.1f} twice; "
    "{hours:.1f} h",
)
LEFT_OUT = Text("未排入(逐条说明原因)", "Left out, and why")
UNSERVED_SUM = Text(
    "未排入 {n} 处,{km:.1f} 公里,原因见步骤单",
    "{n} left out, {km:.1f} km; see the step list for why",
)
INTERNAL = Text("内部工作用图", "For internal work")
SHEETS = (
    ("totals", Text("汇总", "Totals")),
    ("steps", Text("步骤", "Steps")),
    ("unserved", Text("未排入", "Left out")),
)
HEADINGS = {
    "crew": Text("班组", "Crew"), "day": Text("第几天", "Day"), "order": Text("序号", "No."),
    "length_m": Text("长度(米)", "Length (m)"), "service_m": Text("巡查(米)", "Looking (m)"),
    "deadhead_m": Text("赶路(米)", "Between (m)"), "duplicated_m": Text("重复(米)", "Twice (m)"),
    "minutes": Text("分钟", "Minutes"), "starts_min": Text("出发后(分钟)", "After (min)"),
    "step": Text("步骤", "Step"), "errand_id": Text("任务", "Errand"), "what": Text("内容", "What"),
    "hours": Text("单独去(小时)", "Alone (h)"), "why": Text("原因", "Why"),
}  # fmt: skip
STYLE = (
    "body{font:15px/1.6 sans-serif;margin:1.5em;max-width:60em}section{break-after:page}"
    "td{padding:.1em .6em;vertical-align:top}.service{font-weight:600}"
    ".qr{float:right;width:7em}.map{width:100%;max-height:26em}"
)
_COLOUR = {"service": "#c0392b", "deadhead": "#5d6d7e"}


def write_routes(
    planned: Planned,
    errands: Errands,
    courses: Courses,
    folder: Path,
    *,
    language: Language = "zh",
    datum: str = "wgs84",
) -> list[Path]:
    """Write a GPX and a KML a crew and day, steps.html and roster.xlsx; return their paths."""
    written = []
    for (crew, day), route in _each(planned.routes):
        title = TITLE.say(language, crew=crew, day=day)
        stem = re.sub(r'[\\/:*?"<>|\s.]+', "_", f"{crew}-{day}")
        write_gpx(route, folder / f"{stem}.gpx", title=title, datum=datum)
        write_kml(route, folder / f"{stem}.kml", title=title, datum=datum)
        written += [folder / f"{stem}.gpx", folder / f"{stem}.kml"]
    steps, roster = folder / "steps.html", folder / "roster.xlsx"
    with whole(steps) as file:
        file.write_text(step_list(planned, courses, language=language), encoding="utf-8")
    write_roster(planned, errands, roster, language=language)
    return [*written, steps, roster]


def _each(routes: Routes) -> Iterator[tuple[tuple[str, int], Routes]]:
    keys = list(zip(routes["crew"].tolist(), routes["day"].tolist(), strict=True))
    for crew, day in dict.fromkeys(keys):
        rows = (routes["crew"] == crew) & (routes["day"] == day)
        yield (crew, int(day)), Routes(routes[rows].reset_index(drop=True))


def step_list(planned: Planned, courses: Courses, *, language: Language) -> str:
    """Return the step list as one page that asks nothing of the network.

    All words from the user's files are escaped; the page holds no script.
    """
    parts = [
        "<!doctype html><html><head><meta charset='utf-8'><title>",
        STEPS.say(language),
        f"</title><style>{STYLE}</style></head><body><h1>",
        f"{STEPS.say(language)}</h1><p>{INTERNAL.say(language)}</p>",
    ]
    parts += [f"<p>{html.escape(note)}</p>" for note in planned.notes]
    sums = totals(planned.routes).to_dict("records")
    parts += [
        _section(key, route, total, courses, language)
        for (key, route), total in zip(_each(planned.routes), sums, strict=True)
    ]
    if len(planned.unserved):
        rows = zip(planned.unserved["errand_id"], planned.unserved["why"], strict=True)
        lines = "".join(f"<li>{html.escape(f'{name}: {why}')}</li>" for name, why in rows)
        parts.append(f"<section><h2>{LEFT_OUT.say(language)}</h2><ul>{lines}</ul></section>")
    return "".join([*parts, "</body></html>\n"])


def _section(
    key: tuple[str, int], route: Routes, sums: dict[Any, Any], courses: Courses, language: Language
) -> str:
    crew, day = key
    lon, lat = degrees(route)[0][0]
    # A geo: address opens the start in any phone's map app, without any server.
    code = segno.make(f"geo:{lat:.6f},{lon:.6f}", error="m").svg_inline(scale=3, border=2)
    total = _total(sums, language)
    rows = "".join(
        f"<tr class='{kind}'><td>{n}</td><td>{_clock(start)}</td><td>{html.escape(step)}</td></tr>"
        for n, kind, start, step in zip(
            route["order"], route["kind"], route["starts_min"], route["step"], strict=True
        )
    )
    return (
        f"<section><div class='qr'>{code}</div>"
        f"<h2>{html.escape(TITLE.say(language, crew=crew, day=day))}</h2>"
        f"<p>{total}</p>{sketch(route, courses)}<table>{rows}</table></section>"
    )


def _total(sums: dict[Any, Any], language: Language) -> str:
    return TOTAL.say(
        language,
        length=sums["length_m"] / 1000,
        service=sums["service_m"] / 1000,
        deadhead=sums["deadhead_m"] / 1000,
        twice=sums["duplicated_m"] / 1000,
        hours=sums["minutes"] / 60,
    )


def _clock(minutes: float) -> str:
    return f"+{int(minutes // 60)}:{int(minutes % 60):02d}"


def sketch(route: Routes, courses: Courses) -> str:
    """Return a picture of the route over the courses around it: arrows, and numbers by leg."""
    west, south, east, north = route.total_bounds
    margin = max(east - west, north - south, 200.0) * 0.06
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    scale = 1000.0 / max(east - west, 1.0)

    def drawn(line: shapely.Geometry, attributes: str) -> str:
        xy = shapely.get_coordinates(line)
        at = " ".join(f"{(x - west) * scale:.1f},{(north - y) * scale:.1f}" for x, y in xy)
        return f"<polyline points='{at}' fill='none' {attributes}/>"

    box = shapely.box(west, south, east, north)
    near = courses.geometry.to_numpy()
    hit = shapely.intersects(near, box)
    water = courses["kind"].to_numpy(dtype=object) != "road"
    ground = "".join(
        drawn(part, f"stroke='{'#9cc7ea' if wet else '#d5d5d5'}' stroke-width='{5 if wet else 2}'")
        for line, wet in zip(near[hit], water[hit], strict=True)
        for part in shapely.get_parts(shapely.intersection(line, box))
        if part.geom_type == "LineString"
    )
    legs, labels = [], []
    columns = (route["order"], route["kind"], route.geometry)
    for number, kind, line in zip(*columns, strict=True):
        if line.geom_type == "LineString" and line.length > 0:
            style = f"stroke='{_COLOUR[kind]}' stroke-width='{4 if kind == 'service' else 2}'"
            legs.append(drawn(line, f"{style} marker-end='url(#a)'"))
            middle = line.interpolate(0.5, normalized=True)
            labels.append((number, kind, middle.x, middle.y))
    numbers = "".join(
        f"<text x='{(x - west) * scale:.1f}' y='{(north - y) * scale - 4:.1f}' font-size='15'"
        f" paint-order='stroke' stroke='#fff' stroke-width='3' fill='{_COLOUR[kind]}'>{n}</text>"
        for n, kind, x, y in labels
    )
    arrow = (
        "<defs><marker id='a' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='5' markerHeight='5'"
        " orient='auto'><path d='M0 0 8 4 0 8z'/></marker></defs>"
    )
    height = np.ceil((north - south) * scale)
    return f"<svg class='map' viewBox='0 0 1000 {height:.0f}'>{arrow}{ground}{''.join(legs)}{numbers}</svg>"  # noqa: E501


def plan_table(planned: Planned, language: Language) -> str:
    """Return the plan for the terminal: notes, a line a crew and day, how much was left out."""
    lines = list(planned.notes)
    for row in totals(planned.routes).to_dict("records"):
        title = TITLE.say(language, crew=row["crew"], day=row["day"])
        lines.append(f"{title}  {_total(row, language)}")
    if len(planned.unserved):
        metres = planned.unserved["length_m"].sum() / 1000
        lines.append(UNSERVED_SUM.say(language, n=len(planned.unserved), km=metres))
    return "\n".join(lines)


def write_roster(
    planned: Planned, errands: Errands, path: Path, *, language: Language = "zh"
) -> None:
    """Write totals, steps and what was left out as one Excel file; text is never a formula."""
    what = errands.set_index("errand_id")["why"]
    frames: dict[str, pd.DataFrame] = {
        "totals": totals(planned.routes),
        "steps": pd.DataFrame(planned.routes)[
            ["crew", "day", "order", "step", "length_m", "minutes", "starts_min", "errand_id"]
        ],
        "unserved": planned.unserved.assign(what=planned.unserved["errand_id"].map(what))[
            ["errand_id", "what", "length_m", "hours", "why"]
        ],
    }
    with whole(path) as file:
        book: Any = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False})
        # The day of writing would make two runs of one plan differ.
        book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        for name, title in SHEETS:
            _sheet(book.add_worksheet(title.say(language)), frames[name], language)
        book.close()


def _sheet(sheet: Any, frame: pd.DataFrame, language: Language) -> None:
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(frame.columns):
        sheet.set_column(column, column, 60 if name in {"step", "why", "what"} else 12)
        sheet.write_string(0, column, HEADINGS[name].say(language))
        for row, value in enumerate(frame[name].tolist(), start=1):
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            elif not pd.isna(value):
                sheet.write_number(row, column, round(value, 2))
