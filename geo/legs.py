"""Write a tour as legs: where along which course, on which bank, how far, how long, in words."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.chainage import written
from geo.lines import Floats, offset
from geo.network import ACCESS, CROSSING, GAP, WALK
from geo.schema import Courses, Errands
from geo.tasks import Tasks
from geo.terrain import Terrain
from geo.travel import Ways, path
from geo.words import Language, Text

BANKS = {"L": Text("左岸", "the left bank"), "R": Text("右岸", "the right bank")}
# A full comma: K7+336,356 would be read as one number.
SERVICE_BANK = Text(
    "巡查 {name}:{turn}从 {start} 沿{bank}走到 {end}，{metres}，{minutes}",
    "{turn}Look at {name}: from {start} along {bank} to {end}, {metres}, {minutes}",
)
SERVICE = Text(
    "巡查 {name}:{turn}从 {start} 走到 {end}，{metres}，{minutes}",
    "{turn}Look at {name}: from {start} to {end}, {metres}, {minutes}",
)
GO_BANK = Text(
    "赶路:{turn}沿 {name} {bank}从 {start} 到 {end}，{metres}，{minutes}",
    "{turn}Go along {bank} of {name} from {start} to {end}, {metres}, {minutes}",
)
GO = Text(
    "赶路:{turn}沿 {name} 从 {start} 到 {end}，{metres}，{minutes}",
    "{turn}Go along {name} from {start} to {end}, {metres}, {minutes}",
)
OVER = Text("从 {name} 的桥上过河", "Cross the river by the bridge of {name}")
AT_BRIDGE = Text("在 {name} 桥头转到{there}", "At the bridge of {name} change to {there}")
OFF_BRIDGE = Text("从桥头回到 {name} 上", "At the bridge get back on {name}")
ACROSS = Text("走 {metres} 转到{there}，{minutes}", "Walk {metres} over to {there}, {minutes}")
OPEN_GROUND = Text(
    "图上没有路，下来步行 {metres}穿过空地到{there}，{minutes}",
    "No way is drawn: walk {metres} over open ground to {there}, {minutes}",
)
STEP_OVER = Text("走过图上断开的 {metres}", "Go on over {metres} where the drawing has a gap")
STOP = Text("停留 {minutes}:{what}", "Stay {minutes}: {what}")
METRES, MINUTES = Text("{m:.0f} 米", "{m:,.0f} m"), Text("{m:.0f} 分钟", "{m:.0f} min")
MOMENT = Text("不到 1 分钟", "less than a minute")
THERE = Text(" {name}", "{name}")
THERE_BANK = Text(" {name} {bank}", "{bank} of {name}")
ROADSIDE = Text("路边", "the roadside")
UNNAMED = Text("无名路({id})", "an unnamed road ({id})")

HEADINGS = tuple(
    Text(f"向{zh}，", f"Heading {en}: ")
    for zh, en in zip(
        ("东", "东北", "北", "西北", "西", "西南", "南", "东南"),
        ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east"),
        strict=True,
    )
)
ON, LEFT, RIGHT = Text("", ""), Text("左转，", "Turn left. "), Text("右转，", "Turn right. ")
BACK = Text("掉头，", "Turn round. ")
# The way a leg points is taken over so much of it: the first metres may only cross the road.
_POINTS_M = 12.0
# Places of two legs nearer than this are one.
_SAME_M = 0.001


@dataclass
class _Leg:
    kind: str
    course: int
    from_m: float
    to_m: float
    side: str
    length_m: float
    ms: int
    errand: str
    join: int = -1
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    what: str = ""


class Legs:
    """The legs of one tour, in order, as they are added."""

    def __init__(self, terrain: Terrain, there: Ways, names: NDArray[np.object_]) -> None:
        self.lines, self.network, self.language = terrain.lines, terrain.network, terrain.language
        self.there, self.names = there, names
        width = terrain.courses["width_m"].to_numpy(dtype=np.float64)
        self.half = np.nan_to_num(width / 2, nan=0.0)
        self.legs: list[_Leg] = []

    def go(self, a: int, b: int) -> None:
        """Add the quickest way from node a to node b."""
        if a != b:
            for edge, forth in path(self.there, a, b):
                self._add("deadhead", edge, forth=forth, errand="")

    def serve(self, tasks: Tasks, task: int, way: int, errands: Errands) -> None:
        """Add a task served in direction `way`, and the stay on the spot."""
        row, run = int(tasks.errand[task]), tasks.run(task)
        name = str(errands["errand_id"].iat[row])
        for edge in run[::-1] if way else run:
            self._add("service", int(edge), forth=not way, errand=name)
        if tasks.minutes[task] > 0 or not len(run):
            course = int(self.lines.numbers([str(errands["course_id"].iat[row])])[0])
            node = tasks.begin(task, 1 - way)
            m = float(tasks.from_m[task] if way else tasks.to_m[task])
            self.legs.append(
                _Leg("stop", course, m, m, str(tasks.side[task]), 0.0,
                     round(tasks.minutes[task] * 60_000), name,
                     x=[float(self.network.x[node])], y=[float(self.network.y[node])],
                     what=str(errands["why"].iat[row]))
            )  # fmt: skip

    def _add(self, kind: str, edge: int, *, forth: bool, errand: str) -> None:
        net = self.network
        ms = int(self.there.time[edge, 0 if forth else 1])
        course, join = int(net.course[edge]), int(net.kind[edge])
        start, end = float(net.from_m[edge]), float(net.to_m[edge])
        if not forth:
            start, end = end, start
        if join >= CROSSING:
            a, b = (net.a[edge], net.b[edge]) if forth else (net.b[edge], net.a[edge])
            length = float(net.length_m[edge])
            leg = _Leg(kind, course, np.nan, np.nan, "", length, ms, errand, join)
            leg.x, leg.y = [net.x[a], net.x[b]], [net.y[a], net.y[b]]
        else:
            leg = _Leg(kind, course, start, end, str(net.side[edge]), float(net.length_m[edge]), ms,
                       errand)  # fmt: skip
        last = self.legs[-1] if self.legs else None
        if last is None or not _goes_on(last, leg):
            self.legs.append(leg)
            return
        last.to_m, last.length_m, last.ms = leg.to_m, last.length_m + leg.length_m, last.ms + leg.ms
        last.x, last.y = last.x + leg.x[1:], last.y + leg.y[1:]

    def frame(self) -> pd.DataFrame:
        """Return the legs with the columns of ROUTES but crew, day and mode; joins of 0 m go.

        Each leg is drawn from where the one before it ended: banks lie beside the line they are
        measured on, and what joins them is drawn from bank to bank.
        """
        legs = [leg for leg in self.legs if leg.join in {-1, CROSSING} or leg.length_m > 0]
        ids = self.lines.ids
        points = self._drawn(legs)
        turns = self._turns(legs, points)
        starts = np.cumsum([0.0] + [leg.ms for leg in legs])[:-1] / 60_000
        return pd.DataFrame(
            {
                "order": np.arange(1, len(legs) + 1),
                "kind": [leg.kind for leg in legs],
                "course_id": [ids[leg.course] if leg.join == -1 else "" for leg in legs],
                "from_m": [leg.from_m for leg in legs],
                "to_m": [leg.to_m for leg in legs],
                "side": [leg.side for leg in legs],
                "length_m": [leg.length_m for leg in legs],
                "starts_min": starts,
                "minutes": [leg.ms / 60_000 for leg in legs],
                "errand_id": [leg.errand for leg in legs],
                "step": [self._step(leg, turns[k], legs[k + 1 :]) for k, leg in enumerate(legs)],
                "geometry": [
                    shapely.Point(xy[0]) if leg.kind == "stop" else shapely.LineString(xy)
                    for leg, xy in zip(legs, points, strict=True)
                ],
            }
        )

    def _step(self, leg: _Leg, turn: str, after: list[_Leg]) -> str:
        say = self.language
        metres = METRES.say(say, m=leg.length_m)
        short = leg.ms < 60_000
        minutes = MOMENT.say(say) if short else MINUTES.say(say, m=leg.ms / 60_000)
        if leg.kind == "stop":
            return STOP.say(say, minutes=minutes, what=leg.what)
        if leg.join == CROSSING:
            # Bank to road to bank is over the bridge; one join alone only leaves or takes the road.
            text = OVER if len(leg.x) > 2 else AT_BRIDGE
            onto = _along_next(after)
            if text is AT_BRIDGE and onto is not None and onto.course == leg.course:
                text = OFF_BRIDGE
            return text.say(say, name=self.names[leg.course], there=self._there(after))
        if leg.join != -1:
            text = {ACCESS: ACROSS, WALK: OPEN_GROUND, GAP: STEP_OVER}[leg.join]
            return text.say(say, metres=metres, minutes=minutes, there=self._there(after))
        blanks = {
            "turn": turn, "name": self.names[leg.course],
            "start": written(round(leg.from_m)), "end": written(round(leg.to_m)),
            "metres": metres, "minutes": minutes,
        }  # fmt: skip
        if leg.side:
            text = SERVICE_BANK if leg.kind == "service" else GO_BANK
            return text.say(say, bank=BANKS[leg.side].say(say), **blanks)
        return (SERVICE if leg.kind == "service" else GO).say(say, **blanks)

    def _there(self, after: list[_Leg]) -> str:
        """Return the name of what is gone along next."""
        onto = _along_next(after)
        if onto is None:
            return ROADSIDE.say(self.language)
        name = self.names[onto.course]
        if not onto.side:
            return THERE.say(self.language, name=name)
        return THERE_BANK.say(self.language, name=name, bank=BANKS[onto.side].say(self.language))

    def _turns(self, legs: list[_Leg], points: list[Floats]) -> list[str]:
        """Return how each leg turns off the one before it, in words; for the first, where to."""
        said, last = [], None
        for leg, xy in zip(legs, points, strict=True):
            if leg.kind == "stop" or len(xy) < 2:
                said.append("")
                continue
            going = _bearing(xy)
            text = HEADINGS[round(going / 45) % 8] if last is None else _turn(going - last)
            said.append(text.say(self.language))
            last = _bearing(xy[::-1]) + 180.0
        return said

    def _drawn(self, legs: list[_Leg]) -> list[Floats]:
        points = [self._points(leg) for leg in legs]
        for k, leg in enumerate(legs):
            if k and leg.kind == "stop":
                points[k] = points[k - 1][-1:]
            elif k and leg.join >= 0:
                points[k] = np.vstack([points[k - 1][-1:], points[k][1:-1], points[k][-1:]])
            if leg.join >= 0 and k + 1 < len(legs) and legs[k + 1].join == -1:
                points[k][-1] = points[k + 1][0]
            if k and np.abs(points[k][0] - points[k - 1][-1]).max() > _SAME_M:
                points[k] = np.vstack([points[k - 1][-1:], points[k]])
        return points

    def _points(self, leg: _Leg) -> Floats:
        """Return the vertices of a leg as it is drawn, banks beside their line."""
        if leg.kind == "stop" or leg.join >= 0:
            return np.column_stack([leg.x, leg.y])
        m = self._vertices(leg)
        beside = {"L": 1.0, "R": -1.0}.get(leg.side, 0.0) * self.half[leg.course]
        x, y = offset(self.lines, np.full(len(m), leg.course), m, np.full(len(m), beside))
        return np.column_stack([x, y])

    def _vertices(self, leg: _Leg) -> Floats:
        """Return the chainages of a leg's vertices, in the direction of movement."""
        low, high = min(leg.from_m, leg.to_m), max(leg.from_m, leg.to_m)
        lines = self.lines
        along = lines.m[lines.first[leg.course] : lines.first[leg.course + 1]]
        inner = along[(along > low) & (along < high)]
        m = np.minimum(np.concatenate([[low], inner, [high]]), along[-1])
        return m if leg.from_m <= leg.to_m else m[::-1]


