"""Pictures under the lines: inside the page without a request, or fetched from named hosts only."""

import base64
import contextlib
import gzip
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.faults import PatrolmapError
from layers.options import Page, read_options
from maps.background import Background, extent_of
from maps.page import write_map
from maps.pmtiles import pyramid, tile_id
from maps.results import background
from scripts.options import with_key
from tests.bench.synthetic import study as synthetic
from tests.browser import opened

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg=="
)


def varints(numbers):
    out = bytearray()
    for number in numbers:
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7  # noqa: PLW2901
        out.append(number)
    return bytes(out)


def directory(entries):
    ids, runs, offsets, lengths = zip(*entries, strict=True)
    steps = [b - a for a, b in zip((0, *ids), ids, strict=False)]
    plain = varints([len(entries), *steps, *runs, *lengths, *(o + 1 for o in offsets)])
    return gzip.compress(plain, mtime=0)


def archive(path, tiles, *, kind=2, leaves=False, told=None):
    """Write a PMTiles archive of {(z, x, y): bytes}; with `leaves`, each tile in a leaf of its own.

    Tiles of shapes (kind 1) are packed with gzip; `told` is what the archive says of itself.
    """
    data, entries = b"", []
    for number, content in sorted((tile_id(*tile), content) for tile, content in tiles.items()):
        entries.append((number, 1, len(data), len(content)))
        data += content
    leaf, root = b"", directory(entries)
    if leaves:
        pointers = []
        for entry in entries:
            one = directory([entry])
            pointers.append((entry[0], 0, len(leaf), len(one)))
            leaf += one
        root = directory(pointers)
    said = gzip.compress(json.dumps(told).encode(), mtime=0) if told else b""
    at = 127
    head = b"PMTiles\x03"
    for length in (len(root), len(said), len(leaf), len(data)):
        head += at.to_bytes(8, "little") + length.to_bytes(8, "little")
        at += length
    zooms = [z for z, _, _ in tiles]
    head += bytes(24) + bytes([1, 2, 2 if kind == 1 else 1, kind, min(zooms), max(zooms)])
    for degrees in (-180, -85, 180, 85):
        head += (degrees * 10_000_000).to_bytes(4, "little", signed=True)
    path.write_bytes(head.ljust(127, b"\0") + root + said + leaf + data)
    return path


@pytest.fixture(scope="module")
def study():
    return synthetic(200)


WORLD = (-180.0, -85.0, 180.0, 85.0)


@given(st.integers(0, 12), st.data())
def test_tiles_of_a_zoom_have_numbers_of_their_own_next_to_one_another(zoom, data):
    side = 1 << zoom
    x, y = (data.draw(st.integers(0, side - 1)) for _ in range(2))
    number = tile_id(zoom, x, y)
    first = (4**zoom - 1) // 3
    assert first <= number < first + 4**zoom
    beside = {tile_id(zoom, x + i, y + j) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))
              if 0 <= x + i < side and 0 <= y + j < side}  # fmt: skip
    assert zoom == 0 or beside & {number - 1, number + 1}


@pytest.mark.parametrize("leaves", [False, True])
def test_every_tile_comes_back_as_it_was_written(tmp_path, leaves):
    tiles = {(z, x, y): bytes([z, x, y]) * 9 for z in range(3) for x in range(1 << z) for y in range(1 << z)}  # fmt: skip
    found = pyramid(archive(tmp_path / "a.pmtiles", tiles, leaves=leaves), WORLD)
    assert found.tiles == tiles
    assert (found.kind, found.min_zoom, found.max_zoom, found.cut) == ("png", 0, 2, False)


def test_only_the_tiles_of_the_map_are_taken_and_only_what_fits(tmp_path):
    tiles = {(z, x, y): b"x" * 100 for z in range(3) for x in range(1 << z) for y in range(1 << z)}
    path = archive(tmp_path / "a.pmtiles", tiles)
    china = pyramid(path, (110.0, 20.0, 115.0, 25.0))
    assert sorted(china.tiles) == [(0, 0, 0), (1, 1, 0), (2, 3, 1)]
    small = pyramid(path, WORLD, budget=600)
    assert (len(small.tiles), small.max_zoom, small.cut) == (5, 1, True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PNG", "wanted 127 bytes at 0; came a file of 3"),
        (b"PMTiles\x02" + bytes(200), "wanted a PMTiles archive of version 3"),
    ],
)
def test_what_is_no_archive_is_refused(tmp_path, content, message):
    path = tmp_path / "a.pmtiles"
    path.write_bytes(content)
    with pytest.raises(PatrolmapError, match=message):
        pyramid(path, WORLD)


def test_vector_tiles_and_tiles_of_elsewhere_are_refused_in_words(tmp_path):
    vector = archive(tmp_path / "v.pmtiles", {(0, 0, 0): PNG}, kind=1)
    with pytest.raises(PatrolmapError, match=r"wanted raster tiles .* came vector tiles"):
        pyramid(vector, WORLD)
    west = archive(tmp_path / "w.pmtiles", {(2, 0, 1): PNG})
    with pytest.raises(PatrolmapError, match="it has none there"):
        pyramid(west, (110.0, 20.0, 115.0, 25.0))


