"""Read patrol logs: rows of patrols, or rows of fixes, from text files and spreadsheets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.words import Text
from layers.columns import Wanted, blank, plain, recognise, words
from layers.dates import instants
from layers.faults import Fault
from layers.fixlog import is_fixlog, read_fixlog
from layers.kinds import TABLE_SUFFIXES
from layers.large import stream_fixes
from layers.numbers import coordinates
from layers.positions import POSITION, degrees_of
from layers.ranks import level_in, level_of, role_of
from layers.sources import Source
from layers.tables import Table, read_tables
from layers.trips import PatrolSource, Trips, fix_rows, gathered, no_fixes, nothing, patrol_rows

WANTED = (
    Wanted("patrol_id", ("巡查编号", "巡查id", "轨迹编号", "轨迹id", "记录编号", "patrol_id",
                         "track_id", "trip_id", "patrol", "trip")),
    Wanted("person", ("巡查人员", "巡查人", "巡查员", "巡河人员", "巡河人", "巡河员", "巡路员",
                      "姓名", "人员", "河长", "路长", "责任人",
                      "上报人", "用户", "person", "name", "user", "uid", "userid", "user_id")),
    Wanted("unit", ("单位", "所属单位", "巡查单位", "所属村", "所属镇街", "unit")),
    Wanted("role", ("角色", "职务", "身份", "岗位", "role")),
    Wanted("level", ("级别", "层级", "河长级别", "level")),
    Wanted("mode", ("方式", "巡查方式", "交通方式", "交通工具", "出行方式", "mode")),
    Wanted("asset", ("巡查河道", "巡查河流", "巡查道路", "巡查路线", "巡查对象", "河流名称",
                     "河道名称", "道路名称", "路线名称",
                     "水库名称", "河流", "河道", "河段", "道路", "路线", "水库", "对象",
                     "对象名称", "巡查路段", "巡查河段", "asset",
                     "river", "road")),
    Wanted("date", ("日期", "巡查日期", "巡河日期", "date", "day")),
    Wanted("started_at", ("开始时间", "起始时间", "出发时间", "巡查开始时间", "巡河开始时间",
                          "started_at", "start_time", "start",
                          "begintime", "strtime")),
    Wanted("ended_at", ("结束时间", "终止时间", "返回时间", "巡查结束时间", "巡河结束时间",
                        "ended_at", "end_time", "endtime", "end")),
    Wanted("at", ("时间", "巡查时间", "巡河时间", "定位时间", "打卡时间", "gps时间", "采集时间",
                  "time", "datetime", "timestamp",
                  "at", "date_time")),
    Wanted("minutes", ("时长", "巡查时长", "巡河时长", "用时", "duration")),
    Wanted("result", ("巡查结果", "结果", "巡查情况", "发现问题", "问题描述", "情况", "巡查内容",
                      "处理情况", "备注", "result", "note")),
    Wanted("track", ("轨迹文件", "轨迹", "轨迹名称", "gpx", "gpx文件", "track", "track_file",
                     "file")),
    Wanted("accuracy_m", ("精度", "定位精度", "accuracy", "accuracy_m", "hdop精度")),
    Wanted("from_lon", ("起点经度", "开始经度", "from_lon", "start_lon")),
    Wanted("from_lat", ("起点纬度", "开始纬度", "from_lat", "start_lat")),
    Wanted("to_lon", ("终点经度", "结束经度", "to_lon", "end_lon")),
    Wanted("to_lat", ("终点纬度", "结束纬度", "to_lat", "end_lat")),
)  # fmt: skip
HEADERS = "巡查人员、巡查时间、河流名称"
_HEADERS = words((*WANTED, *POSITION))
_MODES = {
    "foot": ("步行", "徒步", "走路", "步巡", "foot", "walk", "walking"),
    "bicycle": ("自行车", "骑行", "单车", "bicycle", "bike"),
    "motorcycle": ("摩托", "摩托车", "电动车", "电瓶车", "电动自行车", "motorcycle"),
    "car": ("车", "汽车", "车巡", "驾车", "乘车", "开车", "巡逻车", "car"),
    "boat": ("船", "船巡", "乘船", "巡查艇", "boat"),
    "drone": ("无人机", "航拍", "drone", "uav"),
}
# The careful reader makes a Python object of every cell.
_LARGE_BYTES = 200_000


def known(header: str) -> bool:
    """Return whether a compared header is one a log has."""
    return header in _HEADERS


def read(path: Path, source: Source) -> Trips:
    """Return the patrols of a log: with a track file, with points, or only declared."""
    tables, faults = read_tables(path, source.file, known, wanted=HEADERS, encoding=source.encoding)
    parts = []
    for table in tables:
        where, crs, wrong = degrees_of(table, source)
        parts.append(read_log(table, where, crs, source))
        faults += wrong
    if not parts:
        return nothing(*faults)
    return gathered(parts, faults=faults)


def stream(path: Path, source: Source) -> Iterator[Trips] | None:
    """Return the patrols of a large text file of fixes, some at a time, None for any other."""
    return stream_fixes(path, source, WANTED) if path.stat().st_size > _LARGE_BYTES else None


def read_log(table: Table, where: pd.DataFrame, crs: str, source: Source) -> Trips:
    """Return the patrols of a table whose rows lie at `where`, NaN for nowhere."""
    column = recognise(table.cells, (*WANTED, *POSITION), source.columns)
    placed = bool(where["lon"].notna().any())
    if is_fixlog(column, placed=placed):
        trips = read_fixlog(table, column, where, source)
    elif {"person", "asset", "track"} & column.keys():
        trips = _log(table, column, where, source)
    else:
        values = {"wanted": HEADERS, "came": "、".join(map(str, table.cells.columns))}
        return nothing(Fault("no_column", table.file, values=values), rows=len(table.cells))
    return Trips(trips.patrols, trips.fixes, len(table.cells), table.encoding, crs, trips.faults)


def _log(table: Table, column: dict[str, str], where: pd.DataFrame, source: Source) -> Trips:
    cells = table.cells

    def get(field: str) -> pd.Series:
        if field not in column:
            return pd.Series("", index=cells.index, dtype=object)
        return cells[column[field]].mask(cells[column[field]].map(blank).astype(bool), "")

    start, end, faults = _times(table, column, get, source)
    role, level = get("role"), get("level")
    person_header = plain(column.get("person", ""))
    patrols = patrol_rows([{} for _ in cells.index])
    ids = get("patrol_id")
    named = pd.Series(
        [f"{table.file}#{row}" for row in cells.index], index=cells.index, dtype=object
    )
    filled = {
        # An office numbers its records anew each month: only with the file is it one of its own.
        "patrol_id": named.where((ids == "") | ids.duplicated(keep=False), table.file + "#" + ids),
        **{field: get(field) for field in ("person", "unit", "asset", "result")},
        "role": role.map(lambda r: role_of(r) or r).mask(role == "", role_of(person_header)),
        "level": level.map(level_of).mask(level == "", role.map(level_in)),
        "mode": get("mode").map(_mode),
        "started_at": start,
        "ended_at": end,
        "grade": "C",
        "file": table.file,
        "row": cells.index,
        "track": get("track").map(lambda name: name.replace("\\", "/").rsplit("/", 1)[-1]),
    }
    patrols = pd.DataFrame(filled)[patrols.columns]
    fixes = _ends(patrols, get, where)
    patrols["grade"] = np.where(patrols["patrol_id"].isin(fixes["patrol_id"]), "B", "C")
    return Trips(patrols, fixes, faults=tuple(faults))


def _times(
    table: Table, column: dict[str, str], get: Any, source: Source
) -> tuple[pd.Series, pd.Series, list[Fault]]:
    """Return start and end of each row; a clock without a day takes the day of the date column."""
    date, at = get("date"), get("at")
    span = at.str.split(r"\s*[~～—–至]\s*|(?<=:\d\d)\s*-\s*", n=1, regex=True)
    first = get("started_at").where(get("started_at") != "", _text(span.str[0]))
    first = first.where(first != "", date)
    last = get("ended_at").where(get("ended_at") != "", _text(span.str[1]))
    clock = r"\d{1,2}[:：时点]\d{0,2}.*"
    day = date.where(date != "", first.str.split(" ").str[0])
    first = (date + " " + first).where(first.str.fullmatch(clock), first)
    last = (day + " " + last).where(last.str.fullmatch(clock), last)
    zone = source.time_zone or "UTC"
    start, end = instants(first, zone), instants(last, zone)
    minutes = pd.to_numeric(
        get("minutes").str.replace(r"\s*(分钟|分|min)$", "", regex=True), errors="coerce"
    )
    end = end.fillna(start + pd.to_timedelta(minutes.clip(0, 1440), unit="min"))
    faults = []
    for texts, found, fields in (
        (first, start, ("started_at", "at", "date")),
        (last, end, ("ended_at", "at")),
    ):
        name = next((column[f] for f in fields if f in column), "")
        faults += [
            Fault("bad_time", table.file, int(row), name, {"came": texts[row]})
            for row in texts.index[found.isna() & (texts != "")]
        ]
    silent = start.isna() & (first == "")
    if silent.all() and len(silent) > 1:
        faults.append(Fault("no_whens", table.file, values={"count": len(silent)}))
    else:
        faults += [Fault("no_when", table.file, int(row)) for row in start.index[silent]]
    turned = (end < start).fillna(False)
    faults += [
        Fault(
            "end_before_start", table.file, int(row), values={"came": f"{first[row]} / {last[row]}"}
        )
        for row in start.index[turned]
    ]
    return start, end.mask(turned, start).fillna(start), faults


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "")


def _ends(patrols: pd.DataFrame, get: Any, where: pd.DataFrame) -> pd.DataFrame:
    """Return the places a row tells: its start, its end, its own position, as check-ins."""
    parts = [
        fix_rows(
            patrols["patrol_id"], where["lon"], where["lat"], patrols["started_at"], point="checkin"
        )
    ]
    for end, at in (("from", "started_at"), ("to", "ended_at")):
        east, north = coordinates(get(f"{end}_lon")), coordinates(get(f"{end}_lat"))
        parts.append(fix_rows(patrols["patrol_id"], east, north, patrols[at], point="checkin"))
    fixes = pd.concat([part.reset_index(drop=True) for part in parts], ignore_index=True)
    fixes = fixes[np.isfinite(fixes["lon"]) & np.isfinite(fixes["lat"])]
    return fixes.reset_index(drop=True) if len(fixes) else no_fixes()


def _mode(text: str) -> str:
    lower = text.lower()
    return next((mode for mode, names in _MODES.items() if lower == mode or lower in names), "")


SOURCE = PatrolSource(Text("巡查记录表", "patrol logs"), TABLE_SUFFIXES, read, stream)
