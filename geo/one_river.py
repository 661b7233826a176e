"""Give every group of deputies exactly one river, and every river at least one group."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from geo.lines import Floats, Ints
from geo.words import Language, Text

FEWER = Text(
    "{rivers} 条河、{groups} 个小组：每组只监督一条河，至少有 {short} 条河没有小组，无法全覆盖；"
    "已让尽可能多的河有小组",
    "{rivers} rivers and {groups} groups, one river a group: at least {short} rivers go without, "
    "full coverage is impossible; as many as possible have a group",
)
MORE = Text(
    "{rivers} 条河、{groups} 个小组：每条河至少一个小组，{more} 个小组与别的小组同管一条河",
    "{rivers} rivers and {groups} groups: every river has at least one, {more} groups share "
    "a river with another",
)
EQUAL = Text(
    "{rivers} 条河、{groups} 个小组：一组一河，一河一组",
    "{rivers} rivers and {groups} groups: one group a river, one river a group",
)
NONE = Text("没有可分的河或小组", "no river or no group to deal out")


@dataclass(frozen=True)
class OneRiver:
    """The river of each group, -1 for none; the rivers left without; what must be said."""

    river: Ints
    without: Ints
    total_m: float
    says: str


def one_river_each(distance_m: Floats, language: Language = "zh") -> OneRiver:
    """Return the plan of least total distance; `distance_m[g, r]` from group to river.

    Every group gets one river. With at least as many groups as rivers every river gets a group;
    with fewer, each group gets a river of its own and `without` names the rest. The optimum is
    exact. Raises `ValueError` for a distance that is not a number or below 0.

    >>> one_river_each(np.array([[1.0, 5.0], [2.0, 9.0], [3.0, 4.0]])).river.tolist()
    [0, 0, 1]
    """
    groups, rivers = distance_m.shape
    if not (np.isfinite(distance_m).all() and (distance_m >= 0).all()):
        msg = f"wanted distances of at least 0 m, got {distance_m.min(initial=np.inf)}"
        raise ValueError(msg)
    if not groups or not rivers:
        nobody = np.full(groups, -1, dtype=np.int64)
        return OneRiver(nobody, np.arange(rivers), 0.0, NONE.say(language))
    # The groups beyond one a river go each to its nearest: as many columns more.
    nearest = distance_m.argmin(axis=1)
    spare = np.repeat(distance_m.min(axis=1)[:, None], max(0, groups - rivers), axis=1)
    group, column = linear_sum_assignment(np.hstack([distance_m, spare]))
    river = np.full(groups, -1, dtype=np.int64)
    river[group] = np.where(column < rivers, column, nearest[group])
    return OneRiver(
        river=river,
        without=np.setdiff1d(np.arange(rivers), river),
        total_m=float(distance_m[np.arange(groups), river].sum()),
        says=_says(groups, rivers, language),
    )


def _says(groups: int, rivers: int, language: Language) -> str:
    values = {"groups": groups, "rivers": rivers}
    if groups < rivers:
        return FEWER.say(language, short=rivers - groups, **values)
    if groups > rivers:
        return MORE.say(language, more=groups - rivers, **values)
    return EQUAL.say(language, **values)
