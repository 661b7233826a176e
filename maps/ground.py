"""Read a quiet backdrop out of vector tiles (PMTiles): water, green land, roads, borders, places.

GDAL decodes the tiles. It joins nothing, so shapes cut at the edge of a tile are joined here, on
the grid of whole units that vector tiles are written in.
"""

import html
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from layers.datum import to_wgs84
from layers.faults import PatrolmapError
from maps.cells import HALF_WORLD_M
from maps.ground_kinds import AREAS, CLASSES, KEYS, LINES, NAMES, POINTS
from maps.packing import Ints
from maps.pmtiles import Archive, Extent

# Packed bytes of a backdrop: a county's, and a page that still opens at once.
BUDGET = 4_000_000
# What a page shows of the ground; deeper tiles hold houses and footpaths.
DEEPEST = 14
# A vector tile is a grid of so many units, and meant for so many pixels.
_UNITS, _PIXELS = 4096, 512
# Tiles hold much that is not kept: so many of their bytes are read for a byte of the page.
_READ = 8
_MOST_PLACES = 3000
_LONGEST = 200
_REFUSED = (DataSourceError, DataLayerError, FeatureError, GeometryError)
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Ground:
    """A backdrop: rings and lines by class and places by rank, all in Web Mercator metres.

    `unknown` counts what is of no known class by layer and value, `unread` names the layers that
    are not for a backdrop.
    """

    zoom: int
    shapes: Shapes
    kind: Ints
    places: Shapes
    name: NDArray[np.object_]
    rank: Ints
    unknown: Counter[tuple[str, str]]
    unread: tuple[str, ...]


def is_vector(path: Path) -> bool:
    """Return whether an archive holds shapes, not pictures."""
    with path.open("rb") as stream:
        return Archive(path.name, stream).vector


def attribution(path: Path) -> str:
    """Return the source an archive names for itself, as plain text; '' for none."""
    with path.open("rb") as stream:
        told = str(Archive(path.name, stream).metadata().get("attribution") or "")
    # Mostly links: what is left after the tags is still only ever shown as text.
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", told)).split())[:_LONGEST]


def zooms(path: Path, extent: Extent, budget: int) -> tuple[list[int], list[int]]:
    """Return the zooms with tiles over `extent` that are worth reading for `budget`, deepest first.

    The second list is of those with far too many. Every tile of the first is unpacked: GDAL would
    leave a broken one out in silence.
    """
    fit: list[int] = []
    heavy: list[int] = []
    with path.open("rb") as stream:
        archive = Archive(path.name, stream)
        for zoom in range(min(archive.max_zoom, DEEPEST), archive.min_zoom - 1, -1):
            tiles = archive.within(zoom, extent, _READ * budget)
            for _, entry in tiles or ():
                archive.content(entry)
            if tiles is None:
                heavy.append(zoom)
            elif tiles:
                fit.append(zoom)
    return fit, heavy


def read_ground(path: Path, zoom: int, extent: Extent, datum: str) -> Ground:
    """Return the backdrop a zoom of an archive holds over `extent`.

    Raises `PatrolmapError` for an archive that GDAL cannot read.
    """
    listed = _asked(path, pyogrio.list_layers, path)[:, 0].tolist()
    wanted = [layer for layer in listed if layer in AREAS or layer in LINES or layer in POINTS]
    frames = {layer: _layer(path, layer, zoom, extent) for layer in wanted}
    unknown: Counter[tuple[str, str]] = Counter()
    unit = 2 * HALF_WORLD_M / (_UNITS << zoom)
    areas = _kept(frames, AREAS, "Polygon", unknown)
    lines = _kept(frames, LINES, "LineString", unknown)
    places = _kept(frames, POINTS, "Point", unknown)
    places = places[places["name"] != ""].drop_duplicates(["name", "geometry"])
    places = places.sort_values("code", kind="stable").iloc[:_MOST_PLACES]
    kinds: list[int] = []
    simple: list[Shapes] = []
    for code in range(len(CLASSES)):
        for frame, joined in ((areas, _rings), (lines, _lines)):
            shapes = joined(frame.loc[frame["code"] == code, "geometry"].to_numpy(), unit)
            simple.append(shapely.simplify(shapes, unit * _UNITS / _PIXELS / 4))
            kinds += [code] * len(shapes)
    return Ground(
        zoom,
        _shifted(np.concatenate(simple), datum),
        np.array(kinds, dtype=np.int64),
        _shifted(places["geometry"].to_numpy(), datum),
        places["name"].to_numpy(dtype=object),
        places["code"].to_numpy(dtype=np.int64),
        unknown,
        tuple(sorted(set(listed) - set(wanted))),
    )


def _asked(path: Path, ask: Any, *args: Any, **options: Any) -> Any:
    """Return what GDAL answers; what it cannot read is said in one line."""
    try:
        with warnings.catch_warnings():
            # It warns of what a tile's maker could have done better.
            warnings.simplefilter("ignore", RuntimeWarning)
            return ask(*args, **options)
    except (*_REFUSED, shapely.errors.ShapelyError) as error:
        msg = f"{path.name}: wanted vector tiles that GDAL can read; came: {error}"
        raise PatrolmapError(msg) from error


