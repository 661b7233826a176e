"""Find stretches that no reliable track ever saw."""

import pandas as pd

from geo.findings import Rule
from geo.seen import NOBODY
from geo.study import Study
from geo.unseen import actors, stretches
from geo.words import Text

TITLE = Text("从未巡查", "Never seen")
WHY = Text("{m} 米从未有可靠轨迹到过", "no reliable track ever came to these {m} m")
EVIDENCE = Text("截至 {day} 的全部轨迹", "all tracks up to {day}")
ACTION = Text("安排一次巡查并保留轨迹", "plan a patrol here and keep its track")


def _find(study: Study) -> pd.DataFrame:
    seen, language = study.seen, study.settings.language
    which = seen.anybody.sure == NOBODY
    found = stretches(seen, which, at_least_m=study.settings.unseen_m)
    length = (found["to_m"] - found["from_m"]).round().astype(int)
    return found.drop(columns="piece").assign(
        side="B",
        who_acts=actors(study, found),
        evidence=EVIDENCE.say(language, day=f"{study.as_of:%Y-%m-%d}"),
        action=ACTION.say(language),
        why=[WHY.say(language, m=m) for m in length],
    )


RULE = Rule(TITLE, "high", _find)
