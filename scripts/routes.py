"""The command `routes`: where to go tomorrow, and what became of where one meant to go."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scripts.options import Options, out_folder, project_command, show_json, studied, with_key

if TYPE_CHECKING:
    import pandas as pd

    from geo.dispatch import Wish
    from geo.study import Study

HELP = """Plan patrol routes over what is overdue, never seen, soon due, or has an open problem.

明天去哪里:按班组、工时和交通方式排巡查路线,给出地图、步骤单、GPX/KML 和排班表。
班组写在项目文件夹的 班组.xlsx 里(patrolmap new 给出空表),选项可以改写。

\b
Example: patrolmap routes my-town --crews 2 --hours 5 --mode bicycle --start 116.35,39.92
  patrolmap routes my-town --roster --days 28       按频次排一个月,出勤最少
  patrolmap routes my-town --crews 3 --hours 4 --against "crews=4 hours=6"
  patrolmap routes my-town --actual                 对照上次的计划
"""
# Ruins of a plan without --seconds: about a second for a town, and the same answer every time.
EFFORT = 20_000
MODES = ("foot", "bicycle", "motorcycle", "car", "boat")
REASONS = click.Choice(["overdue", "never", "due", "problem", "part"])


@project_command("routes", help_text=HELP)
@click.option(
    "--crews", type=click.IntRange(1), help="How many go out; default: the table's, else one."
)
@click.option(
    "--start",
    "starts",
    multiple=True,
    metavar="LON,LAT",
    help="Where a crew sets out and ends; the last serves for the rest.",
)
@click.option("--mode", type=click.Choice(MODES), help="Default: the crew's, else motorcycle.")
@click.option("--hours", type=click.FloatRange(0, 24), help="A day; default: the crew's, else 6.")
@click.option("--at", metavar="HH:MM", help="Time of setting out; default: the crew's, else 8:30.")
@click.option("--from", "first_on", metavar="DATE", help="Day 1; default: the day after --as-of.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=1, show_default=True, help="Days to plan."
)
@click.option(
    "--roster", is_flag=True, help="Meet every cadence of these days in the fewest days out."
)
@click.option("--due-days", type=click.IntRange(0), default=0, help="Also what is due so soon.")
@click.option("--reason", "reasons", type=REASONS, multiple=True, help="Only these reasons.")
@click.option("--holder", "holders", multiple=True, help="Only what these answer for.")
@click.option(
    "--bank",
    type=click.Choice(["either", "both", "L", "R"]),
    default="either",
    show_default=True,
    help="Where rivers are walked.",
)
@click.option(
    "--closed",
    multiple=True,
    metavar="WHERE",
    help='Closed to all, as 青溪路 or "青溪路 K1+200-K1+500".',
)
@click.option(
    "--balance/--no-balance",
    default=None,
    help="Shorten the longest route, or the sum; default: the longest, for crews on one day.",
)
@click.option("--fewest", is_flag=True, help="Find the fewest crews, up to --crews.")
@click.option(
    "--against",
    multiple=True,
    metavar="WORDS",
    help='Another asking to set beside this, as "crews=4 hours=6 days=2 mode=car".',
)
@click.option("--actual", is_flag=True, help="Hold the last plan against the patrols since.")
@click.option("--seconds", type=float, help="Search so long; else a fixed effort.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same plan."
)
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    default="wgs84",
    help="Of the GPX and KML.",
)
def COMMAND(
    options: Options, *, actual: bool, against: tuple[str, ...], datum: str,
    seconds: float | None, **asked: Any,
) -> None:  # fmt: skip
    """Write routes/ with map, tracks, step list and roster; print the plan."""
    project, study = studied(options)
    out = out_folder(project)
    if actual:
        _hold(options, study, out / "routes")
        return
    from geo.dispatch import dispatch
    from geo.plan_sums import figures, summary
    from layers.plans import NAME, keep_plan, read_routes
    from maps.figures import csv_of
    from maps.results import write_plan
    from maps.route_files import write_routes
    from maps.routes import OURS, plan_table, side_by_side

    wish = _wish(**asked)
    others = {text: _other(wish, text) for text in against}
    made = dispatch(study, wish, search=_search(seconds))
    compared = {text: dispatch(study, w, search=_search(seconds)) for text, w in others.items()}
    language = study.settings.language
    before = read_routes(out / "routes" / NAME)
    write_routes(made, study.courses, out / "routes", language=language, datum=datum, before=before)
    keep_plan(study, made, out / "routes" / NAME)
    write_plan(study, made, out, page=with_key(project.page))
    if options.format == "json":
        plans = {"this": made, **compared} if compared else {}
        told = [{"asked": text, **figures(plan.planned)} for text, plan in plans.items()]
        show_json(summary(made.planned) | ({"against": told} if told else {}))
    elif options.format == "csv":
        click.echo(csv_of(made.planned.routes), nl=False)
    else:
        click.echo(plan_table(made, language))
        if compared:
            click.echo(side_by_side({OURS.say(language): made, **compared}, language))
        click.echo(str(out / "routes"))


def _hold(options: Options, study: "Study", folder: Path) -> None:
    """Hold the kept plan against the patrols; write actual.xlsx and print what became of it."""
    from geo.plan_actual import compare, kept
    from layers.plans import NAME, doubts, read_plan
    from maps.figures import csv_of
    from maps.plan_actual import actual_lines, write_actual

    language = study.settings.language
    plan = read_plan(folder / NAME, study)
    found = compare(
        plan.routes,
        study.passages,
        study.lines,
        first_on=plan.first_on,
        until_on=study.as_of,
        time_zone=study.settings.time_zone,
    )
    write_actual(found, plan, study.courses, folder / "actual.xlsx", language)
    notes = doubts(plan, study)
    if options.format == "json":
        first = str(plan.first_on.date())
        show_json({"first_on": first, "totals": kept(found).to_dict("records"),
                   "legs": found.to_dict("records"), "notes": notes})  # fmt: skip
    elif options.format == "csv":
        click.echo(csv_of(found), nl=False)
    else:
        for line in [*notes, actual_lines(found, plan, language), folder / "actual.xlsx"]:
            click.echo(str(line))


def _wish(
    *, crews: int | None, starts: tuple[str, ...], mode: str | None, hours: float | None,
    at: str | None, first_on: str | None, days: int, **other: Any,
) -> "Wish":  # fmt: skip
    from geo.crews import Asking
    from geo.dispatch import Wish

    sets_out = None if at is None else _minutes(at)
    places = tuple(_degrees(start) for start in starts)
    asking = Asking(crews, places, mode, hours, days, sets_out)
    return Wish(crews=asking, first_on=None if first_on is None else _day(first_on), **other)


# What --against may say, with how it is read and what it wants.
_WORDS: dict[str, tuple[str, Callable[[str], Any], Callable[[Any], bool], str]] = {
    "crews": ("count", int, lambda n: n >= 1, "1 or more"),
    "hours": ("hours", float, lambda n: 0 <= n <= 24, "0 to 24"),
    "days": ("days", int, lambda n: 1 <= n <= 366, "1 to 366"),
    "mode": ("mode", str, MODES.__contains__, ", ".join(MODES)),
}


def _other(wish: "Wish", text: str) -> "Wish":
    """Return `wish` with what `text` says instead; raises `PatrolmapError` for other words."""
    from layers.faults import PatrolmapError

    said: dict[str, Any] = {}
    for pair in text.replace(",", " ").split():
        key, _, value = pair.partition("=")
        if key not in _WORDS:
            msg = f'--against: wanted words such as "crews=4 hours=6" of {", ".join(_WORDS)}; came {pair!r}'  # noqa: E501
            raise PatrolmapError(msg)
        name, read, right, wanted = _WORDS[key]
        try:
            said[name] = read(value)
        except ValueError:
            said[name] = None
        if said[name] is None or not right(said[name]):
            msg = f"--against: {key}: wanted {wanted}; came {value!r}"
            raise PatrolmapError(msg)
    return replace(wish, crews=replace(wish.crews, **said))


def _degrees(start: str) -> tuple[float, float]:
    from layers.faults import PatrolmapError

    try:
        lon, lat = (float(part) for part in start.replace(",", ",").split(","))
    except ValueError:
        lon = lat = 1000.0
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        msg = f"--start: wanted longitude,latitude such as 116.35,39.92, got {start!r}"
        raise PatrolmapError(msg)
    return lon, lat


def _minutes(at: str) -> float:
    from layers.crews import clock
    from layers.faults import PatrolmapError

    minutes = clock(at)
    if minutes is None:
        msg = f"--at: wanted a time of day such as 8:30, got {at!r}"
        raise PatrolmapError(msg)
    return minutes


def _day(text: str) -> "pd.Timestamp":
    import pandas as pd

    from layers.faults import PatrolmapError

    try:
        return pd.Timestamp(text).normalize()
    except ValueError as error:
        msg = f"--from: wanted a day such as 2026-09-30, got {text!r}"
        raise PatrolmapError(msg) from error


def _search(seconds: float | None) -> Callable[[float], Callable[[int], float]]:
    """Return what gives each search its clock: a share of a fixed effort, or of the time given."""

    def clock(share: float) -> Callable[[int], float]:
        if seconds is None:
            return lambda done: done / max(EFFORT * share, 1)
        began, whole = time.monotonic(), max(seconds * share, 1e-3)
        return lambda _done: (time.monotonic() - began) / whole

    return clock
