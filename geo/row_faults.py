"""Turn faults of duty rows into findings."""

import pandas as pd

from geo.actors import nowhere
from geo.study import Study
from geo.words import Text

KEEPER = Text("责任表填报单位", "whoever keeps the duty table")
EVIDENCE = Text("{file} 第 {row} 行：{asset}", "{file} row {row}: {asset}")


def reported(study: Study, faults: pd.DataFrame, action: Text) -> pd.DataFrame:
    """Return one finding a fault, pointing back to its row.

    A row of a wide table holds several duties: what is wrong with all of them is told once.
    """
    say = study.settings.language
    faults = faults.drop_duplicates(["file", "row", "column", "message"])
    known = set(study.assets["asset_id"])
    columns = (faults[column].to_list() for column in ("file", "row", "asset"))
    evidence = [
        EVIDENCE.say(say, file=file, row=row, asset=asset)
        for file, row, asset in zip(*columns, strict=True)
    ]
    return nowhere(
        pd.DataFrame(
            {
                "asset_id": faults["candidates"].where(faults["candidates"].isin(known), ""),
                "who_acts": KEEPER.say(say),
                "evidence": evidence,
                "action": action.say(say),
                "why": faults["message"],
                "file": faults["file"],
                "row": faults["row"],
            }
        ),
        study,
    )
