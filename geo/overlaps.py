"""Class the stretches that two duties share."""

import numpy as np
import pandas as pd

from geo.actors import drawn, offices, places
from geo.duties import in_force
from geo.intervals import Stretches, Yes, overlay, stretches
from geo.posts import say_post
from geo.required import POST, identities
from geo.study import Study
from geo.words import Text

ROWS = Text("{file} 第 {row} 行（{holder}）", "{file} row {row} ({holder})")


def overlaps(study: Study) -> pd.DataFrame:
    """Return every pair of duties in force of one level and role that share metres, classed.

    Columns: course_id, from_m, to_m, side, level, role, class, one and other (row numbers in
    `study.duties`). Classes: `conflict` two holders on one bank; `opposite` one on each bank;
    `joint` both declared joint; `same` one holder twice; `tail` as conflict, but no longer than
    `boundary_tail_m`, across a border of two areas, and neither within the other. Overlaps up to
    `ignore_m` are drawing faults and left out.
    """
    valid = study.duties[
        in_force(study.duties, study.as_of) & (study.duties["holder"] != "").to_numpy()
    ]
    number = study.lines.numbers(valid["course_id"])
    post = valid.groupby(["level", "role"], sort=False).ngroup().to_numpy()
    several = int(post.max(initial=0)) + 1
    laid = stretches(number * several + post, valid["from_m"], valid["to_m"])
    met = overlay(laid, laid)
    once = (met.left < met.right) & (met.stretches.length_mm > study.settings.ignore_m * 1000)
    one, other, common = met.left[once], met.right[once], met.stretches.take(once)
    side = valid["side"].to_numpy(dtype=object)
    holder, joint = identities(valid), valid["joint"].to_numpy(dtype=bool)
    nested = (laid.from_mm[one] == common.from_mm) & (laid.to_mm[one] == common.to_mm) | (
        laid.from_mm[other] == common.from_mm
    ) & (laid.to_mm[other] == common.to_mm)
    short = common.length_m <= study.settings.boundary_tail_m
    course = common.course // several
    tail = short & ~nested & _at_border(study, Stretches(course, common.from_mm, common.to_mm))
    opposite = (side[one] != side[other]) & (side[one] != "B") & (side[other] != "B")
    kind = np.select(
        [holder[one] == holder[other], opposite, joint[one] & joint[other], tail],
        ["same", "opposite", "joint", "tail"],
        "conflict",
    )
    places_of = valid.index.to_numpy()
    return pd.DataFrame(
        {
            "course_id": study.lines.ids[course],
            "from_m": common.from_m,
            "to_m": common.to_m,
            "side": np.where(side[one] == "B", side[other], side[one]),
            "level": valid["level"].to_numpy(dtype=object)[one],
            "role": valid["role"].to_numpy(dtype=object)[one],
            "class": kind,
            "one": places_of[one],
            "other": places_of[other],
        }
    )


def _at_border(study: Study, common: Stretches) -> Yes:
    """Return which stretches a border of two areas crosses or touches."""
    within = study.area_stretches
    inside = stretches(study.lines.numbers(within["course_id"]), within["from_m"], within["to_m"])
    length = np.rint(study.lines.length_m * 1000).astype(np.int64)[inside.course]
    course = np.concatenate([inside.course, inside.course])
    at = np.concatenate([inside.from_mm, inside.to_mm])
    real = (at > 0) & (at < np.concatenate([length, length]))
    border = Stretches(course[real], at[real], at[real] + 1)
    wider = Stretches(common.course, common.from_mm, common.to_mm + 1)
    return np.isin(np.arange(len(common)), overlay(wider, border).left)


def shared(study: Study, found: pd.DataFrame, why: Text, action: Text) -> pd.DataFrame:
    """Return overlaps as findings that name both holders and both rows."""
    say = study.settings.language
    rows = study.duties
    one, other = rows.loc[found["one"]], rows.loc[found["other"]]
    stop = "；" if say == "zh" else "; "
    rows_of = zip(_rows(one, study), _rows(other, study), strict=True)
    since = np.maximum(one["from_on"].to_numpy(), other["from_on"].to_numpy())
    told = [
        why.say(
            say,
            place=place,
            one=left,
            other=right,
            post=say_post(level, role or POST.say(say), say),
        )
        for place, left, right, level, role in zip(
            places(study, found),
            one["holder"],
            other["holder"],
            found["level"],
            found["role"],
            strict=True,
        )
    ]
    return drawn(
        study,
        found.assign(
            who_acts=offices(study, found),
            since_on=since,
            evidence=[stop.join(pair) for pair in rows_of],
            action=action.say(say),
            why=told,
            file=other["file"].to_numpy(),
            row=other["row"].to_numpy(),
        ),
    )  # fmt: skip


def _rows(duties: pd.DataFrame, study: Study) -> list[str]:
    columns = (duties[column].to_list() for column in ("file", "row", "holder"))
    return [
        ROWS.say(study.settings.language, file=file, row=row, holder=holder)
        for file, row, holder in zip(*columns, strict=True)
    ]
