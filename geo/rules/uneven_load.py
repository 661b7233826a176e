"""Report holders who answer for far more than others in the same post."""

import numpy as np
import pandas as pd

from geo.actors import nowhere
from geo.duties import in_force
from geo.findings import Rule
from geo.posts import say_post
from geo.required import POST
from geo.study import Study
from geo.words import Text

# Three times the middle of at least five holders, and long enough to matter on foot.
TIMES, FEWEST, LEAST_M = 3.0, 5, 2000.0
WHY = Text(
    "{post}{holder} 负责 {km} 公里，是同岗 {n} 人中位数 {middle} 公里的 {times} 倍",
    "{post} {holder} answers for {km} km, {times} times the middle of {n} holders, {middle} km",
)
EVIDENCE = Text("{rows} 段责任，{assets} 个对象", "{rows} stretches of {assets} assets")
ACTION = Text("分给邻近负担较轻的责任人", "share it with neighbours who have less")
WHO = Text("{unit}（安排岗位的单位）", "{unit} (who fills the posts)")


def find(study: Study) -> pd.DataFrame:
    """Return one finding a holder, by level, role and kind; a bank alone counts as half."""
    load = loads(study)
    middle = load.groupby(["level", "role", "kind"])["length_m"].transform("median")
    count = load.groupby(["level", "role", "kind"])["length_m"].transform("size")
    much = (load["length_m"] > TIMES * middle) & (load["length_m"] > LEAST_M) & (count >= FEWEST)
    found, say = load[much], study.settings.language
    columns = (found[c].to_list() for c in ("level", "role", "holder", "length_m"))
    return nowhere(
        pd.DataFrame(
            {
                "level": found["level"],
                "who_acts": [WHO.say(say, unit=unit or POST.say(say)) for unit in found["unit"]],
                "evidence": [
                    EVIDENCE.say(say, rows=rows, assets=assets)
                    for rows, assets in zip(found["rows"], found["assets"], strict=True)
                ],
                "action": ACTION.say(say),
                "why": [
                    WHY.say(
                        say,
                        post=say_post(level, role or POST.say(say), say),
                        holder=holder,
                        km=f"{length / 1000:.1f}",
                        middle=f"{half / 1000:.1f}",
                        times=f"{length / half:.1f}",
                        n=n,
                    )
                    for level, role, holder, length, half, n in zip(
                        *columns, middle[much], count[much], strict=True
                    )
                ],
                "file": found["file"],
                "row": found["row"],
            }
        ),
        study,
    )


def loads(study: Study) -> pd.DataFrame:
    """Return what each holder has in force by level, role and kind of asset.

    Columns: level, role, kind, holder, unit, length_m, rows, assets, file and row of the first.
    """
    courses = study.courses.set_index("course_id")
    valid = study.duties[in_force(study.duties, study.as_of)]
    valid = valid[valid["holder"] != ""]
    share = np.where(valid["side"] == "B", 1.0, 0.5)
    rows = valid.assign(
        length_m=(valid["to_m"] - valid["from_m"]) * share,
        kind=courses["kind"].reindex(valid["course_id"]).to_numpy(),
        asset=courses["asset_id"].reindex(valid["course_id"]).to_numpy(),
    )
    holder = rows.groupby(["level", "role", "kind", "holder", "unit"], sort=True)
    return holder.agg(
        length_m=("length_m", "sum"),
        rows=("length_m", "size"),
        assets=("asset", "nunique"),
        file=("file", "first"),
        row=("row", "first"),
    ).reset_index()


RULE = Rule(Text("负担不均", "Uneven load"), "low", find)
