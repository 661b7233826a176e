"""Report duty rows whose asset no layer knows."""

import pandas as pd

from geo.findings import Rule
from geo.row_faults import reported
from geo.study import Study
from geo.words import Text

ACTION = Text(
    "改正编号或名称，或在图层里补上这个对象", "mend the code or name, or add the asset to a layer"
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding a row; assets that are missing from the map are `missing_water`."""
    faults = study.duty_faults
    return reported(study, faults[faults["fault"] == "unmatched"], ACTION)


RULE = Rule(Text("责任行对不上对象", "Duty of an unknown asset"), "middle", find)
