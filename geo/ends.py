"""Find where a duty row starts and ends: by chainage, by coordinates, by the names of places."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import names
from geo.chainage import parsed, written
from geo.ground import Ground
from geo.lines import Lines
from geo.schema import DutyRows
from geo.settings import Settings
from geo.words import Text

# A named place or a phone's position may stand this far from the line: a village beside its river.
NEAR_M = 500.0
STARTS = {names.plain(word) for word in ("起点", "源头", "河源", "上游端", "起始", "start")}
FINISHES = {names.plain(word) for word in ("终点", "止点", "末端", "河口", "入河口", "end")}

ONE_END = Text(
    "只写了{given}，没有写{missing}；起止两端都要写",
    "only the {given} is given, not the {missing}; give both ends",
)
START, END = Text("起点", "start"), Text("终点", "end")
REVERSED = Text(
    "起点 {start} 大于终点 {end}；如果是写反了，请把两格对调",
    "start {start} lies behind end {end}; if they were swapped, swap the two cells",
)
NO_LENGTH = Text("起点与终点是同一处 {start}；请核对", "start and end are one place, {start}")
OUTSIDE = Text(
    "起点 {start} 已超出“{name}”的全长 {length}；请核对桩号或对象",
    "start {start} lies beyond the end of '{name}', {length}; check the chainage or the asset",
)
BEYOND = Text(
    "终点 {end} 超出“{name}”的全长 {length}，只算到尽头；请核对桩号",
    "end {end} lies beyond the end of '{name}', {length}; counted up to there, check it",
)
NO_PLACE = Text(
    "没有找到地点“{text}”：不是桩号、坐标，也不是片区或部位的名称",
    "no place '{text}': not a chainage, not coordinates, not the name of an area or a part",
)
MANY_PLACES = Text(
    "地点“{text}”可能是 {candidates} 中的任何一个；请写桩号",
    "place '{text}' may be any of {candidates}; give a chainage",
)
FAR = Text(
    "“{text}”离“{name}”超过 {near} 米；请核对",
    "'{text}' lies more than {near} m from '{name}'; check it",
)

_COORDINATES = re.compile(
    r"[(]?(\d+(?:\.\d+)?)°?[E]?[,;\s/]+(\d+(?:\.\d+)?)°?[N]?[)]?", re.IGNORECASE
)


@dataclass(frozen=True)
class Ends:
    """Where rows with ends run: at most one course and one stretch of it a row.

    `limits` has at (row number), course_id, start_m, end_m, located_by. `faults` are
    `(at, fault, column, message, used)`. A row with ends that is in neither has no course.
    """

    limits: pd.DataFrame
    faults: list[tuple[int, str, str, str, bool]]


@dataclass(frozen=True)
class _End:
    """One end as written: its kind and, by course, the metres between which it lies."""

    way: str
    on: dict[str, tuple[float, float]]


class _EndError(Exception):
    """An end that cannot be found; carries the row of the fault."""

    def __init__(self, fault: str, column: str, message: str) -> None:
        super().__init__(message)
        self.fault, self.column, self.message = fault, column, message


@dataclass(frozen=True)
class _Index:
    """What ends are found on."""

    courses: dict[str, tuple[str, float]]
    shapes: dict[str, shapely.Geometry]
    lines: Lines
    number: dict[str, int]
    areas: names.Places
    parts: names.Places
    part_shapes: dict[str, shapely.Geometry]
    inside: dict[tuple[str, str], tuple[float, float]]
    crs: pyproj.CRS
    settings: Settings


def locate_ends(
    rows: DutyRows, stretches: pd.DataFrame, ground: Ground, settings: Settings
) -> Ends:
    """Return the limits of every row of `stretches` (columns at, course_id) that gives ends.

    An area named as an end means where the course enters it (start) or leaves it (end). Ends by
    chainage must be in order; places and coordinates are put in order of chainage, because they
    name the same metres either way. With several courses a chainage counts on the first.
    """
    index = _index(ground, settings)
    told = (rows["from_text"].str.strip() != "") | (rows["to_text"].str.strip() != "")
    with_ends = stretches[stretches["at"].isin(np.flatnonzero(told))]
    limits: list[tuple[int, str, float, float, str]] = []
    faults: list[tuple[int, str, str, str, bool]] = []
    for at, ids in with_ends.groupby("at", sort=True)["course_id"]:
        number = int(str(at))
        texts = rows["from_text"].iloc[number], rows["to_text"].iloc[number]
        try:
            found, beyond = _limits(*texts, list(dict.fromkeys(ids)), index)
        except _EndError as fault:
            faults.append((number, fault.fault, fault.column, fault.message, False))
            continue
        limits.append((number, *found))
        if beyond:
            faults.append((number, "beyond_end", "to_text", beyond, True))
    columns = ["at", "course_id", "start_m", "end_m", "located_by"]
    frame = pd.DataFrame(limits, columns=columns).astype({"at": "int64"})
    return Ends(frame, faults)


def _index(ground: Ground, settings: Settings) -> _Index:
    courses, lines, areas, parts = ground.courses, ground.lines, ground.areas, ground.parts
    span = ground.within.groupby(["course_id", "area_id"]).agg({"from_m": "min", "to_m": "max"})
    named = (courses["name"].where(courses["name"] != "", courses["asset_id"])).to_list()
    ids = courses["course_id"].to_list()
    return _Index(
        courses=dict(zip(ids, zip(named, lines.length_m, strict=True), strict=True)),
        shapes=dict(zip(ids, courses.geometry, strict=True)),
        lines=lines,
        number={course_id: number for number, course_id in enumerate(lines.ids)},
        areas=names.places(*(areas[c] for c in ("area_id", "name", "parent"))),
        parts=names.places(*(parts[c] for c in ("part_id", "name", "asset"))),
        part_shapes=dict(zip(parts["part_id"], parts.geometry, strict=True)),
        inside={
            key: (row[0], row[1]) for key, row in zip(span.index, span.to_numpy(), strict=True)
        },
        crs=pyproj.CRS(courses.crs),
        settings=settings,
    )


def _limits(
    from_text: str, to_text: str, ids: list[str], index: _Index
) -> tuple[tuple[str, float, float, str], str]:
    """Return course, start, end and way, and a word if the end lies beyond the course."""
    say = index.settings.language
    for given, missing, text, column in (
        (END, START, from_text, "from_text"),
        (START, END, to_text, "to_text"),
    ):
        if not text.strip():
            message = ONE_END.say(say, given=given.say(say), missing=missing.say(say))
            raise _EndError("one_end", column, message)
    start = _end(from_text, "from_text", ids, index)
    end = _end(to_text, "to_text", ids, index)
    course = (
        next(one for one in ids if one in start.on and one in end.on)
        if (set(start.on) & set(end.on))
        else ""
    )
    if not course:
        name = index.courses[ids[0]][0]
        message = FAR.say(say, text=to_text, name=name, near=round(NEAR_M))
        raise _EndError("far_off", "to_text", message)
    ways = {start.way, end.way} - {"edge"}
    way = "chainage" if "chainage" in ways else next(iter(sorted(ways)), "chainage")
    if ways <= {"chainage"}:
        return _by_chainage(start.on[course][0], end.on[course][0], course, index)
    both = (*start.on[course], *end.on[course])
    low, high = min(both), max(both)
    if low == high:
        raise _EndError("no_length", "to_text", NO_LENGTH.say(say, start=from_text))
    return (course, low, high, way), ""


def _by_chainage(
    start: float, end: float, course: str, index: _Index
) -> tuple[tuple[str, float, float, str], str]:
    say = index.settings.language
    name, length = index.courses[course]
    said = {"start": written(start), "end": written(end), "length": written(length), "name": name}
    if start > end:
        raise _EndError("reversed", "from_text", REVERSED.say(say, **said))
    if start == end:
        raise _EndError("no_length", "to_text", NO_LENGTH.say(say, **said))
    if start >= length:
        raise _EndError("beyond_end", "from_text", OUTSIDE.say(say, **said))
    # Tables round to the metre; only what is longer than a drawing fault is worth a word.
    beyond = BEYOND.say(say, **said) if end > length + index.settings.ignore_m else ""
    return (course, start, min(end, float(length)), "chainage"), beyond


def _end(text: str, column: str, ids: list[str], index: _Index) -> _End:
    say = index.settings.language
    plain = names.plain(text)
    if plain in STARTS:
        return _End("edge", dict.fromkeys(ids, (0.0, 0.0)))
    if plain in FINISHES:
        return _End("edge", {one: (index.courses[one][1],) * 2 for one in ids})
    point = _coordinates(text, index.crs)
    if point is not None:
        return _End("coordinates", _beside(point, text, column, ids, index))
    chainage = parsed(text)
    if chainage.metres is not None:
        return _End("chainage", {ids[0]: (chainage.metres, chainage.metres)})
    areas = names.place(text, index.areas)
    crossed = [area for area in areas if any((one, area) in index.inside for one in ids)]
    parts = names.place(text, index.parts)
    if len(crossed) + len(parts) > 1:
        may = " ".join([*crossed, *parts])
        message = MANY_PLACES.say(say, text=text, candidates=may)
        raise _EndError("ambiguous", column, message)
    if crossed:
        keys = [(one, crossed[0]) for one in ids if (one, crossed[0]) in index.inside]
        return _End("places", {key[0]: index.inside[key] for key in keys})
    if parts:
        return _End("places", _beside(index.part_shapes[parts[0]], text, column, ids, index))
    if re.match(r"\W*\d|[A-Za-z]{1,3}\d", plain):
        raise _EndError("unreadable_chainage", column, chainage.why(say))
    raise _EndError("unknown_place", column, NO_PLACE.say(say, text=text))


def _coordinates(text: str, crs: pyproj.CRS) -> shapely.Point | None:
    """Return the point of a text like 113.9,29.97, longitude or latitude first, else None."""
    found = _COORDINATES.fullmatch(unicodedata.normalize("NFKC", text).strip().replace("，", ","))
    if not found:
        return None
    lon, lat = float(found[1]), float(found[2])
    if lat > 90 >= lon:
        lon, lat = lat, lon
    if lon > 180 or lat > 90:
        return None
    to_metric = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return shapely.Point(*to_metric.transform(lon, lat))


def _beside(
    shape: shapely.Geometry, text: str, column: str, ids: list[str], index: _Index
) -> dict[str, tuple[float, float]]:
    """Return the chainage nearest to `shape` on each course it lies beside, nearest first."""
    found: list[tuple[float, str, float]] = []
    for one in ids:
        line = index.shapes[one]
        distance = float(shapely.distance(line, shape))
        if distance <= NEAR_M:
            foot = shapely.shortest_line(line, shape)
            on_plane = shapely.line_locate_point(np.array([line]), shapely.get_point(foot, 0))[0]
            found.append((distance, one, _chainage(index, one, on_plane)))
    if not found:
        say = index.settings.language
        message = FAR.say(say, text=text, name=index.courses[ids[0]][0], near=round(NEAR_M))
        raise _EndError("far_off", column, message)
    return {one: (chainage, chainage) for _, one, chainage in sorted(found)}


def _chainage(index: _Index, course: str, on_plane: float) -> float:
    """Return the chainage on the index of a distance along the drawn line."""
    number, lines = index.number[course], index.lines
    mine = slice(int(lines.first[number]), int(lines.first[number + 1]))
    steps = np.hypot(np.diff(lines.x[mine]), np.diff(lines.y[mine]))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    return round(float(np.interp(on_plane, along, lines.m[mine])), 3)
