"""Make a finished study of any size from a seed: meandering courses, holders, passages, problems.

Only for measuring and for looking at pages: the answers are drawn by lot, not worked out.
"""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import schema
from geo.gist import no_gist
from geo.lines import measure
from geo.schema import conform, conform_geo, empty
from geo.settings import Settings
from geo.study import Inputs, Study
from geo.trails import no_trails

CRS = "EPSG:4547"  # CGCS2000, 3 degree zone at 114 E
PER_COURSE = 25
VERTICES = 12
AS_OF = pd.Timestamp("2026-09-30")
NOON = pd.Timestamp("2026-09-30 04:00", tz="UTC")
_SHARES = {
    "unassigned": 0.06, "conflicting": 0.04, "never": 0.12, "overdue": 0.12, "unsure": 0.06,
    "partial": 0.2, "covered": 0.37, "out_of_scope": 0.03,
}  # fmt: skip
_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
_GIVEN = list("建国秀英伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂")
_PLACES = list("青白清长大小东西南北石沙龙凤金银柳杨桃梅竹松溪湾")
_KINDS = np.array(["river", "river", "river", "canal", "road", "road", "reservoir"], dtype=object)
_TAIL = {"river": "河", "canal": "渠", "road": "路", "reservoir": "水库"}


def _pick(rng: np.random.Generator, words: list[str], n: int, size: int = 2) -> np.ndarray:
    chosen = np.array(words, dtype=object)[rng.integers(0, len(words), (n, size))]
    return np.array(["".join(row) for row in chosen], dtype=object)


def _walks(rng: np.random.Generator, n: int, extent_m: float) -> np.ndarray:
    """Return n meandering lines of equal vertex counts, (n, vertices, 2)."""
    steps = PER_COURSE * (VERTICES - 1)
    turn = rng.normal(0, 0.16, (n, steps))
    s = np.arange(steps)
    period = rng.uniform(18, 60, (n, 1))
    heading = rng.uniform(0, 2 * np.pi, (n, 1)) + 0.9 * np.sin(2 * np.pi * s / period)
    heading = heading + np.cumsum(turn, axis=1) * 0.5
    step = rng.normal(45, 4, (n, steps)).clip(20)
    x = np.cumsum(step * np.cos(heading), axis=1)
    y = np.cumsum(step * np.sin(heading), axis=1)
    start = rng.uniform(0, extent_m, (n, 1, 2))
    xy = np.concatenate([np.zeros((n, 1, 2)), np.stack([x, y], axis=2)], axis=1)
    return np.round(xy + start + np.array([450_000.0, 3_200_000.0]), 3)


