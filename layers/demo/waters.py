"""Draw the rivers, canals, reservoirs and ponds of the demo town."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.borders import metres
from layers.demo.courses import Course
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

MAIN = "330999A001"
CROSSING = "330999B001"
ALONG_ROAD = "330999B006"


@dataclass(frozen=True)
class Stream:
    """A tributary as the surveyor sketches it; `into` is the code of the river it ends in."""

    code: str
    name: str
    grade: str
    into: str
    width_m: float
    wavelength_m: float
    amplitude_m: float
    places_km: tuple[tuple[float, float], ...]
    reservoir: str = ""


_MAIN_KM = ((-0.6, 2.05), (0.5, 2.35), (1.5, 2.60), (2.7, 2.25), (3.7, 2.35), (4.6, 3.15),
            (5.6, 3.35), (6.6, 3.95), (7.4, 4.05), (8.8, 4.55))  # fmt: skip
_STREAMS = (
    Stream(CROSSING, "白石溪", "支流", MAIN, 12.0, 300.0, 42.0,
           ((-1.25, -0.75), (-0.55, -0.15), (0.15, 0.45), (0.75, 1.15), (1.25, 1.75), (1.7, 2.8))),
    Stream("330999B002", "桃源溪", "支流", MAIN, 10.0, 280.0, 38.0,
           ((1.0, 5.15), (1.3, 4.55), (1.6, 3.8), (1.95, 3.2), (2.2, 2.2)), "桃源水库"),
    Stream("330999B003", "梅坞溪", "支流", MAIN, 9.0, 260.0, 34.0,
           ((2.6, 0.55), (3.05, 1.05), (3.2, 1.6), (3.25, 2.6)), "梅坞水库"),
    Stream("330999B004", "竹林溪", "支流", MAIN, 14.0, 300.0, 42.0,
           ((3.75, 6.0), (3.65, 5.3), (3.75, 4.6), (4.15, 4.0), (4.75, 3.0))),
    Stream("330999B005", "石门溪", "支流", "330999B004", 8.0, 240.0, 30.0,
           ((2.55, 5.45), (2.75, 4.85), (3.2, 4.45), (3.95, 4.2)), "石门水库"),
    Stream(ALONG_ROAD, "柳溪", "支流", MAIN, 12.0, 460.0, 34.0,
           ((5.35, 0.6), (5.65, 1.15), (5.75, 1.9), (5.5, 2.6), (5.55, 3.6)), "柳溪水库"),
    Stream("330999B007", "双塘溪", "支流", MAIN, 10.0, 260.0, 36.0,
           ((6.1, 5.75), (6.35, 5.2), (6.85, 4.75), (7.0, 3.8))),
    Stream("330999C001", "新开河", "小微", MAIN, 6.0, 420.0, 14.0,
           ((7.75, 2.75), (7.55, 3.15), (7.6, 3.6), (7.45, 4.3))),
    Stream("330999C002", "新开河", "小微", "330999B002", 6.0, 420.0, 14.0,
           ((0.35, 4.75), (0.75, 4.55), (1.15, 4.5), (1.6, 4.35))),
)  # fmt: skip

# Name, dam, direction of the valley above it in degrees from east, length of the lake, class.
_RESERVOIRS = (
    ("330999R001", "桃源水库", 112.0, 520.0, "小(1)型"),
    ("330999R002", "梅坞水库", 205.0, 380.0, "小(2)型"),
    ("330999R003", "石门水库", 118.0, 420.0, "小(2)型"),
    ("330999R004", "柳溪水库", 222.0, 480.0, "小(1)型"),
)
_PONDS = (
    ("330999P001", "门前塘", (2.25, 3.55), 42.0),
    ("330999P002", "上塘", (5.75, 5.25), 55.0),
    ("330999P003", "下塘", (6.05, 4.72), 48.0),
    ("330999P004", "荷花塘", (7.05, 1.45), 62.0),
    ("330999P005", "洗马塘", (3.75, 1.75), 38.0),
)


def draw_rivers(town: shapely.Polygon, rng: np.random.Generator) -> list[Course]:
    """Return the main river and its tributaries, each drawn downstream to a shared end vertex."""
    swung = meander(through(metres(*_MAIN_KM), 18.0), rng, wavelength_m=760.0, amplitude_m=125.0)
    rivers = {MAIN: Course(MAIN, "青溪", "river", "干流", within(swung, town), 36.0)}
    for stream in _STREAMS:
        path = meander(
            through(metres(*stream.places_km), 12.0),
            rng,
            wavelength_m=stream.wavelength_m,
            amplitude_m=stream.amplitude_m,
        )
        path = join(path, rivers[stream.into].path)
        if stream.code != CROSSING:
            path = _ending_inside(path, town)
        rivers[stream.code] = Course(
            stream.code, stream.name, "river", stream.grade, path, stream.width_m
        )
    return list(rivers.values())


def _ending_inside(path: Path, town: shapely.Polygon) -> Path:
    if town.covers(shapely.LineString(path)):
        return path
    return within(path, town)


def draw_canals(rivers: list[Course], roads: list[Course]) -> list[Course]:
    """Return the two canals; each leaves a river and then keeps beside a road."""
    by_code = {course.code: course for course in [*rivers, *roads]}
    return [
        _canal(
            "330999D001",
            "东干渠",
            by_code[MAIN],
            by_code["X204"],
            aside_m=-15.0,
            share=(0.66, 0.93),
        ),
        _canal(
            "330999D002",
            "西干渠",
            by_code["330999B002"],
            by_code["Y015"],
            aside_m=14.0,
            share=(0.36, 0.80),
        ),
    ]


def _canal(
    code: str,
    name: str,
    river: Course,
    road: Course,
    *,
    aside_m: float,
    share: tuple[float, float],
) -> Course:
    line = beside(road.path, aside_m)
    first, last = (round(part * (len(line) - 1)) for part in share)
    line = line[first:last]
    head = nearest_vertex(river.path, line[0])
    lead = resample(np.vstack([head, line[0]]), 20.0)[:-1]
    return Course(code, name, "canal", "干渠", np.vstack([lead, line]), 5.0)


def draw_reservoirs(rivers: list[Course], rng: np.random.Generator) -> list[Course]:
    """Return the shores of the reservoirs, each from the middle of its dam, a river's start."""
    source = {s.reservoir: s.code for s in _STREAMS if s.reservoir}
    start = {river.code: river.path[0] for river in rivers}
    return [
        Course(code, name, "reservoir", grade, _lake(start[source[name]], turn, length_m, rng))
        for code, name, turn, length_m, grade in _RESERVOIRS
    ]


