"""A part is visited by a stay, a check-in or a photo within its tolerance."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from walks import fixes, patrols

from geo.cleaning import clean
from geo.match import flagged
from geo.schema import PARTS, Parts, conform, empty
from geo.settings import Settings
from geo.visits import visit


def parts(*shapes):
    rows = [dict.fromkeys(PARTS.names, "") | {"part_id": f"d{n}", "row": n, "geometry": shape}
            for n, shape in enumerate(shapes)]  # fmt: skip
    return Parts(conform(gpd.GeoDataFrame(rows, crs="EPSG:4547"), PARTS))


def visits(track, *shapes, settings=None):
    flags = flagged(clean(track, patrols("p"), np.array([60.0]))[1], "zh")
    return visit(track, flags, parts(*shapes), settings or Settings())


DAM = shapely.Point(500_500, 3_300_000)


def stay(seconds, step=5.0):
    n = int(seconds / step) + 1
    return fixes(np.full(n, 500_510.0), np.full(n, 3_300_020.0), np.arange(n) * step)


def test_a_stay_is_a_visit_with_its_seconds():
    found = visits(stay(90), DAM)
    assert found[["patrol_id", "part_id", "seconds"]].to_numpy().tolist() == [["p", "d0", 90]]
    assert found["distance_m"].tolist() == pytest.approx([22.4])


def test_passing_by_is_no_visit():
    assert len(visits(stay(30), DAM)) == 0


def test_a_check_in_is_a_visit_at_once():
    assert len(visits(fixes([500_510.0], [3_300_000.0], [0], point="photo"), DAM)) == 1


def test_time_away_does_not_count_as_stay():
    track = fixes([500_500.0, 500_500.0], [3_300_000.0] * 2, [0, 3600])
    assert len(visits(track, DAM)) == 0


def test_far_away_is_no_visit():
    assert len(visits(stay(90), shapely.Point(500_700, 3_300_000))) == 0


def test_without_times_the_seconds_are_unknown():
    found = visits(fixes([500_510.0] * 5, [3_300_000.0] * 5), DAM)
    assert np.isnan(found["seconds"].tolist()[0])


def test_no_parts_no_visits():
    track = stay(90)
    flags = flagged(clean(track, patrols("p"), np.array([60.0]))[1], "zh")
    nowhere = Parts(empty(PARTS, "EPSG:4547"))
    assert len(visit(track, flags, nowhere, Settings())) == 0
