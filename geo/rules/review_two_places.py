"""Question a person who was in two places at one time."""

import numpy as np
import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, rows, tracks
from geo.words import Text

_WHY = Text(
    "{person}在{s:.0f}秒内出现在相距{d:.0f}米的两处(另见{other})",
    "{person} was in two places {d:.0f} m apart within {s:.0f} s (see {other})",
)
_APART_M = 500.0
_FASTEST_M_S = 60.0


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    people = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")["person"]
    fixes = tracks(study).dropna(subset=["t"])
    fixes = fixes.assign(person=fixes["patrol_id"].map(people).fillna(""))
    fixes = fixes[fixes["person"] != ""].sort_values(["person", "t"], kind="stable")
    last = fixes.groupby("person")[["x", "y", "t", "patrol_id"]].shift()
    d = np.hypot(fixes["x"] - last["x"], fixes["y"] - last["y"])
    s = fixes["t"] - last["t"]
    apart = (fixes["patrol_id"] != last["patrol_id"]) & (d > _APART_M)
    apart &= d > _FASTEST_M_S * s.clip(lower=1.0)
    found = pd.DataFrame(
        {"patrol_id": fixes["patrol_id"], "other": last["patrol_id"], "d": d, "s": s}
    )[apart]
    return rows(study, found.drop_duplicates("patrol_id").set_index("patrol_id"), _WHY)


RULE = Rule(Text("同一人同时在两处", "One person in two places"), "review", _find)
