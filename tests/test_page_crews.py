"""What an office does with the page of a plan: switch crews, read the steps, go to one."""

import json

import pytest

from tests.test_routes_command import LAT, LON, folder, run  # noqa: F401

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(folder, tmp_path_factory):  # noqa: F811
    out = tmp_path_factory.mktemp("crews")
    words = ("--crews", "2", "--mode", "bicycle", "--start", f"{LON},{LAT + 0.0003}")
    told = run(folder, out, *words, "--format", "json")
    assert told.exit_code == 0, told.output
    return out / "routes" / "map.html", json.loads(told.output)


@pytest.fixture(scope="module")
def path(made):
    return made[0]


def test_each_crew_has_its_colour_its_kilometres_and_its_hours(page, made):
    rows = page(
        "Array.from(document.querySelectorAll('.pm-crews [data-k^=\"crew:\"]'), (b) => b.textContent)"
    )
    plan = made[1]["routes"]
    assert len(rows) == len({route["crew"] for route in plan}) == 2
    for row, route in zip(rows, plan, strict=True):
        assert route["crew"] in row
        assert f"{route['minutes'] / 60:.1f} 小时" in row
    assert page("new Set(PM.about.routes.map((r) => r.crew)).size") == 2
    assert page("PM.hue(0, 'light').colour !== PM.hue(1, 'light').colour")
    assert page(
        "PM.hue(8, 'light').dash.length > 0 && PM.hue(8, 'light').colour === PM.hue(0, 'light').colour"
    )


def test_the_list_holds_every_step_and_leads_to_its_place(page):
    page.page.click(".pm-crews summary >> nth=0")
    steps = page(
        "Array.from(document.querySelectorAll('.pm-crews details[open] .pm-step'), (b) => b.textContent)"
    )
    legs = page("PM.about.routes.filter((r) => r.crew === PM.about.routes[0].crew).length")
    assert len(steps) == legs
    assert "8:30" in steps[0]
    before = page("PM.toHash(PM.view, PM.map)")
    page.page.click(".pm-crews .pm-step-work >> nth=0")
    page.settled()
    assert page("PM.toHash(PM.view, PM.map)") != before
    assert page("document.querySelectorAll('.pm-step[aria-current]').length") == 1


def test_a_crew_is_switched_off_and_on_again(page):
    drawn = "() => document.querySelector('.leaflet-pm-front-pane canvas').toDataURL()"
    full = page(drawn)
    for number in (0, 1):
        page.page.click(f'.pm-crews [data-k^="crew:"] >> nth={number}')
    assert len(page(drawn)) < len(full)
    assert page("document.querySelectorAll('.pm-crews [aria-pressed=false]').length") == 2
    for number in (0, 1):
        page.page.click(f'.pm-crews [data-k^="crew:"] >> nth={number}')
    assert page(drawn) == full
