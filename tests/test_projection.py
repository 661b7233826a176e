"""The metric CRS is chosen by where the data are."""

import pytest

from geo.projection import metric_crs


@pytest.mark.parametrize(
    ("box", "epsg"),
    [
        ((114.186, 22.673, 114.232, 22.702), 4547),  # 龙岗, Shenzhen: 114° E
        ((111.6, 32.3, 112.4, 33.0), 4546),  # 邓州: 111° E and 114° E meet at 112.5
        ((116.3, 39.9, 116.4, 40.0), 4548),  # 海淀
        ((75.8, 39.3, 76.2, 39.6), 4534),  # 喀什
        ((134.2, 48.2, 134.5, 48.4), 4554),  # 抚远
        ((9.4, 47.0, 9.7, 47.3), 32632),  # Liechtenstein
        ((139.6, 35.6, 139.8, 35.8), 32654),  # Tokyo
        ((-70.8, -33.6, -70.5, -33.3), 32719),  # Santiago
        ((180.0, 0.0, 180.0, 0.0), 32660),
        ((10.0, 86.0, 12.0, 87.0), 32661),
    ],
)
def test_the_zone_is_that_of_the_middle(box, epsg):
    assert metric_crs(*box).to_epsg() == epsg


@pytest.mark.parametrize(
    "box", [(500_000, 0, 600_000, 1), (5, 0, 4, 1), (float("nan"), 0, 1, 1), (0, -91, 1, 1)]
)
def test_a_box_that_is_not_in_degrees_is_refused(box):
    with pytest.raises(ValueError, match="wanted west <= east"):
        metric_crs(*box)
