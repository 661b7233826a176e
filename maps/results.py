"""Write what a study leaves in the folder of results: the page, the GeoPackage, the tables."""

from pathlib import Path

from geo.study import Study
from layers.faults import PatrolmapError
from layers.options import Page
from layers.store import store
from maps.background import Background, tianditu
from maps.page import Written, write_map
from maps.tables import write_tables


def write_results(
    study: Study,
    out: Path,
    *,
    page: Page | None = None,
    edition: str = "internal",
    password: str | None = None,
) -> Written:
    """Write the map of an edition, patrolmap.gpkg and findings.xlsx; return what became of the map.

    The GeoPackage and the table are always the internal ones: only the page is made to be shown.
    """
    page = page or Page()
    out.mkdir(parents=True, exist_ok=True)
    written = write_map(
        study,
        out / ("map.html" if edition == "internal" else "map-public.html"),
        edition=edition,
        password=password,
        base=background(page),
        title=page.title or None,
        office=page.office,
        phone_line=page.phone,
    )
    store(study, out / "patrolmap.gpkg")
    write_tables(study, out / "findings.xlsx")
    return written


def background(page: Page) -> Background | None:
    """Return the picture an office wants under its lines; raises `PatrolmapError` for a bad one."""
    try:
        if page.tianditu:
            return tianditu(page.tianditu_key, pictures=page.tianditu == "img")
        if not page.tiles:
            return None
        return Background(
            attribution=page.attribution,
            tiles=page.tiles,
            labels=page.labels,
            subdomains=page.subdomains,
            datum=page.tiles_datum,
        )
    except ValueError as error:
        msg = f"patrolmap.toml [page]: {error}"
        raise PatrolmapError(msg) from error
