"""Write what the demo office logged: tracks, the log, check-ins."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pyproj

from layers.demo.courses import CRS
from layers.demo.curves import Path as Line
from layers.demo.office import Declared, Office
from layers.demo.patrols import Track
from layers.demo.sheets import write_csv

BEIJING = timezone(timedelta(hours=8))
_TO_DEGREES = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
_GPX = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx version="1.1" creator="patrolmap demo" xmlns="http://www.topografix.com/GPX/1/1">\n'
    "<trk><name>{name}</name><trkseg>\n{points}\n</trkseg></trk>\n</gpx>\n"
)
_HEADER = ["巡查编号", "巡查人", "单位", "角色", "级别", "巡查方式", "巡查对象", "开始时间",
           "结束时间", "轨迹文件", "巡查结果"]  # fmt: skip
_CHECKIN = ["打卡编号", "巡查人", "级别", "巡查对象", "打卡时间", "经度", "纬度"]


def degrees(places: Line) -> Line:
    """Return longitude and latitude of places in the metric CRS."""
    return np.column_stack(_TO_DEGREES.transform(places[:, 0], places[:, 1]))


def write_logs(folder: Path, office: Office, tracks: Sequence[Track]) -> None:
    """Write a GPX file a track, the log of them with the declared patrols, and the check-ins."""
    (folder / "轨迹").mkdir(parents=True, exist_ok=True)
    lonlat = degrees(np.vstack([track.xy for track in tracks]))
    ends = np.cumsum([len(track.xy) for track in tracks])
    for track, places in zip(tracks, np.split(lonlat, ends[:-1]), strict=True):
        (folder / "轨迹" / track.name).write_text(_gpx(track, places), encoding="utf-8")
    rows = [_track_row(office, track) for track in tracks]
    rows += [_declared_row(office, number, row) for number, row in enumerate(office.declared, 1)]
    rows.sort(key=lambda row: (row[7], row[0]))
    write_csv(folder / "巡查记录.csv", _HEADER, rows, encoding="gbk")
    _write_checkins(folder / "打卡点.csv", office, tracks)


def _gpx(track: Track, places: Line) -> str:
    started = track.started.replace(tzinfo=BEIJING).astimezone(UTC)
    points = "\n".join(
        f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}">'
        f"<time>{started + timedelta(seconds=s):%Y-%m-%dT%H:%M:%SZ}</time></trkpt>"
        for (lon, lat), s in zip(places, track.seconds, strict=True)
    )
    return _GPX.format(name=escape(track.name.removesuffix(".gpx")), points=points)


def asset_text(office: Office, code: str) -> str:
    """Return the name the office writes in its logs, the code where two assets share the name."""
    name = office.town.course(code).name
    shared = sum(course.name == name for course in office.town.courses) > 1
    return code if shared else name


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _track_row(office: Office, track: Track) -> list[str]:
    outing, person = track.outing, track.outing.person
    return [
        f"XC{track.number:04d}", person.name, person.unit, outing.role, person.level, outing.mode,
        asset_text(office, outing.code), _clock(track.started), _clock(track.ended), track.name,
        outing.result,
    ]  # fmt: skip


def _declared_row(office: Office, number: int, row: Declared) -> list[str]:
    started = datetime.combine(row.on, row.at)
    person = row.person
    return [
        f"SB{number:04d}", person.name, person.unit, row.role, person.level, "步行",
        asset_text(office, row.code), _clock(started),
        _clock(started + timedelta(minutes=row.minutes)), "", row.result,
    ]  # fmt: skip


def _write_checkins(path: Path, office: Office, tracks: Sequence[Track]) -> None:
    """Write a check-in at the dam for every third patrol of a reservoir, ten minutes after it."""
    rows = []
    shores = [t for t in tracks if office.town.course(t.outing.code).kind == "reservoir"]
    for number, track in enumerate(shores[::3], start=1):
        lon, lat = degrees(track.xy[-1:])[0]
        person = track.outing.person
        at = track.ended + timedelta(minutes=10)
        rows.append(
            [f"DK{number:04d}", person.name, person.level, asset_text(office, track.outing.code),
             _clock(at), f"{lon:.6f}", f"{lat:.6f}"]
        )  # fmt: skip
    write_csv(path, _CHECKIN, rows, encoding="utf-8-sig")
