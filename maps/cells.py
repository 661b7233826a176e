"""Round positions to the cells a page counts in: Web Mercator, from a near origin."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo.study import Study
from maps.packing import Ints, Pack

Floats = NDArray[np.float64]
HALF_WORLD_M = 20037508.342789244
# Beyond this many vertices a cell is 1 m of China instead of 13 cm: no screen shows the difference.
FINE_VERTICES = 400_000
# Lines are worked on in blocks: a county's vertices at once would take a quarter of a gigabyte.
_BLOCK = 20_000


@dataclass(frozen=True)
class Cells:
    """The grid positions are rounded to: 2**bits cells round the world, from a near origin."""

    bits: int
    west: int
    north: int

    @property
    def metres(self) -> float:
        """Return the width of a cell on the equator."""
        return 2 * HALF_WORLD_M / (1 << self.bits)

    def of(self, x: Floats, y: Floats, crs: Any) -> tuple[Ints, Ints]:
        """Return positions of `crs` as whole cells east and south of the origin."""
        if not len(x):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        east, north = _to_mercator(pyproj.CRS(crs)).transform(x, y)
        scale = (1 << self.bits) / (2 * HALF_WORLD_M)
        column = np.rint((np.asarray(east) + HALF_WORLD_M) * scale).astype(np.int64) - self.west
        row = np.rint((HALF_WORLD_M - np.asarray(north)) * scale).astype(np.int64) - self.north
        return column, row


@functools.cache
def _to_mercator(crs: pyproj.CRS) -> pyproj.Transformer:
    # Finding the way between two systems costs more than taking it for a small town.
    return pyproj.Transformer.from_crs(crs, 3857, always_xy=True)


def cells_of(study: Study) -> Cells:
    """Return the cells for a study: their size by its vertices, their origin by its extent."""
    vertices = int(shapely.get_num_coordinates(study.segments.geometry.to_numpy()).sum())
    bits = 28 if vertices <= FINE_VERTICES else 25
    frames = [study.segments, study.areas, study.problems, study.parts]
    bounds = np.array([f.total_bounds for f in frames if len(f)]).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return Cells(bits, 0, 0)
    # A box in one projection bulges in another: its corners and edges decide the origin.
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    t = np.linspace(0, 1, 33)
    edge_x = np.r_[west + t * (east - west), west + t * (east - west), t * 0 + west, t * 0 + east]
    edge_y = np.r_[t * 0 + south, t * 0 + north, south + t * (north - south)]
    edge_y = np.r_[edge_y, south + t * (north - south)]
    x, y = Cells(bits, 0, 0).of(edge_x, edge_y, study.inputs.crs)
    return Cells(bits, int(x.min()), int(y.min()))


def lines(pack: Pack, shapes: Any, crs: Any, cells: Cells) -> dict[str, Any]:
    """Add lines, simplified to one cell, as vertex counts and two runs of changing steps.

    Cells that repeat within a line are dropped; a line that starts where the one before it ended is
    marked and does not repeat that vertex. `box` is what they all lie in: west, north, east, south.
    """
    blocks = [
        _vertices(shapes[at : at + _BLOCK], crs, cells)
        for at in range(0, max(len(shapes), 1), _BLOCK)
    ]
    counts, x, y = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    owner = np.repeat(np.arange(len(counts)), counts)
    fresh = np.r_[True, np.diff(owner) != 0][: len(owner)]
    last = np.r_[fresh[1:], True][: len(owner)]
    same = np.r_[False, (np.diff(x) == 0) & (np.diff(y) == 0)][: len(owner)]
    joined = np.zeros(len(counts), dtype=np.int64)
    joined[owner[fresh & same]] = 1
    kept = ~same | (last & ~fresh) | (fresh & ~same)
    return {
        "box": [int(v) for v in (x.min(), y.min(), x.max(), y.max())] if len(x) else None,
        "counts": pack.ints(np.bincount(owner[kept], minlength=len(counts))),
        "joined": pack.ints(joined),
        "x": pack.ints(x[kept], delta=2),
        "y": pack.ints(y[kept], delta=2),
    }


def _vertices(shapes: Any, crs: Any, cells: Cells) -> tuple[Ints, Any, Any]:
    """Return the number of vertices of each line once simplified, and their cells."""
    shapes = shapely.simplify(shapes, cells.metres, preserve_topology=False)
    xy = shapely.get_coordinates(shapes)
    x, y = cells.of(xy[:, 0], xy[:, 1], crs)
    counts = shapely.get_num_coordinates(shapes).astype(np.int64)
    return counts, x.astype(np.int32), y.astype(np.int32)


def points(pack: Pack, shapes: Any, crs: Any, cells: Cells) -> dict[str, Any]:
    """Add one point a row: inside a polygon, on a line; a row without a place is marked."""
    geometry = np.asarray(shapes, dtype=object)
    nowhere = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    inside = shapely.point_on_surface(geometry)
    x = np.where(nowhere, 0.0, shapely.get_x(inside))
    y = np.where(nowhere, 0.0, shapely.get_y(inside))
    column, row = cells.of(x[~nowhere], y[~nowhere], crs)
    return {
        "placed": pack.ints(~nowhere),
        "x": pack.ints(column, delta=1),
        "y": pack.ints(row, delta=1),
    }
