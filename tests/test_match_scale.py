"""However the work is shared out, and whatever is thrown at it, the matcher answers the same."""

import numpy as np
import pandas as pd
import pytest
import shapely
from walks import LINE, WALKED, courses, patrol, walk

import geo.match
from geo.lines import measure
from geo.match import Matched, match
from geo.schema import Fixes, Patrols
from geo.settings import Settings

ROAD = shapely.offset_curve(LINE, 24.0)
WORLD = courses(river=LINE, road=ROAD)
LINES = measure(WORLD)


def several(count=9):
    """Patrols of different lengths, their fixes one after the other."""
    parts = [
        patrol(walk(shapely.ops.substring(WALKED, 200.0 * n, 900 + 400 * n), seed=n), name=f"p{n}")
        for n in range(count)
    ]
    fixes, rows = zip(*parts, strict=True)
    return Fixes(pd.concat(fixes, ignore_index=True)), Patrols(pd.concat(rows, ignore_index=True))


FIXES, PATROLS = several()
ALONE = match(FIXES, PATROLS, WORLD, LINES, Settings())


def assert_same(one: Matched, other: Matched):
    pd.testing.assert_frame_equal(one.passages, other.passages)
    pd.testing.assert_frame_equal(one.flags, other.flags)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("chunk", [1, 300, 10**9])
def test_neither_workers_nor_chunks_change_the_answer(workers, chunk, monkeypatch):
    monkeypatch.setattr(geo.match, "_CHUNK_FIXES", chunk)
    found = match(FIXES, PATROLS, WORLD, LINES, Settings(), workers=workers)
    assert set(found.passages["course_id"]) == {"river", "road"}
    assert_same(found, ALONE)


def test_fixes_of_patrols_mixed_in_time_match_as_if_sorted():
    order = np.random.default_rng(3).permutation(len(FIXES))
    mixed = match(
        Fixes(FIXES.iloc[order].reset_index(drop=True)), PATROLS, WORLD, LINES, Settings()
    )
    pd.testing.assert_frame_equal(mixed.passages, ALONE.passages)
    flags = ALONE.flags.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(mixed.flags, flags)


def test_fixes_left_out_do_not_move_the_others():
    strange = FIXES.head(40).assign(patrol_id="who")
    poor = FIXES.iloc[500:540].assign(accuracy_m=400.0)
    frame = Fixes(pd.concat([strange, FIXES, poor], ignore_index=True))
    found = match(frame, PATROLS, WORLD, LINES, Settings())
    pd.testing.assert_frame_equal(found.passages, ALONE.passages)
    assert set(found.flags["flag"].head(40)) == {"unlisted"}
    assert set(found.flags["flag"].tail(40)) == {"inaccurate"}
    rest = found.flags.iloc[40:-40].reset_index(drop=True)
    pd.testing.assert_frame_equal(rest, ALONE.flags)
