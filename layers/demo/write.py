"""Write the demo office into a folder: layers, tables, logs, problems, and the planted faults."""

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from layers.demo.duties import canal_rows, river_rows, road_rows, water_rows
from layers.demo.geodata import write_layers
from layers.demo.logs import write_logs
from layers.demo.office import Office
from layers.demo.patrols import CADENCES, Track, plan_declared, plan_outings, walk, with_jumps
from layers.demo.people import hire
from layers.demo.planted import Fault, plant
from layers.demo.problems import write_problems
from layers.demo.sheets import write_csv, write_tables
from layers.demo.town import build_town
from layers.faults import PatrolmapError

AS_OF = date(2026, 9, 30)

# What must have a holder: kind, class, level, role; '' for any.
_REQUIRED = (
    ("river", "干流", "county", "河长"),
    ("river", "", "town", "河长"),
    ("river", "", "village", "河长"),
    ("canal", "", "village", "渠长"),
    ("road", "县道", "town", "路长"),
    ("road", "乡道", "town", "路长"),
    ("road", "村道", "village", "路长"),
    ("reservoir", "", "town", "行政责任人"),
    ("reservoir", "", "town", "技术责任人"),
    ("reservoir", "", "village", "巡查责任人"),
    ("pond", "", "village", "塘长"),
)
# Who goes out on patrol routes: from a village office and back, over the whole town.
_CREW_HEADER = ("班组", "起点", "交通方式", "工时", "出发时间", "工作日", "责任区")
_CREWS = (
    ("一组", "青禾社区", "摩托车", "6", "08:30", "一二三四五", "全部"),
    ("二组", "柳溪村", "电动车", "6", "08:30", "一二三四五", "全部"),
)
_LEVELS = {"镇级": "town", "村级": "village", "": ""}


@dataclass(frozen=True)
class Planted:
    """What was written: the faults as in `.planted.csv`, the day to judge on, the office itself."""

    faults: tuple[Fault, ...]
    as_of: date
    office: Office
    tracks: tuple[Track, ...]


def write_office(folder: Path, *, seed: int = 20260930) -> Planted:
    """Write a demo office into `folder`, made if needed; the same seed gives the same bytes.

    Tracks of an earlier demo office there are taken away; a folder that holds anything else is
    refused with `PatrolmapError`.
    """
    _clear(folder)
    office, faults = build_office(seed)
    tracks = walk(office, np.random.default_rng([seed, 2]))
    tracks = with_jumps(tracks, np.random.default_rng([seed, 4]))
    folder.mkdir(parents=True, exist_ok=True)
    write_layers(folder, office.town)
    write_tables(folder / "责任", office)
    write_logs(folder / "patrols", office, tracks)
    write_problems(folder / "problems.csv", office, np.random.default_rng([seed, 3]))
    write_csv(folder / "班组.csv", _CREW_HEADER, _CREWS, encoding="utf-8-sig")
    (folder / "patrolmap.toml").write_text(_toml(), encoding="utf-8")
    _write_planted(folder / ".planted.csv", faults)
    return Planted(tuple(faults), AS_OF, office, tuple(tracks))


def _clear(folder: Path) -> None:
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not (folder / ".planted.csv").is_file():
        msg = (
            f"{folder}: wanted a new or empty folder, or an earlier demo; "
            "came a folder with other files; name another"
        )
        raise PatrolmapError(msg)
    for track in (folder / "patrols" / "轨迹").glob("*.gpx"):
        track.unlink()


def build_office(seed: int) -> tuple[Office, list[Fault]]:
    """Return the office of a seed with its faults planted, and the faults."""
    rng = np.random.default_rng([seed, 0])
    town, staff = build_town(rng), hire(rng)
    plans = np.random.default_rng([seed, 1])
    return plant(
        Office(
            town=town,
            staff=staff,
            as_of=AS_OF,
            river_rows=river_rows(town, staff),
            canal_rows=canal_rows(town, staff),
            road_rows=road_rows(town, staff),
            water_rows=water_rows(town, staff),
            change_rows=(),
            outings=plan_outings(town, staff, AS_OF, plans),
            declared=plan_declared(town, staff, AS_OF, plans),
        )
    )


def _toml() -> str:
    lines = [
        "# 青禾镇演示数据:镇名、人名、电话均为虚构。",
        "# 巡查记录止于2026年9月30日,以这一天为准判断是否逾期。",
        f"as_of = {AS_OF}",
        'language = "zh"',
        'time_zone = "Asia/Shanghai"',
        "",
        "# 地图页的标题、落款和监督电话。",
        "[page]",
        'title = "青禾镇责任与巡查一张图"',
        'office = "青禾镇河长办(演示)"',
        'phone = "0570-0000000"',
        "",
        "# 哪类对象必须有哪级、哪种责任人。",
    ]
    for kind, grade, level, role in _REQUIRED:
        lines += ["[[required]]", f'kind = "{kind}"']
        lines += [f'grade = "{grade}"'] if grade else []
        lines += [f'level = "{level}"', f'role = "{role}"', ""]
    lines.append("# 多少天至少巡查一次。")
    for kind, grade, level, days in CADENCES:
        lines += ["[[cadence]]", f'kind = "{kind}"']
        lines += [f'grade = "{grade}"'] if grade else []
        lines += [f'level = "{_LEVELS[level]}"'] if level else []
        lines += [f"every_days = {days}", ""]
    return "\n".join(lines)


def _write_planted(path: Path, faults: list[Fault]) -> None:
    header = ["rule", "asset", "course_hint", "from_m", "to_m", "side", "level", "tolerance_m",
              "note"]  # fmt: skip
    rows = []
    for fault in faults:
        ends = [_metres(fault.from_m), _metres(fault.to_m)]
        rest = [fault.side, fault.level, f"{fault.tolerance_m:g}", fault.note]
        rows.append([fault.rule, fault.asset, fault.code, *ends, *rest])
    write_csv(path, header, rows, encoding="utf-8-sig")


def _metres(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.3f}"
