"""Propose one river for every deputy group and a group for every river of an office."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.one_river import one_river_each
from geo.schema import LOADS, PROPOSALS, Loads, Proposals, conform, conform_geo, empty
from geo.study import Study
from geo.suggest import Suggestion
from geo.words import Language, Text

WHY = Text(
    "就近：小组驻地“{base}”到该河 {km} 公里；每组一河，每河至少一组，总距离最小",
    "near: {km} km from the group's base '{base}'; one river a group, at least one group a river, "
    "least total distance",
)
POST = Text("代表小组", "deputy group")
WITHOUT = Text(
    "小组比河少，这条河分不到小组", "fewer groups than rivers: none is left for this one"
)
NO_BASE = Text(
    "找不到驻地，未参加分配：{groups}；请在部位或片区图层里加上同名的点或面",
    "no base found, left out: {groups}; add a part or an area of that name",
)
NO_GROUPS = Text(
    "责任表里没有代表小组（级别写“组级”或责任人写“…小组”）",
    "the duty table names no group (level 'group', or a holder who is one)",
)


def group_rivers(study: Study) -> Suggestion:
    """Return a river for each group named in the duty table, whole rivers only.

    A group's base is the part of its name, else the area its row or its unit names; a group
    without one is left out and named. The proposals tile all rivers, whoever supervises them now.
    """
    say = study.settings.language
    names, bases, places = _groups(study)
    rivers = study.assets[study.assets["kind"] == "river"].reset_index(drop=True)
    lost = [name for name, base in zip(names, bases, strict=True) if base is None]
    says = [NO_BASE.say(say, groups="、".join(lost))] if lost else []
    based = np.array([base is not None for base in bases], dtype=bool)
    if not based.any() or rivers.empty:
        none = Proposals(conform_geo(empty(PROPOSALS, study.courses.crs), PROPOSALS))
        says += [] if len(names) else [NO_GROUPS.say(say)]
        return Suggestion(none, Loads(conform(empty(LOADS), LOADS)), tuple(says), ())
    group = pd.DataFrame({"holder": names, "place": places})[based].reset_index(drop=True)
    seats = np.array([base for base in bases if base is not None], dtype=object)
    far_m = shapely.distance(seats[:, None], rivers.geometry.to_numpy()[None, :])
    plan = one_river_each(far_m, say)
    pairs = pd.DataFrame({"group": np.arange(len(group)), "river": plan.river})
    pairs = pairs[pairs["river"] >= 0]
    pairs = pd.concat([pairs, pd.DataFrame({"group": -1, "river": plan.without})])
    far = [far_m[g, r] if g >= 0 else np.nan for g, r in pairs.itertuples(index=False)]
    rows = pairs.assign(
        distance_m=far,
        asset_id=rivers["asset_id"].to_numpy()[pairs["river"].to_numpy()],
        code=rivers["code"].to_numpy()[pairs["river"].to_numpy()],
        holder=np.append(group["holder"], "")[pairs["group"].to_numpy()],
        base=np.append(group["place"], "")[pairs["group"].to_numpy()],
    )
    proposals = _rows(study, rows)
    return Suggestion(proposals, _loads(proposals, say), (*says, plan.says), ())


def _groups(study: Study) -> tuple[list[str], list[shapely.Geometry | None], list[str]]:
    """Return the groups in the order of the table, their bases and what the bases are called."""
    rows = study.inputs.duty_rows
    mine = rows[((rows["level"] == "group") | (rows["holder_kind"] == "group"))]
    mine = mine[mine["holder"] != ""].drop_duplicates("holder")
    where = {**_shapes(study.areas), **_shapes(study.parts)}
    bases: list[shapely.Geometry | None] = []
    places = []
    for row in mine[["holder", "area", "unit"]].itertuples(index=False):
        place = next((str(name) for name in row if name in where), "")
        places.append(place)
        bases.append(shapely.centroid(where[place]) if place else None)
    return [str(name) for name in mine["holder"]], bases, places


def _shapes(layer: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """Return the geometries whose name is borne once in the layer, so that none is guessed."""
    once = layer[~layer["name"].duplicated(keep=False) & (layer["name"] != "")]
    return dict(zip(once["name"], once.geometry, strict=True))


def _rows(study: Study, rows: pd.DataFrame) -> Proposals:
    say = study.settings.language
    courses = study.courses[["course_id", "asset_id", "kind", "name", "length_m", "geometry"]]
    found = rows.merge(courses, on="asset_id", validate="many_to_many")
    taken: NDArray[np.bool_] = (found["holder"] != "").to_numpy()
    why = [
        WHY.say(say, base=base, km=f"{far / 1000:.2f}") if named else WITHOUT.say(say)
        for base, far, named in zip(found["base"], found["distance_m"], taken, strict=True)
    ]
    load_m = found["length_m"].groupby(found["holder"]).transform("sum").where(taken)
    filled = found.assign(
        proposal_id="group@" + found["course_id"] + "@" + found["holder"],
        from_m=0.0, to_m=found["length_m"], side="B", post=POST.say(say), level="group",
        role="", unit="", area="",
        holder_kind=np.where(taken, "group", ""), continues=False, others="",
        held_m=np.where(taken, 0.0, np.nan), load_m=load_m, why=why,
    )  # fmt: skip
    geographic = gpd.GeoDataFrame(filled[PROPOSALS.names], crs=study.courses.crs)
    return Proposals(conform_geo(geographic, PROPOSALS))


def _loads(proposals: Proposals, say: Language) -> Loads:
    mine = proposals[proposals["holder"] != ""]
    added_m = mine.groupby("holder", sort=False)["length_m"].sum()
    frame = pd.DataFrame(
        {
            "post": POST.say(say), "level": "group", "role": "",
            "holder": added_m.index.to_numpy(), "unit": "",
            "held_m": 0.0, "added_m": added_m.to_numpy(), "load_m": added_m.to_numpy(),
            "mean_m": float(added_m.mean()) if len(added_m) else 0.0,
        }
    )  # fmt: skip
    return Loads(conform(frame, LOADS))