def _layer(path: Path, layer: str, zoom: int, extent: Extent) -> gpd.GeoDataFrame:
    west, south, east, north = extent
    to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    corners = to_metres.transform([west, east], [max(south, -85), min(north, 85)])
    box = (corners[0][0], corners[1][0], corners[0][1], corners[1][1])
    columns = [*KEYS, *NAMES] if layer in POINTS else list(KEYS)
    frame: gpd.GeoDataFrame = _asked(
        path, pyogrio.read_dataframe, path, layer=layer, bbox=box, columns=columns, ZOOM_LEVEL=zoom
    )
    return frame


def _kept(
    frames: dict[str, gpd.GeoDataFrame],
    tables: dict[str, dict[str, int]],
    shape: str,
    unknown: Counter[tuple[str, str]],
) -> pd.DataFrame:
    """Return single shapes of one sort with their code and name; others are counted as unknown."""
    found = [pd.DataFrame({"code": [], "name": [], "geometry": []}).astype({"code": np.int64})]
    for layer, frame in frames.items():
        parts = frame.explode(ignore_index=True)
        mine = parts[parts.geom_type == shape]
        if layer not in tables:
            unknown.update({(layer, shape): len(mine)} if len(mine) else {})
            continue
        code, value = _codes(mine, tables[layer])
        unknown.update((layer, word) for word in value[code < 0])
        name = _first(mine, NAMES)
        rows = pd.DataFrame({"code": code, "name": name, "geometry": mine.geometry.to_numpy()})
        found.append(rows[code >= 0])
    return pd.concat(found, ignore_index=True)


def _codes(frame: pd.DataFrame, table: dict[str, int]) -> tuple[Ints, NDArray[np.object_]]:
    """Return the code of each row, -1 for none, and the value it was looked up by."""
    code = np.full(len(frame), -1, dtype=np.int64)
    for key in KEYS:
        if key in frame:
            words = frame[key].astype(str).str.removesuffix(".0")
            code = np.where(code < 0, words.map(table).fillna(-1).astype(np.int64), code)
    return code, _first(frame, ("kind", "class", "pmap:kind", *KEYS))


def _first(frame: pd.DataFrame, keys: tuple[str, ...]) -> NDArray[np.object_]:
    """Return the first text of each row among `keys`, '' for none."""
    found = np.full(len(frame), "", dtype=object)
    for key in keys:
        if key in frame:
            texts = frame[key].fillna("").astype(str).str.strip().to_numpy(dtype=object)
            found = np.where(found == "", texts, found)
    return found


def _rings(areas: Shapes, unit: float) -> Shapes:
    """Return the rings of areas joined over the edges of tiles; holes turn the other way.

    Filled by the rule that counts turns, rings need not know their area.
    """
    grid = _on_grid(areas, unit)
    edges = shapely.bounds(grid) / (unit * _UNITS)
    at_edge = (np.abs(edges - np.rint(edges)) < 1e-9).any(axis=1)
    joined = shapely.get_parts(shapely.union_all(grid[at_edge]))
    whole = shapely.get_parts(np.r_[grid[~at_edge], joined])
    whole = whole[shapely.get_type_id(whole) == shapely.GeometryType.POLYGON]
    return _near(shapely.get_rings(shapely.orient_polygons(whole)))


def _lines(lines: Shapes, unit: float) -> Shapes:
    """Return lines joined where they meet end to end."""
    grid = _on_grid(lines, unit)
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(grid)))
    return _near(merged)


def _on_grid(shapes: Shapes, unit: float) -> Shapes:
    """Return single valid shapes of the same sort on the grid of the tiles; empty ones are gone."""
    dimension = shapely.get_dimensions(shapes)
    grid = shapely.get_parts(shapely.set_precision(shapely.make_valid(shapes), unit))
    keep = ~shapely.is_empty(grid) & np.isin(shapely.get_dimensions(grid), dimension)
    kept: Shapes = grid[keep]
    return kept


def _near(shapes: Shapes) -> Shapes:
    """Return shapes so ordered that neighbours on the map are neighbours here."""
    if not len(shapes):
        return shapes
    order = gpd.GeoSeries(shapes, crs=3857).hilbert_distance(level=12).to_numpy()
    return shapes[np.argsort(order, kind="stable")]


def _shifted(shapes: Shapes, datum: str) -> Shapes:
    """Return shapes that lie in `datum` where they truly are."""
    if datum == "wgs84" or not len(shapes):
        return shapes
    degrees = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)

    def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = to_wgs84(*degrees.transform(xy[:, 0], xy[:, 1]), datum)
        return np.column_stack(degrees.transform(lon, lat, direction="INVERSE"))

    placed: Shapes = shapely.transform(shapes, moved)
    return placed
