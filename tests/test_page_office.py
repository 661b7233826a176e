"""The page of an office with tracks: the explainer, the waters, the periods, the photos."""

import gzip
import re
from dataclasses import replace

import pytest

from geo.program import study as program
from layers.demo.write import write_office
from layers.project import open_project
from layers.read import read
from maps.page import write_map
from tests.browser import opened
from tests.test_page_safety import unpacked


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    write_office(folder)
    project = open_project(folder)
    return program(read(project), project.settings, project.as_of)


@pytest.fixture(scope="module")
def path(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "map.html"
    write_map(study, path)
    return path


OVERDUE = (
    "PM.ask('filter', {...PM.view}).then((a) => PM.go(a.gaps.find((g) => g.state === 'overdue').i))"
)


@pytest.mark.browser
def test_a_card_says_which_tracks_came_near_and_why_they_do_not_count(page):
    page(OVERDUE)
    told = page("Array.from(document.querySelectorAll('.pm-reasons li'), (li) => li.innerText)")
    assert len(told) == 8
    assert any("未计,最近" in line for line in told)
    assert any("但不是频次所要求的人来巡" in line or "但早于本期" in line for line in told)
    page("PM.set({language: 'en'})")
    assert "m away at the nearest" in page("document.querySelector('.pm-reasons').innerText")


@pytest.mark.browser
def test_the_explainer_keeps_to_the_period_of_the_slider(page):
    page(OVERDUE)
    page(
        "patrolmap.filter({from: Date.parse('2026-08-24') / 864e5, until: Date.parse('2026-08-30') / 864e5})"
    )
    told = page(
        "Array.from(document.querySelectorAll('.pm-reasons b'), (b) => b.innerText.slice(0, 10))"
    )
    assert told
    assert all("2026-08-24" <= day <= "2026-08-30" for day in told)


def test_who_came_near_what_stays_in_the_office(study, tmp_path):
    public = tmp_path / "public.html"
    write_map(study, public, edition="public")
    content = gzip.decompress(unpacked(public.read_text(encoding="utf-8"))).decode(
        "utf-8", "ignore"
    )
    assert '"reasons":{"n":0' in content
    assert "未计" not in content
    people = set(study.patrols["person"]) - set(study.duties["holder"]) - {""}
    assert not [person for person in people if person in content]


@pytest.mark.browser
def test_a_period_says_that_the_colours_are_not_of_it(page):
    states = page("patrolmap.counts().states")
    page.page.click("text=近7天")
    page.wait("patrolmap.state().from !== null")
    assert page("patrolmap.counts().states") == states
    said = "线的颜色仍是截至 2026-09-30 的状态"
    assert said in page("document.querySelector('.pm-time-box').innerText")
    page("PM.set({language: 'en'})")
    assert "the colours stay as of 2026-09-30" in page(
        "document.querySelector('.pm-time-box').innerText"
    )
    page("patrolmap.filter({from: null, until: null})")
    assert "colours" not in page("document.querySelector('.pm-time-box').innerText")


@pytest.mark.browser
def test_the_slider_is_moved_by_keys_and_played(page):
    page.page.focus(".pm-low")
    first = page("document.querySelector('.pm-low').value")
    page.page.keyboard.press("ArrowRight")
    page.wait(f"patrolmap.state().from === {int(first) + 1}")
    page("patrolmap.filter({from: PM.about.days.first, until: PM.about.days.first + 2})")
    page.page.click(".pm-play")
    page.wait("document.querySelector('.pm-play').textContent.includes('暂停')")
    page.wait("patrolmap.state().from >= PM.about.days.first + 2")
    assert page("patrolmap.state().until - patrolmap.state().from") == 2
    page.page.click(".pm-play")
    page.wait("document.querySelector('.pm-play').textContent.includes('播放')")
    stopped = page("patrolmap.state().from")
    page.page.wait_for_timeout(700)
    assert page("patrolmap.state().from") - stopped <= 1


PIXELS = """async (i) => {
  const card = await PM.go(i);
  await patrolmap.settled();
  const [x, y] = card.line[card.line.length >> 1];
  const p = PM.map.latLngToLayerPoint(PM.cells.latLng(x, y));
  const found = new Set();
  for (const tile of document.querySelectorAll('canvas.leaflet-tile')) {
    const at = L.DomUtil.getPosition(tile);
    const ctx = Object.assign(document.createElement('canvas'), {width: 256, height: 256}).getContext('2d', {willReadFrequently: true});
    ctx.drawImage(tile, 0, 0);
    for (let d = -12; d <= 12; d++) for (const [u, v] of [[d, 0], [0, d]]) {
      const px = p.x + u - at.x, py = p.y + v - at.y;
      if (px < 0 || py < 0 || px >= 256 || py >= 256) continue;
      const [r, g, b, a] = ctx.getImageData(px, py, 1, 1).data;
      if (a > 250) found.add('#' + [r, g, b].map((c) => c.toString(16).padStart(2, '0')).join(''));
    }
  }
  return Array.from(found);
}"""


@pytest.mark.browser
def test_waters_lie_on_a_band_and_roads_do_not(page):
    def numbers(kind):
        return page(
            """async (kind) => { await PM.set({kinds: [kind], hidden: PM.DRAWN.filter((s) => s !== 'covered')});
              for (let i = 0; i < PM.about.segments; i++) { const c = await PM.ask('card', i);
                if (c.kind === kind && c.state === 'covered' && c.length_mm > 3e5) return i; } }""",
            kind,
        )

    water = page("PM.THEMES.light.water")
    assert water in page(PIXELS, numbers("river"))
    assert water not in page(PIXELS, numbers("road"))


@pytest.mark.browser
def test_the_legend_names_the_bands_and_the_declared(page):
    text = page("document.querySelector('.pm-signs').innerText")
    for expected in ("水域：浅底", "渠道：断续底", "道路：无底", "仅申报，不算覆盖"):
        assert expected in text


@pytest.mark.browser
def test_a_phone_shows_the_map_first_and_the_whole_of_the_data(chrome, path):
    with opened(
        chrome, path, size=(390, 844), device_scale_factor=2, is_mobile=True, has_touch=True
    ) as phone:
        phone.ready()
        share = phone(
            "document.querySelector('.pm-stage').getBoundingClientRect().height / innerHeight"
        )
        assert share > 0.6
        assert not phone("document.querySelector('.pm-time-box').open")
        assert phone("""PM.ask('extent', null).then((b) => PM.map.getBounds().contains(
            L.latLngBounds(PM.cells.latLng(b[0], b[1]), PM.cells.latLng(b[2], b[3]))))""")
        phone("PM.go(30)")
        phone.settled()
        below = phone("""PM.ask('card', 30).then((c) => Math.max(...c.line.map(([x, y]) =>
            PM.map.latLngToContainerPoint(PM.cells.latLng(x, y)).y)) + PM.map.getContainer().getBoundingClientRect().top
            - document.querySelector('.pm-card').getBoundingClientRect().top)""")
        assert below <= 0
        assert phone.complaints == []


@pytest.mark.browser
def test_a_card_holds_what_a_responsibility_board_holds(page, study):
    page("PM.set({}).then(() => PM.ask('search', '青溪')).then((f) => PM.go(f[0].i))")
    labels = page("Array.from(document.querySelectorAll('.pm-card dt'), (d) => d.innerText)")
    for label in (
        "名称",
        "类别",
        "起止桩号",
        "长度",
        "责任人",
        "各级状态",
        "最近巡查",
        "应巡日期",
        "近期巡查日",
        "这一段上的问题",
    ):
        assert label in labels
    text = page("document.querySelector('.pm-card').innerText")
    sel = page("patrolmap.state().sel")
    duty = study.duties[study.duties["course_id"] == sel.split("@")[0]].iloc[0]
    assert duty["holder"] in text
    assert "为什么是这个颜色" in text


@pytest.mark.browser
def test_navigation_apps_get_the_position_in_their_own_datum(page):
    page("PM.go(40)")
    here = page(
        "PM.ask('card', 40).then((c) => { const p = c.line[c.line.length >> 1]; const q = PM.cells.latLng(...p); return [q, PM.gcj02(q)]; })"
    )
    links = page(
        "Array.from(document.querySelectorAll('.pm-place a'), (a) => a.getAttribute('href'))"
    )
    numbers = [tuple(map(float, re.findall(r"\d+\.\d{6}", link))) for link in links]
    wgs, gcj = ((p["lat"], p["lng"]) for p in here)
    assert numbers[0] == pytest.approx(gcj[::-1], abs=1e-6)
    assert numbers[1] == pytest.approx(gcj, abs=1e-6)
    assert numbers[2] == pytest.approx(wgs, abs=1e-6)
    assert [link.split(":")[0] for link in links] == ["https", "https", "geo"]


@pytest.mark.browser
def test_photos_are_names_and_never_addresses(page):
    page(
        "PM.showProblem({...PM.unfiltered(), category: '', status: '', description: '', reported_on: -1048576, due_on: -1048576, "
        "photo: 'javascript:alert(1)；a.jpg、file:///etc/passwd', segment: -1, placed: false, problem_id: '1'})"
    )
    assert page("Array.from(document.querySelectorAll('.pm-card dd .pm-link'), (b) => b.innerText)") == [
        "javascript:alert(1)", "a.jpg", "file:///etc/passwd"]  # fmt: skip
    assert page("document.querySelectorAll('.pm-card img, .pm-card a').length") == 0


@pytest.mark.browser
def test_the_keyboard_leads_into_a_card_and_back(page):
    page.page.focus(".pm-gaps button >> nth=2")
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("Enter")
    page.wait("document.querySelector('.pm-card').contains(document.activeElement)")
    page.page.keyboard.press("Tab")
    assert page("document.activeElement.className") == "pm-close"
    page.page.keyboard.press("Enter")
    page.wait("patrolmap.state().sel === null")
    page.wait("document.activeElement.closest('.pm-gaps')")


@pytest.mark.browser
def test_lines_are_thinner_where_they_are_crowded(page):
    wide = page("PM.lineScale(13)")
    spacing = page("PM.spacing")
    assert 0 < spacing < 1
    crowded = page(
        "(() => { PM.spacing /= 100; const s = PM.lineScale(13); PM.spacing *= 100; return s; })()"
    )
    assert crowded < wide


@pytest.mark.browser
def test_hostile_names_of_walkers_stay_words(chrome, study, tmp_path):
    hostile = "<img src=x onerror=window.ran=1>{{7*191}}{n}{why}"
    path = tmp_path / "hostile.html"
    write_map(replace(study, patrols=study.patrols.assign(person=hostile)), path)
    with opened(chrome, path) as there:
        there.ready()
        there(OVERDUE)
        assert hostile in there("document.querySelector('.pm-reasons').innerText")
        assert there("window.ran") is None
        assert there.complaints == []
