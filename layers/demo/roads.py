"""Draw the roads of the demo town: two county roads, township roads, village roads."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.borders import metres
from layers.demo.courses import Course, noded
from layers.demo.curves import (
    Path,
    beside,
    join,
    meander,
    nearest_vertex,
    resample,
    through,
    within,
)
from layers.demo.waters import ALONG_ROAD

# From the bank line of the river to the road beside it: near enough to be mistaken for its bank.
BESIDE_M = 22.0


@dataclass(frozen=True)
class Route:
    """A road as sketched; it starts on `out_of` and ends on `into` where these name a road."""

    code: str
    name: str
    grade: str
    places_km: tuple[tuple[float, float], ...]
    out_of: str = ""
    into: str = ""


_ROUTES = (
    Route("X204", "清青线", "县道",
          ((-0.5, 2.95), (0.7, 2.85), (1.7, 3.2), (2.8, 2.95), (3.6, 2.75), (4.3, 2.5), (5.3, 2.45),
           (6.2, 2.75), (7.0, 2.65), (8.9, 2.95))),
    Route("X311", "竹柳线", "县道",
          ((4.75, 6.9), (4.6, 5.6), (4.5, 4.6), (4.2, 3.6), (4.25, 2.6), (4.45, 1.6), (4.1, 0.7),
           (3.9, -1.0))),
    Route("Y015", "桃石线", "乡道",
          ((1.75, 3.2), (1.45, 4.0), (1.25, 4.95), (2.0, 5.15), (2.9, 5.2), (3.8, 5.0),
           (4.6, 4.95)), "X204", "X311"),
    Route("Y032", "沙梅线", "乡道",
          ((0.75, 2.85), (0.85, 2.1), (0.95, 1.3), (1.7, 1.05), (2.8, 1.0), (3.6, 0.95),
           (4.4, 1.1)), "X204", "X311"),
    Route("Y046", "竹双线", "乡道",
          ((4.3, 4.0), (5.0, 4.2), (5.7, 4.75), (6.4, 4.95), (7.2, 5.3), (8.8, 5.5)), "X311"),
    Route("C101", "白石路", "村道", ((0.95, 1.25), (0.45, 0.75), (0.2, -0.4)), "Y032"),
    Route("C103", "梅库路", "村道", ((2.5, 1.0), (2.47, 0.85), (2.5, 0.7)), "Y032"),
    Route("C105", "桥梅路", "村道", ((2.6, 3.0), (2.6, 2.5), (2.45, 1.8), (2.5, 1.0)), "X204",
          "Y032"),
    Route("C110", "石库路", "村道", ((2.75, 5.2), (2.85, 5.5), (2.75, 5.8)), "Y015"),
    Route("C112", "竹桥路", "村道", ((4.45, 4.5), (3.6, 4.1), (2.9, 3.7), (2.45, 3.1)), "X311",
          "X204"),
    Route("C118", "双东路", "村道", ((6.3, 4.9), (6.15, 4.3), (6.3, 3.6), (6.6, 2.75)), "Y046",
          "X204"),
    Route("C121", "东荷路", "村道", ((6.9, 2.7), (7.1, 2.0), (7.15, 1.15)), "X204"),
    Route("C126", "柳库路", "村道", ((4.35, 0.95), (4.75, 1.0), (5.1, 0.95), (5.3, 0.76)), "X311"),
    Route("C130", "桃库路", "村道", ((1.25, 4.95), (1.36, 5.25), (1.42, 5.62)), "Y015"),
    Route("C140", "青禾街", "村道", ((4.2, 3.3), (4.55, 2.9), (4.75, 2.45)), "X311", "X204"),
    Route("C162", "荷东路", "村道", ((7.15, 1.15), (7.7, 1.25), (9.0, 1.1)), "C121"),
    Route("C168", "双塘机耕路", "村道", ((6.75, 5.1), (6.95, 5.45), (7.3, 5.75)), "Y046"),
)  # fmt: skip


def draw_roads(
    town: shapely.Polygon, rivers: list[Course], rng: np.random.Generator
) -> list[Course]:
    """Return all roads, with a shared vertex where two of them meet or cross."""
    drawn: dict[str, Course] = {}
    for route in _ROUTES:
        path = through(metres(*route.places_km), 22.0)
        path = meander(path, rng, wavelength_m=640.0, amplitude_m=16.0)
        if route.out_of:
            path = join(path[::-1], drawn[route.out_of].path)[::-1]
        if route.into:
            path = join(path, drawn[route.into].path)
        drawn[route.code] = _road(route.code, route.name, route.grade, within(path, town))
        if route.code == "X311":
            river = next(river for river in rivers if river.code == ALONG_ROAD)
            beside_river = _river_road(river, drawn["X204"].path)
            drawn["Y021"] = _road("Y021", "柳荷线", "乡道", within(beside_river, town))
    return noded(drawn.values())


def _road(code: str, name: str, grade: str, path: Path) -> Course:
    return Course(code, name, "road", grade, path, {"县道": 8.5, "乡道": 6.5}.get(grade, 4.5))


def _river_road(river: Course, main_road: Path) -> Path:
    """Return the road from the county road up the right bank of the river, then over the hill."""
    upstream = river.path[::-1]
    bank = beside(upstream, -(river.width_m / 2 + BESIDE_M))
    crossing = nearest_vertex(main_road, bank[len(bank) // 5])
    first = int(np.argmin(np.hypot(*(bank - crossing).T)))
    along_river = bank[first + 3 : -12]
    over = through(
        np.vstack([along_river[-1], metres((5.95, 0.75), (6.5, 1.0), (7.12, 1.2))]), 22.0
    )
    start = nearest_vertex(main_road, along_river[0])
    return np.vstack(
        [resample(np.vstack([start, along_river[0]]), 15.0)[:-1], along_river, over[1:]]
    )
