"""Say which cadence asks what of which segment, and whose patrols count for it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.lines import Ints
from geo.schema import Duties, Patrols, Segments
from geo.seen import Mask
from geo.settings import LEVELS, Settings


@dataclass(frozen=True)
class Post:
    """Whose patrols a cadence counts: those of a level and role, '' for any."""

    level: str
    role: str


ANYBODY = Post("", "")


def posts(settings: Settings) -> list[Post]:
    """Return the posts that cadences name, highest level first."""
    order = {level: n for n, level in enumerate(("", *LEVELS))}
    found = {Post(cadence.level, cadence.role) for cadence in settings.cadences}
    return sorted(found, key=lambda post: (order.get(post.level, len(order)), *_words(post)))


def levels(settings: Settings) -> list[str]:
    """Return the levels that anything is asked of, '' for over all first."""
    order = {level: n for n, level in enumerate(LEVELS)}
    asked = {line.level for line in settings.cadences}
    asked |= {line.level for line in settings.required}
    return ["", *sorted(asked - {""}, key=lambda level: (order.get(level, len(order)), level))]


def every_days(segments: Segments, post: Post, settings: Settings) -> Ints:
    """Return the days between two patrols that `post` owes each segment, 0 where none are asked.

    A cadence for the segment's grade goes before one for its kind; of two alike the stricter holds.
    """
    days = np.zeros(len(segments), dtype=np.int64)
    mine = [c for c in settings.cadences if Post(c.level, c.role) == post]
    kind, grade = segments["kind"].to_numpy(), segments["grade"].to_numpy()
    # Loosest first, then the general before the special: what is written last stands.
    for cadence in sorted(mine, key=lambda c: (c.grade != "", -c.every_days)):
        here = (kind == cadence.kind) & ((cadence.grade == "") | (grade == cadence.grade))
        days[here] = cadence.every_days
    return days


def counted(patrols: Patrols, duties: Duties, post: Post) -> Mask:
    """Return which patrols count for `post`.

    A patrol counts by the level and role in the log or, where the log is silent, by the posts its
    person holds in the duties. A patrol of an unknown level counts for no level.
    """
    if post == ANYBODY:
        return np.ones(len(patrols), dtype=bool)
    held = _held(duties)
    told = zip(patrols["person"], patrols["level"], patrols["role"], strict=True)
    return np.array(
        [
            any(
                (not post.level or (level or known.level) == post.level)
                and (not post.role or (role or known.role) == post.role)
                for known in held.get(person, {ANYBODY})
            )
            for person, level, role in told
        ],
        dtype=bool,
    )


def _held(duties: Duties) -> dict[str, set[Post]]:
    held: dict[str, set[Post]] = {}
    rows = pd.DataFrame(duties)[["holder", "level", "role"]].drop_duplicates()
    for holder, level, role in rows.itertuples(index=False):
        if holder:
            held.setdefault(holder, set()).add(Post(level, role))
    return held


def _words(post: Post) -> tuple[str, str]:
    return post.level, post.role
