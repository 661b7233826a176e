"""Trace courses: group what was drawn into assets, and their pieces into measured lines."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo import names
from geo.calibration import Calibration, calibrated
from geo.dams import begun_at_dams
from geo.grouping import Groups, grouped
from geo.kinds import called
from geo.lines import measure
from geo.outlines import Outlines, Reject, merged, outlines, repeated, shores
from geo.schema import (
    ASSETS,
    COURSES,
    Assets,
    Courses,
    Features,
    Parts,
    Posts,
    Rejects,
    conform_geo,
    rejects,
)
from geo.sections import beside, breaks
from geo.settings import Settings
from geo.strokes import drawn, strokes
from geo.words import Language, Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]
Geometries = NDArray[np.object_]

_JOINED = Text("由 {pieces} 段连成", "joined from {pieces} pieces")
_TURNED = Text("其中 {turned} 段画向相反,已调转", "{turned} of them drawn the other way, turned")
_DOWNSTREAM = Text("桩号顺水流方向递增", "chainage runs downstream")
_UNKNOWN_FLOW = Text("流向未知", "flow unknown")
_AS_DRAWN = Text("桩号按图上的绘制方向", "chainage runs as drawn")
_AS_MOST_DRAWN = Text("桩号按多数线段的绘制方向", "chainage runs as most pieces are drawn")
_AGAINST = Text("与主线同向", "turned to run as the main line")
_SHORE = Text(
    "岸线从最南端起,逆时针一周,水面在左",
    "shore from its southernmost point, anticlockwise, water on the left",
)
_DAM = Text(
    "岸线从“{dam}”起,逆时针一周,水面在左",
    "shore from '{dam}', anticlockwise, water on the left",
)
_DAMS = Text("有 {dams} 座坝,没有写明哪座是主坝", "{dams} dams, none of them called 主坝")
_ISLAND = Text(
    "岛岸,从最南端起,顺时针一周,水面在左",
    "shore of an island from its southernmost point, clockwise, water on the left",
)
_BANKS = Text(
    "只有水面、没有中心线,按岸线计长,两岸各计一次",
    "drawn as an area without a centre line: measured along its banks, each bank by itself",
)
_RING = Text("首尾相接成环", "a ring that closes on itself")
_BRANCH = Text("第 {number} 条线,接于其他线", "line {number}, meets another line of it")
_CARRIAGEWAY = Text("第 {number} 条线,与主线并行,分向车道", "line {number}, the other carriageway")
_APART = Text(
    "第 {number} 条线,与其余线相距 {gap:.0f} 米,断开处没有图形,不计里程",
    "line {number}, {gap:.0f} m from the rest; the gap is not drawn and has no length",
)
_LINES = Text("分 {courses} 条线", "{courses} lines")

_GAP = Text(
    "“{name}”图上断开 {gap:.0f} 米,断开处不计里程;若应连通请补画",
    "“{name}” is broken for {gap:.0f} m; the gap has no length; draw it if there is none",
)
_WATER = Text(
    "“{name}”已有中心线,水面不另计长", "“{name}” has a centre line; its area is not measured again"
)
_LINE_OF_AREA = Text(
    "“{name}”已有水面,另画的线不计长", "“{name}” has an area; the line drawn beside is not measured"
)

_AREAL = ("reservoir", "pond")
_TWICE = Text(
    "“{name}”此线与另一条线完全重合,只计一次",
    "“{name}”: this line is drawn twice; it is measured once",
)
_NAMELESS = Text("无名", "without a name")
_BESIDE = Text(
    "第 {number} 条线,不与其余线相接,最近处相距 {gap:.0f} 米",
    "line {number}, beside the rest without meeting it, {gap:.0f} m off at the nearest",
)


@dataclass(frozen=True)
class Traced:
    """What `trace` returns."""

    assets: Assets
    courses: Courses
    calibration: Calibration
    rejects: Rejects


def trace(
    features: Features, posts: Posts, settings: Settings, *, parts: Parts | None = None
) -> Traced:
    """Return the assets and courses drawn in `features`, whatever the order of its rows.

    Assets are sorted by id, courses by asset and number. Every metre drawn is in one course at
    most, no metre is invented: what is not drawn has no chainage. The shore of a reservoir begins
    at its dam where `parts` have one. What could not be used, and what had to be decided without
    evidence, is in `rejects`.
    """
    language, crs = settings.language, pyproj.CRS(features.crs)
    ordered = Features(
        features.sort_values(["file", "row", "feature_id"], kind="stable", ignore_index=True)
    )
    found, rejected = outlines(ordered, language)
    groups, namesakes = grouped(ordered, found, settings)
    found, groups, dropped = _one_way_of_measuring(ordered, found, groups, language)
    drafts = _drafts(ordered, found, groups, settings)
    drafts = _measured(_from_dams(ordered, drafts, groups, parts), crs)
    courses, broken = _courses(ordered, drafts, groups, settings, crs)
    assets = _assets(ordered, found, groups, courses, settings)
    calibration, misread = calibrated(posts, courses, settings)
    said = rejects(rejected + namesakes + dropped + broken + misread)
    return Traced(assets, courses, calibration, said)


def _one_way_of_measuring(
    features: Features, found: Outlines, groups: Groups, language: Language
) -> tuple[Outlines, Groups, list[Reject]]:
    """Drop what would measure one asset twice: along a line and round an area.

    Water that stands is measured along its shore, all else along its line. An area of a river
    without a name is that of the river whose line runs through it.
    """
    areal = features["kind"].isin(_AREAL).to_numpy()[found.feature]
    count = len(groups.asset_id)
    has_line = np.bincount(groups.asset[~found.area], minlength=count) > 0
    has_area = np.bincount(groups.asset[found.area], minlength=count) > 0
    again = repeated(features, found, groups.asset)
    beside = ~found.area & areal & has_area[groups.asset] & ~again
    water = found.area & ~areal & (has_line[groups.asset] | _with_a_line(features, found))
    name, file = (features[c].to_numpy(dtype=object) for c in ("name", "file"))
    row, nameless = features["row"].to_numpy(), _NAMELESS.say(language)
    said = [
        (
            file[i],
            int(row[i]),
            "geometry",
            rule,
            "warning",
            text.say(language, name=name[i] or nameless),
        )
        for rule, text, dropped in (
            ("area_beside_line", _WATER, water),
            ("line_beside_area", _LINE_OF_AREA, beside),
            ("drawn_twice", _TWICE, again & ~water),
        )
        for i in np.unique(found.feature[dropped])
    ]
    kept = ~(beside | water | again)
    left, asset = np.unique(groups.asset[kept], return_inverse=True)
    one, asset = merged(found.take(kept), asset.astype(np.int64))
    return one, Groups(asset, groups.asset_id[left]), said


def _with_a_line(features: Features, found: Outlines) -> Yes:
    """Return which outlines are areas of flowing water without a name, with a line inside."""
    flowing = features["kind"].isin(["river", "canal"]).to_numpy()
    nameless = ((features["name"] == "") & (features["code"] == "")).to_numpy()
    area = np.flatnonzero(found.area & (flowing & nameless)[found.feature])
    line = np.flatnonzero(~found.area & flowing[found.feature])
    inside = np.zeros(len(found.line), dtype=bool)
    if not len(area) or not len(line):
        return inside
    water = _filled(found.line[area])
    a, b = shapely.STRtree(found.line[line]).query(water, predicate="intersects")
    along = shapely.length(shapely.intersection(water[a], found.line[line][b]))
    # The line through a long water is half as long as its two banks; one that only crosses is not.
    shared = np.bincount(a, weights=along, minlength=len(area))
    inside[area] = shared > shapely.length(water) / 4
    return inside


def _filled(closed: Geometries) -> Geometries:
    xy, owner = shapely.get_coordinates(closed, return_index=True)
    return np.asarray(shapely.polygons(np.asarray(shapely.linearrings(xy, indices=owner))))


def _drafts(
    features: Features, found: Outlines, groups: Groups, settings: Settings
) -> gpd.GeoDataFrame:
    """Return one row a course, unnamed and in no order: its line and how it came about."""
    line, ring = np.flatnonzero(~found.area), np.flatnonzero(found.area)
    feature = found.feature[line]
    flow = _flow(features)[feature]
    joined = strokes(found.line[line], groups.asset[line], flow, join_m=settings.join_m)
    stroke = np.repeat(np.arange(len(joined.closed)), np.diff(joined.first))
    length = shapely.length(found.line[line])[joined.piece]
    drawn_way = np.where(joined.backwards, -length, length)
    known_way = drawn_way * flow[joined.piece]
    count = len(joined.closed)
    known, by_drawing = (
        np.bincount(stroke, weights=way, minlength=count) for way in (known_way, drawn_way)
    )
    geometry = drawn(found.line[line], joined)
    votes = np.where(known != 0, known, by_drawing)
    votes = np.where(np.abs(votes) > 1e-6, votes, _northward(geometry))
    back = votes < 0
    areal = features["kind"].isin(_AREAL).to_numpy()[feature[joined.piece[joined.first[:-1]]]]
    shore = joined.closed & areal
    geometry[back] = shapely.reverse(geometry[back])
    geometry[shore] = shores(geometry[shore])
    turned = joined.backwards != back[stroke]
    oneway = (features["oneway"] != "").to_numpy()[feature[joined.piece]]
    lines = pd.DataFrame(
        {
            "asset": groups.asset[line][joined.piece[joined.first[:-1]]],
            "feature": np.minimum.reduceat(feature[joined.piece], joined.first[:-1])
            if count
            else feature,
            "pieces": np.diff(joined.first),
            "turned": np.bincount(stroke, weights=turned, minlength=count).astype(np.int64),
            "known": known != 0,
            "oneway": np.bincount(stroke, weights=length * oneway, minlength=count)
            > np.bincount(stroke, weights=length, minlength=count) / 2,
            "closed": joined.closed,
            "shore": shore,
            "hole": False,
        }
    )
    rings = pd.DataFrame(
        {
            "asset": groups.asset[ring],
            "feature": found.feature[ring],
            "pieces": 1,
            "turned": 0,
            "known": False,
            "oneway": False,
            "closed": True,
            "shore": True,
            "hole": found.hole[ring],
        }
    )
    both = pd.concat([lines, rings], ignore_index=True).astype(
        {"known": bool, "oneway": bool, "closed": bool, "shore": bool, "hole": bool}
    )
    geometry = np.concatenate([geometry, found.line[ring]])
    return gpd.GeoDataFrame(both, geometry=geometry, crs=features.crs)


def _from_dams(
    features: Features, drafts: gpd.GeoDataFrame, groups: Groups, parts: Parts | None
) -> gpd.GeoDataFrame:
    """Return the drafts with the shores of reservoirs and ponds begun at their dam."""
    drafts = drafts.assign(dam="", dams=0)
    own = features.iloc[drafts["feature"]].reset_index(drop=True)
    shore = np.flatnonzero(drafts["shore"] & ~drafts["hole"] & own["kind"].isin(_AREAL))
    if parts is None or not len(shore):
        return drafts
    asset_id = groups.asset_id[drafts["asset"].iloc[shore]]
    assets = names.known(asset_id, *(own[c].iloc[shore] for c in ("name", "code", "kind")))
    geometry = drafts.geometry.to_numpy().copy()
    begun = begun_at_dams(geometry[shore], asset_id, assets, parts)
    geometry[shore] = begun.rings
    dam, dams = drafts["dam"].to_numpy(dtype=object).copy(), drafts["dams"].to_numpy().copy()
    dam[shore], dams[shore] = begun.dam, begun.dams
    return gpd.GeoDataFrame(
        drafts.drop(columns="geometry").assign(dam=dam, dams=dams),
        geometry=geometry,
        crs=drafts.crs,
    )


def _flow(features: Features) -> Ints:
    """Return 1 where a feature is known to run as drawn, -1 against, 0 where nobody said."""
    oneway = features["oneway"].to_numpy(dtype=object)
    one = np.where(oneway == "yes", 1, np.where(oneway == "-1", -1, 0))
    return np.where(features["flows"].to_numpy(dtype=bool), 1, one).astype(np.int64)


def _northward(lines: Geometries) -> Floats:
    """Return 1 for lines that end north of their start, or east of it at one height, else -1."""
    start, end = (shapely.get_coordinates(shapely.get_point(lines, k)) for k in (0, -1))
    step = end - start
    return np.where((step[:, 1] > 0) | ((step[:, 1] == 0) & (step[:, 0] >= 0)), 1.0, -1.0)


def _measured(drafts: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the drafts with their length on the ground, without those of no length."""
    lines = measure(Courses(drafts.assign(course_id="").set_crs(crs)))
    drafts = drafts.assign(length_m=lines.length_m)
    return drafts[drafts["length_m"] > 0].reset_index(drop=True)


