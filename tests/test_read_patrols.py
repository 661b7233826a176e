import gzip
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from worlds import every_fix

from geo.findings import declared
from layers.dates import days, days_after, instants
from layers.datum import from_wgs84
from layers.files import safe_name, whole
from layers.patrols.gpx import PLANNED
from layers.project import open_project
from layers.read import read
from layers.trips import PatrolSource

POINT = '<trkpt lat="{}" lon="{}">{}</trkpt>'
RIVER = shapely.LineString([(120.0, 28.0), (120.05, 28.0)])


def gpx(*points, zone="Z"):
    body = "".join(
        POINT.format(
            28, 120 + 0.0001 * i, f"<time>2024-04-07T00:30:{i:02d}{zone}</time>" if timed else ""
        )
        for i, timed in enumerate(points)
    )
    return (
        f'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{body}</trkseg></trk></gpx>'
    )


@pytest.fixture
def office(tmp_path):
    layer = gpd.GeoDataFrame({"名称": ["王家河"]}, geometry=[RIVER], crs=4326)
    pyogrio.write_dataframe(layer, tmp_path / "河流.gpkg")
    return tmp_path


def put(office, name, text, encoding="utf-8"):
    path = office / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return office


def rules(inputs):
    return inputs.rejects[["rule", "file", "row"]].to_numpy().tolist()


def test_a_track_keeps_its_utc_times_and_its_places_in_metres(office):
    inputs = read(open_project(put(office, "patrols/a.gpx", gpx(True, True))))
    assert inputs.patrols[["patrol_id", "grade", "row"]].to_numpy().tolist() == [
        ["patrols/a.gpx", "A", 0]
    ]
    assert inputs.patrols["started_at"][0] == pd.Timestamp("2024-04-07T00:30:00Z")
    step = np.hypot(*np.diff(every_fix(inputs)[["x_m", "y_m"]].to_numpy(), axis=0)[0])
    assert step == pytest.approx(9.83, abs=0.01)
    assert rules(inputs) == []


def test_times_without_a_zone_are_the_projects(office):
    inputs = read(open_project(put(office, "patrols/a.gpx", gpx(True, zone=""))))
    assert every_fix(inputs)["at"][0] == pd.Timestamp("2024-04-06T16:30:00Z")


def test_a_track_without_times_stays_and_is_told(office):
    inputs = read(open_project(put(office, "patrols/a.gpx", gpx(False, False))))
    assert every_fix(inputs)["at"].isna().tolist() == [True, True]
    assert rules(inputs) == [["no_times", "patrols/a.gpx", 1]]


def test_of_a_track_that_breaks_off_the_beginning_is_kept(office):
    inputs = read(open_project(put(office, "patrols/a.gpx", gpx(True, True)[:-30])))
    assert len(every_fix(inputs)) == 2
    assert rules(inputs) == [["broken_off", "patrols/a.gpx", 0]]
    # Everything that the parser says is English.
    assert "line" not in inputs.rejects["message"][0]


@pytest.mark.parametrize(
    "packed", [b"no archive", gzip.compress(b"<gpx/>", mtime=0)[:-9]], ids=["foreign", "cut off"]
)
def test_a_packed_track_that_cannot_be_unpacked_is_told(office, packed):
    (office / "轨迹.gpx.gz").write_bytes(packed)
    assert rules(read(open_project(office))) == [["bad_archive", "轨迹.gpx.gz", 0]]


def test_a_file_of_planned_routes_is_called_what_it_is(office):
    text = gpx(True, True).replace("trkpt", "rtept").replace("trkseg>", "rte>")
    inputs = read(open_project(put(office, "patrols/a.gpx", text.replace("trk>", "x>"))))
    assert rules(inputs) == [["only_routes", "patrols/a.gpx", 0]]
    assert "1 条" in inputs.rejects["message"][0]


def test_a_route_that_we_wrote_ourselves_is_no_patrol(office):
    text = gpx(False, False).replace("<gpx ", f'<gpx creator="{PLANNED}" ')
    inputs = read(open_project(put(office, "patrols/a.gpx", text)))
    assert (len(inputs.patrols), rules(inputs)) == (0, [["own_route", "patrols/a.gpx", 0]])


def test_entities_are_refused(office):
    bomb = '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + gpx(True)
    assert rules(read(open_project(put(office, "patrols/a.gpx", bomb)))) == [
        ["unsafe", "patrols/a.gpx", 0]
    ]


def test_a_gbk_track_is_read(office):
    text = '<?xml version="1.0" encoding="GB2312"?>' + gpx(True).replace(
        "<trk>", "<trk><name>王家河</name>"
    )
    assert len(every_fix(read(open_project(put(office, "patrols/a.gpx", text, "gbk"))))) == 1


