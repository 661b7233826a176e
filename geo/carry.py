"""Carry stretches over to a network that was redrawn, by where they lie on the ground.

A duty given as K3+200 to K5+000 meant places. When the river is drawn anew its chainages shift, so
the stretch is found again by position and direction on the new line, and what moved is reported.
What cannot be found again keeps the last good geometry: it is never put somewhere near by guess.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.chainage import written
from geo.lines import Lines, measure, place
from geo.locate import locate
from geo.schema import COURSES, Courses, conform_geo
from geo.words import Language, Text

Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]

CARRIED = ["row", "what", "course_id", "from_m", "to_m", "moved_m", "longer_m", "why"]

_MOVED = Text(
    "图形已重画:原 {old} {before} 按位置移至 {new} {after},端点偏移至多 {moved:.1f} 米,"
    "长度变化 {longer:+.1f} 米",
    "redrawn: {old} {before} carried by position to {new} {after}; ends moved up to {moved:.1f} m, "
    "length changed by {longer:+.1f} m",
)
_KEPT = Text(
    "{old} 已从图层中消失或损坏,{before} 沿用上次的图形,请核对",
    "{old} is gone from the layer or broken; {before} keeps its last good geometry, check it",
)
_LOST = Text(
    "{old} 已重画,{before} 在新图形上 {reach:g} 米内找不到同向的位置,未移,请重新填写桩号",
    "{old} was redrawn and {before} has no place of its direction within {reach:g} m of it; not "
    "carried, write its chainage anew",
)


@dataclass(frozen=True)
class Carried:
    """What `carried` returns.

    `stretches` has the caller's rows, index and columns, with `course_id`, `from_m` and `to_m` of
    the new network; lost rows are left out. `courses` is the new network and the courses kept from
    the old one. `report` says of every row that did not simply stay: its `row` in the caller's
    index, `what` (moved, kept, lost), where it is now, how far its ends moved, the change of length
    and `why` in words.
    """

    stretches: pd.DataFrame
    courses: Courses
    report: pd.DataFrame


def carried(
    old: Courses,
    new: Courses,
    stretches: pd.DataFrame,
    *,
    within_m: float = 100.0,
    language: Language = "zh",
) -> Carried:
    """Return `stretches` of the old courses as stretches of the new ones.

    A row on a course that was not redrawn stays as it is. One on a course that was is carried to
    where both its ends are found within `within_m`: first on the course of the same id, then of
    the same asset, then of the same kind and name. Of several such places it takes the one that
    runs the same way, unless the whole line was drawn the other way round, and then the one that
    moves its ends and changes its length least. A whole asset that is gone is kept as it was.
    Raises `ValueError` for a stretch on a course that the old network does not have.
    """
    old = Courses(conform_geo(old.to_crs(pyproj.CRS(new.crs)), COURSES))
    from_lines, to_lines = measure(old), measure(new)
    number = from_lines.numbers(stretches["course_id"])
    if (number < 0).any():
        unknown = sorted(set(stretches["course_id"].to_numpy()[number < 0]))
        msg = f"wanted stretches on the old courses, got {unknown[:5]}"
        raise ValueError(msg)
    gone = _gone(old, new)
    row = np.arange(len(stretches))
    redrawn = ~_same(old, new)[number] & ~gone[number]
    found = _found(old, new, from_lines, to_lines, stretches[redrawn], within_m)
    found = found.assign(row=row[redrawn][found["stretch"]]).set_index("row")

    lost = redrawn & ~np.isin(row, found.index)
    there = stretches.copy()
    ids = there["course_id"].to_numpy(dtype=object).copy()
    start, end = (there[c].to_numpy(dtype=np.float64).copy() for c in ("from_m", "to_m"))
    at = found.index.to_numpy()
    ids[at] = new["course_id"].to_numpy()[found["number"]]
    start[at], end[at] = found["from_m"], found["to_m"]
    there = there.assign(course_id=ids, from_m=start, to_m=end)
    what = np.select([lost, gone[number], redrawn], ["lost", "kept", "moved"], "")
    report = _report(stretches, there, what, found, within_m, language)
    kept = old[gone & np.isin(np.arange(len(old)), number)]
    both = pd.concat([new, kept], ignore_index=True) if len(kept) else new
    courses = Courses(conform_geo(gpd.GeoDataFrame(both, crs=new.crs), COURSES))
    return Carried(there[~lost], courses, report)


def _gone(old: Courses, new: Courses) -> Yes:
    """Return which old courses belong to an asset of which nothing is left, under any id."""
    named = set(zip(new["kind"], new["name"], strict=True))
    return np.array(
        [
            asset not in assets and (name == "" or (kind, name) not in named)
            for assets in [set(new["asset_id"])]
            for asset, kind, name in zip(old["asset_id"], old["kind"], old["name"], strict=True)
        ],
        dtype=bool,
    )


def _same(old: Courses, new: Courses) -> Yes:
    """Return which old courses are in the new network, vertex by vertex, to the millimetre."""
    there = dict(zip(new["course_id"], new.geometry, strict=True))
    now = np.array([there.get(course_id) for course_id in old["course_id"]], dtype=object)
    return np.asarray(shapely.equals_exact(old.geometry.to_numpy(), now, tolerance=0.001))


def _found(
    old: Courses,
    new: Courses,
    from_lines: Lines,
    to_lines: Lines,
    stretches: pd.DataFrame,
    within_m: float,
) -> pd.DataFrame:
    """Return for each stretch that is found: its row, course number, from, to, how far it moved."""
    number = from_lines.numbers(stretches["course_id"])
    both = []
    for column in ("from_m", "to_m"):
        x, y, bearing = place(from_lines, number, stretches[column])
        places = locate(to_lines, x, y, within_m)
        _, _, now = place(to_lines, places.number, places.chainage_m)
        turned = np.abs((now - bearing[places.point] + 180) % 360 - 180)
        both.append(
            pd.DataFrame(
                {
                    "stretch": places.point,
                    "number": places.number,
                    "at_m": places.chainage_m,
                    "moved_m": places.offset_m,
                    "along": turned < 90,
                }
            )
        )
    # Both ends must run the same way: along the new line, or both against it.
    pairs = both[0].merge(both[1], on=["stretch", "number", "along"])
    a, b = number[pairs["stretch"]], pairs["number"].to_numpy()
    rank = _kinship(old, new, a, b)
    first, last = pairs["at_m_x"], pairs["at_m_y"]
    length = (stretches["to_m"] - stretches["from_m"]).to_numpy()[pairs["stretch"]]
    pairs = pairs.assign(
        rank=rank,
        odd=pairs["along"].to_numpy() == _reversed(old, new, a, b),
        from_m=np.minimum(first, last),
        to_m=np.maximum(first, last),
        longer_m=(last - first).abs() - length,
        moved_m=np.maximum(pairs["moved_m_x"], pairs["moved_m_y"]),
    )
    pairs = pairs[(rank >= 0) & ((last - first > 0) == pairs["along"]) & (last != first)]
    cost = pairs["moved_m"] + pairs["longer_m"].abs()
    best = pairs.assign(cost=cost).sort_values(
        ["stretch", "rank", "odd", "cost", "number", "from_m"]
    )
    best = best.drop_duplicates("stretch").reset_index(drop=True)
    return best[["stretch", "number", "from_m", "to_m", "moved_m", "longer_m", "along"]]


def _reversed(old: Courses, new: Courses, a: Ints, b: Ints) -> Yes:
    """Return which new courses begin where the old one ended, rather than where it began."""
    start, end = (shapely.get_point(old.geometry.to_numpy()[a], k) for k in (0, -1))
    first, last = (shapely.get_point(new.geometry.to_numpy()[b], k) for k in (0, -1))
    straight = shapely.distance(start, first) + shapely.distance(end, last)
    swapped = shapely.distance(start, last) + shapely.distance(end, first)
    # A hair-pin begins near its end: only a clear case is one.
    return np.asarray(swapped < straight / 2)


def _kinship(old: Courses, new: Courses, a: Ints, b: Ints) -> Ints:
    """Return 0 for one course, 1 for one asset, 2 for one kind and name, -1 for none of these."""

    def equal(column: str) -> Yes:
        return np.asarray(old[column].to_numpy()[a] == new[column].to_numpy()[b])

    called = equal("kind") & equal("name") & (old["name"].to_numpy()[a] != "")
    return np.select([equal("course_id"), equal("asset_id"), called], [0, 1, 2], -1)


def _report(
    before: pd.DataFrame,
    after: pd.DataFrame,
    what: NDArray[np.str_],
    found: pd.DataFrame,
    within_m: float,
    language: Language,
) -> pd.DataFrame:
    rows = np.flatnonzero(what != "")
    texts = {"moved": _MOVED, "kept": _KEPT, "lost": _LOST}
    moved, longer = (found[c].reindex(rows).to_numpy() for c in ("moved_m", "longer_m"))
    why = [
        texts[what[i]].say(
            language,
            old=before["course_id"].iloc[i],
            before=_span(before, i),
            new=after["course_id"].iloc[i],
            after=_span(after, i),
            moved=moved[k],
            longer=longer[k],
            reach=within_m,
        )
        for k, i in enumerate(rows.tolist())
    ]
    there = after.iloc[rows]
    columns = {
        "row": there.index.to_numpy(),
        "what": what[rows],
        "course_id": there["course_id"].to_numpy(),
        "from_m": there["from_m"].to_numpy(),
        "to_m": there["to_m"].to_numpy(),
        "moved_m": moved,
        "longer_m": longer,
        "why": why,
    }
    return pd.DataFrame(columns, columns=CARRIED)


def _span(stretches: pd.DataFrame, i: int) -> str:
    start, end = (float(stretches[c].iloc[i]) for c in ("from_m", "to_m"))
    return f"{written(start)}—{written(end)}"
