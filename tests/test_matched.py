"""What is kept of patrols answers as the whole program does, and matches nothing twice."""

import sqlite3
from functools import partial

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as few
from hypothesis import strategies as st
from walks import LINE, WALKED, courses, patrol, walk
from worlds import frame

import geo.walked
import layers.matched as matched
from geo import schema
from geo.lines import measure
from geo.match import match
from geo.schema import Fixes, Patrols
from geo.settings import Settings, Tolerance
from geo.trails import held
from geo.walked import Beat
from geo.walked import walk as walk_all
from layers.shelf import FILE, Shelf, ShelfError

WORLD = courses(river=LINE)
GATE = shapely.get_point(WALKED, 30)


def beat(settings=None):
    parts = frame(schema.PARTS, [{"part_id": "gate", "part": "gate"}], [GATE])
    return Beat(WORLD, measure(WORLD), parts, settings or Settings(), {})


def day(*names):
    """Walks of ten minutes, each from its own place, with a strange fix and a check-in."""
    parts = []
    for name in names:
        n = ord(name) - ord("a")
        fixes, who = patrol(
            walk(shapely.ops.substring(WALKED, 100.0 * n, 900 + 100 * n), seed=n), name=name
        )
        fixes.loc[5, "accuracy_m"] = 300.0
        fixes.loc[7, "point"] = "checkin"
        parts.append((fixes, who))
    return (
        Fixes(pd.concat([fixes for fixes, _ in parts], ignore_index=True)),
        Patrols(pd.concat([who for _, who in parts], ignore_index=True)),
    )


def kept(shelf, fixes, patrols, settings=None):
    return matched.walk_kept(held(fixes, patrols), patrols, beat(settings), shelf=shelf)


def assert_same(one, other):
    pd.testing.assert_frame_equal(one.passages, other.passages)
    pd.testing.assert_frame_equal(one.visits, other.visits)
    for name in ("measured", "remarks", "boxes"):
        pd.testing.assert_frame_equal(getattr(one.gist, name), getattr(other.gist, name))
    for name in ("patrol_id", "vertices"):
        pd.testing.assert_series_equal(one.gist.drawn[name], other.gist.drawn[name])
    mine, others = (
        part.gist.lines.of(part.gist.drawn["place"].to_numpy()) for part in (one, other)
    )
    assert shapely.equals_exact(mine, others).all()


def in_batches(monkeypatch, most):
    """Let batches be of so many fixes, in memory and on the shelf."""
    for module in (geo.walked, matched):
        monkeypatch.setattr(module, "batches", partial(geo.trails.batches, most=most))


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def spy(fixes, patrols, *args, **options):
        seen.append(patrols["patrol_id"].tolist())
        return match(fixes, patrols, *args, **options)

    monkeypatch.setattr(geo.walked, "match", spy)
    return seen


def test_the_shelf_answers_as_the_whole(tmp_path):
    fixes, patrols = day("a", "b", "c")
    wanted = walk_all(held(fixes, patrols), patrols, beat())
    assert len(wanted.passages)
    assert list(wanted.visits["part_id"]) == ["gate"] * len(wanted.visits) != []
    assert set(wanted.gist.remarks["flag"]) >= {2}
    for shelf in (Shelf(), Shelf(tmp_path), Shelf(tmp_path)):
        assert_same(kept(shelf, fixes, patrols), wanted)


def test_a_new_day_costs_only_its_own_patrols(tmp_path, calls):
    kept(Shelf(tmp_path), *day("a", "b"))
    kept(Shelf(tmp_path), *day("a", "b", "c"))
    kept(Shelf(tmp_path), *day("a", "b", "c"))
    assert calls == [["a", "b"], ["c"]]


def test_other_settings_match_again(tmp_path, calls):
    shelf = Shelf(tmp_path)
    kept(shelf, *day("a"))
    wide = Settings(tolerances=Settings().tolerances | {"river": Tolerance(40, 80)})
    kept(shelf, *day("a"), wide)
    kept(shelf, *day("a"))
    assert len(calls) == 2


