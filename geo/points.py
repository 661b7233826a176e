"""Say what separate points cover: check-ins, photos, a track of one fix.

A point proves that somebody stood there and nothing between: it covers its own tolerance.
"""

import numba
import numpy as np

from geo.candidates import MOST, near
from geo.runs import (
    COLUMNS,
    COURSE,
    EFFORT,
    ENTERED,
    FIXES,
    FROM_M,
    LEFT,
    OFFSET,
    PATROL,
    REASON,
    SIDED,
    TO_M,
    UNSURE,
    side_of,
)  # fmt: skip

POINT, FAR_POINT = 6, 7


@numba.njit(cache=True, nogil=True)
def point_all(grid, patrol, x, y, t, accuracy, sent_first, sent):
    """Return a row for every point within a course's tolerance, two where it spans km 0 of a ring.

    Of several courses the one the patrol was sent to is meant, else the one it lies best on.
    """
    rows = np.empty((2 * len(x), COLUMNS))
    n = 0
    course = np.empty(MOST, dtype=np.int64)
    m, offset, score = np.empty(MOST), np.empty(MOST), np.empty(MOST)
    for i in range(len(x)):
        vague = max(accuracy[i] - 10.0, 0.0) if accuracy[i] == accuracy[i] else 0.0
        best = -1
        for q in range(near(grid, x[i], y[i], vague, course, m, offset, score)):
            for s in sent[sent_first[patrol[i]] : sent_first[patrol[i] + 1]]:
                if s == course[q]:
                    score[q] += 100.0
            if abs(offset[q]) <= grid.rule[course[q]].unsure_m and (
                best < 0 or score[q] > score[best]
            ):
                best = q
        if best < 0:
            continue
        of = course[best]
        tolerance, length = grid.rule[of].sure_m, grid.rule[of].length_m
        low, high = m[best] - tolerance, m[best] + tolerance
        pieces = 1
        if not grid.rule[of].closed:
            low, high = max(low, 0.0), min(high, length)
        elif high - low >= length:
            low, high = 0.0, length
        elif low < 0 or high > length:
            pieces = 2
            low %= length
            high %= length
        for piece in range(pieces):
            rows[n, PATROL], rows[n, COURSE] = patrol[i], of
            rows[n, FROM_M] = 0.0 if pieces == 2 and piece else low
            rows[n, TO_M] = length if pieces == 2 and not piece else high
            rows[n, ENTERED], rows[n, LEFT] = t[i], t[i]
            rows[n, OFFSET] = abs(offset[best])
            rows[n, SIDED] = side_of(grid.rule[of], offset[best])
            rows[n, EFFORT], rows[n, FIXES] = 0.0, 1
            rows[n, UNSURE] = 1.0 if abs(offset[best]) > tolerance else 0.0
            rows[n, REASON] = FAR_POINT if abs(offset[best]) > tolerance else POINT
            n += 1
    return rows[:n]
