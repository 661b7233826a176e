"""Show on a page of its own what nobody holds now and who could take it then, with the reasons."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.chainage import written
from geo.proposals import STOP, km
from geo.study import Study
from geo.suggest import Suggestion
from geo.words import Text
from layers.options import Page
from maps.page import Written, write_map
from maps.proposals import SIDES
from maps.results import background

TITLE = Text("空缺建议：现在与建议后对照", "Proposed holders: now and then")
LOAD = Text("现管 {held} 公里，补后 {load} 公里", "{held} km now, {load} km then")
CHOICE = Text("{post}（{gap} 公里）", "{post} ({gap} km)")
AREA = Text("位置", "lies in")
UNIT = Text("单位", "unit")
OTHERS = Text("备选", "others in question")
# A page shows no more of a line than this.
FINE_M = 0.5


def write_handover(study: Study, suggestion: Suggestion, path: Path, *, page: Page) -> Written:
    """Write the internal page of a suggestion: a switch between now and then, a list, cards."""
    return write_map(
        study,
        path,
        base=background(page),
        title=TITLE.say(study.settings.language),
        office=page.office,
        phone_line=page.phone,
        handover=handover(study, suggestion),
    )


def handover(study: Study, suggestion: Suggestion) -> dict[str, Any]:
    """Return what the page is told: for each post who gets what, most first, and every stretch.

    Positions are millionths of a degree, lengths millimetres; holder -1 is nobody.
    """
    found = suggestion.proposals
    rough = found.set_geometry(shapely.simplify(found.geometry.to_numpy(), FINE_M), crs=found.crs)
    degrees = rough.to_crs(4326).geometry.to_numpy()
    posts = [
        _post(study, str(post), found[rows], degrees[rows], suggestion)
        for post in found["post"].unique()
        for rows in [(found["post"] == post).to_numpy()]
    ]
    return {"posts": posts, "says": list(suggestion.says)}


def _post(
    study: Study, post: str, rows: pd.DataFrame, degrees: Any, suggestion: Suggestion
) -> dict[str, Any]:
    say = study.settings.language
    added = suggestion.loads[(suggestion.loads["post"] == post) & (suggestion.loads["added_m"] > 0)]
    order = added.sort_values(["added_m", "holder", "unit"], ascending=[False, True, True])
    key = pd.MultiIndex.from_frame(order[["holder", "unit"]])
    who = key.get_indexer(pd.MultiIndex.from_frame(rows[["holder", "unit"]]))
    named = [
        {
            "n": n,
            "name": f"{one['holder']} · {one['unit']}" if one["unit"] else one["holder"],
            "added_mm": round(1000 * one["added_m"]),
            "load": LOAD.say(say, held=km(one["held_m"]), load=km(one["load_m"])),
        }
        for n, one in enumerate(order.to_dict("records"))
    ]
    plain = pd.DataFrame(rows).drop(columns="geometry")
    left_m = float(rows.loc[who < 0, "length_m"].sum())
    if left_m:
        named.append({"n": -1, "name": "", "added_mm": round(1000 * left_m), "load": ""})
    return {
        "name": post,
        "label": CHOICE.say(say, post=post, gap=km(float(rows["length_m"].sum()))),
        "holders": named,
        "stretches": [
            _stretch(study, row, int(holder), shape)
            for row, holder, shape in zip(plain.to_dict("records"), who, degrees, strict=True)
        ],
    }


def _stretch(
    study: Study, row: dict[Any, Any], holder: int, shape: shapely.LineString
) -> dict[str, Any]:
    say = study.settings.language
    side = SIDES[row["side"]].say(say)
    micro = np.rint(shapely.get_coordinates(shape) * 1e6).astype(np.int64)
    facts = (
        (AREA, row["area"]),
        (UNIT, row["unit"]),
        (OTHERS, row["others"]),
    )
    return {
        "holder": holder,
        "who": row["holder"],
        "name": row["name"],
        "place": f"{written(row['from_m'])}–{written(row['to_m'])} {side}".rstrip(),
        "mm": round(1000 * row["length_m"]),
        "why": row["why"].split(STOP.say(say)),
        "facts": [[label.say(say), text] for label, text in facts],
        "lat": micro[:, 1].tolist(),
        "lng": micro[:, 0].tolist(),
    }