def _courses(
    features: Features,
    drafts: gpd.GeoDataFrame,
    groups: Groups,
    settings: Settings,
    crs: pyproj.CRS,
) -> tuple[Courses, list[Reject]]:
    """Return the courses, the longest of each asset first, the others as their pieces come."""
    longest = drafts["length_m"].groupby(drafts["asset"]).rank(method="first", ascending=False)
    asset_id = groups.asset_id[drafts["asset"]]
    drafts = drafts.assign(asset_id=asset_id, branch=longest > 1, hole_=drafts["hole"])
    drafts = drafts.sort_values(
        ["asset_id", "branch", "hole_", "feature"], kind="stable", ignore_index=True
    )
    number = drafts.groupby("asset_id").cumcount().to_numpy().astype(np.int64) + 1
    drafts = drafts.assign(number=number)
    drafts, second = _carriageways(features, drafts)
    gap_m, broken = _gaps(drafts, settings.join_m)
    broken &= ~drafts["shore"].to_numpy()
    drafts = drafts.assign(gap_m=gap_m, broken=broken)
    own = features.iloc[drafts["feature"]]
    kind = own["kind"].to_numpy(dtype=object)
    suffix = np.where(number > 1, [f"#{n}" for n in number], "")
    why = [
        _why(settings, str(kind[i]), draft, carriageway=bool(second[i]))
        for i, draft in enumerate(drafts.drop(columns="geometry").itertuples())
    ]
    of_asset = _of_assets(features, drafts["asset_id"], drafts["feature"], drafts["length_m"])
    frame = of_asset.assign(
        course_id=drafts["asset_id"] + suffix,
        asset_id=drafts["asset_id"],
        length_m=drafts["length_m"],
        closed=drafts["closed"],
        why=why,
    )
    courses = gpd.GeoDataFrame(frame, geometry=drafts.geometry.to_numpy(), crs=crs)
    said = [
        (file, int(row), "geometry", "drawing_gap", "warning",
         _GAP.say(settings.language, name=asset, gap=gap))
        for file, row, asset, gap in zip(
            own["file"][broken],
            own["row"][broken],
            called(courses[broken], settings.language),
            drafts["gap_m"][broken],
            strict=True,
        )
    ]  # fmt: skip
    return Courses(conform_geo(courses, COURSES)), said


