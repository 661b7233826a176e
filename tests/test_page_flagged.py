"""Fixes that were not used stay visible: grey marks with their reason, inside the office only."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st

from geo.cleaning import IMPOSSIBLE, INACCURATE, JUMP, KEPT, NAMES, PAUSE, STILL, STRANGER, USED
from geo.schema import FIXES
from maps.cells import cells_of
from maps.edition import Edition
from maps.pack_flagged import flagged
from maps.pack_patrols import tracks
from maps.packing import Pack
from maps.page import write_map
from tests.bench.synthetic import study as synthetic
from tests.test_page_packing import read
from tests.test_page_packing import with_fixes as with_gist
from tests.test_page_safety import unpacked

WALKER = "<img src=x onerror=window.ran=1>"
PLAIN = synthetic(25, passages=40)
PATROL = PLAIN.patrols["patrol_id"].iloc[0]
EAST, NORTH = (round(v) for v in PLAIN.segments.geometry.iloc[12].coords[5])


def with_fixes(rows):
    """The study with fixes of (flag, metres east, day of September, minute after 8, patrol)."""
    frame = pd.DataFrame(rows, columns=["flag", "east", "day", "minute", "patrol_id"])
    at = pd.Timestamp("2026-09-01 00:00", tz="UTC") + pd.to_timedelta(
        (frame["day"] - 1) * 1440 + frame["minute"], unit="min"
    )
    frame = frame.assign(
        x_m=EAST + frame["east"], y_m=float(NORTH), at=at, accuracy_m=5.0, point="track"
    )
    patrols = PLAIN.patrols.assign(person=WALKER)
    return replace(
        with_gist(PLAIN, frame[FIXES.names], frame["flag"].to_numpy(np.int8)), patrols=patrols
    )


ROWS = [
    *[(USED, 20.0 * k, 10, k, PATROL) for k in range(6)],
    *[(JUMP, 502.0 + k, 10, k, PATROL) for k in range(3)],
    (JUMP, 503.0, 12, 4, PATROL),
    *[(STILL, 903.0, 10, k // 60, PATROL) for k in range(600)],
    (PAUSE, 1203.0, 10, 500, PATROL),
    (USED, 1223.0, 10, 501, PATROL),
    (INACCURATE, 1503.0, 11, 6, "nobody's"),
    (IMPOSSIBLE, np.nan, 10, 7, PATROL),
    (STRANGER, 9e7, 10, 8, "nobody's"),
]
STUDY = with_fixes(ROWS)


def packed(study, edition="internal"):
    pack = Pack()
    return flagged(pack, study, cells_of(study), Edition(edition)), pack


def numbers(spec, pack, name):
    return read(b"".join(pack.parts), spec["columns"][name])


def test_fixes_of_one_patrol_day_and_reason_in_one_place_are_one_mark_with_their_number():
    spec, pack = packed(STUDY)
    found = zip(*(numbers(spec, pack, name).tolist() for name in ("day", "flag", "count")), strict=True)  # fmt: skip
    tenth = pd.Timestamp("2026-09-10").toordinal() - pd.Timestamp("1970-01-01").toordinal()
    assert sorted(found) == sorted(
        [(tenth, JUMP, 3), (tenth + 2, JUMP, 1), (tenth, STILL, 600), (tenth, PAUSE, 1), (tenth + 1, INACCURATE, 1)]
    )  # fmt: skip
    assert spec["nowhere"] == 2
    assert numbers(spec, pack, "lasted").max() == 9


def test_the_oldest_marks_beyond_the_room_of_a_page_are_counted(monkeypatch):
    monkeypatch.setattr("maps.pack_flagged.MARKS", 2)
    spec, pack = packed(STUDY)
    assert (spec["n"], spec["left_out"]) == (2, 604)
    assert numbers(spec, pack, "flag").tolist() == [JUMP, INACCURATE]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(range(len(NAMES))), st.sampled_from([0.0, 9.0, 400.0, 9e7, np.nan, np.inf]),
            st.integers(1, 5), st.sampled_from([0, 30, np.nan]), st.sampled_from([PATROL, "nobody's"]),
        ), max_size=30,
    )
)  # fmt: skip
def test_every_flagged_fix_is_in_a_mark_or_counted_as_left_out(rows):
    # What has no place is never used.
    rows = [(flag, 0.0 if flag in KEPT else east, *rest) for flag, east, *rest in rows]
    spec, pack = packed(with_fixes(rows))
    drawn = numbers(spec, pack, "count").sum() if spec["n"] else 0
    assert drawn + spec["left_out"] + spec["nowhere"] == sum(row[0] != USED for row in rows)


def test_a_raw_track_leaves_out_what_was_not_used_and_ends_at_a_pause():
    pack = Pack()
    spec = tracks(pack, STUDY, cells_of(STUDY), Edition("internal"))
    # Two straight lines, before and after the pause.
    assert spec["n"] == 2
    assert read(b"".join(pack.parts), spec["columns"]["lines"]["counts"]).tolist() == [2, 2]


def test_marks_and_reasons_stay_in_the_office(tmp_path):
    assert packed(STUDY, "public")[0] == {"n": 0, "left_out": 0, "nowhere": 0}
    write_map(STUDY, tmp_path / "public.html", edition="public")
    page = (tmp_path / "public.html").read_text(encoding="utf-8")
    content = gzip.decompress(unpacked(page))
    head = json.loads(content[8 : 8 + int.from_bytes(content[4:8], "little")])
    assert head["tables"]["flagged"] == {"n": 0, "left_out": 0, "nowhere": 0}
    assert not [word for word in ("跳点", "原地停留", WALKER) if word.encode() in content]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("flagged") / "map.html"
    with pytest.MonkeyPatch.context() as patch:
        # The answers of this study were drawn by lot: there is nothing to explain.
        patch.setattr("maps.payload.pack_reasons", lambda *_: {"n": 0, "left_out": 0})
        write_map(STUDY, path)
    return path


def period(page, low, high):
    page(
        "([a, b]) => patrolmap.filter({from: Date.parse(a) / 864e5, until: Date.parse(b) / 864e5})",
        [low, high],
    )


def signs(page):
    return page("document.querySelector('.pm-signs').innerText")


SPOT = """([east, day]) => PM.ask('flagged', {box: [-1e9, -1e9, 1e9, 1e9], side: 1, from: day, until: day}).then(async (marks) => {
  marks.sort((a, b) => a.x - b.x);
  PM.map.setView(PM.cells.latLng(marks[east].x, marks[east].y), 17, {animate: false});
})"""


def centre(page, nth):
    """Bring the nth mark from the west of 10 September into the middle; return where that is."""
    page(SPOT, [nth, (pd.Timestamp("2026-09-10") - pd.Timestamp("1970-01-01")).days])
    page.settled()
    return page(
        """(() => { const r = PM.map.getContainer().getBoundingClientRect(), s = PM.map.getSize();
            return [r.left + s.x / 2, r.top + s.y / 2]; })()"""
    )


@pytest.mark.browser
def test_the_legend_counts_what_was_not_used_in_the_period(page):
    assert "未采用" not in signs(page)
    period(page, "2026-09-10", "2026-09-10")
    assert "未采用的定位点 3 个：跳点 3 个" in signs(page)
    assert "采用但有注记的定位点 601 个：原地停留 600 个、中断一小时以上后的第一点 1 个" in signs(
        page
    )
    period(page, "2026-09-11", "2026-09-12")
    assert "未采用的定位点 2 个" in signs(page)
    assert "有注记" not in signs(page)
    assert "另有 2 个定位点坐标不可能" in page("document.querySelector('.pm-results').innerText")


@pytest.mark.browser
def test_a_mark_says_its_reason_under_the_pointer_and_on_its_card(page):
    period(page, "2026-09-10", "2026-09-10")
    spot = centre(page, 0)
    page.page.mouse.move(spot[0] + 40, spot[1] + 40)
    page.page.mouse.move(*spot)
    page.wait("document.querySelector('.pm-tip').innerText.includes('跳点 3 个')")
    page.page.mouse.click(*spot)
    page.wait("document.querySelector('.pm-card').innerText.includes('未采用的定位点')")
    card = page("document.querySelector('.pm-card').innerText")
    assert "2026-09-10 08:00–08:02" in card
    assert WALKER in card
    assert page("window.ran") is None
    faults = Axe().run(page.page).response["violations"]
    assert not [v["id"] for v in faults if v["impact"] in ("serious", "critical")]
    page("PM.set({language: 'en'})")
    assert "jump: 3" in page("document.querySelector('.pm-card').innerText")


@pytest.mark.browser
def test_a_mark_is_drawn_in_grey_and_goes_with_the_tracks(page):
    pixel = """() => { const {canvas} = PM.front, p = PM.map.latLngToLayerPoint(PM.map.getCenter()), {origin, full} = PM.front.frame;
      const ratio = canvas.width / full.x, copy = new OffscreenCanvas(3, 3).getContext('2d');
      copy.drawImage(canvas, 1 - Math.round((p.x - origin.x) * ratio), 1 - Math.round((p.y - origin.y) * ratio));
      return Array.from(copy.getImageData(0, 0, 3, 3).data); }"""
    period(page, "2026-09-10", "2026-09-10")
    centre(page, 0)
    inked = np.array(page(pixel)).reshape(-1, 4)
    grey = inked[inked[:, 3] > 200, :3]
    assert len(grey)
    assert (np.ptp(grey, axis=1) < 20).all()
    page("patrolmap.filter({from: null, until: null})")
    assert not np.array(page(pixel)).reshape(-1, 4)[:, 3].any()


@pytest.mark.browser
def test_a_card_counts_the_passes_of_its_stretch(page):
    i = page(
        """(async () => { for (let i = 0; i < PM.about.segments; i++) if ((await PM.ask('card', i)).visits) return i; })()"""
    )
    card = page("i => PM.choose(i)", i)
    said = page("document.querySelector('.pm-card').innerText")
    assert f"确切经过 {card['visits']} 次" in said
