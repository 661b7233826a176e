"""Make the network a crew can move on: roads, river banks, shores, and the joins between them.

A river has two banks and nobody walks through the water: the banks meet only where a road crosses
the river. Where rivers meet, the land between two neighbouring arms is one place; all other arms
are in the way. A bank or shore that no road comes near is walked to over open ground, from one
place of a road, where no water lies between. Every join that is not drawn is listed with its
length, and none changes the data.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.lines import Floats, Ints, Lines, measure, place
from geo.locate import locate
from geo.oneways import ways_at
from geo.passing import Passing, in_force, passing
from geo.schema import Courses, Features

WATER = ("river", "canal")
# Ends drawn this near another line were meant to touch it.
TOUCH_M = 2.0
# Banks are looked at this often for a road to leave them by.
LOOK_EVERY_M = 200.0
ROAD, BANK, SHORE, CROSSING, ACCESS, GAP, WALK = range(7)
KIND_NAMES = ("road", "bank", "shore", "crossing", "access", "gap", "walk")
# A walk over open ground leaves the water's edge by this much: its own line is not in its way.
_ASHORE_M = 0.5


@dataclass(frozen=True)
class Joining:
    """How far apart two lines may be and still be joined, in metres.

    `reach_m` from a bank to a road, beyond half the river's width; `walk_m` over open ground to a
    bank that no road reaches otherwise; `gap_m` from the end of a road to another road.
    """

    reach_m: float = 60.0
    gap_m: float = 15.0
    walk_m: float = 500.0

    def __post_init__(self) -> None:
        if not min(self.reach_m, self.gap_m, self.walk_m) >= 0:
            msg = (
                "wanted reach_m, gap_m and walk_m of at least 0, "
                f"got {self.reach_m}, {self.gap_m} and {self.walk_m}"
            )
            raise ValueError(msg)


@dataclass(frozen=True)
class Network:
    """Nodes and edges, as arrays.

    Edge k joins nodes `a[k]` and `b[k]`; it is course `course[k]` from `from_m` to `to_m` on `side`
    (L, R or '' for a road or shore), or a join (course -1, or the road at a crossing). `one_way` is
    1 for a to b only, -1 for b to a only. `afoot` edges are reached over open ground, where
    whatever one came on is left behind. Roads are `barred` to modes, `shut` in a season, and
    `unpaved`, as in FEATURES. Edges of a course stand together, by chainage.
    """

    x: Floats
    y: Floats
    a: Ints
    b: Ints
    course: Ints
    from_m: Floats
    to_m: Floats
    side: NDArray[np.object_]
    kind: Ints
    length_m: Floats
    one_way: Ints
    afoot: NDArray[np.bool_]
    barred: NDArray[np.object_]
    shut: NDArray[np.object_]
    unpaved: NDArray[np.bool_]

    def seasons(self, on: pd.Timestamp) -> tuple[str, ...]:
        """Return which of the seasons of `shut` roads are in force on a day."""
        drawn = sorted({str(shut) for shut in self.shut} - {""})
        return tuple(shut for shut in drawn if in_force(shut, on))

    def forbidden(self, mode: str, seasons: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return which edges a mode may not use while these seasons are in force."""
        bars = [text for text in set(self.barred) if mode in text.split()]
        return np.isin(self.barred, bars) | np.isin(self.shut, seasons)

    @property
    def joins(self) -> pd.DataFrame:
        """Return what was joined though not drawn as one: kind, length and place of each join."""
        row = self.kind >= CROSSING
        return pd.DataFrame(
            {
                "kind": np.array(KIND_NAMES, dtype=object)[self.kind[row]],
                "length_m": self.length_m[row],
                "x_m": self.x[self.a[row]],
                "y_m": self.y[self.a[row]],
            }
        )


