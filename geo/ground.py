"""Hold what responsibilities are laid on: measured courses, areas, parts."""

from dataclasses import dataclass

from geo.calibration import Calibration
from geo.lines import Lines
from geo.schema import Areas, AreaStretches, Assets, Courses, Parts


@dataclass(frozen=True)
class Ground:
    """The assets with their measured courses, and the areas and parts beside them.

    `within` is `geo.areas.within(lines, areas)`.
    """

    assets: Assets
    courses: Courses
    lines: Lines
    areas: Areas
    parts: Parts
    within: AreaStretches
    calibration: Calibration
