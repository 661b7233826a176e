"""Report duty rows that cannot be read for certain."""

import pandas as pd

from geo.findings import Rule
from geo.row_faults import reported
from geo.study import Study
from geo.words import Text

ACTION = Text("改正这一行后重新运行", "mend the row and run again")
# These have rules of their own; a row that was carried over is whole.
ELSEWHERE = ("unmatched", "ambiguous", "no_holder", "moved")


def find(study: Study) -> pd.DataFrame:
    """Return one finding a fault: wrong ends, unknown area, side or level, dates, repeated rows."""
    faults = study.duty_faults
    return reported(study, faults[~faults["fault"].isin(ELSEWHERE)], ACTION)


RULE = Rule(Text("责任行有误", "Faulty duty row"), "middle", find)