@dataclass(frozen=True)
class _Cuts:
    """Places where courses are cut, sorted by course and chainage; `link[i]` runs to cut i + 1."""

    course: Ints
    m: Floats

    def at(self, course: Ints, m: Floats) -> Ints:
        """Return the number of the cut at each place; the nearest, for places rounded alike."""
        # Chainages are below 10,000 km: one key orders by course, then chainage.
        keys, asked = self.course * 1e7 + self.m, course * 1e7 + m
        right = np.clip(np.searchsorted(keys, asked), 1, len(keys) - 1)
        return right - (np.abs(keys[right - 1] - asked) <= np.abs(keys[right] - asked))


Pairs = tuple[Ints, Floats, Ints, Floats]


def build(
    courses: Courses,
    lines: Lines,
    *,
    joining: Joining | None = None,
    wanted: tuple[Ints, Floats] | None = None,
    features: Features | None = None,
) -> Network:
    """Return the network of `courses`, cut also at `wanted` places (course number, chainage).

    `features` tells which roads are one-way, barred, shut in a season or unpaved; without them none
    is.
    """
    joining = joining or Joining()
    kinds = courses["kind"].to_numpy(dtype=object)
    water = np.isin(kinds, WATER)
    road = kinds == "road"
    half = np.nan_to_num(courses["width_m"].to_numpy(dtype=np.float64) / 2, nan=0.0)
    number = np.arange(len(lines))
    same = [_shared(lines, road), _shared(lines, water), _touching(lines, water, TOUCH_M)]
    gaps = _touching(lines, road, max(joining.gap_m, TOUCH_M))
    crossings = _crossings(courses, lines, road, water)
    ways_in = _ways_in(courses, lines, road, half, max(joining.reach_m, joining.walk_m), wanted)
    access = ways_in.only(ways_in.length_m <= joining.reach_m)
    walks = ways_in.only(~(ways_in.length_m <= joining.reach_m))
    walks = walks.only(_over_land(courses, lines, ~road, half, walks))
    pairs = (*same, gaps, crossings, access.pairs, walks.pairs)
    drawn = passing(features, lines)
    changes = drawn.changes(lines)
    course = [number, number, *[p[0] for p in pairs], *[p[2] for p in pairs], changes[0]]
    m = [np.zeros(len(lines)), lines.length_m, *[p[1] for p in pairs], *[p[3] for p in pairs],
         changes[1]]  # fmt: skip
    if wanted is not None:
        course.append(wanted[0])
        m.append(wanted[1])
    cuts = _cuts(np.concatenate(course), np.concatenate(m))
    return _assembled(
        courses, lines, cuts, same, gaps, crossings, access, walks, half, features, drawn
    )


def _cuts(course: Ints, m: Floats) -> _Cuts:
    frame = pd.DataFrame({"course": course, "m": np.round(m, 3)}).drop_duplicates()
    frame = frame.sort_values(["course", "m"])
    return _Cuts(frame["course"].to_numpy(np.int64), frame["m"].to_numpy())


def _shared(lines: Lines, family: NDArray[np.bool_]) -> Pairs:
    """Return pairs of places where a vertex of one course of the family is one of another."""
    owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
    vertex = np.flatnonzero(family[owner])
    frame = pd.DataFrame(
        {"x": np.round(lines.x[vertex], 1), "y": np.round(lines.y[vertex], 1), "at": vertex}
    )
    first = frame.groupby(["x", "y"])["at"].transform("first").to_numpy()
    other = frame["at"].to_numpy()
    two = first != other
    a, b = first[two], other[two]
    return owner[a], lines.m[a], owner[b], lines.m[b]


