"""The command `map`: the page, the results file and the findings table."""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

if TYPE_CHECKING:
    from layers.options import Page

HELP = """Draw the map, one file that opens anywhere, and keep the results beside it.

画一张断网也能打开的地图 map.html,并保存结果 patrolmap.gpkg。

Example: patrolmap map my-town --as-of 2026-09-30
"""


@project_command("map", help_text=HELP)
@click.option("--edition", type=click.Choice(["internal", "public"]), default="internal")
@click.option(
    "--password",
    default=None,
    envvar="PATROLMAP_PASSWORD",
    help="Encrypt the data in the page; better given by the variable PATROLMAP_PASSWORD.",
)
def COMMAND(options: Options, edition: str, password: str | None) -> None:
    """Write map.html (or map-public.html), patrolmap.gpkg and findings.xlsx."""
    from maps.results import write_results

    project, study = studied(options)
    page = with_key(project.page)
    out = out_folder(options, project)
    written = write_results(study, out, page=page, edition=edition, password=password)
    if options.format == "json":
        size = {"map": str(written.path), "bytes": written.bytes, "segments": written.segments}
        show_json(size | {"findings": len(study.findings)})
    else:
        click.echo(str(written.path))


def with_key(page: "Page") -> "Page":
    """Return `page` with the key of 天地图 from the environment where the project has none."""
    key = page.tianditu_key or os.environ.get("PATROLMAP_TIANDITU_KEY", "")
    return replace(page, tianditu_key=key)
