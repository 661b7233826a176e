"""Read one end of a stretch: a chainage, coordinates or the name of a place."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyproj
import shapely

from geo import names
from geo.calibration import Calibration
from geo.carriageways import Carriageway, carriageways
from geo.chainage import parsed, written
from geo.ground import Ground
from geo.kinds import called
from geo.locate import Grid, gridded, located
from geo.settings import Settings
from geo.words import Language, Text

# A named place may stand this far from the line: a village beside its river.
NEAR_M = 500.0
# Towns that a river is told by are points some way off; they count at their nearest metre, said.
TOWN_M = 5000.0
# A place read off a map or a phone is not surer than this, so arms as near as that are not told
# apart; places on one arm closer than APART_M name the same end.
UNSURE_M, APART_M = 15.0, 50.0
# Seen from a town far off, arms are not told apart by less than this share of the distance.
UNSURE_SHARE = 0.05
# These stand where they stand; only a settlement is larger than its point.
STRUCTURES = ("dam", "spillway", "outlet", "gate", "outfall", "sign", "bridge", "water surface")
# A tributary drawn to the bank of its river meets it, though the lines do not touch.
MEETS_M = 50.0
STARTS = {names.plain(word) for word in ("起点", "源头", "河源", "上游端", "起始", "start")}
FINISHES = {names.plain(word) for word in ("终点", "止点", "末端", "河口", "入河口", "end")}

NO_PLACE = Text(
    "没有找到地点“{text}”：不是桩号、坐标，也不是片区或部位的名称",
    "no place '{text}': not a chainage, not coordinates, not the name of an area or a part",
)
NOT_MET = Text(
    "“{name}”与“{text}”在图上不相接；请核对，或写桩号",
    "'{name}' does not meet '{text}' on the map; check it, or give a chainage",
)
MANY_PLACES = Text(
    "地点“{text}”可能是 {candidates} 中的任何一个；请写桩号",
    "place '{text}' may be any of {candidates}; give a chainage",
)
FAR = Text(
    "“{text}”离“{name}”超过 {near} 米；请核对",
    "'{text}' lies more than {near} m from '{name}'; check it",
)
TWO_ARMS = Text(
    "“{text}”可能是“{name}”的 {one}，也可能是 {other}，分不清是哪一处；请写桩号",
    "'{text}' may be {one} or {other} of '{name}'; give a chainage",
)
TOWN = Text(
    "“{text}”是离“{name}”{far} 米的一个点,按最近处 {mark} 计;请核对,或写桩号",
    "'{text}' is a point {far} m from '{name}' and counted at the nearest metre, {mark}; check it "
    "or give a chainage",
)
BEFORE = Text("起点前 {m} 米", "{m} m before its zero")

_COORDINATES = re.compile(
    r"[(]?(\d+(?:\.\d+)?)°?[E]?[,;\s/]+(\d+(?:\.\d+)?)°?[N]?[)]?", re.IGNORECASE
)


_MEETING = re.compile(
    r"[与和入至]?(?P<name>.+?)(?:相?交汇处|相?交汇口|汇合处|汇合口|汇入处|汇入口|交叉处|交叉口|相交处|入口|口)"
)


class EndError(Exception):
    """An end that cannot be found: its fault, its column, and why in words."""

    def __init__(self, fault: str, column: str, message: str) -> None:
        super().__init__(message)
        self.fault, self.column, self.message = fault, column, message


@dataclass(frozen=True)
class End:
    """One end as written: how it was given and, by course, the metres between which it lies.

    A chainage keeps its official metres and lies on no course yet, `bare` tells that it has no
    unit; `way` edge is 起点 or 终点.
    """

    way: str
    on: dict[str, tuple[float, float]]
    official_m: float = float("nan")
    prefix: str = ""
    doubt: str = ""
    bare: bool = False


@dataclass(frozen=True)
class Marks:
    """What ends are read against."""

    named: dict[str, str]
    length_m: dict[str, float]
    number: dict[str, int]
    main: dict[str, str]
    asset: dict[str, str]
    carriageways: dict[str, list[Carriageway]]
    grid: Grid
    areas: names.Places
    parts: names.Places
    part_points: dict[str, shapely.Point]
    settlements: frozenset[str]
    assets: names.Known
    asset_shapes: dict[str, shapely.Geometry]
    shapes: dict[str, shapely.Geometry]
    inside: dict[tuple[str, str], tuple[float, float]]
    calibration: Calibration
    crs: pyproj.CRS
    language: Language

    def read(self, text: str, column: str, ids: list[str]) -> End:
        """Return what `text` means on the courses `ids`; raises `EndError` when it is unsure."""
        plain = names.plain(text)
        if plain in STARTS:
            return End("edge", dict.fromkeys(ids, (0.0, 0.0)))
        if plain in FINISHES:
            return End("edge", {one: (self.length_m[one],) * 2 for one in ids})
        point = _coordinates(text, self.crs)
        if point is not None:
            return End("coordinates", self._beside(point, text, column, ids))
        chainage = parsed(text)
        if chainage.metres is not None:
            said = chainage.prefix, chainage.why(self.language), chainage.bare
            return End("chainage", {}, chainage.metres, *said)
        if re.match(r"\W*\d|[A-Za-z]{1,3}-?\d|[-−][A-Za-z]{1,3}\d", plain):
            raise EndError("unreadable_chainage", column, chainage.why(self.language))
        return self._named(text, column, ids)

    def _named(self, text: str, column: str, ids: list[str]) -> End:
        areas = names.place(text, self.areas)
        crossed = [area for area in areas if any((one, area) in self.inside for one in ids)]
        parts = names.place(text, self.parts)
        if len(crossed) + len(parts) > 1:
            may = " | ".join([*crossed, *parts])
            message = MANY_PLACES.say(self.language, text=text, candidates=may)
            raise EndError("ambiguous", column, message)
        if crossed:
            keys = [(one, crossed[0]) for one in ids if (one, crossed[0]) in self.inside]
            return End("places", {key[0]: self.inside[key] for key in keys})
        if parts:
            return self._at_part(parts[0], text, column, ids)
        met = self._crossing(text, column, ids)
        if met:
            return End("places", met)
        if areas:
            raise self._far(text, column, ids)
        if self._other(text):
            message = NOT_MET.say(self.language, text=text, name=self.named[ids[0]])
            raise EndError("unknown_place", column, message)
        raise EndError("unknown_place", column, NO_PLACE.say(self.language, text=text))

    def _at_part(self, part: str, text: str, column: str, ids: list[str]) -> End:
        point = self.part_points[part]
        far = {one: float(shapely.distance(self.shapes[one], point)) for one in ids}
        course = min(ids, key=far.__getitem__)
        if far[course] <= NEAR_M or part not in self.settlements:
            return End("places", self._beside(point, text, column, ids))
        found = self._beside(point, text, column, ids, grid=self._wide_grid)
        mark = self.mark(course, found[course][0])
        said = {"text": text, "name": self.named[course], "far": f"{far[course]:.0f}", "mark": mark}
        return End("places", found, doubt=TOWN.say(self.language, **said))

    @cached_property
    def _wide_grid(self) -> Grid:
        return gridded(self.grid.lines, TOWN_M)

    def _other(self, text: str) -> tuple[str, ...]:
        meeting = _MEETING.fullmatch(names.plain(text))
        return self.assets.match(meeting["name"] if meeting else text).ids

    def _crossing(self, text: str, column: str, ids: list[str]) -> dict[str, tuple[float, float]]:
        """Return where the courses meet the other asset that `text` names: 与白河交汇处, G207."""
        other = self._other(text)
        if len(other) != 1 or other[0] == self.asset[ids[0]]:
            return {}
        found: dict[str, tuple[float, float]] = {}
        for one in ids:
            shape, line = self.asset_shapes[other[0]], self.shapes[one]
            points = shapely.get_coordinates(shapely.intersection(shape, line))
            if not len(points) and shapely.distance(shape, line) <= MEETS_M:
                points = shapely.get_coordinates(shapely.shortest_line(line, shape))[:1]
            for x, y in points:
                place = self._beside(shapely.Point(x, y), text, column, [one])[one]
                first = found.setdefault(one, place)
                if abs(first[0] - place[0]) > APART_M:
                    raise self._two(text, column, one, first[0], place[0])
        return found

    def mark(self, course: str, internal_m: float) -> str:
        """Return a place on a course as the office writes it: K12+300."""
        official = float(self.calibration.to_official([course], [internal_m])[0])
        before = BEFORE.say(self.language, m=f"{-official:.0f}")
        return written(official) if official >= 0 else before

    def internal(self, course: str, official_m: float) -> float:
        """Return the metres from the start of a course at a chainage as the office counts."""
        if course not in self.calibration.posts:
            return official_m
        return float(self.calibration.to_internal([course], [official_m])[0])

    def _beside(
        self,
        point: shapely.Point,
        text: str,
        column: str,
        ids: list[str],
        *,
        grid: Grid | None = None,
    ) -> dict[str, tuple[float, float]]:
        """Return the one place of each course that the point is beside, nearest course first."""
        grid = grid or self.grid
        found = located(grid, [point.x], [point.y], apart_m=APART_M)
        best: dict[str, tuple[float, float]] = {}
        for at in np.argsort(found.offset_m, kind="stable"):
            course = str(grid.lines.ids[found.number[at]])
            offset_m, chainage = float(found.offset_m[at]), float(found.chainage_m[at])
            if course not in ids:
                continue
            nearest = best.setdefault(course, (offset_m, chainage))
            # A point far off means the reach before it, not one metre of it.
            unsure, apart = UNSURE_M, 0.0
            if nearest[0] > NEAR_M:
                unsure, apart = UNSURE_SHARE * nearest[0], nearest[0]
            if abs(nearest[1] - chainage) > apart and offset_m - nearest[0] < unsure:
                raise self._two(text, column, course, nearest[1], chainage)
        if not best:
            raise self._far(text, column, ids, within_m=grid.within_m)
        return {course: (chainage, chainage) for course, (_, chainage) in best.items()}

    def _two(self, text: str, column: str, course: str, *chainages: float) -> EndError:
        one, other = (self.mark(course, m) for m in sorted(chainages))
        name = self.named[course]
        message = TWO_ARMS.say(self.language, text=text, name=name, one=one, other=other)
        return EndError("ambiguous", column, message)

    def _far(self, text: str, column: str, ids: list[str], *, within_m: float = NEAR_M) -> EndError:
        name = self.named[ids[0]]
        message = FAR.say(self.language, text=text, name=name, near=round(within_m))
        return EndError("far_off", column, message)


def marks_on(ground: Ground, settings: Settings) -> Marks:
    """Return what ends are read against."""
    assets, courses, areas, parts = ground.assets, ground.courses, ground.areas, ground.parts
    span = ground.within.groupby(["course_id", "area_id"]).agg({"from_m": "min", "to_m": "max"})
    ids = courses["course_id"].to_list()
    main = courses.groupby("asset_id")["course_id"].transform("first")
    points = shapely.centroid(parts.geometry.to_numpy())
    return Marks(
        named=dict(zip(ids, called(courses, settings.language), strict=True)),
        length_m=dict(zip(ids, ground.lines.length_m.tolist(), strict=True)),
        number={course_id: number for number, course_id in enumerate(ids)},
        main=dict(zip(ids, main, strict=True)),
        asset=dict(zip(ids, courses["asset_id"], strict=True)),
        carriageways=carriageways(ground),
        grid=gridded(ground.lines, NEAR_M),
        areas=names.places(*(areas[c] for c in ("area_id", "name", "parent"))),
        parts=names.places(*(parts[c] for c in ("part_id", "name", "asset"))),
        settlements=frozenset(parts.loc[~parts["part"].isin(STRUCTURES), "part_id"]),
        part_points=dict(zip(parts["part_id"], points, strict=True)),
        assets=names.known(*(assets[c] for c in ("asset_id", "name", "code", "kind"))),
        asset_shapes=dict(zip(assets["asset_id"], assets.geometry, strict=True)),
        shapes=dict(zip(ids, courses.geometry, strict=True)),
        inside={
            key: (row[0], row[1]) for key, row in zip(span.index, span.to_numpy(), strict=True)
        },
        calibration=ground.calibration,
        crs=pyproj.CRS(courses.crs),
        language=settings.language,
    )


def degrees_in(text: str) -> tuple[float, float] | None:
    """Return longitude and latitude of a text like 113.9,29.97, either first, else None."""
    found = _COORDINATES.fullmatch(unicodedata.normalize("NFKC", text).strip().replace("，", ","))
    if not found:
        return None
    lon, lat = float(found[1]), float(found[2])
    if lat > 90 >= lon:
        lon, lat = lat, lon
    if lon > 180 or lat > 90:
        return None
    return lon, lat


def _coordinates(text: str, crs: pyproj.CRS) -> shapely.Point | None:
    found = degrees_in(text)
    if found is None:
        return None
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return shapely.Point(*to_metric.transform(*found))