def _touching(lines: Lines, family: NDArray[np.bool_], within_m: float) -> Pairs:
    """Return (end of a course, place on another course of its family) up to `within_m` apart."""
    owner = np.flatnonzero(family & ~lines.closed)
    course = np.repeat(owner, 2)
    m = np.column_stack([np.zeros(len(owner)), lines.length_m[owner]]).reshape(-1)
    if not len(course):
        return course, m, course, m
    x, y, _ = place(lines, course, m)
    found = locate(lines, x, y, within_m)
    fits = family[found.number] & (found.number != course[found.point])
    point, target, at = found.point[fits], found.number[fits], found.chainage_m[fits]
    # An end that touches needs no far neighbours: keep the nearest place only.
    order = np.lexsort((found.offset_m[fits], point))
    keep = order[np.append(True, np.diff(point[order]) > 0)] if len(order) else order
    return course[point[keep]], m[point[keep]], target[keep], at[keep]


def _crossings(
    courses: Courses, lines: Lines, road: NDArray[np.bool_], water: NDArray[np.bool_]
) -> Pairs:
    """Return (place on a road, place on the water below it) of every crossing."""
    roads, waters = np.flatnonzero(road), np.flatnonzero(water)
    geometry = courses.geometry.to_numpy()
    tree = shapely.STRtree(geometry[waters])
    left, right = tree.query(geometry[roads], predicate="intersects")
    if not len(left):
        none, nowhere = np.zeros(0, np.int64), np.zeros(0)
        return none, nowhere, none, nowhere
    left, right = roads[left], waters[right]
    xy, pair = shapely.get_coordinates(
        shapely.intersection(geometry[left], geometry[right]), return_index=True
    )
    found = locate(lines, xy[:, 0], xy[:, 1], 0.5)
    a, b = left[pair][found.point], right[pair][found.point]
    on_road, on_water = np.flatnonzero(found.number == a), np.flatnonzero(found.number == b)
    both = pd.DataFrame({"point": found.point[on_road], "a": on_road}).merge(
        pd.DataFrame({"point": found.point[on_water], "b": on_water}), on="point"
    )
    i, j = both["a"].to_numpy(), both["b"].to_numpy()
    return found.number[i], found.chainage_m[i], found.number[j], found.chainage_m[j]


@dataclass(frozen=True)
class _WaysIn:
    """Ways between a place on a water or shore and one on a road; bank 1 is the left, -1 right."""

    pairs: Pairs
    bank: Ints
    length_m: Floats

    def only(self, keep: NDArray[np.bool_]) -> "_WaysIn":
        """Return the ways to keep."""
        course, m, road, at = self.pairs
        pairs = course[keep], m[keep], road[keep], at[keep]
        return _WaysIn(pairs, self.bank[keep], self.length_m[keep])


def _ways_in(
    courses: Courses,
    lines: Lines,
    road: NDArray[np.bool_],
    half: Floats,
    within_m: float,
    wanted: tuple[Ints, Floats] | None,
) -> _WaysIn:
    """Return the way to the nearest road from each bank of many places on waters and shores."""
    course, m = _looks(lines, ~road, wanted)
    roads = np.flatnonzero(road)
    none, nowhere = np.zeros(0, np.int64), np.zeros(0)
    if not len(course) or not len(roads):
        return _WaysIn((none, nowhere, none, nowhere), none, nowhere)
    x, y, bearing = place(lines, course, m)
    road_lines = measure(Courses(courses.iloc[roads]))
    found = locate(road_lines, x, y, max(within_m + half[~road].max(), 0.1))
    target, at = roads[found.number], found.chainage_m
    point = found.point
    length = np.maximum(found.offset_m - half[course[point]], 0.0)
    near = length <= within_m
    point, target, at, length = point[near], target[near], at[near], length[near]
    rx, ry, _ = place(lines, target, at)
    turn = np.radians(bearing[point])
    bank = np.where(np.sin(turn) * (ry - y[point]) >= np.cos(turn) * (rx - x[point]), 1, -1)
    order = np.lexsort((length, bank, point))
    frame = pd.DataFrame({"point": point[order], "bank": bank[order]})
    keep = order[~frame.duplicated().to_numpy()]
    pairs = course[point[keep]], m[point[keep]], target[keep], at[keep]
    return _WaysIn(pairs, bank[keep].astype(np.int64), length[keep])


