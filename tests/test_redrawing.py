"""A redrawn line does not move the duties that were read on the line before: as the commands run."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from geo.gaps import summary
from geo.intervals import millimetres
from geo.lines import place
from layers.demo.write import write_office
from scripts import options
from scripts.cli import main

METRIC = "EPSG:4549"
EAST, NORTH = 500_000.0, 3_300_000.0
ROWS = (
    "柳溪,K0+500,K1+500,左岸,张三\n"
    "柳溪,K0+500,K1+500,右岸,李四\n"
    "柳溪,K1+500,K2+600,,王五\n"
    "青溪,,,,赵六\n"
)
BEND = [(0, 0), (1000, 0), (1500, 800), (2500, 900), (3000, 900)]


def run(name, folder, *words):
    told = CliRunner().invoke(main, [name, str(folder), "--as-of", "2026-09-30", *words])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    assert told.exit_code in (0, 1), told.output
    return told.stdout


def draw(folder, **rivers):
    """Write rivers, given in metres east and north of a corner, as degrees."""
    lines = [shapely.LineString(np.add(points, (EAST, NORTH))) for points in rivers.values()]
    layer = gpd.GeoDataFrame({"name": list(rivers)}, geometry=lines, crs=METRIC).to_crs(4326)
    layer.to_file(folder / "rivers.geojson", driver="GeoJSON", COORDINATE_PRECISION=9)


def table(folder, rows=ROWS):
    (folder / "duties.csv").write_text("河流名称,起点,终点,岸别,村级河长\n" + rows, "utf-8")


def studied(folder):
    """What a command finds, after checking that every metre is counted once."""
    _, found = options.studied(options.Options(folder, "2026-09-30", None, None, "table", True))
    for lengths in summary(found)["lengths"].values():
        parts = [lengths[f"{part}_m"] for part in ("assigned", "unassigned", "out_of_scope")]
        assert millimetres(parts).sum() == millimetres([lengths["total_m"]])[0]
    return found


def held(found):
    """Where each holder begins and ends on the ground, with the bank as a compass sees it."""
    lines, ends_of = found.lines, {}
    for duty in found.duties.itertuples():
        number = np.repeat(lines.numbers([duty.course_id]), 2)
        x, y, _ = place(lines, number, [duty.from_m, duty.to_m])
        ends = sorted(zip(x.tolist(), y.tolist(), strict=True))
        middle = place(lines, number[:1], [(duty.from_m + duty.to_m) / 2])[2][0]
        bank = {"L": middle - 90, "R": middle + 90}.get(duty.side)
        ends_of[duty.holder] = (*np.ravel(ends), bank)
    return ends_of


def same_ground(before, after, *holders, within_m=1.0):
    for holder in holders:
        *one, bank = before[holder]
        *other, now = after[holder]
        assert one == pytest.approx(other, abs=within_m), holder
        if bank is not None:
            assert abs((bank - now + 180) % 360 - 180) < 60


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    draw(folder, 柳溪=BEND, 青溪=[(0, 5000), (2000, 5000)])
    table(folder)
    return folder, studied(folder)


@pytest.fixture
def office(first, tmp_path):
    """柳溪 with duties by chainage, 青溪 held whole, read once."""
    folder, before = first
    return shutil.copytree(folder, tmp_path / "office"), before


def wiggled(points, by=0.4):
    """The same line with more vertices, each a little to one side."""
    line = shapely.segmentize(shapely.LineString(points), 100)
    xy = shapely.get_coordinates(line)
    return xy + by * np.array([[0, 1], [0, -1]])[np.arange(len(xy)) % 2]


@pytest.mark.parametrize(
    "drawn",
    [BEND[::-1], [(-400, 0), *BEND], wiggled(BEND), wiggled([(-400, 0), *BEND])[::-1]],
    ids=["reversed", "longer upstream", "wiggled", "all at once"],
)
def test_whoever_held_the_metres_holds_them_after_a_redrawing(office, drawn):
    folder, before = office
    draw(folder, 柳溪=drawn, 青溪=[(0, 5000), (2000, 5000)])
    after = studied(folder)
    same_ground(held(before), held(after), "张三", "李四", "王五", "赵六")


def test_what_moved_is_said_of_its_row_in_check_and_in_the_counts(office):
    folder, before = office
    draw(folder, 柳溪=[(-400, 0), *BEND], 青溪=[(0, 5000), (2000, 5000)])
    said = json.loads(run("check", folder, "--format", "json"))["warnings"]
    moved = {w["row"]: w for w in said if w["rule"] == "moved"}
    assert sorted(moved) == [2, 3, 4]
    assert moved[2]["file"] == "duties.csv"
    assert "K0+500—K1+500 按位置移至 柳溪 K0+900—K1+900" in moved[2]["message"].replace(
        "river:", ""
    )
    counted = json.loads(run("gaps", folder, "--format", "json"))["rejects"]
    assert counted == len(before.rejects) + 3
    assert studied(folder).duties["why"].str.contains("线形已重画，按原来的位置").sum() == 3


def test_a_row_that_was_rewritten_is_read_on_the_new_line_and_the_others_are_not(office):
    folder, _ = office
    draw(folder, 柳溪=[(-400, 0), *BEND], 青溪=[(0, 5000), (2000, 5000)])
    table(folder, ROWS.replace("K1+500,K2+600,,王五", "K1+500,K2+601,,王五"))
    after = studied(folder).duties.set_index("holder")
    assert after.loc["王五", ["from_m", "to_m"]].tolist() == [1500, 2601]
    assert after.loc["张三", ["from_m", "to_m"]].tolist() == pytest.approx([900, 1900], abs=0.01)


def test_a_new_holder_in_an_old_row_gets_the_old_metres(office):
    folder, before = office
    draw(folder, 柳溪=[(-400, 0), *BEND], 青溪=[(0, 5000), (2000, 5000)])
    table(folder, ROWS.replace("王五", "孙七"))
    was, now = held(before), held(studied(folder))
    same_ground({"孙七": was["王五"]}, now, "孙七")


def test_rows_rewritten_as_advised_mean_the_same_and_are_settled(office):
    folder, before = office
    draw(folder, 柳溪=[(-400, 0), *BEND], 青溪=[(0, 5000), (2000, 5000)])
    run("gaps", folder)
    new = ROWS.replace("K0+500,K1+500", "K0+900,K1+900").replace("K1+500,K2+600", "K1+900,K3+000")
    table(folder, new)
    after = studied(folder)
    same_ground(held(before), held(after), "张三", "李四", "王五", within_m=0.01)
    assert "moved" not in set(after.rejects["rule"])


def test_what_is_drawn_no_more_is_told_and_only_what_is_stays_held(office):
    folder, _ = office
    draw(folder, 柳溪=[(0, 0), (1000, 0)], 青溪=[(0, 5000), (2000, 5000)])
    after = studied(folder)
    assert "王五" not in set(after.duties["holder"])
    mine = after.duties[after.duties["course_id"] == "river:柳溪"]
    assert mine[["holder", "from_m", "to_m"]].to_numpy().tolist() == [
        ["张三", pytest.approx(500, abs=1), pytest.approx(1000, abs=1)],
        ["李四", pytest.approx(500, abs=1), pytest.approx(1000, abs=1)],
    ]
    told = after.rejects[after.rejects["severity"] == "error"]
    assert told[["row", "rule"]].to_numpy().tolist() == [[2, "cut"], [3, "cut"], [4, "lost"]]
    read = after.inputs.files.set_index("path").loc["duties.csv"]
    assert read[["rows", "used", "rejected"]].tolist() == [4, 3, 1]


def test_a_river_that_vanished_keeps_its_last_line_and_comes_back(office):
    folder, before = office
    draw(folder, 柳溪=wiggled(BEND), 青溪=[(0, 5000), (2000, 5000)])
    redrawn = studied(folder)
    draw(folder, 大溪=[(0, 9000), (2000, 9000)])
    gone = studied(folder)
    same_ground(held(before), held(gone), "张三", "李四", "王五", "赵六")
    kept = gone.rejects[gone.rejects["rule"] == "kept"]
    assert kept["row"].tolist() == [2, 3, 4, 5]
    # The last line, not the first.
    last = [frame.courses.set_index("name").geometry["柳溪"] for frame in (redrawn, gone)]
    assert shapely.equals_exact(*last, tolerance=0.001)
    assert "沿用上次的图形" in gone.courses.set_index("name")["why"]["柳溪"]
    draw(folder, 柳溪=BEND, 青溪=[(0, 5000), (2000, 5000)])
    assert held(studied(folder)) == held(before)


def test_a_river_under_a_new_name_is_not_counted_twice(office):
    folder, _ = office
    draw(folder, 柳河=BEND, 青溪=[(0, 5000), (2000, 5000)])
    after = studied(folder)
    assert sorted(after.courses["name"]) == ["柳河", "青溪"]
    renamed = after.rejects[after.rejects["rule"] == "renamed"]
    assert renamed["row"].tolist() == [2, 3, 4]
    assert renamed["message"].str.contains("柳河").all()


def test_a_duty_table_that_is_missing_for_a_day_is_not_forgotten(office):
    folder, before = office
    (folder / "duties.csv").rename(folder / "elsewhere.csv")
    run("gaps", folder)
    draw(folder, 柳溪=[(-400, 0), *BEND], 青溪=[(0, 5000), (2000, 5000)])
    run("gaps", folder)
    (folder / "elsewhere.csv").rename(folder / "duties.csv")
    same_ground(held(before), held(studied(folder)), "张三", "李四", "王五")


def test_the_kept_file_is_small_and_the_same_for_the_same_input(office):
    folder, _ = office
    file = folder / "out" / "baseline.parquet"
    first = file.read_bytes()
    run("gaps", folder)
    assert file.read_bytes() == first
    shutil.rmtree(folder / "out")
    run("gaps", folder)
    assert file.read_bytes() == first
    assert len(first) < 20_000


def test_a_kept_file_that_is_broken_stops_the_run_with_a_way_out(office):
    folder, _ = office
    (folder / "out" / "baseline.parquet").write_bytes(b"PAR1 no")
    told = CliRunner().invoke(main, ["gaps", str(folder)])
    assert told.exit_code == 2
    assert "baseline.parquet: wanted the file that the last run wrote" in told.stderr


def test_on_the_demo_office_only_the_redrawn_river_is_told_of(tmp_path):
    write_office(tmp_path)
    shutil.rmtree(tmp_path / "patrols")
    before = studied(tmp_path)
    name = "白石溪"
    rivers = gpd.read_file(tmp_path / "河流.shp", encoding="gb18030")
    mine = rivers["名称"] == name
    assert mine.sum() == 1
    line = rivers.geometry[mine].iloc[0]
    x, y = line.coords[0]
    upstream = shapely.LineString([(x - 300, y + 265), *line.coords])
    rivers.loc[mine, "geometry"] = shapely.LineString(wiggled(upstream.coords)[::-1])
    rivers.to_file(tmp_path / "河流.shp", encoding="gb18030", engine="pyogrio")
    after = studied(tmp_path)
    course = before.courses.set_index("name")["course_id"][name]
    mine = before.duties["course_id"] == course
    by_chainage = before.duties[mine & (before.duties["located_by"] == "chainage")]
    assert len(by_chainage) == 3
    same_ground(held(before), held(after), *by_chainage["holder"])
    ids = [
        set(f.segments.loc[f.segments["course_id"] != course, "segment_id"])
        for f in (before, after)
    ]
    assert ids[0] == ids[1]
    new = after.rejects.merge(before.rejects, how="left", indicator=True)
    new = new[new["_merge"] == "left_only"]
    assert set(new["rule"]) == {"moved"}


def test_a_whole_bank_stays_the_bank_it_was_when_the_line_is_drawn_the_other_way(tmp_path):
    draw(tmp_path, 柳溪=BEND)
    table(tmp_path, "柳溪,,,左岸,张三\n柳溪,,,右岸,李四\n")
    before = studied(tmp_path)
    draw(tmp_path, 柳溪=wiggled([(-400, 0), *BEND])[::-1])
    for _ in range(2):
        after = studied(tmp_path)
        side = after.duties.set_index("holder")["side"].to_dict()
        assert side == {"张三": "R", "李四": "L"}
        moved = after.rejects[after.rejects["rule"] == "moved"]
        assert moved["message"].str.contains("仍指原来的那一岸").tolist() == [True, True]
    assert set(before.duties["side"]) == {"L", "R"}
    assert after.duties["to_m"].tolist() == after.courses["length_m"].tolist() * 2
