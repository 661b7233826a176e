"""Say where along the courses the drawn roads bar a mode, are shut in a season, or are unpaved."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines
from geo.schema import Features
from geo.words import Language, Text

# A course is a drawn line, turned and joined, but never moved farther than this.
_ON_IT_M = 0.5
# A road that crosses a drawn one runs along it for less than this share of its length.
_ALONG = 0.7
SEASON = Text("{a.month}月{a.day}日至{b.month}月{b.day}日", "{a:%m-%d} to {b:%m-%d}")


@dataclass(frozen=True)
class Passing:
    """What was drawn of each link of the courses, the step from a vertex to the next.

    `of[k]` is the class of the link after vertex k; `barred`, `shut` and `unpaved` are by class, as
    in FEATURES. Class 0 is a link of which nothing was drawn.
    """

    of: Ints
    barred: NDArray[np.object_]
    shut: NDArray[np.object_]
    unpaved: NDArray[np.bool_]

    def changes(self, lines: Lines) -> tuple[Ints, Floats]:
        """Return the places (course number, chainage) where another class begins."""
        owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
        at = np.flatnonzero((np.diff(self.of) != 0) & (np.diff(owner) == 0)) + 1
        return owner[at], lines.m[at]

    def at(self, lines: Lines, course: Ints, m: Floats) -> Ints:
        """Return the class of a place of a course, each."""
        owner = np.repeat(np.arange(len(lines)), np.diff(lines.first))
        # Chainages are below 10,000 km: one key orders by course, then chainage.
        found = np.searchsorted(owner * 1e7 + lines.m, course * 1e7 + m, side="right") - 1
        return self.of[np.minimum(found, lines.first[course + 1] - 2)]


def passing(features: Features | None, lines: Lines) -> Passing:
    """Return what `features` say of the links of `lines`; of two drawn on one place the first."""
    of = np.zeros(len(lines.x), np.int64)
    columns = ["barred", "shut", "unpaved"]
    said = pd.DataFrame({"barred": [""], "shut": [""], "unpaved": [False]})
    if features is not None:
        some = (features["barred"] != "") | (features["shut"] != "") | features["unpaved"]
        line = np.isin(shapely.get_type_id(features.geometry.to_numpy()), (1, 2, 5))
        drawn = features[some & (features["kind"] == "road") & line]
        link, feature = _along(drawn.geometry.to_numpy(), lines)
        classes = drawn[columns].drop_duplicates()
        number = pd.MultiIndex.from_frame(classes).get_indexer(
            pd.MultiIndex.from_frame(drawn[columns])
        )
        of[link[::-1]] = number[feature[::-1]] + 1
        said = pd.concat([said, classes], ignore_index=True)
    return Passing(
        of,
        said["barred"].to_numpy(dtype=object),
        said["shut"].to_numpy(dtype=object),
        said["unpaved"].to_numpy(dtype=bool),
    )


def _along(shapes: NDArray[np.object_], lines: Lines) -> tuple[Ints, Ints]:
    """Return (link, shape) for every link that lies on a shape, by link and then shape."""
    inner = np.ones(len(lines.x), dtype=bool)
    inner[lines.first[1:] - 1] = False
    link = np.flatnonzero(inner)
    if not len(shapes) or not len(link):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    vertices = np.asarray(shapely.points(lines.x, lines.y), dtype=object)
    ends = [vertices[link], vertices[link + 1]]
    tree = shapely.STRtree(shapes)
    at, shape = tree.query(ends[0], predicate="dwithin", distance=_ON_IT_M)
    near = shapely.dwithin(ends[1][at], shapes[shape], _ON_IT_M)
    at, shape = at[near], shape[near]
    along = [shapely.line_locate_point(shapes[shape], end[at]) for end in ends]
    far = shapely.distance(ends[0][at], ends[1][at])
    # A ring may be entered at its end and left at its start.
    round_ = shapely.length(shapes[shape]) - np.abs(along[1] - along[0])
    gone = np.minimum(np.abs(along[1] - along[0]), np.where(_rings(shapes)[shape], round_, np.inf))
    on_it = (gone >= _ALONG * far) & (gone <= far / _ALONG + _ON_IT_M)
    at, shape = at[on_it], shape[on_it]
    order = np.lexsort((shape, at))
    return link[at[order]], shape[order]


def _rings(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.asarray(shapely.is_closed(shapes))


def in_force(shut: str, on: pd.Timestamp) -> bool:
    """Return whether a road shut from 11-01/04-30 (both included, every year) is so on a day.

    >>> days = ("2026-10-31", "2026-11-01", "2027-04-30")
    >>> [in_force("11-01/04-30", pd.Timestamp(day)) for day in days]
    [False, True, True]
    """
    first, last = shut.split("/")
    day = f"{on:%m-%d}"
    return first <= day <= last if first <= last else day >= first or day <= last


def season(shut: str, language: Language) -> str:
    """Return the season a road is shut in, in words; 02-29 stands for the end of February.

    >>> season("11-01/04-30", "zh")
    '11月1日至4月30日'
    """
    # Any leap year has all days of all years.
    a, b = (pd.Timestamp(f"2024-{day}") for day in shut.split("/"))
    return SEASON.say(language, a=a, b=b)
