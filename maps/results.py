"""Write what a study leaves in the folder of results: the page, the GeoPackage, the tables."""

from pathlib import Path

from geo.study import Study
from layers.store import store
from maps.page import Written, write_map
from maps.tables import write_tables


def write_results(
    study: Study, out: Path, *, edition: str = "internal", password: str | None = None
) -> Written:
    """Write the map of an edition, patrolmap.gpkg and findings.xlsx; return what became of the map.

    The GeoPackage and the table are always the internal ones: only the page is made to be shown.
    """
    out.mkdir(parents=True, exist_ok=True)
    name = "map.html" if edition == "internal" else "map-public.html"
    written = write_map(study, out / name, edition=edition, password=password)
    store(study, out / "patrolmap.gpkg")
    write_tables(study, out / "findings.xlsx")
    return written
