"""Turn the rows of a responsibility table into stretches, in the six ways offices write them.

The whole asset, the asset within an area, chainage from-to, two coordinates, two named places,
and each of them on one bank. A row that cannot be read for certain becomes a fault, not a guess.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.baseline import Baseline, no_baseline, row_keys
from geo.choosing import BY, Choice, chooser_on
from geo.ends import Ends, locate_ends
from geo.ground import Ground
from geo.posts import read_holder, read_level, read_role, read_side, say_post
from geo.rereading import reread
from geo.schema import (
    DUTIES,
    DUTY_FAULTS,
    READINGS,
    Duties,
    DutyFaults,
    DutyRows,
    Readings,
    Rejects,
    conform,
    rejects,
)
from geo.settings import LEVELS, Settings
from geo.words import Text

UNKNOWN_LEVEL = Text(
    "不认识的层级“{level}”：可写 省级 市级 县级 镇级 村级 组级；已按原样保留",
    "unknown level '{level}': wanted province, city, county, town, village or group; kept as is",
)
UNKNOWN_SIDE = Text(
    "不认识的岸别“{side}”：可写 左岸、右岸，或留空表示两岸",
    "unknown side '{side}': wanted left or right, or nothing for both",
)
NO_BANKS = Text(
    "写了“{side}”，但对象在图层里只有水面的岸线，分不出左右岸；请改用桩号或片区",
    "'{side}' is given, but the layer draws only a shore; give chainages or an area instead",
)
REVERSED_DATES = Text(
    "有效期颠倒：起 {start} 不早于止 {end}；请核对",
    "validity reversed: from {start} is not before until {end}; check the dates",
)
NO_METRES = Text(
    "片区与起止桩号没有共同的一段；请核对",
    "the area and the chainages have no metre in common; check them",
)
SAME_ROW = Text(
    "与 {file} 第 {row} 行完全相同，只算一次", "the same as {file} row {row}; counted once"
)
NO_HOLDER = Text(
    "没有写{post}：按空岗处理，长度计为未分配",
    "no {post} is given: taken as a vacant post, its metres stay unassigned",
)
HOLDER = Text("责任人", "holder")
WHY = {
    "asset": Text("整条", "the whole asset"),
    "area": Text("片区“{area}”之内", "within area '{area}'"),
    "chainage": Text("按桩号 {start} 至 {end}", "by chainage {start} to {end}"),
    "coordinates": Text("按坐标 {start} 至 {end}", "by coordinates {start} to {end}"),
    "places": Text("按地名 {start} 至 {end}", "by places {start} to {end}"),
}
CARRIED = Text("线形已重画，按原来的位置", "the line was redrawn: at the place it had before")
OTHER_BANK = {"L": "R", "R": "L"}


@dataclass(frozen=True)
class Located:
    """The stretches of all usable rows, and what is wrong with the others.

    `readings` are the stretches that a redrawing of their lines must not move, `version` 0.
    """

    duties: Duties
    faults: DutyFaults
    rejects: Rejects
    readings: Readings


class _Faults:
    """Gather faults row by row; a row with an unusable fault gives no stretch."""

    def __init__(self, rows: DutyRows) -> None:
        self.rows = rows
        self.good: NDArray[np.bool_] = np.ones(len(rows), dtype=bool)
        self.found: list[tuple[int, str, str, bool, str]] = []

    def add(self, at: int, fault: str, column: str, message: str, *, used: bool = False) -> None:
        self.good[at] &= used
        self.found.append((at, fault, column, used, message))

    def frame(self, chosen: list[Choice]) -> DutyFaults:
        at = [found[0] for found in self.found]
        rows = self.rows.iloc[at]
        frame = pd.DataFrame(self.found, columns=["at", "fault", "column", "used", "message"])
        frame = frame.drop(columns="at").assign(
            used=frame["used"].astype(bool),
            candidates=[" | ".join(chosen[one].candidates) for one in at],
            duty_id=rows["duty_id"].to_numpy(),
            asset=rows["asset"].where(rows["asset"] != "", rows["code"]).to_numpy(),
            file=rows["file"].to_numpy(),
            row=rows["row"].to_numpy(dtype=np.int64),
        )
        frame = frame.sort_values(["file", "row", "fault"], kind="stable")
        return DutyFaults(conform(frame, DUTY_FAULTS))


def locate_duties(
    rows: DutyRows, ground: Ground, settings: Settings, *, baseline: Baseline | None = None
) -> Located:
    """Return the stretches the rows mean, and a fault for everything that is not certain.

    A row gives one stretch for each course and each visit of an area. Rows whose fault is not
    `used` give none. Sides, levels and roles are put into the schema's words; validity is kept,
    so that any day can be asked. A row by chainage that says what it said in `baseline` means the
    metres it meant there. Order: as the rows, then by course and chainage.
    """
    faults = _Faults(rows)
    _check(rows, faults, settings)
    chosen = _choose(rows, ground, faults, settings)
    stretches = _places_of(chosen, ground)
    _check_banks(rows, stretches, ground, faults, settings)
    ends = _ends(rows, stretches, ground, baseline or no_baseline(), settings)
    for at, fault, column, message, used in ends.faults:
        faults.add(at, fault, column, message, used=used)
    stretches = _clip(stretches, ends)
    stretches = stretches[faults.good[stretches["at"].to_numpy(dtype=np.int64)]]
    for at in np.setdiff1d(np.flatnonzero(faults.good), stretches["at"]):
        faults.add(int(at), "no_metres", "", NO_METRES.say(settings.language))
    found = faults.frame(chosen)
    return Located(
        _duties(rows, stretches, chosen, ground, settings),
        found,
        _as_rejects(found),
        _readings(rows, ends, stretches, ground),
    )


def in_force(duties: pd.DataFrame, as_of: pd.Timestamp) -> NDArray[np.bool_]:
    """Return which rows are valid on the day `as_of`: from the first day, before the last."""
    day = as_of.tz_localize(None).normalize()
    begun = duties["from_on"].isna() | (duties["from_on"] <= day)
    lasts = duties["until_on"].isna() | (duties["until_on"] > day)
    return (begun & lasts).to_numpy(dtype=bool)


def _check(rows: DutyRows, faults: _Faults, settings: Settings) -> None:
    """Report what can be told from the rows alone."""
    say = settings.language
    same = [name for name in rows.columns if name not in ("duty_id", "file", "row")]
    first = rows.groupby(same, sort=False, dropna=False)[["file", "row"]].transform("first")
    for at in _where(rows.duplicated(same)):
        faults.add(
            at,
            "same_row",
            "",
            SAME_ROW.say(say, file=first["file"].iloc[at], row=first["row"].iloc[at]),
        )
    reversed_dates = rows["until_on"] <= rows["from_on"]
    for at in _where(reversed_dates):
        start, end = rows["from_on"].iloc[at].date(), rows["until_on"].iloc[at].date()
        message = REVERSED_DATES.say(say, start=start, end=end)
        faults.add(at, "reversed_dates", "until_on", message)
    for at in _where(rows["side"].map(read_side) == ""):
        message = UNKNOWN_SIDE.say(say, side=rows["side"].iloc[at])
        faults.add(at, "unknown_side", "side", message)
    levels = pd.Series(_levels(rows))
    for at in _where(~levels.isin(["", *LEVELS])):
        message = UNKNOWN_LEVEL.say(say, level=rows["level"].iloc[at])
        faults.add(at, "unknown_level", "level", message, used=True)
    for at in _where(rows["holder"].map(read_holder) == ""):
        post = say_post(levels.iloc[at], read_role(rows["role"].iloc[at])[1], say)
        message = NO_HOLDER.say(say, post=post or HOLDER.say(say))
        faults.add(at, "no_holder", "holder", message, used=True)


def _check_banks(
    rows: DutyRows, stretches: pd.DataFrame, ground: Ground, faults: _Faults, settings: Settings
) -> None:
    """Report rows that name a bank of a shore: a shore has its water on one side all round."""
    shore = ground.courses["closed"] & (ground.courses["kind"] != "road")
    shores = set(ground.courses.loc[shore, "course_id"])
    banked = rows["side"].map(read_side).isin(["L", "R"]).to_numpy()
    on_shore = stretches.loc[stretches["course_id"].isin(shores), "at"].unique()
    for at in on_shore[banked[on_shore.astype(np.int64)]]:
        message = NO_BANKS.say(settings.language, side=rows["side"].iloc[int(at)])
        faults.add(int(at), "no_banks", "side", message)


def _where(yes: pd.Series) -> list[int]:
    return [int(at) for at in np.flatnonzero(yes)]


def _levels(rows: DutyRows) -> list[str]:
    told = [read_level(level) for level in rows["level"]]
    return [level or read_role(role)[0] for level, role in zip(told, rows["role"], strict=True)]


def _choose(rows: DutyRows, ground: Ground, faults: _Faults, settings: Settings) -> list[Choice]:
    """Return what each row means, and report those that mean nothing certain."""
    chooser = chooser_on(ground, settings)
    told_ends = (rows["from_text"].str.strip() != "") | (rows["to_text"].str.strip() != "")
    columns = (rows[c].to_list() for c in ("asset", "code", "kind", "area"))
    chosen = [
        chooser.choose(*row, ends=ends) for *row, ends in zip(*columns, told_ends, strict=True)
    ]
    for at, one in enumerate(chosen):
        if one.fault:
            faults.add(at, one.fault, one.column, one.message)
    return chosen


def _places_of(chosen: list[Choice], ground: Ground) -> pd.DataFrame:
    """Return the stretches each row may at most hold: its courses, cut to its area."""
    wanted = pd.DataFrame(
        [(at, one, choice.area) for at, choice in enumerate(chosen) for one in choice.ids],
        columns=["at", "asset_id", "area_id"],
    )
    mine = ground.courses[["asset_id", "course_id", "length_m"]]
    wanted = wanted.merge(pd.DataFrame(mine), on="asset_id")
    inside = wanted[wanted["area_id"] != ""].merge(
        ground.within[["course_id", "area_id", "from_m", "to_m"]], on=["course_id", "area_id"]
    )
    whole = wanted[wanted["area_id"] == ""].assign(from_m=0.0, to_m=lambda rows: rows["length_m"])
    stretches = pd.concat([whole, inside], ignore_index=True)
    return stretches.sort_values(["at", "course_id", "from_m"], kind="stable", ignore_index=True)


def _ends(
    rows: DutyRows,
    stretches: pd.DataFrame,
    ground: Ground,
    baseline: Baseline,
    settings: Settings,
) -> Ends:
    """Return where rows with ends run: by what they say, or by what they meant before."""
    before = reread(rows, ground.courses, ground.calibration, baseline, settings)
    unread = stretches[~stretches["at"].isin(before.at)]
    today = locate_ends(rows, unread, ground, settings)
    some = [limits for limits in (today.limits, before.limits) if len(limits)] or [today.limits]
    return Ends(pd.concat(some, ignore_index=True), today.faults + before.faults, before.turned)


def _readings(rows: DutyRows, ends: Ends, stretches: pd.DataFrame, ground: Ground) -> Readings:
    """Return what a redrawing must not move, once for all rows that say the same.

    These are the stretches that hang on chainages, and the lines that rows name a bank of.
    """
    lasting = ends.limits[ends.limits["lasting"] & ends.limits["at"].isin(stretches["at"])]
    told = stretches[~stretches["at"].isin(lasting["at"]) & ~stretches["carried"]]
    banked = rows["side"].map(read_side).isin(["L", "R"]).to_numpy()
    sides = told[banked[told["at"].to_numpy(dtype=np.int64)]]
    length = dict(zip(ground.lines.ids, ground.lines.length_m, strict=True))
    at = np.concatenate([lasting["at"], sides["at"]]).astype(np.int64)
    found = pd.DataFrame(
        {
            "key": row_keys(rows)[at],
            "file": rows["file"].to_numpy()[at],
            "course_id": np.concatenate([lasting["course_id"], sides["course_id"]]),
            "version": 0,
            "from_m": np.concatenate([lasting["start_m"], np.zeros(len(sides))]),
            "to_m": np.concatenate([lasting["end_m"], sides["course_id"].map(length)]),
            "way": np.repeat(["chainage", "bank"], [len(lasting), len(sides)]),
        }
    )
    found = found.drop_duplicates(["key", "course_id", "from_m"])
    return Readings(conform(found, READINGS))


def _clip(stretches: pd.DataFrame, ends: Ends) -> pd.DataFrame:
    """Return the stretches cut to the ends their rows give; what is left empty is dropped."""
    limited = stretches.merge(ends.limits, on=["at", "course_id"], how="left")
    told = limited["at"].isin(ends.limits["at"])
    limited = limited[~told | limited["start_m"].notna()]
    start = limited["start_m"].fillna(0.0)
    end = limited["end_m"].fillna(np.inf)
    from_m = np.maximum(limited["from_m"], start)
    to_m = np.minimum(limited["to_m"], end)
    marked = {mark: limited[mark].eq(other=True) for mark in ("carried", "turned")}
    here = zip(limited["at"], limited["course_id"], strict=True)
    marked["turned"] |= np.array([pair in ends.turned for pair in here], dtype=bool)
    limited = limited.assign(from_m=from_m, to_m=to_m, **marked)
    located = limited["located_by"].where(
        limited["located_by"].notna(), np.where(limited["area_id"] == "", "asset", "area")
    )
    kept = limited.assign(located_by=located)[np.asarray(from_m < to_m)]
    return kept.sort_values(["at", "course_id", "from_m"], kind="stable")


def _duties(
    rows: DutyRows,
    stretches: pd.DataFrame,
    chosen: list[Choice],
    ground: Ground,
    settings: Settings,
) -> Duties:
    at = stretches["at"].to_numpy(dtype=np.int64)
    mine = rows.iloc[at].reset_index(drop=True)
    name = dict(zip(ground.areas["area_id"], ground.areas["name"], strict=True))
    say = settings.language
    stop = "；" if say == "zh" else "; "
    spoken = [
        stop.join(
            filter(
                None,
                (
                    BY[chosen[row].how].say(say),
                    CARRIED.say(say) if carried else "",
                    WHY[way].say(
                        say,
                        area=name.get(chosen[row].area, ""),
                        start=start,
                        end=end,
                    ),
                ),
            )
        )
        for row, way, carried, start, end in zip(
            at,
            stretches["located_by"],
            stretches["carried"],
            mine["from_text"],
            mine["to_text"],
            strict=True,
        )
    ]
    side = mine["side"].map(read_side)
    turned = stretches["turned"].to_numpy(dtype=bool)
    frame = mine.drop(columns=["asset", "code", "kind", "area", "from_text", "to_text"]).assign(
        course_id=stretches["course_id"].to_numpy(),
        from_m=stretches["from_m"].to_numpy(dtype=np.float64),
        to_m=stretches["to_m"].to_numpy(dtype=np.float64),
        side=side.mask(turned, side.replace(OTHER_BANK)),
        level=_levels(mine),
        role=[read_role(role)[1] for role in mine["role"]],
        holder=mine["holder"].map(read_holder),
        located_by=stretches["located_by"].to_numpy(),
        why=spoken,
    )
    return Duties(conform(frame, DUTIES))


def _as_rejects(faults: DutyFaults) -> Rejects:
    # What is left of a cut row is used, but metres of it are gone.
    whole = faults["used"] & (faults["fault"] != "cut")
    severity = np.where(whole, "warning", "error")
    columns = [faults[c] for c in ("file", "row", "column", "fault")]
    return rejects(zip(*columns, severity, faults["message"], strict=True))
