"""The demo office: a town that holds together, tables that add up, faults that are really there."""

import csv
import hashlib
import re
from datetime import timedelta
from itertools import pairwise

import geopandas as gpd
import gpxpy
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.settings import TOLERANCES
from layers.demo.office import chainage_text
from layers.demo.patrols import CADENCES
from layers.demo.waters import ALONG_ROAD, CROSSING, MAIN
from layers.demo.write import AS_OF, build_office, write_office

LEVELS = {"town": "镇级", "village": "村级"}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, write_office(folder)


@pytest.fixture(scope="module", params=[20260930, 1, 2])
def town(request):
    return build_office(request.param)[0].town


def digests(folder):
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).digest() for p in files
    }


def test_a_seed_gives_the_same_bytes_and_another_seed_others(written, tmp_path):
    folder, _ = written
    write_office(tmp_path / "again")
    write_office(tmp_path / "other", seed=1)
    assert digests(folder) == digests(tmp_path / "again")
    assert digests(folder)["河流.shp"] != digests(tmp_path / "other")["河流.shp"]


def test_villages_tile_the_town(town):
    villages = [village.polygon for village in town.villages]
    whole = town.area("青禾镇").polygon
    assert len(villages) == 12
    assert shapely.is_valid(villages).all()
    assert sum(v.area for v in villages) == pytest.approx(whole.area, abs=1.0)
    pairs = [(a, b) for i, a in enumerate(villages) for b in villages[:i]]
    assert max(a.intersection(b).area for a, b in pairs) < 1.0
    assert shapely.union_all(villages).symmetric_difference(whole).area < 1.0


def test_the_town_is_a_town_in_size(town):
    west, south, east, north = town.area("青禾镇").polygon.bounds
    assert 7_000 < east - west < 10_000
    assert 5_000 < north - south < 8_000


def test_tributaries_end_on_a_vertex_of_another_river(town):
    rivers = town.of_kind("river")
    tributaries = [river for river in rivers if river.code != MAIN]
    assert len(tributaries) >= 6
    for river in tributaries:
        others = np.vstack([other.path for other in rivers if other is not river])
        assert np.hypot(*(others - river.path[-1]).T).min() == 0.0


def test_every_course_is_a_simple_line_in_the_town_and_clear_of_the_lakes(town):
    whole = town.area("青禾镇").polygon.buffer(1.0)
    assert shapely.is_simple([course.line for course in town.courses]).all()
    for course in town.courses:
        assert course.code == CROSSING or whole.covers(course.line), course.name
    waters = shapely.union_all([w.polygon for w in town.of_kind("reservoir", "pond")])
    for course in town.of_kind("river", "road"):
        assert course.line.intersection(waters).length < 1.0, course.name


def test_the_reach_only_declared_has_a_bridge_that_patrols_crossed(written):
    _, planted = written
    fault = next(f for f in planted.faults if "过桥" in f.note)
    river = planted.office.town.course(fault.code)
    walks = [o for o in planted.office.outings if o.code == fault.code and o.along]
    roads = [planted.office.town.course(walk.along) for walk in walks]
    places = [
        river.chainage(shapely.get_coordinates(r.line.intersection(river.line))[0]) for r in roads
    ]
    assert any(fault.from_m < place < fault.to_m for place in places)


def test_one_river_crosses_the_county_boundary(town):
    beyond = town.area("云陂县").polygon
    crossing = [r.code for r in town.of_kind("river") if r.inside(beyond)]
    assert crossing == [CROSSING]
    assert all(b - a > 1000.0 for a, b in town.course(CROSSING).inside(beyond))


def test_parts_lie_on_their_reservoirs_and_signs_at_their_rivers(town):
    for part in town.parts:
        course = town.course(part.asset)
        away = shapely.distance(shapely.Point(part.point), course.line)
        assert away < (course.width_m / 2 + 12.0 if part.part == "公示牌" else 0.01), part.name
    works = {part.part for part in town.parts if part.asset.startswith("330999R")}
    assert works == {"大坝", "溢洪道", "放水洞"}


