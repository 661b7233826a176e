"""The command `map`: the page, the results file and the findings table."""

import click

from scripts.options import Options, out_folder, project_command, show_json, studied

HELP = """Draw the map, one file that opens anywhere, and keep the results beside it.

画一张断网也能打开的地图 map.html,并保存结果 patrolmap.gpkg。

Example: patrolmap map my-town --as-of 2026-09-30
"""


@project_command("map", help_text=HELP)
@click.option("--edition", type=click.Choice(["internal", "public"]), default="internal")
@click.option("--password", default=None, help="Encrypt the data in the page.")
def COMMAND(options: Options, edition: str, password: str | None) -> None:
    """Write map.html (or map-public.html), patrolmap.gpkg and findings.xlsx."""
    from layers.store import write_results

    from maps.page import write_map
    from maps.tables import write_tables

    project, study = studied(options)
    out = out_folder(options)
    name = "map.html" if edition == "internal" else "map-public.html"
    written = write_map(study, out / name, edition=edition, password=password)
    write_results(study, project, out / "patrolmap.gpkg")
    write_tables(study, out / "findings.xlsx")
    if options.format == "json":
        show_json({"map": str(out / name), "bytes": written.bytes, "findings": len(study.findings)})
    else:
        click.echo(str(out / name))
