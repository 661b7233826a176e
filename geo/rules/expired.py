"""Report duties that ended without anybody taking over."""

import pandas as pd

from geo.findings import Rule
from geo.lapses import expired, unheld
from geo.study import Study
from geo.words import Text

WHY = Text(
    "{place}的{post}{holder} {until} 到期，至今没有接任",
    "{place}: {post} {holder} ended {until}, nobody took over",
)
ACTION = Text(
    "续任或指定接任者，并更新有效期", "renew the post or name a successor and mend its dates"
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding for each stretch of an expired duty whose post nobody holds now."""
    return unheld(study, expired(study), WHY, ACTION)


RULE = Rule(Text("责任到期", "Expired duty"), "high", find)
