"""What an office does with the page of a suggestion: now and then, a list, a card of each stretch."""

import pytest

from geo.suggest import suggest
from layers.options import Page
from maps.handover import write_handover
from tests.duty_world import rows, study
from tests.test_suggest import duty

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    given = rows(duty(0, 300, level="village"), duty(800, 1000, "李四", level="village"))
    world = study(given)
    path = tmp_path_factory.mktemp("handover") / "map.html"
    write_handover(world, suggest(world), path, page=Page())
    return path


DRAWN = "() => document.querySelector('.leaflet-pm-front-pane canvas').toDataURL()"
PRESSED = "document.querySelector('.pm-handover [aria-pressed=true]').textContent"


def test_the_switch_changes_the_lines_and_changes_them_back(page):
    then = page(DRAWN)
    assert page(PRESSED) == "建议后"
    page.page.click('[data-k="then:false"]')
    assert page(PRESSED) == "现在"
    assert page(DRAWN) != then
    page.page.click('[data-k="then:true"]')
    assert page(DRAWN) == then


def test_a_click_on_a_line_opens_the_card_with_the_reasons_and_no_raw_code(page):
    # The middle of the second gap: 李四 is proposed from K0+400 to K0+800.
    x, y = page(
        """() => {
          const one = PM.about.meta.handover.posts[0].stretches.find((s) => s.who === '李四');
          const middle = one.lat.map((lat, v) => [lat / 1e6, one.lng[v] / 1e6]);
          const at = middle.reduce((a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
          const p = PM.map.latLngToContainerPoint(at);
          const box = PM.map.getContainer().getBoundingClientRect();
          return [box.left + p.x, box.top + p.y];
        }"""
    )
    page.page.mouse.click(x, y)
    page.wait("document.querySelector('.pm-board')")
    card = page("document.querySelector('.pm-board').textContent")
    assert "K0+400–K0+800" in card
    assert "位于其片区李村" in card
    assert "village" not in card
    assert "@" not in card
    page.page.click(".pm-close")
    assert page("document.querySelector('.pm-board')") is None