def study(
    segments: int, *, problems: int = 0, passages: int = 0, seed: int = 7, level_rows: bool = True
) -> Study:
    """Return a study of about `segments` segments, rounded up to whole courses."""
    rng = np.random.default_rng(seed)
    n = -(-segments // PER_COURSE)
    extent = 1000.0 * max(8.0, 1.1 * np.sqrt(n * PER_COURSE * 0.5))
    walks = _walks(rng, n, extent)
    kinds = _KINDS[rng.integers(0, len(_KINDS), n)]
    names = _pick(rng, _PLACES, n) + np.array([_TAIL[k] for k in kinds], dtype=object)
    course_ids = np.array([f"{k[0].upper()}{i:05d}" for i, k in enumerate(kinds)], dtype=object)
    areas = _areas(extent, max(1, min(400, n // 20)))
    frame = _segments(walks, course_ids, kinds, names, areas)
    holders, units = _pick(rng, _SURNAMES, 997, 1), areas["name"].to_numpy() + "水务站"
    holders = holders + _pick(rng, _GIVEN, 997)
    standing = _standing(rng, frame, holders, level_rows=level_rows)
    walked = _passages(rng, frame, course_ids, passages)
    nothing: dict[str, Any] = {t.name: empty(t, CRS) for t in schema.TABLES}
    inputs = Inputs(
        crs=pyproj.CRS(CRS), features=nothing["features"], posts=nothing["posts"], areas=areas,
        parts=nothing["parts"], duty_rows=nothing["duty_rows"], patrols=nothing["patrols"],
        trails=no_trails(), problem_rows=nothing["problem_rows"], rejects=nothing["rejects"],
    )  # fmt: skip
    return Study(
        inputs=inputs, settings=Settings(), as_of=AS_OF, assets=nothing["assets"],
        courses=nothing["courses"], areas=areas, parts=nothing["parts"],
        duties=_duties(rng, frame, course_ids, holders, units), segments=frame,
        patrols=_patrols(rng, holders, units), trails=no_trails(), gist=no_gist(), passages=walked,
        visits=nothing["visits"], standing=standing,
        problems=_problems(rng, frame, problems, holders), findings=nothing["findings"],
        rejects=nothing["rejects"], lines=measure(nothing["courses"]),
        area_stretches=nothing["area_stretches"], duty_faults=nothing["duty_faults"],
        holdings=nothing["holdings"],
        # The page draws what was found and asks nothing of how.
        seen=None, calibration=None,
    )  # fmt: skip


def _areas(extent: float, n: int) -> Any:
    side = int(np.ceil(np.sqrt(n)))
    edge = extent / side
    i, j = np.divmod(np.arange(side * side), side)
    x, y = 450_000 + i * edge, 3_200_000 + j * edge
    rng = np.random.default_rng(1)
    name = _pick(rng, _PLACES, len(x)) + "村"
    frame = pd.DataFrame({"area_id": [f"A{k}" for k in range(len(x))], "name": name})
    frame = frame.assign(level="village", parent="清溪镇", file="areas.shp", row=frame.index + 1)
    boxes = shapely.box(x, y, x + edge, y + edge)
    return conform_geo(gpd.GeoDataFrame(frame, geometry=boxes, crs=CRS), schema.AREAS)


def _segments(walks: Any, course_ids: Any, kinds: Any, names: Any, areas: Any) -> Any:
    n = len(walks)
    at = np.arange(PER_COURSE)[:, None] * (VERTICES - 1) + np.arange(VERTICES)
    xy = walks[:, at, :].reshape(-1, 2)
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(n * PER_COURSE), VERTICES))
    along = np.round(shapely.length(lines).reshape(n, PER_COURSE), 3)
    ends = np.round(np.cumsum(along, axis=1), 3)
    starts = np.c_[np.zeros(n), ends[:, :-1]]
    course = np.repeat(course_ids, PER_COURSE)
    middle = xy.reshape(-1, VERTICES, 2)[:, VERTICES // 2]
    edge = np.sqrt(areas.geometry.iloc[0].area)
    side = int(np.sqrt(len(areas)))
    cell = ((middle - [450_000, 3_200_000]) // edge).astype(int).clip(0, side - 1)
    frame = pd.DataFrame(
        {
            "segment_id": [f"{c}@{s:.0f}" for c, s in zip(course, starts.ravel(), strict=True)],
            "course_id": course,
            "asset_id": course,
            "kind": np.repeat(kinds, PER_COURSE),
            "name": np.repeat(names, PER_COURSE),
            "grade": np.repeat(
                np.array(["县级", "乡级", "村级"], dtype=object)[np.arange(n) % 3], PER_COURSE
            ),
            "area": areas["area_id"].to_numpy()[cell[:, 0] * side + cell[:, 1]],
            "from_m": starts.ravel(),
            "to_m": ends.ravel(),
            "length_m": np.round((ends - starts).ravel(), 3),
        }
    )
    return conform_geo(gpd.GeoDataFrame(frame, geometry=lines, crs=CRS), schema.SEGMENTS)


def _standing(rng: np.random.Generator, segments: Any, holders: Any, *, level_rows: bool) -> Any:
    n = len(segments)
    # States come in runs along a course, as they do in the field.
    fresh = (rng.random(n) < 0.4) | (np.arange(n) % PER_COURSE == 0)
    drawn = rng.choice(list(_SHARES), n, p=list(_SHARES.values()))
    run = np.maximum.accumulate(np.where(fresh, np.arange(n), 0))
    state = drawn[run].astype(object)
    length = segments["length_m"].to_numpy()

    def where(*states: str) -> np.ndarray:
        return np.where(np.isin(state, states), length, 0.0)

    seen = np.isin(state, ["overdue", "partial", "covered", "conflicting"])
    ago = np.where(state == "overdue", rng.integers(31, 90, n)[run], rng.integers(0, 30, n)[run])
    minute = rng.integers(0, 600, n)[run] - 8 * (np.arange(n) - run)
    last = (NOON - pd.to_timedelta(ago * 1440 + minute, unit="min")).to_series()
    by = np.array([f"P{k:05d}" for k in rng.integers(0, 5000, n)], dtype=object)[run]
    last = last.where(seen).to_numpy()
    day = pd.Series(last).dt.tz_convert(None).dt.floor("D")
    partial = np.round(where("partial") * rng.integers(10, 90, n) / 100, 3)
    due = day + pd.Timedelta(days=30)
    late = (AS_OF - due).dt.days.clip(lower=0)
    why = pd.Series(state).map(
        {
            "unassigned": "没有查到任何一级责任人", "conflicting": "同一级有两名责任人",
            "never": "没有任何一条确切的巡查轨迹经过", "unsure": "轨迹与并行道路无法区分",
            "out_of_scope": "不在管护要求范围内",
        }
    )  # fmt: skip
    told = "最近 " + day.dt.strftime("%Y-%m-%d") + " 巡查，要求每 30 天一次"
    frame = pd.DataFrame(
        {
            "segment_id": segments["segment_id"],
            "level": "",
            "state": state,
            "holders": holders[rng.integers(0, len(holders), n)],
            "units": "",
            "phones": "",
            "since_on": pd.NaT,
            "assigned_m": length - where("unassigned", "out_of_scope"),
            "unassigned_m": where("unassigned"),
            "conflicting_m": where("conflicting"),
            "out_of_scope_m": where("out_of_scope"),
            "covered_m": where("covered", "conflicting") + partial,
            "unsure_m": where("unsure"),
            "overdue_m": where("overdue"),
            "never_m": where("never", "unassigned") + where("partial") - partial,
            "declared": np.where(state == "never", rng.integers(0, 2, n), 0),
            "visits": np.where(seen, rng.integers(1, 9, n), 0),
            "last_at": last,
            "last_by": np.where(seen, by, ""),
            "last_offset_m": np.where(seen, rng.integers(0, 30, n), np.nan),
            "due_on": due,
            "overdue_days": late,
            "why": why.where(why.notna(), told),
        }
    )
    frames = [frame]
    if level_rows:
        for level in ("town", "village"):
            other = rng.choice(["covered", "unassigned", "partial"], n, p=[0.6, 0.2, 0.2])
            frames.append(frame.assign(level=level, state=other, why=""))
    return conform(pd.concat(frames, ignore_index=True), schema.STANDING)


def _passages(rng: np.random.Generator, segments: Any, course_ids: Any, n: int) -> Any:
    """Return n passages, each over most of one segment or a little more."""
    pick = rng.integers(0, len(segments), n)
    start = segments["from_m"].to_numpy()[pick]
    length = segments["length_m"].to_numpy()[pick]
    cut = rng.random(n) < 0.15
    low = np.where(cut, start + length * rng.uniform(0, 0.5, n), start)
    at = NOON - pd.to_timedelta(rng.integers(0, 90 * 1440, n), unit="min")
    kind = rng.random(n)
    frame = pd.DataFrame(
        {
            "passage_id": np.char.add("V", np.arange(n).astype(str)),
            "patrol_id": np.char.add("P", rng.integers(0, 5000, n).astype(str)),
            "course_id": segments["course_id"].to_numpy()[pick],
            "from_m": np.round(low, 3),
            "to_m": np.round(start + length, 3),
            "side": "B",
            "entered_at": at,
            "left_at": at,
            "offset_m": 8.0,
            "effort_m": length,
            "fixes": 40,
            "certainty": np.where(kind < 0.9, "sure", "unsure"),
            "evidence": np.where(kind < 0.97, "A", "C"),
            "why": "",
        }
    )
    return conform(frame, schema.PASSAGES)


def _duties(
    rng: np.random.Generator, segments: Any, course_ids: Any, holders: Any, units: Any
) -> Any:
    ends = segments.groupby("course_id", sort=False)["to_m"].max().reindex(course_ids).to_numpy()
    n = len(course_ids)
    frames = []
    for level, role in (("county", "河长"), ("town", "河长"), ("village", "巡查员")):
        frames.append(
            pd.DataFrame(
                {
                    "duty_id": [f"duties.xlsx:{level}:{k}" for k in range(n)],
                    "course_id": course_ids,
                    "from_m": 0.0,
                    "to_m": ends,
                    "side": "B",
                    "role": role,
                    "level": level,
                    "holder": holders[rng.integers(0, len(holders), n)],
                    "holder_kind": "person",
                    "unit": units[rng.integers(0, len(units), n)],
                    "phone": np.char.add("138", rng.integers(10**7, 10**8, n).astype(str)),
                    "joint": False,
                    "from_on": pd.Timestamp("2025-01-01"),
                    "until_on": pd.NaT,
                    "located_by": "asset",
                    "file": "duties.xlsx",
                    "row": np.arange(n) + 2,
                    "why": "",
                }
            )
        )
    return conform(pd.concat(frames, ignore_index=True), schema.DUTIES)


def _patrols(rng: np.random.Generator, holders: Any, units: Any) -> Any:
    n = 5000
    at = NOON - pd.to_timedelta(rng.integers(0, 90 * 1440, n), unit="min")
    frame = pd.DataFrame(
        {
            "patrol_id": [f"P{k:05d}" for k in range(n)],
            "person": holders[rng.integers(0, len(holders), n)],
            "unit": units[rng.integers(0, len(units), n)],
            "role": "巡查员", "level": "village", "mode": "foot", "asset": "", "started_at": at,
            "ended_at": at, "grade": "A", "result": "", "file": "patrols.gpx", "row": 0,
        }
    )  # fmt: skip
    return conform(frame, schema.PATROLS)


def _problems(rng: np.random.Generator, segments: Any, n: int, holders: Any) -> Any:
    pick = rng.integers(0, len(segments), n)
    lines = segments.geometry.to_numpy()[pick]
    points = shapely.line_interpolate_point(lines, rng.random(n), normalized=True)
    at = NOON - pd.to_timedelta(rng.integers(0, 90 * 1440, n), unit="min")
    unfinished = rng.random(n) < 0.25
    status = np.where(unfinished, "assigned", "closed")
    due = (at + pd.Timedelta(days=20)).tz_localize(None).floor("D")
    frame = pd.DataFrame(
        {
            "problem_id": np.char.add("W", np.arange(n).astype(str)),
            "asset_id": segments["asset_id"].to_numpy()[pick],
            "course_id": segments["course_id"].to_numpy()[pick],
            "chainage_m": segments["from_m"].to_numpy()[pick],
            "offset_m": 0.0,
            "segment_id": segments["segment_id"].to_numpy()[pick],
            "category": rng.choice(["漂浮垃圾", "污水直排", "违章搭建", "路面坑槽", "边坡塌方"], n),
            "status": status,
            "open": unfinished,
            "reported_at": at,
            "due_on": due,
            "closed_on": pd.Series(due).where(~unfinished),
            "reporter": holders[rng.integers(0, len(holders), n)] if n else "",
            "description": rng.choice(
                ["岸边有成堆垃圾", "管口有黑水流出", "占用河道搭棚", "路面破损"], n
            ),
            "photo": "",
            "owner": holders[rng.integers(0, len(holders), n)] if n else "",
            "unit": "清溪镇水务站",
            "file": "problems.csv",
            "row": np.arange(n) + 2,
            "why": "按坐标落在河段上",
        }
    )
    return conform_geo(gpd.GeoDataFrame(frame, geometry=points, crs=CRS), schema.PROBLEMS)
