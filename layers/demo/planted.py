"""Plant the faults of the demo office, one function a fault.

A plant takes the faultless office, changes rows, signs or outings, and returns the changed office
with the findings that follow. To add one, write its function and put it in `PLANTS`; everything
not planted is meant to be clean.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time
from typing import TypeVar

import numpy as np
import shapely

from layers.demo.borders import COUNTY, NEIGHBOUR
from layers.demo.courses import Course
from layers.demo.office import Declared, LongRow, Office, Outing, RiverRow, chainage_text
from layers.demo.people import Person
from layers.demo.roads import BESIDE_M
from layers.demo.waters import ALONG_ROAD, CROSSING, MAIN


@dataclass(frozen=True)
class Fault:
    """A finding the program must make; without a stretch `from_m` and `to_m` are NaN.

    `asset` and `code` name the course; `tolerance_m` is how far the found ends may be off; `level`
    is county, town or village, '' where the fault is not about one.
    """

    rule: str
    asset: str
    code: str
    note: str
    from_m: float = float("nan")
    to_m: float = float("nan")
    side: str = ""
    level: str = ""
    tolerance_m: float = 1.0


Planting = tuple[Office, list[Fault]]

Row = TypeVar("Row")

# Between two patrols a walker's ends are known to some tens of metres.
_WALKED_M = 60.0


def plant(office: Office) -> Planting:
    """Return the office with every fault planted, and the faults."""
    faults: list[Fault] = []
    for fault in PLANTS:
        office, found = fault(office)
        faults += found
    return office, faults


def missing_row(office: Office) -> Planting:
    """Lose the last row of a stream: nobody below the county answers in that village."""
    row = _last_row(office, "330999B007")
    note = f"责任表漏列双塘溪{row.village}一行,该段镇、村两级均无河长"
    faults = _stretches(office, "unassigned", row, "town", note)
    faults += _stretches(office, "unassigned", row, "village", note)
    return replace(office, river_rows=_without(office.river_rows, row)), faults


def vacant_post(office: Office) -> Planting:
    """Leave a village post empty."""
    row = _last_row(office, "330999B005")
    empty = replace(row, holder=None, note="原河长调离")
    faults = _stretches(office, "vacant", row, "village", f"石门溪{row.village}村级河长写“空缺”")
    faults += _stretches(office, "unassigned", row, "village", "岗位空缺,该段村级无人负责")
    return replace(office, river_rows=_swap(office.river_rows, row, empty)), faults


def road_gap(office: Office) -> Planting:
    """Begin the second road chief 620 m after the first ends."""
    return _shift_second_chief(office, "Y032", 620.0, "unassigned", "沙梅线两位路长之间620米未分配")


def road_hole(office: Office) -> Planting:
    """Begin the second road chief 40 m after the first ends: a slip of the table."""
    return _shift_second_chief(office, "X204", 40.0, "hole", "清青线两段桩号之间漏40米")


def one_bank(office: Office) -> Planting:
    """End the keeper of the right bank early."""
    canal = office.town.course("330999D002")
    bank = [r for r in office.canal_rows if r.code == canal.code and r.side == "右岸"]
    rows = office.canal_rows
    for row in bank:
        if _metres(row.from_text) >= 1100.0:
            rows = _without(rows, row)
        elif _metres(row.to_text) > 1100.0:
            rows = _swap(rows, row, replace(row, to_text="K1+100"))
    fault = Fault("unassigned", canal.name, canal.code, "西干渠右岸K1+100以下无渠长,左岸有", 1100.0,
                  canal.length_m, "R", "village")  # fmt: skip
    return replace(office, canal_rows=rows), [fault]


def expired_post(office: Office) -> Planting:
    """Let a term end in August without a successor."""
    row = _road_row(office, "C112")
    road = office.town.course(row.code)
    ended = replace(row, until_on=date(2026, 8, 31), note="任期届满")
    ((start, end),) = road.inside(office.town.area(row.village).polygon)
    faults = [
        Fault(rule, road.name, road.code, note, start, end, "", "village")
        for rule, note in (
            ("expired", f"竹桥路{row.village}段路长任期至2026-08-31,无接任"),
            ("unassigned", f"竹桥路{row.village}段路长任期届满,无人负责"),
        )
    ]
    return replace(office, road_rows=_swap(office.road_rows, row, ended)), faults


def overlap(office: Office) -> Planting:
    """Appoint a new village chief on 700 m without taking the old one off the list."""
    river = office.town.course("330999B003")
    second = office.staff.village["梅坞村"][1]
    row = LongRow(river.name, river.code, "河长", "村级", second, from_text="K0+600",
                  to_text="K1+300", from_on=date(2026, 8, 1), note="调整后总表未更新")  # fmt: skip
    fault = Fault("overlap", river.name, river.code, "调整表新任村级河长,责任表旧任未撤,两人重叠",
                  600.0, 1300.0, "B", "village")  # fmt: skip
    return replace(office, change_rows=(*office.change_rows, row)), [fault]


def crosses_boundary(office: Office) -> Planting:
    """Give one county chief both sides of the county boundary."""
    river = office.town.course(CROSSING)
    here = next(r.county for r in office.river_rows if r.code == CROSSING and r.village)
    rows = tuple(
        replace(row, county=here) if row.code == CROSSING else row for row in office.river_rows
    )
    fault = Fault("crosses_boundary", river.name, river.code,
                  f"白石溪跨{NEIGHBOUR}、{COUNTY}两县,县级河长为同一人", 0.0, river.length_m, "",
                  "county")  # fmt: skip
    return replace(office, river_rows=rows), [fault]


def unmatched_name(office: Office) -> Planting:
    """Name a river that no layer holds."""
    like = _last_row(office, "330999C001")
    ghost = replace(like, name="柳浪泾", code="", note="")
    fault = Fault("unmatched_duty", "柳浪泾", "", "责任表有柳浪泾,图层中没有这条河")
    return replace(office, river_rows=(*office.river_rows, ghost)), [fault]


def ambiguous_name(office: Office) -> Planting:
    """Write a name two rivers share, without code or village."""
    row = _last_row(office, "330999C002")
    bare = replace(row, code="", village="")
    faults = [Fault("ambiguous_duty", row.name, "", "镇内有两条新开河,此行未写编码和村名")]
    note = f"因重名行无法落图,{row.village}新开河无人负责"
    faults += _stretches(office, "unassigned", row, "town", note)
    faults += _stretches(office, "unassigned", row, "village", note)
    return replace(office, river_rows=_swap(office.river_rows, row, bare)), faults


def reversed_row(office: Office) -> Planting:
    """Add a row from > to; its metres are held by the row above it."""
    row = replace(_road_row(office, "Y046"), from_text="K1+500", to_text="K0+900", note="旧表抄录")
    fault = Fault("duty_row_fault", row.asset, row.code, "竹双线一行起点桩号大于止点桩号")
    return replace(office, road_rows=(*office.road_rows, row)), [fault]


def beyond_the_end(office: Office) -> Planting:
    """Add a row far beyond the end of its road."""
    row = replace(_road_row(office, "Y015"), from_text="K20+000", to_text="K21+000", note="旧里程")
    fault = Fault("duty_row_fault", row.asset, row.code, "桃石线全长约5.2公里,此行写K20以后")
    return replace(office, road_rows=(*office.road_rows, row)), [fault]


def unlisted_road(office: Office) -> Planting:
    """Leave a road of the layer out of the table."""
    row = _road_row(office, "C168")
    return (
        replace(office, road_rows=_without(office.road_rows, row)),
        _unlisted(_course(office, row), "双塘机耕路在路网图层中,路长名单没有"),
    )


def unlisted_pond(office: Office) -> Planting:
    """Leave a pond of the layer out of the table."""
    row = next(row for row in office.water_rows if row.asset == "洗马塘")
    return (
        replace(office, water_rows=_without(office.water_rows, row)),
        _unlisted(_course(office, row), "洗马塘在图层中,责任人名单没有"),
    )


def missing_sign(office: Office) -> Planting:
    """Take away the sign of the main river in one village."""
    river, village = office.town.course(MAIN), office.town.area("大桥村")
    signs = [p for p in office.town.parts if p.part == "公示牌" and p.asset == MAIN]
    gone = next(sign for sign in signs if village.polygon.contains(shapely.Point(sign.point)))
    parts = tuple(part for part in office.town.parts if part is not gone)
    from_m, to_m = max(river.inside(village.polygon), key=_length)
    fault = Fault("sign_missing", river.name, MAIN, "青溪大桥村段无河长公示牌", from_m, to_m)
    return replace(office, town=replace(office.town, parts=parts)), [fault]


def parallel_road(office: Office) -> Planting:
    """See a stream only from a car on the road 22 m from its bank: nobody can tell, so unsure."""
    river, road = office.town.course(ALONG_ROAD), office.town.course("Y021")
    chainage = np.arange(0.0, river.length_m, 5.0)
    away = shapely.distance(shapely.points(river.points(chainage)), road.line)
    near = chainage[np.abs(away - river.width_m / 2 - BESIDE_M) < 3.0]
    from_m, to_m = float(near.min()) + 60.0, float(near.max()) - 60.0
    leader = next(row.town for row in office.river_rows if row.code == ALONG_ROAD)
    drives = tuple(
        Outing(leader, "河长", "汽车", road.code, -40.0, road.length_m * 0.6, day, time(15, 10),
               1.5, back=True, result="沿柳荷线驾车查看柳溪,未发现问题")
        for day in (date(2026, 8, 12), date(2026, 9, 16))
    )  # fmt: skip
    office = office.sparing(river.code, from_m, to_m)
    fault = Fault("never_seen", river.name, river.code,
                  "该段只有柳荷线上的车载轨迹(距岸22米),分不清在路上还是在岸边,只能存疑",
                  from_m, to_m, tolerance_m=_WALKED_M)  # fmt: skip
    return replace(office, outings=(*office.outings, *drives)), [fault]


def only_declared(office: Office) -> Planting:
    """See an upper reach never: some crossed its bridge, some only say that they were there."""
    river, to_m = office.town.course("330999B004"), 1300.0
    chief = office.staff.village["石门村"][0]
    told = tuple(
        Declared(chief, "河长", river.code, day, time(14, 30), 45, "上游段巡查,未发现问题")
        for day in (date(2026, 7, 22), date(2026, 8, 19), date(2026, 9, 23))
    )
    office = office.sparing(river.code, -40.0, to_m)
    office = _over_the_bridge(office, river, chief, to_m)
    fault = Fault("never_seen", river.name, river.code, "上游段只有口头申报和过桥轨迹,没有沿河轨迹",
                  0.0, to_m, tolerance_m=_WALKED_M)  # fmt: skip
    return replace(office, declared=(*office.declared, *told)), [fault]


def no_signal(office: Office) -> Planting:
    """Lose every phone in one gorge: what was not logged is not credited."""
    river, silent = office.town.course("330999B007"), (1250.0, 1790.0)
    office = office.with_outings(
        lambda outing: replace(outing, silent_m=silent) if outing.code == river.code else outing
    )
    fault = Fault("never_seen", river.name, river.code, "峡谷无信号,历次轨迹都在此中断约7分钟",
                  *silent, tolerance_m=_WALKED_M)  # fmt: skip
    return office, [fault]


def overdue_village(office: Office) -> Planting:
    """Stop the village patrols of a stream in August."""
    river = office.town.course("330999B005")
    to_m = river.inside(office.town.area("石门村").polygon)[-1][1]
    office = office.sparing(river.code, -40.0, to_m, level="村级", since=date(2026, 8, 20))
    return office, [
        Fault("overdue", river.name, river.code, "石门村段村级河长8月20日后未巡,应15天一次", 0.0,
              to_m, "", "village", _WALKED_M)
    ]  # fmt: skip


def overdue_town(office: Office) -> Planting:
    """Stop the town's patrols of a stream; its chief's phone lay in the office instead."""
    river = office.town.course("330999B003")
    office = office.sparing(
        river.code, -40.0, river.length_m + 40.0, level="镇级", since=date(2026, 8, 10)
    )
    leader = next(row.town for row in office.river_rows if row.code == river.code)
    lying = Outing(leader, "河长", "步行", river.code, 1500.0, 1500.0, date(2026, 9, 10),
                   time(9, 0), aside_m=-330.0, result="未发现问题")  # fmt: skip
    fault = Fault("overdue", river.name, river.code,
                  "镇级河长8月10日后未巡,应30天一次;9月10日的轨迹是手机静置漂移", 0.0,
                  river.length_m, "", "town", _WALKED_M)  # fmt: skip
    return replace(office, outings=(*office.outings, lying)), [fault]


def overdue_reservoir(office: Office) -> Planting:
    """Stop the patrols of a reservoir in September."""
    return _stopped(office, "330999R003", date(2026, 9, 1), "村级",
                    "石门水库9月以来未巡,小(2)型应15天一次")  # fmt: skip


def overdue_road(office: Office) -> Planting:
    """Stop the patrols of a village road in August."""
    return _stopped(office, "C121", date(2026, 8, 12), "", "东荷路8月12日后未巡,应30天一次")


PLANTS: tuple[Callable[[Office], Planting], ...] = (
    missing_row,
    vacant_post,
    road_gap,
    road_hole,
    one_bank,
    expired_post,
    overlap,
    crosses_boundary,
    unmatched_name,
    ambiguous_name,
    reversed_row,
    beyond_the_end,
    unlisted_road,
    unlisted_pond,
    missing_sign,
    parallel_road,
    only_declared,
    no_signal,
    overdue_village,
    overdue_town,
    overdue_reservoir,
    overdue_road,
)


def _shift_second_chief(office: Office, code: str, gap_m: float, rule: str, note: str) -> Planting:
    first, second = [row for row in office.road_rows if row.code == code][:2]
    road = office.town.course(code)
    from_m = _metres(first.to_text)
    later = replace(second, from_text=chainage_text(from_m + gap_m))
    fault = Fault(rule, road.name, road.code, note, from_m, from_m + gap_m, "", "town")
    return replace(office, road_rows=_swap(office.road_rows, second, later)), [fault]


def _stopped(office: Office, code: str, since: date, level: str, note: str) -> Planting:
    course = office.town.course(code)
    office = office.sparing(code, -60.0, course.length_m + 60.0, level=level, since=since)
    asked = {"村级": "village"}.get(level, "")
    fault = Fault("overdue", course.name, code, note, 0.0, course.length_m, "", asked, _WALKED_M)
    return office, [fault]


def _unlisted(course: Course, note: str) -> list[Fault]:
    return [
        Fault("unlisted_asset", course.name, course.code, note),
        Fault("unassigned", course.name, course.code, note, 0.0, course.length_m, "", "village"),
    ]


def _over_the_bridge(office: Office, river: Course, walker: Person, to_m: float) -> Office:
    """Return the office with one short walk over each bridge of the upper reach."""
    walks = []
    for road in office.town.of_kind("road"):
        for point in shapely.get_coordinates(shapely.intersection(road.line, river.line)):
            if river.chainage(point) > to_m:
                continue
            here = road.chainage(point)
            walks.append(
                Outing(walker, "河长", "步行", river.code, here - 260.0, here + 260.0,
                       date(2026, 9, 8), time(16, 0), 2.0, back=True, along=road.code)
            )  # fmt: skip
    return replace(office, outings=(*office.outings, *walks))


def _runs(office: Office, river: Course, row: RiverRow) -> list[tuple[float, float]]:
    return river.inside(office.town.area(row.village).polygon)


def _length(run: tuple[float, float]) -> float:
    return run[1] - run[0]


def _stretches(office: Office, rule: str, row: RiverRow, level: str, note: str) -> list[Fault]:
    river = office.town.course(row.code)
    return [
        Fault(rule, river.name, river.code, note, from_m, to_m, "", level)
        for from_m, to_m in _runs(office, river, row)
    ]


def _metres(text: str) -> float:
    kilometres, rest = text.removeprefix("K").split("+")
    return int(kilometres) * 1000 + float(rest)


def _course(office: Office, row: RiverRow | LongRow) -> Course:
    return office.town.course(row.code)


def _last_row(office: Office, code: str) -> RiverRow:
    """Return the row of the lowest village that holds more than 200 m of a river."""
    river = office.town.course(code)
    rows = [row for row in office.river_rows if row.code == code]
    return next(row for row in rows[::-1] if max(map(_length, _runs(office, river, row))) > 200.0)


def _road_row(office: Office, code: str) -> LongRow:
    return next(row for row in office.road_rows if row.code == code)


def _without(rows: tuple[Row, ...], row: Row) -> tuple[Row, ...]:
    return tuple(one for one in rows if one is not row)


def _swap(rows: tuple[Row, ...], old: Row, new: Row) -> tuple[Row, ...]:
    return tuple(new if one is old else one for one in rows)
