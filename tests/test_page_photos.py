"""Photos that problems name: opened where they lie, and never an address out of a file."""

import gzip

import pandas as pd
import pytest

from layers.faults import PatrolmapError
from layers.options import read_options
from maps.page import write_map
from maps.photos import ways
from tests.bench.synthetic import study as synthetic
from tests.test_page_background import PNG
from tests.test_page_safety import unpacked

NAMES = "a b#1.png；2026/岸.png、没有.png;javascript:alert(1)//x.png|../秘密.png"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office's folder: photos in it and below, one outside, one name twice."""
    folder = tmp_path_factory.mktemp("office")
    for name in (
        "照片/a b#1.png",
        "照片/2026/岸.png",
        "照片/2025/x.png",
        "照片/2026/x.png",
        "秘密.png",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG)
    return folder


@pytest.fixture(scope="module")
def study():
    made = synthetic(100, problems=20)
    made.problems["photo"] = NAMES
    return made


@pytest.fixture(scope="module")
def path(study, office):
    path = office / "out" / "map.html"
    write_map(study, path, photos=office / "照片")
    return path


def found(office, *names):
    return ways(pd.Series(names, dtype=object), office / "照片", office / "out" / "map.html")


def test_a_photo_is_found_by_its_path_or_by_a_name_of_its_own(office):
    there = ["..", "照片", "2026", "岸.png"]
    assert found(office, "岸.png", "2026\\岸.png", "D:/手机/岸.png") == dict.fromkeys(
        ("岸.png", "2026\\岸.png", "D:/手机/岸.png"), there
    )
    assert found(office, "2025/x.png") == {"2025/x.png": ["..", "照片", "2025", "x.png"]}


@pytest.mark.parametrize("name", ["x.png", "没有.png", "../秘密.png", "秘密.png", "", "；、"])
def test_what_could_be_several_files_or_lies_outside_is_left_out(office, name):
    assert found(office, name) == {}


def test_a_folder_that_is_not_there_is_refused(office):
    with pytest.raises(PatrolmapError, match="photos: wanted a folder, there is no"):
        ways(pd.Series(["a.png"]), office / "图片", office / "map.html")


def test_the_folder_is_named_in_the_project(office):
    (office / "patrolmap.toml").write_text('[page]\nphotos = "照片"\n', "utf-8")
    assert read_options(office).page.photos == office / "照片"


def test_a_public_page_knows_of_no_photo(study, office, tmp_path):
    path = tmp_path / "public.html"
    write_map(study, path, edition="public", photos=office / "照片")
    content = gzip.decompress(unpacked(path.read_text(encoding="utf-8")))
    assert "岸.png".encode() not in content


@pytest.mark.browser
def test_a_card_opens_the_photos_that_were_found_and_no_other(page, office):
    page("PM.ask('problem', 3).then((p) => PM.showProblem(p))")
    links = page("Array.from(document.querySelectorAll('.pm-photo a'), (a) => a.href)")
    assert links == [(office / "照片" / name).as_uri() for name in ("a b#1.png", "2026/岸.png")]
    assert page("document.querySelectorAll('.pm-photo').length") == 5
    assert page("document.querySelectorAll('.pm-card img').length") == 0
    with page.page.context.expect_page() as opened:
        page.page.click(".pm-photo a >> nth=1")
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 1
    opened.value.close()
