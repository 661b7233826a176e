"""Plan which crew goes where on which day, and write the plan leg by leg."""

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.arcs import MUST, Spent, Tours, Work
from geo.crews import Crew
from geo.left_out import NO_CREW, NO_NETWORK, left_out, nowhere
from geo.legs import Legs, course_names
from geo.network import Network
from geo.schema import ROUTES, Routes, Unserved, conform_geo, empty
from geo.tasks import Tasks, cut_tasks, halved, rejoined
from geo.terrain import Manner, Outing, Terrain
from geo.tours import FAR
from geo.travel import Ways, times
from geo.trips import Trips, trips_of
from geo.twins import solve_both
from geo.words import Text

# A crew farther from the network than this does not stand on it.
FARTHEST_START_M = 2000.0
# What a metre of priority 1 is worth in milliseconds: more than any detour of a day saves.
_METRE_MS = 20_000
_PLACE_M = 300.0
# So far a crew walks to the road rather than set out from a place that leads nowhere.
_WORTH_THE_ROAD_M = 500.0

FAR_START = Text(
    "{crew}:出发或返回地点离路网 {away:.0f} 米,不能出发",
    "{crew}: start or end is {away:.0f} m from the network",
)
NO_HOURS = Text("{crew}:工时为零,不安排", "{crew}: no working hours, nothing planned")


@dataclass(frozen=True)
class Planned:
    """A plan: legs, what was left out, what was wrong with the asking, and the search's result."""

    routes: Routes
    unserved: Unserved
    notes: tuple[str, ...]
    tours: Tours


def plan(
    terrain: Terrain,
    crews: Sequence[Crew],
    *,
    spent: Spent,
    seed: int = 1,
    balance: bool = False,
    fewest_days: bool = False,
    days: Sequence[tuple[int, int]] | None = None,
) -> Planned:
    """Return the best plan found until `spent(iterations)` reaches 1.

    As much as fits is served, priority times metres; then the least time. `days` gives for each
    errand the first and last day on which it may be done. Nothing is dropped silently: what is not
    served stands in `unserved` with its reason.
    """
    notes: list[str] = []
    manners = {terrain.manner(crew.mode, day) for crew in crews for day in crew.days}
    there = {manner: terrain.ways(manner) for manner in sorted(manners)}
    outings = _outings(terrain, crews, there, notes)
    tasks = cut_tasks(
        terrain.network, terrain.lines, terrain.errands, [outing.start for outing in outings[:1]]
    )
    trips = trips_of(terrain, tasks, outings, there, days)
    whole = len(tasks)
    while len(long := trips.long(tasks)):
        tasks = halved(terrain.network, tasks, terrain.errands, long)
        trips = trips_of(terrain, tasks, outings, there, days)
    if len(tasks) > whole:
        tasks = rejoined(tasks, terrain.errands, ~trips.fit())
        trips = trips_of(terrain, tasks, outings, there, days)
    work = _work(terrain, tasks, outings, trips, there, fewest_days=fewest_days)
    found = solve_both(work, spent=spent, seed=seed, balance=balance)
    routes = _routes(terrain, tasks, outings, there, found)
    unserved = left_out(terrain, tasks, outings, trips, found, days)
    return Planned(routes, unserved, tuple(notes), found)


def unplanned(terrain: Terrain, why: str) -> Planned:
    """Return a plan of no routes, in which every errand is left out for this reason."""
    return Planned(_no_routes(terrain), nowhere(terrain.errands, why), (), Tours((), (), 0, 0))


def _no_routes(terrain: Terrain) -> Routes:
    return Routes(conform_geo(empty(ROUTES, terrain.courses.crs), ROUTES))


def _outings(
    terrain: Terrain, crews: Sequence[Crew], there: dict[Manner, Ways], notes: list[str]
) -> list[Outing]:
    """Return the crews' days, of those crews that can set out; say of the others why not."""
    outings: list[Outing] = []
    if not len(terrain.network.a):
        notes.append(NO_NETWORK.say(terrain.language))
        return []
    for crew in crews:
        if crew.hours == 0 or not crew.days:
            notes.append(NO_HOURS.say(terrain.language, crew=crew.name))
            continue
        end_x = crew.x_m if crew.end_x_m is None else crew.end_x_m
        end_y = crew.y_m if crew.end_y_m is None else crew.end_y_m
        manners = {day: terrain.manner(crew.mode, day) for day in crew.days}
        ways_out = there[manners[crew.days[0]]]
        start, near = _stand(terrain.network, ways_out, crew.x_m, crew.y_m)
        end, also = _stand(terrain.network, ways_out, end_x, end_y)
        away = max(near, also)
        if away > FARTHEST_START_M:
            notes.append(FAR_START.say(terrain.language, crew=crew.name, away=min(away, 9.9e6)))
            continue
        outings += [Outing(crew, day, start, end, manners[day]) for day in crew.days]
    if not outings:
        notes.append(NO_CREW.say(terrain.language))
    return outings


