"""Assemble the demo town from a seed: waters, roads, areas and the parts at them."""

from dataclasses import dataclass

import numpy as np
import shapely

from layers.demo.borders import Area, divide
from layers.demo.courses import Course
from layers.demo.curves import Path, normals
from layers.demo.roads import draw_roads
from layers.demo.waters import draw_canals, draw_ponds, draw_reservoirs, draw_rivers


@dataclass(frozen=True)
class Part:
    """A thing at an asset that is visited by itself; `asset` is the asset's code."""

    code: str
    name: str
    part: str
    asset: str
    point: Path


@dataclass(frozen=True)
class Town:
    """The ground of the demo: nothing here knows of duties or patrols."""

    courses: tuple[Course, ...]
    areas: tuple[Area, ...]
    parts: tuple[Part, ...]

    def course(self, code: str) -> Course:
        """Return the course of a code."""
        return next(course for course in self.courses if course.code == code)

    def of_kind(self, *kinds: str) -> list[Course]:
        """Return the courses of these kinds, in order."""
        return [course for course in self.courses if course.kind in kinds]

    @property
    def villages(self) -> list[Area]:
        """Return the villages."""
        return [area for area in self.areas if area.level == "村"]

    def area(self, name: str) -> Area:
        """Return the area of a name."""
        return next(area for area in self.areas if area.name == name)

    def village_of(self, point: Path) -> str:
        """Return the name of the village a point lies in, the nearest for one outside."""
        distance = [area.polygon.distance(shapely.Point(point)) for area in self.villages]
        return self.villages[int(np.argmin(distance))].name


def build_town(rng: np.random.Generator) -> Town:
    """Return the town drawn with `rng`."""
    areas = divide(rng)
    ground = next(area.polygon for area in areas if area.level == "镇")
    rivers = draw_rivers(ground, rng)
    roads = draw_roads(ground, rivers, rng)
    canals = draw_canals(rivers, roads)
    reservoirs, ponds = draw_reservoirs(rivers, rng), draw_ponds(rng)
    courses = (*rivers, *canals, *roads, *reservoirs, *ponds)
    town = Town(courses, tuple(areas), ())
    parts = (*_works(reservoirs), *_bridges(rivers, roads), *_signs(town))
    return Town(courses, tuple(areas), parts)


def _works(reservoirs: list[Course]) -> list[Part]:
    """Return dam, spillway and outlet: the dam is the first and the last edge of the shore."""
    parts = []
    for shore in reservoirs:
        middle, right, left = shore.path[0], shore.path[1], shore.path[-2]
        places = (
            ("大坝", middle),
            ("溢洪道", middle + 0.85 * (right - middle)),
            ("放水洞", middle + 0.45 * (left - middle)),
        )
        parts += [
            Part(f"{shore.code}-{number}", f"{shore.name}{part}", part, shore.code, point)
            for number, (part, point) in enumerate(places, start=1)
        ]
    return parts


def _bridges(rivers: list[Course], roads: list[Course]) -> list[Part]:
    parts = []
    for road in roads:
        for river in rivers:
            crossings = shapely.get_coordinates(shapely.intersection(road.line, river.line))
            parts += [
                Part(f"Q-{road.code}-{river.code[-4:]}-{number}", f"{river.name}桥", "桥梁",
                     road.code, point)
                for number, point in enumerate(crossings, start=1)
            ]  # fmt: skip
    return parts


def _signs(town: Town) -> list[Part]:
    """Return one 公示牌 for every village a river or canal runs through, 6 m from the bank."""
    parts = []
    for course in town.of_kind("river", "canal"):
        for village in town.villages:
            runs = course.inside(village.polygon)
            if not runs:
                continue
            first, last = max(runs, key=lambda run: run[1] - run[0])
            here = np.array([(first + last) / 2, (first + last) / 2 + 1.0])
            beside = normals(course.points(here))[0] * (course.width_m / 2 + 6.0)
            parts.append(
                Part(f"GSP-{course.code[-4:]}-{village.code[-3:]}",
                     f"{course.name}{village.name}公示牌", "公示牌", course.code,
                     course.at(here[0]) + beside)
            )  # fmt: skip
    return parts