def _gaps(drafts: gpd.GeoDataFrame, join_m: float) -> tuple[Floats, Yes]:
    """Return how far each further course is from the rest of its asset, and whether broken off.

    0 for the first course of an asset: the others are measured from it.
    """
    gap, broken = np.zeros(len(drafts)), np.zeros(len(drafts), dtype=bool)
    lines = drafts.geometry.to_numpy()
    further = (drafts["number"] > 1).to_numpy()
    several = np.flatnonzero(drafts["asset_id"].isin(drafts["asset_id"][further]))
    for at in drafts["asset_id"].iloc[several].groupby(drafts["asset_id"]).indices.values():
        rows = several[at]
        mine, other = shapely.STRtree(lines[rows]).query_nearest(
            lines[rows], exclusive=True, all_matches=False
        )
        gap[rows[mine]] = shapely.distance(lines[rows[mine]], lines[rows[other]])
        before = breaks(lines[rows], join_m)
        broken[rows] = np.isfinite(before)
        gap[rows] = np.where(np.isfinite(before), before, gap[rows])
    return np.where(further, gap, 0.0), broken & further


def _carriageways(features: Features, drafts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Yes]:
    """Turn carriageways that run beside the first course of their road to run as it does."""
    main = drafts[drafts["number"] == 1].set_index("asset_id")
    of = main.loc[drafts["asset_id"]]
    lines, mains = drafts.geometry.to_numpy(), of.geometry.to_numpy()
    road = (features["kind"] == "road").to_numpy()[drafts["feature"]]
    second = (
        road
        & (drafts["number"] > 1).to_numpy()
        & ~drafts["closed"].to_numpy()
        & beside(lines, mains, drafts["oneway"].to_numpy())
    )
    start, end = (shapely.get_point(lines, k) for k in (0, -1))
    against = shapely.line_locate_point(mains, end) < shapely.line_locate_point(mains, start)
    back = second & against
    geometry = np.where(back, shapely.reverse(lines), lines)
    turned = drafts["turned"].where(~back, drafts["pieces"] - drafts["turned"])
    turned_drafts = gpd.GeoDataFrame(
        drafts.drop(columns="geometry").assign(turned=turned), geometry=geometry, crs=drafts.crs
    )
    return turned_drafts, second


