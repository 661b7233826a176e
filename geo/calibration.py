"""Translate between metres from the start of a course and the chainage its kilometre posts say.

Inside, a chainage is metres on the ground from the start, so that lengths sum exactly. What an
office writes, K12+300, is read off posts that may begin anywhere, count backwards, and jump where
the road was rebuilt (断链). Between two posts the translation is linear.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """The posts of each course that has any: course_id to (internal metres, official metres).

    Internal metres increase; official ones increase throughout or decrease throughout. A course
    without posts is its own calibration.
    """

    posts: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)

    def to_internal(self, course_ids: ArrayLike, official_m: ArrayLike) -> Floats:
        """Return metres from the start for official chainages; may lie off the course."""
        return self._translated(course_ids, official_m, back=False)

    def to_official(self, course_ids: ArrayLike, internal_m: ArrayLike) -> Floats:
        """Return official chainages for metres from the start; may be negative before K0."""
        return self._translated(course_ids, internal_m, back=True)

    def _translated(self, course_ids: ArrayLike, m: ArrayLike, *, back: bool) -> Floats:
        ids = np.atleast_1d(np.asarray(course_ids, dtype=object))
        values = np.atleast_1d(np.asarray(m, dtype=np.float64)).copy()
        for course_id in sorted(set(ids) & set(self.posts)):
            internal, official = self.posts[course_id]
            here = ids == course_id
            if back:
                values[here] = _along(values[here], internal, official)
            elif official[0] > official[-1]:
                values[here] = _along(values[here], official[::-1], internal[::-1])
            else:
                values[here] = _along(values[here], official, internal)
        return np.round(values, 3)


def _along(at: Floats, known: Floats, wanted: Floats) -> Floats:
    """Return `wanted` at `at` between posts, and metre for metre beyond the first and last."""
    sign = -1.0 if wanted[-1] < wanted[0] else 1.0
    inside = np.interp(at, known, wanted)
    before, behind = np.minimum(at - known[0], 0), np.maximum(at - known[-1], 0)
    return np.asarray(inside + sign * (before + behind))
