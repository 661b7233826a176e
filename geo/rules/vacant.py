"""Report posts that the duty table names without a holder."""

import pandas as pd

from geo.findings import Rule
from geo.lapses import unheld, vacant
from geo.study import Study
from geo.words import Text

WHY = Text("{place}的{post}空缺", "{place}: {post} is vacant")
ACTION = Text("补上责任人姓名，或删去这一行", "fill in the holder or take the row out")


def find(study: Study) -> pd.DataFrame:
    """Return one finding for each stretch of a vacant post that nobody else holds."""
    return unheld(study, vacant(study), WHY, ACTION)


RULE = Rule(Text("岗位空缺", "Vacant post"), "high", find)
