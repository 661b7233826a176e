"""Plan which crew goes where on which day, and write the plan leg by leg."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.arcs import MUST, Spent, Tours, Work
from geo.closures import closed_edges, ends
from geo.crews import Crew
from geo.intervals import Stretches
from geo.legs import Legs
from geo.lines import Ints, Lines
from geo.network import Joining, Network, build
from geo.schema import (
    ROUTES,
    UNSERVED,
    Courses,
    Errands,
    Features,
    Routes,
    Unserved,
    conform,
    conform_geo,
    empty,
)
from geo.tasks import Tasks, cut_tasks
from geo.tours import FAR
from geo.travel import SPEEDS, Speed, Ways, times, ways
from geo.twins import solve_both
from geo.words import Language, Text

# A crew farther from the network than this does not stand on it.
FARTHEST_START_M = 2000.0
# What a metre of priority 1 is worth in milliseconds: more than any detour of a day saves.
_METRE_MS = 20_000
_PLACE_M = 300.0
# So far a crew walks to the road rather than set out from a place that leads nowhere.
_WORTH_THE_ROAD_M = 500.0

OUT_OF_TIME = Text(
    "时间不够:本次班组与工时排不下,单独去约需 {hours:.1f} 小时",
    "not enough time: the crews' hours are full; alone it takes about {hours:.1f} hours",
)
TOO_LONG = Text(
    "一天走不完:单独去约需 {hours:.1f} 小时,超过任何班组一天的工时",
    "too long for a day: alone it takes about {hours:.1f} hours, more than any crew's day",
)
NO_WAY_THERE = Text(
    "到不了:{mode}没有路通到这里", "cannot be reached: no way leads there by {mode}"
)
SHUT = Text("道路或岸线封闭", "closed")
NO_DAY = Text(
    "该去的日子(第 {first}–{last} 天)没有班组出勤",
    "no crew works on the days it should be seen (day {first} to {last})",
)
NOT_THEIRS = Text("没有班组负责这一段", "no crew is responsible for this stretch")
FAR_START = Text(
    "{crew}:出发或返回地点离路网 {away:.0f} 米,不能出发",
    "{crew}: start or end is {away:.0f} m from the network",
)
NO_HOURS = Text("{crew}:工时为零,不安排", "{crew}: no working hours, nothing planned")
NO_CREW = Text("没有能出发的班组", "no crew can set out")
NO_NETWORK = Text("没有路网,无法规划", "there is no network to plan on")
ON_FOOT: dict[str, Text] = {
    "foot": Text("步行", "foot"),
    "bicycle": Text("骑车", "bicycle"),
    "motorcycle": Text("摩托车", "motorcycle"),
    "car": Text("汽车", "car"),
    "boat": Text("船", "boat"),
}


@dataclass(frozen=True)
class Ground:
    """What a plan is made on: courses, their lines and network, and words for the steps."""

    courses: Courses
    lines: Lines
    network: Network
    errands: Errands
    speeds: dict[str, Speed] = field(default_factory=lambda: dict(SPEEDS))
    language: Language = "zh"
    closed: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Planned:
    """A plan: legs, what was left out, what was wrong with the asking, and the search's result."""

    routes: Routes
    unserved: Unserved
    notes: tuple[str, ...]
    tours: Tours


def ground(
    courses: Courses,
    lines: Lines,
    errands: Errands,
    *,
    features: Features | None = None,
    joining: Joining | None = None,
    closed: Stretches | None = None,
    language: Language = "zh",
) -> Ground:
    """Return the ground for `errands`: the network is cut where they begin and end.

    Nobody moves along what is `closed`, and nothing is looked at there.
    """
    number = np.concatenate([lines.numbers(errands["course_id"])] * 2)
    m = np.concatenate([errands["from_m"], errands["to_m"]])
    if closed is not None:
        more, at = ends(closed)
        number, m = np.concatenate([number, more]), np.concatenate([m, at])
    known = number >= 0
    wanted = (number[known], np.clip(m[known], 0, lines.length_m[number[known]]))
    network = build(courses, lines, joining=joining, wanted=wanted, features=features)
    shut = None if closed is None else closed_edges(network, closed)
    return Ground(courses, lines, network, errands, language=language, closed=shut)


