"""The command `suggest`: propose a holder for every metre that has none."""

import click

from scripts.options import Options, out_folder, project_command, show_json, studied, with_key

HELP = """Propose a holder, with reasons, for every stretch that has none.

没人管的河段、路段该给谁:就近就便、首尾相接、轻重均衡,说明理由,写成可直接粘进责任表的 suggest.xlsx。

Example: patrolmap suggest my-town --cap-km 8
"""


@project_command("suggest", help_text=HELP)
@click.option("--cap-km", type=click.FloatRange(min=0, min_open=True), default=None,
              help="No holder above this load in one post; default: no cap.")  # fmt: skip
@click.option(
    "--groups", is_flag=True, help="Deputy groups: every group one river, every river a group."
)
def COMMAND(options: Options, cap_km: float | None, groups: bool) -> None:  # noqa: FBT001
    """Write suggest.xlsx, suggest.geojson and suggest/map.html, and print the proposals."""
    from geo.deputies import group_rivers
    from geo.suggest import Wishes, suggest
    from layers.forms import forms
    from maps.figures import csv_of
    from maps.handover import write_handover
    from maps.pasting import write_pasted
    from maps.proposals import pasted, write_overlay, write_proposals

    project, study = studied(options)
    cap_m = float("inf") if cap_km is None else 1000 * cap_km
    found = group_rivers(study) if groups else suggest(study, Wishes(cap_m=cap_m))
    out = out_folder(project)
    write_proposals(study, found, out / "suggest.xlsx")
    write_overlay(study, found, out / "suggest.geojson")
    told = write_pasted(study, found, forms(project.sources), out / "suggest")
    page = with_key(project.page)
    shown = write_handover(study, found, out / "suggest" / "map.html", page=page)
    rows = pasted(study, found)
    if options.format == "json":
        show_json({"says": list(found.says), "proposals": rows.to_dict("records")})
    elif options.format == "csv":
        click.echo(csv_of(rows), nl=False)
    else:
        for word in found.says:
            click.echo(word)
        for row in rows.to_dict("records"):
            name = row["name"] or row["code"] or row["kind"]
            place = f"{name} {row['from']}–{row['to']} {row['side']}".rstrip()
            click.echo(f"{place} → {row['holder'] or '—'}: {row['why']}")
        for word in told:
            click.echo(word)
        click.echo(shown.path)
