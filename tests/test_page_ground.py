"""Vector tiles under the lines: drawn by the page itself, whatever their makers wrote into them."""

import contextlib
import gzip
from collections import defaultdict

import geopandas as gpd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.datum import from_wgs84
from layers.faults import PatrolmapError
from layers.options import Page
from maps.ground import read_ground
from maps.ground_kinds import CLASSES
from maps.pack_ground import fitted
from maps.page import write_map
from maps.results import background
from tests.bench.synthetic import study as synthetic
from tests.browser import opened
from tests.test_page_background import archive

SOURCE = '<a href="https://x.example" onclick="alert(1)">&copy; OpenStreetMap</a> {{7*7}}'


def tiled(path, layers, *, zooms=(10, 12), **told):
    """Write vector tiles of {layer: [(attributes, shape in degrees)]}, cut with GDAL's own buffer.

    GDAL writes one layer; tiles of several are theirs one after the other.
    """
    tiles = defaultdict(bytes)
    for layer, rows in layers.items():
        frame = gpd.GeoDataFrame([a for a, _ in rows], geometry=[s for _, s in rows], crs=4326)
        folder = path.with_name(f"{path.stem}-{layer}")
        options = {"MINZOOM": zooms[0], "MAXZOOM": zooms[1], "COMPRESS": "NO"}
        pyogrio.write_dataframe(frame, folder, driver="MVT", layer=layer, dataset_options=options)
        for tile in folder.glob("*/*/*.pbf"):
            z, x, y = (int(part) for part in tile.relative_to(folder).with_suffix("").parts)
            tiles[z, x, y] += tile.read_bytes()
    keys = {layer: {key: "String" for row, _ in rows for key in row} for layer, rows in layers.items()}  # fmt: skip
    told["vector_layers"] = [{"id": layer, "fields": fields} for layer, fields in keys.items()]
    packed = {tile: gzip.compress(content, mtime=0) for tile, content in tiles.items()}
    return archive(path, packed, kind=1, told=told)


# Tiles of zoom 12 are 0.088 degrees wide: everything here crosses the edges of some.
WEST, SOUTH, EAST, NORTH = EXTENT = (113.42, 28.87, 113.70, 29.08)
X, Y = (WEST + EAST) / 2, (SOUTH + NORTH) / 2
SHORE = shapely.Point(X, Y).buffer(0.05, quad_segs=400)
LAKE = SHORE.difference(shapely.Point(X, Y).buffer(0.015))
ACROSS = shapely.LineString([(WEST, Y), (EAST, Y)])
DOWN = shapely.LineString([(X, NORTH), (X, SOUTH)])
WOOD = shapely.box(WEST, SOUTH, X, Y)
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"
PROTOMAPS = {
    "water": [
        ({"kind": "lake"}, LAKE),
        ({"kind": "river"}, DOWN),
        ({"kind": "lake"}, shapely.Point(X, Y)),
    ],
    "roads": [
        ({"kind": "major_road", "kind_detail": "trunk"}, ACROSS),
        ({"kind": "minor_road", "kind_detail": "residential"}, DOWN),
        ({"kind": "path", "kind_detail": "steps"}, ACROSS),
    ],
    "boundaries": [({"kind": "county", "kind_detail": "6"}, ACROSS)],
    "landuse": [({"kind": "wood"}, WOOD)],
    "buildings": [({"kind": "building"}, WOOD)],
    "places": [
        ({"kind": "locality", "kind_detail": "village", "name": HOSTILE}, shapely.Point(X, SOUTH + 0.02)),
        ({"kind": "locality", "kind_detail": "town", "name": "Taoyuan", "name:zh-Hans": "桃源镇"}, shapely.Point(X, Y)),
    ],
}  # fmt: skip
OPENMAPTILES = {
    "water": [({"class": "lake"}, LAKE)],
    "waterway": [({"class": "river"}, DOWN)],
    "transportation": [
        ({"class": "trunk"}, ACROSS),
        ({"class": "minor"}, DOWN),
        ({"class": "path"}, ACROSS),
    ],
    "boundary": [({"admin_level": "6"}, ACROSS)],
    "landcover": [({"class": "wood"}, WOOD)],
    "building": [({"class": "house"}, WOOD)],
    "place": [
        ({"class": "village", "name": HOSTILE}, shapely.Point(X, SOUTH + 0.02)),
        ({"class": "town", "name": "Taoyuan", "name:zh": "桃源镇"}, shapely.Point(X, Y)),
    ],
}  # fmt: skip
SCHEMAS = {"protomaps": PROTOMAPS, "openmaptiles": OPENMAPTILES}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    return {name: tiled(folder / f"{name}.pmtiles", layers, attribution=SOURCE)
            for name, layers in SCHEMAS.items()}  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_known_class_is_kept_and_the_rest_is_counted(files, schema):
    ground = read_ground(files[schema], 12, EXTENT, "wgs84")
    kept = {CLASSES[kind] for kind in ground.kind}
    assert kept == set(CLASSES) - {"road"}
    paths = {
        "protomaps": {("roads", "path"), ("water", "Point")},
        "openmaptiles": {("transportation", "path")},
    }
    assert set(ground.unknown) == paths[schema]
    assert [layer[:8] for layer in ground.unread] == ["building"]
    assert list(zip(ground.name, ground.rank, strict=True)) == [("桃源镇", 1), (HOSTILE, 2)]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_shapes_are_joined_over_the_edges_of_tiles(files, schema):
    ground = read_ground(files[schema], 12, EXTENT, "wgs84")
    rings = {name: ground.shapes[ground.kind == CLASSES.index(name)] for name in CLASSES}
    assert [len(rings[name]) for name in ("green", "highway", "lane")] == [1, 1, 1]
    outer, hole = sorted(
        rings["water"][shapely.get_type_id(rings["water"]) == 2], key=lambda r: -r.length
    )
    assert shapely.is_ccw(outer) != shapely.is_ccw(hole)
    # As large as they were drawn, to the grid of the tiles.
    wanted = gpd.GeoSeries([WOOD, LAKE], crs=4326).to_crs(3857)
    assert shapely.polygons(rings["green"])[0].area == pytest.approx(wanted[0].area, rel=2e-3)
    assert shapely.Polygon(outer, [hole]).area == pytest.approx(wanted[1].area, rel=1e-2)


