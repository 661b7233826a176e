"""The command `map`: the page, the results file and the findings table."""

import click

from scripts.options import Options, out_folder, project_command, show_json, studied, with_key

HELP = """Draw the map, one file that opens anywhere, and keep the results beside it.

画一张断网也能打开的地图 map.html,并保存结果 patrolmap.gpkg。

Example: patrolmap map my-town --as-of 2026-09-30
"""


@project_command("map", help_text=HELP)
@click.option(
    "--edition",
    type=click.Choice(["internal", "public"]),
    default="internal",
    show_default=True,
    help="The public one holds no telephone, no track and no time finer than a day.",
)
@click.option(
    "--password",
    default=None,
    envvar="PATROLMAP_PASSWORD",
    help="Encrypt the data in the page; better given by the variable PATROLMAP_PASSWORD.",
)
def COMMAND(options: Options, edition: str, password: str | None) -> None:
    """Write map.html (or map-public.html), patrolmap.gpkg and findings.xlsx."""
    from layers.plans import NAME, read_plan
    from maps.results import write_results

    project, study = studied(options)
    page = with_key(project.page)
    out = out_folder(project)
    kept = out / "routes" / NAME
    plan = read_plan(kept, study) if kept.is_file() else None
    written = write_results(study, out, page=page, edition=edition, password=password, plan=plan)
    if written.says:
        click.echo(written.says, err=True)
    if options.format == "json":
        size = {"map": str(written.path), "bytes": written.bytes, "segments": written.segments}
        show_json(size | {"findings": len(study.findings)})
    else:
        click.echo(str(written.path))
