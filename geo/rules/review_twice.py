"""Question a track that was handed in twice, perhaps shifted in time."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
from geo.words import Text

_WHY = Text(
    "{person}的轨迹与{other}逐点相同", "{person}'s track is the same as {other}, fix by fix"
)
# Fewer fixes may agree by chance, standing at the same gate.
_FEWEST = 10


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    each = of_tracks(study)
    each = each[each["fixes"] >= _FEWEST].reset_index()
    first = each.groupby(["likeness", "fixes"])["patrol_id"].transform("first")
    again = each[first != each["patrol_id"]]
    found = pd.DataFrame({"other": first[again.index].to_numpy()}, index=again["patrol_id"])
    return rows(study, found, _WHY)


RULE = Rule(Text("轨迹重复提交", "The same track twice"), "review", _find)
