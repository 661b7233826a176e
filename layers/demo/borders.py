"""Divide the ground into villages, a town and two counties with natural borders.

The cells are a Voronoi diagram of the places; each of its edges is roughened once, so that two
neighbours share every vertex of their border and the villages tile the town exactly.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from layers.demo.curves import Path, rough

ORIGIN = np.array([526_000.0, 3_317_000.0])

TOWN, COUNTY, NEIGHBOUR = "青禾镇", "清川县", "云陂县"

# Places in kilometres from the origin: x to the east, y to the north.
VILLAGES: dict[str, tuple[float, float]] = {
    "青禾社区": (4.25, 2.70),
    "桃源村": (1.15, 5.00),
    "石门村": (2.85, 5.15),
    "竹林村": (4.35, 4.60),
    "双塘村": (6.20, 4.95),
    "沙湾村": (0.75, 3.20),
    "大桥村": (2.50, 3.05),
    "东升村": (6.75, 2.95),
    "白石村": (0.95, 1.25),
    "梅坞村": (2.85, 0.95),
    "柳溪村": (5.05, 0.90),
    "荷花村": (7.20, 1.10),
}
_AROUND = (
    (0.6, 6.9), (2.6, 7.2), (4.9, 7.0), (7.3, 6.8), (9.1, 5.5), (9.3, 3.4), (9.2, 1.0), (7.4, -1.1),
    (5.0, -1.2), (2.8, -1.2), (-1.1, 4.8), (-1.2, 2.9),
)  # fmt: skip
_BEYOND = ((-1.0, 0.9), (0.8, -1.0), (-1.6, -0.9))


def metres(*places_km: tuple[float, float]) -> Path:
    """Return places given in kilometres from the origin in the metric CRS."""
    return np.array(places_km) * 1000.0 + ORIGIN


@dataclass(frozen=True)
class Area:
    """A village, town or county; `parent` is the name of the area it belongs to."""

    code: str
    name: str
    level: str
    parent: str
    polygon: shapely.Polygon


def divide(rng: np.random.Generator) -> list[Area]:
    """Return the villages, the town and the counties."""
    places = metres(*VILLAGES.values(), *_AROUND, *_BEYOND)
    cells = _cells(places, rng)
    villages = [
        Area(f"330999101{200 + k}", name, "村", TOWN, cells[k]) for k, name in enumerate(VILLAGES)
    ]
    town = _union([village.polygon for village in villages])
    home = len(VILLAGES) + len(_AROUND)
    counties = _union(cells[:home]), _union(cells[home:])
    return [
        *villages,
        Area("330999101", TOWN, "镇", COUNTY, town),
        Area("330999", COUNTY, "县", "", counties[0]),
        Area("330998", NEIGHBOUR, "县", "", counties[1]),
    ]


def _union(cells: list[shapely.Polygon]) -> shapely.Polygon:
    union = shapely.union_all(cells)
    if not isinstance(union, shapely.Polygon):
        msg = f"wanted neighbouring cells, got a {union.geom_type}"
        raise TypeError(msg)
    return union


def _cells(places: Path, rng: np.random.Generator) -> list[shapely.Polygon]:
    diagram = shapely.voronoi_polygons(
        shapely.MultiPoint(places), extend_to=shapely.box(*places.min(0), *places.max(0))
    )
    frame = shapely.box(*metres((-4.0, -4.0)).ravel(), *metres((12.0, 10.0)).ravel())
    edges = shapely.union_all(shapely.boundary(shapely.get_parts(diagram)))
    edges = shapely.line_merge(shapely.intersection(edges, frame))
    ends = [shapely.get_coordinates(edge) for edge in shapely.get_parts(edges)]
    borders = [
        shapely.LineString(rough(a, b, rng, share=0.075))
        for edge in ends
        for a, b in pairwise(edge)
    ]
    outline = shapely.LineString(_outline(rng))
    faces = shapely.get_parts(
        shapely.polygonize([*shapely.get_parts(shapely.union_all([*borders, outline]))])
    )
    inside = [face for face in faces if shapely.Polygon(outline).contains(face.point_on_surface())]
    cells = [[face for face in inside if face.contains(shapely.Point(place))] for place in places]
    if len(inside) != len(places) or any(len(cell) != 1 for cell in cells):
        msg = f"wanted one cell for each of {len(places)} places, got {len(inside)} faces"
        raise ValueError(msg)
    return [cell[0] for cell in cells]


def _outline(rng: np.random.Generator) -> Path:
    turn = np.linspace(0.0, 2 * np.pi, 14, endpoint=False)
    radius = rng.uniform(0.96, 1.03, len(turn))
    # A circle pushed towards its square: an ellipse would cut off the corners of the town.
    east, north = (np.sign(f) * np.abs(f) ** 0.5 for f in (np.cos(turn), np.sin(turn)))
    corners = metres(*zip(3.8 + 6.6 * radius * east, 2.9 + 5.5 * radius * north, strict=True))
    sides = [
        rough(a, b, rng, share=0.06)[:-1]
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return np.vstack([*sides, corners[:1]])
