"""A year of days read one by one, or killed half-way, gives the page that all at once gives."""

from functools import partial

import geopandas as gpd
import pandas as pd
import pyproj
import pytest
from walks import CRS, LINE, WALKED, walk

import geo.reasons
import geo.walked
import layers.large
import layers.matched
from geo.program import study
from geo.trails import batches
from layers.matched import walk_kept
from layers.project import open_project
from layers.read import read
from layers.shelf import Shelf
from maps.edition import Edition
from maps.payload import encode

AS_OF = pd.Timestamp("2026-05-10")
BACK = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)


def day(folder, number):
    """Three people of a day: one walks, one stands about, one is in two places at one time."""
    rows = []
    for person, seed in (("张三", 1), ("李四", 2), ("王五", 3), ("王五", 4)):
        xyt = walk(WALKED, every=60.0, seed=10 * number + seed)[number + seed :]
        if seed == 4:
            xyt[:, :2] = xyt[::-1, :2]
        if person == "李四":
            xyt[10:20, :2] = xyt[10, :2]
        lon, lat = BACK.transform(xyt[:, 0], xyt[:, 1])
        at = pd.Timestamp(2026, 5, number, 8) + pd.to_timedelta(xyt[:, 2], unit="s")
        rows.append(
            pd.DataFrame(
                {
                    "轨迹编号": f"{number}-{seed}",
                    "姓名": person,
                    "时间": at,
                    "经度": lon,
                    "纬度": lat,
                }
            )
        )
    mixed = pd.concat(rows).sample(frac=1.0, random_state=number)
    (folder / "patrols").mkdir(exist_ok=True)
    mixed.to_csv(folder / "patrols" / f"{number:02d}.csv", index=False)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office")
    river = gpd.GeoDataFrame({"名称": ["柳溪"]}, geometry=[LINE], crs=CRS).to_crs(4326)
    river.to_file(folder / "rivers.geojson", driver="GeoJSON")
    for number in range(1, 4):
        day(folder, number)
    return folder


def page(folder, shelf):
    project = open_project(folder)
    found = study(
        read(project, shelf), project.settings, AS_OF, matcher=partial(walk_kept, shelf=shelf)
    )
    return encode(found, Edition("internal"), {}), found


@pytest.fixture(scope="module")
def wanted(office):
    content, found = page(office, Shelf())
    assert {"review_two_places"} <= set(found.findings["rule"])
    assert len(found.gist.drawn)
    assert len(found.gist.remarks)
    return content


def few_at_a_time(monkeypatch):
    """Hold no more than about 150 fixes anywhere."""
    few = partial(batches, most=150)
    for module in (geo.walked, geo.reasons, layers.large, layers.matched):
        monkeypatch.setattr(module, "batches", few)
    monkeypatch.setattr("layers.patrols.log._LARGE_BYTES", 0)
    monkeypatch.setattr(layers.large, "_BLOCK_BYTES", 2_000)
    monkeypatch.setattr(layers.matched, "_MANY", 2)


def test_a_day_between_others_a_few_fixes_at_a_time_gives_the_page_of_all_of_them(
    office, wanted, monkeypatch, tmp_path
):
    few_at_a_time(monkeypatch)
    later = office / "patrols" / "02.csv"
    aside = later.rename(tmp_path / later.name)
    page(office, Shelf(tmp_path))
    aside.rename(later)
    assert page(office, Shelf(tmp_path))[0] == wanted


def test_a_run_that_was_killed_gives_the_same_page_when_it_is_run_again(
    office, wanted, monkeypatch, tmp_path
):
    few_at_a_time(monkeypatch)
    put, calls = Shelf.put_batch, iter(range(100))

    def dying(shelf, *args, **options):
        if next(calls) == 3:
            raise KeyboardInterrupt
        put(shelf, *args, **options)

    shelf = Shelf(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "put_batch", dying)
        with pytest.raises(KeyboardInterrupt):
            page(office, shelf)
    # As when the program dies.
    shelf._base.close()
    assert next(calls) == 4
    assert page(office, Shelf(tmp_path))[0] == wanted
