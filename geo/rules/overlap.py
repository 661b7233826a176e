"""Report stretches that two holders share in one post on one bank."""

import pandas as pd

from geo.findings import Rule
from geo.overlaps import overlaps, shared
from geo.study import Study
from geo.words import Text

WHY = Text(
    "{place}有两个{post}：{one} 与 {other}",
    "{place} has two holders of one post ({post}): {one} and {other}",
)
ACTION = Text(
    "明确由谁负责并改正另一行；确属联合任职的，在表中注明",
    "settle who answers and mend the other row; if the post is joint, say so in the table",
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding a stretch and pair of holders; tails at a border are left to review."""
    found = overlaps(study)
    return shared(study, found[found["class"] == "conflict"], WHY, ACTION)


RULE = Rule(Text("责任重叠", "Overlapping duties"), "high", find)
