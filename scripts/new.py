"""The command `new`: start a project."""

import click

from scripts.options import Options, as_of_asked, project_command, show_json

HELP = """Start a project: a commented patrolmap.toml and empty Excel tables to fill in.

新建一个项目文件夹:带说明的 patrolmap.toml 和空白的责任、巡查、问题、班组表。
写了 --as-of、--out、--lang,就记进 patrolmap.toml。

Example: patrolmap new my-town
"""


@project_command("new", help_text=HELP)
def COMMAND(options: Options) -> None:
    """Write the templates; never over a file that is there."""
    from layers.template import start

    day = as_of_asked(options)
    told = {
        "language": options.lang,
        "as_of": day.date() if day is not None else None,
        "out": options.out and options.out.as_posix(),
    }
    written = [str(path) for path in start(options.folder, told)]
    if options.format == "json":
        show_json({"written": written})
    else:
        for path in written:
            click.echo(path)