def _lake(dam: Path, turn_degrees: float, length_m: float, rng: np.random.Generator) -> Path:
    """Return a closed shore from the middle of the dam: a drowned valley with two side arms."""
    ahead = np.array([np.cos(np.radians(turn_degrees)), np.sin(np.radians(turn_degrees))])
    left = np.array([-ahead[1], ahead[0]])
    bend = rng.uniform(-0.35, 0.35)

    def at(along_m: float, aside_m: float) -> Path:
        return dam + ahead * along_m + left * (aside_m + bend * along_m**2 / length_m)

    valley = np.array([at(x, 0.0) for x in np.linspace(0.0, length_m, 12)])
    width = np.linspace(95.0, 24.0, 12) * rng.uniform(0.85, 1.15, 12)
    water = [shapely.Point(p).buffer(w) for p, w in zip(valley, width, strict=True)]
    for share, side in ((0.35, 1.0), (0.62, -1.0)):
        root, tip = at(share * length_m, 0.0), at((share + 0.22) * length_m, side * 190.0)
        arm = np.linspace(root, tip, 7)
        water += [
            shapely.Point(p).buffer(w) for p, w in zip(arm, np.linspace(58, 20, 7), strict=True)
        ]
    lake = shapely.union_all(water).buffer(22.0).buffer(-40.0).buffer(18.0)
    below = shapely.Polygon([dam + left * 900, dam - left * 900, dam - left * 900 - ahead * 900,
                             dam + left * 900 - ahead * 900])  # fmt: skip
    lake = max(shapely.get_parts(lake.difference(below)), key=lambda part: part.area)
    ring = shapely.get_coordinates(lake.simplify(2.0).exterior)[:-1]
    ring = ring if shapely.LinearRing(ring).is_ccw else ring[::-1]
    # The dam is the one straight edge: begin on it, at the foot of the river.
    edges = shapely.linestrings(np.stack([ring, np.roll(ring, -1, axis=0)], axis=1))
    dam_edge = int(np.argmin(shapely.distance(edges, shapely.Point(dam))))
    ring = np.roll(ring, -(dam_edge + 1), axis=0)
    return np.vstack([dam, ring, dam])


def draw_ponds(rng: np.random.Generator) -> list[Course]:
    """Return the shores of the village ponds."""
    ponds = []
    for code, name, place_km, radius_m in _PONDS:
        turn = np.linspace(0.0, 2 * np.pi, 9, endpoint=False)
        radius = radius_m * rng.uniform(0.8, 1.2, len(turn))
        rim = metres(place_km) + np.column_stack(
            [1.25 * radius * np.cos(turn), radius * np.sin(turn)]
        )
        wrapped = through(np.vstack([rim[-2:], rim, rim[:2]]), 6.0)
        closed = _between(wrapped, rim[0])
        ponds.append(Course(code, name, "pond", "山塘", np.vstack([closed, closed[:1]])))
    return ponds


def _between(wrapped: Path, seam: Path) -> Path:
    """Return one turn of a curve that overlaps itself, from the seam to just before it."""
    distance = np.hypot(*(wrapped - seam).T)
    half = len(wrapped) // 2
    first, last = int(np.argmin(distance[:half])), half + int(np.argmin(distance[half:]))
    return wrapped[first : last - 1]
