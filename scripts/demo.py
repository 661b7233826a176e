"""The command `demo`: an invented office, the whole program on it, and where its map is."""

from pathlib import Path

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

HELP = """Make a demo office, run everything on it, and say where the map is.

造一个演示乡镇(虚构),跑完全程,并告诉你地图在哪里。

Example: patrolmap demo
"""


@project_command("demo", help_text=HELP, folder=Path("demo"))
@click.option("--seed", default=20260930, show_default=True, help="Another seed, another town.")
def COMMAND(options: Options, seed: int) -> None:
    """Write the office, then what `map` writes, then ten lines of figures."""
    from geo.gaps import summary
    from layers.demo.write import write_office
    from maps.figures import csv_of, table_of
    from maps.results import write_results

    write_office(options.folder, seed=seed)
    project, study = studied(options)
    written = write_results(study, out_folder(project), page=project.page)
    if options.format == "json":
        show_json(summary(study) | {"map": str(written.path.resolve())})
    elif options.format == "csv":
        click.echo(csv_of(study.findings), nl=False)
    else:
        click.echo(table_of(summary(study), study.settings.language))
        click.echo(str(written.path.resolve()))
