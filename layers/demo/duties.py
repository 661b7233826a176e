"""Assign every metre of the demo town: a faultless set of tables."""

from datetime import date
from itertools import pairwise

import numpy as np

from layers.demo.borders import NEIGHBOUR
from layers.demo.courses import Course
from layers.demo.office import LongRow, RiverRow, chainage_text
from layers.demo.people import Staff
from layers.demo.town import Town
from layers.demo.waters import CROSSING, MAIN

TERM = date(2026, 1, 1)

# County and township roads are divided at round chainages, as tables of road chiefs are.
_CUTS_M = {"X204": (3200.0, 5800.0), "X311": (2900.0,), "Y015": (2400.0,), "Y032": (2300.0,),
           "Y046": (1700.0,), "Y021": (1900.0,)}  # fmt: skip


def river_rows(town: Town, staff: Staff) -> tuple[RiverRow, ...]:
    """Return a row for each river in each village it runs through, and one beyond the county."""
    rows = []
    load = dict.fromkeys(range(7), 0.0)
    for river in town.of_kind("river"):
        county = staff.county[0] if river.code == MAIN else staff.county[1]
        least = min(load, key=lambda number: load[number])
        leader = staff.town[least]
        load[least] += river.length_m
        if river.code == CROSSING:
            border = beyond_m(town)
            rows.append(
                RiverRow(river.name, river.code, "", staff.beyond[2], staff.beyond[0],
                         staff.beyond[1],
                         "K0+000", chainage_text(border), f"{NEIGHBOUR}境内")
            )  # fmt: skip
        villages = [village for village in town.villages if river.inside(village.polygon)]
        villages.sort(key=lambda village: river.inside(village.polygon)[0])
        rows += [
            RiverRow(river.name, river.code, village.name, county, leader,
                     staff.village[village.name][0])
            for village in villages
        ]  # fmt: skip
    return tuple(rows)


def beyond_m(town: Town) -> float:
    """Return the chainage at which the crossing river enters the town."""
    river, county = town.course(CROSSING), town.area(NEIGHBOUR)
    return river.inside(county.polygon)[-1][1]


def canal_rows(town: Town, staff: Staff) -> tuple[LongRow, ...]:
    """Return the canal keepers: each village its own stretch, each bank its own row."""
    rows = []
    for number, canal in enumerate(town.of_kind("canal")):
        runs = _by_village(town, canal)
        rows += [
            LongRow(canal.name, canal.code, "渠长", "村级", staff.village[name][1 + number % 2],
                    from_text=chainage_text(start), to_text=chainage_text(end), side=side)
            for side in ("左岸", "右岸")
            for start, end, name in runs
        ]  # fmt: skip
    return tuple(rows)


def _by_village(town: Town, course: Course) -> list[tuple[float, float, str]]:
    """Return start, end and village of every run of a course, in order; they tile it."""
    runs = sorted(
        (*run, village.name) for village in town.villages for run in course.inside(village.polygon)
    )
    starts = [0.0, *(start for start, _, _ in runs[1:]), course.length_m]
    return [(a, b, name) for (a, b), (_, _, name) in zip(pairwise(starts), runs, strict=True)]


def road_rows(town: Town, staff: Staff) -> tuple[LongRow, ...]:
    """Return the road chiefs: stretches of county and township roads, village roads by village."""
    rows: list[LongRow] = []
    for number, road in enumerate(town.of_kind("road")):
        if road.grade == "村道":
            names = dict.fromkeys(name for _, _, name in _by_village(town, road))
            rows += [
                LongRow(road.name, road.code, "路长", "村级", staff.village[name][2], name,
                        from_on=TERM)
                for name in names
            ]  # fmt: skip
            continue
        ends = (0.0, *_CUTS_M[road.code], road.length_m)
        rows += [
            LongRow(road.name, road.code, "路长", "镇级", staff.town[(number * 2 + k) % 8],
                    from_text=chainage_text(a), to_text=chainage_text(b), from_on=TERM)
            for k, (a, b) in enumerate(pairwise(ends))
        ]  # fmt: skip
    return tuple(rows)


def water_rows(town: Town, staff: Staff) -> tuple[LongRow, ...]:
    """Return the three responsible persons of each reservoir and the keeper of each pond."""
    rows: list[LongRow] = []
    for number, shore in enumerate(town.of_kind("reservoir", "pond")):
        name = _village_of_shore(town, shore)
        people = staff.village[name]
        if shore.kind == "pond":
            rows.append(LongRow(shore.name, shore.code, "塘长", "村级", people[1], name))
            continue
        rows += [
            LongRow(shore.name, shore.code, "行政责任人", "镇级", staff.town[number % 6], name),
            LongRow(shore.name, shore.code, "技术责任人", "镇级", staff.town[6], name),
            LongRow(shore.name, shore.code, "巡查责任人", "村级", people[1], name),
        ]
    return tuple(rows)


def _village_of_shore(town: Town, shore: Course) -> str:
    middle = shore.polygon.point_on_surface()
    return town.village_of(np.array([middle.x, middle.y]))
