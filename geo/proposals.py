"""Say in rows and words who is proposed for which stretch, and why."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.districting import Pieces, Plan
from geo.holders import Holders
from geo.intervals import Stretches, overlay
from geo.lines import Floats, Ints, cut
from geo.posts import say_post
from geo.study import Study
from geo.vacant_posts import Post, areas_of
from geo.words import Text

POST = Text("责任人", "holder")
FAMILY = {"road": Text("道路", "roads: "), "water": Text("河湖", "waters: ")}
STOP = Text("；", "; ")
CONTINUES = Text("与其现管河段(路段)相接", "continues what the holder has")
OPPOSITE = Text("其现管对岸", "the holder has the opposite bank")
AT_HOME = Text("位于其片区{area}", "lies in the holder's area {area}")
PARTLY = Text("其中 {km} 公里", "for {km} km: ")
NO_ONE_HERE = Text(
    "位于{area}，该片区尚无责任人，由其指定人选",
    "lies in {area}, which has no holder yet and names one",
)
NEAR = Text("就近：距其现管处 {km} 公里", "near: {km} km from what the holder has")
AWAY = Text("距其现管处 {km} 公里", "{km} km from what the holder has")
LOAD = Text(
    "现管 {held} 公里，补后 {load} 公里（人均 {mean} 公里）",
    "has {held} km now, {load} km then (mean {mean} km)",
)
NEARER = Text(
    "更近的{holder}（{near} 公里）补后已有 {load} 公里",
    "{holder}, who is nearer ({near} km), has {load} km then already",
)
NOBODY = Text(
    "无人可接：可选责任人都已达到或将超过每人 {cap} 公里的上限",
    "nobody can take it: everyone in question is at or would pass the cap of {cap} km",
)
NO_CANDIDATE = Text(
    "无人可接：{post}目前没有任何责任人，也没有可对应的片区",
    "nobody can take it: there is no {post} anywhere and no area that could name one",
)
PASSED = Text(
    "更近的{holder}（{near} 公里）补后 {load} 公里：全部空缺一起算，这一段没有分给他",
    "{holder}, who is nearer ({near} km), has {load} km then: with all gaps dealt out together "
    "this one was not theirs",
)
OTHER = Text("{holder}（{km} 公里）", "{holder} ({km} km)")
CAP_SHORT = Text(
    "{post}：上限每人 {cap} 公里，{n} 人还能接 {room} 公里，空缺 {gap} 公里，"
    "至少多出 {short} 公里；其余照排",
    "{post}: with a cap of {cap} km, {n} holders have room for {room} km of {gap} km of gaps: "
    "at least {short} km too many; the rest is planned",
)
LEFT = Text(
    "{post}：仍有 {left} 公里无人可接（分段或相接的要求所致）",
    "{post}: {left} km are still left over (because of how pieces fit and connect)",
)
OVER_ALREADY = Text(
    "{post}：{holder}现管 {held} 公里，已超过上限 {cap} 公里，不再加派",
    "{post}: {holder} has {held} km, above the cap of {cap} km already; nothing is added",
)
UNCLAIMED = Text(
    "{post}：{gap} 公里空缺，没有可选的责任人", "{post}: {gap} km of gaps, no holder in question"
)
PROVEN = Text(
    "{post}：{gap} 公里空缺分成 {tracts} 段，{n} 人可接。已证明：就近与均衡的总代价，"
    "比这些段在这 {n} 人之间、每人所得连成一片的一切分法中最好的，至多高 {share}%",
    "{post}: {gap} km of gaps in {tracts} tracts, {n} holders in question. Proven: the cost of "
    "distance and imbalance is at most {share} % above the best of all ways to deal these tracts "
    "out to these holders with every share in one piece",
)


@dataclass(frozen=True)
class Case:
    """One post and everything its plan rests on."""

    study: Study
    post: Post
    holders: Holders
    pieces: Pieces
    plan: Plan
    cap_m: float


def proposals(case: Case) -> gpd.GeoDataFrame:
    """Return one row for neighbouring tracts of one gap that go to one holder."""
    post, holders, plan = case.post, case.holders, case.plan
    tracts, who = post.tracts, plan.holder
    same = (np.diff(post.gap) == 0) & (np.diff(who) == 0)
    run = np.r_[0, np.cumsum(~same)] if len(who) else who
    first = np.flatnonzero(np.r_[True, ~same])
    last = np.r_[first[1:] - 1, len(who) - 1]
    course, from_m, to_m = tracts.course[first], tracts.from_m[first], tracts.to_m[last]
    shapes = cut(case.study.lines, course, from_m, to_m)
    taken = who[first]
    table = (
        pd.concat(
            [holders.table, pd.DataFrame([dict.fromkeys(holders.table.columns, "")])],
            ignore_index=True,
        )
        .iloc[taken]
        .reset_index(drop=True)
    )
    where = case.study.courses.iloc[course].reset_index(drop=True)
    code = case.study.assets.set_index("asset_id")["code"].reindex(where["asset_id"]).to_numpy()
    middle = shapely.line_interpolate_point(shapes, 0.5, normalized=True)
    nowhere = np.append(holders.shapes, np.array([None], dtype=object))
    rows = pd.DataFrame(
        {
            "course_id": where["course_id"],
            "asset_id": where["asset_id"],
            "kind": where["kind"],
            "code": code,
            "name": where["name"],
            "from_m": from_m,
            "to_m": to_m,
            "length_m": (tracts.to_mm[last] - tracts.from_mm[first]) / 1000,
            "side": post.side[first],
            "post": _said_post(case),
            "level": post.level,
            "role": np.where(post.role == "", table["role"], post.role),
            "holder": table["holder"],
            "holder_kind": table["holder_kind"],
            "unit": table["unit"],
            "area": _named(case.study, post.area, run),
            "distance_m": shapely.distance(middle, nowhere[taken]),
            "continues": _continues(case.pieces, who, run),
            "held_m": np.append(holders.held_m, np.nan)[taken],
            "load_m": np.append(plan.load_m, np.nan)[taken],
        }
    )
    home_m = _home_m(case, Stretches(course, tracts.from_mm[first], tracts.to_mm[last]), taken)
    near_m = np.full((len(taken), len(holders.table)), np.inf)
    for holder, shape in enumerate(holders.shapes):
        near_m[:, holder] = shapely.distance(middle, shape)
    rows["others"] = _others(case, near_m, taken)
    rows["why"] = _why(case, rows.assign(home_m=home_m), near_m, taken)
    rows["proposal_id"] = [
        f"{post.level}{post.role}@{course_id}@{start:.3f}{side}"
        for course_id, start, side in zip(
            rows["course_id"], rows["from_m"], rows["side"], strict=True
        )
    ]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=case.study.courses.crs)


def _named(study: Study, area: Ints, run: Ints) -> list[str]:
    """Return the names of the areas each run lies in, in order of chainage, each once."""
    name = np.append(study.areas["name"].to_numpy(dtype=object), "")[area]
    joined = (
        pd.Series(name)
        .groupby(run)
        .agg(lambda names: "、".join(dict.fromkeys(filter(None, names))))
    )
    return list(joined)


def _continues(pieces: Pieces, who: Ints, run: Ints) -> NDArray[np.bool_]:
    if not pieces.touches.shape[1]:
        return np.zeros(len(np.unique(run)), dtype=bool)
    meets = pieces.touches[np.arange(len(who)), who] & (who >= 0)
    return pd.Series(meets).groupby(run).any().to_numpy(dtype=bool)


def _home_m(case: Case, runs: Stretches, taken: Ints) -> Floats:
    """Return how many metres of each run lie in the area of who gets it."""
    laid, area = areas_of(case.study, case.post.level)
    shared = overlay(runs, laid)
    home = np.append(case.holders.home, -1)[taken]
    mine = home[shared.left] == area[shared.right]
    mm = np.bincount(shared.left[mine], shared.stretches.length_mm[mine], minlength=len(runs))
    return np.asarray(mm / 1000)


def _others(case: Case, near_m: Floats, taken: Ints) -> list[str]:
    """Return the two nearest holders besides the one proposed, with their distance."""
    holders, near = case.holders, near_m.copy()
    near[np.flatnonzero(taken >= 0), taken[taken >= 0]] = np.inf
    order = np.argsort(near, axis=1, kind="stable")[:, :2]
    names, say = holders.table["holder"], case.study.settings.language
    comma = "、" if say == "zh" else ", "
    return [
        comma.join(
            OTHER.say(say, holder=names.iloc[h], km=km(near[row, h]))
            for h in choice
            if np.isfinite(near[row, h])
        )
        for row, choice in enumerate(order)
    ]


def _why(case: Case, rows: pd.DataFrame, near_m: Floats, taken: Ints) -> list[str]:
    say, loads = case.study.settings.language, case.plan.load_m
    mean = km(float(loads.mean())) if len(loads) else ""
    name = np.append(case.study.areas["name"].to_numpy(dtype=object), "")
    found = []
    columns = ("home_m", "length_m", "side", "continues", "distance_m", "held_m", "load_m")
    for who, far_m, *row in zip(taken, near_m, *(rows[column] for column in columns), strict=True):
        home_m, length_m, side, continues, distance_m, held_m, load_m = row
        if who < 0:
            found.append(_why_nobody(case))
            continue
        home = str(name[case.holders.home[who]])
        reasons = []
        if continues:
            across = side in ("L", "R") and distance_m == 0
            reasons.append((OPPOSITE if across else CONTINUES).say(say))
        if home_m:
            part = "" if home_m == length_m else PARTLY.say(say, km=km(home_m))
            text = AT_HOME if held_m > 0 else NO_ONE_HERE
            reasons.append(part + text.say(say, area=home))
        elif not continues:
            text = NEAR if far_m[who] == far_m.min() else AWAY
            reasons.append(text.say(say, km=km(distance_m)))
        reasons.append(LOAD.say(say, held=km(held_m), load=km(load_m), mean=mean))
        reasons += _nearer(case, far_m, int(who))
        found.append(STOP.say(say).join(reasons))
    return found


def _nearer(case: Case, far_m: Floats, who: int) -> list[str]:
    """Say of the nearest holder, where that is another, what the plan gives him instead."""
    nearest, load_m = int(far_m.argmin()), case.plan.load_m
    if far_m[nearest] == far_m[who]:
        return []
    name, near, load = case.holders.table["holder"].iloc[nearest], far_m[nearest], load_m[nearest]
    say = case.study.settings.language
    text = NEARER if load > load_m[who] else PASSED
    return [text.say(say, holder=name, near=km(near), load=km(load))]


def _why_nobody(case: Case) -> str:
    say = case.study.settings.language
    if len(case.holders.table):
        return NOBODY.say(say, cap=km(case.cap_m))
    return NO_CANDIDATE.say(say, post=_said_post(case))


def loads(case: Case) -> pd.DataFrame:
    """Return what each holder has, is proposed and would have."""
    post, holders, plan = case.post, case.holders, case.plan
    return pd.DataFrame(
        {
            "post": _said_post(case),
            "level": post.level,
            "role": post.role,
            "holder": holders.table["holder"],
            "unit": holders.table["unit"],
            "held_m": holders.held_m,
            "added_m": plan.load_m - holders.held_m,
            "load_m": plan.load_m,
            "mean_m": plan.load_m.mean() if len(plan.load_m) else 0.0,
        }
    )


def said(case: Case) -> list[str]:
    """Return how well the plan is proven and what of it a cap forbids, in words."""
    holders, plan, cap_m = case.holders, case.plan, case.cap_m
    say = case.study.settings.language
    title = _said_post(case)
    gap_m = float(case.post.tracts.length_m.sum())
    n = len(holders.table)
    if not n:
        return [UNCLAIMED.say(say, post=title, gap=km(gap_m))]
    says = [
        PROVEN.say(
            say, post=title, gap=km(gap_m), tracts=len(plan.holder), n=n,
            share=f"{np.ceil(1000 * plan.gap) / 10:.1f}",
        )
    ]  # fmt: skip
    room_m = float(np.maximum(cap_m - holders.held_m, 0).sum())
    if room_m < gap_m:
        says.append(
            CAP_SHORT.say(
                say, post=title, cap=km(cap_m), n=n, room=km(room_m), gap=km(gap_m),
                short=km(gap_m - room_m),
            )
        )  # fmt: skip
    if plan.left_m > max(0.0, gap_m - room_m):
        says.append(LEFT.say(say, post=title, left=km(plan.left_m)))
    over = np.flatnonzero(holders.held_m > cap_m)
    values = {"post": title, "cap": km(cap_m)}
    return says + [
        OVER_ALREADY.say(
            say, holder=holders.table["holder"].iloc[h], held=km(holders.held_m[h]), **values
        )
        for h in over
    ]


def _said_post(case: Case) -> str:
    """Return the post in words: 河湖镇级河长."""
    post, say = case.post, case.study.settings.language
    kind = case.study.courses["kind"].iloc[int(post.tracts.course[0])]
    family = FAMILY["road" if kind == "road" else "water"].say(say)
    return family + say_post(post.level, post.role or POST.say(say), say)


def km(metres: float) -> str:
    """Return metres as kilometres with two figures at most.

    >>> km(1230.0), km(400.0)
    ('1.23', '0.4')
    """
    return f"{metres / 1000:.2f}".rstrip("0").rstrip(".")
