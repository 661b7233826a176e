"""Find the posts that are required and not held, as tracts that can change hands."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.intervals import Stretches, stretches
from geo.lines import Ints, cut
from geo.required import Ask, holdings, matrix
from geo.schema import Holdings
from geo.settings import LEVELS, Required
from geo.study import Study
from geo.tracts import cut_up, most_of


@dataclass(frozen=True)
class Post:
    """The gaps of one post on one family of courses, cut into tracts."""

    level: str
    role: str
    tracts: Stretches
    gap: Ints
    side: NDArray[np.object_]
    area: Ints
    shapes: NDArray[np.object_]


def needs(study: Study) -> list[tuple[Required, Ints]]:
    """Return each post to fill, with the courses it is required on, roads and waters apart."""
    kind = study.courses["kind"].to_numpy()
    grade = study.courses["grade"].to_numpy()
    family = np.array(["road" if k == "road" else "water" for k in kind], dtype=object)
    wanted: dict[tuple[str, str, str], NDArray[np.bool_]] = {}
    for need in matrix(study.settings):
        here = (kind == need.kind) & ((grade == need.grade) | (need.grade == ""))
        for one in np.unique(family[here]):
            key = (need.level, need.role, str(one))
            mask = here & (family == one)
            wanted[key] = wanted.get(key, np.zeros(len(kind), dtype=bool)) | mask
    return [
        (Required("", level=level, role=role), np.flatnonzero(mask))
        for (level, role, _), mask in wanted.items()
    ]


def vacant(study: Study, need: Required, courses: Ints, every_m: float) -> Post:
    """Return the gaps of one post on `courses` (numbers), cut at areas and every `every_m`.

    A gap up to `ignore_m` long is the rounding of a table: nobody is proposed for it.
    """
    told = _told(study, need)
    number = study.lines.numbers(told["course_id"])
    mine = (told["state"] == "unassigned") & np.isin(number, courses)
    mine &= told["to_m"] - told["from_m"] > study.settings.ignore_m
    rows = told[mine]
    gaps = stretches(number[mine], rows["from_m"], rows["to_m"])
    areas, row = areas_of(study, need.level)
    tracts, gap = cut_up(gaps, areas, every_m=every_m)
    inside = most_of(tracts, areas)
    return Post(
        level=need.level,
        role=need.role,
        tracts=tracts,
        gap=gap,
        side=rows["side"].to_numpy(dtype=object)[gap],
        area=np.append(row, -1)[inside],
        shapes=cut(study.lines, tracts.course, tracts.from_m, tracts.to_m),
    )


def _told(study: Study, need: Required) -> Holdings:
    """Return who holds just this post, where it is required: no other post of the level counts."""
    post = (need.level, need.role)
    same = tuple(one for one in matrix(study.settings) if (one.level, one.role) == post)
    asked = replace(study.settings, required=same)
    return holdings(
        study.courses, study.lines, study.duties, asked, study.as_of, questions=[Ask(*post)]
    )


def areas_of(study: Study, level: str) -> tuple[Stretches, Ints]:
    """Return where courses lie in the areas of `level`, and the row of `areas` of each stretch.

    Without areas of that level those of the next level above serve; for a group, for no level and
    for one that is not known, the smallest there are.
    """
    there = [one for one in LEVELS if (study.areas["level"] == one).any()]
    above = [one for one in there if level in LEVELS and LEVELS.index(one) <= LEVELS.index(level)]
    chosen = (above or there or [""])[-1]
    inside = study.area_stretches[study.area_stretches["level"] == chosen]
    row = pd.Index(study.areas["area_id"]).get_indexer(pd.Index(inside["area_id"]))
    number = study.lines.numbers(inside["course_id"])
    return stretches(number, inside["from_m"], inside["to_m"]), row.astype(np.int64)


def family(study: Study, courses: Ints) -> Ints:
    """Return the numbers of all courses of the family, road or water, of `courses`."""
    kind = study.courses["kind"].to_numpy()
    road = len(courses) > 0 and kind[courses[0]] == "road"
    return np.flatnonzero((kind == "road") == road)
