"""Question a track whose times are not those the log tells."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
from geo.words import Text

_WHY = Text(
    "{person}登记的开始时间与轨迹相差{minutes:.0f}分钟,手机时钟可能不准",
    "{person}'s log and track begin {minutes:.0f} minutes apart; the phone's clock may be wrong",
)
_APART_MIN = 30.0


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    begun = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")["started_at"]
    first = pd.to_datetime(of_tracks(study)["begun_s"], unit="s", utc=True)
    minutes = (first - begun.reindex(first.index)).dt.total_seconds().abs() / 60
    return rows(study, pd.DataFrame({"minutes": minutes[minutes > _APART_MIN]}), _WHY)


RULE = Rule(Text("时钟不符", "Clocks differ"), "review", _find)