def _over_land(
    courses: Courses, lines: Lines, wet: NDArray[np.bool_], half: Floats, ways: _WaysIn
) -> NDArray[np.bool_]:
    """Return which ways cross no water between the water's edge and the road."""
    course, m, road, at = ways.pairs
    x, y, _ = place(lines, course, m)
    rx, ry, _ = place(lines, road, at)
    away = np.hypot(rx - x, ry - y)
    ashore = np.minimum(half[course] + _ASHORE_M, away) / np.maximum(away, _ASHORE_M)
    x, y = x + ashore * (rx - x), y + ashore * (ry - y)
    straight = shapely.linestrings(
        np.stack([np.column_stack([x, y]), np.column_stack([rx, ry])], 1)
    )
    waters = shapely.STRtree(courses.geometry.to_numpy()[wet])
    dry = np.ones(len(course), bool)
    dry[waters.query(straight, predicate="intersects")[0]] = False
    return dry


def _looks(
    lines: Lines, wet: NDArray[np.bool_], wanted: tuple[Ints, Floats] | None
) -> tuple[Ints, Floats]:
    """Return places every so often along waters and shores, their ends, and the wanted places."""
    number = np.flatnonzero(wet)
    pieces = np.maximum(np.ceil(lines.length_m[number] / LOOK_EVERY_M).astype(np.int64), 1)
    course = np.repeat(number, pieces + 1)
    step = np.arange(len(course)) - np.repeat(np.cumsum(pieces + 1) - pieces - 1, pieces + 1)
    m = step * np.repeat(lines.length_m[number] / pieces, pieces + 1)
    if wanted is not None:
        here = wet[wanted[0]]
        course, m = np.append(course, wanted[0][here]), np.append(m, wanted[1][here])
    return course, np.minimum(m, lines.length_m[course])


def _assembled(
    courses: Courses,
    lines: Lines,
    cuts: _Cuts,
    same: list[Pairs],
    gaps: Pairs,
    crossings: Pairs,
    access: _WaysIn,
    walks: _WaysIn,
    half: Floats,
    features: Features | None,
    drawn: Passing,
) -> Network:
    kinds = courses["kind"].to_numpy(dtype=object)
    water = np.isin(kinds, WATER)
    joint = _joints(lines, cuts, same)
    starts = np.flatnonzero(cuts.course[:-1] == cuts.course[1:])
    wet = water[cuts.course[starts]]
    banks = _banks(lines, cuts, joint, starts[wet])
    dry = starts[~wet]
    x, y, _ = place(lines, cuts.course, cuts.m)
    nodes = int(joint.max(initial=-1)) + 1
    node_x, node_y = np.zeros(nodes + banks.count), np.zeros(nodes + banks.count)
    node_x[joint], node_y[joint] = x, y
    node_x[nodes:], node_y[nodes:] = x[banks.cut], y[banks.cut]
    left, right = banks.left + nodes, banks.right + nodes
    edges = [
        _edges(joint[dry], joint[dry + 1], cuts, dry, "", np.where(
            kinds[cuts.course[dry]] == "road", ROAD, SHORE)),
        _edges(left[:, 0], left[:, 1], cuts, starts[wet], "L", BANK),
        _edges(right[:, 0], right[:, 1], cuts, starts[wet], "R", BANK),
    ]  # fmt: skip
    bank_at = np.full((len(cuts.m), 2), -1, np.int64)
    for end in (1, 0):
        bank_at[starts[wet] + end, 0] = left[:, end]
        bank_at[starts[wet] + end, 1] = right[:, end]
    joins = [_gap_edges(lines, cuts, joint, gaps)]
    on_road, on_water = cuts.at(crossings[0], crossings[1]), cuts.at(crossings[2], crossings[3])
    joins += [
        _join(joint[on_road], bank_at[on_water, bank], half[crossings[2]], CROSSING, crossings[0])
        for bank in (0, 1)
    ]
    for ways, kind in ((access, ACCESS), (walks, WALK)):
        course, m, road, road_m = ways.pairs
        at, road_at = cuts.at(course, m), cuts.at(road, road_m)
        node = np.where(water[course], bank_at[at, np.where(ways.bank > 0, 0, 1)], joint[at])
        joins.append(_join(joint[road_at], node, ways.length_m, kind))
    everything = _walked_to(pd.concat([*edges, *joins], ignore_index=True), len(node_x))
    return _frozen(node_x, node_y, everything, lines, features, drawn)


