"""Read OpenStreetMap extracts: which tags are rivers, roads, reservoirs, areas and landmarks.

===========  ==============================================================================
river        `waterway` = river, stream, tidal_channel, wadi (lines; drawn downstream)
canal        `waterway` = canal, ditch, drain
road         `highway` = any that is a way on the ground; grade is the value of the tag
reservoir    `natural=water` with `water=reservoir`, or `landuse=reservoir` (polygons)
pond         `natural=water` with `water=pond`
areas        `boundary=administrative` with `admin_level` 4 to 10 (polygons)
parts        `waterway=dam|weir|sluice_gate` and named `place` points
===========  ==============================================================================
"""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from layers.faults import Fault
from layers.numbers import metres
from layers.passing import OSM_TAGS, osm_barred, osm_shut, unpaved
from layers.sources import Source
from layers.vectors import BROKEN, unreadable

_WATERWAYS = {
    **dict.fromkeys(("river", "stream", "tidal_channel", "wadi"), "river"),
    **dict.fromkeys(("canal", "ditch", "drain"), "canal"),
}
# Not yet built, no more there, or no way at all.
_NO_ROADS = frozenset(
    ["proposed", "planned", "construction", "abandoned", "razed", "disused", "platform", "elevator",
     "rest_area", "services", "bus_stop", "no"]
)  # fmt: skip
_ADMIN = {"4": "province", "5": "city", "6": "county", "7": "county", "8": "town", "9": "village",
          "10": "village"}  # fmt: skip
_DAMS = {"dam": "dam", "weir": "weir", "sluice_gate": "gate", "lock_gate": "gate"}
_ROAD_CODE = re.compile(r"[GSXYCZQ][A-Z]?\d{1,4}")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
# Only what is used: a whole country's other tags would be parsed for nothing.
_KEYS = (
    "name:zh",
    "ref",
    "oneway",
    "width",
    "water",
    "waterway",
    "admin_level",
    "place",
    "natural",
    *OSM_TAGS,
)


def read_osm(path: Path, source: Source) -> tuple[dict[str, gpd.GeoDataFrame], list[Fault]]:
    """Return features, areas and parts of an extract in degrees, by the frame they belong to.

    Ids are those of OpenStreetMap, so that they stay when the extract is cut anew; `row` is the
    place in its layer.
    """
    layers: dict[str, gpd.GeoDataFrame] = {}
    try:
        for name in ("points", "lines", "multipolygons"):
            frame = pyogrio.read_dataframe(path, layer=name, on_invalid="ignore")
            layers[name] = _tagged(gpd.GeoDataFrame(frame))
    except BROKEN as error:
        return {}, [unreadable(source.file, error)]
    lines, polygons, points = layers["lines"], layers["multipolygons"], layers["points"]
    features = pd.concat([_ways(lines, source), _waters(polygons, source)], ignore_index=True)
    faults = [] if len(features) else [Fault("empty_layer", source.file)]
    return {
        "features": gpd.GeoDataFrame(features, crs=4326),
        "areas": _areas(polygons, source),
        "parts": _parts(points, lines, source),
    }, faults


