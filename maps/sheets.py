"""Split a study that one page cannot hold well: an overview of it and a sheet for each area.

No kilometre is lost or counted twice: an overview joins neighbours of one state into one stretch
and adds up their metres, and every segment lies on exactly one sheet.
"""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.gist import came, no_gist
from geo.reasons import NEIGHBOURHOOD_M
from geo.schema import (
    PROBLEMS,
    SEGMENTS,
    STANDING,
    Passages,
    Problems,
    Segments,
    Standing,
    conform,
    conform_geo,
)
from geo.study import Study
from geo.words import Text
from maps.pack_areas import area_names
from maps.pack_segments import METRES
from maps.packing import Ints

JOINED = Text(
    "总览图把相邻、状态相同的 {n} 段合在一起；逐段的原因见分片区图幅。",
    "The overview joins {n} neighbours of one state; each piece's reason is on the area's sheet.",
)
ELSEWHERE = Text("未划入片区", "Outside all areas")


def overview(study: Study) -> Study:
    """Return `study` with neighbours of one state, course and area joined, over all levels only.

    Metres are added; of days the worst stands: the earliest sight and limit, the longest delay.
    A joined stretch was never seen if one of its segments was not. Passages are left to the sheets.
    """
    segments = study.segments
    standing = study.standing[study.standing["level"] == ""].set_index("segment_id")
    standing = standing.reindex(segments["segment_id"]).reset_index()
    key = pd.DataFrame(
        {"course": segments["course_id"], "area": segments["area"], "state": standing["state"]}
    )
    broken = segments["from_m"].ne(segments["to_m"].shift()) | key.ne(key.shift()).any(axis=1)
    run = (broken.cumsum() - 1).to_numpy().astype(np.int64)
    lines = _joined(segments, run)
    grouped = segments.drop(columns="geometry").groupby(run)
    joined = grouped.first().assign(to_m=grouped["to_m"].last())
    joined["length_m"] = grouped["length_m"].sum().round(3)
    geometry = gpd.GeoDataFrame(joined, geometry=lines, crs=segments.crs)
    ids = joined["segment_id"].to_numpy()
    told = _worst(standing, run, study, grouped.size().to_numpy().astype(np.int64))
    at = pd.Series(ids[run], index=segments["segment_id"])
    moved = study.problems["segment_id"].map(at).fillna("")
    return replace(
        study,
        segments=Segments(conform_geo(geometry, SEGMENTS)),
        standing=Standing(conform(told.assign(segment_id=ids), STANDING)),
        problems=Problems(conform_geo(study.problems.assign(segment_id=moved), PROBLEMS)),
        passages=Passages(study.passages.iloc[:0]),
        gist=no_gist(),
    )


def _joined(segments: Segments, run: Ints) -> object:
    xy, owner = shapely.get_coordinates(segments.geometry.to_numpy(), return_index=True)
    fresh = np.r_[True, np.diff(owner) != 0]
    start = np.r_[True, np.diff(run) != 0][owner]
    kept = ~fresh | start
    return shapely.linestrings(xy[kept], indices=run[owner][kept])


def _worst(
    standing: pd.DataFrame,
    run: Ints,
    study: Study,
    pieces: Ints,
) -> pd.DataFrame:
    grouped = standing.groupby(run)
    told = grouped.first()
    for name in METRES:
        told[name] = grouped[name].sum().round(3)
    unseen = grouped["last_at"].apply(lambda at: at.isna().any()).to_numpy()
    told["last_at"] = grouped["last_at"].min().mask(unseen)
    told["last_by"] = told["last_by"].mask(unseen | (pieces > 1), "")
    told["last_offset_m"] = told["last_offset_m"].mask(unseen | (pieces > 1))
    told["due_on"] = grouped["due_on"].min()
    told["overdue_days"] = grouped["overdue_days"].max()
    told["visits"] = grouped["visits"].min()
    told["declared"] = grouped["declared"].max()
    language = study.settings.language
    said = [JOINED.say(language, n=int(n)) if n > 1 else "" for n in pieces]
    told["why"] = np.where(pieces > 1, said, told["why"].to_numpy(dtype=object))
    return told.assign(level="")


def sheet_of(study: Study) -> "pd.Series[str]":
    """Return the name of the sheet of each segment: the parent of its area, else the area.

    Parents are taken only where there are several of them; a segment of no area lies on a sheet of
    its own.
    """
    areas = study.areas.drop_duplicates("area_id").set_index("area_id")
    parents = areas["parent"][areas["parent"] != ""]
    area = study.segments["area"]
    name = area.map(parents).fillna(area) if len(set(parents)) > 1 else area
    name = area_names(study, name)
    return name.where(name != "", ELSEWHERE.say(study.settings.language)).astype(object)


def sheet(study: Study, chosen: "pd.Series[bool]") -> Study:
    """Return the part of `study` that belongs to the chosen segments."""
    segments = study.segments[chosen.to_numpy()].reset_index(drop=True)
    ids, courses = pd.Index(segments["segment_id"]), pd.Index(segments["course_id"].unique())

    def of(frame: pd.DataFrame, column: str, wanted: pd.Index) -> Any:
        return frame[wanted.get_indexer(pd.Index(frame[column])) >= 0].reset_index(drop=True)

    west, south, east, north = segments.total_bounds
    near = study.areas[study.areas.intersects(shapely.box(west, south, east, north))]
    parts = study.parts[study.parts.intersects(shapely.box(west, south, east, north))]
    around = (west - NEIGHBOURHOOD_M, south - NEIGHBOURHOOD_M,
              east + NEIGHBOURHOOD_M, north + NEIGHBOURHOOD_M)  # fmt: skip
    return replace(
        study,
        segments=Segments(segments),
        standing=of(study.standing, "segment_id", ids),
        problems=of(study.problems, "segment_id", ids),
        passages=of(study.passages, "course_id", courses),
        duties=of(study.duties, "course_id", courses),
        findings=of(study.findings, "course_id", courses),
        # Whole tracks: one cut at the edge would seem to leap from where it left to where it
        # returned.
        gist=study.gist.of(came(study.trails, study.gist.boxes, study.patrols, around)),
        areas=near.reset_index(drop=True),
        parts=parts.reset_index(drop=True),
    )
