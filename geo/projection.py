"""Choose the metric CRS in which everything is measured."""

import math

import pyproj
import shapely

# A coarse outline of China with its seas: it only decides the name of the grid. Some tens of
# kilometres across the border either grid is as good, because lengths are corrected to the ground.
_CHINA = shapely.Polygon(
    [
        (73.4, 39.4), (74.0, 40.5), (79.8, 42.0), (80.2, 45.1), (82.4, 45.4), (82.9, 47.3),
        (85.5, 47.2), (85.6, 48.5), (87.6, 49.3), (91.1, 47.0), (91.0, 45.2), (95.5, 44.3),
        (97.0, 42.8), (105.0, 41.6), (112.0, 43.7), (111.8, 45.1), (116.0, 46.4), (119.8, 46.8),
        (115.6, 47.8), (116.6, 49.8), (119.2, 50.1), (120.0, 53.3), (123.5, 53.6), (127.5, 50.3),
        (131.0, 47.8), (135.1, 48.5), (131.1, 44.9), (131.3, 43.0), (130.6, 42.4), (128.0, 42.0),
        (124.3, 39.9), (123.9, 37.0), (122.8, 31.0), (123.0, 25.0), (122.3, 21.0), (118.5, 15.0),
        (118.0, 7.0), (112.0, 3.4), (109.0, 6.0), (109.5, 16.0), (107.9, 20.5), (107.8, 21.5),
        (105.3, 23.3), (102.2, 22.4), (101.2, 21.1), (99.0, 22.0), (97.5, 24.0), (98.6, 28.2),
        (95.4, 29.0), (91.7, 27.7), (88.9, 27.3), (85.5, 28.2), (81.0, 30.1), (78.6, 31.2),
        (78.4, 32.6), (78.0, 35.3), (75.8, 36.6), (74.5, 37.2),
    ]
)  # fmt: skip


def metric_crs(west: float, south: float, east: float, north: float) -> pyproj.CRS:
    """Return the metric CRS for data within these WGS 84 degrees, by the middle of the box.

    In China the 3° Gauss-Krüger zone of CGCS2000 without zone prefix (EPSG 4534 to 4554),
    elsewhere the UTM zone of WGS 84, beyond 84° N and 80° S polar stereographic. Raises
    `ValueError` when the box is not one in degrees.
    """
    box = (west, south, east, north)
    if not all(map(math.isfinite, box)) or not (
        -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    ):
        msg = f"wanted west <= east and south <= north in degrees, got {box}"
        raise ValueError(msg)
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if _CHINA.covers(shapely.Point(longitude, latitude)):
        return pyproj.CRS.from_epsg(4534 + round(longitude / 3) - 25)
    if latitude > 84 or latitude < -80:
        return pyproj.CRS.from_epsg(32661 if latitude > 0 else 32761)
    zone = min(int((longitude + 180) // 6) + 1, 60)
    return pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone)
