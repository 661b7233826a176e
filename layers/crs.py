"""Decide which coordinate reference system a file's numbers are in, and bring them to WGS 84.

A file may say nothing, or say what is not so. Numbers are believed before labels: no longitude is
4,054,918, and no survey lies within 180 metres of the equator. A few wrong numbers do not decide.
"""

from dataclasses import dataclass

import numpy as np
import pyproj
from numpy.typing import NDArray

from layers.faults import Fault

Floats = NDArray[np.float64]
WGS84 = pyproj.CRS.from_epsg(4326)
# A little over, for lines that touch the edge of the world and rounding.
_LON, _LAT = 180.5, 90.5
# One row typed wrong must not cost an office its whole file: this share of the numbers decides.
_MOST = 0.9
_OLD = ("beijing 1954", "beijing_1954", "xian 1980", "xian_1980", "new beijing")


@dataclass(frozen=True)
class Judged:
    """The system to take, None when it cannot be told, and whether x and y change places."""

    crs: pyproj.CRS | None
    swap: bool = False
    fault: Fault | None = None


def judge(file: str, crs: pyproj.CRS | None, x: Floats, y: Floats, told: str = "") -> Judged:
    """Return the system of coordinates in a file that says `crs`; `told` is the user's own word.

    Only finite coordinates count; a file without any keeps what it says, else WGS 84.
    """
    if told:
        return Judged(pyproj.CRS.from_user_input(told))
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return Judged(crs or WGS84)
    x, y = x[finite], y[finite]
    came = f"{x[0]:.10g}, {y[0]:.10g}"
    if crs is None:
        return _by_numbers(file, x, y, came) or Judged(None, fault=_fault("no_crs", file, came))
    if crs.is_geographic:
        if _fit(x, y, _LON, _LAT):
            return Judged(crs, fault=_aged(file, crs))
        fallback = Judged(None, fault=_fault("bad_crs", file, came, crs.name))
        return _by_numbers(file, x, y, came) or fallback
    if crs.is_projected:
        if _fit(x, y, 180.0, 90.0) and np.median(np.hypot(x, y)) > 3:
            return _by_numbers(file, x, y, came) or Judged(crs)
        return Judged(crs, fault=_aged(file, crs))
    return Judged(None, fault=_fault("no_crs", file, came))


def degrees(x: Floats, y: Floats, crs: pyproj.CRS) -> tuple[Floats, Floats]:
    """Return WGS 84 longitudes and latitudes, NaN for what the system cannot hold."""
    lon, lat = x, y
    if crs != WGS84 and crs.to_epsg() not in {4326, 4490}:
        lon, lat = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    outside = ~((np.abs(lon) <= _LON) & (np.abs(lat) <= _LAT))
    return np.where(outside, np.nan, lon), np.where(outside, np.nan, lat)


def _by_numbers(file: str, x: Floats, y: Floats, came: str) -> Judged | None:
    """Return what bare numbers tell, None when they do not: degrees, or a grid with its zone."""
    if _fit(x, y, _LON, _LAT):
        return Judged(WGS84, fault=_fault("assumed_crs", file, came, "WGS 84"))
    if _fit(x, y, _LAT, _LON):
        return Judged(WGS84, swap=True, fault=_fault("swapped", file, came))
    for east, north, swap in ((x, y, False), (y, x, True)):
        # Surveyors write X for the northing, of 7 digits in China.
        zone = int(np.median(np.floor(east / 1e6)))
        inside = (north > 1.5e6) & (north < 6.2e6) & (np.floor(east / 1e6) == zone)
        if inside.mean() < _MOST:
            continue
        # Six-degree zones below 16 are also what Web Mercator gives for China.
        code = 4488 + zone if 25 <= zone <= 45 else 4478 + zone if 16 <= zone <= 23 else 0
        if code:
            named = pyproj.CRS.from_epsg(code)
            text = f"EPSG:{code} {named.name}"
            return Judged(named, swap=swap, fault=_fault("assumed_crs", file, came, text))
    return None


def _fit(x: Floats, y: Floats, x_limit: float, y_limit: float) -> bool:
    return bool(((np.abs(x) <= x_limit) & (np.abs(y) <= y_limit)).mean() >= _MOST)


def _aged(file: str, crs: pyproj.CRS) -> Fault | None:
    old = any(name in crs.name.casefold() for name in _OLD)
    return _fault("old_datum", file, crs.name) if old else None


def _fault(rule: str, file: str, came: str, wanted: str = "") -> Fault:
    return Fault(rule, file, values={"came": came, "wanted": wanted})
