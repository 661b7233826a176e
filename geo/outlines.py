"""Take from features what can be measured: lines, and the shores of water drawn as areas."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.lines import stretching
from geo.schema import Features
from geo.words import Language, Text

Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]
Geometries = NDArray[np.object_]
Reject = tuple[str, int, str, str, str, str]

# Chainages are whole millimetres: what is shorter has no length.
_SHORTEST_M = 0.001

_FAULTS = {
    "geometry_empty": Text(
        "没有图形,应为线或面;请在原图层补画", "no geometry; wanted a line or an area; draw it"
    ),
    "geometry_broken": Text(
        "坐标不是有限数,应为线或面;请重新导出该图层",
        "coordinates are not finite; wanted a line or an area; export the layer again",
    ),
    "geometry_point": Text(
        "是点,应为线或面;点状设施请放入部位图层",
        "a point; wanted a line or an area; points belong to the parts layer",
    ),
    "geometry_far": Text(
        "坐标落在投影范围之外,很可能坐标系写错了;请核对图层的坐标系",
        "coordinates lie beyond the reach of the projection; check the CRS of the layer",
    ),
    "geometry_zero": Text(
        "长度不足 1 毫米,应为线或面;请删除或重画",
        "shorter than 1 mm; wanted a line or an area; delete or redraw it",
    ),
    "geometry_area": Text(
        "道路画成了面,应为线;请改画中心线",
        "a road drawn as an area; wanted a line; draw its centre line",
    ),
}
_REPAIRED = Text(
    "面的边界自相交,已修复后使用,请核对岸线",
    "the outline of the area crosses itself; used after repair, check its shore",
)


@dataclass(frozen=True)
class Outlines:
    """Single lines, in the order of the features, each with the number of its feature.

    `area` is true for rings of polygons: closed, the water on the left, starting at their
    southernmost vertex; `hole` for those among them that go round an island.
    """

    line: Geometries
    feature: Ints
    area: Yes
    hole: Yes

    def take(self, rows: Ints | Yes) -> "Outlines":
        """Return some of the lines."""
        return Outlines(self.line[rows], self.feature[rows], self.area[rows], self.hole[rows])


def outlines(features: Features, language: Language) -> tuple[Outlines, list[Reject]]:
    """Return the lines of `features`, and a reject for every feature that has none.

    An area that crosses itself is repaired and reported as a warning.
    """
    geometry = shapely.force_2d(features.geometry.to_numpy())
    parts, feature = _parts(geometry)
    type_id = shapely.get_type_id(parts)
    finite = _finite(parts)
    far = finite & ~_in_reach(parts, pyproj.CRS(features.crs))
    finite &= ~far
    road = (features["kind"].to_numpy(dtype=object) == "road")[feature]
    polygon = finite & (type_id == 3)
    long = finite.copy()
    long[finite] = shapely.length(parts[finite]) >= _SHORTEST_M
    line = long & np.isin(type_id, (1, 2))
    shores, repaired = _shores(parts[polygon & long & ~road], feature[polygon & long & ~road])
    both = Outlines(
        line=np.concatenate([parts[line], shores.line]),
        feature=np.concatenate([feature[line], shores.feature]),
        area=np.concatenate([np.zeros(int(line.sum()), dtype=bool), shores.area]),
        hole=np.concatenate([np.zeros(int(line.sum()), dtype=bool), shores.hole]),
    )
    found = both.take(np.argsort(both.feature, kind="stable"))

    without = np.ones(len(features), dtype=bool)
    without[found.feature] = False
    fault = np.full(len(features), "geometry_empty", dtype=object)
    # From the least to the most telling: a later reason overwrites an earlier one.
    for name, where in (
        ("geometry_point", np.isin(type_id, (0,))),
        ("geometry_zero", np.isin(type_id, (1, 2, 3))),
        ("geometry_area", polygon & road),
        ("geometry_broken", ~finite & ~far),
        ("geometry_far", far),
    ):
        fault[feature[where]] = name
    rejected = _said(features, np.flatnonzero(without), fault, "error", _FAULTS, language)
    mended = np.full(len(features), "geometry_repaired", dtype=object)
    said = {"geometry_repaired": _REPAIRED}
    return found, rejected + _said(features, repaired, mended, "warning", said, language)


def _parts(geometry: Geometries) -> tuple[Geometries, Ints]:
    """Return all single parts, those of nested collections too, and whose they are."""
    parts, outer = shapely.get_parts(geometry, return_index=True)
    single, inner = shapely.get_parts(parts, return_index=True)
    filled = ~shapely.is_empty(single)
    return single[filled], outer[inner][filled].astype(np.int64)


def _finite(parts: Geometries) -> Yes:
    xy, owner = shapely.get_coordinates(parts, return_index=True)
    broken = np.bincount(owner, weights=~np.isfinite(xy).all(axis=1), minlength=len(parts))
    return np.asarray(broken == 0)


def _in_reach(parts: Geometries, crs: pyproj.CRS) -> Yes:
    """Return which parts lie, by the corners of their box, where the projection is of use."""
    # Beyond twofold stretching a metre says nothing; zones are good for some thousandths.
    corners = np.nan_to_num(shapely.bounds(parts), posinf=0, neginf=0).reshape(-1, 2)
    scale = stretching(corners[:, 0], corners[:, 1], crs).reshape(-1, 2)
    return np.asarray((np.abs(np.log2(np.where(scale > 0, scale, 9))) <= 1).all(axis=1))


def _shores(polygons: Geometries, feature: Ints) -> tuple[Outlines, Ints]:
    """Return the rings of polygons as shores, and the features that had to be repaired."""
    valid = shapely.is_valid(polygons)
    repaired = np.unique(feature[~valid])
    whole = polygons.copy()
    whole[~valid] = shapely.make_valid(polygons[~valid])
    mended, owner = _parts(whole)
    areal = shapely.get_type_id(mended) == 3
    mended, feature = mended[areal], feature[owner[areal]]
    # Both the outer ring and the rings of islands then have the water on their left.
    rings, of = shapely.get_rings(shapely.orient_polygons(mended), return_index=True)
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = of[1:] == of[:-1]
    count = len(rings)
    shores = Outlines(_from_the_south(rings), feature[of], np.ones(count, dtype=bool), hole)
    return shores, repaired


def merged(found: Outlines, asset: Ints) -> tuple[Outlines, Ints]:
    """Return the outlines with areas of one asset that touch or overlap made one, and their assets.

    A shore between two areas of one water is no shore: it would be measured twice.
    """
    shells = np.bincount(asset[found.area & ~found.hole], minlength=int(asset.max(initial=0)) + 1)
    several = found.area & (shells[asset] > 1)
    kept = [found.take(~several)]
    owners = [asset[~several]]
    for one in np.unique(asset[several]):
        rows = np.flatnonzero(several & (asset == one))
        water = shapely.union_all(_polygons(found.line[rows], found.hole[rows]))
        whole = shapely.get_parts(shapely.orient_polygons(water))
        rings, of = shapely.get_rings(whole, return_index=True)
        if len(rings) == len(rows):
            kept.append(found.take(rows))
        else:
            hole = np.append(False, of[1:] == of[:-1])
            feature = np.full(len(rings), found.feature[rows[0]])
            area = np.ones(len(rings), dtype=bool)
            kept.append(Outlines(_from_the_south(rings), feature, area, hole))
        owners.append(np.full(len(kept[-1].line), one))
    columns = zip(*((k.line, k.feature, k.area, k.hole) for k in kept), strict=True)
    return Outlines(*(np.concatenate(column) for column in columns)), np.concatenate(owners)


def _polygons(rings: Geometries, hole: Yes) -> Geometries:
    """Return polygons from rings, each outer ring followed by its holes."""
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    loops = np.asarray(shapely.linearrings(xy, indices=owner))
    return np.asarray(shapely.polygons(loops, indices=np.cumsum(~hole) - 1))


def repeated(features: Features, found: Outlines, asset: Ints) -> Yes:
    """Return which outlines were drawn before, to the millimetre, either way round.

    A line of an asset repeats another line of the same asset; what has neither name nor code
    repeats whatever is drawn alike of its kind, and a named one goes first.
    """
    xy, owner = shapely.get_coordinates(found.line, return_index=True)
    rounded = shapely.linestrings(np.round(xy, 3), indices=owner) if len(xy) else found.line
    shape = shapely.to_wkb(shapely.normalize(rounded))
    own = features.iloc[found.feature]
    nameless = ((own["name"] == "") & (own["code"] == "")).to_numpy()
    alike = pd.DataFrame({"kind": own["kind"].to_numpy(), "hole": found.hole, "shape": shape})
    again = alike.iloc[np.argsort(nameless, kind="stable")].duplicated().sort_index().to_numpy()
    in_asset = pd.DataFrame({"asset": asset, "shape": shape}).duplicated().to_numpy()
    return np.asarray((in_asset & ~found.area) | (again & nameless))


def shores(rings: Geometries, *, holes: bool = False) -> Geometries:
    """Return closed lines with what they enclose on the left (right for holes), from the south."""
    turned = shapely.is_ccw(rings) == holes
    return _from_the_south(np.where(turned, shapely.reverse(rings), rings))


def _from_the_south(rings: Geometries) -> Geometries:
    """Return rings as closed lines from their southernmost vertex, of these the westernmost."""
    xy, owner = shapely.get_coordinates(rings, return_index=True)
    bounds = np.searchsorted(owner, np.arange(len(rings) + 1))
    southern = np.lexsort((xy[:, 0], xy[:, 1], owner))[bounds[:-1]] if len(rings) else bounds[:0]
    # The last vertex repeats the first and is left out of the turning.
    turn = np.diff(bounds) - 1
    nth = np.arange(len(xy)) - bounds[:-1][owner]
    at = bounds[:-1][owner] + (nth + (southern - bounds[:-1])[owner]) % turn[owner]
    found: Geometries = shapely.from_ragged_array(
        shapely.GeometryType.LINESTRING, xy[at], (bounds,)
    )
    return found


def _said(
    features: Features,
    rows: Ints,
    name: NDArray[np.object_],
    severity: str,
    texts: dict[str, Text],
    language: Language,
) -> list[Reject]:
    file, row = features["file"].to_numpy(), features["row"].to_numpy()
    return [
        (file[i], int(row[i]), "geometry", name[i], severity, texts[name[i]].say(language))
        for i in rows
    ]
