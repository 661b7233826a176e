"""Place problems on courses and say who must act."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.calibration import Calibration
from geo.chainage import metres, written
from geo.kinds import called
from geo.lines import Ints, Lines, place
from geo.locate import locate
from geo.names import Known
from geo.posted import posted
from geo.schema import (
    PROBLEMS,
    Courses,
    Duties,
    ProblemRows,
    Problems,
    Segments,
    conform_geo,
)
from geo.seen import Mask
from geo.settings import Settings
from geo.words import Text

# Words of offices and of the ministry for the life cycle 登记→交办→承办→办结→销号, 回头看. The
# more final words come first: 办结待销号 is done, not registered.
STATUSES = {
    "reopened": ("重办", "反弹", "复发", "重新", "reopened"),
    "closed": ("销号", "归档", "关闭", "closed"),
    "done": ("办结", "已处理", "已整改", "已解决", "整改完成", "完成", "done", "resolved"),
    "accepted": ("承办", "受理", "处理中", "办理", "整改", "accepted", "in progress"),
    "assigned": ("交办", "转办", "派单", "已派", "督办", "assigned"),
    "registered": ("登记", "上报", "待", "未处理", "未解决", "新", "registered", "new", "open"),
}
ENDED = ("done", "closed")
NOT_YET = ("未办结", "未处理", "未解决", "未整改", "未完成", "待办结", "待销号", "待整改")
# A report is taken from the bank or the kerb: farther from any course it belongs to none.
NEAR_M = 150.0

BY_CHAINAGE = Text("按{asset} {chainage} 落位", "placed by {asset} {chainage}")
BY_POSITION = Text(
    "按坐标落在{asset} {chainage},距 {offset} 米",
    "placed by position at {asset} {chainage}, {offset} m away",
)
NOWHERE = Text("没有坐标,也没有能认出的桩号", "no position, and no chainage that can be read")
TOO_FAR = Text("{m} 米内没有任何对象", "no asset within {m} m")
OWNER = Text("由该处责任人处理", "its holder must act")
NO_OWNER = Text("该处无人负责,无法交办", "nobody answers for this place, so nobody can be told")
NAMED_ELSEWHERE = Text(
    "填写的对象“{text}”不在附近,未采用", "the asset written, {text}, is not near and was not used"
)


def place_problems(
    rows: ProblemRows,
    courses: Courses,
    lines: Lines,
    segments: Segments,
    duties: Duties,
    *,
    assets: Known,
    calibration: Calibration,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Problems:
    """Return every report with its place on a course, whether it is open on `as_of`, and its owner.

    A position decides over a chainage; the asset named decides between courses that are near. A
    report that can be placed nowhere is kept, with its reason.
    """
    told = rows["reported_at"].dt.tz_convert(settings.time_zone).dt.tz_localize(None)
    rows = ProblemRows(rows[~(told.dt.normalize() > as_of)].reset_index(drop=True))
    number, chainage, offset, why = _placed(rows, courses, lines, assets, calibration, settings)
    segment = _segment(number, chainage, courses, segments)
    held = posted(segments, duties, lines, level="", language=settings.language, as_of=as_of)
    owner, unit = _at(held.holders, segment), _at(held.units, segment)
    status = np.array([status_of(text) for text in rows["status"]], dtype=object)
    closed = (rows["closed_on"] <= as_of) | (np.isin(status, ENDED) & rows["closed_on"].isna())
    said = OWNER.say(settings.language)
    nobody = NO_OWNER.say(settings.language)
    comma = ";" if settings.language == "zh" else "; "
    geometry = _positions(rows, number, chainage, lines)
    frame = pd.DataFrame(rows.drop(columns=["geometry", "asset", "chainage_text"])).assign(
        asset_id=_at(courses["asset_id"], number),
        course_id=_at(lines.ids, number),
        chainage_m=chainage,
        offset_m=offset,
        segment_id=_at(segments["segment_id"], segment),
        status=status,
        open=~closed.to_numpy(),
        owner=owner,
        unit=np.where(rows["unit"] != "", rows["unit"], unit),
        why=[a + comma + (said if b else nobody) for a, b in zip(why, owner, strict=True)],
    )
    return Problems(conform_geo(gpd.GeoDataFrame(frame, geometry=geometry, crs=rows.crs), PROBLEMS))


def _at(texts: ArrayLike, number: Ints) -> NDArray[np.object_]:
    """Return the text of each number, '' for -1."""
    return np.append(np.asarray(texts, dtype=object), "")[number]


def status_of(text: str) -> str:
    """Return the stage of the life cycle a word means; a word that is not known stays as written.

    >>> status_of("已办结"), status_of("未办结"), status_of("交办"), status_of("其他")
    ('done', 'registered', 'assigned', '其他')
    """
    if any(word in text for word in NOT_YET):
        return "registered"
    for status, words in STATUSES.items():
        if any(word in text.lower() for word in words):
            return status
    return text


def _placed(
    rows: ProblemRows,
    courses: Courses,
    lines: Lines,
    assets: Known,
    calibration: Calibration,
    settings: Settings,
) -> tuple[Ints, np.ndarray, np.ndarray, list[str]]:
    language = settings.language
    number = np.full(len(rows), -1, dtype=np.int64)
    chainage, offset = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    names = called(courses, language).to_numpy()
    mine = [set(assets.match(text).ids) if text else set() for text in rows["asset"]]
    near = _near(rows, lines)
    nowhere = _nowhere(rows)
    of = courses["asset_id"].to_numpy()
    why = []
    for i, (meant, text, said) in enumerate(
        zip(mine, rows["asset"], rows["chainage_text"], strict=True)
    ):
        here = near.get(i, [])
        wanted = [p for p in here if of[p[1]] in meant] or here
        if wanted:
            offset[i], number[i], chainage[i] = min(wanted)
            reason = BY_POSITION.say(
                language,
                asset=names[number[i]],
                chainage=written(chainage[i]),
                offset=round(offset[i]),
            )
            if meant and of[number[i]] not in meant:
                reason += ";" + NAMED_ELSEWHERE.say(language, text=text)
            why.append(reason)
            continue
        found = _by_chainage(meant, said, courses, lines, calibration)
        if found:
            number[i], chainage[i] = found
            offset[i] = 0.0
            why.append(BY_CHAINAGE.say(language, asset=names[found[0]], chainage=said))
        else:
            why.append((NOWHERE if nowhere[i] else TOO_FAR).say(language, m=round(NEAR_M)))
    return number, chainage, offset, why


def _nowhere(rows: ProblemRows) -> Mask:
    """Return which reports bring no position."""
    geometry = rows.geometry.to_numpy()
    return shapely.is_missing(geometry) | shapely.is_empty(geometry)


def _near(rows: ProblemRows, lines: Lines) -> dict[int, list[tuple[float, int, float]]]:
    """Return, by report, the places near it as (offset, course, chainage)."""
    at = np.flatnonzero(~_nowhere(rows))
    points = rows.geometry.to_numpy()[at]
    found = locate(lines, shapely.get_x(points), shapely.get_y(points), NEAR_M)
    near: dict[int, list[tuple[float, int, float]]] = {}
    columns = (at[found.point], found.offset_m, found.number, found.chainage_m)
    for row, away, course, along in zip(*(c.tolist() for c in columns), strict=True):
        near.setdefault(row, []).append((away, course, along))
    return near


def _by_chainage(
    meant: set[str], said: str, courses: Courses, lines: Lines, calibration: Calibration
) -> tuple[int, float] | None:
    """Return course and chainage of a report that names one asset of one course and a chainage."""
    official = metres(said) if said else None
    mine = np.flatnonzero(courses["asset_id"].isin(meant).to_numpy())
    if official is None or len(meant) != 1 or len(mine) != 1:
        return None
    along = float(calibration.to_internal([lines.ids[mine[0]]], [official])[0])
    inside = 0 <= along <= lines.length_m[mine[0]]
    return (int(mine[0]), along) if inside else None


def _segment(number: Ints, chainage: np.ndarray, courses: Courses, segments: Segments) -> Ints:
    """Return the row of the segment of each place, -1 for none."""
    found = np.full(len(number), -1, dtype=np.int64)
    course = pd.Index(courses["course_id"]).get_indexer(pd.Index(segments["course_id"]))
    # Segments come in the order of their courses and chainages: one key sorts both.
    reach = float(segments["to_m"].max()) + 1.0 if len(segments) else 1.0
    key = course * reach + segments["from_m"].to_numpy()
    on = np.flatnonzero(number >= 0)
    at = np.searchsorted(key, number[on] * reach + np.round(chainage[on], 3), side="right") - 1
    good = (at >= 0) & (course[np.maximum(at, 0)] == number[on])
    found[on[good]] = at[good]
    return found


def _positions(rows: ProblemRows, number: Ints, chainage: np.ndarray, lines: Lines) -> np.ndarray:
    """Return the reported positions; where there is none, the place on the course."""
    geometry = rows.geometry.to_numpy().copy()
    without = np.flatnonzero(_nowhere(rows) & (number >= 0))
    x, y, _ = place(lines, number[without], chainage[without])
    geometry[without] = shapely.points(x, y)
    return geometry
