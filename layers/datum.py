"""Undo the shifts of Chinese web maps: GCJ-02 (Amap, Tencent) and BD-09 (Baidu).

The formula is the public approximation of a shift that was never published; it is some metres off
the official one, so nothing converted by it is claimed to better than that.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
_A, _EE = 6378245.0, 0.00669342162296594323
_BD = np.pi * 3000.0 / 180.0
_CLOSE_DEG = 1e-10
_ROUNDS = 30


def to_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Return WGS 84 degrees of positions in `datum`; CGCS2000 differs by less than a metre: none.

    The inverse is found by iteration to 1e-9 degrees (0.1 mm). Outside China nothing is shifted.
    """
    if datum == "gcj02":
        return _undo(_gcj02, lon, lat)
    if datum == "bd09":
        return _undo(_bd09, lon, lat)
    return lon, lat


def from_wgs84(lon: Floats, lat: Floats, datum: str) -> tuple[Floats, Floats]:
    """Return degrees in `datum` of WGS 84 positions."""
    if datum == "gcj02":
        return _gcj02(lon, lat)
    if datum == "bd09":
        return _bd09(lon, lat)
    return lon, lat


def in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Return which positions the web maps shift: those in the box that their own code uses."""
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _undo(shift: _Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return what `shift` takes to the given degrees: w <- w - (shift(w) - given)."""
    x, y = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    # Each by itself, as long as it moves: a position must not depend on those read with it.
    moving = in_china(x, y)
    for _ in range(_ROUNDS):
        east, north = shift(x, y)
        off_x, off_y = np.where(moving, east - lon, 0.0), np.where(moving, north - lat, 0.0)
        x, y = x - off_x, y - off_y
        moving = np.maximum(np.abs(off_x), np.abs(off_y)) >= _CLOSE_DEG
        if not moving.any():
            break
    return x, y


def _gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    latitude = np.radians(lat)
    magic = 1 - _EE * np.sin(latitude) ** 2
    north = np.degrees(north / ((_A * (1 - _EE)) / (magic * np.sqrt(magic))))
    east = np.degrees(east / (_A / np.sqrt(magic) * np.cos(latitude)))
    inside = in_china(lon, lat)
    return lon + np.where(inside, east, 0.0), lat + np.where(inside, north, 0.0)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = _gcj02(lon, lat)
    far = np.hypot(x, y) + 0.00002 * np.sin(y * _BD)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD)
    inside = in_china(lon, lat)
    return (
        np.where(inside, far * np.cos(angle) + 0.0065, lon),
        np.where(inside, far * np.sin(angle) + 0.006, lat),
    )
