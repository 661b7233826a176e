"""The page of an office with tracks: the explainer, the waters, the periods, the photos."""

import gzip

import pytest

from geo.program import study as program
from layers.demo.write import write_office
from layers.project import open_project
from layers.read import read
from maps.page import write_map
from tests.browser import browser, opened
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


@pytest.fixture(scope="module")
def chrome():
    with browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def desk(chrome, path):
    with opened(chrome, path) as page:
        yield page.ready()


@pytest.fixture
def page(desk):
    desk(
        "async () => { await PM.choose(null); await PM.set({...PM.defaults, ...PM.unfiltered(), theme: 'light'}); }"
    )
    yield desk
    assert (desk.requests, desk.complaints) == ([], [])


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
