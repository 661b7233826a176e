"""Report duties and assets that run across a border."""

import numpy as np
import pandas as pd

from geo.actors import OFFICE, drawn
from geo.duties import in_force
from geo.findings import Rule
from geo.intervals import overlay, stretches
from geo.kinds import called
from geo.posts import read_level, say_post
from geo.required import POST
from geo.study import Study
from geo.words import Text

# What lies over a border by less than this is a drawing fault, not another office's river.
OVER_M = 50.0
DUTY = Text(
    "{post}{holder} 的责任段跨 {areas} 的界线",
    "the stretch of {post} {holder} runs across the border of {areas}",
)
ASSET = Text("“{name}”跨 {areas} 的县界", "'{name}' runs across the county border of {areas}")
PART = Text("{area} {length} 米", "{area} {length} m")
SPLIT = Text("在界线处分段，各归各处", "split it at the border")
AGREE = Text("与邻县商定分段和联合巡查", "agree on stretches and joint patrols with the neighbour")


def find(study: Study) -> pd.DataFrame:
    """Return a finding a duty over a border of its own level, and an asset over a county's.

    A border counts where more than 50 m lie on either side. Joint duties may run across.
    """
    found = pd.concat([_duties(study), _assets(study)], ignore_index=True)
    return drawn(study, found)


def _duties(study: Study) -> pd.DataFrame:
    say, duties = study.settings.language, study.duties
    mine = in_force(duties, study.as_of) & ~duties["joint"].to_numpy(dtype=bool)
    rows = duties[mine & (duties["holder"] != "").to_numpy()].reset_index(drop=True)
    parts = _parts(study, rows, rows["level"])
    found = rows.iloc[parts.index]
    posts = zip(found["level"], found["role"], found["holder"], parts["areas"], strict=True)
    return found[["course_id", "from_m", "to_m", "side", "level", "file", "row"]].assign(
        who_acts=[
            unit or holder for unit, holder in zip(found["unit"], found["holder"], strict=True)
        ],
        evidence=parts["evidence"].to_numpy(),
        action=SPLIT.say(say),
        why=[
            DUTY.say(
                say, post=say_post(level, role or POST.say(say), say), holder=holder, areas=areas
            )
            for level, role, holder, areas in posts
        ],
    )


def _assets(study: Study) -> pd.DataFrame:
    say, courses = study.settings.language, study.courses
    rows = pd.DataFrame(courses[["course_id", "kind", "name"]]).assign(
        from_m=0.0, to_m=study.lines.length_m
    )
    parts = _parts(study, rows, pd.Series("county", index=rows.index))
    found = rows.iloc[parts.index]
    return found[["course_id", "from_m", "to_m"]].assign(
        side="",
        level="county",
        file="",
        row=0,
        who_acts=[OFFICE[kind].say(say) for kind in found["kind"]],
        evidence=parts["evidence"].to_numpy(),
        action=AGREE.say(say),
        why=[
            ASSET.say(say, name=name, areas=areas)
            for name, areas in zip(
                called(courses.iloc[parts.index], say), parts["areas"], strict=True
            )
        ],
    )


def _parts(study: Study, rows: pd.DataFrame, level: pd.Series) -> pd.DataFrame:
    """Return areas and evidence, by row number, of the rows over a border of areas of `level`."""
    say, within, number = study.settings.language, study.area_stretches, study.lines.numbers
    inside = stretches(number(within["course_id"]), within["from_m"], within["to_m"])
    met = overlay(stretches(number(rows["course_id"]), rows["from_m"], rows["to_m"]), inside)
    name = dict(zip(study.areas["area_id"], study.areas["name"], strict=True))
    pairs = pd.DataFrame(
        {
            "at": met.left,
            "area": within["area_id"].to_numpy()[met.right],
            "from_m": met.stretches.from_m,
            "length_m": met.stretches.length_m,
        }
    )
    own = within["level"].map(read_level).to_numpy()[met.right] == level.to_numpy()[met.left]
    by_area = (
        pairs[own].groupby(["at", "area"], as_index=False).agg({"from_m": "min", "length_m": "sum"})
    )
    by_area = by_area[by_area["length_m"] > OVER_M].sort_values(["at", "from_m"], kind="stable")
    several = by_area.groupby("at")["area"].transform("size") > 1
    stop, listed = ("、", "；") if say == "zh" else (", ", "; ")
    over = by_area[several]
    words = [
        PART.say(say, area=name[area], length=f"{length:,.0f}")
        for area, length in zip(over["area"], over["length_m"], strict=True)
    ]
    rows_over = over.assign(name=over["area"].map(name), word=words).groupby("at")
    at = np.array([row for row, _ in rows_over], dtype=np.int64)
    return pd.DataFrame(
        {
            "areas": [stop.join(names) for _, names in rows_over["name"]],
            "evidence": [listed.join(parts) for _, parts in rows_over["word"]],
        },
        index=at,
    )


RULE = Rule(Text("跨越界线", "Across a border"), "middle", find)
