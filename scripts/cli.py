"""Gather the commands: every module of `scripts` that declares COMMAND is one."""

import importlib
import os
import pkgutil
import sys
import tempfile
import traceback
from pathlib import Path
from types import TracebackType

import click

import scripts

NOT_COMMANDS = {"cli", "make", "options"}
HELP = """Join layers, responsibility tables and patrol logs metre by metre.

把图层、责任表和巡查记录逐米对上:哪段没人管、哪段重复、哪段没巡到、明天去哪里。

\b
patrolmap demo            make a demo office and its map
patrolmap new my-town     start a project
patrolmap map my-town     draw the map
"""


class Commands(click.Group):
    """A group whose commands are found by walking the package, imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, sorted."""
        del ctx
        found = {module.name for module in pkgutil.iter_modules(scripts.__path__)}
        return sorted(found - NOT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, or None for a word that is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"scripts.{cmd_name}").COMMAND
        if not isinstance(command, click.Command):
            msg = f"scripts/{cmd_name}.py: wanted COMMAND to be a click command"
            raise TypeError(msg)
        return command


@click.command(cls=Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="patrolmap", message="patrolmap %(version)s")
def main() -> None:
    """Find the command asked for and run it."""


def run() -> None:
    """Run the command line so that a fault of ours, too, is one line and exit code 2."""
    sys.excepthook = _one_line
    main()


def _one_line(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """Keep the traceback in a file that can be sent to us, and say where it is."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="patrolmap-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(kind, error, where, file=file)
    click.echo(
        f"patrolmap: 程序自身出错,请把 {Path(file.name)} 发给我们 "
        f"(a fault of the program itself, please send us this file): {kind.__name__}: {error}",
        err=True,
    )
    # Python itself would end with 1, which means that the data have errors.
    sys.stderr.flush()
    os._exit(2)


if __name__ == "__main__":
    run()
