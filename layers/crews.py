"""Read the table of crews: who goes out, from where, how, for how many hours, for which part."""

import re
import unicodedata

import numpy as np
import pandas as pd

from geo.schema import CREWS, Crews, conform, empty
from layers.columns import Wanted, blank, is_name, recognise, words
from layers.datum import to_wgs84
from layers.faults import Fault
from layers.numbers import pairs
from layers.sources import Source
from layers.tables import Table

_WANTED = (
    Wanted("crew", ("班组", "班组名称", "巡查班组", "组别", "小组", "巡查组", "队伍", "姓名",
                    "名称", "crew", "team", "name"), is_name),
    Wanted("start", ("起点", "出发地点", "出发地", "出发点", "驻地", "集合地点", "start")),
    Wanted("end", ("终点", "返回地点", "返回地", "收工地点", "end")),
    Wanted("mode", ("交通方式", "交通工具", "方式", "出行方式", "mode")),
    Wanted("hours", ("工时", "每天工时", "每日工时", "工作时间", "小时", "hours")),
    Wanted("sets_out", ("出发时间", "上班时间", "出发时刻", "sets_out", "at")),
    Wanted("weekdays", ("工作日", "出勤日", "上班日", "weekdays")),
    Wanted("area", ("责任区", "责任片区", "片区", "责任范围", "负责范围", "责任村", "网格",
                    "area", "areas")),
)  # fmt: skip
_HEADERS = words(_WANTED)
HEADERS = "班组、起点、交通方式、工时、责任区"
MODES = {
    "foot": ("步行", "徒步", "走路", "foot", "walk"),
    "bicycle": ("自行车", "骑车", "骑行", "单车", "bicycle", "bike"),
    "motorcycle": ("摩托车", "摩托", "电动车", "电瓶车", "电动自行车", "motorcycle"),
    "car": ("汽车", "小车", "车辆", "驾车", "巡查车", "皮卡", "car"),
    "boat": ("船", "船艇", "快艇", "巡查船", "boat"),
}
_MODE_OF = {word: mode for mode, names in MODES.items() for word in names}
_SHARED = frozenset(["全部", "全镇", "不限", "共用", "共同", "all", "shared"])
_DAYS = "一二三四五六日"
_WEEK = str.maketrans("天1234567", "日" + _DAYS)


def known(header: str) -> bool:
    """Return whether a compared header is one a table of crews has."""
    return header in _HEADERS


