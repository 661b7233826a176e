"""Translate between metres from the start of a course and the chainage its kilometre posts say.

Inside, a chainage is metres on the ground from the start, so that lengths sum exactly. What an
office writes, K12+300, is read off posts that may begin anywhere, count backwards, and jump where
the road was rebuilt (断链). Between two posts the translation is linear.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.chainage import parsed, written
from geo.lines import measure
from geo.locate import locate
from geo.outlines import Reject
from geo.schema import Courses, Posts
from geo.settings import Settings
from geo.words import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A post stands beside its road; one farther away belongs to another or is misplaced.
_BESIDE_M = 100.0
# Posts are set to some metres, and roads are not drawn to the decimetre.
_SLACK_M = 20.0
_SLACK_SHARE = 0.05

_UNKNOWN = Text(
    "里程桩所属“{asset}”在图层中没有,应为其编码或名称",
    "no asset “{asset}” for this post; wanted its code or name",
)
_FAR = Text(
    "里程桩距“{asset}”超过 {reach:.0f} 米,未采用,请核对位置",
    "the post is more than {reach:.0f} m from “{asset}” and not used; check where it stands",
)
_DISORDER = Text(
    "里程桩 {post} 与同线其他桩次序不符,未采用",
    "post {post} is out of order with the others of its line and not used",
)
_BROKEN = Text(
    "断链:{before} 至 {after} 按桩号为 {official:.0f} 米,实地为 {ground:.0f} 米",
    "broken chain: {before} to {after} is {official:.0f} m by the posts, {ground:.0f} m on the "
    "ground",
)


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


def calibrated(
    posts: Posts, courses: Courses, settings: Settings
) -> tuple[Calibration, list[Reject]]:
    """Return the calibration of `courses` by their posts, and what is wrong with the posts.

    A post belongs to the asset with its code or name and calibrates the course of it that is
    nearest. Posts that disagree with the order of most others on their course are not used; where
    metres by the posts and on the ground differ by more than drawing explains, 断链 is reported.
    """
    if not len(posts):
        return Calibration(), []
    read = [parsed(text) for text in posts["chainage_text"]]
    said = [
        _said(posts, i, "chainage", one.why(settings.language), error=one.fault is not None)
        for i, one in enumerate(read)
        if one.fault or one.doubt
    ]
    placed = _placed(posts, courses)
    said += _unplaced(posts, courses, placed, settings)
    placed["official"] = [read[i].metres for i in placed["post"]]
    placed = placed.dropna(subset=["official"]).sort_values(["number", "internal", "official"])
    found: dict[str, tuple[Floats, Floats]] = {}
    for rows in placed.groupby("number").indices.values():
        post, internal, official = (
            placed[column].to_numpy()[rows] for column in ("post", "internal", "official")
        )
        kept = _in_order(internal, official)
        for k in sorted(set(range(len(post))) - set(kept)):
            message = _DISORDER.say(settings.language, post=written(official[k]))
            said.append(_said(posts, post[k], "post_disorder", message))
        course_id = courses["course_id"].to_numpy()[placed["number"].to_numpy()[rows[0]]]
        found[course_id] = (internal[kept], official[kept])
        said += _breaks(posts, post[kept], *found[course_id], settings)
    return Calibration(found), said


def _said(posts: Posts, i: int, rule: str, message: str, *, error: bool = False) -> Reject:
    file, row = posts["file"].to_numpy()[i], int(posts["row"].to_numpy()[i])
    return (file, row, "chainage_text", rule, "error" if error else "warning", message)


def _placed(posts: Posts, courses: Courses) -> pd.DataFrame:
    """Return for each post with an asset near: post, number of the course, internal metres."""
    number = np.arange(len(courses))
    ways = pd.concat(
        [
            pd.DataFrame({"asset": courses[column].to_numpy(), "number": number})
            for column in ("asset_id", "name")
        ]
    ).drop_duplicates()
    asset = posts["asset"].str.strip().to_numpy()
    asked = pd.DataFrame({"post": np.arange(len(posts)), "asset": asset})
    own = asked[asked["asset"] != ""].merge(ways, on="asset")[["post", "number"]]
    point = shapely.get_type_id(posts.geometry.to_numpy()) == 0
    xy = np.full((len(posts), 2), np.nan)
    xy[point] = shapely.get_coordinates(posts.geometry.to_numpy()[point])
    places = locate(measure(courses), xy[:, 0], xy[:, 1], _BESIDE_M)
    near = pd.DataFrame(
        {
            "post": places.point,
            "number": places.number,
            "internal": places.chainage_m,
            "offset": places.offset_m,
        }
    ).merge(own, on=["post", "number"])
    nearest = near.sort_values(["post", "offset", "number", "internal"]).drop_duplicates("post")
    return nearest[["post", "number", "internal"]]


def _unplaced(
    posts: Posts, courses: Courses, placed: pd.DataFrame, settings: Settings
) -> list[Reject]:
    """Return a reject for each post that stands nowhere."""
    known = (set(courses["asset_id"]) | set(courses["name"])) - {""}
    said = []
    for i in sorted(set(range(len(posts))) - set(placed["post"])):
        name = posts["asset"].to_numpy()[i].strip()
        rule, text = ("post_far", _FAR) if name in known else ("post_unknown", _UNKNOWN)
        message = text.say(settings.language, asset=name, reach=_BESIDE_M)
        said.append(_said(posts, i, rule, message, error=True))
    return said


def _breaks(
    posts: Posts, post: Ints, internal: Floats, official: Floats, settings: Settings
) -> list[Reject]:
    """Return a warning wherever metres by the posts and on the ground differ too much."""
    ground, counted = np.diff(internal), np.abs(np.diff(official))
    jump = np.abs(ground - counted) > np.maximum(_SLACK_M, _SLACK_SHARE * ground)
    said = []
    for k in np.flatnonzero(jump):
        ends = {"before": written(official[k]), "after": written(official[k + 1])}
        message = _BROKEN.say(settings.language, official=counted[k], ground=ground[k], **ends)
        said.append(_said(posts, post[k + 1], "broken_chain", message))
    return said


def _in_order(internal: Floats, official: Floats) -> list[int]:
    """Return the most posts along which official metres only rise, or only fall."""
    up, down = _rising(internal, official), _rising(internal, -official)
    return up if len(up) >= len(down) else down


def _rising(internal: Floats, official: Floats) -> list[int]:
    """Return the longest strictly rising run of posts; of posts at one place only one."""
    order = np.lexsort((-official, internal))
    tails: list[float] = []
    ends: list[int] = []
    before: list[int] = [-1] * len(official)
    for k in order:
        at = bisect_left(tails, official[k])
        before[k] = ends[at - 1] if at else -1
        tails[at : at + 1] = [official[k]]
        ends[at : at + 1] = [int(k)]
    run: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]
