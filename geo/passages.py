"""Write what was walked as a frame of passages, in words."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.lines import Floats, Lines
from geo.runs import (
    COURSE,
    EFFORT,
    ENTERED,
    FIXES,
    FROM_M,
    LEFT,
    OFFSET,
    PATROL,
    REASON,
    SIDED,
    TO_M,
    UNSURE,
)  # fmt: skip
from geo.schema import PASSAGES, Passages, Patrols, conform
from geo.words import Language, Text

# In the order of geo.runs: ALONG, FAR, NEARER, EITHER, ERRAND, then points.
WHY = (
    Text("沿线走过", "walked along it"),
    Text("离得较远,超出可确定的距离", "too far off to be sure"),
    Text("轨迹更像走在旁边另一条上", "another course explains the track better"),
    Text("旁边另一条与它分不清", "cannot be told from another course beside it"),
    Text("走在旁边另一条上,本次任务是它", "beside it on another course, sent to this one"),
    Text("来回跨过它,不像沿岸行走", "to and fro over it, not along its bank"),
    Text("签到点,只算点位附近", "check-in point: its own surroundings only"),
    Text("签到点离得较远", "check-in point too far off to be sure"),
)


def from_rows(rows: Floats, patrols: Patrols, lines: Lines, language: Language) -> Passages:
    """Return the rows of the matcher as passages of track evidence, A."""
    words = np.array([text.say(language) for text in WHY], dtype=object)
    return _frame(rows, patrols, lines, "A", words)


def from_points(rows: Floats, patrols: Patrols, lines: Lines, language: Language) -> Passages:
    """As `from_rows`, for rows of single points: grade B."""
    words = np.array([text.say(language) for text in WHY], dtype=object)
    return _frame(rows, patrols, lines, "B", words)


def _frame(
    rows: Floats, patrols: Patrols, lines: Lines, evidence: str, words: NDArray[np.object_]
) -> Passages:
    owner = rows[:, PATROL].astype(np.int64)
    ids = patrols["patrol_id"].to_numpy(dtype=object)[owner]
    again = pd.Series(ids).groupby(ids).cumcount().to_numpy() + 1
    sides = np.array(["R", "B", "L"], dtype=object)
    return Passages(
        conform(
            pd.DataFrame(
                {
                    "passage_id": [f"{i}/{evidence}{n}" for i, n in zip(ids, again, strict=True)],
                    "patrol_id": ids,
                    "course_id": lines.ids[rows[:, COURSE].astype(np.int64)],
                    "from_m": np.round(rows[:, FROM_M], 3),
                    "to_m": np.round(rows[:, TO_M], 3),
                    "side": sides[rows[:, SIDED].astype(np.int64) + 1],
                    "entered_at": _at(rows[:, ENTERED]),
                    "left_at": _at(rows[:, LEFT]),
                    "offset_m": np.round(rows[:, OFFSET], 1),
                    "effort_m": np.round(rows[:, EFFORT], 1),
                    "fixes": rows[:, FIXES].astype(np.int64),
                    "certainty": np.where(rows[:, UNSURE] > 0, "unsure", "sure"),
                    "evidence": evidence,
                    "why": words[rows[:, REASON].astype(np.int64)],
                }
            ),
            PASSAGES,
        )
    )


def _at(seconds: Floats) -> pd.Series:
    micros = np.where(np.isnan(seconds), np.iinfo(np.int64).min, np.round(seconds * 1e6))
    return pd.Series(micros.astype(np.int64).view("datetime64[us]")).dt.tz_localize("UTC")
