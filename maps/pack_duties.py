"""Pack the duties: who answers for what, and which set of them lies on each segment."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.study import Study
from maps.along import course_numbers, overlaps
from maps.edition import Edition
from maps.pack_segments import level_rank
from maps.packing import Ints, Pack, days, millimetres
from maps.pinyin import pack_initials


def duties(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, edition: Edition
) -> dict[str, Any]:
    """Add the duties and, for each segment, the number of its set of duties.

    Neighbours mostly share their holders, so the sets are few.
    """
    course = course_numbers(study.duties, segments)
    codes, levels = pd.factorize(study.duties["level"].to_numpy(dtype=object))
    rank = np.array([level_rank(level)[0] for level in levels], dtype=np.int64)[codes]
    order = np.lexsort((study.duties["from_m"].to_numpy(), course, rank))
    ordered = study.duties.iloc[order].reset_index(drop=True)
    sets, of_segment = _sets(overlaps(ordered, segments), len(segments))
    columns: dict[str, Any] = {
        "course": pack.ints(course[order]),
        "from_mm": pack.ints(millimetres(ordered["from_m"])),
        "to_mm": pack.ints(millimetres(ordered["to_m"])),
        "from_on": pack.ints(days(ordered["from_on"])),
        "until_on": pack.ints(days(ordered["until_on"])),
    }
    for name in ("side", "role", "level", "holder", "unit", "phone"):
        columns[name] = pack.text(edition.text("duties", ordered, name))
    for name in ("holder", "unit"):
        columns[f"{name}_initials"] = pack_initials(pack, edition.text("duties", ordered, name))
    columns["set_lengths"] = pack.ints(np.array([len(s) for s in sets], dtype=np.int64))
    members = np.array([n for s in sets for n in s], dtype=np.int64)
    columns["set_members"] = pack.ints(members, delta=1)
    columns["set_of_segment"] = pack.ints(of_segment)
    return {"n": len(ordered), "columns": columns}


def _sets(pairs: tuple[Ints, Ints], segments: int) -> tuple[list[tuple[int, ...]], Ints]:
    """Return the different sets of events, and the number of the set of each segment."""
    event, segment = pairs
    order = np.lexsort((event, segment))
    event, segment = event[order], segment[order]
    count = np.bincount(segment, minlength=segments)
    start = np.cumsum(count) - count
    # Only where a segment's events differ from those of the one before can a new set begin.
    before = np.r_[0, start[:-1]][: len(start)]
    twin = (before - start)[segment] + np.arange(len(event))
    other = event != event[np.clip(twin, 0, None)]
    differs = np.bincount(segment, weights=other, minlength=segments) > 0
    begins = differs | (count != np.r_[-1, count[:-1]][: len(count)])
    firsts = np.flatnonzero(begins)
    numbers: dict[tuple[int, ...], int] = {}
    of_run = [
        numbers.setdefault(tuple(event[start[i] : start[i] + count[i]].tolist()), len(numbers))
        for i in firsts.tolist()
    ]
    run = np.cumsum(begins) - 1
    return list(numbers), np.array(of_run, dtype=np.int64)[run]
