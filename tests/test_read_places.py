import json
import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.datum import from_wgs84, in_china, to_wgs84
from layers.features import read_areas, read_features
from layers.sources import Source
from layers.vectors import read_layers

LINE = shapely.LineString([(120.1, 28.1), (120.2, 28.2)])


class WindowsName(zipfile.ZipInfo):
    def _encodeFilenameFlags(self):
        return self.filename.encode("gbk"), self.flag_bits


def source(path, kind="river", **told):
    return Source(path, path.name, kind, **told)


def write(path, shapes, crs=4326, **columns):
    layer = gpd.GeoDataFrame(
        {"名称": ["王家河"] * len(shapes), **columns}, geometry=shapes, crs=crs
    )
    pyogrio.write_dataframe(layer, path, driver="LIBKML" if path.suffix == ".kml" else None)
    return path


def features(path, **told):
    layers, faults = read_layers(path, source(path, **told))
    frames = []
    for layer in layers:
        frame, more = read_features(layer, "river", told.get("columns", {}))
        frames.append(frame)
        faults = [*faults, *more]
    return frames, faults


def rules(faults):
    return [(fault.rule, fault.row) for fault in faults]


@pytest.mark.parametrize("name", ["河道.gpkg", "河道.geojson", "河道.fgb", "河道.shp", "河道.kml"])
def test_every_format_gives_the_same_line_and_name(tmp_path, name):
    column = {"Name": ["王家河"]} if name.endswith("kml") else {}
    frames, faults = features(write(tmp_path / name, [LINE], **column))
    assert rules(faults) == []
    assert frames[0]["name"].tolist() == ["王家河"]
    assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-9)
    assert frames[0]["row"].tolist() == [1]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-8"])
def test_a_shapefile_without_a_code_page_is_read_by_its_text(tmp_path, encoding):
    path = write(tmp_path / "河道.shp", [LINE])
    name = "龍崗河" if encoding == "big5" else "龙岗河"
    layer = gpd.GeoDataFrame({"NAME": [name]}, geometry=[LINE], crs=4326)
    pyogrio.write_dataframe(layer, path, encoding=encoding)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    frames, faults = features(path)
    assert (frames[0]["name"].tolist(), rules(faults)) == ([name], [])


def test_a_code_page_that_lies_is_overruled_and_said(tmp_path):
    path = tmp_path / "河道.shp"
    layer = gpd.GeoDataFrame({"NAME": ["龙岗河"]}, geometry=[LINE], crs=4326)
    pyogrio.write_dataframe(layer, path, encoding="gb18030")
    path.with_suffix(".cpg").write_text("UTF-8")
    frames, faults = features(path)
    assert (frames[0]["name"].tolist(), rules(faults)) == (["龙岗河"], [("encoding", 0)])


def test_degrees_without_a_system_are_wgs84_and_said(tmp_path):
    path = write(tmp_path / "河道.shp", [LINE])
    path.with_suffix(".prj").unlink()
    frames, faults = features(path)
    assert rules(faults) == [("assumed_crs", 0)]
    assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-9)


def test_a_zone_in_front_of_the_easting_tells_the_grid_even_northing_first(tmp_path):
    grid = gpd.GeoSeries([LINE], crs=4326).to_crs(4528)
    swapped = shapely.transform(grid[0], lambda xy: xy[:, ::-1])
    for number, shape in enumerate([grid[0], swapped]):
        path = write(tmp_path / f"河道{number}.shp", [shape], crs=4528)
        path.with_suffix(".prj").unlink()
        frames, faults = features(path)
        assert rules(faults) == [("assumed_crs", 0)]
        assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-8)


def test_a_grid_without_a_zone_is_refused_unless_the_user_tells_it(tmp_path):
    path = write(
        tmp_path / "河道.shp", list(gpd.GeoSeries([LINE], crs=4326).to_crs(4549)), crs=4549
    )
    path.with_suffix(".prj").unlink()
    assert rules(features(path)[1]) == [("no_crs", 0)]
    frames, faults = features(path, crs="EPSG:4549")
    assert faults == []
    assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-8)


