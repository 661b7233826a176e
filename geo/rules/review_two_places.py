"""Question a person who was in two places at one time."""

import numpy as np
import pandas as pd

from geo.findings import Rule
from geo.measures import tracks
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
from geo.trails import batches
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
    fixes = _beside(study).sort_values(["person", "t"], kind="stable", ignore_index=True)
    last = fixes.groupby("person")[["x", "y", "t", "patrol_id"]].shift()
    d = np.hypot(fixes["x"] - last["x"], fixes["y"] - last["y"])
    s = fixes["t"] - last["t"]
    apart = (fixes["patrol_id"] != last["patrol_id"]) & (d > _APART_M)
    apart &= d > _FASTEST_M_S * s.clip(lower=1.0)
    found = pd.DataFrame(
        {"patrol_id": fixes["patrol_id"], "other": last["patrol_id"], "d": d, "s": s}
    )[apart]
    return rows(study, found.drop_duplicates("patrol_id").set_index("patrol_id"), _WHY)


def _beside(study: Study) -> pd.DataFrame:
    """Return every fix that, in the time of its person, stands beside one of another patrol.

    Columns: person, patrol_id, x, y, t. Of a patrol that no other of its person overlaps in time,
    only the first and the last fix can; only the overlapping ones are looked at fix by fix.
    """
    spans = _spans(study)
    alone = spans[spans.groupby("meeting")["meeting"].transform("size") == 1]
    ends = [
        alone.set_axis(range(len(alone))).rename(columns=names)[["person", "patrol_id", *"xyt"]]
        for names in (
            {"first_x_m": "x", "first_y_m": "y", "begun_s": "t"},
            {"last_x_m": "x", "last_y_m": "y", "ended_s": "t"},
        )
    ]
    others = spans[~spans.index.isin(alone.index)]
    number = pd.Index(study.patrols["patrol_id"]).get_indexer(pd.Index(others["patrol_id"]))
    person = dict(zip(others["patrol_id"], others["person"], strict=True))
    meeting, _ = pd.factorize(others["meeting"])
    sizes = np.bincount(meeting, weights=study.trails.sizes[number]).astype(np.int64)
    for some in batches(np.arange(len(sizes)), sizes):
        fixes = tracks(study.trails.of(number[np.isin(meeting, some)])).dropna(subset=["t"])
        fixes = fixes.assign(person=fixes["patrol_id"].map(person))
        fixes = fixes.sort_values(["person", "t"], kind="stable")
        patrol = fixes.groupby("person")["patrol_id"]
        edge = (patrol.shift() != fixes["patrol_id"]) | (patrol.shift(-1) != fixes["patrol_id"])
        ends.append(fixes.loc[edge, ["person", "patrol_id", *"xyt"]])
    return pd.concat(ends, ignore_index=True)


def _spans(study: Study) -> pd.DataFrame:
    """Return the measures of timed tracks of known people, with `person` and `meeting`.

    `meeting` numbers the patrols of a person that overlap one another in time.
    """
    people = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")["person"]
    spans = of_tracks(study).dropna(subset=["begun_s"]).reset_index()
    spans = spans.assign(person=spans["patrol_id"].map(people).fillna(""))
    spans = spans[spans["person"] != ""].sort_values(
        ["person", "begun_s"], kind="stable", ignore_index=True
    )
    latest = spans.groupby("person")["ended_s"].cummax().groupby(spans["person"]).shift()
    return spans.assign(meeting=(~(spans["begun_s"] <= latest)).cumsum())


RULE = Rule(Text("同一人同时在两处", "One person in two places"), "review", _find)