def test_tiles_in_gcj02_are_brought_to_where_they_are(files):
    given = read_ground(files["protomaps"], 12, EXTENT, "wgs84")
    moved = read_ground(files["protomaps"], 12, EXTENT, "gcj02")
    there = gpd.GeoSeries(moved.places, crs=3857).to_crs(4326)
    lon, lat = from_wgs84(there.x.to_numpy(), there.y.to_numpy(), "gcj02")
    back = gpd.GeoSeries.from_xy(lon, lat, crs=4326).to_crs(3857)
    assert float(shapely.distance(given.places, moved.places).min()) > 100
    assert float(shapely.distance(given.places, back.to_numpy()).max()) < 0.01


def test_as_deep_as_the_budget_allows_and_said_in_one_line(files):
    path = files["protomaps"]
    whole = fitted(path, EXTENT, "wgs84", 4_000_000, "zh")
    assert (whole.ground.zoom, whole.cut) == (12, False)
    assert "画到第 12 级" in whole.says
    assert "buildings" in whole.says
    assert "roads/path" in whole.says
    size = fitted(path, EXTENT, "wgs84", 1000, "en")
    assert (size.ground.zoom < 12, size.cut) == (True, True)
    assert "pmtiles extract" in size.says
    assert "\n" not in size.says
    with pytest.raises(PatrolmapError, match="background_mb"):
        fitted(path, EXTENT, "wgs84", 100, "zh")


def test_what_holds_nothing_to_draw_is_refused_in_one_line(tmp_path, files):
    strange = tiled(tmp_path / "strange.pmtiles", {"odd": [({"a": "b"}, LAKE)]})
    for extent in ((10.0, 10.0, 10.1, 10.1), EXTENT):
        with pytest.raises(PatrolmapError, match=r"strange\.pmtiles: wanted vector tiles over"):
            fitted(strange, extent, "wgs84", 4_000_000, "en")
    untold = archive(tmp_path / "untold.pmtiles", {(0, 0, 0): gzip.compress(b"")}, kind=1)
    with pytest.raises(PatrolmapError, match=r"untold.pmtiles: wanted .* GDAL"):
        fitted(untold, EXTENT, "wgs84", 4_000_000, "en")


@settings(max_examples=20)
@given(st.data())
def test_a_broken_archive_is_refused_and_never_crashes(tmp_path_factory, files, data):
    whole = files["openmaptiles"].read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("broken") / "b.pmtiles"
    path.write_bytes(bytes(broken)[: data.draw(st.sampled_from([len(whole), at]))])
    with contextlib.suppress(PatrolmapError):
        fitted(path, EXTENT, "wgs84", 4_000_000, "zh")


def test_the_source_a_file_names_is_shown_as_plain_text_beside_the_offices(files, tmp_path):
    path = files["protomaps"]
    assert background(Page(background=path)).attribution == "© OpenStreetMap {{7*7}}"
    both = background(Page(background=path, attribution="县测绘院")).attribution
    assert both == "县测绘院 · © OpenStreetMap {{7*7}}"
    silent = tiled(tmp_path / "silent.pmtiles", {"water": PROTOMAPS["water"]})
    with pytest.raises(PatrolmapError, match="wanted an attribution"):
        background(Page(background=silent))


PAINTED = """(theme) => {
  const colour = PM.THEMES[theme].ground_lines.water.match(/\\w\\w/g).map((h) => parseInt(h, 16));
  let n = 0;
  for (const tile of document.querySelectorAll('.pm-ground canvas, canvas.pm-ground')) {
    const copy = new OffscreenCanvas(tile.width, tile.height).getContext('2d');
    copy.drawImage(tile, 0, 0);
    const { data } = copy.getImageData(0, 0, tile.width, tile.height);
    for (let i = 0; i < data.length; i += 4) if (colour.every((c, k) => Math.abs(data[i + k] - c) < 3) && data[i + 3] > 250) n++;
  }
  return n;
}"""


@pytest.mark.browser
def test_the_page_paints_it_below_the_lines_on_screen_dark_and_on_paper(chrome, files, tmp_path):
    study, path = synthetic(60), tmp_path / "map.html"
    base = background(Page(background=files["protomaps"]))
    assert "protomaps.pmtiles" in write_map(study, path, base=base).says
    first = path.read_bytes()
    write_map(study, path, base=base)
    assert path.read_bytes() == first
    with opened(chrome, path) as there:
        there.ready()
        light = there(PAINTED, "light")
        assert light > 2000
        told = there("document.querySelector('.leaflet-control-attribution').innerHTML")
        assert told == "© OpenStreetMap {{7*7}}"
        there("PM.set({theme: 'dark'})")
        there.settled()
        assert there(PAINTED, "dark") == pytest.approx(light, rel=0.01)
        there("PM.sheet('A4')")
        assert there(PAINTED, "light") > light
        there("PM.unsheet()")
        there.settled()
        assert (there.requests, there.complaints) == ([], [])
