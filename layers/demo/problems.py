"""Report the problems the demo office's patrols found."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from layers.demo.logs import asset_text, degrees
from layers.demo.office import Office, chainage_text
from layers.demo.patrols import FIRST_ON
from layers.demo.sheets import write_csv

_SEEN = {
    "river": (
        ("垃圾堆放", "岸边堆有生活垃圾约{n}平方米"),
        ("水质异常", "水体发黑,有异味"),
        ("乱占", "滩地种菜约{n}平方米"),
        ("排污口", "雨水口晴天出水"),
        ("水面漂浮物", "水葫芦约{n}平方米"),
    ),
    "canal": (("淤积", "渠底淤积约{n}厘米"), ("垃圾堆放", "渠边有农药包装物")),
    "road": (
        ("坑槽", "路面坑槽约{n}平方米"),
        ("边沟堵塞", "边沟淤塞约{n}米"),
        ("占道", "路肩堆放沙石"),
    ),
    "reservoir": (("坝坡杂草", "背水坡杂草丛生"), ("违规钓鱼", "库区{n}人垂钓")),
    "pond": (("水质异常", "塘水浑浊,有浮萍"),),
}
_STATUS = ("登记", "交办", "承办", "办结", "销号")
_HEADER = ["问题编号", "上报时间", "问题类别", "状态", "对象", "桩号", "经度", "纬度", "问题描述",
           "上报人", "处理单位", "办理期限", "销号日期"]  # fmt: skip


def write_problems(
    path: Path, office: Office, rng: np.random.Generator, *, count: int = 46
) -> None:
    """Write `count` problems: two thirds placed by position, one third by chainage only."""
    rows = [_problem(number, office, rng) for number in range(1, count + 1)]
    rows.sort(key=lambda row: row[1])
    write_csv(path, _HEADER, rows, encoding="utf-8-sig")


def _problem(number: int, office: Office, rng: np.random.Generator) -> list[str]:
    courses = office.town.courses
    lengths = np.array([course.length_m for course in courses])
    course = courses[rng.choice(len(courses), p=lengths / lengths.sum())]
    chainage = float(rng.uniform(0.03, 0.97) * course.length_m)
    days = (office.as_of - FIRST_ON).days
    reported = datetime.combine(FIRST_ON, datetime.min.time()) + timedelta(
        days=int(rng.integers(0, days)), minutes=int(rng.integers(8 * 60, 17 * 60))
    )
    age = (office.as_of - reported.date()).days
    # The older a problem, the further it has come; some stay where they are.
    stage = min(len(_STATUS) - 1, int(rng.integers(0, 3)) + age // 22)
    category, words = _SEEN[course.kind][rng.integers(len(_SEEN[course.kind]))]
    place = course.at(chainage)
    village = office.town.village_of(place)
    closed = reported.date() + timedelta(days=min(age, int(rng.integers(3, 15))))
    by_chainage = number % 3 == 0 and course.kind in ("river", "road")
    lon, lat = degrees(place[None, :] + rng.normal(0.0, 6.0, (1, 2)))[0]
    return [
        f"WT2026{number:04d}",
        f"{reported:%Y-%m-%d %H:%M}",
        category,
        _STATUS[stage],
        asset_text(office, course.code),
        chainage_text(round(chainage)) if by_chainage else "",
        "" if by_chainage else f"{lon:.6f}",
        "" if by_chainage else f"{lat:.6f}",
        words.format(n=int(rng.integers(2, 30))),
        office.staff.village[village][int(rng.integers(0, 3))].name,
        village,
        f"{reported.date() + timedelta(days=15)}",
        f"{closed}" if _STATUS[stage] == "销号" else "",
    ]
