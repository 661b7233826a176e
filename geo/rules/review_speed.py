"""Question a patrol on foot that moved at the speed of a vehicle."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, rows, tracks
from geo.words import Text

_WHY = Text(
    "{person}登记为步行,有{share:.0%}的时间快于16公里/小时",
    "{person} is down as on foot, but was faster than 16 km/h for {share:.0%} of the time",
)
# 4 km in 15 minutes is what a provincial list of odd patrols takes for riding.
_RIDING_M_S = 16 / 3.6
_SHARE = 0.2


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    on_foot = set(study.patrols.loc[study.patrols["mode"] == "foot", "patrol_id"])
    steps = tracks(study)
    steps = steps[steps["patrol_id"].isin(on_foot) & (steps["s"] > 0)]
    riding = steps["s"].where(steps["d"] / steps["s"] > _RIDING_M_S, 0.0)
    sums = pd.DataFrame({"riding": riding, "s": steps["s"]}).groupby(steps["patrol_id"]).sum()
    share = sums["riding"] / sums["s"]
    return rows(study, pd.DataFrame({"share": share[share > _SHARE]}), _WHY)


RULE = Rule(Text("步行超速", "Too fast on foot"), "review", _find)