def _why(settings: Settings, kind: str, draft: Any, *, carriageway: bool) -> str:
    """Return in words how a course came about."""
    said: list[tuple[Text, dict[str, object]]] = []
    if draft.number > 1 and carriageway:
        said.append((_CARRIAGEWAY, {"number": draft.number}))
    elif draft.number > 1 and not draft.shore:
        meets = draft.gap_m <= settings.join_m
        how = _BRANCH if meets else _APART if draft.broken else _BESIDE
        said.append((how, {"number": draft.number, "gap": draft.gap_m}))
    if draft.pieces > 1:
        said.append((_JOINED, {"pieces": draft.pieces}))
    if draft.turned:
        said.append((_TURNED, {"turned": draft.turned}))
    if draft.shore:
        said.append((_ISLAND if draft.hole else _DAM if draft.dam else _SHORE, {"dam": draft.dam}))
        if draft.dams > 1 and not draft.dam:
            said.append((_DAMS, {"dams": draft.dams}))
        if kind not in _AREAL:
            said.append((_BANKS, {}))
    elif draft.closed:
        said.append((_RING, {}))
    elif carriageway:
        said.append((_AGAINST, {}))
    elif kind in {"river", "canal"} and draft.known:
        said.append((_DOWNSTREAM, {}))
    else:
        if kind in {"river", "canal"}:
            said.append((_UNKNOWN_FLOW, {}))
        said.append((_AS_MOST_DRAWN if draft.turned else _AS_DRAWN, {}))
    stop = ";" if settings.language == "zh" else "; "
    return stop.join(text.say(settings.language, **values) for text, values in said)


