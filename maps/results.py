"""Write what a study leaves in the folder of results: the page, the GeoPackage, the tables."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.dispatch import Dispatched
from geo.schema import Routes
from geo.study import Study
from geo.words import Language
from layers.faults import PatrolmapError
from layers.options import Page
from layers.plans import Plan
from layers.store import store
from maps.background import Background, tianditu
from maps.ground import attribution
from maps.page import Written, write_map
from maps.routes import date_of
from maps.tables import write_tables


def write_results(
    study: Study,
    out: Path,
    *,
    page: Page | None = None,
    edition: str = "internal",
    password: str | None = None,
    plan: Plan | None = None,
) -> Written:
    """Write the map of an edition, patrolmap.gpkg and findings.xlsx; return what became of the map.

    The GeoPackage and the table are always the internal ones: only the page is made to be shown.
    """
    page = page or Page()
    language = study.settings.language
    routes = None if plan is None else dated(plan.routes, plan.first_on, language)
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
        routes=routes,
        photos=page.photos,
    )
    store(study, out / "patrolmap.gpkg", routes=None if plan is None else plan.routes)
    write_tables(study, out / "findings.xlsx")
    return written


def write_plan(study: Study, made: Dispatched, out: Path, *, page: Page) -> Written:
    """Write the internal map of planned routes to out/routes, and them into patrolmap.gpkg."""
    routes = made.planned.routes
    store(study, out / "patrolmap.gpkg", routes=routes)
    return write_map(
        study,
        out / "routes" / "map.html",
        base=background(page),
        title=page.title or None,
        office=page.office,
        phone_line=page.phone,
        routes=dated(routes, made.first_on, study.settings.language),
        plan=True,
    )


def dated(routes: Routes, first_on: pd.Timestamp, language: Language) -> gpd.GeoDataFrame:
    """Return routes with the date of each day in words, as a page shows them."""
    words = {day: date_of(first_on, day, language) for day in sorted(set(routes["day"]))}
    return gpd.GeoDataFrame(routes.assign(date=routes["day"].map(words)), crs=routes.crs)


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
        # What the file says of its source is shown too, whatever the office adds.
        sources = dict.fromkeys(filter(None, (page.attribution, attribution(path))))
        budget = round(page.background_mb * 1e6)
        return Background(attribution=" · ".join(sources), archive=path, datum=datum, budget=budget)
    return Background(
        attribution=page.attribution, image=path, bounds=page.background_bounds, datum=datum
    )
