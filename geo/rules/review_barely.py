"""Question a patrol that is just over what makes it valid."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, rows, tracks
from geo.words import Text

_WHY = Text(
    "{person}的巡查{minutes:.1f}分钟、{length:.0f}米,刚过有效标准",
    "{person}'s patrol of {minutes:.1f} minutes and {length:.0f} m is just over the minimum",
)
_JUST = 1.05


def _find(study: Study) -> pd.DataFrame:
    settings = study.settings
    if not settings.review or not (settings.least_minutes or settings.least_m):
        return nothing()
    by_patrol = tracks(study).groupby("patrol_id")
    each = pd.DataFrame(
        {
            "minutes": (by_patrol["t"].max() - by_patrol["t"].min()) / 60,
            "length": by_patrol["d"].sum(),
        }
    )
    just = pd.Series(data=False, index=each.index)
    for name, least in (("minutes", settings.least_minutes), ("length", settings.least_m)):
        just |= (least > 0) & each[name].between(least, _JUST * least)
    return rows(study, each[just], _WHY)


RULE = Rule(Text("刚过有效标准", "Just over the minimum"), "review", _find)
