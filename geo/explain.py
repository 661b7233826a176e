"""Say of one place on a course, patrol by patrol, why it was counted or not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.cleaning import seconds_of
from geo.lines import Floats, Lines
from geo.schema import Courses, Fixes, Flagged, Passages, Patrols
from geo.settings import Settings
from geo.trace import GAP_M, SILENCE_S
from geo.words import Language, Text

_COUNTED = Text(
    "{who}:计入,离线{offset:.0f}米,{why}", "{who}: counted, {offset:.0f} m from the line, {why}"
)
_UNSURE = Text(
    "{who}:存疑,离线{offset:.0f}米,{why}", "{who}: unsure, {offset:.0f} m from the line, {why}"
)
_FAR = Text("{who}:未计,最近{d:.0f}米", "{who}: not counted, {d:.0f} m away at the nearest")
_SILENT = Text(
    "{who}:未计,此处{s:.0f}秒没有定位", "{who}: not counted, {s:.0f} s without a fix here"
)
_LEAP = Text(
    "{who}:未计,此处相邻两点相距{d:.0f}米", "{who}: not counted, {d:.0f} m between two fixes here"
)
_CROSSED = Text("{who}:未计,以{angle:.0f}°横穿", "{who}: not counted, crossing at {angle:.0f}°")
_DROPPED = Text(
    "{who}:未计,此处定位点未采用({why})", "{who}: not counted, the fixes here were left out ({why})"
)
_SHORT = Text(
    "{who}:未计,沿线走得太短或不连贯", "{who}: not counted, too short or broken a walk along it"
)
_NOBODY = Text(
    "这段时间没有轨迹到过此处{d:.0f}米以内", "no track came within {d:.0f} m of here in this time"
)
_WHO = Text("{day} {person}", "{day} {person}")
# Farther away than this a track has nothing to do with the place.
_NEIGHBOURHOOD_M = 300.0
_CROSSING_DEG = 20.0
_STEP = ("d", "gap_s", "length", "degrees")


@dataclass(frozen=True)
class Evidence:
    """What an explanation rests on: the frames of one study."""

    fixes: Fixes
    flags: Flagged
    patrols: Patrols
    passages: Passages
    courses: Courses
    lines: Lines
    settings: Settings


@dataclass(frozen=True)
class Place:
    """A place on a course: position, and the direction of the course there in degrees."""

    course: int
    chainage_m: float
    x: float
    y: float
    degrees: float


def place(lines: Lines, course_id: str, chainage_m: float) -> Place:
    """Return a place on a course.

    Raises `ValueError` for a course that is not there or a chainage beyond its length.
    """
    number = int(lines.numbers([course_id])[0])
    if number < 0:
        msg = f"wanted one of {len(lines)} courses, got {course_id!r}"
        raise ValueError(msg)
    a, b = lines.first[number], lines.first[number + 1]
    m, x, y = lines.m[a:b], lines.x[a:b], lines.y[a:b]
    if not 0 <= chainage_m <= m[-1]:
        msg = f"wanted a chainage from 0 to {m[-1]} m on {course_id}, got {chainage_m}"
        raise ValueError(msg)
    ends = np.clip([chainage_m - 10, chainage_m + 10], 0, m[-1])
    dx, dy = np.diff(np.interp(ends, m, x))[0], np.diff(np.interp(ends, m, y))[0]
    at = float(np.interp(chainage_m, m, x)), float(np.interp(chainage_m, m, y))
    return Place(number, chainage_m, *at, float(np.degrees(np.arctan2(dy, dx))))


def explain(
    evidence: Evidence,
    course_id: str,
    chainage_m: float,
    days: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> list[str]:
    """Return a sentence for every patrol whose track came near a place, in the order of patrols.

    `days` are the first day and the first day no longer asked, as instants; tracks without times
    are always told of. Raises as `place`.
    """
    settings, passages, patrols = evidence.settings, evidence.passages, evidence.patrols
    here = place(evidence.lines, course_id, chainage_m)
    kind = str(evidence.courses["kind"].to_numpy()[here.course])
    unsure_m = settings.tolerances[kind].unsure_m
    steps = _steps(evidence.fixes, evidence.flags, here, days)
    near = steps[steps["d"] <= _NEIGHBOURHOOD_M]
    covering = passages[
        (passages["course_id"] == course_id)
        & (passages["from_m"] <= chainage_m)
        & (passages["to_m"] >= chainage_m)
    ]
    told = patrols[patrols["patrol_id"].isin(set(near["patrol_id"]))]
    grouped = {str(patrol_id): rows for patrol_id, rows in near.groupby("patrol_id")}
    sentences = []
    for patrol_id, person in zip(told["patrol_id"], told["person"], strict=True):
        mine = covering[covering["patrol_id"] == patrol_id]
        day = grouped[patrol_id]["at"].min()
        local = "" if pd.isna(day) else f"{day.tz_convert(settings.time_zone):%m-%d %H:%M}"
        who = _WHO.say(settings.language, day=local, person=person or patrol_id).strip()
        sentences.append(
            _counted(who, mine, settings.language)
            if len(mine)
            else _not_counted(who, grouped[patrol_id], here, unsure_m, settings.language)
        )
    return sentences or [_NOBODY.say(settings.language, d=_NEIGHBOURHOOD_M)]


def _not_counted(
    who: str, near: pd.DataFrame, here: Place, unsure_m: float, language: Language
) -> str:
    used = near[near["used"]]
    if used.empty:
        return _DROPPED.say(language, who=who, why=near["why"].to_numpy()[0])
    nearest = int(used["d"].to_numpy().argmin())
    step = {name: float(used[name].to_numpy()[nearest]) for name in _STEP}
    if step["gap_s"] > SILENCE_S:
        return _SILENT.say(language, who=who, s=step["gap_s"])
    if np.isnan(step["gap_s"]) and step["length"] > GAP_M:
        return _LEAP.say(language, who=who, d=step["length"])
    if step["d"] > unsure_m:
        return _FAR.say(language, who=who, d=step["d"])
    angle = abs((step["degrees"] - here.degrees + 90) % 180 - 90)
    if angle > _CROSSING_DEG:
        return _CROSSED.say(language, who=who, angle=angle)
    return _SHORT.say(language, who=who)


def _counted(who: str, mine: pd.DataFrame, language: Language) -> str:
    """Say how the surest passage counts."""
    sure = (mine["certainty"] == "sure").to_numpy()
    best = int(sure.argmax())
    text = _COUNTED if sure[best] else _UNSURE
    offset, why = mine["offset_m"].to_numpy()[best], mine["why"].to_numpy()[best]
    return text.say(language, who=who, offset=offset, why=why)


def _steps(
    fixes: Fixes,
    flags: Flagged,
    here: Place,
    days: tuple[pd.Timestamp, pd.Timestamp] | None,
) -> pd.DataFrame:
    """Return each step from a used fix to the next, and each fix left out, with its distance."""
    frame = pd.DataFrame(
        {
            "patrol_id": fixes["patrol_id"].to_numpy(dtype=object),
            "x": fixes["x_m"].to_numpy(float) - here.x,
            "y": fixes["y_m"].to_numpy(float) - here.y,
            "t": seconds_of(fixes["at"]),
            "at": fixes["at"].array,
            "used": flags["used"].to_numpy(),
            "why": flags["why"].to_numpy(dtype=object),
        }
    )
    if days is not None:
        asked = frame["at"].isna() | ((frame["at"] >= days[0]) & (frame["at"] < days[1]))
        frame = frame[asked]
    frame = frame.sort_values(["patrol_id", "used", "t"], kind="stable")
    last = frame.groupby(["patrol_id", "used"])[["x", "y", "t"]].shift()
    dx, dy = (frame["x"] - last["x"]).fillna(0.0), (frame["y"] - last["y"]).fillna(0.0)
    x0, y0 = (frame["x"] - dx).to_numpy(float), (frame["y"] - dy).to_numpy(float)
    step = frame["used"].to_numpy()
    return frame.assign(
        d=np.where(
            step,
            _from_origin(x0, y0, dx.to_numpy(float), dy.to_numpy(float)),
            np.hypot(frame["x"], frame["y"]),
        ),
        length=np.hypot(dx, dy),
        gap_s=frame["t"] - last["t"],
        degrees=np.degrees(np.arctan2(dy, dx)),
    )


def _from_origin(x: Floats, y: Floats, dx: Floats, dy: Floats) -> Floats:
    """Return the distance of the steps from `(x, y)` by `(dx, dy)` from the origin."""
    length2 = np.maximum(dx * dx + dy * dy, 1e-12)
    w = np.clip(-(x * dx + y * dy) / length2, 0.0, 1.0)
    return np.hypot(x + w * dx, y + w * dy)
