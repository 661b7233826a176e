"""Find which stretches of every course lie in which area."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.intervals import stretches, union
from geo.lines import Floats, Ints, Lines
from geo.schema import AREA_STRETCHES, Areas, AreaStretches, conform


def within(lines: Lines, areas: Areas) -> AreaStretches:
    """Return the maximal stretches of each course inside each area.

    Every edge of a course is cut where the border crosses it and judged by the middle of each
    part, so loops and self-touching courses come out right. Metres on a border belong to both
    sides. Order: course, area, chainage.
    """
    edge = _edges(lines)
    shapes = areas.geometry.to_numpy()
    drawn: NDArray[np.object_] = np.atleast_1d(np.asarray(shapely.linestrings(_ends(lines, edge))))
    tree = shapely.STRtree(drawn)
    touched = _pairs(tree.query(shapes, predicate="intersects"), len(edge))
    covered = _pairs(tree.query(shapes, predicate="covers"), len(edge))
    crossed = np.setdiff1d(touched, covered)
    whole_area, whole_edge = np.divmod(covered, max(len(edge), 1))
    part_area, part_edge, start, end = _parts(lines, edge, shapes, crossed)
    area = np.concatenate([whole_area, part_area])
    along = edge[np.concatenate([whole_edge, part_edge])]
    from_share = np.concatenate([np.zeros(len(whole_edge)), start])
    to_share = np.concatenate([np.ones(len(whole_edge)), end])
    step = lines.m[along + 1] - lines.m[along] if len(along) else np.zeros(0)
    course = np.searchsorted(lines.first, along, side="right") - 1
    base = lines.m[along] if len(along) else np.zeros(0)
    key = course * max(len(shapes), 1) + area
    inside_of = union(stretches(key, base + from_share * step, base + to_share * step))
    course, area = np.divmod(inside_of.course, max(len(shapes), 1))
    found = pd.DataFrame(
        {
            "course_id": lines.ids[course],
            "area_id": areas["area_id"].to_numpy(dtype=object)[area],
            "level": areas["level"].to_numpy(dtype=object)[area],
            "from_m": inside_of.from_m,
            "to_m": inside_of.to_m,
        }
    )
    return AreaStretches(conform(found, AREA_STRETCHES))


def _edges(lines: Lines) -> Ints:
    """Return the number of the first vertex of every edge."""
    vertex = np.arange(len(lines.x), dtype=np.int64)
    return np.setdiff1d(vertex, lines.first[1:] - 1)


def _ends(lines: Lines, edge: Ints) -> Floats:
    ends = np.stack([edge, edge + 1], axis=1)
    return np.stack([lines.x[ends], lines.y[ends]], axis=2)


def _pairs(found: Ints, edges: int) -> Ints:
    """Return each pair of area and edge as one number."""
    return np.unique(found[0].astype(np.int64) * edges + found[1])


def _parts(
    lines: Lines, edge: Ints, shapes: NDArray[np.object_], pairs: Ints
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return area, edge and the shares of the edge between which it lies inside the area."""
    area, of = np.divmod(pairs, max(len(edge), 1))
    ends = _ends(lines, edge[of])
    drawn = shapely.linestrings(ends)
    borders = shapely.boundary(shapes)
    met, owner = shapely.get_coordinates(
        shapely.intersection(drawn, borders[area]), return_index=True
    )
    begin, vector = ends[:, 0], ends[:, 1] - ends[:, 0]
    square = np.einsum("ij,ij->i", vector, vector)
    share = np.einsum("ij,ij->i", met - begin[owner], vector[owner]) / square[owner]
    every = np.arange(len(pairs))
    owner = np.concatenate([every, every, owner])
    share = np.concatenate([np.zeros(len(pairs)), np.ones(len(pairs)), np.clip(share, 0, 1)])
    order = np.lexsort((share, owner))
    owner, share = owner[order], share[order]
    real = (owner[1:] == owner[:-1]) & (share[1:] > share[:-1])
    owner, start, end = owner[:-1][real], share[:-1][real], share[1:][real]
    middle = begin[owner] + vector[owner] * ((start + end) / 2)[:, None]
    shapely.prepare(shapes)
    kept = shapely.intersects_xy(shapes[area[owner]], middle[:, 0], middle[:, 1])
    return area[owner][kept], of[owner][kept], start[kept], end[kept]
