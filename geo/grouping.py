"""Group what was drawn into assets: by code, else by kind and name where it hangs together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.outlines import Outlines, Reject
from geo.schema import Features
from geo.settings import Settings
from geo.words import Text

Ints = NDArray[np.int64]
Geometries = NDArray[np.object_]

_NAMESAKES = Text(
    "“{name}”另有一处,相距 {far:.0f} 米,超过 {gap:g} 米,按不同对象处理;若是同一对象,请填相同的编码",
    "“{name}” is drawn in another place {far:.0f} m away, beyond {gap:g} m, and taken for another "
    "one; if they are one, give them the same code",
)


@dataclass(frozen=True)
class Groups:
    """The asset of each outline, as a number, and the id of each asset."""

    asset: Ints
    asset_id: NDArray[np.object_]


def grouped(features: Features, found: Outlines, settings: Settings) -> tuple[Groups, list[Reject]]:
    """Return the asset each outline belongs to; `features` are in order of file and row.

    One code is one asset. One name of one kind is one asset where its pieces hang together with
    gaps up to `asset_gap_m`; of several such places the one that comes first in the files keeps the
    plain id, the others add where they lie, and all are reported. What has neither is by itself.
    """
    own = features.iloc[found.feature]
    kind, code, name = (
        own[column].str.strip().to_numpy(dtype=object) for column in ("kind", "code", "name")
    )
    by_code, by_name = code != "", (code == "") & (name != "")
    base = np.where(by_code, code, kind + ":" + np.where(by_name, name, own["feature_id"]))
    # Two kinds may use one code; a name may look like a code.
    sort = np.where(by_code, "code:" + kind, np.where(by_name, "name", "feature"))
    key = pd.factorize(sort + ":" + base)[0].astype(np.int64)
    place = _places(found.line, key, by_name, settings.asset_gap_m)
    asset = pd.factorize(key * len(key) + place)[0].astype(np.int64)  # a place is < len(key)

    first = np.unique(asset, return_index=True)[1]
    ids = _ids(found.line, asset, first, key, base, sort)
    return Groups(asset, ids), _namesakes(own, found.line, asset, first, key, settings)


def _namesakes(
    own: pd.DataFrame, lines: Geometries, asset: Ints, first: Ints, key: Ints, settings: Settings
) -> list[Reject]:
    """Return a warning for each asset whose name another one had first."""
    said: list[Reject] = []
    rows_of = pd.Series(asset).groupby(asset).indices
    for same in pd.Series(key[first]).groupby(key[first]).indices.values():
        for one in same[1:]:
            others = np.concatenate([rows_of[other] for other in same if other != one])
            tree = shapely.STRtree(lines[others])
            far = float(tree.query_nearest(lines[rows_of[one]], return_distance=True)[1].min())
            row = own.iloc[first[one]]
            gap = settings.asset_gap_m
            message = _NAMESAKES.say(settings.language, name=row["name"], far=far, gap=gap)
            said.append((row["file"], int(row["row"]), "name", "namesakes", "warning", message))
    return said


def _places(lines: Geometries, key: Ints, by_name: NDArray[np.bool_], gap_m: float) -> Ints:
    """Return a number for each line, the same for lines of one key that hang together."""
    shared = by_name & (np.bincount(key)[key] > 1) if len(key) else by_name
    place = np.zeros(len(lines), dtype=np.int64)
    rows = np.flatnonzero(shared)
    if not len(rows):
        return place
    moved = _apart(lines[rows], key[rows], gap_m)
    a, b = shapely.STRtree(moved).query(moved, predicate="dwithin", distance=gap_m)
    meets = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(rows), len(rows)))
    place[rows] = connected_components(meets, directed=False)[1]
    return place


def _apart(lines: Geometries, key: Ints, gap_m: float) -> Geometries:
    """Return the lines with each key moved so far east that keys cannot meet."""
    box = shapely.total_bounds(lines)
    width = box[2] - box[0] + 2 * gap_m + 1.0
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    rank = np.unique(key, return_inverse=True)[1]
    xy[:, 0] += rank[owner] * width - box[0]
    bounds = np.searchsorted(owner, np.arange(len(lines) + 1))
    moved: Geometries = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy, (bounds,))
    return moved


def _ids(
    lines: Geometries,
    asset: Ints,
    first: Ints,
    key: Ints,
    base: NDArray[np.object_],
    sort: NDArray[np.object_],
) -> NDArray[np.object_]:
    """Return a stable id for each asset: only what is drawn of it and its namesakes counts."""
    box = pd.DataFrame(shapely.bounds(lines)[:, :2]).groupby(asset).min().to_numpy()
    tenths = np.floor(box / 100).astype(np.int64)
    ids = pd.Series(base[first]).astype("object")
    again = pd.Series(key[first]).groupby(key[first]).cumcount().to_numpy() > 0
    ids[again] += [f"@{east},{north}" for east, north in tenths[again]]
    # What is left equal are codes that two kinds share, and names that look like codes.
    twice = ids.duplicated(keep=False)
    ids[twice] += "(" + pd.Series(sort[first]).str.replace("code:", "")[twice] + ")"
    number = ids.groupby(ids).cumcount()
    ids += number.map(lambda n: f"~{n + 1}" if n else "")
    return ids.to_numpy(dtype=object)
