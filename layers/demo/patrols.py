"""Send the people of the demo office out for three months, and log where their phones were.

The faultless plan lets somebody of the level a rule asks for walk every metre within the rule's
period before the last day; a walker starts before a course begins and goes on past its end.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
import shapely
from scipy.signal import lfilter

from layers.demo.courses import Course
from layers.demo.curves import Floats, Path
from layers.demo.duties import beyond_m
from layers.demo.office import Declared, Office, Outing
from layers.demo.people import Person, Staff
from layers.demo.town import Town
from layers.demo.waters import CROSSING, MAIN

FIRST_ON = date(2026, 7, 1)

# Days between two patrols at most: kind, class ('' for any), level ('' for any).
CADENCES = (
    ("river", "", "镇级", 30),
    ("river", "", "村级", 15),
    ("canal", "", "村级", 15),
    ("road", "", "", 30),
    ("reservoir", "小(1)型", "村级", 7),
    ("reservoir", "小(2)型", "村级", 15),
    ("pond", "", "村级", 30),
)

# Metres a second and seconds between two fixes. A phone in a car logs more often.
_SPEED = {"步行": (1.25, 10), "乘船": (2.6, 10), "摩托车": (6.0, 5), "汽车": (8.5, 5)}
# A phone's error: white noise, and a drift that lasts for minutes.
_WHITE_M = {"步行": 4.2, "乘船": 4.0, "摩托车": 2.6, "汽车": 2.6}
_DRIFT_M = {"步行": 2.6, "乘船": 2.4, "摩托车": 1.6, "汽车": 1.6}

# Under trees and between houses a phone now and then believes to be elsewhere for one fix.
_JUMPY_EVERY = 9
_JUMP_M = (180.0, 650.0)

_FOUND = (*["未发现问题"] * 3, "河面少量漂浮物,已当场清理", "岸边有零星垃圾,已通知保洁员")


@dataclass(frozen=True)
class Track:
    """One outing as logged: local times, positions in the metric CRS."""

    number: int
    outing: Outing
    started: datetime
    seconds: Floats
    xy: Path

    @property
    def name(self) -> str:
        """Return the name of the track file."""
        return f"{self.started:%Y%m%d}-{self.number:04d}-{self.outing.person.name}.gpx"

    @property
    def ended(self) -> datetime:
        """Return the time of the last fix."""
        return self.started + timedelta(seconds=float(self.seconds[-1]))


def plan_outings(
    town: Town, staff: Staff, as_of: date, rng: np.random.Generator
) -> tuple[Outing, ...]:
    """Return the faultless plan, every required metre within its period."""
    return (
        *_river_outings(town, staff, as_of, rng),
        *_canal_outings(town, staff, as_of, rng),
        *_road_outings(town, staff, as_of, rng),
        *_shore_outings(town, staff, as_of, rng),
    )


def _days(every_days: int, as_of: date, rng: np.random.Generator) -> list[date]:
    """Return patrol days, the last well within the period before `as_of`."""
    day = as_of - timedelta(days=int(rng.integers(1, max(2, round(every_days * 0.7)))))
    days = []
    while day >= FIRST_ON:
        days.append(day)
        day -= timedelta(days=int(rng.integers(round(every_days * 0.75), every_days + 1)))
    return days[::-1]


def _clock(rng: np.random.Generator) -> time:
    minutes = int(rng.integers(7 * 60 + 20, 10 * 60 + 30))
    return time(minutes // 60, minutes % 60, int(rng.integers(0, 60)))


def _river_outings(town: Town, staff: Staff, as_of: date, rng: np.random.Generator) -> list[Outing]:
    outings = []
    for number, river in enumerate(town.of_kind("river")):
        aside = river.width_m / 2 + 6.0
        # A lake lies above a dam: nobody walks in from there.
        first = -12.0 if _at_a_shore(town, river.path[0]) else -35.0
        last = river.length_m + 20.0
        boat = river.code == MAIN
        for day in _days(30, as_of, rng):
            leader = staff.town[number % 7]
            outings.append(
                Outing(leader, "河长", "乘船" if boat else "步行", river.code, first, last, day,
                       _clock(rng), 0.0 if boat else _dry_side(town, river, first, last, aside),
                       result=_FOUND[rng.integers(len(_FOUND))])
            )  # fmt: skip
        for person, from_m, to_m in _runs(town, staff, river):
            a = first if from_m <= 0 else from_m - 40.0
            b = last if to_m >= river.length_m else to_m + 40.0
            outings += [
                Outing(person, "河长", "步行", river.code, a, b, day, _clock(rng),
                       _dry_side(town, river, a, b, aside), back=bool(rng.random() < 0.15),
                       result=_FOUND[rng.integers(len(_FOUND))])
                for day in _days(15, as_of, rng)
            ]  # fmt: skip
    return outings


def _at_a_shore(town: Town, point: Path) -> bool:
    shores = town.of_kind("reservoir")
    return any(np.hypot(*(shore.path[0] - point)) < 1.0 for shore in shores)


def _runs(town: Town, staff: Staff, river: Course) -> list[tuple[Person, float, float]]:
    """Return who walks which stretch: each village its own, scraps below 250 m with a neighbour."""
    cuts = [
        (a, b, staff.village[village.name][0])
        for village in town.villages
        for a, b in river.inside(village.polygon)
    ]
    if river.code == CROSSING:
        cuts.append((0.0, beyond_m(town), staff.beyond[1]))
    runs: list[tuple[Person, float, float]] = []
    for from_m, to_m, person in sorted(cuts, key=lambda cut: cut[0]):
        if runs and (to_m - from_m < 250.0 or runs[-1][2] - runs[-1][1] < 250.0):
            longer = person if to_m - from_m > runs[-1][2] - runs[-1][1] else runs[-1][0]
            runs[-1] = (longer, runs[-1][1], to_m)
        else:
            runs.append((person, from_m, to_m))
    return runs


def _dry_side(town: Town, course: Course, from_m: float, to_m: float, aside_m: float) -> float:
    """Return `aside_m` with the sign of the bank farther from every road."""
    roads = shapely.multilinestrings([road.line for road in town.of_kind("road")])
    chainage = np.linspace(from_m, to_m, 60)
    near = [
        np.minimum(shapely.distance(shapely.points(_walked(course, chainage, side)), roads), 80.0)
        for side in (aside_m, -aside_m)
    ]
    return aside_m if near[0].mean() >= near[1].mean() else -aside_m


def _canal_outings(town: Town, staff: Staff, as_of: date, rng: np.random.Generator) -> list[Outing]:
    outings = []
    for number, canal in enumerate(town.of_kind("canal")):
        person = staff.village[town.village_of(canal.at(canal.length_m / 2))][1 + number % 2]
        a, b = -20.0, canal.length_m + 35.0
        aside = _dry_side(town, canal, a, b, 4.5)
        outings += [
            Outing(person, "渠长", "步行", canal.code, a, b, day, _clock(rng), aside)
            for day in _days(15, as_of, rng)
        ]
    return outings


def _road_outings(town: Town, staff: Staff, as_of: date, rng: np.random.Generator) -> list[Outing]:
    outings = []
    for number, road in enumerate(town.of_kind("road")):
        village = road.grade == "村道"
        place = town.village_of(road.at(road.length_m / 2))
        person = staff.village[place][2] if village else staff.town[(number * 2) % 8]
        outings += [
            Outing(person, "路长", "摩托车" if village else "汽车", road.code, -40.0,
                   road.length_m + 40.0, day, _clock(rng), -1.5, result="路况良好")
            for day in _days(30, as_of, rng)
        ]  # fmt: skip
    return outings


def _shore_outings(town: Town, staff: Staff, as_of: date, rng: np.random.Generator) -> list[Outing]:
    outings = []
    for shore in town.of_kind("reservoir", "pond"):
        middle = shore.polygon.point_on_surface()
        person = staff.village[town.village_of(np.array([middle.x, middle.y]))][1]
        every = next(
            days for kind, grade, _, days in CADENCES
            if kind == shore.kind and grade in ("", shore.grade)
        )  # fmt: skip
        role = "巡查责任人" if shore.kind == "reservoir" else "塘长"
        # Shores run against the clock, so their right is dry land.
        outings += [
            Outing(person, role, "步行", shore.code, -40.0, shore.length_m + 40.0, day,
                   _clock(rng), -5.0, result="坝体、岸坡正常" if role != "塘长" else "未发现问题")
            for day in _days(every, as_of, rng)
        ]  # fmt: skip
    return outings


def plan_declared(
    town: Town, staff: Staff, as_of: date, rng: np.random.Generator
) -> tuple[Declared, ...]:
    """Return patrols that somebody only says to have made."""
    rows = []
    places = [course for course in town.courses if course.kind in ("river", "road")]
    for _ in range(24):
        course = places[rng.integers(len(places))]
        village = staff.village[town.village_of(course.at(course.length_m / 2))]
        on = FIRST_ON + timedelta(days=int(rng.integers(0, (as_of - FIRST_ON).days)))
        person = village[2 if course.kind == "road" else 0]
        role = "路长" if course.kind == "road" else "河长"
        at = time(int(rng.integers(14, 17)), int(rng.integers(0, 60)))
        rows.append(
            Declared(person, role, course.code, on, at, int(rng.integers(25, 90)), "未发现问题")
        )
    return tuple(sorted(rows, key=lambda row: (row.on, row.at, row.code)))


def walk(office: Office, rng: np.random.Generator) -> list[Track]:
    """Return the tracks of all outings, in the order of their days.

    Nobody is in two places at once: an outing begins at its hour, or half an hour after the same
    person's last one that day.
    """
    tracks: list[Track] = []
    free: dict[tuple[str, date], datetime] = {}
    order = sorted(office.outings, key=lambda o: (o.on, o.at, o.code, o.from_m))
    for number, outing in enumerate(order, start=1):
        person = (outing.person.name, outing.on)
        started = datetime.combine(outing.on, outing.at)
        started = max(started, free.get(person, started))
        seconds, xy = _fixes(office.town.course(outing.along or outing.code), outing, rng)
        track = Track(number, outing, started, seconds, xy)
        free[person] = track.ended + timedelta(minutes=30)
        tracks.append(track)
    return tracks


def with_jumps(tracks: list[Track], rng: np.random.Generator) -> list[Track]:
    """Return the tracks, of every ninth that is long enough one fix on the way thrown far off."""
    return [
        _thrown(track, rng) if not track.number % _JUMPY_EVERY and len(track.xy) > 60 else track
        for track in tracks
    ]


def _thrown(track: Track, rng: np.random.Generator) -> Track:
    at, angle = rng.integers(20, len(track.xy) - 20), rng.uniform(0.0, 2 * np.pi)
    xy = track.xy.copy()
    xy[at] += rng.uniform(*_JUMP_M) * np.array([np.cos(angle), np.sin(angle)])
    return replace(track, xy=xy)


def _fixes(course: Course, outing: Outing, rng: np.random.Generator) -> tuple[Floats, Path]:
    speed, every = _SPEED[outing.mode]
    chainage = _progress(outing, speed * rng.uniform(0.88, 1.12), every, rng)
    seconds = np.cumsum(rng.choice([every - 1, every, every, every + 1], len(chainage)))
    seconds = (seconds - seconds[0]).astype(np.float64)
    heard = np.ones(len(chainage), dtype=bool)
    if outing.silent_m:
        heard = (chainage <= outing.silent_m[0]) | (chainage >= outing.silent_m[1])
    xy = _walked(course, chainage, outing.aside_m)
    xy = xy + _noise(len(chainage), every, outing.mode, rng)
    return seconds[heard], xy[heard]


def _progress(outing: Outing, speed: float, every: int, rng: np.random.Generator) -> Floats:
    """Return the chainage at each fix, with waits at both ends and pauses on the way."""
    legs = [(outing.from_m, outing.to_m)]
    if outing.back:
        legs.append((outing.to_m, outing.from_m))
    progress = [np.full(int(rng.integers(4, 9)), outing.from_m)]
    for start, end in legs:
        count = int(abs(end - start) / (speed * every)) + 1
        steps = np.clip(rng.normal(1.0, 0.08, count), 0.75, 1.25)
        walked = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
        leg = start + (end - start) * walked
        for at in rng.integers(0, len(leg), int(rng.integers(0, 3))):
            leg = np.insert(leg, at, np.full(int(rng.integers(4, 14)), leg[at]))
        progress.append(leg)
    progress.append(np.full(int(rng.integers(3, 8)), legs[-1][1]))
    if outing.from_m == outing.to_m:
        progress = [np.full(42 * 60 // every, outing.from_m)]
    return np.concatenate(progress)


def _walked(course: Course, chainage: Floats, aside_m: float) -> Path:
    """Return the places `aside_m` left of the course; the side is taken from 15 m each way."""
    ahead, behind = course.points(chainage + 15.0), course.points(chainage - 15.0)
    step = ahead - behind
    left = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(*step.T)[:, None]
    return course.points(chainage) + left * aside_m


def _noise(count: int, every: int, mode: str, rng: np.random.Generator) -> Path:
    white = rng.normal(0.0, _WHITE_M[mode], (count, 2))
    keep = np.exp(-every / 120.0)
    kicks = rng.normal(0.0, _DRIFT_M[mode] * np.sqrt(1 - keep**2), (count, 2))
    return white + lfilter([1.0], [1.0, -keep], kicks, axis=0)
