"""Keep the last good line of an asset that vanished from the layers though duty rows name it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo import names
from geo.baseline import Baseline
from geo.calibration import calibrated
from geo.courses import Traced
from geo.kinds import called
from geo.schema import (
    ASSETS,
    COURSES,
    REJECTS,
    Assets,
    Courses,
    DutyRows,
    KeptCourses,
    Posts,
    Rejects,
    conform,
    conform_geo,
    rejects,
)
from geo.settings import Settings
from geo.words import Text

# A line drawn along a vanished one, this near for most of its way, is that one under a new name.
_SAME_PLACE_M, _SAME_PLACE_SHARE = 20.0, 0.5
_KEPT = Text(
    "“{name}”已从图层中消失或损坏,沿用上次的图形;若确已取消,请从责任表中删去这一行",
    "'{name}' is gone from the layers or broken: its last good line is kept; if it is no more, "
    "delete this row",
)
_RENAMED = Text(
    "“{name}”原来的位置现在画的是“{other}”;若只是改了名称或编码,请在责任表中一并改正",
    "where '{name}' was, '{other}' is drawn now; if it was only renamed, rename it here too",
)
_WHY = Text("图层中已没有这个对象,沿用上次的图形", "gone from the layers: its last good line")


def restored(
    traced: Traced, posts: Posts, rows: DutyRows, baseline: Baseline, settings: Settings
) -> Traced:
    """Return `traced` with the last lines of assets that vanished though `rows` name them.

    Each row that names one is a warning. One whose place is drawn under another name is not
    brought back: its metres would count twice.
    """
    last = baseline.courses[baseline.courses["latest"]]
    here = last.to_crs(pyproj.CRS(traced.courses.crs))
    gone = KeptCourses(here[_gone(here, traced.courses)].reset_index(drop=True))
    asked = _asked(gone, traced.assets, rows)
    if asked.empty:
        return traced
    other = _drawn_there(gone, traced.courses)
    say = settings.language
    name = dict(zip(gone["asset_id"], called(gone, say), strict=True))
    told = []
    for file, row, one in asked.itertuples(index=False):
        rule = "renamed" if one in other else "kept"
        text = _RENAMED if one in other else _KEPT
        message = text.say(say, name=name[one], other=other.get(one, ""))
        told.append((file, row, "asset", rule, "warning", message))
    back = gone[gone["asset_id"].isin(set(asked["asset_id"]) - set(other))]
    said = pd.concat([traced.rejects, rejects(told)], ignore_index=True)
    return _with(
        replace(traced, rejects=Rejects(conform(said, REJECTS))),
        back.assign(why=_WHY.say(say)),
        posts,
        settings,
    )


def _gone(last: gpd.GeoDataFrame, courses: Courses) -> NDArray[np.bool_]:
    """Return which kept courses belong to an asset of which nothing is left, under any id."""
    assets = set(courses["asset_id"])
    named = set(zip(courses["kind"], courses["name"], strict=True)) | {("", "")}
    columns = (last[column] for column in ("asset_id", "kind", "name"))
    return np.array(
        [
            asset not in assets and (name == "" or (kind, name) not in named)
            for asset, kind, name in zip(*columns, strict=True)
        ],
        dtype=bool,
    )


def _asked(gone: KeptCourses, assets: Assets, rows: DutyRows) -> pd.DataFrame:
    """Return file, row and asset_id of the rows that name a gone asset and no present one."""
    columns = ["file", "row", "asset_id"]
    if gone.empty or rows.empty:
        return pd.DataFrame(columns=columns)
    present, before = (
        names.known(*(frame[c] for c in ("asset_id", "name", "code", "kind")))
        for frame in (assets, gone.drop_duplicates("asset_id"))
    )
    said = rows[["file", "row", "asset", "code", "kind"]].itertuples(index=False)
    found = [
        (file, int(row), before.match(*text).ids)
        for file, row, *text in said
        if any(text[:2]) and not present.match(*text).ids
    ]
    asked = [(file, row, ids[0]) for file, row, ids in found if len(ids) == 1]
    return pd.DataFrame(asked, columns=columns).drop_duplicates()


def _drawn_there(gone: KeptCourses, courses: Courses) -> dict[str, str]:
    """Return by gone asset the name of the one of its kind that is drawn along most of it."""
    there = {}
    lines = courses.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    for asset, pieces in gone.groupby("asset_id"):
        whole = shapely.union_all(pieces.geometry.to_numpy())
        near = np.sort(tree.query(whole, predicate="dwithin", distance=_SAME_PLACE_M))
        near = near[(courses["kind"].iloc[near] == pieces["kind"].iloc[0]).to_numpy()]
        for at in near:
            along = shapely.intersection(whole, shapely.buffer(lines[at], _SAME_PLACE_M))
            if shapely.length(along) > _SAME_PLACE_SHARE * shapely.length(whole):
                one = courses.iloc[at]
                there[str(asset)] = str(one["name"] or one["asset_id"])
                break
    return there


def _with(traced: Traced, back: gpd.GeoDataFrame, posts: Posts, settings: Settings) -> Traced:
    """Return `traced` with the courses `back` and their assets, in its order."""
    if back.empty:
        return traced
    courses = Courses(conform_geo(_sorted(traced.courses, back[COURSES.names]), COURSES))
    first = back.drop_duplicates("asset_id").drop(columns="length_m")
    length = back.groupby("asset_id")["length_m"].sum().round(3).reset_index()
    pieces = back.groupby("asset_id").geometry.agg(list)
    shapes = [shapely.multilinestrings(pieces[one]) for one in first["asset_id"]]
    more = gpd.GeoDataFrame(
        first.drop(columns="geometry").merge(length, on="asset_id"),
        geometry=shapes,
        crs=back.crs,
    )
    assets = Assets(conform_geo(_sorted(traced.assets, more[ASSETS.names]), ASSETS))
    calibration, _ = calibrated(posts, courses, settings)
    return replace(traced, assets=assets, courses=courses, calibration=calibration)


def _sorted(one: gpd.GeoDataFrame, more: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    both = pd.concat([one, more] if len(one) else [more], ignore_index=True)
    return gpd.GeoDataFrame(both.sort_values("asset_id", kind="stable"), crs=one.crs)
