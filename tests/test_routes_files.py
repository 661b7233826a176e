"""What a crew takes along opens elsewhere: GPX in two readers, KML, a page, an Excel file."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import fiona
import gpxpy
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import segno
import shapely

from geo.dispatch import Dispatched
from maps.gpx import degrees, write_gpx, write_kml
from maps.navigation import PRINTED, links
from maps.route_files import write_routes
from maps.routes import plan_table, stems
from maps.sketch import sketch
from maps.steps import step_list
from tests.test_routes import crew, errands, planned, town


@pytest.fixture(scope="module")
def office():
    courses, lines = town()
    wanted = errands(
        {"course_id": "river", "from_m": 0.0, "to_m": 900.0, "side": "R", "why": "=1+1"},
        {
            "course_id": "north",
            "from_m": 3000.0,
            "to_m": 3000.0,
            "minutes": 5.0,
            "why": "<b>坏</b>",
        },
        {"course_id": "nowhere", "from_m": 0.0, "to_m": 10.0, "why": "=cmd()"},
    )
    _, found = planned(courses, lines, wanted, [crew(name="甲/组 <1>")])
    return courses, Dispatched(found, wanted, pd.Timestamp("2026-10-01"))


def test_two_readers_find_the_same_points_in_order(office, tmp_path):
    found = office[1].planned
    write_gpx(found.routes, tmp_path / "r.gpx", title="甲")
    wanted = np.concatenate(degrees(found.routes))
    read = gpxpy.parse((tmp_path / "r.gpx").read_text("utf-8"))
    first = np.array([(p.longitude, p.latitude) for p in read.tracks[0].segments[0].points])
    meta, _, shapes, _ = pyogrio.raw.read(tmp_path / "r.gpx", layer="track_points")
    del meta
    second = shapely.get_coordinates(shapely.from_wkb(shapes))
    assert np.allclose(first, second, atol=1e-7)
    assert np.allclose(first[[0, -1]], wanted[[0, -1]], atol=1e-6)
    assert [w.name for w in read.waypoints] == [f"{n:03d}" for n in found.routes["order"]]


def test_legs_join_end_to_start(office):
    found = office[1].planned
    points = degrees(found.routes)
    for before, after in pairwise(points):
        metres = np.hypot(*((after[0] - before[-1]) * 111_000))
        assert metres < 1.0


def test_a_kml_holds_the_track_and_the_numbers(office, tmp_path):
    found = office[1].planned
    write_kml(found.routes, tmp_path / "r.kml", title="甲")
    root = ET.parse(tmp_path / "r.kml").getroot()
    space = {"k": "http://www.opengis.net/kml/2.2"}
    assert len(root.findall(".//k:Point", space)) == len(found.routes)
    assert len(root.find(".//k:LineString/k:coordinates", space).text.split()) > 5


def test_two_readers_find_the_same_way_in_a_kml(office, tmp_path):
    route = office[1].planned.routes
    write_kml(route, tmp_path / "r.kml", title="甲 <&> 组")
    wanted = np.concatenate(degrees(route))
    with fiona.open(tmp_path / "r.kml", allow_unsupported_drivers=True) as layer:
        first = [f for f in layer if f.geometry.type == "LineString"]
        marks = [f for f in layer if f.geometry.type == "Point"]
    second = pyogrio.read_dataframe(tmp_path / "r.kml")
    ways = second[second.geom_type == "LineString"].geometry.to_numpy()
    assert len(first) == len(ways) == 1
    ours = np.array(first[0].geometry.coordinates)[:, :2]
    assert np.allclose(ours, shapely.get_coordinates(ways), atol=1e-9)
    assert np.allclose(ours[[0, -1]], wanted[[0, -1]], atol=1e-6)
    assert [f.properties["Name"] for f in marks] == [f"{n:03d}" for n in route["order"]]


def test_a_kml_keeps_the_order_its_schema_asks_for(office, tmp_path):
    # KML 2.2 is a sequence: name, then description, then the geometry; coordinates are lon,lat.
    write_kml(office[1].planned.routes, tmp_path / "r.kml", title="甲")
    space = "{http://www.opengis.net/kml/2.2}"
    document = ET.parse(tmp_path / "r.kml").getroot().find(f"{space}Document")
    for mark in document.findall(f"{space}Placemark"):
        tags = [child.tag.removeprefix(space) for child in mark]
        assert tags in (["name", "description", "Point"], ["name", "LineString"])
    text = document.find(f".//{space}Point/{space}coordinates").text
    assert [-180 <= float(text.split(",")[0]) <= 180, -90 <= float(text.split(",")[1]) <= 90] == [
        True, True,
    ]  # fmt: skip


def test_file_names_are_safe_and_never_the_same(office):
    routes = office[1].planned.routes
    names = ["甲/组", "甲\\组", "甲_组", "CON", "../../etc", "A" * 300, "a" * 300]
    every = pd.concat([routes.assign(crew=name) for name in names], ignore_index=True)
    found = list(stems(every).values())
    assert len({stem.casefold() for stem in found}) == len(names)
    assert all(re.fullmatch(r"[^/\\:*?\"<>|]{1,70}", stem) for stem in found)
    assert not any(stem.startswith(".") for stem in found)


def test_addresses_go_from_the_start_by_the_stops_to_the_end_in_each_apps_datum(office):
    route = office[1].planned.routes
    told = {app: urlsplit(address) for app, address in links(route, "zh").items()}
    asked = {app: {k: v[0] for k, v in parse_qs(url.query).items()} for app, url in told.items()}
    gcj, bd, wgs = (degrees(route, datum) for datum in ("gcj02", "bd09", "wgs84"))
    amap = asked["amap_app"]
    assert [float(amap["slon"]), float(amap["slat"])] == pytest.approx(gcj[0][0], abs=1e-6)
    assert [float(amap["dlon"]), float(amap["dlat"])] == pytest.approx(gcj[-1][-1], abs=1e-6)
    work = [k for k, kind in enumerate(route["kind"]) if kind != "deadhead"]
    via = zip(amap["vialons"].split("|"), amap["vialats"].split("|"), strict=True)
    assert [tuple(map(float, pair)) for pair in via] == [
        pytest.approx(tuple(gcj[k][0]), abs=1e-6) for k in work
    ]
    assert asked["amap"]["coordinate"] == "gaode"
    lat, lon = map(float, re.findall(r"latlng:([\d.]+),([\d.]+)", asked["baidu"]["origin"])[0])
    assert (lon, lat) == pytest.approx(tuple(bd[0][0]), abs=1e-6)
    assert told["geo"].path.split(",")[1] == f"{wgs[0][0][0]:.6f}"
    lat, lon = map(float, asked["tencent"]["fromcoord"].split(","))
    assert (lon, lat) == pytest.approx(tuple(gcj[0][0]), abs=1e-6)


def test_a_code_stays_small_enough_to_be_read_from_paper(office):
    route = office[1].planned.routes
    many = pd.concat([route] * 40, ignore_index=True)
    many = many.assign(order=np.arange(1, len(many) + 1))
    for address in links(many, "zh").values():
        assert segno.make(address, error="l", boost_error=False).version <= 25


def test_the_datum_of_chinese_apps_is_an_option(office):
    found = office[1].planned
    plain, shifted = degrees(found.routes)[0][0], degrees(found.routes, "gcj02")[0][0]
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(*plain, *shifted)
    assert 100 < metres < 1000


def test_all_files_are_written_and_the_same_twice(office, tmp_path):
    courses, made = office
    once = write_routes(made, courses, tmp_path / "a")
    again = write_routes(made, courses, tmp_path / "b")
    assert {path.suffix for path in once} == {".gpx", ".kml", ".html", ".xlsx"}
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def test_words_of_the_files_stay_words(office, tmp_path):
    courses, made = office
    write_routes(made, courses, tmp_path)
    page = (tmp_path / "steps.html").read_text("utf-8")
    assert "<b>坏</b>" not in page
    assert "&lt;b&gt;坏&lt;/b&gt;" in page
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", page)
    book = openpyxl.load_workbook(tmp_path / "roster.xlsx")
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=cmd()" in [cell.value for cell in cells]


def test_the_page_shows_each_leg_and_what_was_left_out(office):
    courses, made = office
    found = made.planned
    page = step_list(made, courses, language="zh")
    assert page.count("<tr class=") == len(found.routes)
    assert "没有路网" in page
    assert page.count("<svg") == 1 + len(PRINTED)
    assert "url(#a)" in sketch(found.routes, courses)


def test_the_terminal_says_it_in_a_few_lines(office):
    assert "第 1 天" in plan_table(office[1], "zh")
    assert "未排入 1 处" in plan_table(office[1], "zh")