def test_a_run_that_was_stopped_goes_on(tmp_path, calls, monkeypatch):
    fixes, patrols = day("a", "b", "c")
    wanted = walk_all(held(fixes, patrols), patrols, beat())
    calls.clear()
    in_batches(monkeypatch, 100)
    put = Shelf.put_batch
    done = []

    def stopped(shelf, *args, **options):
        if done:
            raise KeyboardInterrupt
        done.append(args)
        put(shelf, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Shelf, "put_batch", stopped)
        with pytest.raises(KeyboardInterrupt):
            kept(Shelf(tmp_path), fixes, patrols)
    assert calls == [["a"], ["b"]]
    assert_same(kept(Shelf(tmp_path), fixes, patrols), wanted)
    assert calls == [["a"], ["b"], ["b"], ["c"]]


def test_a_shelf_that_is_none_is_begun_anew(tmp_path, calls):
    (tmp_path / FILE).write_bytes(b"half a file of another make" * 100)
    fixes, patrols = day("a")
    kept(Shelf(tmp_path), fixes, patrols)
    kept(Shelf(tmp_path), fixes, patrols)
    assert calls == [["a"]]


def test_a_shelf_that_another_program_writes_to_is_waited_for_and_never_deleted(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("layers.shelf._PATIENCE_S", 0.0)
    fixes, patrols = day("a")
    kept(Shelf(tmp_path), fixes, patrols)
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ShelfError, match=r"matched.sqlite: .* came database is locked"):
        Shelf(tmp_path).put_file("a", {})
    other.rollback()
    other.close()
    assert Shelf(tmp_path).batches(matched._world(beat()))


def test_many_small_days_become_one_batch_and_are_not_matched_again(tmp_path, calls, monkeypatch):
    monkeypatch.setattr(matched, "_MANY", 3)
    names = "abcdefg"
    shelf = Shelf(tmp_path)
    for n in range(len(names)):
        found = kept(shelf, *day(*names[: n + 1]))
    assert calls == [[name] for name in names]
    assert len(shelf.batches(matched._world(beat()))) <= 4
    fixes, patrols = day(*names)
    assert_same(found, walk_all(held(fixes, patrols), patrols, beat()))


@few(max_examples=8)
@given(st.permutations("abcd"), st.integers(0, 4), st.sampled_from([1, 200]), st.booleans())
def test_no_batching_no_order_of_days_and_no_old_day_changes_the_answer(order, old, most, joined):
    fixes, patrols = day(*order)
    wanted = walk_all(held(fixes, patrols), patrols, beat())
    shelf = Shelf()
    with pytest.MonkeyPatch.context() as patch:
        in_batches(patch, most)
        patch.setattr(matched, "_MANY", 1 if joined else 24)
        kept(shelf, *day(*sorted(order)[:old], "f"))
        assert_same(kept(shelf, fixes, patrols), wanted)
        assert_same(walk_all(held(fixes, patrols), patrols, beat()), wanted)


def test_fixes_of_patrols_mixed_in_the_file_are_told_apart():
    fixes, patrols = day("a", "b", "c")
    mixed = Fixes(fixes.sample(frac=1, random_state=1).reset_index(drop=True))
    wanted = match(mixed, patrols, WORLD, measure(WORLD), Settings()).passages
    pd.testing.assert_frame_equal(kept(Shelf(), mixed, patrols).passages, wanted)


def test_fixes_of_no_listed_patrol_are_refused():
    fixes, patrols = day("a")
    stranger = Fixes(fixes.assign(patrol_id=np.where(np.arange(len(fixes)) < 2, "who", "a")))
    with pytest.raises(ValueError, match="wanted fixes of 1 listed patrols, got fixes of 'who'"):
        held(stranger, patrols)
