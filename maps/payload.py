"""Encode a study for the page: every frame once, column by column.

Positions become Web Mercator cells, chainages millimetres, days numbers. What leaves here is only
what the edition allows: `maps.edition` decides column by column before anything is packed.
"""

import functools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pypinyin
import pyproj
import shapely
from numpy.typing import NDArray

from geo.findings import Rule, declared
from geo.schema import ROUTES, empty
from geo.settings import LEVELS
from geo.standing import STATES
from geo.study import Study
from maps.edition import Edition
from maps.packing import NO_DAY, Ints, Pack, days, millimetres
from maps.reasons import pack_reasons

Floats = NDArray[np.float64]
METRES = (
    "assigned_m", "unassigned_m", "conflicting_m", "out_of_scope_m",
    "covered_m", "unsure_m", "overdue_m", "never_m",
)  # fmt: skip
# What is mostly left over by others; the page reads METRES in their order.
RESTS = {
    "out_of_scope_m": ("assigned_m", "unassigned_m"),
    "never_m": ("covered_m", "unsure_m", "overdue_m"),
}
_HALF_WORLD_M = 20037508.342789244
# Beyond this many vertices a cell is 1 m of China instead of 13 cm: no screen shows the difference.
FINE_VERTICES = 400_000


@dataclass(frozen=True)
class Cells:
    """The grid positions are rounded to: 2**bits cells round the world, from a near origin."""

    bits: int
    west: int
    north: int

    @property
    def metres(self) -> float:
        """Return the width of a cell on the equator."""
        return 2 * _HALF_WORLD_M / (1 << self.bits)


def encode(
    study: Study,
    edition: Edition,
    words: dict[str, Any],
    *,
    routes: gpd.GeoDataFrame | None = None,
) -> bytes:
    """Return the gzipped pack of `study`, the same bytes for the same study.

    `words` (title, office ...) travels in its header; `routes` are planned ones, see `_routes`.
    Segments are stored course by course, courses in Hilbert order, so that neighbours on the map
    are neighbours in the arrays.
    """
    pack = Pack()
    order = _order(study)
    segments = study.segments.iloc[order].reset_index(drop=True)
    number = pd.Series(np.arange(len(segments)), index=segments["segment_id"])
    cells = _cells(study)
    tables: dict[str, Any] = {
        "segments": _segments(pack, study, segments, cells, edition),
        "levels": _levels(pack, study, number, edition),
        "duties": _duties(pack, study, segments, edition),
        "visits": _visits(pack, study, segments),
        "patrols": _patrols(pack, study, edition),
        "problems": _problems(pack, study, number, cells, edition),
        "parts": _parts(pack, study, cells, edition),
        "areas": _areas(pack, study, cells, edition),
        "findings": _findings(pack, study, segments, cells, edition),
        "tracks": _tracks(pack, study, cells, edition),
        "reasons": pack_reasons(pack, study, segments, edition),
        "routes": _routes(pack, routes, study.inputs.crs, cells, edition),
    }
    header = {
        "meta": {
            **words,
            "as_of": str(study.as_of.date()),
            "edition": edition.name,
            "states": list(STATES),
            "metres": list(METRES),
            "rests": {name: list(others) for name, others in RESTS.items()},
            "bits": cells.bits,
            "west": cells.west,
            "north": cells.north,
            "no_day": NO_DAY,
            "rejects": len(study.rejects),
            # Shorter than this is a drawing fault: counted to the millimetre, but not pointed at.
            "ignore_mm": max(1, round(study.settings.ignore_m * 1000)),
            "rules": {
                name: [rule.title.zh, rule.title.en]
                for name, rule in declared("geo.rules", "RULE", Rule).items()
            },
            "language": study.settings.language,
            "crs": pyproj.CRS(study.inputs.crs).name,
        },
        "tables": tables,
    }
    return pack.finish(header)


def _order(study: Study) -> Ints:
    """Return the order of the segments: courses along a Hilbert curve, chainage within each."""
    segments = study.segments
    if not len(segments):
        return np.zeros(0, dtype=np.int64)
    place = segments.drop_duplicates("course_id")
    course = dict(zip(place["course_id"], _hilbert(place), strict=True))
    rank = segments["course_id"].map(course).to_numpy()
    codes, _ = pd.factorize(segments["course_id"])
    return np.lexsort((segments["from_m"].to_numpy(), codes, rank)).astype(np.int64)


