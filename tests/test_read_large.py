"""A large table of fixes, read as a stream, is what the careful reader makes of it."""

import gzip
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as st
from worlds import every_fix

import layers.large as large
from geo.trails import batches
from layers.files import UnsafeFileError, text_stream
from layers.patrols.log import SOURCE
from layers.project import open_project
from layers.read import read
from layers.shelf import Shelf
from layers.sources import Source
from layers.trips import gathered

HEADER = "轨迹编号,姓名,单位,时间,经度,纬度,精度\n"
ROWS = st.tuples(
    st.sampled_from(["", "7", "12"]), st.sampled_from(["张三", "李四", ""]),
    st.sampled_from([0, 1, 2]), st.integers(0, 600), st.sampled_from(["", "8", "60.5"]),
)  # fmt: skip


def table(rows):
    lines = []
    for n, (number, person, day, second, accuracy) in enumerate(rows):
        at = pd.Timestamp("2024-04-06 23:50") + pd.Timedelta(days=day, seconds=2 * second)
        when = "" if (n + second) % 17 == 0 else f"{at}"
        lines.append(f"{number},{person},{person}队,{when},{120 + n / 1e5:.5f},28.1,{accuracy}\n")
    return HEADER + "".join(lines)


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    monkeypatch.setattr("layers.patrols.log._LARGE_BYTES", 0)


def source(path):
    return Source(path, path.name, "patrols", time_zone="Asia/Shanghai")


def streamed(path):
    parts = SOURCE.stream(path, source(path))
    assert parts is not None
    return gathered(list(parts))


