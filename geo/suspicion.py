"""What rules of review look at: measures of each patrol's track, and rows for findings.

A review is a question, not an accusation: each has an innocent answer too.
"""

import numpy as np
import pandas as pd

from geo.study import Study
from geo.words import Text

ACTION = Text("请核实,可能另有原因", "please check, there may be a good reason")


def of_tracks(study: Study) -> pd.DataFrame:
    """Return the measures of the patrols that have a track, by patrol_id."""
    measures = study.gist.measured
    return measures[measures["fixes"] > 0].set_index("patrol_id").sort_index()


def rows(study: Study, found: pd.DataFrame, why: Text) -> pd.DataFrame:
    """Return findings for `found`, indexed by patrol_id, whose columns fill the blanks of `why`."""
    language = study.settings.language
    patrols = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")
    of = patrols.reindex(found.index)
    told = found.assign(patrol=found.index, person=of["person"].fillna("")).to_dict("records")
    return pd.DataFrame(
        {
            "who_acts": of["unit"].fillna("").to_numpy(dtype=object),
            "evidence": np.asarray(found.index, dtype=object),
            "action": ACTION.say(language),
            "why": [why.say(language, **{str(k): v for k, v in row.items()}) for row in told],
            "file": of["file"].fillna("").to_numpy(dtype=object),
            "row": of["row"].fillna(0).to_numpy(),
        },
        index=range(len(found)),
    )


def nothing() -> pd.DataFrame:
    """Return no findings."""
    return pd.DataFrame(index=range(0))