def _hilbert(place: gpd.GeoDataFrame) -> NDArray[np.int64]:
    west, south, east, north = place.total_bounds
    if not (east > west and north > south):
        return np.zeros(len(place), dtype=np.int64)
    return place.hilbert_distance(level=12).to_numpy().astype(np.int64)


def _cells(study: Study) -> Cells:
    vertices = int(shapely.get_num_coordinates(study.segments.geometry.to_numpy()).sum())
    bits = 28 if vertices <= FINE_VERTICES else 25
    frames = [study.segments, study.areas, study.problems, study.parts]
    bounds = np.array([f.total_bounds for f in frames if len(f)]).reshape(-1, 4)
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return Cells(bits, 0, 0)
    # A box in one projection bulges in another: its corners and edges decide the origin.
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    t = np.linspace(0, 1, 33)
    edge_x = np.r_[west + t * (east - west), west + t * (east - west), t * 0 + west, t * 0 + east]
    edge_y = np.r_[t * 0 + south, t * 0 + north, south + t * (north - south)]
    edge_y = np.r_[edge_y, south + t * (north - south)]
    x, y = _grid(edge_x, edge_y, study.inputs.crs, Cells(bits, 0, 0))
    return Cells(bits, int(x.min()), int(y.min()))


@functools.cache
def _to_mercator(crs: pyproj.CRS) -> pyproj.Transformer:
    # Finding the way between two systems costs more than taking it for a small town.
    return pyproj.Transformer.from_crs(crs, 3857, always_xy=True)


def _grid(x: Floats, y: Floats, crs: Any, cells: Cells) -> tuple[Ints, Ints]:
    """Return positions as whole cells east and south of the origin of `cells`."""
    if not len(x):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    east, north = _to_mercator(pyproj.CRS(crs)).transform(x, y)
    scale = (1 << cells.bits) / (2 * _HALF_WORLD_M)
    column = np.rint((np.asarray(east) + _HALF_WORLD_M) * scale).astype(np.int64) - cells.west
    row = np.rint((_HALF_WORLD_M - np.asarray(north)) * scale).astype(np.int64) - cells.north
    return column, row


def _lines(pack: Pack, lines: Any, crs: Any, cells: Cells) -> dict[str, Any]:
    """Add lines, simplified to one cell, as vertex counts and two runs of changing steps.

    Cells that repeat within a line are dropped; a line that starts where the one before it ended is
    marked and does not repeat that vertex.
    """
    lines = shapely.simplify(lines, cells.metres, preserve_topology=False)
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    x, y = _grid(xy[:, 0], xy[:, 1], crs, cells)
    fresh = np.r_[True, np.diff(owner) != 0][: len(owner)]
    last = np.r_[fresh[1:], True][: len(owner)]
    same = np.r_[False, (np.diff(x) == 0) & (np.diff(y) == 0)][: len(owner)]
    joined = np.zeros(len(lines), dtype=np.int64)
    joined[owner[fresh & same]] = 1
    kept = ~same | (last & ~fresh) | (fresh & ~same)
    return {
        "counts": pack.ints(np.bincount(owner[kept], minlength=len(lines))),
        "joined": pack.ints(joined),
        "x": pack.ints(x[kept], delta=2),
        "y": pack.ints(y[kept], delta=2),
    }


def _points(pack: Pack, points: Any, crs: Any, cells: Cells) -> dict[str, Any]:
    """Add one point a row: inside a polygon, on a line; a row without a place is marked."""
    geometry = np.asarray(points, dtype=object)
    nowhere = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    inside = shapely.point_on_surface(geometry)
    x = np.where(nowhere, 0.0, shapely.get_x(inside))
    y = np.where(nowhere, 0.0, shapely.get_y(inside))
    column, row = _grid(x[~nowhere], y[~nowhere], crs, cells)
    return {
        "placed": pack.ints(~nowhere),
        "x": pack.ints(column, delta=1),
        "y": pack.ints(row, delta=1),
    }


