"""Agreement with linref where linref is right, and where it is not.

linref knows one owner of a piece (`integrate` takes the first of several), and looks a point up as
shapely does: a vertex that a line comes back to has one measure, the first. Both hide what an
office must see, a second holder and the other arm of a hair-pin, so there we differ on purpose.
"""

import numpy as np
import shapely
from linref.events.base import EventsData
from linref.events.integration import integrate
from linref.geometry.linestring_m import LineStringM

from geo.intervals import Stretches, gaps, overlay, pieces
from geo.lines import Lines, cut
from geo.locate import locate


def random_layer(rng, rows):
    start = rng.integers(0, 1000, rows)
    return Stretches(rng.integers(0, 3, rows), start, start + rng.integers(1, 400, rows))


def events(layer):
    return EventsData(
        groups=layer.course, begs=layer.from_mm, ends=layer.to_mm, closed="left", dtype=float
    )


def lines_of(xy):
    m = np.append(0, np.round(np.cumsum(np.hypot(*np.diff(xy, axis=0).T)), 3))
    return Lines(
        np.array(["a"], dtype=object), np.array([0, len(xy)]), *xy.T.copy(), m, np.array([False])
    )


def test_six_hundred_overlays_agree_to_the_millimetre():
    rng = np.random.default_rng(7)
    for _ in range(600):
        left, right = random_layer(rng, rng.integers(1, 9)), random_layer(rng, rng.integers(1, 9))
        theirs = events(left).overlay(events(right), normalize=False).toarray()
        ours = np.zeros_like(theirs)
        found = overlay(left, right)
        ours[found.left, found.right] = found.stretches.length_mm
        np.testing.assert_array_equal(ours, theirs)


def test_four_hundred_sweeps_agree_on_the_pieces_and_on_what_nobody_covers():
    rng = np.random.default_rng(8)
    for _ in range(400):
        layer = random_layer(rng, rng.integers(1, 9))
        theirs = integrate([events(layer)])
        ours = pieces(layer).stretches
        assert sorted(zip(ours.course, ours.from_mm, ours.to_mm, strict=True)) == sorted(
            zip(theirs.groups, theirs.begs, theirs.ends, strict=True)
        )
        free = gaps(layer, [1.4, 1.4, 1.4])
        assert free.length_mm.sum() + theirs.lengths.sum() == 4200


def test_cuts_agree_on_a_line_that_bends():
    rng = np.random.default_rng(9)
    xy = np.cumsum(rng.normal(0, 50, (40, 2)), axis=0)
    lines, theirs = lines_of(xy), LineStringM(shapely.LineString(xy), m=lines_of(xy).m)
    length = lines.length_m[0]
    for start, end in np.sort(rng.uniform(0, length - 0.01, (50, 2)), axis=1).round(3):
        ours = cut(lines, 0, start, end)[0]
        assert shapely.hausdorff_distance(ours, theirs.cut(start, end, m=True).geom) < 0.002


def test_linref_names_one_owner_of_a_piece_and_we_all():
    twice = Stretches(np.array([0, 0]), np.array([0, 0]), np.array([10, 10]))
    _, owners = integrate([events(twice)], return_index=True)
    assert np.asarray(owners).size == 1
    assert pieces(twice).depth.tolist() == [[2]]


def test_linref_gives_a_revisited_vertex_one_measure_and_we_both():
    xy = np.array([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0), (0, -50)], dtype=float)
    line = shapely.LineString(xy)
    assert LineStringM(line).project(shapely.Point(0, 0)) == 0
    assert locate(lines_of(xy), [0.0], [0.0], 5.0).chainage_m.tolist() == [0, 400]
