"""Write routes for phones: GPX and KML, points and waypoints in the order they are walked."""

from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.schema import Routes
from layers.datum import from_wgs84
from layers.files import whole
from layers.patrols.gpx import PLANNED

_GPX = "http://www.topografix.com/GPX/1/1"
_KML = "http://www.opengis.net/kml/2.2"


def degrees(route: Routes, datum: str = "wgs84") -> list[np.ndarray]:
    """Return the (longitude, latitude) of the points of each leg, in `datum`."""
    coordinates, leg = shapely.get_coordinates(route.geometry.to_numpy(), return_index=True)
    to_wgs84 = pyproj.Transformer.from_crs(route.crs, "EPSG:4326", always_xy=True)
    lon, lat = from_wgs84(*to_wgs84.transform(coordinates[:, 0], coordinates[:, 1]), datum)
    both = np.column_stack([lon, lat])
    return [both[leg == k] for k in range(len(route))]


def write_gpx(route: Routes, path: Path, *, title: str, datum: str = "wgs84") -> None:
    """Write one route: a waypoint where each leg begins, and one unbroken track.

    `datum` shifts the file for apps that draw it on a shifted map without asking; a GPX file in
    another datum than WGS 84 says so in its description.
    """
    points = degrees(route, datum)
    marks = "".join(
        f'<wpt lat="{lat:.7f}" lon="{lon:.7f}"><name>{number:03d}</name>'
        f"<desc>{escape(step)}</desc></wpt>\n"
        for number, step, lon, lat in _marks(route, points)
    )
    track = "".join(
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"></trkpt>\n' for lon, lat in _track(points)
    )
    with whole(path) as file:
        file.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="{PLANNED}" '
            f'xmlns="{_GPX}">\n<metadata><name>{escape(title)}</name><desc>{datum}</desc>'
            f"</metadata>\n{marks}<trk><name>{escape(title)}</name><trkseg>\n{track}"
            "</trkseg></trk>\n</gpx>\n",
            encoding="utf-8",
        )


def write_kml(route: Routes, path: Path, *, title: str, datum: str = "wgs84") -> None:
    """Write one route as KML: as `write_gpx`."""
    points = degrees(route, datum)
    marks = "".join(
        f"<Placemark><name>{number:03d}</name><description>{escape(step)}</description>"
        f"<Point><coordinates>{lon:.7f},{lat:.7f}</coordinates></Point></Placemark>\n"
        for number, step, lon, lat in _marks(route, points)
    )
    line = " ".join(f"{lon:.7f},{lat:.7f}" for lon, lat in _track(points))
    with whole(path) as file:
        file.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_KML}"><Document>'
            f"<name>{escape(title)}</name><description>{datum}</description>\n{marks}"
            f"<Placemark><name>{escape(title)}</name><LineString><coordinates>{line}"
            "</coordinates></LineString></Placemark>\n</Document></kml>\n",
            encoding="utf-8",
        )


def _marks(route: Routes, points: list[np.ndarray]) -> list[tuple[int, str, float, float]]:
    numbers = pd.Series(route["order"]).tolist()
    steps = route["step"].tolist()
    starts = [leg[0] for leg in points]
    return [(n, s, p[0], p[1]) for n, s, p in zip(numbers, steps, starts, strict=True)]


def _track(points: list[np.ndarray]) -> np.ndarray:
    """Return all points in order, a point that is there twice in a row once."""
    every = np.concatenate(points)
    new = np.append(True, (np.abs(np.diff(every, axis=0)) > 1e-9).any(axis=1))
    return every[new]
