"""Question a patrol that is check-ins only: nothing is known of the way between them."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, rows
from geo.words import Text

_WHY = Text(
    "{person}的巡查只有{points}个签到点,没有轨迹",
    "{person}'s patrol has {points} check-ins and no track",
)


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    each = study.gist.measured.set_index("patrol_id").sort_index()
    only = each[(each["checkins"] > 0) & (each["checkins"] == each["points"])]
    return rows(study, only[["points"]], _WHY)


RULE = Rule(Text("只有签到点", "Check-ins only"), "review", _find)
