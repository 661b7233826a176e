"""The command `check`: the data doctor."""

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

HELP = """Say how every file was understood, and what is wrong with it, line by line.

检查每个文件是怎么读的,哪一行哪一列有问题、怎么改,写成 check.xlsx。

Example: patrolmap check my-town --lang en
"""


@project_command("check", help_text=HELP)
def COMMAND(options: Options) -> None:
    """Write check.xlsx and print the examination; exit 1 when the data has errors."""
    from layers.doctor import examine
    from maps.figures import csv_of, files_told, verdict
    from maps.tables import write_check

    project, study = studied(options, whatever=True)
    found = examine(study.inputs, study.rejects)
    write_check(study, out_folder(project) / "check.xlsx")
    if options.format == "json":
        show_json(found.as_json())
    elif options.format == "csv":
        click.echo(csv_of(study.rejects), nl=False)
    else:
        for line in (*files_told(found.files, study.settings.language), *found.lines()):
            click.echo(line)
        click.echo(verdict(len(found.errors), len(found.warnings), study.settings.language))
    if not found.healthy:
        raise SystemExit(1)