def _segments(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, cells: Cells, edition: Edition
) -> dict[str, Any]:
    standing = study.standing[study.standing["level"] == ""].set_index("segment_id")
    overall = standing.reindex(segments["segment_id"]).reset_index()
    local = overall["last_at"].dt.tz_convert(study.settings.time_zone)
    length_mm = millimetres(segments["length_m"])
    columns: dict[str, Any] = {
        "lines": _lines(pack, segments.geometry.to_numpy(), study.inputs.crs, cells),
        "course": pack.text(edition.course_ids(segments["course_id"])),
        "start_mm": pack.ints(_jumps(segments, length_mm)),
        "length_mm": pack.ints(length_mm, delta=1),
        "state": pack.ints(_states(overall["state"])),
        "last_on": pack.ints(days(local)),
        "due_after": pack.ints(days(overall["due_on"]) - days(local)),
    }
    segments = segments.assign(area=area_names(study, segments["area"]))
    for name in ("kind", "name", "grade", "area"):
        columns[name] = pack.text(edition.text("segments", segments, name))
    for name in ("name", "area"):
        columns[f"{name}_initials"] = _initials(pack, edition.text("segments", segments, name))
    for name in ("why", "last_by"):
        columns[name] = pack.text(edition.text("standing", overall, name))
    metres = {name: np.maximum(millimetres(overall[name]), 0) for name in METRES}
    for name, part in metres.items():
        rest = length_mm - sum(metres[other] for other in RESTS.get(name, ()))
        columns[name] = _share(pack, part, length_mm, rest)
    for name in ("declared", "visits"):
        columns[name] = pack.ints(overall[name].fillna(0).to_numpy())
    columns["overdue_days"] = pack.ints(overall["overdue_days"].fillna(-1).to_numpy())
    offset = overall["last_offset_m"].fillna(-1).to_numpy()
    columns["last_offset_m"] = pack.ints(np.rint(offset))
    if edition.times:
        minute = local.dt.hour * 60 + local.dt.minute
        columns["last_minute"] = pack.ints(minute.fillna(-1).to_numpy())
    return {"n": len(segments), "columns": columns}


