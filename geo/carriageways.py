"""Find the carriageways that run beside the first course of their road.

A road with two carriageways has one row of chainages in an office's table, K0 to K10, and two
courses on the map; ZK and YK mean the left and the right one alone.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from geo.ground import Ground
from geo.locate import gridded, located
from geo.sections import CARRIAGEWAYS_M

# Carriageways of one road are not much different in length.
LENGTHS_SHARE = 0.2


@dataclass(frozen=True)
class Carriageway:
    """A course and the stretch of the main one it runs beside, on its left or its right."""

    course: str
    length_m: float
    from_m: float
    to_m: float
    left: bool

    def stretch(self, low_m: float, high_m: float) -> tuple[float, float]:
        """Return the metres of this course beside `low_m` to `high_m` of the main one."""
        span = self.to_m - self.from_m
        shares = (np.clip([low_m, high_m], self.from_m, self.to_m) - self.from_m) / span
        low, high = np.round(shares * self.length_m, 3).tolist()
        return low, high


def carriageways(ground: Ground) -> dict[str, list[Carriageway]]:
    """Return the further carriageways of each road by the first course of the road.

    Both ends lie beside the main course, in its direction, as far apart there as the course is
    long. Other courses, branches and ramps, are none.
    """
    courses, lines = ground.courses, ground.lines
    main = courses.groupby("asset_id")["course_id"].transform("first").to_numpy(dtype=object)
    further = np.flatnonzero((courses["kind"] == "road") & (courses["course_id"] != main))
    if not len(further):
        return {}
    drawn = courses.geometry.to_numpy()[further]
    ends = np.stack([shapely.get_point(drawn, 0), shapely.get_point(drawn, -1)], axis=1).ravel()
    places = located(gridded(lines, CARRIAGEWAYS_M), shapely.get_x(ends), shapely.get_y(ends))
    found: dict[str, list[Carriageway]] = {}
    for row, number in enumerate(further):
        mine = lines.ids[places.number] == main[number]
        start, end = (np.flatnonzero(mine & (places.point == 2 * row + k)) for k in (0, 1))
        if not len(start) or not len(end):
            continue
        first, last = (int(at[np.argmin(places.offset_m[at])]) for at in (start, end))
        low, high = float(places.chainage_m[first]), float(places.chainage_m[last])
        length = float(lines.length_m[number])
        if low < high and abs(high - low - length) <= LENGTHS_SHARE * length:
            left = bool(places.side[first] + places.side[last] > 0)
            beside = Carriageway(str(lines.ids[number]), length, low, high, left)
            found.setdefault(str(main[number]), []).append(beside)
    return found