def course_names(courses: Courses, language: Language) -> NDArray[np.object_]:
    """Return what a crew calls each course: its name, else its id, a road's as an unnamed road."""
    names = courses["name"].to_numpy(dtype=object)
    ids = courses["asset_id"].to_numpy(dtype=object)
    road = courses["kind"].to_numpy(dtype=object) == "road"
    # An id from a map's file begins with the file's name, which tells a crew nothing.
    short = [i.rsplit("#", 1)[-1] for i in ids]
    unnamed = [UNNAMED.say(language, id=i) if r else i for i, r in zip(short, road, strict=True)]
    return np.where(names != "", names, np.array(unnamed, dtype=object))


def _along_next(after: list[_Leg]) -> _Leg | None:
    """Return the first of these legs that goes along a course."""
    return next((leg for leg in after if leg.join == -1), None)


def _bearing(xy: Floats) -> float:
    """Return where the first metres of a line point, in degrees from east, turning left."""
    away = np.hypot(*(xy - xy[0]).T)
    far = int(np.argmax(away >= _POINTS_M)) or len(xy) - 1
    dx, dy = xy[far] - xy[0]
    return float(np.degrees(np.arctan2(dy, dx)))


def _turn(by: float) -> Text:
    """Return a turn to the left by so many degrees, in words.

    >>> [_turn(by).zh for by in (10.0, 90.0, -90.0, 350.0, 180.0)]
    ['', '左转，', '右转，', '', '掉头，']
    """
    by = (by + 180.0) % 360.0 - 180.0
    if abs(by) < 30:
        return ON
    if abs(by) > 150:
        return BACK
    return LEFT if by > 0 else RIGHT


def _goes_on(last: _Leg, leg: _Leg) -> bool:
    """Return whether a leg only continues the one before."""
    same = (last.kind, last.course, last.side, last.errand, last.join) == (
        leg.kind, leg.course, leg.side, leg.errand, leg.join,
    )  # fmt: skip
    if not same or leg.join >= 0:
        return same and leg.join == CROSSING
    forth, going = last.to_m - last.from_m, leg.to_m - leg.from_m
    return last.to_m == leg.from_m and (forth > 0) == (going > 0)
