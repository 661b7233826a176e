"""Pack the fixes that something is the matter with: those not used, standing about, pauses."""

from typing import Any

import pandas as pd

from geo.cleaning import KEPT, REASONS
from geo.study import Study
from maps.cells import Cells
from maps.edition import Edition
from maps.packing import NO_DAY, Pack, days

# More marks than this slow a page down and show nothing more; the newest are kept.
MARKS = 50_000
# Who is farther than this from every course is on another map.
_FAR_M = 100_000.0


def flagged(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add a mark for each place where fixes of a patrol have a flag; none in a public edition.

    `left_out` counts the fixes of older marks that `MARKS` leaves no room for, `nowhere` those with
    no place on this map or no day: the page says so.
    """
    remarks = study.gist.remarks
    if not edition.times or not len(remarks):
        return {"n": 0, "left_out": 0, "nowhere": 0}
    west, south, east, north = study.segments.total_bounds
    day = days(remarks["on"])
    drawn = remarks["x_m"].between(west - _FAR_M, east + _FAR_M) & (day != NO_DAY)
    drawn &= remarks["y_m"].between(south - _FAR_M, north + _FAR_M)
    marks = remarks.assign(day=day)[drawn].sort_values(
        ["day", "patrol_id", "first_minute", "column", "row"],
        ascending=[False, True, True, True, True],
        ignore_index=True,
    )
    kept = marks.head(MARKS)
    column, row = cells.of(kept["x_m"].to_numpy(), kept["y_m"].to_numpy(), study.inputs.crs)
    return {
        "n": len(kept),
        "left_out": int(marks["fixes"].sum() - kept["fixes"].sum()),
        "nowhere": int(remarks["fixes"][~drawn].sum()),
        "words": [[text.zh, text.en] for text in REASONS],
        "used": list(KEPT),
        "columns": {
            "x": pack.ints(column, delta=1),
            "y": pack.ints(row, delta=1),
            "day": pack.ints(kept["day"], delta=1),
            "first": pack.ints(kept["first_minute"], delta=1),
            "lasted": pack.ints(kept["last_minute"] - kept["first_minute"]),
            "flag": pack.ints(kept["flag"]),
            "count": pack.ints(kept["fixes"]),
            "who": pack.text(_who(study, kept["patrol_id"])),
        },
    }


def _who(study: Study, patrol_ids: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the person of each patrol; where none is known the patrol's own id."""
    patrols = study.patrols.drop_duplicates("patrol_id").set_index("patrol_id")
    person = patrol_ids.map(patrols["person"]).fillna("")
    return person.where(person != "", patrol_ids).astype(object)
