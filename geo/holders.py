"""Find who could take a post: those who hold it elsewhere, and areas that have nobody yet."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.duties import in_force
from geo.intervals import Stretches, stretches, union
from geo.lines import Floats, Ints, cut
from geo.required import identities
from geo.study import Study
from geo.tracts import most_of
from geo.vacant_posts import Post, areas_of, family


@dataclass(frozen=True)
class Holders:
    """Those who could take a post: what they have as stretches of `owner`, where they belong.

    `home` is a row of `areas`, -1 where none is known; `shapes` is what they have, or their area.
    """

    table: pd.DataFrame
    held: Stretches
    owner: Ints
    held_m: Floats
    home: Ints
    shapes: NDArray[np.object_]


def holders_for(study: Study, post: Post, courses: Ints) -> Holders:
    """Return who holds such a post in force on such courses, then the areas that have nobody."""
    duties = study.duties
    number = study.lines.numbers(duties["course_id"])
    mine = in_force(duties, study.as_of) & (duties["holder"] != "").to_numpy()
    mine &= np.isin(number, family(study, courses))
    for name, value in (("level", post.level), ("role", post.role)):
        mine &= (duties[name] == value).to_numpy() | (value == "")
    rows = duties[mine].reset_index(drop=True)
    who = identities(rows)
    laid = stretches(number[mine], rows["from_m"], rows["to_m"])
    table = _table(rows, who, laid)
    count, width = len(table), len(study.lines)
    once = union(Stretches(who * width + laid.course, laid.from_mm, laid.to_mm))
    owner, course = np.divmod(once.course, max(width, 1))
    held_m = np.bincount(owner, weights=once.length_m, minlength=count)
    held = Stretches(course, once.from_mm, once.to_mm)
    shapes = cut(study.lines, held.course, held.from_m, held.to_m)
    merged = [shapely.multilinestrings(list(shapes[owner == one])) for one in range(count)]
    home = _home(study, post, table, held, owner)
    vacant = np.setdiff1d(post.area[post.area >= 0], home)
    vacant = vacant[(study.areas["level"].iloc[vacant] == post.level).to_numpy()]
    units = study.areas.iloc[vacant]
    named = pd.DataFrame(
        {"holder": units["name"].to_numpy(), "holder_kind": "unit", "unit": "", "role": post.role}
    )
    return Holders(
        table=pd.concat([table, named], ignore_index=True),
        held=held,
        owner=owner,
        held_m=np.r_[held_m, np.zeros(len(units))],
        home=np.r_[home, vacant].astype(np.int64),
        shapes=np.array([*merged, *units.geometry], dtype=object),
    )


def _table(rows: pd.DataFrame, who: Ints, laid: Stretches) -> pd.DataFrame:
    """Return one row a holder, with the role held on most metres."""
    known = rows.assign(who=who, m=laid.length_m)
    first = known.groupby("who")[["holder", "holder_kind"]].first()
    unit = known.groupby("who")["unit"].max()
    roles = known.groupby(["who", "role"])["m"].sum().reset_index()
    roles = roles.sort_values(["who", "m", "role"], ascending=[True, False, True])
    role = roles.drop_duplicates("who").set_index("who")["role"]
    return first.assign(unit=unit, role=role).reset_index(drop=True)


def _home(
    study: Study, post: Post, table: pd.DataFrame, held: Stretches, owner: Ints
) -> NDArray[np.int64]:
    """Return the area each holder belongs to: that of the unit's name, else most of the metres."""
    areas, row = areas_of(study, post.level)
    inside = most_of(held, areas)
    most = pd.DataFrame({"owner": owner, "area": np.append(row, -1)[inside], "m": held.length_m})
    sums = most[most["area"] >= 0].groupby(["owner", "area"])["m"].sum().reset_index()
    sums = sums.sort_values(["owner", "m", "area"], ascending=[True, False, True])
    best = sums.drop_duplicates("owner").set_index("owner")["area"]
    by_metres = best.reindex(range(len(table))).fillna(-1).to_numpy(dtype=np.int64)
    chosen = study.areas.iloc[np.unique(row)]
    once = chosen[~chosen["name"].duplicated(keep=False)]
    at = pd.Series(np.unique(row)[~chosen["name"].duplicated(keep=False)], index=once["name"])
    named = table["unit"].map(at)
    by_name = named.where(named.notna(), table["holder"].map(at)).astype("float64")
    return np.where(by_name.notna(), by_name.fillna(-1), by_metres).astype(np.int64)
