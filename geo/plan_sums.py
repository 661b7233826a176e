"""Add up a plan: by crew and day, and as the contract of `routes --format json` names it."""

import pandas as pd

from geo.intervals import stretches, union
from geo.routes import Planned
from geo.schema import Routes


def totals(routes: Routes) -> pd.DataFrame:
    """Return one row a crew and day: length, service, deadhead, twice-gone metres, minutes.

    `stops` are places stayed at; `minutes` are moving and staying.
    """
    plain = pd.DataFrame(routes.drop(columns="geometry"))
    service = plain["length_m"].where(plain["kind"] == "service", 0.0)
    deadhead = plain["length_m"].where(plain["kind"] == "deadhead", 0.0)
    sums = (
        plain.assign(service_m=service, deadhead_m=deadhead, stops=plain["kind"] == "stop")
        .groupby(["crew", "day"], sort=False, as_index=False)
        .agg(length_m=("length_m", "sum"), service_m=("service_m", "sum"),
             deadhead_m=("deadhead_m", "sum"), minutes=("minutes", "sum"), stops=("stops", "sum"))
    )  # fmt: skip
    twice = [_twice(part) for _, part in plain.groupby(["crew", "day"], sort=False)]
    return sums.assign(duplicated_m=twice)


def _twice(part: pd.DataFrame) -> float:
    """Return the metres of courses that one route goes over again, on the same bank."""
    part = part[(part["course_id"] != "") & (part["length_m"] > 0)]
    lane = part.groupby(["course_id", "side"]).ngroup()
    gone = stretches(
        lane, part[["from_m", "to_m"]].min(axis=1), part[["from_m", "to_m"]].max(axis=1)
    )
    return float(gone.length_mm.sum() - union(gone).length_mm.sum()) / 1000


def figures(planned: Planned) -> dict[str, float]:
    """Return a plan as one row of figures, for setting plans side by side."""
    sums = totals(planned.routes)
    add = sums[["length_m", "service_m", "deadhead_m", "duplicated_m", "minutes"]].sum()
    return {
        "crews": float(sums["crew"].nunique()),
        "crew_days": float(len(sums)),
        **{str(name): round(float(value), 3) for name, value in add.items()},
        "longest_minutes": round(float(sums["minutes"].max()), 3) if len(sums) else 0.0,
        "unserved": float(len(planned.unserved)),
        "unserved_m": round(float(planned.unserved["length_m"].sum()), 3),
    }


def summary(planned: Planned) -> dict[str, object]:
    """Return the plan as the contract of `routes --format json` names it."""
    sums = totals(planned.routes).round(3)
    served = planned.routes[planned.routes["kind"].isin(["service", "stop"])]
    named = ["errand_id", "course_id", "from_m", "to_m", "side"]
    done = {key: part[named].to_dict("records") for key, part in served.groupby(["crew", "day"])}
    routes = [
        row | {"stretches": done.get((row["crew"], row["day"]), [])}
        for row in sums.to_dict("records")
    ]
    left_out = planned.unserved.astype(object).where(planned.unserved.notna(), None)
    return {
        "routes": routes,
        "unserved": left_out.to_dict("records"),
        "notes": list(planned.notes),
    }
