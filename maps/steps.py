"""Print what a crew does, step by step: a sheet a crew and day, with times of day and boxes."""

import html
from typing import Any

from geo.dispatch import Dispatched
from geo.plan_sums import totals
from geo.schema import Courses, Routes
from geo.words import Language, Text
from maps.navigation import APPS, PRINTED, code, links
from maps.routes import MODES, each, title_of, total_of
from maps.sketch import sketch

STEPS = Text("巡查路线步骤单", "Patrol routes, step by step")
INTERNAL = Text("内部工作用图", "For internal work")
SETS_OUT = Text("{mode},{at} 出发,约 {back} 返回", "by {mode}, out at {at}, back about {back}")
HEADS = Text("序号|时刻|步骤|完成", "No.|At|Step|Done")
SCAN = Text("用手机扫码打开", "Scan to open on a phone")
SIGNED = Text("巡查人签字:________  日期:________", "Signed: ________  Date: ________")
LEFT_OUT = Text("未排入(逐条说明原因)", "Left out, and why")
STYLE = (
    "body{font:15px/1.55 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;"
    "margin:1.2em auto;max-width:58em;padding:0 1em;color:#1c2833}h1{font-size:1.4em}"
    "h2{font-size:1.25em;margin:.3em 0}section{break-after:page;border-top:3px solid #1a5276;"
    "padding-top:.6em;margin-top:1.4em}table{border-collapse:collapse;width:100%}"
    "th{text-align:left;border-bottom:2px solid #1c2833}td{padding:.25em .6em .25em 0;"
    "vertical-align:top;border-bottom:1px solid #d5d8dc}tr{break-inside:avoid}"
    ".service{font-weight:600;background:#fdf2f0}.stop{font-weight:600;background:#eef5fb}"
    ".n,.at{white-space:nowrap;font-variant-numeric:tabular-nums}.box{text-align:center}"
    ".codes{display:flex;flex-wrap:wrap;gap:1.2em;margin:.6em 0}figure{margin:0;width:13em;"
    "font-size:.8em;text-align:center}figure svg{width:100%;height:auto}"
    ".map{width:100%;max-height:30em}@media print{body{margin:0;font-size:12px}}"
)


def step_list(made: Dispatched, courses: Courses, *, language: Language) -> str:
    """Return the step list as one page that asks nothing of the network.

    All words from the user's files are escaped; the page holds no script.
    """
    planned = made.planned
    head = f"<meta charset='utf-8'><title>{STEPS.say(language)}</title><style>{STYLE}</style>"
    parts = [
        f"<!doctype html><html lang='{language}'><head>{head}</head><body>",
        f"<h1>{STEPS.say(language)}</h1><p>{INTERNAL.say(language)}</p>",
    ]
    parts += [f"<p>{html.escape(note)}</p>" for note in planned.notes]
    sums = totals(planned.routes).to_dict("records")
    parts += [
        _section(made, key, route, total, courses, language)
        for (key, route), total in zip(each(planned.routes), sums, strict=True)
    ]
    if len(planned.unserved):
        what = made.errands.set_index("errand_id")["why"]
        rows = zip(planned.unserved["errand_id"], planned.unserved["why"], strict=True)
        said = [f"{what[name]}: {why}" for name, why in rows]
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in said)
        parts.append(f"<section><h2>{LEFT_OUT.say(language)}</h2><ul>{lines}</ul></section>")
    return "".join([*parts, "</body></html>\n"])


def _section(
    made: Dispatched,
    key: tuple[str, int],
    route: Routes,
    sums: dict[Any, Any],
    courses: Courses,
    language: Language,
) -> str:
    at_min = float(route["at_min"].iloc[0])
    mode = MODES[route["mode"].iloc[0]].say(language)
    back = clock(at_min + sums["minutes"])
    out = SETS_OUT.say(language, mode=mode, at=clock(at_min), back=back)
    heads = "".join(f"<th>{word}</th>" for word in HEADS.say(language).split("|"))
    told = links(route, language)
    codes = "".join(
        f"<figure>{code(told[app])}<figcaption>{APPS[app].say(language)}</figcaption></figure>"
        for app in PRINTED
    )
    title = html.escape(title_of(made, key, language))
    return (
        f"<section><h2>{title}</h2>"
        f"<p>{out}<br>{total_of(sums, language)}</p>{sketch(route, courses)}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{_rows(route)}</tbody></table>"
        f"<p>{SIGNED.say(language)}</p><p>{SCAN.say(language)}</p>"
        f"<div class='codes'>{codes}</div></section>"
    )


def _rows(route: Routes) -> str:
    columns = (route["order"], route["kind"], route["at_min"], route["step"])
    return "".join(
        f"<tr class='{kind}'><td class='n'>{n}</td><td class='at'>"
        f"{clock(at)}</td><td>{html.escape(step)}</td>"
        f"<td class='box'>{'' if kind == 'deadhead' else '☐'}</td></tr>"
        for n, kind, at, step in zip(*columns, strict=True)
    )


def clock(minutes: float) -> str:
    """Return minutes after midnight as a time of day; past midnight it goes on from 0.

    >>> clock(510.0), clock(1445.5)
    ('8:30', '0:05')
    """
    return f"{int(minutes // 60) % 24}:{int(minutes % 60):02d}"
