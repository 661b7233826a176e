"""Say of many places at once which tracks came near, and why each counts there or does not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.cleaning import KEPT, judged, seconds_of
from geo.cleaning import REASONS as FLAGS
from geo.lines import Floats, Ints, Lines
from geo.lines import place as on_course
from geo.schema import Boxes, Courses, Passages, Patrols
from geo.seen import Mask
from geo.settings import Settings
from geo.trace import GAP_M, SILENCE_S
from geo.trails import Trails, batches
from geo.words import Text

# Why a track counts at a place or does not: `{n}` is whole metres, degrees or seconds, `{why}` what
# the passage or the dropped fix says of itself.
REASONS = {
    "counted": Text("计入,离线{n}米,{why}", "counted, {n} m from the line, {why}"),
    "unsure": Text("存疑,离线{n}米,{why}", "unsure, {n} m from the line, {why}"),
    "between": Text("计入,{why}", "counted, {why}"),
    "unsure_between": Text("存疑,{why}", "unsure, {why}"),
    "dropped": Text(
        "未计,此处定位点未采用({why})", "not counted, the fixes here were left out ({why})"
    ),
    "silent": Text("未计,此处{n}秒没有定位", "not counted, {n} s without a fix here"),
    "leap": Text("未计,此处相邻两点相距{n}米", "not counted, {n} m between two fixes here"),
    "far": Text("未计,最近{n}米", "not counted, {n} m away at the nearest"),
    "left_out": Text(
        "未计,这种巡查方式看不到这类对象", "not counted, what such a patrol does not see"
    ),
    "crossed": Text("未计,以{n}°横穿", "not counted, crossing at {n}°"),
    "short": Text("未计,沿线走得太短或不连贯", "not counted, too short or broken a walk along it"),
}  # fmt: skip
_CODES = {name: code for code, name in enumerate(REASONS)}
# The first day and the first day no longer asked, as instants.
Days = tuple[pd.Timestamp, pd.Timestamp]
# Farther away than this a track has nothing to do with the place.
NEIGHBOURHOOD_M = 300.0
_CROSSING_DEG = 20.0
# The direction of a course at a place is that of this much of it to both sides.
_ABOUT_M = 10.0
# So many steps are held as lines at one time.
_AT_ONCE = 50_000
# Of fixes left out for one reason, one in a square of this size says it for all.
_SQUARE_M = 50.0


@dataclass(frozen=True)
class Evidence:
    """What an explanation rests on: the frames of one study."""

    trails: Trails
    boxes: Boxes
    patrols: Patrols
    passages: Passages
    courses: Courses
    lines: Lines
    settings: Settings


@dataclass(frozen=True)
class Places:
    """Places on courses, by the course's number; the direction of the course there is in degrees.

    Degrees count from east, against the clock.
    """

    course: Ints
    chainage_m: Floats
    x: Floats
    y: Floats
    degrees: Floats

    def take(self, rows: Ints) -> "Places":
        """Return some of the places."""
        return Places(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Steps:
    """Each step from a used fix to the next of its patrol, and each fix left out, as one of none.

    `patrol` is a row of the patrols; `gap_s` and `length` are NaN and 0 for a first fix.
    """

    patrol: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    t: Floats
    gap_s: Floats
    used: Mask
    why: "np.ndarray[tuple[int], np.dtype[np.object_]]"

    def take(self, rows: Ints | Mask) -> "_Steps":
        return _Steps(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.patrol)


def places(lines: Lines, course: Ints, chainage_m: Floats) -> Places:
    """Return places by course number and chainage; raises `ValueError` as `geo.lines.place`."""
    x, y, _ = on_course(lines, course, chainage_m)
    length = lines.length_m[course]
    x0, y0, _ = on_course(lines, course, np.maximum(chainage_m - _ABOUT_M, 0.0))
    x1, y1, _ = on_course(lines, course, np.minimum(chainage_m + _ABOUT_M, length))
    return Places(course, chainage_m, x, y, np.degrees(np.arctan2(y1 - y0, x1 - x0)))


def reasons(
    evidence: Evidence,
    here: Places,
    *,
    days: Days | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """Return a row for each place and patrol whose track came near, by place, then by patrol.

    Columns: `place` and `patrol` (rows of `here` and of the patrols), `at` (the first instant near,
    NaT where unknown), `reason` (a key of REASONS), `n` and `why` that fill it. `days` are the
    first day and the first day no longer asked, as instants; tracks without times are always told
    of. With `most`, only the newest so many patrols of each place.
    """
    near = _came(evidence, here, days, most)
    passage, offset = _covering(evidence, here, near)
    chosen = evidence.passages.iloc[np.maximum(passage, 0)] if len(evidence.passages) else None
    told = _uncounted(evidence, here, near)
    counted = passage >= 0
    if chosen is not None:
        sure = (chosen["certainty"] == "sure").to_numpy()
        kinds = np.where(sure, _CODES["counted"], _CODES["unsure"])
        between = np.where(sure, _CODES["between"], _CODES["unsure_between"])
        told["code"] = np.where(counted, np.where(np.isnan(offset), between, kinds), told["code"])
        told["n"] = np.where(counted, np.nan_to_num(offset), told["n"])
        told["why"] = np.where(counted, chosen["why"].to_numpy(dtype=object), told["why"])
    names = np.array(list(REASONS), dtype=object)
    return pd.DataFrame(
        {
            "place": near["place"],
            "patrol": near["patrol"],
            "at": pd.to_datetime(near["t"].mul(1e6).round(), unit="us", utc=True),
            "reason": names[told["code"].to_numpy(dtype=np.int64)],
            "n": np.rint(told["n"]).astype(np.int64),
            "why": told["why"],
        }
    )


def _came(evidence: Evidence, here: Places, days: Days | None, most: int | None) -> pd.DataFrame:
    """Return `_near` of all patrols, or of the newest `most` of each place, by place and patrol.

    The newest patrols come first, so that a place which has its `most` is not asked for again, and
    of patrols that were never near only the boxes are looked at.
    """
    boxes = _numbered(evidence, days)
    ended = boxes.groupby("patrol")["ended_s"].max().sort_values(ascending=False, kind="stable")
    told = _near(_steps(evidence, np.zeros(0, dtype=np.int64), days), here)
    left: Ints = np.arange(len(here.x))
    for some in batches(ended.index.to_numpy(np.int64), evidence.trails.sizes):
        if most is not None:
            # What is as new as the newest to come may still have to make room for it.
            newer = told["t"] > np.nan_to_num(ended[some[0]], nan=-np.inf)
            left = np.flatnonzero(np.bincount(told["place"][newer], minlength=len(here.x)) < most)
        close = _reaching(boxes[boxes["patrol"].isin(some)], here.take(left))
        near = _near(_steps(evidence, close, days), here.take(left))
        near = near.assign(place=left[near["place"]])
        told = _newest(pd.concat([part for part in (told, near) if len(part)] or [near]), most)
    return told.sort_values(["place", "patrol"], kind="stable", ignore_index=True)


def _numbered(evidence: Evidence, days: Days | None) -> pd.DataFrame:
    """Return the boxes with the number of their `patrol`; for some `days` one box a patrol."""
    number = pd.Index(evidence.patrols["patrol_id"]).get_indexer(
        pd.Index(evidence.boxes["patrol_id"])
    )
    boxes = evidence.boxes.assign(patrol=number)[number >= 0].drop(columns="patrol_id")
    if days is None:
        return boxes
    # Without the fixes of other days, those next to one another are not the same.
    around = {"west_m": "min", "south_m": "min", "east_m": "max", "north_m": "max"}
    return boxes.groupby("patrol", as_index=False).agg(around | {"ended_s": "max"})


def _reaching(boxes: pd.DataFrame, here: Places) -> Ints:
    """Return the patrols, ascending, with a box that some place may be near."""
    tree = shapely.STRtree(np.asarray(shapely.points(here.x, here.y)))
    west, south, east, north = boxes[["west_m", "south_m", "east_m", "north_m"]].to_numpy().T
    # A little larger: the box of one fix would have no inside.
    around = shapely.box(west - 1.0, south - 1.0, east + 1.0, north + 1.0)
    found, _ = tree.query_nearest(around, max_distance=NEIGHBOURHOOD_M, all_matches=False)
    return np.unique(boxes["patrol"].to_numpy(dtype=np.int64)[found])


def _newest(near: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """Return the newest `most` patrols of each place, all for None."""
    if most is None:
        return near
    near = near.sort_values(["place", "patrol"], kind="stable")
    near = near.sort_values(["place", "t"], ascending=[True, False], kind="stable")
    return near[near.groupby("place").cumcount() < most]


def _steps(evidence: Evidence, some: Ints, days: Days | None) -> _Steps:
    """Return the steps of some patrols, patrol by patrol."""
    fixes = evidence.trails.of(some)
    patrol = pd.Index(evidence.patrols["patrol_id"]).get_indexer(pd.Index(fixes["patrol_id"]))
    asked = (np.isfinite(fixes["x_m"]) & np.isfinite(fixes["y_m"])).to_numpy()
    if days is not None:
        within = fixes["at"].isna() | ((fixes["at"] >= days[0]) & (fixes["at"] < days[1]))
        asked = asked & within.to_numpy()
    who = Patrols(evidence.patrols.iloc[some].reset_index(drop=True))
    flags = judged(fixes, who, evidence.settings)
    used, t = np.isin(flags, KEPT)[asked], seconds_of(fixes["at"])[asked]
    order = np.lexsort((t, used, patrol[asked]))
    rows = np.flatnonzero(asked)[order]
    used, t, patrol = used[order], t[order], patrol[rows]
    x, y = fixes["x_m"].to_numpy(float)[rows], fixes["y_m"].to_numpy(float)[rows]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (patrol[1:] != patrol[:-1]) | (used[1:] != used[:-1])
    first |= ~used
    before = np.maximum(np.arange(len(rows)) - 1, 0)
    before[first] = np.flatnonzero(first)
    gap_s = np.where(first, np.nan, t - t[before])
    words = [flag.say(evidence.settings.language) for flag in FLAGS]
    why = np.array(words, dtype=object)[flags[rows]]
    return _Steps(patrol, x[before], y[before], x, y, t, gap_s, used, why)


def _near(steps: _Steps, here: Places) -> pd.DataFrame:
    """Return, for each place and patrol near it, its nearest used step, else nearest fix left out.

    Columns: place, patrol, t (seconds, of the first step near; NaN where unknown), d, length,
    gap_s, degrees, used, why.
    """
    steps = _thinned(steps.take(_worth(steps, here)))
    tree = shapely.STRtree(np.asarray(shapely.points(here.x, here.y)))
    found = []
    for start in range(0, max(len(steps), 1), _AT_ONCE):
        some = steps.take(np.arange(start, min(start + _AT_ONCE, len(steps))))
        ends = np.stack([some.x0, some.y0, some.x1, some.y1], axis=1).reshape(-1, 2, 2)
        step, at = tree.query(shapely.linestrings(ends), "dwithin", NEIGHBOURHOOD_M)
        found.append(_nearest(_pairs(some.take(step), here, at)))
    return _nearest(pd.concat(found, ignore_index=True))


def _worth(steps: _Steps, here: Places) -> Mask:
    """Return which steps may come near a place: most of a county's do not, and cost nothing."""
    cell = 2 * NEIGHBOURHOOD_M

    def code(x: Floats, y: Floats) -> Ints:
        return (np.floor(x / cell) * 1e8 + np.floor(y / cell)).astype(np.int64)

    around = [(i * cell, j * cell) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    known = pd.Index(np.unique(np.concatenate([code(here.x + i, here.y + j) for i, j in around])))
    ends = (known.get_indexer(pd.Index(code(x, y))) >= 0 for x, y in
            ((steps.x0, steps.y0), (steps.x1, steps.y1)))  # fmt: skip
    # A longer step may pass a place that neither of its ends is near.
    long = np.hypot(steps.x1 - steps.x0, steps.y1 - steps.y0) > cell
    return np.logical_or.reduce([*ends, long])


def _thinned(steps: _Steps) -> _Steps:
    """Keep every step, and of a million fixes left out on one spot the first."""
    squares = pd.DataFrame(
        {
            "patrol": steps.patrol,
            "column": np.floor(steps.x1 / _SQUARE_M),
            "row": np.floor(steps.y1 / _SQUARE_M),
            "why": steps.why,
        }
    )
    return steps.take(steps.used | ~squares.duplicated().to_numpy())


def _pairs(steps: _Steps, here: Places, at: Ints) -> pd.DataFrame:
    dx, dy = steps.x1 - steps.x0, steps.y1 - steps.y0
    x, y = steps.x0 - here.x[at], steps.y0 - here.y[at]
    along = np.clip(-(x * dx + y * dy) / np.maximum(dx * dx + dy * dy, 1e-12), 0.0, 1.0)
    return pd.DataFrame(
        {
            "place": at,
            "patrol": steps.patrol,
            "t": steps.t,
            "d": np.hypot(x + along * dx, y + along * dy),
            "length": np.hypot(dx, dy),
            "gap_s": steps.gap_s,
            "degrees": np.degrees(np.arctan2(dy, dx)),
            "used": steps.used,
            "why": steps.why,
        }
    )


def _nearest(pairs: pd.DataFrame) -> pd.DataFrame:
    first = pairs.groupby(["place", "patrol"])["t"].transform("min")
    pairs = pairs.assign(t=first, left_out=~pairs["used"])
    pairs = pairs.sort_values(["place", "patrol", "left_out", "d"], kind="stable")
    return pairs.drop_duplicates(["place", "patrol"]).drop(columns="left_out")


def _covering(evidence: Evidence, here: Places, near: pd.DataFrame) -> tuple[Ints, Floats]:
    """Return the surest passage of each row's patrol over its place, or -1, and its offset."""
    passages = evidence.passages
    patrol = pd.Index(evidence.patrols["patrol_id"]).get_indexer(pd.Index(passages["patrol_id"]))
    course = evidence.lines.numbers(passages["course_id"])
    wide = len(evidence.patrols) + 1
    key = course * wide + patrol
    order = np.lexsort(((passages["certainty"] != "sure").to_numpy(), key))
    at = near["place"].to_numpy(dtype=np.int64)
    wanted = here.course[at] * wide + near["patrol"].to_numpy(dtype=np.int64)
    low = np.searchsorted(key[order], wanted, side="left")
    many = np.searchsorted(key[order], wanted, side="right") - low
    row = np.repeat(np.arange(len(near)), many)
    passage = order[np.repeat(low - np.cumsum(many) + many, many) + np.arange(len(row))]
    along = here.chainage_m[at[row]]
    over = (passages["from_m"].to_numpy()[passage] <= along) & (
        passages["to_m"].to_numpy()[passage] >= along
    )
    best = np.full(len(near), -1, dtype=np.int64)
    rows, first = np.unique(row[over], return_index=True)
    best[rows] = passage[over][first]
    offset = np.full(len(near), np.nan)
    offset[rows] = passages["offset_m"].to_numpy(float)[best[rows]]
    return best, offset


def _uncounted(evidence: Evidence, here: Places, near: pd.DataFrame) -> pd.DataFrame:
    """Return why each row would not be counted: its code, number and words."""
    at = near["place"].to_numpy(dtype=np.int64)
    kinds = evidence.courses["kind"].to_numpy(dtype=object)[here.course[at]]
    unsure = {kind: tolerance.unsure_m for kind, tolerance in evidence.settings.tolerances.items()}
    d, gap_s, length = (near[name].to_numpy(float) for name in ("d", "gap_s", "length"))
    turn = (near["degrees"].to_numpy(float) - here.degrees[at] + 90) % 180 - 90
    ways = [
        ("dropped", ~near["used"].to_numpy(dtype=bool), np.zeros(len(near))),
        ("silent", gap_s > SILENCE_S, np.nan_to_num(gap_s)),
        ("leap", np.isnan(gap_s) & (length > GAP_M), length),
        ("far", d > np.array([unsure[kind] for kind in kinds], dtype=float), d),
        ("left_out", _left_out(evidence, near, kinds), np.zeros(len(near))),
        ("crossed", np.abs(turn) > _CROSSING_DEG, np.abs(turn)),
    ]
    true, zero = np.ones(len(near), dtype=bool), np.zeros(len(near))
    conditions = [*(where for _, where, _ in ways), true]
    codes = [*(_CODES[name] for name, _, _ in ways), _CODES["short"]]
    return pd.DataFrame(
        {
            "code": np.select(conditions, codes),
            "n": np.select(conditions, [*(n for _, _, n in ways), zero]),
            "why": near["why"].to_numpy(dtype=object),
        }
    )


def _left_out(
    evidence: Evidence, near: pd.DataFrame, kinds: "np.ndarray[tuple[int], np.dtype[np.object_]]"
) -> Mask:
    """Tell which rows are of a patrol that does not look after the kind of its place."""
    modes = evidence.patrols["mode"].to_numpy(dtype=object)[near["patrol"].to_numpy(dtype=np.int64)]
    pairs = {
        (mode, kind) for mode, one in evidence.settings.manners.items() for kind in one.leaves_out
    }
    return np.array([pair in pairs for pair in zip(modes, kinds, strict=True)], dtype=bool)
