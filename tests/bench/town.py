"""Make a town with rivers, bank roads, roads and a shore, and patrols whose truth is known.

Patrols are legs along courses joined by transits over open country; positions carry white noise, a
slow drift, some strays and stops. Banks are walked within the width that the river is given.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
import truth as truths

from geo.lines import measure

SIDE_M = 20_000.0
EVERY_S = (5, 10, 15, 30, 60, 120)
PACES = (1.2, 1.5, 2.5, 4.0)


@dataclass
class Town:
    courses: object
    lines: object
    kinds: np.ndarray
    x: np.ndarray
    y: np.ndarray
    t: np.ndarray
    patrol: np.ndarray
    every: np.ndarray  # seconds between fixes, by patrol
    spans: list  # (patrol, course, from, to)
    crossings: list  # (patrol, course, chainage, degrees)


def wavy(rng, start, heading, length, sway, step=40.0):
    n = int(length / step)
    turns = rng.normal(0, sway, n)
    kernel = np.exp(-np.abs(np.arange(-12, 13)) / 5)
    bent = heading + np.convolve(turns, kernel / kernel.sum(), mode="same") * 6
    return start + np.cumsum(np.column_stack([np.cos(bent), np.sin(bent)]) * step, axis=0)


def courses_of(rng, side):
    """Lines and kinds: four rivers, a bank road each, ten roads, two shores."""
    shapes, kinds = [], []
    for n in range(4):
        start = np.array([0.0, side * (n + 0.5) / 4])
        river = shapely.LineString(wavy(rng, start, 0.0, side, 0.35))
        shapes.append(river)
        kinds.append("river")
        beside = rng.choice([-1, 1]) * rng.uniform(45, 90)
        bank = shapely.ops.substring(
            shapely.offset_curve(river.simplify(5), beside), 0.2, 0.7, normalized=True
        )
        if bank.geom_type == "LineString":
            shapes.append(bank)
            kinds.append("road")
    for n in range(10):
        if n % 2:
            start, heading = np.array([side * (n + 0.5) / 10, 0.0]), np.pi / 2
        else:
            start, heading = np.array([0.0, side * (n + 0.9) / 10]), 0.0
        shapes.append(shapely.LineString(wavy(rng, start, heading, side, 0.12)))
        kinds.append("road")
    for n in range(2):
        angles = np.linspace(0, 2 * np.pi, 60)
        radius = 500 + 60 * np.sin(3 * angles + n) + 40 * np.sin(5 * angles)
        centre = np.array([side * (0.3 + 0.4 * n), side * 0.36])
        ring = centre + radius[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        ring[-1] = ring[0]
        shapes.append(shapely.LineString(ring))
        kinds.append("reservoir")
    return [
        shapely.transform(s, lambda xy: xy + np.array([500_000, 3_300_000])) for s in shapes
    ], kinds


def leg(rng, shapes, kinds, lines):
    """One leg: course, from, to, and the path beside it."""
    k = int(rng.integers(len(shapes)))
    length = shapes[k].length
    span = min(rng.uniform(500, 6500), 0.8 * length)
    a = rng.uniform(0, length - span)
    at = np.arange(a, a + span, 5.0)
    line = shapely.get_coordinates(shapely.line_interpolate_point(shapes[k], at))
    ahead = np.gradient(line, axis=0)
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    aside = {"road": 0.0, "river": rng.uniform(8, 45), "reservoir": rng.uniform(0, 15)}[kinds[k]]
    aside = aside * rng.choice([-1, 1]) + 4 * np.sin(at / 90 + rng.uniform(0, 6))
    if kinds[k] == "road":
        aside = np.zeros(len(at)) + rng.normal(0, 2)
    path = line + np.column_stack([-ahead[:, 1], ahead[:, 0]]) * aside[:, None]
    scale = lines.length_m[k] / length
    return k, a * scale, (a + span) * scale, path if rng.random() < 0.5 else path[::-1]


def transit(rng, a, b):
    d = b - a
    length = max(float(np.hypot(*d)), 1.0)
    u = np.linspace(0, 1, max(int(length / 5), 2))[1:-1]
    bulge = rng.choice([0.0, rng.normal(0, 0.2)]) * np.sin(np.pi * u) * length
    return a + u[:, None] * d + bulge[:, None] * np.array([-d[1], d[0]]) / length


def crossings_of(number, path, shapes, lines, near, mine):
    """Where a transit crosses a course of which this patrol walks nothing within 300 m."""
    found = []
    line = shapely.LineString(path)
    for k, shape in enumerate(shapes):
        if not near[k]:
            continue
        for point in shapely.get_parts(shapely.intersection(line, shape)):
            if point.geom_type != "Point":
                continue
            m = shapely.line_locate_point(shape, point)
            angle = heading(shape, m) - heading(line, shapely.line_locate_point(line, point))
            degrees = abs((np.degrees(angle) + 90) % 180 - 90)
            if not any(c == k and a - 300 < m < b + 300 for c, a, b in mine):
                found.append((number, k, m * lines.length_m[k] / shape.length, degrees))
    return found


def heading(line, m):
    a, b = shapely.get_coordinates(
        [
            shapely.line_interpolate_point(line, max(m - 15, 0)),
            shapely.line_interpolate_point(line, min(m + 15, line.length)),
        ]
    )
    return np.arctan2(*(b - a)[::-1])


def build(patrols, seed=0, side=SIDE_M):
    """A town and its patrols; the same for the same seed."""
    rng = np.random.default_rng(seed)
    shapes, kinds = courses_of(rng, side)
    courses = truths.as_courses(shapes, "EPSG:4547", kinds)
    closed = np.array([kind == "reservoir" for kind in kinds])
    width = np.where(np.array(kinds) == "river", 40.0, np.nan)
    courses = type(courses)(courses.assign(closed=closed, width_m=width))
    lines = measure(courses)
    tree = shapely.STRtree(shapes)
    parts, spans, crossings, every = [], [], [], []
    for number in range(patrols):
        legs = [leg(rng, shapes, kinds, lines) for _ in range(int(rng.integers(2, 6)))]
        mine = [one[:3] for one in legs]
        spans += [(number, *one) for one in mine]
        start = legs[0][3][0] + rng.normal(0, 600, 2)
        bits = []
        for one in legs:
            way = transit(rng, start, one[3][0])
            if len(way) > 2:
                near = np.zeros(len(shapes), bool)
                near[tree.query(shapely.LineString(way), predicate="intersects")] = True
                crossings += crossings_of(number, way, shapes, lines, near, mine)
            bits += [way, one[3]]
            start = one[3][-1]
        every.append(int(rng.choice(EVERY_S)))
        parts.append(observed(rng, np.concatenate(bits), number, every[-1]))
    x, y, t, patrol = np.concatenate(parts).T
    return Town(
        courses,
        lines,
        np.array(kinds),
        x,
        y,
        t,
        patrol.astype(np.int64),
        np.array(every),
        spans,
        crossings,
    )


def observed(rng, path, number, every):
    """Fixes of a walk along a path: paced, noisy, with strays and stops."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    pace = float(rng.choice(PACES))
    # Who stops goes on to the end all the same: what is never walked is no truth.
    stop_s = 300.0 if rng.random() < 0.3 else 0.0
    t = np.arange(0.0, along[-1] / pace + stop_s, every)
    gone = t * pace
    if stop_s:
        gone = np.minimum(gone, np.maximum(gone - stop_s * pace, rng.uniform(0, along[-1])))
    xy = np.column_stack([np.interp(gone, along, path[:, 0]), np.interp(gone, along, path[:, 1])])
    drift = np.zeros((len(t), 2))
    keep = np.exp(-every / 60)
    size = float(rng.choice([3, 6, 10])) * np.sqrt(1 - keep**2)
    shocks = rng.normal(0, size, (len(t), 2))
    for n in range(1, len(t)):
        drift[n] = keep * drift[n - 1] + shocks[n]
    xy += drift + rng.normal(0, 7, xy.shape)
    stray = rng.random(len(t)) < 0.002
    xy[stray] += rng.normal(0, 150, (stray.sum(), 2))
    return np.column_stack([xy, t + 1e9, np.full(len(t), number)])


def frames(town):
    fixes, _ = truths.as_patrol(town.x, town.y, town.t - 1e9)
    names = np.array([f"p{n}" for n in range(town.patrol.max() + 1)], dtype=object)
    fixes = fixes.assign(patrol_id=names[town.patrol])
    rows = pd.concat([truths.as_patrol([0.0], [0.0], [0.0], name)[1] for name in names])
    return fixes, rows.reset_index(drop=True)
