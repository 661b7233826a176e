"""What an officer does with the page: filter, search, slide, share, print, go by keyboard."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from shapely import LineString

from geo import schema
from maps.pack_areas import area_names
from maps.page import write_map
from maps.pinyin import initials
from tests.bench.synthetic import study as synthetic
from tests.browser import opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def study():
    plain = synthetic(500, problems=120, passages=3000)
    first = plain.segments.iloc[:3]
    findings = pd.DataFrame({c.name: [""] * 3 for c in schema.FINDINGS.columns}).assign(
        finding_id=["a", "b", "c"], rule="unassigned", severity="high", course_id=first["course_id"], from_m=first["from_m"],
        to_m=first["to_m"], length_m=first["length_m"], since_on=pd.NaT, row=0, why="这一段没有责任人",
    )  # fmt: skip
    findings = schema.conform_geo(
        gpd.GeoDataFrame(findings, geometry=first.geometry.to_numpy(), crs=first.crs),
        schema.FINDINGS,
    )
    return replace(plain, findings=findings)


@pytest.fixture(scope="module")
def path(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("use") / "map.html"
    write_map(study, path, office="清溪镇", phone_line="0577-12345678")
    return path


def overall(study):
    rows = study.standing[study.standing["level"] == ""].set_index("segment_id")
    return study.segments.set_index("segment_id").join(rows[["state", "unassigned_m", "why"]])


def test_the_button_of_a_sum_shows_exactly_the_segments_that_make_it(page, study):
    page.page.click(".pm-tile-unassigned")
    page.wait("patrolmap.state().metre === 'unassigned'")
    wanted = overall(study)
    assert (
        page("patrolmap.filter({}).then((c) => c.segments)")
        == (wanted["unassigned_m"] >= study.settings.ignore_m).sum()
    )


def test_a_line_of_the_legend_hides_its_segments_and_keeps_its_numbers(page, study):
    before = page("patrolmap.counts()")
    page.page.click("[data-k='legend:covered']")
    page.wait("patrolmap.state().hidden.length === 1")
    page.wait("document.querySelector('[data-k=\"legend:covered\"]').ariaPressed === 'false'")
    after = page("patrolmap.filter({})")
    assert after["segments"] == before["segments"] - before["states"]["covered"]["segments"]
    assert after["states"] == before["states"]


def test_filters_combine(page, study):
    frame = overall(study)
    area, kind = frame["area"].mode()[0], frame["kind"].mode()[0]
    name = area_names(study, frame["area"])[frame["area"] == area].iloc[0]
    counts = page(
        "f => patrolmap.filter(f)", {"areas": [name], "kinds": [kind], "hidden": ["covered"]}
    )
    expected = frame[(frame["area"] == area) & (frame["kind"] == kind)]
    assert counts["segments"] == (expected["state"] != "covered").sum()
    assert counts["total_km"] == pytest.approx(expected["length_m"].sum() / 1000, abs=1e-6)


def test_a_holder_filter_shows_the_segments_of_that_holders_duties(page, study):
    holder = study.duties["holder"].mode()[0]
    courses = study.duties.loc[study.duties["holder"] == holder, "course_id"]
    counts = page("h => patrolmap.filter({holder: h})", holder)
    assert counts["segments"] == study.segments["course_id"].isin(courses).sum()


def test_a_level_colours_by_that_level(page, study):
    town = study.standing[study.standing["level"] == "town"]["state"].value_counts()
    counts = page("patrolmap.filter({level: 'town'})")
    for state, number in town.items():
        assert counts["states"][state]["segments"] == number


def test_a_period_shows_what_was_surely_seen_in_it(page, study):
    sure = study.passages[
        (study.passages["certainty"] == "sure") & (study.passages["evidence"] != "C")
    ]
    local = sure["entered_at"].dt.tz_convert("Asia/Shanghai").dt.strftime("%Y-%m-%d")
    low, high = "2026-09-01", "2026-09-07"
    within = sure[(local >= low) & (local <= high)]
    pairs = within.merge(
        study.segments[["segment_id", "course_id", "from_m", "to_m"]], on="course_id"
    )
    on = pairs[(pairs["from_m_x"] < pairs["to_m_y"]) & (pairs["to_m_x"] > pairs["from_m_y"])]
    counts = page(
        "([a, b]) => patrolmap.filter({from: Date.parse(a) / 864e5, until: Date.parse(b) / 864e5, seen: 'seen'})",
        [low, high],
    )
    assert counts["segments"] == on["segment_id"].nunique()


@pytest.mark.parametrize("way", ["name", "initials"])
def test_search_finds_a_name_as_written_and_by_its_initials(page, study, way):
    name = study.segments["name"].mode()[0]
    page.page.fill("#pm-search", name if way == "name" else initials(name))
    page.wait("document.querySelector('.pm-found [data-type=asset]')")
    assert name in page(
        "Array.from(document.querySelectorAll('.pm-found [data-type=asset] b'), (b) => b.textContent)"
    )
    page.page.fill("#pm-search", "")


def test_search_by_chainage_opens_the_card_of_that_place(page, study):
    segment = study.segments.iloc[30]
    metres = round(segment["from_m"]) + 10
    page.page.fill("#pm-search", f"{segment['name']} K{metres // 1000}+{metres % 1000:03}")
    page.wait("document.querySelector('.pm-found [data-type=place]')")
    page.page.keyboard.press("Enter")
    page.wait("patrolmap.state().sel")
    sel = page("patrolmap.state().sel")
    start = float(sel.rsplit("@", 1)[1]) / 1000
    assert start <= metres < start + 700
    page.page.fill("#pm-search", "")


def test_the_address_opens_the_same_view_again(chrome, path, page):
    page(
        "patrolmap.filter({metre: 'never', kinds: ['river'], language: 'en', from: 20700, until: 20710})"
    )
    page(
        "patrolmap.select(PM.about && document.querySelector('.pm-gaps button') ? document.querySelector('[data-k^=\"gap:\"]').dataset.k.slice(4) : '')"
    )
    page.settled()
    state, hash_ = page("patrolmap.state()"), page("location.hash")
    with opened(chrome, path, hash_) as other:
        other.ready().wait("patrolmap.state().sel")
        again = other("patrolmap.state()")
        assert {k: v for k, v in again.items() if k != "hash"} == {
            k: v for k, v in state.items() if k != "hash"
        }
        assert other("document.querySelector('.pm-card').innerText.length") > 40


def test_the_keyboard_goes_all_the_way(page):
    page.page.keyboard.press("n")
    page.wait("patrolmap.state().sel")
    first = page("patrolmap.state().sel")
    page.page.keyboard.press("n")
    page.wait(f"patrolmap.state().sel !== '{first}'")
    page.page.keyboard.press("Escape")
    page.wait("patrolmap.state().sel === null")
    page.page.keyboard.press("/")
    assert page("document.activeElement.id") == "pm-search"
    page.page.focus("[data-k='legend:never']")
    page.page.keyboard.press("Enter")
    page.wait("patrolmap.state().hidden.includes('never')")
    page.wait("document.activeElement.dataset.k === 'legend:never'")


def test_a_finding_opens_with_its_reason(page):
    page.page.click(".pm-findings .pm-gaps button")
    page.wait("document.querySelector('.pm-card').innerText.includes('这一段没有责任人')")


def spot_on_a_line(page):
    """Bring segment 40 into view; return where on the screen its line runs."""
    page("async () => { await PM.go(40); await PM.choose(null); }")
    page.settled()
    return page(
        "PM.ask('card', 40).then((c) => { const [x, y] = c.line[c.line.length >> 1]; const p = PM.map.latLngToContainerPoint(PM.cells.latLng(x, y));"
        " const r = PM.map.getContainer().getBoundingClientRect(); return [p.x + r.left, p.y + r.top]; })"
    )


def test_a_click_on_a_line_opens_its_card(page):
    page.page.mouse.click(*spot_on_a_line(page))
    page.wait("patrolmap.state().sel")


def test_where_the_pointer_comes_to_rest_while_an_answer_is_awaited_is_answered(page):
    spot = spot_on_a_line(page)
    page(
        "() => { self.askAtOnce = PM.ask; PM.ask = async (...what) => {"
        " await new Promise((go) => setTimeout(go, 200)); return self.askAtOnce(...what); }; }"
    )
    page.page.mouse.move(spot[0] + 60, spot[1] + 60)
    page.page.mouse.move(*spot)
    page.wait("!document.querySelector('.pm-tip').hidden")
    page.page.mouse.move(2, 2)
    page.wait("document.querySelector('.pm-tip').hidden")
    page("() => { PM.ask = self.askAtOnce; }")


def test_a_change_that_is_overtaken_waits_for_the_one_that_overtook_it(page, study):
    counts = page(
        """async () => { const first = patrolmap.filter({theme: 'dark'}); patrolmap.filter({kinds: ['river']});
          return first; }"""
    )
    assert counts["segments"] == (study.segments["kind"] == "river").sum()
    assert page("PM.back.theme") == "dark"


def test_a_card_that_was_closed_before_it_came_stays_closed(page):
    page("async () => { const go = PM.go(3); await PM.choose(null); await go; }")
    assert page("patrolmap.state().sel") is None
    assert page("document.querySelector('.pm-card').hidden")


def test_neighbours_that_lack_the_same_are_one_gap(page, study):
    frame = overall(study)
    gaps = page("PM.ask('filter', {...PM.view}).then((a) => a.gaps)")
    for gap in gaps:
        course, start = gap["id"].rsplit("@", 1)
        line = frame[frame["course_id"] == course].sort_values("from_m")
        mm = (line["from_m"] * 1000).round()
        inside = line[(mm >= int(start)) & (mm < int(start) + gap["length_mm"])]
        assert set(inside["state"]) == {gap["state"]}
        assert inside["length_m"].sum() * 1000 == pytest.approx(gap["length_mm"], abs=len(inside))
        after = line[mm == int(start) + gap["length_mm"]]
        if gap["state"] != "overdue":
            assert not (after["state"] == gap["state"]).any()
    worst = max(g["length_mm"] for g in gaps if g["state"] == "unassigned")
    assert gaps[0]["length_mm"] == worst


def test_what_is_highlighted_of_a_finding_is_its_stretch_to_the_metre(page, study):
    course = study.segments["course_id"].iloc[30]
    rows = study.segments[study.segments["course_id"] == course].sort_values("from_m")
    first, second = rows.index[:2]
    from_m, to_m = rows["from_m"].iloc[0] + 50.0, rows["to_m"].iloc[1] - 70.0
    lines = page(
        """async ([id, from_mm, length_mm]) => {
          const first = await PM.ask('find', id);
          const lines = await PM.ask('stretch', {first, from_mm, length_mm});
          return lines.map((line) => line.map(([x, y]) => { const p = PM.cells.latLng(x, y); return [p.lng, p.lat]; }));
        }""",
        [f"{course}@{round(from_m * 1000)}", round(from_m * 1000), round((to_m - from_m) * 1000)],
    )
    drawn = gpd.GeoSeries([LineString(line) for line in lines], crs=4326).to_crs(rows.crs).length
    scale = rows.length / (rows["to_m"] - rows["from_m"])
    assert drawn[0] == pytest.approx((rows.loc[first, "to_m"] - from_m) * scale[first], abs=1)
    assert drawn[1] == pytest.approx((to_m - rows.loc[second, "from_m"]) * scale[second], abs=1)
    assert len(lines) == 2


def test_the_names_in_view_are_said_once_each_and_follow_the_filters(page, study):
    asked = """PM.ask('names', {box: [-1e9, -1e9, 1e9, 1e9], scale: 1}).then((all) => all.map((one) => one.name))"""
    names = page(asked)
    assert len(set(names)) == len(names) > 0
    assert set(names) <= set(study.segments["name"])
    page("patrolmap.filter({kinds: ['river']})")
    assert set(page(asked)) <= set(study.segments.loc[study.segments["kind"] == "river", "name"])


@pytest.mark.parametrize("thing", ["finding", "problem"])
def test_the_link_of_a_card_opens_that_card(chrome, path, page, thing):
    if thing == "finding":
        page("PM.ask('findings', {rule: '', most: 9}).then((f) => PM.showFinding(f.rows[1]))")
    else:
        page("PM.ask('problem', 5).then((p) => PM.showProblem(p, true))")
    page.settled()
    said, link = page("[document.querySelector('.pm-card').innerText, PM.viewLink()]")
    assert f"{thing}=" in link
    assert "复制本卡链接" in said
    with opened(chrome, path, "#" + link.split("#", 1)[1]) as other:
        other.ready()
        assert other("document.querySelector('.pm-card').innerText") == said
        assert other.complaints == []
    page("PM.choose(null)")
    assert f"{thing}=" not in page("PM.viewLink()")


def test_the_legend_says_when_crowded_tiles_leave_out_bands_and_dots(chrome, path):
    with opened(chrome, path, "#engine=page") as other:
        other.ready()
        note = "document.querySelector('.pm-crowded').hidden"
        assert other(note)
        other("() => { self.usual = PM.crowded; PM.crowded = () => true; return PM.set({}); }")
        assert not other(note)
        other("() => { PM.crowded = self.usual; return PM.set({}); }")
        assert other(note)


def test_the_language_changes_at_any_time(page):
    page.page.click(".pm-tool-language")
    page.wait("document.documentElement.lang === 'en'")
    page.wait("document.querySelector('.pm-results').innerText.includes('Covered, by length')")
    page.page.click(".pm-tool-language")
    page.wait("document.documentElement.lang === 'zh-CN'")


def test_measuring_says_how_far(page):
    page("PM.measure()")
    box = page(
        "(() => { const r = PM.map.getContainer().getBoundingClientRect(); return [r.left, r.top]; })()"
    )
    page.page.mouse.click(box[0] + 200, box[1] + 200)
    page.page.mouse.click(box[0] + 300, box[1] + 200)
    page.wait("PM.measuring && PM.measuring.length === 2")
    wide = page("PM.map.distance(...PM.measuring)")
    assert page("PM.measured()") == pytest.approx(wide)
    page.page.keyboard.press("Escape")
    assert page("PM.measuring") is None


def test_gcj02_is_shifted_in_china_and_nowhere_else(page):
    # Tiananmen: 39.90734, 116.39089 in WGS-84 is shown at about 39.90874, 116.39713 in GCJ-02.
    there = page("PM.gcj02({lat: 39.90734, lng: 116.39089})")
    assert there["lat"] == pytest.approx(39.90874, abs=2e-5)
    assert there["lng"] == pytest.approx(116.39713, abs=2e-5)
    assert page("PM.gcj02({lat: 47.1, lng: 9.5})") == {"lat": 47.1, "lng": 9.5}


@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_a_printed_sheet_is_one_page_with_title_legend_scale_and_sources(page, paper):
    page(f"PM.sheet('{paper}')")
    text = page("document.body.innerText")
    for expected in (
        "责任与巡查一张图",
        "截至 2026-09-30",
        "内部工作用图",
        "比例尺约 1:",
        "北",
        "未分配责任",
        "CGCS2000",
    ):
        assert expected in text
    # Nothing is cut through at the edge of the paper.
    assert page("""(() => { const end = PM.shell.scroll.getBoundingClientRect().bottom;
        return Array.from(PM.shell.results.querySelectorAll('.pm-box, .pm-gaps li'), (n) => n.getBoundingClientRect().bottom <= end + 1)
          .every(Boolean); })()""")
    content = page.page.pdf(prefer_css_page_size=True, print_background=True)
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") + content.count(
        b"/Type/Page/"
    ) in (0, 1)
    page("PM.unsheet()")


def test_axe_finds_no_serious_fault(page):
    for view in ("{}", "{theme: 'dark'}", "{language: 'en'}"):
        page(f"async () => {{ await PM.set({view}); await PM.go(3); }}")
        # axe is put in by the test: the page's own policy must stay in force for the page.
        page.settled()
        result = axe(page)
        bad = [
            (v["id"], [n["target"] for n in v["nodes"]][:3])
            for v in result
            if v["impact"] in ("serious", "critical")
        ]
        assert bad == []


def axe(page):
    return Axe().run(page.page).response["violations"]


def test_on_a_phone_everything_one_touches_is_44_pixels(chrome, path):
    with opened(
        chrome, path, size=(390, 844), device_scale_factor=2, is_mobile=True, has_touch=True
    ) as page:
        page.ready()
        small = page(
            """Array.from(document.querySelectorAll('button,select,summary,.leaflet-bar a'))
              .filter((b) => b.offsetParent && b.getBoundingClientRect().height < 43.5).map((b) => b.className + b.textContent)"""
        )
        assert small == []
        page.page.click(".pm-grab")
        assert page("document.documentElement.dataset.sheet") == "half"
        assert page("document.documentElement.scrollWidth") <= 390
        page("PM.go(3)")
        assert page("document.querySelector('.pm-card').getBoundingClientRect().bottom") <= 845
        assert page.complaints == []


def test_tracks_that_are_not_drawn_are_named_in_the_legend(page):
    page("async () => { PM.about.tracks_left_out = 7; await PM.set({}); }")
    assert page(
        "Array.from(document.querySelectorAll('.pm-note'), (n) => n.textContent).some((t) => t.includes('另有 7 条更早的未画'))"
    )
    page("async () => { PM.about.tracks_left_out = 0; await PM.set({}); }")