def test_a_road_runs_beside_a_river_for_1500_m(town):
    river, road = town.course(ALONG_ROAD), town.course("Y021")
    chainage = np.arange(0.0, river.length_m, 5.0)
    away = shapely.distance(shapely.points(river.points(chainage)), road.line)
    assert (np.abs(away - river.width_m / 2 - 22.0) < 2.0).sum() * 5.0 > 1500.0


def test_layers_read_back_with_what_was_drawn(written):
    folder, planted = written
    rivers = gpd.read_file(folder / "河流.shp", encoding="GBK")
    drawn = planted.office.town.of_kind("river")
    assert not (folder / "河流.cpg").exists()
    assert set(rivers["名称"]) == {river.name for river in drawn}
    assert rivers.length.sum() == pytest.approx(sum(r.line.length for r in drawn), abs=0.01)
    assert rivers.loc[rivers["编码"] == MAIN, "宽度"].tolist() == [28.0, 36.0, 46.0]
    assert len(gpd.read_file(folder / "areas.gpkg", layer="villages")) == 12
    roads = gpd.read_file(folder / "roads.geojson").to_crs(4549)
    assert set(roads["等级"]) == {"县道", "乡道", "村道"}
    assert roads.length.sum() == pytest.approx(
        sum(r.line.length for r in planted.office.town.of_kind("road")), abs=0.01
    )


def test_the_river_table_has_a_title_two_header_rows_and_merged_names(written):
    folder, _ = written
    sheet = openpyxl.load_workbook(folder / "责任" / "责任表.xlsx").active
    merged = {str(block) for block in sheet.merged_cells.ranges}
    assert "A1:O1" in merged
    assert "A4:A8" in merged
    assert [sheet.cell(2, c).value for c in (1, 6, 9, 12)] == [
        "河流名称", "县级河长", "镇级河长", "村级河长",
    ]  # fmt: skip
    assert [sheet.cell(3, c).value for c in (6, 7, 8)] == ["姓名", "职务", "电话"]
    first = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
    assert first[-2] == "合计"
    assert first[-1].startswith("备注")


def test_chainages_are_written_as_an_office_writes_them_and_never_beyond_the_end(written):
    folder, planted = written
    table = pd.read_csv(folder / "责任" / "路长名单.csv", encoding="gbk", dtype=str).fillna("")
    lengths = {c.code: c.length_m for c in planted.office.town.courses}
    stretches = table[table["起点桩号"] != ""]
    assert len(stretches) >= 10
    for row in stretches.to_dict("records"):
        assert re.fullmatch(r"K\d+\+\d{3}(\.\d)?", row["终点桩号"])
        kilometres, metres = row["终点桩号"][1:].split("+")
        end_m = int(kilometres) * 1000 + float(metres)
        assert end_m <= lengths[row["路线编码"]] or row["备注"] == "旧里程"
    assert chainage_text(0.0) == "K0+000"


def test_tables_in_gbk_are_gbk_and_not_utf8(written):
    folder, _ = written
    raw = (folder / "责任" / "路长名单.csv").read_bytes()
    assert "路长" in raw.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_every_track_parses_and_stands_in_the_log(written):
    folder, planted = written
    log = pd.read_csv(folder / "patrols" / "巡查记录.csv", encoding="gbk", dtype=str).fillna("")
    files = {path.name: path for path in (folder / "patrols" / "轨迹").iterdir()}
    assert set(log.loc[log["轨迹文件"] != "", "轨迹文件"]) == set(files)
    assert (log["轨迹文件"] == "").sum() >= 20
    assert sum(len(track.xy) for track in planted.tracks) < 150_000
    for track in planted.tracks[::25]:
        points = gpxpy.parse(files[track.name].read_text(encoding="utf-8")).tracks[0].segments[0]
        assert len(points.points) == len(track.xy)
        times = [point.time for point in points.points]
        assert times == sorted(times)
        assert (times[0] + timedelta(hours=8)).replace(tzinfo=None) == track.started


def test_nobody_is_in_two_places_at_once(written):
    _, planted = written
    spans = {}
    for track in planted.tracks:
        spans.setdefault(track.outing.person.name, []).append((track.started, track.ended))
    for times in spans.values():
        times.sort()
        assert all(a[1] < b[0] for a, b in pairwise(times))


