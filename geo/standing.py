"""Say of every segment, level by level, how it stands."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cadences import levels
from geo.coverage import (
    Cover,
    Seen,
    counts_of,
    cover,
    days_of,
    newest_of,
    share_of,
    watches_of,
    whole_at,
)
from geo.intervals import millimetres
from geo.lines import Ints, Lines
from geo.posted import Posted, posted
from geo.schema import STANDING, Duties, Holdings, Passages, Segments, Standing, conform
from geo.seen import NOBODY, UNDATED, axis
from geo.settings import Settings
from geo.words import Language, Text

# In the order in which they hide one another: the first that is true colours the segment.
STATES = (
    "unassigned",  # 未分配: a required holder is missing on some metre
    "conflicting",  # 责任重叠: two holders in one post
    "never",  # 从未巡查: hardly a metre was ever surely seen
    "overdue",  # 逾期: seen once, but not within the period its rule asks
    "unsure",  # 存疑: what is missing within the period has only unsure evidence
    "partial",  # 部分巡查: part of it seen within the period
    "covered",  # 已覆盖
    "out_of_scope",  # 不作要求: no holder and no patrol is required
)

UNASSIGNED = Text("{m} 米无人负责", "nobody answers for {m} m")
CONFLICTING = Text("{m} 米有两人以上担任同一职责", "two or more hold one post on {m} m")
NEVER = Text("没有可靠的巡查轨迹到过这里", "no reliable track ever came here")
SEEN = Text(
    "最近一次可靠巡查 {day},轨迹距中线 {offset} 米",
    "last surely seen on {day}, {offset} m off the line",
)
SEEN_BETWEEN = Text(
    "最近一次可靠巡查 {day},按前后定位点推得",
    "last surely seen on {day}, told by the fixes before and after",
)
UNDATED_SEEN = Text("有轨迹到过,但轨迹没有时间", "a track came here, but it has no times")
DUE = Text("应每 {days} 天巡查一次,{due} 到期", "to be seen every {days} days, due on {due}")
OWED = Text(
    "应每 {days} 天巡查一次,至今没有全线巡到过",
    "to be seen every {days} days, never wholly seen so far",
)
LATE = Text("已逾期 {days} 天", "{days} days overdue")
PART = Text("本期可靠覆盖 {share}%", "{share} % surely covered in this period")
UNSURE = Text(
    "另有 {m} 米只有存疑证据,不计入覆盖", "on {m} m more the evidence is unsure and not counted"
)
DECLARED = Text("本期另有 {n} 次仅填报、无轨迹", "{n} patrols in this period are declared only")
NO_RULE = Text("没有设定巡查频次", "no cadence is set")
NOTHING = Text("不要求责任人和巡查", "no holder and no patrol is required")


@dataclass(frozen=True)
class Held:
    """What the duties say of every segment at one level; lengths in millimetres."""

    assigned: Ints
    unassigned: Ints
    conflicting: Ints
    out_of_scope: Ints


def stand(
    found: Seen,
    holdings: Holdings,
    lines: Lines,
    duties: Duties,
    passages: Passages,
    *,
    declared: Ints,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Standing:
    """Return one row for each segment and level, '' (over all) first, then by level.

    `declared` counts, a segment, the patrols of the period that only declared to have been there.
    Lengths are exact: assigned + unassigned + out_of_scope, and covered + unsure + overdue + never,
    are each the length of the segment.
    """
    frames = []
    for level in levels(settings):
        held = _held(found.segments, holdings, lines, level)
        who = posted(
            found.segments, duties, lines, level=level, language=settings.language, as_of=as_of
        )
        frames.append(
            _level(
                found,
                held,
                who,
                passages,
                level=level,
                declared=declared,
                settings=settings,
                as_of=as_of,
            )
        )
    return Standing(conform(pd.concat(frames, ignore_index=True), STANDING))


def _held(segments: Segments, holdings: Holdings, lines: Lines, level: str) -> Held:
    """Return the four lengths; a level the required matrix does not name is out of scope."""
    rows = holdings[(holdings["level"] == level) & (holdings["role"] == "")]
    offset = axis(lines)
    start = offset[lines.numbers(rows["course_id"])] + millimetres(rows["from_m"].to_numpy())
    order = np.argsort(start, kind="stable")
    state, start = rows["state"].to_numpy()[order], start[order]
    end = start + millimetres((rows["to_m"] - rows["from_m"]).to_numpy())[order]
    low = offset[lines.numbers(segments["course_id"])] + millimetres(segments["from_m"].to_numpy())
    high = low + millimetres(segments["length_m"].to_numpy())
    ends = np.concatenate([[0], end])

    def length(name: str) -> Ints:
        # The metres of a state up to a place on the axis are a straight line between its ends.
        upto = np.concatenate([[0], np.cumsum(np.where(state == name, end - start, 0))])
        return np.rint(np.interp(high, ends, upto) - np.interp(low, ends, upto)).astype(np.int64)

    conflicting, unassigned = length("conflicting"), length("unassigned")
    assigned = length("assigned") + conflicting
    return Held(assigned, unassigned, conflicting, high - low - assigned - unassigned)


def _level(
    found: Seen,
    held: Held,
    who: Posted,
    passages: Passages,
    *,
    level: str,
    declared: Ints,
    settings: Settings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    segments = found.segments
    length = millimetres(segments["length_m"].to_numpy())
    seen = cover(found, level)
    days, since, due = _due(found, level, settings)
    late = (np.datetime64(as_of.normalize(), "us") - due) / np.timedelta64(1, "D")
    late = np.where(np.isnan(late), np.where(days > 0, 0.0, np.nan), np.maximum(late, 0.0))
    last = _last(found, level)
    known = last >= 0
    row = found.track.row[np.maximum(last, 0)] if len(found.track.row) else last
    newest = passages.iloc[row[known]]
    frame = pd.DataFrame(
        {
            "segment_id": segments["segment_id"].to_numpy(),
            "level": level,
            "state": _states(held, seen, length, days, settings),
            "holders": who.holders,
            "units": who.units,
            "phones": who.phones,
            "since_on": who.since_on,
            "assigned_m": held.assigned / 1000,
            "unassigned_m": held.unassigned / 1000,
            "conflicting_m": held.conflicting / 1000,
            "out_of_scope_m": held.out_of_scope / 1000,
            "covered_m": seen.covered / 1000,
            "unsure_m": seen.unsure / 1000,
            "overdue_m": seen.overdue / 1000,
            "never_m": seen.never / 1000,
            "declared": declared,
            "visits": counts_of(found, passages, since),
            "last_at": pd.Series(pd.NaT, index=range(len(segments)), dtype="datetime64[us, UTC]"),
            "last_by": "",
            "last_offset_m": np.nan,
            "due_on": due,
            "overdue_days": late,
        }
    )
    frame.loc[known, "last_at"] = newest["left_at"].to_numpy()
    frame.loc[known, "last_by"] = newest["patrol_id"].to_numpy()
    frame.loc[known, "last_offset_m"] = newest["offset_m"].to_numpy()
    return frame.assign(why=_reasons(frame, days, length, settings))


def _due(found: Seen, level: str, settings: Settings) -> tuple[Ints, Ints, NDArray[np.datetime64]]:
    """Return, a segment: the shortest days between patrols, its period's start, the due day.

    Due is the earliest of the days on which one of the posts that owe a patrol must be back; NaT
    where the segment was never wholly seen, or nothing is asked.
    """
    size = len(found.segments)
    days = np.zeros(size, dtype=np.int64)
    since = np.full(size, UNDATED, dtype=np.int64)
    due = np.full(size, np.datetime64("NaT", "us"))
    never = np.zeros(size, dtype=bool)
    for watch in watches_of(found, level):
        asked = watch.days > 0
        seen_on = days_of(whole_at(found, watch, settings.seen_share), settings)
        mine = seen_on + watch.days * np.timedelta64(1, "D")
        never |= asked & np.isnat(mine)
        due = np.where(asked, np.fmin(due, mine), due)
        stricter = asked & ((days == 0) | (watch.days < days))
        days = np.where(stricter, watch.days, days)
        starts = np.full(size, UNDATED, dtype=np.int64)
        starts[found.pieces.segment] = watch.since
        since = np.where(stricter, starts, since)
    due[never] = np.datetime64("NaT")
    return days, since, due


def _last(found: Seen, level: str) -> Ints:
    """Return the newest sure passage of each segment by those who count for `level`."""
    watches = watches_of(found, level) if level else ()
    newest = [newest_of(found, watch) for watch in watches or (found.anybody,)]
    # Places in the track run from new to old; NOBODY must lose against any.
    best = np.min([np.where(f == NOBODY, np.iinfo(np.int64).max, f) for f in newest], axis=0)
    return np.where(best == np.iinfo(np.int64).max, NOBODY, best)


def _states(
    held: Held, seen: Cover, length: Ints, days: Ints, settings: Settings
) -> NDArray[np.object_]:
    little = np.ceil(length * (1 - settings.seen_share)).astype(np.int64)
    # Centimetres without a holder are the rounding of a table; they count, but colour nothing.
    slip = np.minimum(round(settings.ignore_m * 1000), length // 2)
    enough = length - little
    conditions = {
        "out_of_scope": (held.out_of_scope == length) & (days == 0),
        "unassigned": held.unassigned > slip,
        "conflicting": held.conflicting > slip,
        "covered": seen.covered >= enough,
        "unsure": (seen.unsure > little) & (seen.covered + seen.unsure >= enough),
        "never": seen.covered + seen.overdue + seen.unsure <= little,
        "overdue": (seen.covered <= little) & (seen.overdue > 0),
    }
    return np.select(list(conditions.values()), list(conditions), default="partial").astype(object)


def _reasons(frame: pd.DataFrame, days: Ints, length: Ints, settings: Settings) -> list[str]:
    last = frame["last_at"].dt.tz_convert(settings.time_zone).dt.strftime("%Y-%m-%d")
    rows = frame.assign(
        share=share_of(millimetres(frame["covered_m"].to_numpy()), length),
        days=days,
        last=last.fillna(""),
        due=frame["due_on"].dt.strftime("%Y-%m-%d").fillna(""),
    )
    return [_reason(row, settings.language) for row in rows.itertuples(index=False)]


def _reason(row: Any, language: Language) -> str:
    """Return the reasons for one state, most blaming first."""
    if row.state == "out_of_scope":
        return NOTHING.say(language)
    told = []
    if row.unassigned_m:
        told.append(UNASSIGNED.say(language, m=metres_in_words(row.unassigned_m)))
    if row.conflicting_m:
        told.append(CONFLICTING.say(language, m=metres_in_words(row.conflicting_m)))
    if not row.last_by:
        told.append(NEVER.say(language))
    elif row.last and math.isnan(row.last_offset_m):
        told.append(SEEN_BETWEEN.say(language, day=row.last))
    elif row.last:
        told.append(SEEN.say(language, day=row.last, offset=round(row.last_offset_m)))
    else:
        told.append(UNDATED_SEEN.say(language))
    if not row.days:
        told.append(NO_RULE.say(language))
    elif row.due:
        told.append(DUE.say(language, days=row.days, due=row.due))
    else:
        told.append(OWED.say(language, days=row.days))
    if row.overdue_days > 0:
        told.append(LATE.say(language, days=round(row.overdue_days)))
    if row.last_by and row.share < 1:
        told.append(PART.say(language, share=math.floor(row.share * 100)))
    if row.unsure_m:
        told.append(UNSURE.say(language, m=metres_in_words(row.unsure_m)))
    if row.declared:
        told.append(DECLARED.say(language, n=row.declared))
    return (";" if language == "zh" else "; ").join(told)


def metres_in_words(metres: float) -> str:
    """Return metres without decimals, but never 0 for what is not nothing."""
    return f"{metres:.0f}" if metres >= 1 else f"{metres:.3f}"