def test_a_log_row_takes_the_track_it_names(office):
    put(office, "patrols/a.gpx", gpx(True, True))
    log = "巡查人员,开始时间,河流名称,轨迹文件,巡查结果\n张三,2024-04-07 08:00,王家河,A.gpx,正常\n李四,2024-04-07 9:00,王家河,,\n王五,2024.4.8,王家河,b.gpx,\n"
    inputs = read(open_project(put(office, "巡查/记录.csv", log, "gbk")))
    patrols = inputs.patrols.set_index("person")
    assert patrols["grade"].to_dict() == {"张三": "A", "李四": "C", "王五": "C"}
    assert patrols.loc["张三", "started_at"] == pd.Timestamp("2024-04-07T00:30:00Z")
    assert patrols.loc["李四", "started_at"] == pd.Timestamp("2024-04-07T01:00:00Z")
    assert every_fix(inputs)["patrol_id"].unique().tolist() == [patrols.loc["张三", "patrol_id"]]
    assert rules(inputs) == [["missing_track", "巡查/记录.csv", 4]]


def test_points_of_a_row_are_check_ins(office):
    log = "巡查人员,日期,开始时间,结束时间,河流,起点经度,起点纬度,终点经度,终点纬度\n张三,2024-04-07,8:00,9:30,王家河,120.001,28,120.002,28\n"
    inputs = read(open_project(put(office, "patrols.csv", log)))
    assert inputs.patrols["grade"].tolist() == ["B"]
    assert inputs.patrols["ended_at"][0] == pd.Timestamp("2024-04-07T01:30:00Z")
    assert every_fix(inputs)["point"].tolist() == ["checkin", "checkin"]


def fix_table(seconds, people="001"):
    at = pd.Timestamp("2024-04-07 08:00") + pd.to_timedelta(seconds, unit="s")
    rows = [f"28,{120 + i / 1e5},{t},{people}" for i, t in enumerate(at)]
    return "lat,lng,datetime,uid\n" + "\n".join(rows) + "\n"


def test_rows_of_fixes_become_a_patrol_a_person_and_day(office):
    text = fix_table([0, 5, 10, 86_400, 86_405])
    inputs = read(open_project(put(office, "patrols.txt", text)))
    assert inputs.patrols[["person", "grade"]].to_numpy().tolist() == [["001", "A"], ["001", "A"]]
    assert inputs.patrols["patrol_id"].tolist() == [
        "patrols.txt#001@2024-04-07",
        "patrols.txt#001@2024-04-08",
    ]
    assert every_fix(inputs).groupby("patrol_id").size().tolist() == [3, 2]


def test_far_apart_fixes_are_separate_points(office):
    inputs = read(open_project(put(office, "patrols.txt", fix_table([0, 1800, 3600]))))
    assert inputs.patrols["grade"].tolist() == ["B"]


def test_a_large_table_reads_as_a_small_one(office, monkeypatch):
    project = open_project(put(office, "patrols.txt", fix_table([0, 5, 10, 86_400, 90_000])))
    small = read(project)
    monkeypatch.setattr("layers.patrols.log._LARGE_BYTES", 0)
    large = read(project)
    pd.testing.assert_frame_equal(every_fix(small), every_fix(large))
    pd.testing.assert_frame_equal(small.patrols, large.patrols)


