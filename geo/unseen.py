"""Find the longest stretches that were not seen, across segment borders."""

import numpy as np
import pandas as pd

from geo.actors import offices
from geo.coverage import Seen
from geo.intervals import millimetres
from geo.lines import Ints
from geo.seen import Mask
from geo.study import Study


def stretches(seen: Seen, which: Mask, *, at_least_m: float) -> pd.DataFrame:
    """Return the maximal stretches of the pieces `which`, of at least the length asked.

    Columns: course_id, asset_id, from_m, to_m, and `piece`, the number of the first piece of each.
    A stretch goes on over the border of two segments of one course but never over a piece left out.
    """
    pieces, segments = seen.pieces, seen.segments
    chosen = np.flatnonzero(which)
    course = pd.factorize(segments["course_id"])[0][pieces.segment[chosen]]
    start = pieces.start_mm[chosen]
    end = start + pieces.length_mm[chosen]
    joins = (course[1:] == course[:-1]) & (start[1:] == end[:-1])
    first = np.flatnonzero(np.concatenate([[True], ~joins])) if len(chosen) else chosen
    last = np.append(first[1:], len(chosen)) - 1 if len(chosen) else chosen
    long = (end[last] - start[first]) >= at_least_m * 1000
    first, last = first[long], last[long]
    home = segments.iloc[pieces.segment[chosen[first]]]
    from_mm = pieces.from_mm[chosen[first]]
    return pd.DataFrame(
        {
            "course_id": home["course_id"].to_numpy(),
            "asset_id": home["asset_id"].to_numpy(),
            "from_m": from_mm / 1000,
            "to_m": (from_mm + end[last] - start[first]) / 1000,
            "piece": chosen[first],
        }
    )


def actors(study: Study, stretch: pd.DataFrame) -> list[str]:
    """Return who must look at each stretch: its holders, or its office where nobody holds it."""
    holders = _holders_at(study.segments, study.standing, stretch)
    answerable = offices(study, stretch.assign(level=""))
    return [holder or office for holder, office in zip(holders, answerable, strict=True)]


def _holders_at(segments: pd.DataFrame, standing: pd.DataFrame, stretch: pd.DataFrame) -> list[str]:
    """Return the holders of the segment in which each stretch begins, '' for nobody."""
    overall = standing[standing["level"] == ""].set_index("segment_id")["holders"]
    starts: Ints = millimetres(segments["from_m"].to_numpy())
    names = []
    for course, start in zip(stretch["course_id"], stretch["from_m"], strict=True):
        mine = np.flatnonzero((segments["course_id"] == course).to_numpy())
        here = mine[np.searchsorted(starts[mine], round(start * 1000), side="right") - 1]
        names.append(overall.get(segments["segment_id"].iloc[here], ""))
    return names
