"""Pack the areas: their rings, their names."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.study import Study
from maps.cells import Cells, lines, points
from maps.edition import Edition
from maps.packing import Pack


def areas(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add the rings of the areas, simplified to 5 m, and a point inside each for its name."""
    geometry = study.areas.geometry.to_numpy()
    shells, owner = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(shells, return_index=True)
    rings = shapely.simplify(rings, max(5.0, cells.metres), preserve_topology=False)
    columns: dict[str, Any] = {
        "rings": lines(pack, rings, study.areas.crs, cells),
        "ring_area": pack.ints(owner[part] if len(part) else part),
        "place": points(pack, geometry, study.areas.crs, cells),
    }
    for name in ("name", "level", "parent"):
        columns[name] = pack.text(edition.text("areas", study.areas, name))
    return {"n": len(study.areas), "columns": columns}


def area_names(study: Study, area: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the name of each area for its id, with its parent where two share a name.

    What is no area's id is returned as it is.
    """
    rows = list(zip(*(study.areas[c] for c in ("area_id", "name", "parent")), strict=True))
    names = {area_id: name or area_id for area_id, name, _ in rows}
    count = Counter(names.values())
    for area_id, _, parent in rows:
        if count[names[area_id]] > 1 and parent:
            # A parent may be given by its code or by its name.
            names[area_id] = f"{names[area_id]}（{names.get(parent, parent)}）"
    codes, unique = pd.factorize(area.to_numpy(dtype=object))
    named = np.array([names.get(u, u) for u in unique], dtype=object)
    return pd.Series(named[codes], index=area.index, dtype=object)
