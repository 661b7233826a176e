"""Write what a study leaves in the folder of results: the page, the GeoPackage, the tables."""

from pathlib import Path

import geopandas as gpd
import shapely

from geo.schema import Routes
from geo.study import Study
from geo.words import Text
from layers.faults import PatrolmapError
from layers.options import Page
from layers.store import store
from maps.background import Background, tianditu
from maps.page import Written, write_map
from maps.tables import write_tables

DAY = Text("第{n}天", "day {n}")


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


def write_plan_map(study: Study, routes: Routes, path: Path, *, page: Page) -> Written:
    """Write the internal map with the planned routes drawn over it."""
    legs = routes[
        shapely.get_type_id(routes.geometry.to_numpy()) == shapely.GeometryType.LINESTRING
    ]
    # A tour is drawn as the one line it is walked as, so that its arrows run on.
    tours = legs.groupby(["crew", "day"], sort=False).geometry.agg(_joined).reset_index()
    drawn = gpd.GeoDataFrame(
        tours.assign(day=[DAY.say(study.settings.language, n=day) for day in tours["day"]]),
        crs=routes.crs,
    )
    return write_map(
        study,
        path,
        base=background(page),
        title=page.title or None,
        office=page.office,
        phone_line=page.phone,
        routes=drawn,
    )


def _joined(legs: gpd.GeoSeries) -> shapely.LineString:
    return shapely.LineString(shapely.get_coordinates(legs.to_numpy()))


def background(page: Page) -> Background | None:
    """Return the picture an office wants under its lines; raises `PatrolmapError` for a bad one."""
    try:
        if page.tianditu:
            return tianditu(page.tianditu_key, pictures=page.tianditu == "img")
        if page.background is not None:
            return _inside(page, page.background)
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


def _inside(page: Page, path: Path) -> Background:
    """Return a background that travels in the page: an archive of tiles, or one image."""
    if not path.is_file():
        msg = f"patrolmap.toml [page]: background: wanted a file, there is no {path}"
        raise PatrolmapError(msg)
    datum = page.tiles_datum
    if path.suffix.lower() == ".pmtiles":
        return Background(attribution=page.attribution, archive=path, datum=datum)
    return Background(
        attribution=page.attribution, image=path, bounds=page.background_bounds, datum=datum
    )
