"""Report short overlaps of two holders at the border between two areas."""

import pandas as pd

from geo.findings import Rule
from geo.overlaps import overlaps, shared
from geo.study import Study
from geo.words import Text

WHY = Text(
    "{place}在片区交界处，{one} 与 {other} 都负责（{post}），可能是有意的交界重叠",
    "{place}, at a border, is held by {one} and {other} ({post}): perhaps shared on purpose",
)
ACTION = Text(
    "确属有意的，在表中注明联合；否则划清界线",
    "if meant, declare it joint; else settle it",
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding a stretch and pair of holders whose stretches meet at a border."""
    found = overlaps(study)
    return shared(study, found[found["class"] == "tail"], WHY, ACTION)


RULE = Rule(Text("交界重叠（待核）", "Overlap at a border"), "review", find)
