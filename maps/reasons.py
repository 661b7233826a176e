"""Pack why tracks near each unseen segment do or do not count, for the page's cards."""

from typing import Any

import numpy as np
import pandas as pd

from geo.coverage import Seen, sorted_out
from geo.lines import Floats, Ints
from geo.reasons import NEIGHBOURHOOD_M, REASONS, Evidence, places, reasons
from geo.shortfall import SHORTFALLS, shortfall
from geo.study import Study
from maps.edition import Edition
from maps.packing import Pack, days

# A page explains the longest unseen stretches, and of each the newest tracks; `patrolmap gaps
# --explain` answers for any other metre.
MOST_PLACES = 20_000
MOST_TRACKS = 8
# So many places in one square of the neighbourhood's size: a heap of courses is not worth a minute.
MOST_IN_SQUARE = 25


def pack_reasons(
    pack: Pack, study: Study, segments: pd.DataFrame, edition: Edition
) -> dict[str, Any]:
    """Add, for segments not wholly covered, the newest tracks near the middle of what is missing.

    `segments` are in the order of the page. `n` places have `counts` rows each. The public edition
    gets none: who went where is nobody's business outside the office.
    """
    if not edition.times or not len(study.gist.boxes):
        return {"n": 0, "left_out": 0}
    worst, left_out = _worst(study, segments)
    evidence = Evidence(
        study.trails, study.gist.boxes, study.patrols, study.passages, study.courses, study.lines,
        study.settings,
    )  # fmt: skip
    here = places(
        study.lines, study.lines.numbers(worst["course_id"]), worst["at_m"].to_numpy(float)
    )
    told = reasons(evidence, here, most=MOST_TRACKS)
    patrols = study.patrols.iloc[told["patrol"]].reset_index(drop=True)
    visit = told["at"].to_numpy(dtype="datetime64[us]").astype(np.int64)
    # The newest first, as they are read; those without a time last.
    order = np.lexsort((~visit, told["place"].to_numpy()))
    told, patrols, visit = told.iloc[order], patrols.iloc[order], visit[order]
    local = told["at"].dt.tz_convert(study.settings.time_zone)
    minute = (local.dt.hour * 60 + local.dt.minute).fillna(-1)
    codes = {name: code for code, name in enumerate(REASONS)}
    lacks = shortfall(
        study.seen,
        study.patrols,
        study.duties,
        piece=worst["piece"].to_numpy()[told["place"]],
        patrol=told["patrol"].to_numpy(),
        at=visit,
    )
    lacks = np.where(told["reason"].isin(["counted", "between"]), lacks, 0)
    person = patrols["person"].where(patrols["person"] != "", patrols["patrol_id"])
    return {
        "n": len(worst),
        "left_out": left_out,
        "near_m": round(NEIGHBOURHOOD_M),
        "most": MOST_TRACKS,
        "words": [[text.zh, text.en] for text in REASONS.values()],
        "lacks_words": [[text.zh, text.en] for text in SHORTFALLS],
        "columns": {
            "segment": pack.ints(worst["segment"].to_numpy(), delta=1),
            "at_mm": pack.ints(np.rint(worst["at_m"].to_numpy(float) * 1000)),
            "counts": pack.ints(np.bincount(told["place"], minlength=len(worst))),
            "day": pack.ints(days(local)),
            "minute": pack.ints(minute.to_numpy()),
            "reason": pack.ints(told["reason"].map(codes).to_numpy()),
            "lacks": pack.ints(lacks),
            "n": pack.ints(told["n"].to_numpy()),
            "why": pack.text(told["why"]),
            "person": pack.text(person),
            "mode": pack.text(patrols["mode"]),
        },
    }


def _worst(study: Study, segments: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return the middle of the longest missing stretch of each segment, and how many are left out.

    Columns: `segment` (a row of `segments`, ascending), `course_id`, `at_m`, `piece` (of `seen`).
    """
    missing = _missing(study.seen)
    ids = study.seen.segments["segment_id"].iloc[missing["segment"]]
    row = pd.Index(segments["segment_id"]).get_indexer(pd.Index(ids))
    missing = missing.assign(segment=row)[row >= 0]
    middle = segments.geometry.iloc[missing["segment"]].representative_point()
    square = [np.floor(xy.to_numpy() / NEIGHBOURHOOD_M) for xy in (middle.x, middle.y)]
    missing = missing.assign(column=square[0], row=square[1])
    missing = missing.sort_values(["length_mm", "segment"], ascending=[False, True])
    heap = missing.groupby(["column", "row"]).cumcount() >= MOST_IN_SQUARE
    kept = missing[~heap].head(MOST_PLACES).sort_values("segment", ignore_index=True)
    course_id = segments["course_id"].to_numpy(dtype=object)[kept["segment"]]
    return kept.assign(course_id=course_id), len(missing) - len(kept)


def _missing(seen: Seen) -> pd.DataFrame:
    """Return the longest stretch not covered now of each segment of `seen` that has one.

    Columns: `segment` (its number), `piece` and `at_m` (of its middle), `length_mm`.
    """
    pieces = seen.pieces
    chosen: Ints = np.flatnonzero(~sorted_out(seen, "")[0])
    segment, start = pieces.segment[chosen], pieces.start_mm[chosen]
    end = start + pieces.length_mm[chosen]
    fresh = np.ones(len(chosen), dtype=bool)
    fresh[1:] = (segment[1:] != segment[:-1]) | (start[1:] != end[:-1])
    first = np.flatnonzero(fresh)
    last = np.append(first[1:], len(chosen))[: len(first)] - 1
    length = end[last] - start[first]
    middle: Floats = (pieces.from_mm[chosen[first]] + length / 2) / 1000
    piece = np.searchsorted(pieces.start_mm, start[first] + length // 2, side="right") - 1
    runs = pd.DataFrame(
        {"segment": segment[first], "piece": piece, "at_m": middle, "length_mm": length}
    )
    longest = runs.sort_values("length_mm", ascending=False, kind="stable")
    return longest.drop_duplicates("segment")
