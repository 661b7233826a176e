"""The command `gaps`: unassigned, overlapping, uncovered and overdue metres."""

from typing import TYPE_CHECKING

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

if TYPE_CHECKING:
    from geo.study import Study

HELP = """Say which metres nobody answers for, two people answer for, nobody saw, or are overdue.

没人管、重复管、没巡到、已逾期:逐米列出,写成 findings.xlsx。

Example: patrolmap gaps my-town --level village --format json
"""


@project_command("gaps", help_text=HELP)
@click.option("--level", default="", help="Figures for this level, as town; default: over all.")
@click.option("--explain", nargs=2, metavar="ASSET K3+200", help="Why a metre counts or does not.")
@click.option("--fail-on", multiple=True, metavar="RULE", help="Exit 1 if this rule finds any.")
def COMMAND(
    options: Options, level: str, explain: tuple[str, str] | None, fail_on: tuple[str, ...]
) -> None:
    """Write findings.xlsx and print the figures."""
    from geo.findings import Rule, declared
    from geo.gaps import summary
    from maps.figures import csv_of, table_of
    from maps.tables import write_tables

    known = declared("geo.rules", "RULE", Rule)
    if unknown := [rule for rule in fail_on if rule not in known]:
        raise click.BadParameter(
            f"wanted one of {', '.join(known)}, got {unknown[0]!r}", param_hint="--fail-on"
        )
    project, study = studied(options)
    if explain:
        said = explained(study, *explain)
        if options.format == "json":
            show_json({"why": said})
        else:
            click.echo("\n".join(said))
        return
    write_tables(study, out_folder(project) / "findings.xlsx")
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


def explained(study: "Study", asset: str, chainage: str) -> list[str]:
    """Return why the metre at `chainage` of `asset`, both as an office writes them, counts or not.

    Raises `click.BadParameter` when no asset, several, or no such chainage is meant.
    """
    from geo.chainage import metres
    from geo.explain import explain
    from geo.names import known
    from geo.reasons import Evidence

    names = known(*(study.assets[c] for c in ("asset_id", "name", "code", "kind")))
    ids = names.match(asset).ids
    if len(ids) != 1:
        told = f"several: {', '.join(ids)}" if ids else "none of that name or code"
        raise click.BadParameter(f"wanted one asset, got {told}", param_hint="--explain")
    official = metres(chainage)
    if official is None:
        raise click.BadParameter(
            f"wanted a chainage such as K3+200, got {chainage!r}", param_hint="--explain"
        )
    course_id = study.courses.loc[study.courses["asset_id"] == ids[0], "course_id"].iloc[0]
    along = float(study.calibration.to_internal([course_id], [official])[0])
    evidence = Evidence(
        trails=study.trails,
        boxes=study.gist.boxes,
        patrols=study.patrols,
        passages=study.passages,
        courses=study.courses,
        lines=study.lines,
        settings=study.settings,
    )
    try:
        return explain(evidence, course_id, along)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--explain") from error