def read_crews(table: Table, source: Source) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the rows of CREWS in a table, and what was wrong by row and column.

    A row with a name twice, a mode, hours or a day that cannot be read is a fault and no crew:
    a crew sent out on a guess is worse than one that stays.
    """
    column = recognise(table.cells, _WANTED, source.columns)
    if "crew" not in column:
        values = {"wanted": "班组/crew", "came": "、".join(map(str, table.cells.columns))}
        return empty(CREWS), [Fault("no_column", table.file, values=values)]
    rows: list[dict[str, object]] = []
    faults: list[Fault] = []
    for row, cells in table.cells.iterrows():
        said = {f: "" if blank(cells[c]) else str(cells[c]).strip() for f, c in column.items()}
        made, wrong = _crew(said, {record["crew"] for record in rows})
        faults += [
            Fault("bad_crew", table.file, int(str(row)), column[field], values)
            for field, values in wrong
        ]
        if not wrong:
            rows.append(made | {"file": table.file, "row": int(str(row))})
    if not rows:
        return empty(CREWS), faults
    frame = pd.DataFrame(rows)
    for end in ("start", "end"):
        lon, lat = to_wgs84(
            frame[f"{end}_lon"].to_numpy(float), frame[f"{end}_lat"].to_numpy(float), source.datum
        )
        frame = frame.assign(**{f"{end}_lon": lon, f"{end}_lat": lat})
    return Crews(conform(frame[CREWS.names], CREWS)), faults


Wrong = list[tuple[str, dict[str, object]]]


def _crew(said: dict[str, str], before: set[object]) -> tuple[dict[str, object], Wrong]:
    """Return one crew, and for each field that cannot be used what was wanted and what came."""
    wrong: Wrong = []

    def take(field: str, wanted: str, value: object) -> object:
        if value is None:
            wrong.append((field, {"wanted": wanted, "came": said.get(field, "")}))
        return value

    name = said["crew"]
    begins, hours = _hours(said.get("hours", ""))
    sets_out = clock(said["sets_out"]) if said.get("sets_out") else begins
    if sets_out is not None and np.isfinite(begins) and sets_out != begins:
        sets_out = None
    made: dict[str, object] = {
        "crew": take("crew", "没有用过的班组名", name if name and name not in before else None),
        "mode": take("mode", "步行、自行车、摩托车、汽车或船", _mode(said.get("mode", ""))),
        "hours": take("hours", "0 到 24 的小时数，或如 8:00-12:00", hours),
        "weekdays": take("weekdays", "如“周一至周五”", _weekdays(said.get("weekdays", ""))),
        "sets_out_min": take("sets_out", "如 8:30，与工时的开始一致", sets_out),
        "areas": _areas(said.get("area", "")),
    }
    for end in ("start", "end"):
        text = said.get(end, "")
        lon, lat = (float(part.iloc[0]) for part in pairs(pd.Series([text])))
        here = np.isfinite(lon) and np.isfinite(lat)
        made |= {f"{end}_lon": lon, f"{end}_lat": lat, end: "" if here else text}
    return made, wrong


def _mode(text: str) -> str | None:
    return _MODE_OF.get(unicodedata.normalize("NFKC", text).casefold()) if text else ""


def _hours(text: str) -> tuple[float, float | None]:
    """Return the minute of the day a crew begins, and its hours: a number, or a span of the day.

    NaN where nothing is said; the hours are None for what says no time from 0 to 24 hours.

    >>> _hours("6小时"), _hours("8:00-12:00"), _hours("12:00-8:00")
    ((nan, 6.0), (480.0, 4.0), (nan, None))
    """
    if not text:
        return np.nan, np.nan
    plain = unicodedata.normalize("NFKC", text)
    ends = [clock(end.strip()) for end in re.split(r"[-—–~～至到]+", plain)]
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
        return ends[0], (ends[1] - ends[0]) / 60
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(小时|h|时)?", plain)
    return np.nan, float(match[1]) if match and float(match[1]) <= 24 else None


def clock(text: str) -> float | None:
    """Return minutes after midnight, NaN where nothing is said, None for what is no time of day."""
    if not text:
        return np.nan
    plain = unicodedata.normalize("NFKC", text)
    match = re.fullmatch(r"(\d{1,2})(?:[:时点](\d{2})?分?)?(?::\d{2})?", plain)
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return int(match[1]) * 60.0 + int(match[2] or 0)


def _weekdays(text: str) -> str | None:
    """Return the working days as digits, 1 for Monday; '' for all, None for what names no day.

    >>> _weekdays("周一至周五"), _weekdays("周六、周日"), _weekdays("每天"), _weekdays("假日")
    ('12345', '67', '', None)
    """
    plain = re.sub(r"[周星期礼拜、,，\s]", "", unicodedata.normalize("NFKC", text))
    plain = plain.translate(_WEEK)
    if plain in {"", "每", "每日", "全"}:
        return ""
    spread = re.sub(
        rf"([{_DAYS}])[至到\-~—]+([{_DAYS}])",
        lambda m: _DAYS[_DAYS.index(m[1]) : _DAYS.index(m[2]) + 1],
        plain,
    )
    if not spread or set(spread) - set(_DAYS):
        return None
    return "".join(str(n) for n, day in enumerate(_DAYS, 1) if day in spread)


def _areas(text: str) -> str:
    """Return the duty areas or holders, joined by 、; '' for all, which is shared with the rest."""
    parts = [part for part in re.split(r"[、,，;；/\n]+", text) if part.strip()]
    named = [part.strip() for part in parts if part.strip().casefold() not in _SHARED]
    return "、".join(named)