@few(max_examples=30)
@given(st.lists(ROWS, min_size=1, max_size=60), st.booleans(), st.sampled_from([1, 7, 1000]))
def test_no_order_block_or_batch_changes_what_is_read(tmp_path_factory, rows, numbered, size):
    rows = [(number if numbered else "", *rest) for number, *rest in rows]
    path = tmp_path_factory.mktemp("large") / "patrols.csv"
    path.write_text(table(rows), encoding="utf-8")
    wanted = SOURCE.read(path, source(path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large, "_BLOCK_BYTES", 70 * size)
        patch.setattr(large, "batches", partial(batches, most=size))
        found = streamed(path)
    pd.testing.assert_frame_equal(found.patrols, wanted.patrols)
    pd.testing.assert_frame_equal(found.fixes, wanted.fixes)
    assert found.rows == wanted.rows == len(rows)


@pytest.mark.parametrize("name", ["patrols.csv", "patrols.csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_packed_and_in_any_encoding(tmp_path, name, encoding):
    raw = table([("", "张三", 0, 5 * n, "") for n in range(1, 16)]).encode(encoding)
    path = tmp_path / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    found = streamed(path)
    assert set(found.patrols["person"]) == {"张三"}
    assert len(found.fixes) == 15


def test_a_clock_and_a_day_in_two_columns_are_one_time(tmp_path):
    rows = "".join(f"张三,2024-04-07,8:{n:02d}:05,120.1,28.{n:02d}\n" for n in range(20))
    path = tmp_path / "patrols.csv"
    path.write_text("姓名,日期,时间,经度,纬度\n" + rows, encoding="utf-8")
    wanted = SOURCE.read(path, source(path))
    assert wanted.patrols["started_at"][0] == pd.Timestamp("2024-04-07T00:00:05Z")
    pd.testing.assert_frame_equal(streamed(path).patrols, wanted.patrols)
    pd.testing.assert_frame_equal(streamed(path).fixes, wanted.fixes)


def with_faults(path, *, off_earth=0, timeless=0):
    lines = table([("", "张三", 0, 16 * n + 1, "") for n in range(400)]).splitlines(keepends=True)
    for n in range(off_earth):
        lines[3 * n + 1] = lines[3 * n + 1].replace(",28.1,", ",91.5,")
    for n in range(timeless):
        lines[3 * n + 2] = lines[3 * n + 2].replace(" ", " 不详 ")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_faults_are_told_by_row_and_many_bad_times_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "_BLOCK_BYTES", 300)
    few_faults = streamed(with_faults(tmp_path / "a.csv", off_earth=30, timeless=20)).faults
    told = [(fault.rule, fault.row) for fault in few_faults]
    assert told[:2] == [("bad_position", 2), ("bad_position", 5)]
    assert told[30:32] == [("bad_time", 3), ("bad_time", 6)]
    (many,) = streamed(with_faults(tmp_path / "b.csv", timeless=100)).faults
    assert (many.rule, many.row, dict(**many.values)["count"]) == ("bad_times", 3, 100)


def test_a_table_not_in_degrees_is_left_to_the_careful_reader(tmp_path):
    path = with_faults(tmp_path / "a.csv", off_earth=50)
    assert SOURCE.stream(path, source(path)) is None


@pytest.mark.parametrize("text", ["", "什么,都,不是\n1,2,3\n", HEADER + "1,张三,队\n"])
def test_what_is_no_plain_table_of_fixes_is_left_to_the_careful_reader(tmp_path, text):
    path = tmp_path / "patrols.csv"
    path.write_text(text, encoding="utf-8")
    assert SOURCE.stream(path, source(path)) is None


def test_a_packed_file_that_never_ends_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("layers.files._UNPACKED_BYTES", 1000)
    path = tmp_path / "patrols.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 100_000))
    with pytest.raises(UnsafeFileError, match="unpack to more than 1000"), text_stream(path) as raw:
        raw.read()
    assert SOURCE.stream(path, source(path)) is None


def office(folder, *days):
    (folder / "patrols").mkdir(exist_ok=True)
    for day in days:
        rows = [("", "张三", day % 3, n, "") for n in range(20 + day)]
        (folder / "patrols" / f"{day}.csv").write_text(table(rows), encoding="utf-8")
    return open_project(folder)


def test_days_that_were_read_before_are_not_read_again(tmp_path, monkeypatch):
    read(office(tmp_path, 1, 2), Shelf(tmp_path / "out"))
    asked = []

    def spy(path: Path, *rest):
        asked.append(path.name)
        return large.stream_fixes(path, *rest)

    monkeypatch.setattr("layers.patrols.log.stream_fixes", spy)
    again = read(office(tmp_path, 1, 2, 3), Shelf(tmp_path / "out"))
    assert asked == ["3.csv"]
    wanted = read(office(tmp_path, 1, 2, 3))
    pd.testing.assert_frame_equal(again.patrols, wanted.patrols)
    pd.testing.assert_frame_equal(again.rejects, wanted.rejects)
    pd.testing.assert_frame_equal(again.files, wanted.files)
    pd.testing.assert_frame_equal(every_fix(again), every_fix(wanted))


def test_a_day_that_was_half_read_is_read_anew(tmp_path, monkeypatch):
    put, done = Shelf.put_track, []

    def stopped(shelf, file, track):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(track)
        put(shelf, file, track)

    project = office(tmp_path, 1, 2, 3)
    shelf = Shelf(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "put_track", stopped)
        with pytest.raises(KeyboardInterrupt):
            read(project, shelf)
    # As when the program dies.
    shelf._base.close()
    assert len(done) == 2
    found = every_fix(read(project, Shelf(tmp_path / "out")))
    pd.testing.assert_frame_equal(found, every_fix(read(project)))


def test_a_changed_day_is_read_anew_and_the_old_one_forgotten(tmp_path):
    shelf = Shelf(tmp_path / "out")
    read(office(tmp_path, 1, 2), shelf)
    (tmp_path / "patrols" / "1.csv").write_text(table([("", "李四", 0, 3, "")] * 4), "utf-8")
    inputs = read(open_project(tmp_path), shelf)
    assert inputs.patrols["person"].tolist()[0] == "李四"
    (kept,) = shelf._base.execute("SELECT count(*) FROM files").fetchone()
    assert kept == 2
    assert np.sum(inputs.trails.sizes) == len(every_fix(inputs))