def plan(
    ground: Ground,
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
    there = {
        mode: ways(ground.network, ground.speeds[mode], closed=ground.closed)
        for mode in sorted({crew.mode for crew in crews})
    }
    able = _able(ground, crews, there, notes)
    tasks = cut_tasks(ground.network, ground.lines, ground.errands, [at for _, at, _ in able[:1]])
    tours = [(crew, day, start, end) for crew, start, end in able for day in crew.days]
    work = _work(ground, tasks, tours, there, fewest_days=fewest_days, days=days)
    found = solve_both(work, spent=spent, seed=seed, balance=balance)
    routes = _routes(ground, tasks, tours, there, found)
    unserved = _unserved(ground, tasks, tours, work, found, days)
    return Planned(routes, unserved, tuple(notes), found)


Tour = tuple[Crew, int, int, int]


def _able(
    ground: Ground, crews: Sequence[Crew], there: dict[str, Ways], notes: list[str]
) -> list[tuple[Crew, int, int]]:
    """Return the crews that can set out, with their start and end nodes; say of others why not."""
    able = []
    if not len(ground.network.a):
        notes.append(NO_NETWORK.say(ground.language))
        return []
    for crew in crews:
        if crew.hours == 0 or not crew.days:
            notes.append(NO_HOURS.say(ground.language, crew=crew.name))
            continue
        end_x = crew.x_m if crew.end_x_m is None else crew.end_x_m
        end_y = crew.y_m if crew.end_y_m is None else crew.end_y_m
        start, near = _stand(ground.network, there[crew.mode], crew.x_m, crew.y_m)
        end, also = _stand(ground.network, there[crew.mode], end_x, end_y)
        away = max(near, also)
        if away > FARTHEST_START_M:
            notes.append(FAR_START.say(ground.language, crew=crew.name, away=min(away, 9.9e6)))
            continue
        able.append((crew, start, end))
    if not able:
        notes.append(NO_CREW.say(ground.language))
    return able


def _stand(network: Network, there: Ways, x: float, y: float) -> tuple[int, float]:
    """Return the nearest node that the mode can leave, and how far it is.

    One of the largest connected part goes before a nearer one: a bank beside the office that no
    road reaches is no place to set out from.
    """
    open_nodes = np.flatnonzero(np.diff(there.first) > 0)
    if not len(open_nodes):
        return -1, float("inf")
    away = np.hypot(network.x[open_nodes] - x, network.y[open_nodes] - y)
    whole = _largest(there)[open_nodes]
    farther = np.where(whole, away, away + _WORTH_THE_ROAD_M)
    best = int(np.argmin(farther))
    return int(open_nodes[best]), float(away[best])


def _largest(there: Ways) -> NDArray[np.bool_]:
    """Return which nodes belong to the largest connected part."""
    nodes = len(there.first) - 1
    arcs = csr_array((np.ones(len(there.node), np.int8), there.node, there.first), (nodes, nodes))
    _, part = connected_components(arcs, directed=False)
    return part == np.bincount(part).argmax()


def _work(
    ground: Ground,
    tasks: Tasks,
    tours: list[Tour],
    there: dict[str, Ways],
    *,
    fewest_days: bool,
    days: Sequence[tuple[int, int]] | None,
) -> Work:
    n, modes = len(tasks), sorted(there) or ["foot"]
    between = np.full((len(modes), 2 * n, 2 * n), FAR, np.int64)
    service = np.full((len(modes), n, 2), FAR, np.int64)
    ends = np.column_stack([tasks.b, tasks.a]).reshape(-1)
    begins = np.column_stack([tasks.a, tasks.b]).reshape(-1)
    start = np.full((len(tours), n, 2), FAR, np.int64)
    finish = np.full((len(tours), n, 2), FAR, np.int64)
    for w, mode in enumerate(there):
        mine = [v for v, tour in enumerate(tours) if tour[0].mode == mode]
        sources = np.unique(np.concatenate([ends, [tours[v][2] for v in mine]]).astype(np.int64))
        targets = np.unique(np.concatenate([begins, [tours[v][3] for v in mine]]).astype(np.int64))
        table = np.minimum(times(there[mode], sources, targets), FAR)
        row, column = np.searchsorted(sources, ends), np.searchsorted(targets, begins)
        between[w] = table[np.ix_(row, column)]
        service[w] = np.minimum(tasks.times(there[mode]), FAR)
        for v in mine:
            start[v] = table[np.searchsorted(sources, tours[v][2]), column].reshape(n, 2)
            finish[v] = table[row, np.searchsorted(targets, tours[v][3])].reshape(n, 2)
    errands = ground.errands
    worth = errands["priority"].to_numpy()[tasks.errand] * (tasks.length_m + _PLACE_M)
    allowed = np.ones((n, len(tours)), bool)
    of_whom = [errands[name].to_numpy(dtype=object)[tasks.errand] for name in ("holders", "areas")]
    for v, (crew, day, _, _) in enumerate(tours):
        allowed[:, v] = [crew.may(*whose) for whose in zip(*of_whom, strict=True)]
        if days is not None:
            window = np.array(days, dtype=np.int64).reshape(-1, 2)[tasks.errand]
            allowed[:, v] &= (window[:, 0] <= day) & (day <= window[:, 1])
    # An hour of setting out, when days are to be spared; else a trifle, so that early days fill.
    fixed = [3_600_000 if fewest_days else 1000 * day for _, day, _, _ in tours]
    return Work(
        between=between,
        service=service,
        start=start,
        finish=finish,
        way=np.array([list(there).index(tour[0].mode) for tour in tours], dtype=np.int64),
        limit=np.array([int(tour[0].hours * 3.6e6) for tour in tours], dtype=np.int64),
        room=np.full(len(tours), FAR),
        fixed=np.array(fixed, dtype=np.int64),
        demand=np.zeros(n, np.int64),
        price=np.minimum(np.rint(worth * _METRE_MS), MUST - 1).astype(np.int64),
        allowed=allowed,
    )


def _routes(
    ground: Ground, tasks: Tasks, tours: list[Tour], there: dict[str, Ways], found: Tours
) -> Routes:
    frames = []
    for tour in found.tours:
        crew, day, start, end = tours[tour.tour]
        legs = Legs(ground.courses, ground.lines, ground.network, there[crew.mode], ground.language)
        at = start
        for task, way in zip(tour.tasks, tour.directions, strict=True):
            legs.go(at, tasks.begin(task, way))
            legs.serve(tasks, task, way, ground.errands)
            at = tasks.begin(task, 1 - way)
        legs.go(at, end)
        walked = legs.frame()
        at_min = crew.sets_out_min + walked["starts_min"]
        frames.append(walked.assign(crew=crew.name, day=day, mode=crew.mode, at_min=at_min))
    if not frames:
        return Routes(conform_geo(empty(ROUTES, ground.courses.crs), ROUTES))
    everything = pd.concat(frames, ignore_index=True)
    return Routes(conform_geo(gpd.GeoDataFrame(everything, crs=ground.courses.crs), ROUTES))


def _unserved(
    ground: Ground,
    tasks: Tasks,
    tours: list[Tour],
    work: Work,
    found: Tours,
    days: Sequence[tuple[int, int]] | None,
) -> Unserved:
    """Return what no tour serves, and errands on no network at all, each with its reason."""
    rows = []
    errands = ground.errands
    alone = _alone(work)
    for task in found.unserved:
        errand = int(tasks.errand[task])
        hours = alone[task] / 3.6e6
        row = errands.iloc[errand]
        if not tours:
            why = NO_CREW.say(ground.language)
        elif not any(crew.may(row["holders"], row["areas"]) for crew, _, _, _ in tours):
            why = NOT_THEIRS.say(ground.language)
        elif days is not None and not work.allowed[task].any():
            first, last = days[errand]
            why = NO_DAY.say(ground.language, first=first, last=last)
        elif ground.closed is not None and ground.closed[tasks.run(task)].any():
            why = SHUT.say(ground.language)
        elif alone[task] >= FAR:
            modes = sorted({crew.mode for crew, _, _, _ in tours})
            words = "、".join(ON_FOOT[mode].say(ground.language) for mode in modes)
            why = NO_WAY_THERE.say(ground.language, mode=words)
        else:
            fits = any(alone[task] <= limit for limit in work.limit[work.allowed[task]])
            why = (OUT_OF_TIME if fits else TOO_LONG).say(ground.language, hours=hours)
        rows.append((
            errands["errand_id"].iloc[errand], errands["course_id"].iloc[errand],
            tasks.from_m[task], tasks.to_m[task], tasks.side[task],
            tasks.to_m[task] - tasks.from_m[task], hours if alone[task] < FAR else np.nan, why,
        ))  # fmt: skip
    missing = errands.iloc[np.setdiff1d(np.arange(len(errands)), tasks.errand)]
    nowhere = pd.DataFrame(
        {
            **{
                name: missing[name] for name in ("errand_id", "course_id", "from_m", "to_m", "side")
            },
            "length_m": missing["to_m"] - missing["from_m"],
            "hours": np.nan,
            "why": NO_NETWORK.say(ground.language),
        }
    )
    everything = [pd.DataFrame(rows, columns=UNSERVED.names), nowhere]
    kept = [frame for frame in everything if len(frame)] or [empty(UNSERVED)]
    return Unserved(conform(pd.concat(kept, ignore_index=True), UNSERVED))


def _alone(work: Work) -> Ints:
    """Return the time of the quickest tour that serves only this task, FAR where there is none."""
    trip = work.start + work.service[work.way] + work.finish if len(work.way) else work.start
    least = np.full(len(work.price), FAR, np.int64)
    if len(trip):
        fitting = np.where(work.allowed.T[:, :, None], trip, FAR)
        least = np.minimum(fitting.min(axis=(0, 2)), FAR)
    return least
