"""Pack what lies on the map beside the segments: problems, parts, findings, planned routes."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.study import Study
from maps.along import overlaps
from maps.cells import Cells, lines, points
from maps.edition import Edition
from maps.pack_segments import segment_ids
from maps.packing import Pack, days, millimetres

_PROBLEM_TEXTS = (
    "problem_id", "category", "status", "description", "photo", "owner", "unit", "reporter", "why",
)  # fmt: skip
_FINDING_TEXTS = (
    "finding_id", "rule", "severity", "side", "level", "who_acts", "evidence", "action", "why",
)  # fmt: skip


def problems(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add the problems segment by segment, so that neighbours on the map are neighbours here."""
    at = pd.Index(study.problems["segment_id"].to_numpy(dtype=object), dtype=object)
    segment = segment_ids(segments).get_indexer(at).astype(np.int64)
    chainage = study.problems["chainage_m"].to_numpy()
    order = np.lexsort((chainage, segment))
    ordered = study.problems.iloc[order].reset_index(drop=True)
    reported = days(ordered["reported_at"].dt.tz_convert(study.settings.time_zone))
    today = study.as_of.normalize()
    columns: dict[str, Any] = {
        "place": points(pack, ordered.geometry, study.inputs.crs, cells),
        "segment": pack.ints(segment[order], delta=1),
        "open": pack.ints(ordered["open"].to_numpy()),
        "late": pack.ints((ordered["open"] & (ordered["due_on"] < today)).to_numpy()),
        "reported_on": pack.ints(reported),
        "due_after": pack.ints(days(ordered["due_on"]) - reported),
        "closed_after": pack.ints(days(ordered["closed_on"]) - reported),
        # A problem is placed to the metre at best.
        "chainage_m": pack.ints(np.rint(ordered["chainage_m"].fillna(-1)), delta=1),
    }
    for name in _PROBLEM_TEXTS:
        columns[name] = pack.text(edition.text("problems", ordered, name))
    return {"n": len(ordered), "columns": columns}


def parts(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add the parts: dams, gates, signs ..., each a point."""
    columns: dict[str, Any] = {"place": points(pack, study.parts.geometry, study.parts.crs, cells)}
    for name in ("part_id", "asset", "name", "part"):
        columns[name] = pack.text(edition.text("parts", study.parts, name))
    return {"n": len(study.parts), "columns": columns}


def findings(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add the findings with the number of the first segment each lies on, -1 for none."""
    found = study.findings
    event, segment = overlaps(found, segments)
    _, first = np.unique(event, return_index=True)
    on = np.full(len(found), -1, dtype=np.int64)
    on[event[first]] = segment[first]
    columns: dict[str, Any] = {
        "place": points(pack, found.geometry, study.inputs.crs, cells),
        "segment": pack.ints(on),
        "from_mm": pack.ints(millimetres(found["from_m"])),
        "length_mm": pack.ints(millimetres(found["length_m"])),
        "since_on": pack.ints(days(found["since_on"])),
    }
    for name in _FINDING_TEXTS:
        columns[name] = pack.text(edition.text("findings", found, name))
    return {"n": len(found), "columns": columns}


def routes(
    pack: Pack, planned: gpd.GeoDataFrame | None, crs: Any, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add planned routes: columns `crew` and `day` (texts) and lines in the study's CRS."""
    if planned is None or not edition.times:
        planned = gpd.GeoDataFrame({"crew": [], "day": []}, geometry=[], crs=crs)
    shapes, row = shapely.get_parts(planned.geometry.to_numpy(), return_index=True)
    columns = {"lines": lines(pack, shapes, crs, cells)}
    for name in ("crew", "day"):
        column = planned[name].astype("object").fillna("").map(str).iloc[row]
        columns[name] = pack.text(edition.text("routes", column.to_frame(name), name))
    return {"n": len(shapes), "columns": columns}
