"""Encode a study for the page: every frame once, column by column.

Positions become Web Mercator cells, chainages millimetres, days numbers. What leaves here is only
what the edition allows: `maps.edition` decides column by column before anything is packed. Each
table has a module of its own, `maps.pack_*`.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from geo.findings import Rule, declared
from geo.standing import STATES
from geo.study import Study
from maps.cells import Cells, cells_of
from maps.edition import Edition
from maps.ground import Ground
from maps.pack_areas import areas
from maps.pack_duties import duties
from maps.pack_flagged import flagged
from maps.pack_ground import pack_ground
from maps.pack_patrols import patrols, tracks, visits
from maps.pack_places import findings, parts, problems, routes
from maps.pack_segments import METRES, RESTS, levels, segments
from maps.packing import NO_DAY, Ints, Pack
from maps.reasons import pack_reasons


def encode(
    study: Study,
    edition: Edition,
    words: dict[str, Any],
    *,
    planned: gpd.GeoDataFrame | None = None,
    ground: Ground | None = None,
) -> bytes:
    """Return the gzipped pack of `study`, the same bytes for the same study.

    `words` (title, office ...) travels in its header; `planned` are the routes to draw, see
    `maps.pack_places.routes`, `ground` the backdrop. Segments are stored course by course,
    courses in Hilbert order, so that neighbours on the map are neighbours in the arrays.
    """
    pack = Pack()
    ordered = study.segments.iloc[_order(study)].reset_index(drop=True)
    cells = cells_of(study)
    tables: dict[str, Any] = {
        "segments": segments(pack, study, ordered, cells, edition),
        "levels": levels(pack, study, ordered, edition),
        "duties": duties(pack, study, ordered, edition),
        "visits": visits(pack, study, ordered),
        "patrols": patrols(pack, study, edition),
        "problems": problems(pack, study, ordered, cells, edition),
        "parts": parts(pack, study, cells, edition),
        "areas": areas(pack, study, cells, edition),
        "findings": findings(pack, study, ordered, cells, edition),
        "tracks": tracks(pack, study, cells, edition),
        "flagged": flagged(pack, study, cells, edition),
        "reasons": pack_reasons(pack, study, ordered, edition),
        "routes": routes(pack, planned, study.inputs.crs, cells, edition),
        "ground": pack_ground(pack, ground, cells),
    }
    return pack.finish({"meta": words | _meta(study, cells, edition), "tables": tables})


def _meta(study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Return what a page must know to read and to explain its tables."""
    return {
        "as_of": str(study.as_of.date()),
        "edition": edition.name,
        "states": list(STATES),
        "metres": list(METRES),
        "rests": {name: list(others) for name, others in RESTS.items()},
        "bits": cells.bits,
        "west": cells.west,
        "north": cells.north,
        "no_day": NO_DAY,
        "rejects": len(study.rejects),
        # Shorter than this is a drawing fault: counted to the millimetre, but not pointed at.
        "ignore_mm": max(1, round(study.settings.ignore_m * 1000)),
        "rules": {
            name: [rule.title.zh, rule.title.en]
            for name, rule in declared("geo.rules", "RULE", Rule).items()
        },
        "language": study.settings.language,
        "crs": pyproj.CRS(study.inputs.crs).name,
    }


def _order(study: Study) -> Ints:
    """Return the order of the segments: courses along a Hilbert curve, chainage within each."""
    frame = study.segments
    if not len(frame):
        return np.zeros(0, dtype=np.int64)
    codes, _ = pd.factorize(frame["course_id"].to_numpy(dtype=object))
    place = frame.iloc[np.unique(codes, return_index=True)[1]]
    rank = _hilbert(place)[codes]
    return np.lexsort((frame["from_m"].to_numpy(), codes, rank)).astype(np.int64)


def _hilbert(place: gpd.GeoDataFrame) -> NDArray[np.int64]:
    west, south, east, north = place.total_bounds
    if not (east > west and north > south):
        return np.zeros(len(place), dtype=np.int64)
    return place.hilbert_distance(level=12).to_numpy().astype(np.int64)
