"""The command `gaps`: unassigned, overlapping, uncovered and overdue metres."""

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

HELP = """Say which metres nobody answers for, two people answer for, nobody saw, or are overdue.

没人管、重复管、没巡到、已逾期:逐米列出,写成 findings.xlsx。

Example: patrolmap gaps my-town --level village --format json
"""


@project_command("gaps", help_text=HELP)
@click.option("--level", default="", help="Figures for this level, as town; default: over all.")
@click.option("--fail-on", multiple=True, metavar="RULE", help="Exit 1 if this rule finds any.")
def COMMAND(options: Options, level: str, fail_on: tuple[str, ...]) -> None:
    """Write findings.xlsx and print the figures."""
    from geo.gaps import summary
    from maps.figures import csv_of, table_of
    from maps.tables import write_tables

    _, study = studied(options)
    write_tables(study, out_folder(options) / "findings.xlsx")
    try:
        figures = summary(study, level)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--level") from error
    if options.format == "json":
        show_json(figures)
    elif options.format == "csv":
        click.echo(csv_of(study.findings), nl=False)
    else:
        click.echo(table_of(figures, study.settings.language))
    if any(figures["findings"].get(rule) for rule in fail_on):
        raise SystemExit(1)