def area_names(study: Study, area: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the name of each area for its id, with its parent where two share a name.

    What is no area's id is returned as it is.
    """
    rows = list(zip(*(study.areas[c] for c in ("area_id", "name", "parent")), strict=True))
    names = {area_id: name or area_id for area_id, name, _ in rows}
    count = Counter(names.values())
    for area_id, _, parent in rows:
        if count[names[area_id]] > 1 and parent:
            # A parent may be given by its code or by its name.
            names[area_id] = f"{names[area_id]}（{names.get(parent, parent)}）"
    codes, unique = pd.factorize(area.to_numpy(dtype=object))
    named = np.array([names.get(u, u) for u in unique], dtype=object)
    return pd.Series(named[codes], index=area.index, dtype=object)


def _initials(pack: Pack, column: "pd.Series[Any]") -> dict[str, Any]:
    """Add the pinyin initials of every different word of a column, in order of appearance."""
    return pack.words([initials(str(word)) for word in column.unique()])


def initials(word: str) -> str:
    """Return what an office worker types to find a Chinese word: the first letters of its pinyin.

    >>> initials("重庆路2号")
    'cql2h'
    """
    letters = pypinyin.lazy_pinyin(word, style=pypinyin.Style.FIRST_LETTER, errors="default")
    return "".join(letters).lower()


def _states(states: "pd.Series[Any]") -> Ints:
    """Return each state as its number in STATES; a segment without a standing is out of scope."""
    number = {state: i for i, state in enumerate(STATES)}
    unknown = number["out_of_scope"]
    return states.map(number).fillna(unknown).to_numpy().astype(np.int64)


def _share(pack: Pack, part_mm: Ints, whole_mm: Ints, rest_mm: Ints) -> dict[str, Any]:
    """Add parts of wholes: 0 for none, 1 for all, 2 for what others leave, else millimetres + 3."""
    conditions = [part_mm == 0, part_mm == whole_mm, part_mm == rest_mm]
    return pack.ints(np.select(conditions, [0, 1, 2], part_mm + 3))


def _jumps(segments: pd.DataFrame, length_mm: Ints) -> Ints:
    """Return how far each segment starts from the end of the one before: 0 along a tiled course."""
    start = millimetres(segments["from_m"])
    return start - np.r_[0, (start + length_mm)[:-1]][: len(start)]


def _levels(
    pack: Pack, study: Study, number: "pd.Series[Any]", edition: Edition
) -> list[dict[str, Any]]:
    """Add the standing of every level that was asked, highest first, segment by segment."""
    levels = []
    asked = [level for level in study.standing["level"].unique() if level]
    for level in sorted(asked, key=lambda name: _rank(str(name))):
        rows = study.standing[study.standing["level"] == level].set_index("segment_id")
        rows = rows.reindex(number.index).reset_index()
        levels.append(
            {
                "level": edition.word(str(level)),
                "state": pack.ints(_states(rows["state"])),
                "why": pack.text(edition.text("standing", rows, "why")),
            }
        )
    return levels


def _rank(level: str) -> tuple[int, str]:
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS), level)


def _duties(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, edition: Edition
) -> dict[str, Any]:
    """Add the duties and, for each segment, the number of its set of duties.

    Neighbours mostly share their holders, so the sets are few.
    """
    duties = study.duties
    courses = {course: n for n, course in enumerate(segments["course_id"].unique())}
    course = duties["course_id"].map(courses).fillna(-1).to_numpy().astype(np.int64)
    rank = duties["level"].map(lambda level: _rank(level)[0]).to_numpy().astype(np.int64)
    order = np.lexsort((duties["from_m"].to_numpy(), course, rank))
    duties, course = duties.iloc[order].reset_index(drop=True), course[order]
    sets, of_segment = _sets(overlaps(duties, segments), len(segments))
    columns: dict[str, Any] = {
        "course": pack.ints(course),
        "from_mm": pack.ints(millimetres(duties["from_m"])),
        "to_mm": pack.ints(millimetres(duties["to_m"])),
        "from_on": pack.ints(days(duties["from_on"])),
        "until_on": pack.ints(days(duties["until_on"])),
    }
    for name in ("side", "role", "level", "holder", "unit", "phone"):
        columns[name] = pack.text(edition.text("duties", duties, name))
    lengths = np.array([len(s) for s in sets], dtype=np.int64)
    members = np.array([n for s in sets for n in s], dtype=np.int64)
    for name in ("holder", "unit"):
        columns[f"{name}_initials"] = _initials(pack, edition.text("duties", duties, name))
    columns["set_lengths"] = pack.ints(lengths)
    columns["set_members"] = pack.ints(members, delta=1)
    columns["set_of_segment"] = pack.ints(of_segment)
    return {"n": len(duties), "columns": columns}


def overlaps(events: pd.DataFrame, segments: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return pairs (event number, segment number) that share at least a millimetre of a course.

    Both have `course_id`, `from_m`, `to_m`; the segments of a course tile it, stand together and in
    order. Pairs come event by event.
    """
    courses, unique = pd.factorize(segments["course_id"])
    at = pd.Series(np.arange(len(unique)), index=unique)
    course = events["course_id"].map(at).fillna(-1).to_numpy(dtype=np.int64)
    # One axis for all courses: each gets its own span, wider than the longest of them.
    span = float(max(segments["to_m"].max(), events["to_m"].max(), 0.0)) + 1.0
    starts = courses * span + segments["from_m"].to_numpy()
    ends = courses * span + segments["to_m"].to_numpy()
    first = np.searchsorted(ends, course * span + events["from_m"].to_numpy() + 5e-4, side="right")
    last = np.searchsorted(starts, course * span + events["to_m"].to_numpy() - 5e-4, side="left")
    count = np.where(course >= 0, np.maximum(last - first, 0), 0)
    event = np.repeat(np.arange(len(events)), count)
    within = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    return event, np.repeat(first, count) + within


def _sets(pairs: tuple[Ints, Ints], segments: int) -> tuple[list[tuple[int, ...]], Ints]:
    """Return the different sets of events, and the number of the set of each segment."""
    event, segment = pairs
    order = np.lexsort((event, segment))
    event, segment = event[order], segment[order]
    starts = np.searchsorted(segment, np.arange(segments + 1))
    numbers: dict[tuple[int, ...], int] = {}
    of_segment = np.zeros(segments, dtype=np.int64)
    events = event.tolist()
    for i, (start, end) in enumerate(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)):
        of_segment[i] = numbers.setdefault(tuple(events[start:end]), len(numbers))
    return list(numbers), of_segment


# What a visit is worth on the map, and its number in the page.
_VISIT = {"sure": 0, "unsure": 1, "declared": 2}