def _joints(lines: Lines, cuts: _Cuts, same: list[Pairs]) -> Ints:
    """Return the joint of each cut: cuts at one place, of one family, share one."""
    a = [cuts.at(p[0], p[1]) for p in same]
    b = [cuts.at(p[2], p[3]) for p in same]
    # A ring ends where it began.
    ring = np.flatnonzero(lines.closed)
    a.append(cuts.at(ring, np.zeros(len(ring))))
    b.append(cuts.at(ring, lines.length_m[ring]))
    u, v = np.concatenate(a), np.concatenate(b)
    graph = coo_array((np.ones(len(u)), (u, v)), shape=(len(cuts.m), len(cuts.m)))
    return connected_components(graph, directed=False)[1].astype(np.int64)


@dataclass(frozen=True)
class _Banks:
    """Bank places: their count, a cut each, and the left and right, start and end of each link."""

    count: int
    cut: Ints
    left: Ints
    right: Ints


def _banks(lines: Lines, cuts: _Cuts, joint: Ints, starts: Ints) -> _Banks:
    """Give the land between neighbouring arms of a joint one place.

    An arm is a link leaving a joint; sorted by bearing, the land clockwise of an arm is the land
    counter-clockwise of the next. The end of a single arm has two places: nobody knows that its
    spring can be walked round.
    """
    n = len(starts)
    if not n:
        none = np.zeros((0, 2), np.int64)
        return _Banks(0, np.zeros(0, np.int64), none, none)
    length = cuts.m[starts + 1] - cuts.m[starts]
    near = np.minimum(10.0, length / 2)
    cut = np.concatenate([starts, starts + 1])
    look = np.concatenate([cuts.m[starts] + near, cuts.m[starts + 1] - near])
    x0, y0, _ = place(lines, cuts.course[cut], cuts.m[cut])
    x1, y1, _ = place(lines, cuts.course[cut], look)
    bearing = np.arctan2(x1 - x0, y1 - y0)
    order = np.lexsort((bearing, joint[cut]))
    at = joint[cut][order]
    begins = np.append(True, at[1:] != at[:-1])
    group = np.cumsum(begins) - 1
    first = np.flatnonzero(begins)
    size = np.diff(np.append(first, len(order)))
    rank = np.arange(len(order)) - first[group]
    # Sector k lies clockwise of the k-th arm; counter-clockwise of it lies the one before.
    clockwise, counter = np.empty(2 * n, np.int64), np.empty(2 * n, np.int64)
    clockwise[order] = np.arange(len(order))
    counter[order] = first[group] + (rank - 1) % size[group]
    alone = np.flatnonzero(size[group] == 1)
    counter[order[alone]] = 2 * n + np.arange(len(alone))
    # Leaving a joint, the land on the right is clockwise; an end is left backwards.
    return _Banks(
        count=2 * n + len(alone),
        cut=np.append(cut[order], cut[order[alone]]),
        left=np.column_stack([counter[:n], clockwise[n:]]),
        right=np.column_stack([clockwise[:n], counter[n:]]),
    )


def _edges(a: Ints, b: Ints, cuts: _Cuts, start: Ints, side: str, kind: Ints | int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": a, "b": b, "course": cuts.course[start], "from_m": cuts.m[start],
            "to_m": cuts.m[start + 1], "side": side, "kind": kind,
            "length_m": cuts.m[start + 1] - cuts.m[start],
        }
    )  # fmt: skip


