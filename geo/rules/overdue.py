"""Find stretches that were seen once, but not again within the period their cadence asks."""

import numpy as np
import pandas as pd

from geo.coverage import Watch, days_of, seen_since
from geo.findings import Rule
from geo.seen import NOBODY, UNDATED
from geo.study import Study
from geo.unseen import actors, stretches
from geo.words import Text

TITLE = Text("巡查逾期", "Overdue")
WHY = Text(
    "{m} 米超过 {days} 天没有{who}的可靠轨迹",
    "{m} m without a reliable track{who} for over {days} days",
)
EVIDENCE = Text("最近一次:{last}", "last: {last}")
NONE = Text("该级从未到过", "never by this level")
ACTION = Text("尽快补巡", "patrol it as soon as possible")
BY_LEVEL = Text("{level}级人员", " of level {level}")


def _find(study: Study) -> pd.DataFrame:
    frames = [_of(study, watch) for watch in study.seen.watches]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _of(study: Study, watch: Watch) -> pd.DataFrame:
    """Return the overdue stretches of one post; what nobody ever saw is left to `never_seen`."""
    seen, settings = study.seen, study.settings
    ever = seen.anybody.sure != NOBODY
    fresh = seen_since(seen.track, watch.sure, watch.since)
    found = stretches(seen, watch.asked & ever & ~fresh, at_least_m=settings.unseen_m)
    at = np.full(len(found), UNDATED, dtype=np.int64)
    last = watch.sure[found["piece"].to_numpy()]
    at[last != NOBODY] = seen.track.time_us[last[last != NOBODY]]
    seen_on = days_of(at, settings)
    days = watch.days[seen.pieces.segment[found["piece"].to_numpy()]]
    language = settings.language
    who = BY_LEVEL.say(language, level=watch.post.level) if watch.post.level else ""
    length = (found["to_m"] - found["from_m"]).round().astype(int)
    return found.drop(columns="piece").assign(
        side="B",
        level=watch.post.level,
        since_on=seen_on + days * np.timedelta64(1, "D"),
        who_acts=actors(study, found),
        evidence=[
            NONE.say(language) if np.isnat(day) else EVIDENCE.say(language, last=str(day)[:10])
            for day in seen_on
        ],
        action=ACTION.say(language),
        why=[WHY.say(language, m=m, days=d, who=who) for m, d in zip(length, days, strict=True)],
    )


RULE = Rule(TITLE, "middle", _find)
