"""Find the duties that once held a stretch, or name it without a holder."""

import numpy as np
import pandas as pd

from geo.actors import drawn, offices, places
from geo.duties import in_force
from geo.intervals import overlay, remains, stretches
from geo.listing import listed
from geo.posts import say_post
from geo.required import POST
from geo.schema import Duties
from geo.study import Study
from geo.words import Text

EXPIRED = Text(
    "{file} 第 {row} 行：{holder}，{until} 到期", "{file} row {row}: {holder}, expired {until}"
)
NOBODY = Text("没有任何有效的责任行提到这里", "no valid row of the duty table reaches here")
VACANT = Text("{file} 第 {row} 行：空岗", "{file} row {row}: vacant post")


def expired(study: Study) -> Duties:
    """Return the duties of a holder that ended on or before the day of the study."""
    duties = study.duties
    ended = duties["until_on"] <= study.as_of.tz_localize(None).normalize()
    return Duties(duties[ended & (duties["holder"] != "")])


def vacant(study: Study) -> Duties:
    """Return the duties in force that name a post but no holder."""
    valid = in_force(study.duties, study.as_of)
    return Duties(study.duties[valid & (study.duties["holder"] == "").to_numpy()])


def unheld(study: Study, gone: Duties, why: Text, action: Text) -> pd.DataFrame:
    """Return, as findings, the stretches of `gone` whose post nobody holds on the day."""
    say = study.settings.language
    found = _free(study, gone)
    holder = gone.iloc[found["at"]]
    until = [f"{day:%Y-%m-%d}" if not pd.isna(day) else "" for day in holder["until_on"]]
    columns = (holder[column].to_list() for column in ("level", "role", "holder", "file", "row"))
    words = list(zip(places(study, found), *columns, until, strict=True))
    return drawn(
        study,
        found.drop(columns="at").assign(
            who_acts=offices(study, found),
            since_on=holder["until_on"].to_numpy(),
            evidence=[
                (EXPIRED if name else VACANT).say(say, file=file, row=row, holder=name, until=day)
                for _, _, _, name, file, row, day in words
            ],
            action=action.say(say),
            why=[
                why.say(
                    say,
                    place=place,
                    post=say_post(level, role or POST.say(say), say),
                    holder=name,
                    until=day,
                )
                for place, level, role, name, _, _, day in words
            ],
            file=holder["file"].to_numpy(),
            row=holder["row"].to_numpy(),
        ),
    )


def _free(study: Study, gone: Duties) -> pd.DataFrame:
    """Return at (row of `gone`), course_id, from_m, to_m, side, level where its post has nobody.

    A stretch that is free on both its banks is one row of side B.
    """
    valid = study.duties[in_force(study.duties, study.as_of)]
    valid = valid[valid["holder"] != ""]
    posts = pd.concat([gone, valid])
    post = posts.groupby(["level", "role"], sort=False).ngroup().to_numpy()
    several = int(post.max(initial=0)) + 1
    number = study.lines.numbers(posts["course_id"]) * several + post
    laid = stretches(number, posts["from_m"], posts["to_m"])
    mine = np.arange(len(posts)) < len(gone)
    frames = []
    for bank in ("L", "R"):
        here = posts["side"].isin([bank, "B"]).to_numpy()
        at = np.flatnonzero(mine & here)
        left, row = remains(laid.take(at), laid.take(~mine & here))
        columns = {"at": at[row], "from_m": left.from_m, "to_m": left.to_m, "side": bank}
        frames.append(pd.DataFrame(columns))
    place = ["at", "from_m", "to_m"]
    both = pd.concat(frames).groupby(place)["side"].agg("".join).reset_index()
    both = both[both["to_m"] - both["from_m"] > study.settings.ignore_m]
    return both.assign(
        side=both["side"].replace("LR", "B"),
        course_id=gone["course_id"].to_numpy(dtype=object)[both["at"]],
        level=gone["level"].to_numpy(dtype=object)[both["at"]],
    )


def told(study: Study, found: pd.DataFrame, why: Text, action: Text) -> pd.DataFrame:
    """Return vacancies as findings, with the rows that once held them as evidence."""
    say = study.settings.language
    before = lapsed(study, found)
    evidence = before["evidence"].where(before["evidence"] != "", NOBODY.say(say))
    return drawn(
        study,
        found.assign(
            who_acts=offices(study, found),
            since_on=before["since_on"].to_numpy(),
            evidence=evidence.to_numpy(),
            action=action.say(say),
            why=[
                why.say(say, place=place, missing=missing)
                for place, missing in zip(places(study, found), found["missing"], strict=True)
            ],
        ),
    )


def lapsed(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Return since_on and evidence for each row (course_id, from_m, to_m, level, role).

    `since_on` is the last day a duty of that level and role ended there.
    """
    say = study.settings.language
    gone = pd.concat([expired(study), vacant(study)])
    number = study.lines.numbers
    met = overlay(
        stretches(number(rows["course_id"]), rows["from_m"], rows["to_m"]),
        stretches(number(gone["course_id"]), gone["from_m"], gone["to_m"]),
    )
    there = gone.iloc[met.right].assign(at=met.left)
    asked = rows.iloc[met.left]
    fits = pd.Series(True, index=range(len(there)))
    for column in ("level", "role"):
        wanted = asked[column].to_numpy()
        fits &= (wanted == "") | (there[column].to_numpy() == wanted)
    there = there[fits.to_numpy()]
    columns = (there[column].to_list() for column in ("file", "row", "holder", "until_on"))
    words = [
        (EXPIRED if holder else VACANT).say(say, file=file, row=row, holder=holder, until=day)
        for file, row, holder, until in zip(*columns, strict=True)
        for day in ("" if pd.isna(until) else f"{until:%Y-%m-%d}",)
    ]
    stop = "；" if say == "zh" else "; "
    return pd.DataFrame(
        {
            "since_on": there.groupby("at")["until_on"].max().reindex(range(len(rows))),
            "evidence": [stop.join(row) for row in listed(there["at"], words, len(rows))],
        }
    )