def _of_assets(
    features: Features, asset: pd.Series, feature: pd.Series, length_m: pd.Series
) -> pd.DataFrame:
    """Return, for each row, what its asset is called: by most metres, of equals the first."""
    own = features.iloc[feature].reset_index(drop=True)
    named: dict[str, object] = {}
    for column in ("kind", "code", "name", "grade", "width_m"):
        given = own[column].notna() & (own[column] != "")
        weight = length_m.where(given, -1.0)
        best = weight.groupby(asset).transform("idxmax")
        named[column] = own[column].to_numpy()[best]
    frame = pd.DataFrame(named)
    return frame.drop(columns="code")


def _assets(
    features: Features, found: Outlines, groups: Groups, courses: Courses, settings: Settings
) -> Assets:
    """Return one row an asset, sorted by id, with all that was drawn of it."""
    first = courses.drop_duplicates("asset_id").set_index("asset_id")
    by_asset = courses.groupby("asset_id")
    code = pd.Series(features["code"].to_numpy()[found.feature]).groupby(
        groups.asset_id[groups.asset]
    )
    lines = by_asset.size()
    several = lines.map(lambda n: _LINES.say(settings.language, courses=n) if n > 1 else "")
    why = several.where(several != "", first["why"].where(first["why"] != "", ""))
    # Courses come sorted by asset.
    which = np.cumsum(~courses["asset_id"].duplicated().to_numpy()) - 1
    geometry = shapely.multilinestrings(courses.geometry.to_numpy(), indices=which)
    frame = pd.DataFrame(
        {
            "asset_id": first.index.to_numpy(),
            "code": code.max().reindex(first.index).to_numpy(),
            "length_m": by_asset["length_m"].sum().round(3).to_numpy(),
            "why": why.to_numpy(),
        }
    )
    for column in ("kind", "name", "grade", "width_m"):
        frame[column] = first[column].to_numpy()
    shapes = gpd.GeoDataFrame(frame, geometry=geometry, crs=courses.crs)
    return Assets(conform_geo(shapes, ASSETS))
