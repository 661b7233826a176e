"""Sum up what has a holder, what has none, and what was seen."""

from dataclasses import replace
from typing import Any

import pandas as pd

from geo.intervals import millimetres
from geo.posts import read_level
from geo.required import Ask, holdings
from geo.schema import Courses, Holdings
from geo.settings import KINDS, LEVELS, Required
from geo.study import Study

STATES = ("assigned", "unassigned", "conflicting", "out_of_scope")


def lengths(answer: Holdings, courses: Courses) -> dict[str, dict[str, float]]:
    """Return metres by kind: total, assigned, unassigned, conflicting, out of scope.

    `answer` is that to one question. Assigned + unassigned + out of scope is the total, to the
    millimetre; conflicting is part of assigned.
    """
    kind = answer["course_id"].map(dict(zip(courses["course_id"], courses["kind"], strict=True)))
    mm = pd.Series(millimetres(answer["to_m"]) - millimetres(answer["from_m"]))
    sums = mm.groupby([kind.to_numpy(), answer["state"].to_numpy()]).sum()
    return {one: _metres(sums, one) for one in sorted(set(courses["kind"]))}


def _metres(sums: pd.Series, kind: str) -> dict[str, float]:
    mm = {state: int(sums.get((kind, state), 0)) for state in STATES}
    mm["assigned"] += mm["conflicting"]
    total = mm["assigned"] + mm["unassigned"] + mm["out_of_scope"]
    return {"total_m": total / 1000} | {f"{state}_m": mm[state] / 1000 for state in STATES}


def answered(study: Study, level: str = "") -> Holdings:
    """Return the holdings that answer for `level`: a level, a role, or '' for all required posts.

    Without a required matrix a level or role that is asked for is taken as required of every
    asset; with one that does not name it, nothing is required of it. Raises `ValueError` for what
    is neither a level nor a role of any duty.
    """
    needed, duties = study.settings.required, study.duties
    roles = {*duties["role"], *(need.role for need in needed)} - {""}
    levels = {*LEVELS, *duties["level"], *(need.level for need in needed)} - {""}
    word = level if level in roles else read_level(level)
    if word and word not in roles | levels:
        known = ", ".join([*LEVELS, *sorted(levels - set(LEVELS)), *sorted(roles)])
        msg = f"wanted a level or a role ({known}), got {level!r}"
        raise ValueError(msg)
    ask = Ask(role=word) if word in roles else Ask(level=word)
    settings = study.settings
    if word and not needed:
        posts = tuple(Required(kind, level=ask.level, role=ask.role) for kind in KINDS)
        settings = replace(settings, required=posts)
    return holdings(study.courses, study.lines, duties, settings, study.as_of, questions=[ask])


def coverage(study: Study, level: str = "") -> dict[str, dict[str, float]]:
    """Return metres by kind: covered, unsure, overdue, never; together every metre there is.

    A level of which no patrol is asked is answered as over all.
    """
    asked = level if level in set(study.standing["level"]) else ""
    rows = study.standing[study.standing["level"] == asked]
    kind = rows["segment_id"].map(study.segments.set_index("segment_id")["kind"])
    return {
        one: {
            name: int(millimetres(rows.loc[kind == one, name]).sum()) / 1000
            for name in ("covered_m", "unsure_m", "overdue_m", "never_m")
        }
        for one in sorted(set(study.courses["kind"]))
    }


def summary(study: Study, level: str = "") -> dict[str, Any]:
    """Return the answer of `patrolmap gaps`, over all or for a level or a role.

    `level` as in `answered`; raises as it does.
    """
    found = study.findings["rule"].value_counts().sort_index()
    return {
        "as_of": f"{study.as_of:%Y-%m-%d}",
        "crs": study.inputs.crs.to_string(),
        "lengths": lengths(answered(study, level), study.courses),
        "coverage": coverage(study, read_level(level)),
        "findings": {str(rule): int(count) for rule, count in found.items()},
        "rejects": len(study.rejects),
    }
