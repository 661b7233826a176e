"""Turn the rows of a responsibility table into stretches, in the six ways offices write them.

The whole asset, the asset within an area, chainage from-to, two coordinates, two named places,
and each of them on one bank. A row that cannot be read for certain becomes a fault, not a guess.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo import names
from geo.ends import Ends, locate_ends
from geo.ground import Ground
from geo.posts import read_level, read_role, read_side
from geo.schema import (
    DUTIES,
    DUTY_FAULTS,
    Duties,
    DutyFaults,
    DutyRows,
    Rejects,
    conform,
    rejects,
)
from geo.settings import LEVELS, Settings
from geo.words import Text

UNMATCHED = Text(
    "没有找到“{asset}”：图层里没有这个编号或名称；请改正名称，或在图层里补上",
    "no asset '{asset}': no layer has this code or name; mend the name or add it to a layer",
)
AMBIGUOUS = Text(
    "“{asset}”可能是 {candidates} 中的任何一个；请填写编号",
    "'{asset}' may be any of {candidates}; give its code",
)
CONTRADICTION = Text(
    "编号“{code}”与名称“{asset}”指的不是同一个对象（{candidates}）；请改正其中之一",
    "code '{code}' and name '{asset}' do not mean one asset ({candidates}); mend one of them",
)
NO_ASSET = Text(
    "没有写对象：需要编号或名称，或者对象类别加片区",
    "no asset given: wanted a code or a name, or a kind with an area",
)
NO_AREA = Text(
    "没有找到片区“{area}”；请改正名称，或在片区图层里补上",
    "no area '{area}'; mend the name or add it to the areas",
)
AMBIGUOUS_AREA = Text(
    "片区“{area}”可能是 {candidates} 中的任何一个；请写全名或编号",
    "area '{area}' may be any of {candidates}; give its full name or code",
)
NOT_IN_AREA = Text(
    "“{asset}”不经过片区“{area}”；请核对片区名称或界线",
    "'{asset}' does not run through area '{area}'; check its name or its border",
)
UNKNOWN_SECTION = Text(
    "“{asset}”只说了一段（{rest}），但没有叫这个名的片区；请写起止桩号",
    "'{asset}' means a section ({rest}), but no area is called so; give chainages",
)
UNKNOWN_LEVEL = Text(
    "不认识的层级“{level}”：可写 省级 市级 县级 镇级 村级 组级；已按原样保留",
    "unknown level '{level}': wanted province, city, county, town, village or group; kept as is",
)
UNKNOWN_SIDE = Text(
    "不认识的岸别“{side}”：可写 左岸、右岸，或留空表示两岸",
    "unknown side '{side}': wanted left or right, or nothing for both",
)
REVERSED_DATES = Text(
    "有效期颠倒：起 {start} 不早于止 {end}；请核对",
    "validity reversed: from {start} is not before until {end}; check the dates",
)
SAME_ROW = Text("与第 {row} 行完全相同，只算一次", "the same as row {row}; counted once")
NO_HOLDER = Text(
    "没有写责任人：按空岗处理，长度计为未分配",
    "no holder: taken as a vacant post, its metres stay unassigned",
)
WHY = {
    "asset": Text("整条", "the whole asset"),
    "area": Text("片区“{area}”之内", "within area '{area}'"),
    "chainage": Text("按桩号 {start} 至 {end}", "by chainage {start} to {end}"),
    "coordinates": Text("按坐标 {start} 至 {end}", "by coordinates {start} to {end}"),
    "places": Text("按地名 {start} 至 {end}", "by places {start} to {end}"),
}
BY = {
    "code": Text("按编号对上", "met by code"),
    "name": Text("按名称对上", "met by name"),
    "stem": Text("名称略去后缀后对上", "met by name without its ending"),
    "narrowed": Text("同名对象中只有它经过该片区", "the only one of that name in the area"),
    "kind": Text("该类全部对象", "all assets of the kind"),
}


@dataclass(frozen=True)
class Located:
    """The stretches of all usable rows, and what is wrong with the others."""

    duties: Duties
    faults: DutyFaults
    rejects: Rejects


class _Faults:
    """Gather faults row by row; a row with an unusable fault is not looked at again."""

    def __init__(self, rows: DutyRows) -> None:
        self.rows = rows
        self.good: NDArray[np.bool_] = np.ones(len(rows), dtype=bool)
        self.found: list[tuple[int, str, str, bool, str, str]] = []

    def add(
        self, at: int, fault: str, column: str, message: str, *, used: bool = False, may: str = ""
    ) -> None:
        self.good[at] &= used
        self.found.append((at, fault, column, used, may, message))

    def frame(self) -> DutyFaults:
        at = [found[0] for found in self.found]
        rows = self.rows.iloc[at]
        columns = ["_at", "fault", "column", "used", "candidates", "message"]
        frame = pd.DataFrame(self.found, columns=columns).drop(columns="_at")
        frame = frame.astype({"used": bool}).assign(
            duty_id=rows["duty_id"].to_numpy(),
            asset=rows["asset"].where(rows["asset"] != "", rows["code"]).to_numpy(),
            file=rows["file"].to_numpy(),
            row=rows["row"].to_numpy(dtype=np.int64),
        )
        frame = frame.sort_values(["file", "row", "fault"], kind="stable")
        return DutyFaults(conform(frame, DUTY_FAULTS))


def locate_duties(rows: DutyRows, ground: Ground, settings: Settings) -> Located:
    """Return the stretches the rows mean, and a fault for everything that is not certain.

    A row gives one stretch for each course and each visit of an area. Rows whose fault is not
    `used` give none. Sides, levels and roles are put into the schema's words; validity is kept,
    so that any day can be asked. Order: as the rows, then by course and chainage.
    """
    faults = _Faults(rows)
    _check(rows, faults, settings)
    chosen, areas_of = _choose(rows, ground, faults, settings)
    stretches = _places_of(chosen, areas_of, ground)
    ends = locate_ends(rows, stretches, ground, settings)
    for at, fault, column, message, used in ends.faults:
        faults.add(at, fault, column, message, used=used)
    stretches = _clip(stretches, ends)
    stretches = stretches[faults.good[stretches["at"].to_numpy(dtype=np.int64)]]
    found = faults.frame()
    return Located(_duties(rows, stretches, chosen, areas_of, settings), found, _as_rejects(found))


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
    first = rows.groupby(same, sort=False, dropna=False)["row"].transform("first")
    for at in _where(rows.duplicated(same)):
        faults.add(at, "same_row", "", SAME_ROW.say(say, row=int(first.iloc[at])))
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
    for at in _where(rows["holder"].str.strip() == ""):
        faults.add(at, "no_holder", "holder", NO_HOLDER.say(say), used=True)


def _where(yes: pd.Series) -> list[int]:
    return [int(at) for at in np.flatnonzero(yes)]


def _levels(rows: DutyRows) -> list[str]:
    told = [read_level(level) for level in rows["level"]]
    return [level or read_role(role)[0] for level, role in zip(told, rows["role"], strict=True)]


def _choose(
    rows: DutyRows, ground: Ground, faults: _Faults, settings: Settings
) -> tuple[list[tuple[tuple[str, ...], str]], list[str]]:
    """Return for each row the assets it means with how they were met, and its area."""
    assets, areas, within = ground.assets, ground.areas, ground.within
    known = names.known(*(assets[c] for c in ("asset_id", "name", "code", "kind")))
    known_areas = names.places(*(areas[c] for c in ("area_id", "name", "parent")))
    through = within.assign(asset_id=within["course_id"].map(_asset_of(ground)))
    passes = set(zip(through["asset_id"], through["area_id"], strict=True))
    by_kind = assets.groupby("kind")["asset_id"].agg(tuple).to_dict()
    chosen: list[tuple[tuple[str, ...], str]] = []
    areas_of: list[str] = []
    say = settings.language
    texts = zip(*(rows[c] for c in ("asset", "code", "kind", "area")), strict=True)
    for at, (asset, code, kind, area) in enumerate(texts):
        match = known.match(asset, code, kind)
        ids, how = match.ids, match.how
        name = asset or code
        place = area or match.rest
        found = names.place(place, known_areas) if place.strip() else ()
        if not (asset.strip() or code.strip()):
            ids, how = (by_kind.get(kind, ()), "kind") if area.strip() and kind else ((), "none")
        if found and len(ids) > 1 and how in ("name", "stem"):
            inside = tuple(one for one in ids if any((one, other) in passes for other in found))
            ids, how = (inside, "narrowed") if len(inside) == 1 else (ids, how)
        found = _in_reach(found, ids, passes)
        chosen.append((ids, how))
        areas_of.append(found[0] if len(found) == 1 else "")
        may = " ".join(ids)
        if how == "none":
            faults.add(at, "no_asset", "asset", NO_ASSET.say(say))
        elif how == "contradiction":
            message = CONTRADICTION.say(say, code=code, asset=asset, candidates=may)
            faults.add(at, "ambiguous", "code", message, may=may)
        elif not ids:
            faults.add(at, "unmatched", "asset", UNMATCHED.say(say, asset=name))
        elif len(ids) > 1 and how != "kind":
            message = AMBIGUOUS.say(say, asset=name, candidates=may)
            faults.add(at, "ambiguous", "asset", message, may=may)
        elif len(found) > 1:
            message = AMBIGUOUS_AREA.say(say, area=place, candidates=" ".join(found))
            faults.add(at, "ambiguous", "area", message, may=" ".join(found))
        elif area.strip() and not found:
            faults.add(at, "unknown_area", "area", NO_AREA.say(say, area=area))
        elif found and not any((one, found[0]) in passes for one in ids):
            message = NOT_IN_AREA.say(say, asset=name, area=place)
            faults.add(at, "not_in_area", "area", message)
        elif match.rest and not found and not rows["from_text"].iloc[at]:
            message = UNKNOWN_SECTION.say(say, asset=name, rest=match.rest)
            faults.add(at, "unknown_section", "asset", message)
    return chosen, areas_of


def _in_reach(
    found: tuple[str, ...], ids: tuple[str, ...], passes: set[tuple[str, str]]
) -> tuple[str, ...]:
    """Return the areas of that name that the asset runs through, all of them if it meets none."""
    if len(found) < 2:
        return found
    met = tuple(area for area in found if any((one, area) in passes for one in ids))
    return met or found


def _asset_of(ground: Ground) -> dict[str, str]:
    return dict(zip(ground.courses["course_id"], ground.courses["asset_id"], strict=True))


def _places_of(
    chosen: list[tuple[tuple[str, ...], str]], areas_of: list[str], ground: Ground
) -> pd.DataFrame:
    """Return the stretches each row may at most hold: its courses, cut to its area."""
    wanted = pd.DataFrame(
        [
            (at, asset_id, area)
            for at, ((ids, _), area) in enumerate(zip(chosen, areas_of, strict=True))
            for asset_id in ids
        ],
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


def _clip(stretches: pd.DataFrame, ends: Ends) -> pd.DataFrame:
    """Return the stretches cut to the ends their rows give; what is left empty is dropped."""
    limited = stretches.merge(ends.limits, on=["at", "course_id"], how="left")
    told = limited["at"].isin(ends.limits["at"])
    limited = limited[~told | limited["start_m"].notna()]
    start = limited["start_m"].fillna(0.0)
    end = limited["end_m"].fillna(np.inf)
    from_m = np.maximum(limited["from_m"], start)
    to_m = np.minimum(limited["to_m"], end)
    limited = limited.assign(from_m=from_m, to_m=to_m)
    located = limited["located_by"].where(
        limited["located_by"].notna(), np.where(limited["area_id"] == "", "asset", "area")
    )
    return limited.assign(located_by=located)[np.asarray(from_m < to_m)]


def _duties(
    rows: DutyRows,
    stretches: pd.DataFrame,
    chosen: list[tuple[tuple[str, ...], str]],
    areas_of: list[str],
    settings: Settings,
) -> Duties:
    at = stretches["at"].to_numpy(dtype=np.int64)
    mine = rows.iloc[at].reset_index(drop=True)
    say = settings.language
    spoken = [
        BY[chosen[row][1]].say(say)
        + ("；" if say == "zh" else "; ")
        + WHY[way].say(
            say,
            area=rows["area"].iloc[row] or areas_of[row],
            start=rows["from_text"].iloc[row],
            end=rows["to_text"].iloc[row],
        )
        for row, way in zip(at, stretches["located_by"], strict=True)
    ]
    frame = mine.drop(columns=["asset", "code", "kind", "area", "from_text", "to_text"]).assign(
        course_id=stretches["course_id"].to_numpy(),
        from_m=stretches["from_m"].to_numpy(dtype=np.float64),
        to_m=stretches["to_m"].to_numpy(dtype=np.float64),
        side=mine["side"].map(read_side),
        level=[_levels(rows)[row] for row in at] if len(at) < 2 else np.array(_levels(rows))[at],
        role=[read_role(role)[1] for role in mine["role"]],
        holder=mine["holder"].str.strip(),
        located_by=stretches["located_by"].to_numpy(),
        why=spoken,
    )
    return Duties(conform(frame, DUTIES))


def _as_rejects(faults: DutyFaults) -> Rejects:
    severity = np.where(faults["used"], "warning", "error")
    columns = [faults[c] for c in ("file", "row", "column", "fault")]
    return rejects(zip(*columns, severity, faults["message"], strict=True))
