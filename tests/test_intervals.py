"""Interval algebra: exact to the millimetre, in any order, against sets of whole millimetres."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.intervals import (
    Stretches,
    around,
    at_least,
    difference,
    gaps,
    intersection,
    longer,
    mirrored,
    overlay,
    pieces,
    remains,
    snapped,
    stretches,
    total_mm,
    union,
    whole,
)

LENGTHS_M = [0.040, 0.025, 1_000_000.0]
rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 25), st.integers(0, 25)), max_size=12
).map(lambda found: [(c, min(a, b), max(a, b)) for c, a, b in found])


def layer(found):
    return Stretches(*np.array(found, dtype=np.int64).reshape(-1, 3).T)


def tuples(found):
    return list(
        zip(found.course.tolist(), found.from_mm.tolist(), found.to_mm.tolist(), strict=True)
    )


def metres_of(found):
    """The whole millimetres of a layer, one by one."""
    return {(c, mm) for c, a, b in tuples(found) for mm in range(a, b)}


@given(rows, rows)
def test_algebra_agrees_with_sets_of_millimetres(left, right):
    a, b = layer(left), layer(right)
    assert metres_of(union(a, b)) == metres_of(a) | metres_of(b)
    assert metres_of(intersection(a, b)) == metres_of(a) & metres_of(b)
    assert metres_of(difference(a, b)) == metres_of(a) - metres_of(b)


@given(rows, rows)
def test_union_is_idempotent_and_order_does_not_matter(left, right):
    a, b = layer(left), layer(right)
    once = union(a, b)
    assert tuples(union(once)) == tuples(once) == tuples(union(b, a))
    assert tuples(union(layer(left[::-1] + right))) == tuples(once)


@given(rows, rows)
def test_results_are_in_order_and_do_not_touch(left, right):
    for found in (union(layer(left)), difference(layer(left), layer(right))):
        assert (found.length_mm > 0).all()
        same = found.course[1:] == found.course[:-1]
        assert (found.from_mm[1:][same] > found.to_mm[:-1][same]).all()
        assert (np.diff(found.course) >= 0).all()


@given(rows)
def test_parts_sum_to_the_whole(found):
    covered, free = union(layer(found)), gaps(layer(found), LENGTHS_M)
    summed = total_mm(covered, 3) + total_mm(free, 3)
    assert summed.tolist() == [40, 25, 1_000_000_000]


@given(rows, rows)
def test_overlay_finds_every_pair_that_shares_metres_once(left, right):
    found = overlay(layer(left), layer(right))
    wanted = {
        (i, j, c, max(a, s), min(b, e))
        for i, (c, a, b) in enumerate(left)
        for j, (d, s, e) in enumerate(right)
        if c == d and max(a, s) < min(b, e)
    }
    pairs = zip(found.left.tolist(), found.right.tolist(), tuples(found.stretches), strict=True)
    got = [(i, j, *where) for i, j, where in pairs]
    assert set(got) == wanted
    assert len(got) == len(wanted)
    keys = [(i, right[j][1]) for i, j, *_ in got]
    assert keys == sorted(keys)


@given(st.lists(rows, min_size=1, max_size=4))
def test_pieces_count_the_rows_of_each_layer_over_every_millimetre(many):
    layers = [layer(found) for found in many]
    found = pieces(*layers)
    for where, depths in zip(tuples(found.stretches), found.depth.tolist(), strict=True):
        for mm in range(where[1], where[2]):
            here = [sum(c == where[0] and a <= mm < b for c, a, b in tuples(one)) for one in layers]
            assert here == depths
    assert metres_of(found.stretches) == set().union(*map(metres_of, layers))


@given(rows)
def test_two_deep_is_where_two_rows_overlap(found):
    pairs = overlay(layer(found), layer(found))
    others = pairs.stretches.take(pairs.left != pairs.right)
    assert metres_of(at_least(pieces(layer(found)), 2)) == metres_of(others)


@given(rows)
def test_mirroring_twice_changes_nothing_and_keeps_lengths(found):
    there = mirrored(layer(found), [0.025, 0.025, 1000])
    assert there.length_mm.tolist() == layer(found).length_mm.tolist()
    assert tuples(mirrored(there, [0.025, 0.025, 1000])) == found


@given(rows, rows)
def test_what_remains_of_each_row_carries_its_row(left, right):
    found, row = remains(layer(left), layer(right))
    for i, one in enumerate(left):
        rest = metres_of(layer([one])) - metres_of(layer(right))
        assert metres_of(found.take(row == i)) == rest


def test_a_stretch_across_the_seam_is_two():
    found, row = around([0, 0, 0], [900, 100, 900], [50, 200, 0], [1000, 1000, 1000])
    assert tuples(found) == [
        (0, 900_000, 1_000_000), (0, 0, 50_000), (0, 100_000, 200_000), (0, 900_000, 1_000_000),
    ]  # fmt: skip
    assert row.tolist() == [0, 0, 1, 2]


def test_small_gaps_close_within_a_tolerance_only():
    found = stretches([0, 0, 0], [0, 10.5, 30], [10, 20, 40])
    assert tuples(union(found, within_m=0.5)) == [(0, 0, 20_000), (0, 30_000, 40_000)]
    assert longer(found, 9.5).tolist() == [True, False, True]


def test_ends_snap_to_the_nearest_place_of_their_own_course():
    found = stretches([0, 0, 1, 0], [0.4, 5, 0.4, 99.9], [9.7, 5.2, 9, 100.2])
    there = snapped(found, [0, 0, 0], [0, 10, 100], within_m=0.5)
    assert tuples(there) == [
        (0, 0, 10_000), (0, 5_000, 5_200), (1, 400, 9_000), (0, 99_900, 100_200),
    ]  # fmt: skip


def test_touching_stretches_share_nothing():
    found = overlay(stretches([0], [0], [10]), stretches([0], [10], [20]))
    assert len(found.left) == 0


def test_nothing_at_all_is_nothing():
    none = stretches([], [], [])
    assert len(union(none)) == len(overlay(none, none).left) == len(pieces(none).depth) == 0
    assert tuples(gaps(none, [5.0])) == [(0, 0, 5000)]
    assert len(whole([])) == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((0, 5, 3), "wanted course >= 0 and 0 <= from <= to, got course 0, 5000 to 3000 mm in row"),
        ((0, -1, 3), "got course 0, -1000 to 3000 mm in row 1"),
        ((-1, 1, 3), "got course -1"),
        ((0, float("nan"), 3), "wanted finite metres, got 1 that are not"),
    ],
)
def test_wrong_rows_are_refused_with_their_number(row, said):
    with pytest.raises(ValueError, match=said):
        stretches(*zip((0, 0, 1), row, strict=True))
