"""Share what every command takes and how every command ends."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    import pandas as pd

    from geo.study import Study
    from layers.options import Page
    from layers.project import Project

FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Options:
    """What the user asked of a command beside its own words."""

    folder: Path
    as_of: str
    out: Path | None
    lang: Literal["zh", "en"] | None
    format: str
    quiet: bool


def project_command(
    name: str, *, help_text: str, folder: Path | None = None
) -> Callable[..., click.Command]:
    """Return a decorator that makes a click command over one project folder, `folder` by default.

    The function is called with the `Options` first and its own options by name. Its `SystemExit`
    codes are the contract's: 0 done, 1 done but the data has errors or asked-for findings, 2 could
    not be done.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def run(
            folder: Path,
            as_of: str,
            out: Path | None,
            lang: Literal["zh", "en"] | None,
            format_: str,
            quiet: bool,  # noqa: FBT001
            **own: Any,
        ) -> None:
            with told():
                function(Options(folder, as_of, out, lang, format_, quiet), **own)

        for option in reversed(_SHARED):
            run = option(run)
        argument = partial(click.argument, "folder", type=FOLDER)
        named = argument(metavar="[DIR]", default=folder) if folder else argument(metavar="DIR")
        return click.command(name, help=help_text)(named(run))

    return decorate


_SHARED = (
    click.option("--as-of", default="", metavar="DATE", help="The day to judge by, as 2026-09-30; default: the project's, else today."),  # noqa: E501
    click.option("--out", type=FOLDER, default=None, help="Where results go; default: DIR/out."),
    click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="Language of words; default: the project's, else zh."),  # noqa: E501
    click.option("--format", "format_", type=click.Choice(["table", "json", "csv"]), default="table", help="What goes to stdout."),  # noqa: E501
    click.option("--quiet", is_flag=True, help="No progress on stderr."),
)  # fmt: skip


@contextmanager
def told() -> Iterator[None]:
    """Turn what a user can mend into one line on stderr and exit code 2."""
    from layers.faults import PatrolmapError

    try:
        yield
    except (PatrolmapError, OSError) as error:
        click.echo(f"patrolmap: {error}", err=True)
        raise SystemExit(2) from error


@contextmanager
def progress(options: Options) -> Iterator[Callable[[str], None]]:
    """Yield a function that names the present step on stderr, for people only."""
    if options.quiet or not sys.stderr.isatty():
        yield lambda _step: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("...") as status:
        yield status.update


def studied(options: Options, *, whatever: bool = False) -> tuple["Project", "Study"]:
    """Read the project and run the whole program on it.

    What was read and matched before is kept with the results: a new day costs its own fixes only.
    So is where duties by chainage lay at their first reading: a redrawn line does not move them.
    A folder without a single course can only be examined: unless `whatever` it raises
    `PatrolmapError` with all that is wrong.
    """
    from geo.program import study
    from layers.baseline import read_baseline, write_baseline
    from layers.doctor import examine
    from layers.faults import PatrolmapError
    from layers.matched import walk_kept
    from layers.read import read
    from layers.shelf import Shelf

    if not options.quiet and not _compiled():
        click.echo("第一次运行,先编译计算内核,约一两分钟 (first run: compiling, once)", err=True)
    with progress(options) as tell:
        project = opened(options)
        tell("读取文件 reading")
        out, day = out_folder(project), as_of_day(options, project)
        shelf = Shelf(out)
        inputs = read(project, shelf)
        tell("逐米对照 joining")
        found = study(
            inputs,
            project.settings,
            day,
            matcher=partial(walk_kept, shelf=shelf, workers=2),
            baseline=read_baseline(out),
        )
        write_baseline(found.baseline, out)
    if not len(found.courses) and not whatever:
        raise PatrolmapError("\n".join(examine(inputs, found.rejects).lines()))
    return project, found


def _compiled() -> bool:
    """Return whether kernels were compiled before: numba keeps them beside their modules."""
    import geo

    return any(Path(geo.__path__[0], "__pycache__").glob("*.nbi"))


def opened(options: Options) -> "Project":
    """Return the project with the language asked for."""
    from layers.project import open_project

    project = open_project(options.folder, options.out)
    if not options.lang:
        return project
    return replace(project, settings=replace(project.settings, language=options.lang))


def as_of_day(options: Options, project: "Project") -> "pd.Timestamp":
    """Return the day asked for, else the project's, else today on the office's clock."""
    import pandas as pd

    asked = as_of_asked(options)
    if asked is not None:
        return asked
    # The one place where a clock is read: everything below takes the day as an argument.
    return (
        project.as_of or pd.Timestamp.now(project.settings.time_zone).tz_localize(None).normalize()  # noqa: TID251
    )


def as_of_asked(options: Options) -> "pd.Timestamp | None":
    """Return the day asked for, however an office writes it, None for none."""
    import pandas as pd

    from layers.dates import days
    from layers.faults import PatrolmapError

    if not options.as_of:
        return None
    day = days(pd.Series([options.as_of]))[0]
    if pd.isna(day):
        msg = f"--as-of: wanted a day such as 2026-09-30, got {options.as_of!r}"
        raise PatrolmapError(msg)
    return pd.Timestamp(day)


def out_folder(project: "Project") -> Path:
    """Return the folder for results, made if need be and marked as such.

    Raises `PatrolmapError` for a folder of the project that holds what the office gave: marked as
    results, it would never be read again.
    """
    from layers.faults import PatrolmapError
    from layers.project import RESULTS_MARK

    out = project.out
    given = [s.file for s in project.sources if out.resolve() in s.path.resolve().parents]
    if given and project.folder.resolve() in out.resolve().parents:
        msg = (
            f"--out: {out} 里有资料 {given[0]},结果请写到另一个文件夹 "
            f"(wanted a folder for results; came one that holds {given[0]}; name another)"
        )
        raise PatrolmapError(msg)
    out.mkdir(parents=True, exist_ok=True)
    if out.resolve() != project.folder.resolve():
        (out / RESULTS_MARK).touch()
    return out


def show_json(value: object) -> None:
    """Print a JSON document; Chinese stays readable."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def with_key(page: "Page") -> "Page":
    """Return `page` with the key of 天地图 from the environment where the project has none."""
    key = page.tianditu_key or os.environ.get("PATROLMAP_TIANDITU_KEY", "")
    return replace(page, tianditu_key=key)