def test_numbers_are_believed_before_a_wrong_crs_member(tmp_path):
    path = write(tmp_path / "河道.geojson", [LINE])
    document = json.loads(path.read_text())
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    path.write_text(json.dumps(document))
    frames, faults = features(path)
    assert rules(faults) == [("assumed_crs", 0)]
    assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-9)


def test_latitude_first_is_turned_round_and_said(tmp_path):
    turned = shapely.transform(LINE, lambda xy: xy[:, ::-1])
    frames, faults = features(write(tmp_path / "河道.geojson", [turned]))
    assert rules(faults) == [("swapped", 0)]
    assert shapely.equals_exact(frames[0].geometry[0], LINE, 1e-9)


def test_a_byte_order_mark_does_no_harm_to_geojson(tmp_path):
    path = write(tmp_path / "河道.geojson", [LINE])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert features(path)[0][0]["name"].tolist() == ["王家河"]


def test_each_geometry_is_used_or_its_row_is_told(tmp_path):
    shapes = [
        shapely.LineString([(120, 28, 5), (121, 29, 6)]),
        shapely.Point(120, 28),
        None,
        shapely.LineString(),
        shapely.GeometryCollection([LINE, shapely.Point(120, 28)]),
        shapely.MultiLineString([LINE]),
    ]
    frames, faults = features(write(tmp_path / "河道.geojson", shapes))
    assert frames[0]["row"].tolist() == [1, 5, 6]
    assert not frames[0].geometry.has_z.any()
    assert rules(faults) == [
        ("wrong_geometry", 2),
        ("no_geometry", 3),
        ("no_geometry", 4),
        ("part_left_out", 5),
    ]


def test_a_layer_of_something_else_is_told_once(tmp_path):
    frames, faults = features(write(tmp_path / "河道.geojson", [shapely.Point(1, 2)] * 5))
    assert rules(faults) == [("wrong_layer", 0)]
    assert len(frames[0]) == 0


def test_every_layer_of_a_geopackage_is_read(tmp_path):
    path = tmp_path / "河道.gpkg"
    for name in ("主干", "支流"):
        write_layer = gpd.GeoDataFrame({"名称": [name]}, geometry=[LINE], crs=4326)
        pyogrio.write_dataframe(write_layer, path, layer=name, append=path.exists())
    frames, _ = features(path)
    assert [frame["file"][0] for frame in frames] == ["河道.gpkg[主干]", "河道.gpkg[支流]"]
    assert [frame["name"][0] for frame in features(path, layer="支流")[0]] == ["支流"]


def test_a_zip_of_shapefiles_with_gbk_names_is_read(tmp_path):
    write(tmp_path / "h.shp", [LINE])
    path = tmp_path / "河道.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            member = WindowsName("数据/河道" + suffix)
            packed.writestr(member, (tmp_path / f"h{suffix}").read_bytes())
    frames, faults = features(path)
    assert (rules(faults), frames[0]["file"][0]) == ([], "河道.zip/数据/河道.shp")


def test_files_of_one_name_in_two_folders_of_a_zip_are_two_files(tmp_path):
    path = tmp_path / "河道.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for folder, step in (("东片", 0.0), ("../西片", 0.5)):
            layer = gpd.GeoDataFrame({"名称": [folder]}, geometry=[LINE], crs=4326)
            layer.geometry = layer.geometry.translate(step)
            packed.writestr(f"{folder}/河道.geojson", layer.to_json(to_wgs84=True))
    frames, faults = features(path)
    assert rules(faults) == []
    assert [frame["file"][0] for frame in frames] == [
        "河道.zip/东片/河道.geojson",
        "河道.zip/西片/河道.geojson",
    ]


def test_one_vertex_typed_wrong_costs_its_feature_not_the_file(tmp_path):
    wrong = shapely.LineString([(514.2, 22.6), (114.2, 22.6)])
    lines = [shapely.LineString([(114.2, 22.6 + i / 100), (114.3, 22.6)]) for i in range(12)]
    (tmp_path / "河道.geojson").write_text(
        gpd.GeoDataFrame({"名称": range(13)}, geometry=[*lines, wrong]).to_json()
    )
    frames, faults = features(tmp_path / "河道.geojson")
    assert (len(frames[0]), rules(faults)) == (12, [("bad_position", 13)])


