"""Report slivers between two duty rows that were probably meant to meet."""

import pandas as pd

from geo.findings import Rule
from geo.lapses import told
from geo.study import Study
from geo.vacancies import vacancies
from geo.words import Text

WHY = Text(
    "{place}夹在已分配的区段之间，没有{missing}，多半是桩号或界线没有对齐",
    "{place} lies between assigned stretches without {missing}: chainages or borders hardly meet",
)
ACTION = Text(
    "核对前后两行的起止桩号，使其相接",
    "check the rows beside it and make them meet",
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding a sliver; its metres count as unassigned all the same."""
    found = vacancies(study)
    return told(study, found[found["hole"]], WHY, ACTION)


RULE = Rule(Text("责任缝隙", "Hole between duties"), "middle", find)
