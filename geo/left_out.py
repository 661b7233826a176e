"""Say what a plan leaves out, and why: time, days, crews, closed roads, one-way traps."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.arcs import Tours, Work
from geo.lines import Ints
from geo.passing import season
from geo.schema import UNSERVED, Unserved, conform, empty
from geo.tasks import Tasks
from geo.terrain import Manner, Outing, Terrain
from geo.tours import FAR
from geo.travel import NO_WAY, path, times, ways
from geo.words import Text

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
SHUT_THEN = Text("封闭期({days})", "closed in season ({days})")
BARRED = Text("{mode}不能走的路(禁行、步道等)", "{mode} may not go there (barred, footway ...)")
WAY_SHUT = Text("到不了:必经的 {names}:{why}", "cannot be reached: the way by {names}: {why}")
NO_WAY_BACK = Text(
    "进得去出不来:单行路进去后{mode}没有路回来",
    "a one-way trap: {mode} can go in, but no way leads back",
)
NO_DAY = Text(
    "该去的日子(第 {first}–{last} 天)没有班组出勤",
    "no crew works on the days it should be seen (day {first} to {last})",
)
NOT_THEIRS = Text("没有班组负责这一段", "no crew is responsible for this stretch")
NO_CREW = Text("没有能出发的班组", "no crew can set out")
NO_NETWORK = Text("没有路网,无法规划", "there is no network to plan on")
MODES: dict[str, Text] = {
    "foot": Text("步行", "foot"),
    "bicycle": Text("骑车", "bicycle"),
    "motorcycle": Text("摩托车", "motorcycle"),
    "car": Text("汽车", "car"),
    "boat": Text("船", "boat"),
}


def left_out(
    terrain: Terrain,
    tasks: Tasks,
    outings: Sequence[Outing],
    work: Work,
    found: Tours,
    days: Sequence[tuple[int, int]] | None,
) -> Unserved:
    """Return what no tour serves, and errands on no network at all, each with its reason."""
    errands, least = terrain.errands, alone(work)
    rows = [
        (
            errands["errand_id"].iloc[tasks.errand[task]],
            errands["course_id"].iloc[tasks.errand[task]],
            tasks.from_m[task], tasks.to_m[task], tasks.side[task],
            tasks.to_m[task] - tasks.from_m[task],
            least[task] / 3.6e6 if least[task] < FAR else np.nan,
            _why(terrain, tasks, outings, work, task, days),
        )
        for task in found.unserved
    ]  # fmt: skip
    missing = errands.iloc[np.setdiff1d(np.arange(len(errands)), tasks.errand)]
    nowhere = pd.DataFrame(
        {
            **{
                name: missing[name] for name in ("errand_id", "course_id", "from_m", "to_m", "side")
            },
            "length_m": missing["to_m"] - missing["from_m"],
            "hours": np.nan,
            "why": NO_NETWORK.say(terrain.language),
        }
    )
    everything = [pd.DataFrame(rows, columns=UNSERVED.names), nowhere]
    kept = [frame for frame in everything if len(frame)] or [empty(UNSERVED)]
    return Unserved(conform(pd.concat(kept, ignore_index=True), UNSERVED))


def alone(work: Work) -> Ints:
    """Return the time of the quickest tour that serves only this task, FAR where there is none."""
    trip = work.start + work.service[work.way] + work.finish if len(work.way) else work.start
    least = np.full(len(work.price), FAR, np.int64)
    if len(trip):
        fitting = np.where(work.allowed.T[:, :, None], trip, FAR)
        least = np.minimum(fitting.min(axis=(0, 2)), FAR)
    return least


def _why(
    terrain: Terrain,
    tasks: Tasks,
    outings: Sequence[Outing],
    work: Work,
    task: int,
    days: Sequence[tuple[int, int]] | None,
) -> str:
    say = terrain.language
    errand = int(tasks.errand[task])
    holders, areas = (terrain.errands[name].iloc[errand] for name in ("holders", "areas"))
    if not outings:
        return NO_CREW.say(say)
    if not any(outing.crew.may(holders, areas) for outing in outings):
        return NOT_THEIRS.say(say)
    able = np.flatnonzero(work.allowed[task])
    if days is not None and not len(able):
        first, last = days[errand]
        return NO_DAY.say(say, first=first, last=last)
    least = alone(work)[task]
    if least >= FAR:
        return _unreachable(terrain, tasks, [outings[int(v)] for v in able], task)
    fits = (least <= work.limit[able]).any()
    return (OUT_OF_TIME if fits else TOO_LONG).say(say, hours=least / 3.6e6)


def _unreachable(terrain: Terrain, tasks: Tasks, outings: list[Outing], task: int) -> str:
    """Say what keeps these outings from a task: the place is closed, the way to it, or back."""
    say, run = terrain.language, tasks.run(task)
    for outing in outings:
        if why := _closed(terrain, run, outing.manner):
            return why
    for outing in outings:
        if why := _closed_on_the_way(terrain, tasks, outing, task):
            return why
    modes = "、".join(
        MODES[mode].say(say) for mode in sorted({outing.manner[0] for outing in outings})
    )
    trapped = any(_led_there(terrain, tasks, outing, task) for outing in outings)
    return (NO_WAY_BACK if trapped else NO_WAY_THERE).say(say, mode=modes)


def _closed(terrain: Terrain, edges: Ints, manner: Manner) -> str:
    """Return in words what closes some of these edges to who moves so, '' for nothing."""
    say, network, mode = terrain.language, terrain.network, manner[0]
    if terrain.closed is not None and terrain.closed[edges].any():
        return SHUT.say(say)
    if any(mode in text.split() for text in network.barred[edges]):
        return BARRED.say(say, mode=MODES[mode].say(say))
    shut = next((str(text) for text in network.shut[edges] if text in manner[1]), "")
    return SHUT_THEN.say(say, days=season(shut, say)) if shut else ""


def _closed_on_the_way(terrain: Terrain, tasks: Tasks, outing: Outing, task: int) -> str:
    """Return in words what is closed on the way one would go there and back, '' for nothing."""
    anyhow = ways(terrain.network, terrain.speeds[outing.manner[0]])
    a, b = tasks.begin(task, 0), tasks.begin(task, 1)
    legs = ((outing.start, a), (b, outing.end))
    if any(times(anyhow, *np.array(leg)[:, None])[0, 0] >= NO_WAY for leg in legs):
        return ""
    edges = np.array([edge for leg in legs for edge, _ in path(anyhow, *leg)], dtype=np.int64)
    shut = edges[terrain.shut(outing.manner)[edges]]
    if not len(shut):
        return ""
    courses = terrain.courses.iloc[np.unique(terrain.network.course[shut])]
    names = courses["name"].where(courses["name"] != "", courses["course_id"])
    why = _closed(terrain, shut, outing.manner)
    return WAY_SHUT.say(terrain.language, names="、".join(dict.fromkeys(names)), why=why)


def _led_there(terrain: Terrain, tasks: Tasks, outing: Outing, task: int) -> bool:
    """Return whether one can go to the task at all."""
    ends = np.array([tasks.begin(task, 0), tasks.begin(task, 1)])
    return bool((times(terrain.ways(outing.manner), np.array([outing.start]), ends) < NO_WAY).any())