def test_a_missing_index_is_made_anew_but_not_in_the_office_folder(tmp_path):
    path = write(tmp_path / "河道.shp", [LINE])
    path.with_suffix(".shx").unlink()
    frames, faults = features(path)
    assert (len(frames[0]), rules(faults)) == (1, [("restored_index", 0)])
    assert not path.with_suffix(".shx").exists()


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.shp", "a.geojson", "a.kml", "a.zip", "a.fgb", "a.tab"]
)
@pytest.mark.parametrize(
    "raw", [b"", b"nonsense", b"PK\x03\x04", b"{", b"<?xml version='1.0'?><a>"]
)
def test_a_broken_file_is_told_and_nothing_is_raised(tmp_path, name, raw):
    path = tmp_path / name
    path.write_bytes(raw)
    layers, faults = read_layers(path, source(path))
    assert layers == []
    assert faults
    assert {fault.file.split("/")[0] for fault in faults} == {name}


def test_a_zip_that_fills_the_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("layers.files._UNPACKED_BYTES", 1000)
    path = tmp_path / "河道.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.shp", bytes(1001))
    assert rules(read_layers(path, source(path))[1]) == [("unsafe", 0)]


def test_both_engines_read_the_same(tmp_path):
    from layers.vectors import _bulk, _one_by_one

    path = write(tmp_path / "河道.gpkg", [LINE, None, shapely.MultiLineString([LINE])], n=[1, 2, 3])
    bulk = _bulk(path, "河道", None)
    single, faults = _one_by_one(path, "河道", path.name)
    assert faults == []
    assert (
        single.drop(columns="geometry")
        .astype(str)
        .equals(bulk.drop(columns="geometry").astype(str))
    )
    assert shapely.equals_exact(
        bulk.geometry.to_numpy(), single.geometry.to_numpy(), 0
    ).tolist() == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("file", "name", "level"),
    [
        ("村界.geojson", "李家", "village"),
        ("areas.geojson", "藤桥镇", "town"),
        ("areas.geojson", "文成县", "county"),
    ],
)
def test_the_level_of_an_area_is_told_by_file_or_name(tmp_path, file, name, level):
    path = tmp_path / file
    layer = gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.box(120, 28, 121, 29)], crs=4326)
    pyogrio.write_dataframe(layer, path)
    areas, _ = read_areas(read_layers(path, source(path, "areas"))[0][0], "", {})
    assert areas["level"].tolist() == [level]


positions = st.tuples(st.floats(73, 137), st.floats(2, 55))


@given(positions, st.sampled_from(["gcj02", "bd09", "wgs84", "cgcs2000"]))
def test_a_datum_shift_is_undone_to_a_tenth_of_a_millimetre(position, datum):
    lon, lat = np.array([position[0]]), np.array([position[1]])
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert abs(back[0][0] - lon[0]) < 1e-9
    assert abs(back[1][0] - lat[0]) < 1e-9


@given(st.floats(-180, 180), st.floats(-90, 90), st.sampled_from(["gcj02", "bd09"]))
def test_outside_china_nothing_is_shifted(lon, lat, datum):
    x, y = np.array([lon]), np.array([lat])
    if not in_china(x, y)[0]:
        assert to_wgs84(x, y, datum) == (x, y)
        assert from_wgs84(x, y, datum) == (x, y)


def test_the_shift_has_the_published_size():
    # Wenzhou 540 m, Guangzhou 621 m: measured with the public formula.
    for lon, lat, metres in ((120.7, 28.0, 540), (113.26, 23.13, 621)):
        x, y = from_wgs84(np.array([lon]), np.array([lat]), "gcj02")
        east = (x[0] - lon) * 111_320 * np.cos(np.radians(lat))
        assert np.hypot(east, (y[0] - lat) * 110_900) == pytest.approx(metres, abs=25)


def test_a_width_that_is_no_number_is_unknown_and_told(tmp_path):
    frames, faults = features(
        write(tmp_path / "河道.gpkg", [LINE, LINE, LINE], 河宽=["12米", "约8", "较宽"])
    )
    assert frames[0]["width_m"].tolist()[:2] == [12.0, 8.0]
    assert [(f.rule, f.row, f.column) for f in faults] == [("bad_number", 3, "河宽")]
