"""Say which segments an event along a course shares metres with."""

import numpy as np
import pandas as pd

from maps.packing import Ints


def course_numbers(events: pd.DataFrame, segments: pd.DataFrame) -> Ints:
    """Return for each event the number of its course, in order of the segments; -1 for none."""
    ids = pd.Index(segments["course_id"].unique(), dtype=object)
    codes, unique = pd.factorize(events["course_id"].to_numpy(dtype=object))
    found = ids.get_indexer(pd.Index(unique, dtype=object))
    # A missing id has the code -1: it takes the last place, that of no course.
    return np.append(found, -1)[codes].astype(np.int64)


def overlaps(events: pd.DataFrame, segments: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return pairs (event number, segment number) that share at least a millimetre of a course.

    Both have `course_id`, `from_m`, `to_m`; the segments of a course tile it, stand together and in
    order. Pairs come event by event.
    """
    courses = course_numbers(segments, segments)
    course = course_numbers(events, segments)
    # One axis for all courses: each gets its own span, wider than the longest of them.
    span = float(max(segments["to_m"].max(), events["to_m"].max(), 0.0)) + 1.0
    starts = courses * span + segments["from_m"].to_numpy()
    ends = courses * span + segments["to_m"].to_numpy()
    first = np.searchsorted(ends, course * span + events["from_m"].to_numpy() + 5e-4, side="right")
    last = np.searchsorted(starts, course * span + events["to_m"].to_numpy() - 5e-4, side="left")
    count = np.where(course >= 0, np.maximum(last - first, 0), 0)
    event = np.repeat(np.arange(len(events)), count)
    within = np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count)
    return event, np.repeat(first, count) + within