def test_walkers_stay_within_what_is_sure(written):
    _, planted = written
    for track in planted.tracks:
        outing = track.outing
        course = planted.office.town.course(outing.along or outing.code)
        if outing.from_m == outing.to_m:
            continue
        on_the_way = shapely.distance(shapely.points(track.xy), course.line)
        half = course.width_m / 2 if course.kind in ("river", "canal") else 0.0
        sure = TOLERANCES[course.kind].sure_m + half
        # A walker's start and end lie up to 40 m beyond the ends of the line.
        ends = np.minimum(
            np.hypot(*(track.xy - course.path[0]).T), np.hypot(*(track.xy - course.path[-1]).T)
        )
        assert ((on_the_way < sure) | (ends < 70.0)).mean() > 0.985, track.name


def test_what_is_not_planted_is_seen_in_time_by_the_level_its_rule_asks(written):
    _, planted = written
    office = planted.office
    faults = [f for f in planted.faults if f.rule in ("never_seen", "overdue")]
    for kind, grade, level, days in CADENCES:
        since = AS_OF - timedelta(days=days)
        for course in office.town.of_kind(kind):
            if grade not in ("", course.grade):
                continue
            seen = [
                walked
                for outing in office.outings
                if (outing.along or outing.code) == course.code == outing.code
                and level in ("", outing.person.level)
                and outing.on > since
                for walked in _heard(outing)
            ]
            known = [
                (f.from_m, f.to_m)
                for f in faults
                if f.code == course.code and LEVELS.get(f.level, level) == level
            ]
            assert _gaps([*seen, *known], course.length_m) == [], (course.name, level)


def test_what_is_planted_as_overdue_was_seen_once_and_what_is_never_seen_was_not(written):
    _, planted = written
    limits = {(kind, level): days for kind, _, level, days in CADENCES}
    for fault in planted.faults:
        if fault.rule not in ("overdue", "never_seen"):
            continue
        middle = (fault.from_m + fault.to_m) / 2
        level = LEVELS.get(fault.level, "")
        days = [
            outing.on
            for outing in planted.office.outings
            if (outing.along or outing.code) == fault.code and outing.from_m != outing.to_m
            and level in ("", outing.person.level)
            and any(a < middle < b for a, b in _heard(outing))
        ]  # fmt: skip
        assert bool(days) == (fault.rule == "overdue"), fault.note
        if days:
            kind = planted.office.town.course(fault.code).kind
            every = limits.get((kind, level), 15)
            assert max(days) < AS_OF - timedelta(days=every), fault.note


def _heard(outing):
    if not outing.silent_m:
        return [(outing.from_m, outing.to_m)]
    a, b = outing.silent_m
    return [
        span
        for span in ((outing.from_m, min(a, outing.to_m)), (max(b, outing.from_m), outing.to_m))
        if span[1] > span[0]
    ]


def _gaps(spans, length_m):
    reached, gaps = 0.0, []
    for from_m, to_m in sorted(spans):
        if from_m > reached + 1.0:
            gaps.append((reached, from_m))
        reached = max(reached, to_m)
    return gaps + ([(reached, length_m)] if reached < length_m - 1.0 else [])


def test_the_phone_left_in_the_office_is_near_nothing(written):
    _, planted = written
    still = [t for t in planted.tracks if t.outing.from_m == t.outing.to_m]
    lines = shapely.multilinestrings([c.line for c in planted.office.town.courses])
    assert len(still) == 1
    assert shapely.distance(shapely.points(still[0].xy), lines).min() > 110.0


def test_planted_faults_are_on_their_courses_and_listed_in_one_file(written):
    folder, planted = written
    with (folder / ".planted.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["rule"] for row in rows] == [fault.rule for fault in planted.faults]
    courses = {course.code: course for course in planted.office.town.courses}
    for fault in planted.faults:
        assert fault.note
        assert fault.code in courses or fault.rule in ("unmatched_duty", "ambiguous_duty")
        if fault.from_m == fault.from_m:
            assert 0.0 <= fault.from_m < fault.to_m <= courses[fault.code].length_m
