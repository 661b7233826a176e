"""Read truth tracks: `NAME/NAME.nodes .arcs .track .route`, and make courses of their roads.

A course is a chain of arcs from junction to junction. Truth is metres of courses; its first and
last arc are cut to the first and last fix, because nobody drove the rest of them.
"""

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.lines import measure
from geo.schema import COURSES, FIXES, PATROLS, Courses, Fixes, Patrols, conform


@dataclass
class Truth:
    courses: Courses
    lines: object
    fixes: Fixes
    patrols: Patrols
    spans: list  # (course number, from, to)
    xy: np.ndarray
    arcs: np.ndarray
    arc_place: dict  # undirected arc -> (course number, from, to)
    track: np.ndarray
    oneway: np.ndarray


def read(folder):
    name = folder.name
    nodes = np.loadtxt(folder / f"{name}.nodes")
    arcs = np.loadtxt(folder / f"{name}.arcs", dtype=int)
    route = np.loadtxt(folder / f"{name}.route", dtype=int).reshape(-1)
    track = np.loadtxt(folder / f"{name}.track")
    zone = int((nodes[:, 0].mean() + 180) // 6) + 1
    crs = pyproj.CRS.from_epsg((32600 if nodes[:, 1].mean() >= 0 else 32700) + zone)
    to_metres = pyproj.Transformer.from_crs(4326, crs, always_xy=True)
    xy = np.column_stack(to_metres.transform(nodes[:, 0], nodes[:, 1]))
    x, y = to_metres.transform(track[:, 0], track[:, 1])
    chains = chain(arcs, len(nodes))
    courses = as_courses([shapely.LineString(xy[c]) for c in chains], crs)
    lines = measure(courses)
    place = {}
    for number, nodes_of in enumerate(chains):
        m = lines.m[lines.first[number] : lines.first[number + 1]]
        for a, b, m0, m1 in zip(nodes_of[:-1], nodes_of[1:], m[:-1], m[1:], strict=True):
            place[min(a, b), max(a, b)] = (number, m0, m1, a)
    spans = true_spans(arcs[route], place, xy, np.column_stack([x, y]))
    fixes, patrols = as_patrol(x, y, track[:, 2])
    return Truth(
        courses,
        lines,
        fixes,
        patrols,
        spans,
        xy,
        arcs,
        place,
        np.column_stack([x, y, track[:, 2]]),
        oneway(arcs, chains),
    )


def chain(arcs, nodes):
    """Chains of nodes from junction to junction; every undirected arc is in one of them."""
    pairs = {(min(a, b), max(a, b)) for a, b in arcs.tolist() if a != b}
    beside = [[] for _ in range(nodes)]
    for a, b in sorted(pairs):
        beside[a].append(b)
        beside[b].append(a)
    left = set(pairs)
    chains = []
    starts = [n for n in range(nodes) if len(beside[n]) not in (0, 2)] + list(range(nodes))
    for start in starts:
        for second in beside[start]:
            if (min(start, second), max(start, second)) not in left:
                continue
            walk = [start, second]
            left.discard((min(start, second), max(start, second)))
            while len(beside[walk[-1]]) == 2:
                a, b = beside[walk[-1]]
                onward = b if a == walk[-2] else a
                arc = (min(walk[-1], onward), max(walk[-1], onward))
                if arc not in left:
                    break
                left.discard(arc)
                walk.append(onward)
            chains.append(walk)
    return chains


def oneway(arcs, chains):
    """1 or -1 for a chain whose arcs all go one way only, along it or against it; 0 else."""
    given = set(map(tuple, arcs.tolist()))
    ways = np.zeros(len(chains), dtype=np.int8)
    for number, walk in enumerate(chains):
        ahead = all(pair in given for pair in pairwise(walk))
        back = all(pair in given for pair in pairwise(walk[::-1]))
        ways[number] = int(ahead) - int(back)
    return ways


def true_spans(route, place, xy, fixes):
    spans = []
    for n, (a, b) in enumerate(route.tolist()):
        number, m0, m1, first = place[min(a, b), max(a, b)]
        # Shares of the arc gone, along the way it was gone.
        low, high = 0.0, 1.0
        d = xy[b] - xy[a]
        if n == 0:
            low = float(np.clip((fixes[0] - xy[a]) @ d / max(d @ d, 1e-9), 0, 1))
        if n == len(route) - 1:
            high = float(np.clip((fixes[-1] - xy[a]) @ d / max(d @ d, 1e-9), 0, 1))
        ends = sorted(m0 + (m1 - m0) * (s if a == first else 1 - s) for s in (low, max(low, high)))
        spans.append((number, *ends))
    return spans


def as_courses(shapes, crs, kinds=None, closed=False):
    frame = gpd.GeoDataFrame(
        {
            "course_id": [f"c{n}" for n in range(len(shapes))],
            "asset_id": [f"c{n}" for n in range(len(shapes))],
            "kind": kinds if kinds is not None else "road",
            "name": "", "grade": "", "width_m": np.nan,
            "length_m": shapely.length(shapes), "closed": closed, "why": "",
        },
        geometry=list(shapes), crs=crs,
    )  # fmt: skip
    return Courses(conform(frame, COURSES))


def as_patrol(x, y, t, name="p"):
    at = pd.Timestamp("2026-05-01T00:00Z") + pd.to_timedelta(t, unit="s")
    fixes = pd.DataFrame(
        {"patrol_id": name, "x_m": x, "y_m": y, "at": at, "accuracy_m": np.nan, "point": "track"}
    )
    row = dict.fromkeys(PATROLS.names, "") | {
        "patrol_id": name, "grade": "A", "started_at": at[0], "ended_at": at[-1], "row": 0,
    }  # fmt: skip
    return Fixes(conform(fixes, FIXES)), Patrols(conform(pd.DataFrame([row]), PATROLS))


def union(spans):
    """Sorted disjoint (key, from, to) of the same metres."""
    spans = sorted((int(c), float(a), float(b)) for c, a, b in spans if b > a)
    out = []
    for c, a, b in spans:
        if out and out[-1][0] == c and a <= out[-1][2]:
            out[-1] = (c, out[-1][1], max(out[-1][2], b))
        else:
            out.append((c, a, b))
    return out


def metres(spans):
    return sum(b - a for _, a, b in union(spans))


def common(one, other):
    """Metres in both."""
    return metres(one) + metres(other) - metres([*one, *other])
