"""Find where duty rows start and end on their courses."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.ground import Ground
from geo.listing import listed
from geo.marks import End, EndError, Marks, marks_on
from geo.schema import DutyRows
from geo.settings import Settings
from geo.words import Language, Text

START, END = Text("起点", "start"), Text("终点", "end")
ONE_END = Text(
    "只写了{given}，没有写{missing}；起止两端都要写",
    "only the {given} is given, not the {missing}; give both ends",
)
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
NO_UNIT = Text(
    "“{start}”至“{end}”没有单位，按米计只有 {metres:g} 米；若是公里，请写明",
    "'{start}' to '{end}' have no unit and are only {metres:g} m if metres; write km if they are",
)
TWO_WAYS_ROUND = Text(
    "“{name}”是环形岸线，从“{start}”到“{end}”有两个方向；请写桩号",
    "'{name}' is a ring, there are two ways from '{start}' to '{end}'; give chainages",
)
NOT_ON_ONE = Text(
    "“{start}”与“{end}”不在“{name}”的同一条线上；请写桩号",
    "'{start}' and '{end}' are not beside one line of '{name}'; give chainages",
)

# Two numbers without a unit, nearer than this, may have been meant as kilometres.
SHORT_M = 100.0
LIMITS = ["at", "course_id", "start_m", "end_m", "located_by", "lasting", "carried", "turned"]


@dataclass(frozen=True)
class Ends:
    """Where rows with ends run.

    `limits` has at (row number), course_id, start_m, end_m, located_by: one stretch a row, but two
    where it runs across the seam of a ring, and one on each carriageway of a road. `lasting` tells
    that it hangs on a chainage without posts, so that a redrawing would move it; `carried` that it
    is from an earlier drawing, `turned` that the line ran the other way there; the same of rows
    found anew is in the set `turned`, of row and course. `faults` are
    `(at, fault, column, message, used)`.
    """

    limits: pd.DataFrame
    faults: list[tuple[int, str, str, str, bool]]
    turned: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class _Limits:
    """What one row means, with its courses, and a fault where it is used with a doubt."""

    way: str
    stretches: tuple[tuple[str, float, float], ...]
    lasting: bool
    fault: str = ""
    message: str = ""


def locate_ends(
    rows: DutyRows, stretches: pd.DataFrame, ground: Ground, settings: Settings
) -> Ends:
    """Return the limits of every row of `stretches` (columns at, course_id) that gives ends.

    An area named as an end means where the course enters it (start) or leaves it (end). Ends by
    chainage must be in order; places and coordinates are put in order of chainage, because they
    name the same metres either way. With several courses a chainage counts on the first
    and on the carriageways beside it.
    """
    marks = marks_on(ground, settings)
    told = (rows["from_text"].str.strip() != "") | (rows["to_text"].str.strip() != "")
    with_ends = stretches[stretches["at"].isin(np.flatnonzero(told))]
    limits: list[tuple[int, str, float, float, str, bool, bool, bool]] = []
    faults: list[tuple[int, str, str, str, bool]] = []
    starts, finishes = rows["from_text"].to_list(), rows["to_text"].to_list()
    courses_of = listed(with_ends["at"], with_ends["course_id"], len(rows))
    for number, ids in enumerate(courses_of):
        if not ids:
            continue
        try:
            found = _limits(starts[number], finishes[number], ids, marks, settings)
        except EndError as error:
            faults.append((number, error.fault, error.column, error.message, False))
            continue
        rest = (found.way, found.lasting, False, False)
        limits += [(number, *one, *rest) for one in found.stretches]
        if found.fault:
            faults.append((number, found.fault, "to_text", found.message, True))
    types = dict.fromkeys(("lasting", "carried", "turned"), "bool")
    types |= {"at": "int64", "start_m": "float64", "end_m": "float64"}
    frame = pd.DataFrame(limits, columns=LIMITS).astype(types)
    return Ends(frame, faults)


def _limits(
    from_text: str, to_text: str, ids: list[str], marks: Marks, settings: Settings
) -> _Limits:
    say = settings.language
    for given, missing, text, column in (
        (END, START, from_text, "from_text"),
        (START, END, to_text, "to_text"),
    ):
        if not text.strip():
            message = ONE_END.say(say, given=given.say(say), missing=missing.say(say))
            raise EndError("one_end", column, message)
    start = marks.read(from_text, "from_text", ids)
    end = marks.read(to_text, "to_text", ids)
    if {start.way, end.way} <= {"chainage", "edge"}:
        return _by_chainage(start, end, marks.main[ids[0]], marks, settings)
    course = _common(start, end, marks.main[ids[0]])
    said = {"start": from_text, "end": to_text, "name": marks.named[ids[0]]}
    if not course:
        raise EndError("far_off", "to_text", NOT_ON_ONE.say(say, **said))
    if marks.grid.lines.closed[marks.number[course]]:
        raise EndError("ambiguous", "to_text", TWO_WAYS_ROUND.say(say, **said))
    both = (*_on(start, course, marks), *_on(end, course, marks))
    low, high = max(min(both), 0.0), min(max(both), marks.length_m[course])
    if low >= high:
        raise EndError("no_length", "to_text", NO_LENGTH.say(say, **said))
    way = next(way for way in ("places", "coordinates") if way in (start.way, end.way))
    lasting = _lasting(start, end, course, marks)
    return _Limits(way, ((course, low, high),), lasting, *_doubts(start, end, say))


def _doubts(start: End, end: End, language: Language) -> tuple[str, str]:
    """Return the name of what is doubtful about two ends, and all of it in words."""
    doubtful = [one for one in (start, end) if one.doubt]
    metres = abs(end.official_m - start.official_m)
    if not doubtful and start.bare and end.bare and metres < SHORT_M:
        said = {"start": f"{start.official_m:g}", "end": f"{end.official_m:g}", "metres": metres}
        return "doubtful_chainage", NO_UNIT.say(language, **said)
    if not doubtful:
        return "", ""
    stop = ";" if language == "zh" else "; "
    fault = "doubtful_chainage" if doubtful[0].way == "chainage" else "far_place"
    return fault, stop.join(dict.fromkeys(one.doubt for one in doubtful))


def _lasting(start: End, end: End, course: str, marks: Marks) -> bool:
    return "chainage" in (start.way, end.way) and course not in marks.calibration.posts


def _on(end: End, course: str, marks: Marks) -> tuple[float, float]:
    if end.way != "chainage":
        return end.on[course]
    internal = marks.internal(course, end.official_m)
    return internal, internal


def _common(start: End, end: End, main: str) -> str:
    """Return the course both ends lie on, the nearest first; a chainage counts on the main one."""
    mine = [[main] if one.way == "chainage" else list(one.on) for one in (start, end)]
    return next((one for one in mine[0] if one in mine[1]), "")


def _by_chainage(start: End, end: End, course: str, marks: Marks, settings: Settings) -> _Limits:
    say, length = settings.language, marks.length_m[course]
    first, last = (_on(one, course, marks)[0] for one in (start, end))

    def said() -> dict[str, str]:
        places = {"start": first, "end": last, "length": length}
        spoken = {name: marks.mark(course, metres) for name, metres in places.items()}
        return spoken | {"name": marks.named[course]}

    ring = bool(marks.grid.lines.closed[marks.number[course]])
    if first == last:
        raise EndError("no_length", "to_text", NO_LENGTH.say(say, **said()))
    if start.official_m > end.official_m and not ring:
        raise EndError("reversed", "from_text", REVERSED.say(say, **said()))
    # Posts may count backwards along the course, then the end as written comes first.
    low, high = (first, last) if ring else sorted((first, last))
    if low >= length or high <= 0:
        raise EndError("beyond_end", "from_text", OUTSIDE.say(say, **said()))
    # Tables round to the metre; only what is longer than a drawing fault is worth a word.
    slack = settings.ignore_m
    beyond = BEYOND.say(say, **said()) if high > length + slack or low < -slack else ""
    # What ran out of line waits for the line to be drawn to its end.
    lasting = _lasting(start, end, course, marks) and not beyond
    doubtful, doubt = _doubts(start, end, say)
    fault = "beyond_end" if beyond else doubtful
    if low > high:
        around = ((course, low, length), (course, 0.0, high))
        return _Limits("chainage", around, lasting, fault, beyond or doubt)
    mine = _carriageways(course, max(low, 0.0), min(high, length), start.prefix, marks)
    return _Limits("chainage", mine, lasting, fault, beyond or doubt)


def _carriageways(
    course: str, low: float, high: float, prefix: str, marks: Marks
) -> tuple[tuple[str, float, float], ...]:
    """Return the stretch on every carriageway, on that of one side where ZK or YK says so."""
    side = {"ZK": True, "YK": False}.get(prefix)
    further = marks.carriageways.get(course, [])
    if side is not None and further:
        # The main course is the left one where the other lies on its right.
        main = [(course, low, high)] if side != further[0].left else []
        further = [one for one in further if one.left == side]
    else:
        main = [(course, low, high)]
    return tuple(main + [(one.course, *one.stretch(low, high)) for one in further])
