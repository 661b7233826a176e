"""The command `new`: start a project."""

from pathlib import Path

import click

from scripts.options import FOLDER, told

HELP = """Start a project: a commented patrolmap.toml and empty Excel tables to fill in.

新建一个项目文件夹:带说明的 patrolmap.toml 和空白的责任、巡查、问题、班组表。

Example: patrolmap new my-town
"""


@click.command("new", help=HELP)
@click.argument("folder", type=FOLDER, metavar="DIR")
def COMMAND(folder: Path) -> None:
    """Write the templates; never over a file that is there."""
    from layers.template import start

    with told():
        for path in start(folder):
            click.echo(str(path))
