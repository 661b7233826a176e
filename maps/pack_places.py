"""Pack what lies on the map beside the segments: problems, parts, findings, planned routes."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.schema import ROUTES, empty
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
    """Add planned routes, a row a leg; the public edition has none.

    They have the columns of ROUTES, and `date` in words for the days. A stop is a line of no
    length.
    """
    if planned is None or not edition.times:
        return {"n": 0, "columns": _legs(pack, empty(ROUTES, crs).assign(date=""), crs, cells)}
    return {"n": len(planned), "columns": _legs(pack, planned, crs, cells)}


def _legs(pack: Pack, planned: pd.DataFrame, crs: Any, cells: Cells) -> dict[str, Any]:
    shapes = planned["geometry"].to_numpy()
    stop = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    twice = np.repeat(shapely.get_coordinates(shapes[stop]), 2, axis=0)
    shapes[stop] = shapely.linestrings(twice, indices=np.arange(len(twice)) // 2)
    numbers = {
        "order": planned["order"],
        "length_mm": millimetres(planned["length_m"]),
        "tenths": np.rint(planned["minutes"] * 10),
        "at_min": np.floor(planned["at_min"]),
    }
    texts = {"crew": "crew", "day": "date", "kind": "kind", "step": "step"}
    return {
        "lines": lines(pack, shapes, crs, cells),
        **{name: pack.ints(np.asarray(values, np.int64)) for name, values in numbers.items()},
        **{name: pack.text(planned[column]) for name, column in texts.items()},
    }
