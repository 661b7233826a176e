"""Pack the fixes that something is the matter with: those not used, standing about, pauses."""

from typing import Any

import numpy as np
import pandas as pd

from geo.cleaning import KEPT, NAMES, REASONS, numbers
from geo.study import Study
from maps.cells import Cells
from maps.edition import Edition
from maps.packing import NO_DAY, Pack, days

# Fixes of one patrol, day and reason in one square of this size are one mark, with their number.
SQUARE_M = 20.0
# More marks than this slow a page down and show nothing more; the newest are kept.
MARKS = 50_000
# Who is farther than this from every course is on another map.
_FAR_M = 100_000.0


def flagged(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add a mark for each place where fixes of a patrol have a flag; none in a public edition.

    `left_out` counts the fixes of older marks that `MARKS` leaves no room for, `nowhere` those with
    no place on this map or no day: the page says so.
    """
    fixes = _fixes(study)
    if not edition.times or not len(fixes):
        return {"n": 0, "left_out": 0, "nowhere": 0}
    west, south, east, north = study.segments.total_bounds
    drawn = fixes["x_m"].between(west - _FAR_M, east + _FAR_M)
    drawn &= fixes["y_m"].between(south - _FAR_M, north + _FAR_M) & (fixes["day"] != NO_DAY)
    marks = _marks(fixes[drawn])
    kept = marks.head(MARKS)
    column, row = cells.of(kept["x_m"].to_numpy(), kept["y_m"].to_numpy(), study.inputs.crs)
    return {
        "n": len(kept),
        "left_out": int(marks["n"].sum() - kept["n"].sum()),
        "nowhere": int((~drawn).sum()),
        "words": [[text.zh, text.en] for text in REASONS],
        "used": list(KEPT),
        "columns": {
            "x": pack.ints(column, delta=1),
            "y": pack.ints(row, delta=1),
            "day": pack.ints(kept["day"], delta=1),
            "first": pack.ints(kept["first"], delta=1),
            "lasted": pack.ints(kept["last"] - kept["first"]),
            "flag": pack.ints(kept["flag"]),
            "count": pack.ints(kept["n"]),
            "who": pack.text(_who(study, kept["patrol_id"])),
        },
    }


def _fixes(study: Study) -> pd.DataFrame:
    """Return the fixes with a flag: patrol_id, x_m, y_m, flag, local day and minute.

    One without a time is of the day its patrol began, at the minute -1.
    """
    codes, names = pd.factorize(study.flags["flag"])
    flag = pd.Index(NAMES).get_indexer(names).astype(np.int64)[codes]
    chosen = np.flatnonzero(flag)
    fixes = study.fixes.iloc[chosen]
    patrol = numbers(fixes, study.patrols)
    began = study.patrols["started_at"].reindex(patrol).set_axis(fixes.index)
    zone = study.settings.time_zone
    at = fixes["at"].dt.tz_convert(zone)
    minute = (at.dt.hour * 60 + at.dt.minute).fillna(-1)
    day = days(fixes["at"].fillna(began).dt.tz_convert(zone))
    return fixes[["patrol_id", "x_m", "y_m"]].assign(flag=flag[chosen], day=day, minute=minute)


def _marks(fixes: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each patrol, day, flag and square, the newest first.

    Columns: day, patrol_id, flag, `x_m` and `y_m` of the middle, `n` fixes, `first` and `last`
    minute.
    """
    squares = {
        "column": np.floor(fixes["x_m"] / SQUARE_M),
        "row": np.floor(fixes["y_m"] / SQUARE_M),
    }
    alike = ["day", "patrol_id", "flag", "column", "row"]
    marks = fixes.assign(**squares).groupby(alike, sort=False).agg(
        x_m=("x_m", "mean"), y_m=("y_m", "mean"), n=("x_m", "size"),
        first=("minute", "min"), last=("minute", "max"),
    )  # fmt: skip
    return marks.reset_index().sort_values(
        ["day", "patrol_id", "first", "column", "row"],
        ascending=[False, True, True, True, True],
        ignore_index=True,
    )


def _who(study: Study, patrol_ids: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the person of each patrol; where none is known the patrol's own id."""
    patrols = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")
    person = patrol_ids.map(patrols["person"]).fillna("")
    return person.where(person != "", patrol_ids).astype(object)