def _visits(pack: Pack, study: Study, segments: gpd.GeoDataFrame) -> dict[str, Any]:
    """Add who saw what when: for each segment its days, and the part of it that was seen.

    A part is two bytes, in 255ths of the segment, rounded inwards: a page never shows more as seen
    than was seen. Equal visits on one day are one.
    """
    passages = study.passages
    passage, segment = overlaps(passages, segments)
    kind = np.where(passages["certainty"] == "sure", _VISIT["sure"], _VISIT["unsure"])
    kind = np.where(passages["evidence"] == "C", _VISIT["declared"], kind)
    local = passages["entered_at"].dt.tz_convert(study.settings.time_zone)
    day = days(local)
    start = segments["from_m"].to_numpy()[segment]
    length = np.maximum(segments["length_m"].to_numpy()[segment], 1e-3)
    share_from = (passages["from_m"].to_numpy()[passage] - start) / length
    share_to = (passages["to_m"].to_numpy()[passage] - start) / length
    low = np.ceil(np.clip(share_from, 0, 1) * 255 - 1e-6).astype(np.int64)
    high = np.floor(np.clip(share_to, 0, 1) * 255 + 1e-6).astype(np.int64)
    key = np.stack([segment, day[passage], kind[passage], low, np.maximum(low, high)], axis=1)
    key = key[day[passage] != NO_DAY]
    key = key[np.lexsort(key.T[::-1])]
    fresh = np.r_[True, (np.diff(key, axis=0) != 0).any(axis=1)] if len(key) else slice(0)
    segment, day, kind, low, high = key[fresh].T
    whole = (low == 0) & (high == 255)
    first_day = int(day.min()) if len(day) else 0
    again = np.r_[False, np.diff(segment) == 0][: len(segment)]
    before = np.where(again, np.r_[0, day[:-1]][: len(day)], first_day)
    return {
        "n": len(segment),
        "columns": {
            "counts": pack.ints(np.bincount(segment, minlength=len(segments))),
            "wait": pack.ints(day - before),
            "first_day": first_day,
            "kind": pack.ints(kind * 2 + whole),
            "low": pack.ints(low[~whole]),
            "high": pack.ints(high[~whole]),
        },
    }


def _patrols(pack: Pack, study: Study, edition: Edition) -> dict[str, Any]:
    """Add the patrols that some segment was last seen by."""
    used = study.patrols[study.patrols["patrol_id"].isin(study.standing["last_by"].unique())]
    columns: dict[str, Any] = {}
    for name in ("patrol_id", "person", "unit", "role", "mode", "grade", "file"):
        columns[name] = pack.text(edition.text("patrols", used, name))
    return {"n": len(used), "columns": columns}


