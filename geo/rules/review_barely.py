"""Question a patrol that is just over what makes it valid."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
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
    tracks = of_tracks(study)
    minutes = (tracks["ended_s"] - tracks["begun_s"]) / 60
    each = pd.DataFrame({"minutes": minutes, "length": tracks["length_m"]})
    just = pd.Series(data=False, index=each.index)
    for name, least in (("minutes", settings.least_minutes), ("length", settings.least_m)):
        just |= (least > 0) & each[name].between(least, _JUST * least)
    return rows(study, each[just], _WHY)


RULE = Rule(Text("刚过有效标准", "Just over the minimum"), "review", _find)
