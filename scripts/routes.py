"""The command `routes`: where to go tomorrow."""

import time
from collections.abc import Callable
from typing import Any

import click

from scripts.options import Options, out_folder, project_command, show_json, studied, with_key

HELP = """Plan patrol routes over what is overdue, never seen, soon due, or has an open problem.

明天去哪里:按班组、工时和交通方式排巡查路线,给出步骤单、GPX/KML 和排班表。

Example: patrolmap routes my-town --crews 2 --hours 5 --mode bicycle --start 116.35,39.92
"""
# Ruins of a plan without --seconds: about a second for a town, and the same answer every time.
EFFORT = 20_000
MODES = click.Choice(["foot", "bicycle", "motorcycle", "car", "boat"])
REASONS = click.Choice(["overdue", "never", "due", "problem", "part"])


@project_command("routes", help_text=HELP)
@click.option("--crews", type=click.IntRange(1), default=1, help="How many crews go out.")
@click.option(
    "--start",
    "starts",
    multiple=True,
    metavar="LON,LAT",
    help="Where a crew sets out and ends; the last serves for the rest.",
)
@click.option("--mode", type=MODES, default="motorcycle", show_default=True)
@click.option("--hours", type=click.FloatRange(0, 24), default=6.0, show_default=True)
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@click.option("--due-days", type=click.IntRange(0), default=0, help="Also what is due so soon.")
@click.option("--reason", "reasons", type=REASONS, multiple=True, help="Only these reasons.")
@click.option("--holder", "holders", multiple=True, help="Only what these answer for.")
@click.option("--bank", type=click.Choice(["either", "both", "L", "R"]), default="either")
@click.option(
    "--balance/--no-balance",
    default=None,
    help="Shorten the longest route, or the sum; default: the longest, for crews on one day.",
)
@click.option("--fewest", is_flag=True, help="Find the fewest crews, up to --crews.")
@click.option("--seconds", type=float, default=None, help="Search so long; else a fixed effort.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--datum",
    type=click.Choice(["wgs84", "gcj02", "bd09"]),
    default="wgs84",
    help="Of the GPX and KML.",
)
def COMMAND(
    options: Options, starts: tuple[str, ...], datum: str, seconds: float | None, **asked: Any
) -> None:
    """Write routes/ with tracks, step list and roster; print the plan."""
    from geo.dispatch import Wish, dispatch
    from geo.routes import summary
    from maps.figures import csv_of
    from maps.results import write_plan_map
    from maps.routes import plan_table, write_routes

    wish = Wish(starts=tuple(_degrees(start) for start in starts), **asked)
    project, study = studied(options)
    planned, errands = dispatch(study, wish, spent=_spent(seconds))
    folder = out_folder(options, project) / "routes"
    language = study.settings.language
    write_routes(planned, errands, study.courses, folder, language=language, datum=datum)
    if len(planned.routes):
        write_plan_map(study, planned.routes, folder / "map.html", page=with_key(project.page))
    if options.format == "json":
        show_json(summary(planned))
    elif options.format == "csv":
        click.echo(csv_of(planned.routes), nl=False)
    else:
        click.echo(plan_table(planned, language))
        click.echo(str(folder))


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


def _spent(seconds: float | None) -> Callable[[int], float]:
    """Return the share of the search that is over: of a fixed effort, or of the time given."""
    if seconds is None:
        return lambda done: done / EFFORT
    began = time.monotonic()
    return lambda _done: (time.monotonic() - began) / max(seconds, 1e-3)