@given(st.data())
def test_a_broken_archive_is_refused_and_never_crashes(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("broken")
    whole = archive(folder / "a.pmtiles", {(1, 1, 0): PNG, (2, 3, 1): PNG}).read_bytes()
    at = data.draw(st.integers(8, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] = data.draw(st.integers(0, 255))
    path = folder / "b.pmtiles"
    path.write_bytes(bytes(broken)[: data.draw(st.integers(at, len(whole)))])
    # What is still an archive is read; nothing but our own error may come out of the rest.
    with contextlib.suppress(PatrolmapError):
        pyramid(path, WORLD)


@pytest.mark.browser
def test_tiles_inside_the_page_are_drawn_without_a_request(chrome, study, tmp_path):
    west, _, east, _ = extent_of(study)
    tiles = {(0, 0, 0): PNG}
    for z in range(1, 11):
        for x in range(int((west + 180) / 360 * 2**z), int((east + 180) / 360 * 2**z) + 1):
            tiles |= {(z, x, y): PNG for y in range(2**z // 4, 2**z // 2)} if z < 9 else {}
    inside = archive(tmp_path / "base.pmtiles", tiles)
    page = Page(background=inside, attribution="县测绘院 <b>2025</b>")
    path = tmp_path / "map.html"
    write_map(study, path, base=background(page))
    with opened(chrome, path) as there:
        there.ready()
        there.wait("document.querySelectorAll('.leaflet-tile-pane img.leaflet-tile-loaded').length")
        sources = there(
            "Array.from(document.querySelectorAll('.leaflet-tile-pane img'), (i) => i.src.slice(0, 15))"
        )
        assert "data:image/png;" in sources
        assert (
            there("document.querySelector('.leaflet-control-attribution').textContent")
            == "县测绘院 <b>2025</b>"
        )
        there("PM.set({language: 'en'})")
        assert "2025" in there("document.querySelector('.leaflet-control-attribution').textContent")
        assert (there.requests, there.complaints) == ([], [])


@pytest.mark.browser
def test_tiles_in_gcj02_are_asked_for_there_and_drawn_under_the_data(chrome, study, tmp_path):
    path = tmp_path / "map.html"
    base = Background(
        attribution="底图", tiles="https://tiles.example.org/{z}/{x}/{y}.png", datum="gcj02"
    )
    write_map(study, path, base=base)
    made = chrome.new_context(viewport={"width": 1280, "height": 800})
    page = made.new_page()
    page.route(
        "https://tiles.example.org/**",
        lambda route: route.fulfill(body=PNG, content_type="image/png"),
    )
    page.goto(path.as_uri() + "#at=15/27.5/113.9")
    page.wait_for_selector("html[data-ready=true]")
    page.evaluate("patrolmap.settled()")
    page.wait_for_selector(".leaflet-tile-pane img.leaflet-tile-loaded", state="attached")
    # A tile's corner, seen where it is drawn and bent to GCJ-02, is the corner its number names.
    off = page.evaluate("""() => Array.from(document.querySelectorAll('.leaflet-tile-pane img'), (img) => {
      const [z, x, y] = img.src.match(/(\\d+)\\/(\\d+)\\/(\\d+)\\.png/).slice(1).map(Number);
      const drawn = PM.map.layerPointToLatLng(L.DomUtil.getPosition(img.parentNode).add(L.DomUtil.getPosition(img)));
      const named = PM.map.unproject(L.point(x * 256, y * 256), z);
      const bent = PM.gcj02(drawn);
      return PM.map.distance([bent.lat, bent.lng], named); })""")
    shift = page.evaluate(
        "(() => { const c = PM.map.getCenter(); return PM.map.distance(c, PM.gcj02(c)); })()"
    )
    made.close()
    assert off
    assert shift > 300
    # A pixel is 4 m here, and the shift differs by a metre or two across the view.
    assert max(off) < 8


@pytest.mark.browser
def test_tianditu_is_asked_with_the_offices_key_and_named(chrome, study, tmp_path, monkeypatch):
    monkeypatch.setenv("PATROLMAP_TIANDITU_KEY", "0123456789abcdef")
    path = tmp_path / "map.html"
    write_map(study, path, base=background(with_key(Page(tianditu="vec"))))
    made = chrome.new_context(viewport={"width": 1280, "height": 800})
    page, asked = made.new_page(), []

    def served(route):
        asked.append(route.request.url)
        route.fulfill(body=PNG, content_type="image/png")

    page.route(re.compile("^https?:"), served)
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-tile-pane img.leaflet-tile-loaded", state="attached")
    text = page.inner_text(".leaflet-control-attribution")
    made.close()
    assert "天地图" in text
    assert {"vec_w", "cva_w"} == {re.search(r"T=(\w+)&", url)[1] for url in asked}
    assert all(
        re.fullmatch(r"https://t[0-7]\.tianditu\.gov\.cn/.*&tk=0123456789abcdef", url)
        for url in asked
    )


def test_a_background_file_is_named_in_the_project(tmp_path):
    archive(tmp_path / "底图.pmtiles", {(0, 0, 0): PNG})
    (tmp_path / "patrolmap.toml").write_text(
        '[page]\nbackground = "底图.pmtiles"\nattribution = "县测绘院"\n', "utf-8"
    )
    assert background(read_options(tmp_path).page).archive == tmp_path / "底图.pmtiles"
    (tmp_path / "patrolmap.toml").write_text('[page]\nbackground = "没有.png"\n', "utf-8")
    with pytest.raises(PatrolmapError, match="background: wanted a file"):
        background(read_options(tmp_path).page)
    (tmp_path / "patrolmap.toml").write_text("[page]\nbackground_bounds = [3, 2, 1]\n", "utf-8")
    with pytest.raises(PatrolmapError, match="west, south, east, north"):
        read_options(tmp_path)
