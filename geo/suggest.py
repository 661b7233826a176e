"""Propose a holder, with reasons, for every metre that has none.

The gaps of each required post are cut at area borders and dealt out together (`geo.districting`)
to those who hold such a post already and to areas that have nobody yet: near, continuing what they
have, evenly, and below a load that may be set.
"""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.districting import Pieces, Plan, Terms, deal
from geo.holders import Holders, holders_for
from geo.intervals import Stretches, Yes
from geo.lines import Ints, cut
from geo.proposals import Case, loads, proposals, said
from geo.schema import LOADS, PROPOSALS, Loads, Proposals, conform, conform_geo, empty
from geo.study import Study
from geo.tracts import LEAST_M, meetings
from geo.vacant_posts import Post, needs, vacant

# A keeper of a dam is no chief of a river, though both are waters.
SHORES = ("reservoir", "pond")


@dataclass(frozen=True)
class Wishes:
    """What an office may ask of a suggestion, in metres.

    No load passes `cap_m`. Gaps are cut every `every_m`; courses whose end lies within `reach_m`
    of another count as meeting. A stretch outside the holder's own area counts as `abroad_m`
    farther, a running water as `strange_m` farther for who has shores only, and the reverse.
    """

    cap_m: float = float("inf")
    every_m: float = 1_000.0
    reach_m: float = 50.0
    abroad_m: float = 2_000.0
    strange_m: float = 20_000.0
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        least = min(self.reach_m, self.abroad_m, self.strange_m)
        if not (self.cap_m > 0 and self.every_m > 0 and least >= 0):
            msg = (
                "wanted cap_m and every_m above 0, reach_m, abroad_m and strange_m of at least 0, "
                f"got {self.cap_m}, {self.every_m}, {self.reach_m}, {self.abroad_m}, "
                f"{self.strange_m}"
            )
            raise ValueError(msg)


@dataclass(frozen=True)
class Suggestion:
    """Proposals that tile the gaps, the loads they lead to, and what must be said besides."""

    proposals: Proposals
    loads: Loads
    says: tuple[str, ...]
    plans: tuple[Plan, ...]


def suggest(study: Study, wishes: Wishes | None = None) -> Suggestion:
    """Return a holder for every unassigned stretch of every required post.

    Each level and role is a plan of its own, and so are roads and waters. The proposals of a post
    tile its gaps to the millimetre; where nobody can take a stretch its holder is '' and `why`
    says so. No gap gives no proposal.
    """
    asked = wishes or Wishes()
    cases = []
    for need, courses in needs(study):
        post = vacant(study, need, courses, _every_m(asked))
        if len(post.tracts):
            cases.append(_case(study, post, courses, asked))
    if not cases:
        none = Proposals(conform_geo(empty(PROPOSALS, study.courses.crs), PROPOSALS))
        return Suggestion(none, Loads(conform(empty(LOADS), LOADS)), (), ())
    rows = pd.concat([proposals(case) for case in cases], ignore_index=True)
    found = gpd.GeoDataFrame(rows, crs=study.courses.crs)
    carried = pd.concat([loads(case) for case in cases], ignore_index=True)
    return Suggestion(
        Proposals(conform_geo(found, PROPOSALS)),
        Loads(conform(carried, LOADS)),
        tuple(word for case in cases for word in said(case)),
        tuple(case.plan for case in cases),
    )


def _every_m(asked: Wishes) -> float:
    # What is left below a cap is filled by small tracts only.
    return min(asked.every_m, max(LEAST_M, asked.cap_m / 10))


def _case(study: Study, post: Post, courses: Ints, asked: Wishes) -> Case:
    holders = holders_for(study, post, courses)
    pieces = _pieces(study, post, holders, asked)
    plan = deal(pieces, asked.terms)
    return Case(study, post, holders, pieces, plan, asked.cap_m)


def _pieces(study: Study, post: Post, holders: Holders, asked: Wishes) -> Pieces:
    """Return what is to be dealt out; a stretch abroad counts as farther than it is."""
    n, k = len(post.tracts), len(holders.table)
    middle = shapely.line_interpolate_point(post.shapes, 0.5, normalized=True)
    far_m = np.column_stack(
        [shapely.distance(middle, shape) for shape in holders.shapes] or [np.zeros((n, 0))]
    )
    held_shapes = cut(study.lines, holders.held.course, holders.held.from_m, holders.held.to_m)
    both = Stretches(
        np.r_[post.tracts.course, holders.held.course],
        np.r_[post.tracts.from_mm, holders.held.from_mm],
        np.r_[post.tracts.to_mm, holders.held.to_mm],
    )
    pairs = meetings(both, np.r_[post.shapes, held_shapes], study.lines, reach_m=asked.reach_m)
    edges = pairs[pairs[:, 1] < n]
    met = pairs[(pairs[:, 0] < n) & (pairs[:, 1] >= n)]
    touches = np.zeros((n, k), dtype=bool)
    touches[met[:, 0], holders.owner[met[:, 1] - n]] = True
    home = holders.home[None, :]
    abroad = (home >= 0) & (post.area[:, None] >= 0) & (home != post.area[:, None])
    strange = _strange(study, post, holders)
    cost_m = far_m + asked.abroad_m * abroad + asked.strange_m * strange
    return Pieces(
        length_m=post.tracts.length_m,
        distance_m=cost_m,
        edges=edges,
        touches=touches,
        held_m=holders.held_m,
        cap_m=np.full(k, asked.cap_m),
    )


def _strange(study: Study, post: Post, holders: Holders) -> Yes:
    """Return by tract and holder whether one is a shore and the holder has none, or the reverse.

    Who has nothing yet is a stranger to neither.
    """
    kind = dict(zip(study.courses["course_id"], study.courses["kind"], strict=True))
    shore = np.array([kind[one] in SHORES for one in study.lines.ids], dtype=bool)
    has = np.zeros((2, len(holders.table)), dtype=bool)
    has[shore[holders.held.course].astype(np.int64), holders.owner] = True
    wanted = shore[post.tracts.course].astype(np.int64)
    busy = has[0] | has[1]
    return busy[None, :] & ~has[wanted]
