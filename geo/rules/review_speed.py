"""Question a patrol on foot that moved at the speed of a vehicle."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
from geo.words import Text

_WHY = Text(
    "{person}登记为步行,有{share:.0%}的时间快于16公里/小时",
    "{person} is down as on foot, but was faster than 16 km/h for {share:.0%} of the time",
)
_SHARE = 0.2


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    on_foot = set(study.patrols.loc[study.patrols["mode"] == "foot", "patrol_id"])
    tracks = of_tracks(study)
    tracks = tracks[tracks.index.isin(on_foot) & (tracks["moving_s"] > 0)]
    share = tracks["riding_s"] / tracks["moving_s"]
    return rows(study, pd.DataFrame({"share": share[share > _SHARE]}), _WHY)


RULE = Rule(Text("步行超速", "Too fast on foot"), "review", _find)