def _problems(
    pack: Pack, study: Study, number: "pd.Series[Any]", cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add the problems segment by segment, so that neighbours on the map are neighbours here."""
    segment = study.problems["segment_id"].map(number).fillna(-1).to_numpy().astype(np.int64)
    chainage = study.problems["chainage_m"].to_numpy()
    order = np.lexsort((chainage, segment))
    problems = study.problems.iloc[order].reset_index(drop=True)
    reported = days(problems["reported_at"].dt.tz_convert(study.settings.time_zone))
    today = study.as_of.normalize()
    columns: dict[str, Any] = {
        "place": _points(pack, problems.geometry, study.inputs.crs, cells),
        "segment": pack.ints(segment[order], delta=1),
        "open": pack.ints(problems["open"].to_numpy()),
        "late": pack.ints((problems["open"] & (problems["due_on"] < today)).to_numpy()),
        "reported_on": pack.ints(reported),
        "due_after": pack.ints(days(problems["due_on"]) - reported),
        "closed_after": pack.ints(days(problems["closed_on"]) - reported),
        # A problem is placed to the metre at best.
        "chainage_m": pack.ints(np.rint(problems["chainage_m"].fillna(-1)), delta=1),
    }
    names = (
        "problem_id", "category", "status", "description", "photo", "owner", "unit", "reporter",
        "why",
    )  # fmt: skip
    for name in names:
        columns[name] = pack.text(edition.text("problems", problems, name))
    return {"n": len(problems), "columns": columns}


def _parts(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    columns: dict[str, Any] = {"place": _points(pack, study.parts.geometry, study.parts.crs, cells)}
    for name in ("part_id", "asset", "name", "part"):
        columns[name] = pack.text(edition.text("parts", study.parts, name))
    return {"n": len(study.parts), "columns": columns}


def _areas(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add the rings of the areas, simplified to 5 m, and a point inside each for its name."""
    geometry = study.areas.geometry.to_numpy()
    shells, owner = shapely.get_parts(geometry, return_index=True)
    rings, part = shapely.get_rings(shells, return_index=True)
    rings = shapely.simplify(rings, max(5.0, cells.metres), preserve_topology=False)
    columns: dict[str, Any] = {
        "rings": _lines(pack, rings, study.areas.crs, cells),
        "ring_area": pack.ints(owner[part] if len(part) else part),
        "place": _points(pack, geometry, study.areas.crs, cells),
    }
    for name in ("name", "level", "parent"):
        columns[name] = pack.text(edition.text("areas", study.areas, name))
    return {"n": len(study.areas), "columns": columns}


def _findings(
    pack: Pack, study: Study, segments: gpd.GeoDataFrame, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add the findings with the number of the first segment each lies on, -1 for none."""
    findings = study.findings
    event, segment = overlaps(findings, segments)
    _, first = np.unique(event, return_index=True)
    on = np.full(len(findings), -1, dtype=np.int64)
    on[event[first]] = segment[first]
    columns: dict[str, Any] = {
        "place": _points(pack, findings.geometry, study.inputs.crs, cells),
        "segment": pack.ints(on),
        "from_mm": pack.ints(millimetres(findings["from_m"])),
        "length_mm": pack.ints(millimetres(findings["length_m"])),
        "since_on": pack.ints(days(findings["since_on"])),
    }
    for name in (
        "finding_id", "rule", "severity", "side", "level", "who_acts", "evidence", "action", "why",
    ):  # fmt: skip
        columns[name] = pack.text(edition.text("findings", findings, name))
    return {"n": len(findings), "columns": columns}


# More raw track than this slows a page down and shows nothing more; the newest are kept.
TRACK_VERTICES = 200_000


def _tracks(pack: Pack, study: Study, cells: Cells, edition: Edition) -> dict[str, Any]:
    """Add the raw tracks of the newest patrols, simplified to 3 m; none in a public edition."""
    fixes = study.fixes if edition.times else study.fixes.iloc[:0]
    fixes = fixes[fixes["point"] == "track"].sort_values(["patrol_id", "at"], kind="stable")
    codes, ids = pd.factorize(fixes["patrol_id"])
    counts = np.bincount(codes, minlength=len(ids))
    kept = np.repeat(counts, counts) >= 2
    lines: Any = shapely.linestrings(
        fixes.loc[kept, ["x_m", "y_m"]].to_numpy(), indices=pd.factorize(codes[kept])[0]
    )
    lines = shapely.simplify(lines, 3.0, preserve_topology=False)
    patrols = pd.DataFrame({"patrol_id": ids[counts >= 2]})
    patrols = patrols.merge(study.patrols, on="patrol_id", how="left")
    day = days(patrols["started_at"].dt.tz_convert(study.settings.time_zone))
    newest = np.argsort(-day, kind="stable")
    budget = np.cumsum(shapely.get_num_coordinates(lines[newest])) <= TRACK_VERTICES
    newest = newest[budget]
    chosen = patrols.iloc[newest].reset_index(drop=True)
    return {
        "n": len(newest),
        "left_out": len(patrols) - len(newest),
        "columns": {
            "lines": _lines(pack, lines[newest], study.inputs.crs, cells),
            "day": pack.ints(day[newest]),
            "person": pack.text(edition.text("patrols", chosen, "person")),
            "mode": pack.text(edition.text("patrols", chosen, "mode")),
        },
    }


def _routes(
    pack: Pack, routes: gpd.GeoDataFrame | None, crs: Any, cells: Cells, edition: Edition
) -> dict[str, Any]:
    """Add planned routes, a row a leg; the public edition has none.

    They have the columns of ROUTES, and `date` in words for the days. A stop is a line of no
    length.
    """
    if routes is None or not edition.times:
        return {"n": 0, "columns": _legs(pack, empty(ROUTES, crs).assign(date=""), crs, cells)}
    return {"n": len(routes), "columns": _legs(pack, routes, crs, cells)}


def _legs(pack: Pack, routes: pd.DataFrame, crs: Any, cells: Cells) -> dict[str, Any]:
    shapes = routes["geometry"].to_numpy()
    stop = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    twice = np.repeat(shapely.get_coordinates(shapes[stop]), 2, axis=0)
    shapes[stop] = shapely.linestrings(twice, indices=np.arange(len(twice)) // 2)
    numbers = {
        "order": routes["order"],
        "length_mm": millimetres(routes["length_m"]),
        "tenths": np.rint(routes["minutes"] * 10),
        "at_min": np.floor(routes["at_min"]),
    }
    texts = {"crew": "crew", "day": "date", "kind": "kind", "step": "step"}
    return {
        "lines": _lines(pack, shapes, crs, cells),
        **{name: pack.ints(np.asarray(values, np.int64)) for name, values in numbers.items()},
        **{name: pack.text(routes[column]) for name, column in texts.items()},
    }
