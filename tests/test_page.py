"""The page: one file, no request, the same bytes, the same kilometres."""

import re
from dataclasses import replace

import folium
import folium.plugins
import pytest

from maps.page import build_map, write_map
from tests.bench.synthetic import study as synthetic
from tests.browser import opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def study():
    return synthetic(500, problems=120, passages=2000)


@pytest.fixture(scope="module")
def path(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "map.html"
    write_map(study, path, office="清溪镇", phone_line="0577-12345678")
    return path


def test_a_page_asks_nothing_of_the_network_and_complains_of_nothing(page):
    assert (page.requests, page.complaints) == ([], [])


def test_a_page_counts_the_same_metres_as_the_study(page, study):
    counts = page("patrolmap.counts()")
    overall = study.standing[study.standing["level"] == ""]
    assert counts["segments"] == len(study.segments)
    for name, metres in counts["metres"].items():
        assert metres == pytest.approx(overall[name].sum(), abs=1e-3)
    assert counts["total_km"] * 1000 == pytest.approx(study.segments["length_m"].sum(), abs=1e-3)


def test_a_page_without_worker_says_the_same(chrome, path, page):
    with opened(chrome, path, "#engine=page") as other:
        other.ready()
        assert other("PM.worker") is False
        assert other("patrolmap.counts()") == page("patrolmap.counts()")
        assert other.complaints == []


def test_a_page_without_the_browsers_inflater_says_the_same(chrome, path, page):
    script = "delete window.DecompressionStream"
    with opened(chrome, path, "#engine=page", script=script) as other:
        other.ready()
        assert other("[PM.worker, typeof DecompressionStream]") == [False, "undefined"]
        assert other("patrolmap.counts()") == page("patrolmap.counts()")


def test_a_card_says_who_why_and_how_long(chrome, path, study):
    row = study.standing[
        (study.standing["level"] == "") & (study.standing["state"] == "overdue")
    ].iloc[0]
    segment = study.segments.set_index("segment_id").loc[row["segment_id"]]
    with opened(chrome, path) as page:
        page.ready()
        key = f"{segment['course_id']}@{round(segment['from_m'] * 1000)}"
        page("id => patrolmap.select(id)", key)
        text = page("document.querySelector('.pm-card').innerText")
    holders = study.duties[study.duties["course_id"] == segment["course_id"]]
    for expected in [
        row["why"],
        segment["name"],
        "超期未巡",
        "0577-12345678",
        *holders["holder"],
        *holders["phone"],
    ]:
        assert expected in text


def test_the_same_study_gives_the_same_bytes(study, tmp_path):
    one, two = tmp_path / "one.html", tmp_path / "two.html"
    write_map(study, one)
    write_map(study, two)
    assert one.read_bytes() == two.read_bytes()


def test_no_address_is_named_as_an_asset(path):
    page = path.read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page)


def test_a_folium_layer_of_the_users_own_stands_beside_ours(chrome, study, tmp_path):
    page = build_map(study)
    folium.CircleMarker([27.5, 113.9]).add_to(page)
    path = tmp_path / "own.html"
    page.get_root().save(str(path))
    with opened(chrome, path) as there:
        there.ready()
        assert there("document.querySelectorAll('canvas').length") > 1
        assert (there.requests, there.complaints) == ([], [])


def test_a_link_to_an_unknown_asset_is_refused(study):
    page = build_map(study)
    folium.plugins.Fullscreen().add_to(page)
    with pytest.raises(LookupError, match="wanted only assets that are in the package"):
        page.get_root().render()


def test_an_empty_study_is_an_empty_page(chrome, study, tmp_path):
    names = ("segments", "standing", "duties", "passages", "problems", "areas", "patrols")
    nothing = replace(study, **{name: getattr(study, name).iloc[:0] for name in names})
    path = tmp_path / "empty.html"
    write_map(nothing, path)
    with opened(chrome, path) as page:
        page.ready()
        assert page("patrolmap.counts().segments") == 0
        assert page.complaints == []
