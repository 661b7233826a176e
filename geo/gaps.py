"""Sum up what has a holder, what has none, and what was seen."""

from typing import Any

import pandas as pd

from geo.intervals import millimetres
from geo.schema import Courses, Holdings
from geo.study import Study

STATES = ("assigned", "unassigned", "conflicting", "out_of_scope")


def lengths(
    holdings: Holdings, courses: Courses, *, level: str = "", role: str = ""
) -> dict[str, dict[str, float]]:
    """Return metres by kind: total, assigned, unassigned, conflicting, out of scope.

    Assigned + unassigned + out of scope is the total, to the millimetre; conflicting is part of
    assigned. Raises `ValueError` for a level or role the required matrix does not name.
    """
    asked = holdings[(holdings["level"] == level) & (holdings["role"] == role)]
    if len(holdings) and asked.empty:
        known = sorted({*holdings["level"], *holdings["role"]} - {""})
        msg = f"wanted a level or role of the required matrix {known}, got {level or role!r}"
        raise ValueError(msg)
    kind = asked["course_id"].map(dict(zip(courses["course_id"], courses["kind"], strict=True)))
    mm = pd.Series(millimetres(asked["to_m"]) - millimetres(asked["from_m"]))
    sums = mm.groupby([kind.to_numpy(), asked["state"].to_numpy()]).sum()
    return {one: _metres(sums, one) for one in sorted(set(courses["kind"]))}


def _metres(sums: pd.Series, kind: str) -> dict[str, float]:
    mm = {state: int(sums.get((kind, state), 0)) for state in STATES}
    mm["assigned"] += mm["conflicting"]
    total = mm["assigned"] + mm["unassigned"] + mm["out_of_scope"]
    return {"total_m": total / 1000} | {f"{state}_m": mm[state] / 1000 for state in STATES}


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
    """Return the answer of `patrolmap gaps`, over all or for a level or role of the matrix.

    Raises `ValueError` for a level or role that nothing is required of.
    """
    role = level if level in set(study.holdings["role"]) else ""
    found = study.findings["rule"].value_counts().sort_index()
    return {
        "as_of": f"{study.as_of:%Y-%m-%d}",
        "crs": study.inputs.crs.to_string(),
        "lengths": lengths(study.holdings, study.courses, level="" if role else level, role=role),
        "coverage": coverage(study, level),
        "findings": {str(rule): int(count) for rule, count in found.items()},
        "rejects": len(study.rejects),
    }
