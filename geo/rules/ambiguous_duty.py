"""Report duty rows that may mean more than one thing."""

import pandas as pd

from geo.findings import Rule
from geo.row_faults import reported
from geo.study import Study
from geo.words import Text

ACTION = Text("填写编号，或写明所在片区", "give the code, or the area it lies in")


def find(study: Study) -> pd.DataFrame:
    """Return one finding a row, with all it may mean; none of them was chosen."""
    faults = study.duty_faults
    return reported(study, faults[faults["fault"] == "ambiguous"], ACTION)


RULE = Rule(Text("责任行指代不明", "Ambiguous duty"), "middle", find)