def test_a_track_in_gcj02_is_suspected_but_not_moved(office):
    lon, lat = from_wgs84(np.linspace(120, 120.05, 60), np.full(60, 28.0), "gcj02")
    points = "".join(
        POINT.format(y, x, f"<time>2024-04-07T00:{i:02d}:00Z</time>")
        for i, (x, y) in enumerate(zip(lon, lat, strict=True))
    )
    put(office, "patrols/a.gpx", f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    inputs = read(open_project(office))
    assert rules(inputs) == [["datum_suspect", "patrols/a.gpx", 0]]
    assert "gcj02" in inputs.rejects["message"][0]
    put(
        office,
        "patrolmap.toml",
        '[[source]]\npath="patrols/a.gpx"\nkind="patrols"\ndatum="gcj02"\n',
    )
    told = read(open_project(office))
    assert rules(told) == []
    moved = (
        every_fix(told)[["x_m", "y_m"]].to_numpy() - every_fix(inputs)[["x_m", "y_m"]].to_numpy()
    )
    assert np.hypot(*moved.T).min() > 300


def test_lines_with_times_are_tracks(office):
    lines = gpd.GeoDataFrame(
        {
            "巡查人员": ["张三"],
            "coordTimes": ['["2024-04-07T00:30:00Z", "2024-04-07T00:31:00Z"]'],
            "河流": ["王家河"],
        },
        geometry=[shapely.LineString([(120, 28), (120.001, 28)])],
        crs=4326,
    )
    pyogrio.write_dataframe(lines, office / "patrols.geojson")
    inputs = read(open_project(office))
    assert inputs.patrols[["person", "grade"]].to_numpy().tolist() == [["张三", "A"]]
    assert every_fix(inputs)["at"].notna().all()


def test_kml_tracks_are_read(office):
    text = (
        '<kml xmlns:gx="http://www.google.com/kml/ext/2.2"><Placemark><gx:Track>'
        "<when>2024-04-07T00:30:00Z</when><when>2024-04-07T00:30:05Z</when>"
        "<gx:coord>120 28 0</gx:coord><gx:coord>120.001 28 0</gx:coord></gx:Track></Placemark></kml>"
    )
    inputs = read(open_project(put(office, "patrols/a.kml", text)))
    assert (len(every_fix(inputs)), every_fix(inputs)["at"].notna().all(), rules(inputs)) == (
        2,
        True,
        [],
    )


@pytest.mark.parametrize("name", sorted(declared("layers.patrols", "SOURCE", PatrolSource)))
@pytest.mark.parametrize("raw", [b"", b"\x00\xff\x00", b"<gpx>", b"{}", b"a,b\n1,2\n"])
def test_no_format_raises_for_what_is_in_a_file(office, name, raw):
    suffix = declared("layers.patrols", "SOURCE", PatrolSource)[name].suffixes[0]
    (office / f"patrols{suffix}").write_bytes(raw)
    inputs = read(open_project(office))
    assert {file.split("[")[0] for file in inputs.rejects["file"]} == {f"patrols{suffix}"}


def test_a_time_among_an_apps_own_words_is_not_the_time_of_the_point(office):
    own = "<extensions><x:time>none</x:time><x:accuracy>5</x:accuracy></extensions></trkpt>"
    text = gpx(True, True).replace("</trkpt>", own).replace("<gpx ", '<gpx xmlns:x="x" ')
    inputs = read(open_project(put(office, "patrols/a.gpx", text)))
    assert every_fix(inputs)["at"].notna().all()
    assert every_fix(inputs)["accuracy_m"].tolist() == [5.0, 5.0]


def test_way_points_with_times_alone_are_a_patrol_of_check_ins(office):
    text = gpx(True, True).replace("trkpt", "wpt").replace("<trk>", "").replace("</trk>", "")
    inputs = read(open_project(put(office, "patrols/a.gpx", text)))
    assert inputs.patrols[["patrol_id", "grade"]].to_numpy().tolist() == [["patrols/a.gpx", "B"]]
    assert (every_fix(inputs)["point"].tolist(), rules(inputs)) == (["checkin", "checkin"], [])


def test_a_kmz_holds_the_tracks_of_its_kml(office):
    text = (
        '<kml xmlns:gx="g"><gx:Track><when>2024-04-07T00:30:00Z</when>'
        "<gx:coord>120 28 0</gx:coord></gx:Track></kml>"
    )
    (office / "patrols").mkdir()
    with zipfile.ZipFile(office / "patrols/a.kmz", "w") as packed:
        packed.writestr("doc.kml", text)
        packed.writestr("files/a.png", b"x")
    inputs = read(open_project(office))
    assert (inputs.patrols["patrol_id"].tolist(), rules(inputs)) == (["patrols/a.kmz"], [])


def test_a_plt_counts_days_in_utc(office):
    head = "Geolife trajectory\nWGS 84\nAltitude is in Feet\nReserved 3\n0,2,255,x,0,0,2,1\n0\n"
    rows = "28,120,0,492,39745.0902083333\n28,120.0001,0,492,39745.0903,x,y\n99,120,0,0,0\n"
    inputs = read(open_project(put(office, "patrols/a.plt", head + rows)))
    assert every_fix(inputs)["at"].tolist() == [
        pd.Timestamp("2008-10-24T02:09:54Z"),
        pd.Timestamp("2008-10-24T02:10:02Z"),
    ]
    assert rules(inputs) == [["bad_position", "patrols/a.plt", 9]]


def test_one_position_typed_wrong_costs_its_row_not_the_log(office):
    rows = "".join(f"28,120.000{i},2024-04-07 08:30:0{i}\n" for i in range(10))
    inputs = read(open_project(put(office, "patrols/a.csv", f"lat,lon,time\n{rows}95,120,x\n")))
    assert (len(every_fix(inputs)), inputs.patrols["grade"].tolist()) == (10, ["A"])
    assert ["bad_position", "patrols/a.csv", 12] in rules(inputs)


def test_a_column_that_cannot_be_read_is_said_in_one_line(office):
    rows = "".join(f"28,120.000{i:02d},1/{i}\n" for i in range(30))
    inputs = read(open_project(put(office, "patrols/a.csv", f"lat,lon,time\n{rows}")))
    assert rules(inputs) == [["bad_times", "patrols/a.csv", 2]]
    assert "30 行" in inputs.rejects["message"][0]
    words = "".join(f"x{i},y{i},2024-04-07 08:30\n" for i in range(3))
    inputs = read(open_project(put(office, "patrols/a.csv", f"lat,lon,time\n{words}")))
    assert ["bad_positions", "patrols/a.csv", 2] in rules(inputs)


def test_a_log_without_times_is_said_in_one_line(office):
    text = "姓名,河流名称\n张三,王家河\n李四,王家河\n"
    inputs = read(open_project(put(office, "patrols/a.csv", text)))
    assert rules(inputs) == [["no_whens", "patrols/a.csv", 0]]


def test_a_decimal_comma_is_one(office):
    rows = "".join(f"28,0012;120,00{i}5;2024-04-07 08:30:0{i}\n" for i in range(5))
    inputs = read(open_project(put(office, "patrols/a.csv", f"纬度;经度;时间\n{rows}")))
    assert (len(every_fix(inputs)), rules(inputs)) == (5, [])


def test_a_file_whose_name_says_nothing_is_passed_over_aloud(office):
    put(put(put(office, "王某.gpx", gpx(True)), "说明.txt", "x"), "责任表.docx", "x")
    put(put(office, "图层/河道.geojson", "{}"), "照片/1.jpg", "x")
    inputs = read(open_project(office))
    assert sorted(rules(inputs)) == [
        ["other_format", "责任表.docx", 0],
        ["unknown_name", "图层", 0],
        ["unknown_name", "王某.gpx", 0],
    ]


def test_an_unknown_format_says_which_are_known(office):
    put(office, "patrols/a.docx", "x")
    inputs = read(open_project(office))
    assert rules(inputs) == [["unknown_format", "patrols/a.docx", 0]]
    assert ".gpx" in inputs.rejects["message"][0]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-04-07 08:30", "2024-04-07T00:30"),
        ("2024/4/7 8:30:15", "2024-04-07T00:30:15"),
        ("2024年4月7日 8时30分", "2024-04-07T00:30"),
        ("2024年4月7日下午3:20", "2024-04-07T07:20"),
        ("2024-04-07T08:30:00Z", "2024-04-07T08:30"),
        ("2024-04-07T08:30:00+02:00", "2024-04-07T06:30"),
        ("45389.354166666664", "2024-04-07T00:30"),
        ("20240407083000", "2024-04-07T00:30"),
        ("２０２４－０４－０７ ０８：３０", "2024-04-07T00:30"),
        ("2024.4.7", "2024-04-06T16:00"),
        ("20240407 083000", "2024-04-07T00:30"),
        ("2024-04-07 12:30:00 AM", "2024-04-06T16:30"),
        ("2024/4/7 03:20 pm", "2024-04-07T07:20"),
        ("1712449800", "2024-04-07T00:30"),
        ("1712449800000", "2024-04-07T00:30"),
        ("1712449800.5", "2024-04-07T00:30:00.5"),
    ],
)
def test_times_are_read_as_offices_write_them(text, utc):
    assert instants(pd.Series([text]), "Asia/Shanghai")[0] == pd.Timestamp(utc, tz="UTC")


@pytest.mark.parametrize(
    "text", ["", "昨天", "20xx年", "2024-13-01", "2024-02-30", "25:00", "nan", "1", "2024040708"]
)
def test_what_is_no_date_is_none(text):
    assert pd.isna(instants(pd.Series([text]), "UTC")[0])
    assert pd.isna(days(pd.Series([text]))[0])


def test_a_month_ends_with_its_last_day():
    assert (
        days_after(pd.Series(["2024年2月", "2024-02-29"])).tolist()
        == [pd.Timestamp("2024-03-01")] * 2
    )


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(IsADirectoryError), whole(path) as temporary:
        temporary.write_text("half") and tmp_path.read_bytes()
    assert path.read_text() == "old"
    with whole(path) as temporary:
        temporary.write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\x00b", "con.txt", "a\u202egpx.exe", "x" * 500, "…/…"]
)
def test_a_safe_name_has_no_folder_and_no_tricks(name):
    safe = safe_name(name)
    assert not set(safe) & set("/\\\x00\u202e")
    assert 0 < len(safe) <= 121
