"""Say what a plan leaves out, and why: time, days, crews, closed roads, one-way traps."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.arcs import Tours
from geo.legs import course_names
from geo.lines import Ints
from geo.passing import season
from geo.schema import UNSERVED, Errands, Unserved, conform, empty
from geo.tasks import Tasks
from geo.terrain import Manner, Outing, Terrain
from geo.tours import FAR
from geo.travel import NO_WAY, Ways, path, times, ways
from geo.trips import Trips
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
WAY_SHUT = Text("到不了:必经的 {name}:{why}", "cannot be reached: the way by {name}: {why}")
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

# What an errand and what was left out of it have in common.
_NAMED = ["errand_id", "course_id", "from_m", "to_m", "side"]


def left_out(
    terrain: Terrain,
    tasks: Tasks,
    outings: Sequence[Outing],
    trips: Trips,
    found: Tours,
    days: Sequence[tuple[int, int]] | None,
) -> Unserved:
    """Return what no tour serves, and errands on no network at all, each with its reason."""
    errands, least = terrain.errands, trips.alone()
    reasons = _Reasons(terrain, tasks, outings, trips, days)
    row = np.array(found.unserved, dtype=np.int64)
    unserved = pd.DataFrame(errands[_NAMED].iloc[tasks.errand[row]])
    unserved = unserved.assign(
        from_m=tasks.from_m[row],
        to_m=tasks.to_m[row],
        side=tasks.side[row],
        length_m=tasks.to_m[row] - tasks.from_m[row],
        hours=np.where(least[row] < FAR, least[row] / 3.6e6, np.nan),
        why=[reasons.why(task, int(least[task])) for task in found.unserved],
    )
    missing = Errands(errands.iloc[np.setdiff1d(np.arange(len(errands)), tasks.errand)])
    parts = [unserved, nowhere(missing, NO_NETWORK.say(terrain.language))]
    kept = [part for part in parts if len(part)] or [empty(UNSERVED)]
    return Unserved(conform(pd.concat(kept, ignore_index=True), UNSERVED))


def nowhere(errands: Errands, why: str) -> Unserved:
    """Return errands that cannot be planned at all, for one reason."""
    length_m = errands["to_m"] - errands["from_m"]
    rows = errands[_NAMED].assign(length_m=length_m, hours=np.nan, why=why)
    return Unserved(conform(rows.reset_index(drop=True), UNSERVED))


class _Reasons:
    """Say why tasks are left out; what many of them need is worked out once."""

    def __init__(
        self,
        terrain: Terrain,
        tasks: Tasks,
        outings: Sequence[Outing],
        trips: Trips,
        days: Sequence[tuple[int, int]] | None,
    ) -> None:
        self.terrain, self.tasks, self.outings = terrain, tasks, outings
        self.trips, self.days = trips, days
        self.names = course_names(terrain.courses, terrain.language)
        self.crews = {outing.crew for outing in outings}
        self.whose = terrain.errands[["holders", "areas"]].to_numpy(dtype=object)
        self.open: dict[Manner, Ways] = {}
        self.anyhow: dict[str, Ways] = {}

    def why(self, task: int, least: int) -> str:
        """Return why, in words; alone the task would take `least`."""
        say, errand = self.terrain.language, int(self.tasks.errand[task])
        if not self.outings:
            return NO_CREW.say(say)
        if not any(crew.may(*self.whose[errand]) for crew in self.crews):
            return NOT_THEIRS.say(say)
        able = np.flatnonzero(self.trips.allowed[task])
        if self.days is not None and not len(able):
            first, last = self.days[errand]
            return NO_DAY.say(say, first=first, last=last)
        if least >= FAR:
            # Days of a crew that set out alike cannot be told apart by where they get to.
            alike = {(o.start, o.end, o.manner): o for o in (self.outings[int(v)] for v in able)}
            return self._unreachable(list(alike.values()), task)
        fits = (least <= self.trips.limit[able]).any()
        return (OUT_OF_TIME if fits else TOO_LONG).say(say, hours=least / 3.6e6)

    def _unreachable(self, outings: list[Outing], task: int) -> str:
        """Say what keeps these outings from a task: it is closed, the way to it, or back."""
        say, run = self.terrain.language, self.tasks.run(task)
        for outing in outings:
            if why := self._closed(run, outing.manner):
                return why
        for outing in outings:
            if why := self._closed_on_the_way(outing, task):
                return why
        modes = "、".join(
            MODES[mode].say(say) for mode in sorted({outing.manner[0] for outing in outings})
        )
        trapped = any(self._led_there(outing, task) for outing in outings)
        return (NO_WAY_BACK if trapped else NO_WAY_THERE).say(say, mode=modes)

    def _closed(self, edges: Ints, manner: Manner) -> str:
        """Return in words what closes some of these edges to who moves so, '' for nothing."""
        say, network, mode = self.terrain.language, self.terrain.network, manner[0]
        if self.terrain.closed is not None and self.terrain.closed[edges].any():
            return SHUT.say(say)
        if any(mode in text.split() for text in network.barred[edges]):
            return BARRED.say(say, mode=MODES[mode].say(say))
        shut = next((str(text) for text in network.shut[edges] if text in manner[1]), "")
        return SHUT_THEN.say(say, days=season(shut, say)) if shut else ""

    def _closed_on_the_way(self, outing: Outing, task: int) -> str:
        """Return in words what is closed on the way one would go there and back, '' for nothing."""
        terrain, mode = self.terrain, outing.manner[0]
        if mode not in self.anyhow:
            self.anyhow[mode] = ways(terrain.network, terrain.speeds[mode])
        a, b = self.tasks.begin(task, 0), self.tasks.begin(task, 1)
        legs = ((outing.start, a), (b, outing.end))
        if any(_time(self.anyhow[mode], *leg) >= NO_WAY for leg in legs):
            return ""
        steps = [edge for leg in legs for edge, _ in path(self.anyhow[mode], *leg)]
        edges = np.array(steps, dtype=np.int64)
        shut = edges[terrain.shut(outing.manner)[edges]]
        if not len(shut):
            return ""
        # The first to be met is where somebody would have to open it, or go round.
        name = self.names[int(terrain.network.course[shut[0]])]
        return WAY_SHUT.say(terrain.language, name=name, why=self._closed(shut[:1], outing.manner))

    def _led_there(self, outing: Outing, task: int) -> bool:
        """Return whether one can go to the task at all."""
        if outing.manner not in self.open:
            self.open[outing.manner] = self.terrain.ways(outing.manner)
        there = self.open[outing.manner]
        return any(
            _time(there, outing.start, self.tasks.begin(task, way)) < NO_WAY for way in (0, 1)
        )


def _time(there: Ways, a: int, b: int) -> int:
    return int(times(there, np.array([a]), np.array([b]))[0, 0])