def _tagged(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with the tags we use as text columns, wherever GDAL put them."""
    parsed = [
        dict(_TAG.findall(text)) if isinstance(text, str) else {} for text in frame["other_tags"]
    ]
    columns = {}
    for key in (*_KEYS, "name", "highway", "landuse", "boundary", "osm_id", "osm_way_id"):
        if key in frame.columns:
            columns[key] = frame[key].astype(object).fillna("").to_numpy()
        else:
            columns[key] = np.array([tags.get(key, "") for tags in parsed], dtype=object)
    tagged = pd.DataFrame({**columns, "row": np.arange(1, len(frame) + 1)}, dtype=object)
    tagged["name"] = tagged["name:zh"].where(tagged["name:zh"] != "", tagged["name"])
    return gpd.GeoDataFrame(tagged, geometry=frame.geometry.to_numpy(), crs=4326)


def _ways(lines: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    water = lines["waterway"].map(_WATERWAYS)
    wanted = set(source.highways)
    road = ~lines["highway"].isin(["", *_NO_ROADS]) & (not wanted or lines["highway"].isin(wanted))
    kind = water.fillna(road.map({True: "road", False: ""})).astype(object)
    frame, kind = lines[kind != ""], kind[kind != ""]
    is_road = (kind == "road").to_numpy()
    refs = frame["ref"].where(is_road & frame["ref"].map(_is_code).to_numpy(dtype=bool), "")
    grade = frame["highway"].where(is_road, frame["waterway"])
    return _features(frame, source, "way", kind=kind, code=refs, grade=grade, flows=~is_road)


def _waters(polygons: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    inside = polygons["natural"] == "water"
    reservoir = (inside & (polygons["water"] == "reservoir")) | (polygons["landuse"] == "reservoir")
    pond = inside & (polygons["water"] == "pond") & ~reservoir
    kind = pd.Series(np.select([reservoir, pond], ["reservoir", "pond"], ""), dtype=object)
    frame = polygons[(kind != "").to_numpy()]
    nothing = pd.Series("", index=frame.index, dtype=object)
    no_flow = np.zeros(len(frame), dtype=bool)
    return _features(
        frame, source, "", kind=kind[kind != ""], code=nothing, grade=nothing, flows=no_flow
    )


def _features(
    frame: gpd.GeoDataFrame, source: Source, element: str, *,
    kind: pd.Series, code: pd.Series, grade: pd.Series, flows: np.ndarray,
) -> gpd.GeoDataFrame:  # fmt: skip
    # A motorway is driven one way even where nobody tagged it so.
    silent = (frame["oneway"] == "") & (frame["highway"] == "motorway")
    along = frame["oneway"].isin(["yes", "1", "true"]) | silent
    features = {
        "feature_id": _ids(frame, source, element),
        "kind": kind,
        "code": code,
        "name": frame["name"],
        "grade": grade,
        "width_m": metres(frame["width"], "m"),
        "oneway": np.select([along, frame["oneway"] == "-1"], ["yes", "-1"], ""),
        "flows": flows,
        "barred": osm_barred(frame),
        "shut": osm_shut(frame),
        "unpaved": frame["surface"].map(unpaved).astype(bool),
        "file": source.file,
        "row": frame["row"],
    }
    return gpd.GeoDataFrame(pd.DataFrame(features), geometry=frame.geometry, crs=4326)


def _ids(frame: gpd.GeoDataFrame, source: Source, element: str) -> pd.Series:
    """Return ids such as `file#way/12`; a polygon is a relation unless a closed way made it."""
    if element:
        return source.file + f"#{element}/" + frame["osm_id"]
    relation = source.file + "#relation/" + frame["osm_id"]
    return relation.where(frame["osm_way_id"] == "", source.file + "#way/" + frame["osm_way_id"])


def _is_code(ref: str) -> bool:
    return _ROAD_CODE.fullmatch(ref.strip()) is not None


def _areas(polygons: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    level = polygons["admin_level"].map(_ADMIN)
    admin = (polygons["boundary"] == "administrative") & level.notna() & (polygons["name"] != "")
    frame = polygons[admin]
    areas = {
        "area_id": _ids(frame, source, ""),
        "name": frame["name"],
        "level": level[admin],
        "parent": "",
        "file": source.file,
        "row": frame["row"],
    }
    return gpd.GeoDataFrame(pd.DataFrame(areas), geometry=frame.geometry, crs=4326)


def _parts(points: gpd.GeoDataFrame, lines: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    found = []
    for frame, element in ((points, "node"), (lines, "way")):
        dam = frame["waterway"].map(_DAMS)
        place = (frame["place"] != "") & (frame["name"] != "") & (element == "node")
        part = dam.fillna(place.map({True: "place", False: ""})).astype(object)
        chosen = frame[part != ""]
        columns = {
            "part_id": _ids(chosen, source, element),
            "asset": "",
            "name": chosen["name"],
            "part": part[part != ""],
            "file": source.file,
            "row": chosen["row"],
        }
        found.append(gpd.GeoDataFrame(pd.DataFrame(columns), geometry=chosen.geometry, crs=4326))
    return gpd.GeoDataFrame(pd.concat(found, ignore_index=True), crs=4326)
