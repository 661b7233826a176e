"""Sum up what has a holder and what has none."""

from typing import Any

import pandas as pd

from geo.intervals import millimetres
from geo.schema import Courses, Holdings

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


def summary(study: Any, level: str | None = None) -> dict[str, Any]:
    """Return the answer of `patrolmap gaps` but for its coverage, which `standing` knows.

    `level` is a level or a role of the required matrix; none means over all.
    """
    asked = level or ""
    role = asked if asked in set(study.holdings["role"]) else ""
    found = study.findings["rule"].value_counts().sort_index()
    return {
        "as_of": f"{study.as_of:%Y-%m-%d}",
        "crs": study.inputs.crs.to_string(),
        "lengths": lengths(study.holdings, study.courses, level="" if role else asked, role=role),
        "findings": {str(rule): int(count) for rule, count in found.items()},
        "rejects": len(study.rejects),
    }
