"""Write what a crew takes along: tracks for phones, a step list to print, a roster."""

from pathlib import Path

from geo.dispatch import Dispatched
from geo.schema import Courses, Routes
from geo.words import Language
from layers.files import whole
from maps.gpx import write_gpx, write_kml
from maps.roster_book import write_roster
from maps.routes import each, stems, title_of
from maps.steps import step_list


def write_routes(
    made: Dispatched,
    courses: Courses,
    folder: Path,
    *,
    language: Language = "zh",
    datum: str = "wgs84",
    before: Routes | None = None,
) -> list[Path]:
    """Write a GPX and a KML a crew and day, steps.html and roster.xlsx; return their paths.

    Tracks of the plan `before` go: a crew must not find yesterday's beside today's.
    """
    for stem in stems(before).values() if before is not None else ():
        for suffix in (".gpx", ".kml"):
            (folder / f"{stem}{suffix}").unlink(missing_ok=True)
    written = []
    names = stems(made.planned.routes)
    for key, route in each(made.planned.routes):
        title = title_of(made, key, language)
        for suffix, write in ((".gpx", write_gpx), (".kml", write_kml)):
            path = folder / f"{names[key]}{suffix}"
            write(route, path, title=title, datum=datum)
            written.append(path)
    steps, roster = folder / "steps.html", folder / "roster.xlsx"
    with whole(steps) as file:
        file.write_text(step_list(made, courses, language=language), encoding="utf-8")
    write_roster(made, roster, language=language)
    return [*written, steps, roster]
