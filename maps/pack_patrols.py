"""Pack what patrols saw: the visits of each segment, who walked, and the newest raw tracks."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.study import Study
from maps.along import overlaps
from maps.cells import Cells, lines
from maps.edition import Edition
from maps.packing import NO_DAY, Ints, Pack, days, millimetres

# What a visit is worth on the map, and its number in the page.
_WORTH = {"sure": 0, "unsure": 1, "declared": 2}
# More raw track than this slows a page down and shows nothing more; the newest are kept.
TRACK_VERTICES = 200_000


def visits(pack: Pack, study: Study, segments: gpd.GeoDataFrame) -> dict[str, Any]:
    """Add who saw what when: for each segment its days, and the part of it that was seen.

    A part is two bytes, in 255ths of the segment, rounded inwards: a page never shows more as seen
    than was seen. Equal visits on one day are one. `day_mm` sums up, day by day from `first_day`,
    what was surely seen.
    """
    first_day, segment, day, kind, low, high = _visits(study, segments)
    whole = (low == 0) & (high == 255)
    again = np.r_[False, np.diff(segment) == 0][: len(segment)]
    sure = kind == _WORTH["sure"]
    seen_mm = millimetres(segments["length_m"])[segment[sure]] * (high - low)[sure] / 255
    return {
        "n": len(segment),
        "columns": {
            "counts": pack.ints(np.bincount(segment, minlength=len(segments))),
            "wait": pack.ints(day - np.where(again, np.r_[0, day[:-1]][: len(day)], 0)),
            "first_day": first_day,
            "day_mm": pack.ints(np.rint(np.bincount(day[sure], weights=seen_mm))),
            "kind": pack.ints(kind * 2 + whole),
            "low": pack.ints(low[~whole]),
            "high": pack.ints(high[~whole]),
        },
    }


def _visits(study: Study, segments: gpd.GeoDataFrame) -> tuple[int, Ints, Ints, Ints, Ints, Ints]:
    """Return the first day, and of each different visit segment, day after it, kind, low and high.

    Visits come segment by segment, day by day.
    """
    passages = study.passages
    passage, segment = overlaps(passages, segments)
    day = days(passages["entered_at"].dt.tz_convert(study.settings.time_zone))
    known = day[passage] != NO_DAY
    passage, segment = passage[known], segment[known]
    kind = np.where(passages["certainty"] == "sure", _WORTH["sure"], _WORTH["unsure"])
    kind = np.where(passages["evidence"] == "C", _WORTH["declared"], kind)
    first_day = int(day[passage].min()) if len(passage) else 0
    low, high = _parts(passages, segments, passage, segment)
    # One number a visit sorts a million of them at once: 20 bits hold every day that pandas knows,
    # and 25 are left for the segments.
    key = (segment << 38) | ((day - first_day)[passage] << 18) | (kind[passage] << 16)
    # numpy's own unique() hashes, which takes ten times as long as this.
    key = np.sort(key | (low << 8) | high)
    key = key[np.r_[True, np.diff(key) != 0][: len(key)]]
    return (
        first_day, key >> 38, (key >> 18) & 0xFFFFF, (key >> 16) & 3, (key >> 8) & 255, key & 255,
    )  # fmt: skip


def _parts(
    passages: pd.DataFrame, segments: gpd.GeoDataFrame, passage: Ints, segment: Ints
) -> tuple[Ints, Ints]:
    """Return from where to where each segment was seen, in 255ths of it, rounded inwards."""
    start = segments["from_m"].to_numpy()[segment]
    length = np.maximum(segments["length_m"].to_numpy()[segment], 1e-3)
    share_from = (passages["from_m"].to_numpy()[passage] - start) / length
    share_to = (passages["to_m"].to_numpy()[passage] - start) / length
    low = np.ceil(np.clip(share_from, 0, 1) * 255 - 1e-6).astype(np.int64)
    high = np.floor(np.clip(share_to, 0, 1) * 255 + 1e-6).astype(np.int64)
    return low, np.maximum(low, high)


def patrols(pack: Pack, study: Study, edition: Edition) -> dict[str, Any]:
    """Add the patrols that some segment was last seen by."""
    used = study.patrols[study.patrols["patrol_id"].isin(study.standing["last_by"].unique())]
    columns: dict[str, Any] = {}
    for name in ("patrol_id", "person", "unit", "role", "mode", "grade", "file"):
        columns[name] = pack.text(edition.text("patrols", used, name))
    return {"n": len(used), "columns": columns}


def tracks(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add the raw tracks of the newest patrols, simplified to 3 m; none in a public edition.

    A track is of the fixes that were used (`maps.pack_flagged` has the others), and ends where a
    pause of hours begins: nobody knows the way between. `left_out` counts the older ones that
    `TRACK_VERTICES` leaves no room for: the page says so.
    """
    drawn = study.gist.drawn.iloc[: None if edition.times else 0]
    walked = drawn.sort_values("patrol_id", kind="stable").merge(
        study.patrols, on="patrol_id", how="left"
    )
    day = days(walked["started_at"].dt.tz_convert(study.settings.time_zone))
    newest = np.argsort(-day, kind="stable")
    budget = np.cumsum(walked["vertices"].to_numpy()[newest]) <= TRACK_VERTICES
    newest = newest[budget]
    chosen = walked.iloc[newest].reset_index(drop=True)
    shapes = study.gist.lines.of(chosen["place"].to_numpy())
    return {
        "n": len(newest),
        "left_out": len(walked) - len(newest),
        "columns": {
            "lines": lines(pack, shapes, study.inputs.crs, cells),
            "day": pack.ints(day[newest]),
            "person": pack.text(edition.text("patrols", chosen, "person")),
            "mode": pack.text(edition.text("patrols", chosen, "mode")),
        },
    }
