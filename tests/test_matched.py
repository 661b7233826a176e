"""The store of matched patrols answers as the matcher does, and matches nothing twice."""

import pandas as pd
import pytest
import shapely
from walks import LINE, WALKED, courses, patrol, walk

import layers.matched as matched
from geo.lines import measure
from geo.match import match
from geo.schema import Fixes, Patrols
from geo.settings import Settings, Tolerance

WORLD = courses(river=LINE)
LINES = measure(WORLD)


def day(*names):
    parts = [
        patrol(walk(shapely.ops.substring(WALKED, 100.0 * n, 900 + 100 * n), seed=n), name=name)
        for n, name in enumerate(names)
    ]
    return (
        Fixes(pd.concat([fixes for fixes, _ in parts], ignore_index=True)),
        Patrols(pd.concat([patrols for _, patrols in parts], ignore_index=True)),
    )


def kept(store, fixes, patrols, settings=None):
    return matched.match_kept(fixes, patrols, WORLD, LINES, settings or Settings(), store=store)


def assert_same(one, other):
    pd.testing.assert_frame_equal(one.passages, other.passages)
    pd.testing.assert_frame_equal(one.flags, other.flags)


@pytest.fixture
def calls(monkeypatch):
    seen = []

    def spy(fixes, patrols, *args, **options):
        seen.append(patrols["patrol_id"].tolist())
        return match(fixes, patrols, *args, **options)

    monkeypatch.setattr(matched, "match", spy)
    return seen


def test_the_store_answers_as_the_matcher(tmp_path):
    fixes, patrols = day("a", "b", "c")
    stranger = Fixes(pd.concat([fixes, fixes.head(2).assign(patrol_id="who")], ignore_index=True))
    wanted = match(stranger, patrols, WORLD, LINES, Settings())
    assert_same(kept(tmp_path, stranger, patrols), wanted)
    assert_same(kept(tmp_path, stranger, patrols), wanted)


def test_a_new_day_costs_only_its_own_patrols(tmp_path, calls):
    kept(tmp_path, *day("a", "b"))
    kept(tmp_path, *day("a", "b", "c"))
    kept(tmp_path, *day("a", "b", "c"))
    assert calls == [["a", "b"], ["c"]]


def test_other_settings_match_again(tmp_path, calls):
    kept(tmp_path, *day("a"))
    wide = Settings(tolerances=Settings().tolerances | {"river": Tolerance(40, 80)})
    kept(tmp_path, *day("a"), wide)
    assert len(calls) == 2


def test_a_run_that_was_stopped_goes_on(tmp_path, calls, monkeypatch):
    fixes, patrols = day("a", "b", "c")
    wanted = match(fixes, patrols, WORLD, LINES, Settings())
    monkeypatch.setattr(matched, "_BATCH_FIXES", 200)
    write, done = matched._write, []

    def stopped(folder, file):
        if done:
            raise KeyboardInterrupt
        done.append(file)
        write(folder, file)

    monkeypatch.setattr(matched, "_write", stopped)
    with pytest.raises(KeyboardInterrupt):
        kept(tmp_path, fixes, patrols)
    monkeypatch.setattr(matched, "_write", write)
    before = len(calls)
    assert_same(kept(tmp_path, fixes, patrols), wanted)
    assert done[0].marks
    assert [name for call in calls[before:] for name in call] == ["b", "c"]


def test_a_half_written_file_of_a_killed_run_is_passed_over(tmp_path, calls):
    fixes, patrols = day("a", "b")
    wanted = kept(tmp_path, fixes, patrols)
    (folder,) = tmp_path.iterdir()
    (folder / ".writing-dead.parquet").write_bytes(b"half")
    assert_same(kept(tmp_path, fixes, patrols), wanted)
    assert len(calls) == 1


def test_fixes_of_patrols_mixed_in_the_file_keep_their_flags(tmp_path):
    fixes, patrols = day("a", "b", "c")
    fixes.loc[::7, "accuracy_m"] = 300.0
    mixed = Fixes(fixes.sample(frac=1, random_state=1).reset_index(drop=True))
    wanted = match(mixed, patrols, WORLD, LINES, Settings())
    for _ in range(2):
        assert_same(kept(tmp_path, mixed, patrols), wanted)