def _stand(network: Network, there: Ways, x: float, y: float) -> tuple[int, float]:
    """Return the nearest node that the mode can leave, and how far it is.

    One of the largest connected part goes before a nearer one: a bank beside the office that no
    road reaches is no place to set out from.
    """
    open_nodes = np.flatnonzero(np.diff(there.first) > 0)
    if not len(open_nodes):
        return -1, float("inf")
    away = np.hypot(network.x[open_nodes] - x, network.y[open_nodes] - y)
    whole = _largest(network, there)[open_nodes]
    farther = np.where(whole, away, away + _WORTH_THE_ROAD_M)
    best = int(np.argmin(farther))
    return int(open_nodes[best]), float(away[best])


def _largest(network: Network, there: Ways) -> NDArray[np.bool_]:
    """Return which nodes belong to the longest part in which each leads to each and back."""
    nodes = len(there.first) - 1
    arcs = csr_array((np.ones(len(there.node), np.int8), there.node, there.first), (nodes, nodes))
    _, part = connected_components(arcs, directed=True, connection="strong")
    tail = np.repeat(part, np.diff(there.first))
    inside = tail == part[there.node]
    metres = np.bincount(tail[inside], weights=network.length_m[there.edge[inside]])
    return part == metres.argmax() if inside.any() else np.ones(nodes, dtype=bool)


def _work(
    terrain: Terrain,
    tasks: Tasks,
    outings: list[Outing],
    trips: Trips,
    there: dict[Manner, Ways],
    *,
    fewest_days: bool,
) -> Work:
    """Return what the search is asked: the trips, and the ways from each task to each other."""
    n = len(tasks)
    between = np.full((max(len(there), 1), 2 * n, 2 * n), FAR, np.int32)
    ends, to_end = np.unique(np.column_stack([tasks.b, tasks.a]), return_inverse=True)
    begins, to_begin = np.unique(np.column_stack([tasks.a, tasks.b]), return_inverse=True)
    for w, manner in enumerate(there):
        table = np.minimum(times(there[manner], ends, begins), FAR).astype(np.int32)
        between[w] = table[np.ix_(to_end.reshape(-1), to_begin.reshape(-1))]
    worth = terrain.errands["priority"].to_numpy()[tasks.errand] * (tasks.length_m + _PLACE_M)
    # An hour of setting out, when days are to be spared; else a trifle, so that early days fill.
    fixed = [3_600_000 if fewest_days else 1000 * outing.day for outing in outings]
    return Work(
        between=between,
        service=trips.service,
        start=trips.start,
        finish=trips.finish,
        way=trips.way,
        limit=trips.limit,
        room=np.full(len(outings), FAR),
        fixed=np.array(fixed, dtype=np.int64),
        demand=np.zeros(n, np.int64),
        price=np.minimum(np.rint(worth * _METRE_MS), MUST - 1).astype(np.int64),
        allowed=trips.allowed,
    )


def _routes(
    terrain: Terrain,
    tasks: Tasks,
    outings: list[Outing],
    there: dict[Manner, Ways],
    found: Tours,
) -> Routes:
    frames = []
    names = course_names(terrain.courses, terrain.language)
    for tour in found.tours:
        outing = outings[tour.tour]
        crew, ways_ = outing.crew, there[outing.manner]
        legs = Legs(terrain, ways_, names)
        at = outing.start
        for task, way in zip(tour.tasks, tour.directions, strict=True):
            legs.go(at, tasks.begin(task, way))
            legs.serve(tasks, task, way, terrain.errands)
            at = tasks.begin(task, 1 - way)
        legs.go(at, outing.end)
        walked = legs.frame()
        at_min = crew.sets_out_min + walked["starts_min"]
        frames.append(walked.assign(crew=crew.name, day=outing.day, mode=crew.mode, at_min=at_min))
    if not frames:
        return _no_routes(terrain)
    everything = pd.concat(frames, ignore_index=True)
    return Routes(conform_geo(gpd.GeoDataFrame(everything, crs=terrain.courses.crs), ROUTES))
