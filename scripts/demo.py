"""The command `demo`: an invented office, the whole program on it, and where its map is."""

from pathlib import Path
from typing import Literal

import click

from scripts.options import FOLDER, Options, studied, told

HELP = """Make a demo office, run everything on it, and say where the map is.

造一个演示乡镇(虚构),跑完全程,并告诉你地图在哪里。

Example: patrolmap demo
"""


@click.command("demo", help=HELP)
@click.argument("folder", type=FOLDER, metavar="[DIR]", default="demo")
@click.option("--seed", default=20260930, show_default=True, help="Another seed, another town.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
def COMMAND(folder: Path, *, seed: int, lang: Literal["zh", "en"], quiet: bool) -> None:
    """Write the office, then what `map` writes, then ten lines of figures."""
    from geo.gaps import summary
    from layers.demo.write import write_office
    from maps.figures import table_of
    from maps.results import write_results

    with told():
        write_office(folder, seed=seed)
        project, study = studied(Options(folder, "", None, lang, "table", quiet))
        written = write_results(study, project.out, page=project.page)
    click.echo(table_of(summary(study), study.settings.language))
    click.echo(str(written.path.resolve()))
