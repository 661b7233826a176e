"""Find the maximal stretches that lack a required holder, and why they may."""

import pandas as pd

from geo.intervals import Stretches, Yes, overlay, stretches, union
from geo.listing import listed
from geo.required import Ask, asks, matrix
from geo.study import Study

# A gap this short between two holders is more likely a slip of the pen than a stretch left out.
HOLE_M = 50.0


def questions(study: Study) -> list[Ask]:
    """Return the questions whose vacancies are reported: each level, each role without a level.

    Without a matrix, or with a line that names neither, the one question over all.
    """
    needed = matrix(study.settings)
    if any(not need.level and not need.role for need in needed):
        return [Ask()]
    alone = {need.role for need in needed if not need.level}
    return [ask for ask in asks(study.settings) if ask.level or ask.role in alone]


def vacancies(study: Study) -> pd.DataFrame:
    """Return course_id, from_m, to_m, level, role, side, missing and hole of unassigned stretches.

    Maximal per course and question. `side` is B unless one bank alone lacks its holder all along.
    A `hole` is at most 50 m long, between two assigned stretches or one and the course's end.
    Stretches up to `ignore_m` are drawing faults and left out; their metres count all the same.
    """
    frames = [_of(study, ask) for ask in questions(study)]
    return pd.concat(frames, ignore_index=True)


def _of(study: Study, ask: Ask) -> pd.DataFrame:
    asked = study.holdings[
        (study.holdings["level"] == ask.level) & (study.holdings["role"] == ask.role)
    ]
    bare = asked[asked["state"] == "unassigned"]
    laid = _laid(study, bare)
    found = union(laid)
    met = overlay(found, laid)
    sides = listed(met.left, bare["side"].to_numpy()[met.right], len(found))
    missing = listed(met.left, bare["missing"].to_numpy()[met.right], len(found))
    held = _laid(study, asked[asked["state"].isin(["assigned", "conflicting"])])
    before, after = _touches(found, held)
    length = study.lines.length_m[found.course]
    alone = (found.from_mm == 0) & (found.to_m == length)
    bounded = (before | (found.from_mm == 0)) & (after | (found.to_m == length)) & ~alone
    rows = pd.DataFrame(
        {
            "course_id": study.lines.ids[found.course],
            "from_m": found.from_m,
            "to_m": found.to_m,
            "level": ask.level,
            "role": ask.role,
            "side": [one[0] if len(one) == 1 else "B" for one in sides],
            "missing": ["、".join(posts) for posts in missing],
            "hole": bounded & (found.length_m <= HOLE_M),
        }
    )
    return rows[found.length_m > study.settings.ignore_m]


def _laid(study: Study, rows: pd.DataFrame) -> Stretches:
    return stretches(study.lines.numbers(rows["course_id"]), rows["from_m"], rows["to_m"])


def _touches(found: Stretches, held: Stretches) -> tuple[Yes, Yes]:
    """Return which stretches have a held one right before and right behind them."""
    ends = pd.MultiIndex.from_arrays([held.course, held.to_mm])
    starts = pd.MultiIndex.from_arrays([held.course, held.from_mm])
    before = pd.MultiIndex.from_arrays([found.course, found.from_mm]).isin(ends)
    after = pd.MultiIndex.from_arrays([found.course, found.to_mm]).isin(starts)
    return before, after