def _join(a: Ints, b: Ints, length_m: Floats, kind: int, course: Ints | int = -1) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": a, "b": b, "course": course, "from_m": np.nan, "to_m": np.nan, "side": "",
            "kind": kind, "length_m": length_m,
        }
    )[b >= 0]  # fmt: skip


def _gap_edges(lines: Lines, cuts: _Cuts, joint: Ints, gaps: Pairs) -> pd.DataFrame:
    a, b = cuts.at(gaps[0], gaps[1]), cuts.at(gaps[2], gaps[3])
    x0, y0, _ = place(lines, gaps[0], gaps[1])
    x1, y1, _ = place(lines, gaps[2], gaps[3])
    apart = joint[a] != joint[b]
    return _join(joint[a], joint[b], np.hypot(x1 - x0, y1 - y0), GAP)[apart]


def _walked_to(edges: pd.DataFrame, nodes: int) -> pd.DataFrame:
    """Keep the shortest walk to each part of the network without a road, marking that part afoot.

    One walk only: who leaves a vehicle at the road comes back to it.
    """
    walk = (edges["kind"] == WALK).to_numpy()
    a, b = edges["a"].to_numpy(np.int64), edges["b"].to_numpy(np.int64)
    graph = coo_array((np.ones((~walk).sum()), (a[~walk], b[~walk])), shape=(nodes, nodes))
    part = connected_components(graph, directed=False)[1]
    driven = np.zeros(part.max(initial=-1) + 1, bool)
    driven[part[a[(edges["kind"] == ROAD).to_numpy()]]] = True
    needed = np.flatnonzero(walk & ~driven[part[b]])
    needed = needed[np.argsort(edges["length_m"].to_numpy()[needed], kind="stable")]
    _, first = np.unique(part[b[needed]], return_index=True)
    keep = ~walk
    keep[needed[first]] = True
    on_foot = np.isin(part[b], part[b[needed]])
    return edges.assign(afoot=on_foot)[keep].reset_index(drop=True)


def _frozen(
    x: Floats,
    y: Floats,
    edges: pd.DataFrame,
    lines: Lines,
    features: Features | None,
    drawn: Passing,
) -> Network:
    edges = edges.drop_duplicates(["a", "b", "course", "from_m", "side", "kind"])
    road = np.flatnonzero(edges["kind"].to_numpy() == ROAD)
    course, middle = edges["course"].to_numpy(np.int64)[road], _middles(edges)[road]
    one_way, kind = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    kind[road] = drawn.at(lines, course, middle)
    if features is not None:
        one_way[road] = ways_at(features, lines, course, middle)
    columns = {
        name: edges[name].to_numpy(dtype=np.int64 if name in {"a", "b", "course", "kind"} else None)
        for name in ("a", "b", "course", "from_m", "to_m", "kind", "length_m")
    }
    return Network(
        x=x, y=y, side=edges["side"].to_numpy(dtype=object), one_way=one_way,
        afoot=edges["afoot"].to_numpy(dtype=bool), barred=drawn.barred[kind],
        shut=drawn.shut[kind], unpaved=drawn.unpaved[kind], **columns,
    )  # fmt: skip


def _middles(edges: pd.DataFrame) -> Floats:
    return (edges["from_m"] + edges["to_m"]).to_numpy(dtype=np.float64) / 2


def node_near(network: Network, x: float, y: float) -> tuple[int, float]:
    """Return the nearest node with an edge, and how far it is; (-1, inf) in an empty network."""
    used = np.unique(np.concatenate([network.a, network.b]))
    if not len(used):
        return -1, float("inf")
    away = np.hypot(network.x[used] - x, network.y[used] - y)
    return int(used[np.argmin(away)]), float(away.min())
