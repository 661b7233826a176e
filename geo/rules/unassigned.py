"""Report stretches for which a required holder is missing."""

import pandas as pd

from geo.findings import Rule
from geo.lapses import told
from geo.study import Study
from geo.vacancies import vacancies
from geo.words import Text

WHY = Text("{place}没有{missing}", "{place} has no {missing}")
ACTION = Text("指定责任人，并补入责任表", "name a holder and add the row to the duty table")


def find(study: Study) -> pd.DataFrame:
    """Return one finding a maximal stretch and level; short slips are left to `hole`."""
    found = vacancies(study)
    return told(study, found[~found["hole"]], WHY, ACTION)


RULE = Rule(Text("未分配责任", "Unassigned"), "high", find)
