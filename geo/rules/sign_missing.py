"""Report villages along a river without a sign that names who answers for it."""

import numpy as np
import pandas as pd
import shapely

from geo import names
from geo.actors import drawn, offices, places
from geo.findings import Rule
from geo.lines import cut
from geo.posts import read_level
from geo.study import Study
from geo.words import Text

# A sign stands on the bank: this far from it, and half the river's width.
NEAR_M = 100.0
# A river that only touches a village needs no sign there; a long one needs a further one (R53).
SHORT_M, FURTHER_M = 100.0, 8000.0
WORDS = ("公示牌", "标识牌", "标示牌", "河长牌", "sign")
WHY = Text(
    "{place}在{area}境内，应有公示牌 {wanted} 块，只有 {found} 块",
    "{place} lies in {area}: wanted {wanted} signs, found {found}",
)
EVIDENCE = Text("部位图层中共有公示牌 {signs} 块", "{signs} signs in the parts layer")
ACTION = Text("补立公示牌，或在部位图层里补录", "put up the sign, or add it to the parts layer")


def find(study: Study) -> pd.DataFrame:
    """Return one finding for each river in a village that lacks a sign.

    A sign counts for a stretch within 100 m of its bank unless it names another asset. Without any
    sign in the parts the office does not keep them here, and nothing is said.
    """
    signs = study.parts[_is_sign(study.parts)]
    stretches = _by_village(study) if len(signs) else _by_village(study).iloc[:0]
    count = _signs(study, stretches, signs)
    wanted = np.maximum(1, np.ceil(stretches["length_m"].to_numpy() / FURTHER_M)).astype(np.int64)
    found = stretches[count < wanted].reset_index(drop=True)
    say = study.settings.language
    told = zip(
        places(study, found),
        found["name"],
        wanted[count < wanted],
        count[count < wanted],
        strict=True,
    )
    return drawn(
        study,
        found[["course_id", "from_m", "to_m", "level"]].assign(
            who_acts=offices(study, found),
            evidence=EVIDENCE.say(say, signs=len(signs)),
            action=ACTION.say(say),
            why=[
                WHY.say(say, place=place, area=area, wanted=needed, found=there)
                for place, area, needed, there in told
            ],
        ),
    )


def _is_sign(parts: pd.DataFrame) -> pd.Series:
    texts = (parts["part"] + " " + parts["name"]).str.lower()
    return texts.map(lambda text: any(word in text for word in WORDS)).astype(bool)


def _by_village(study: Study) -> pd.DataFrame:
    """Return rivers by village, one row a pair: from its first to its last metre there."""
    within = study.area_stretches
    courses = study.courses.set_index("course_id")
    water = courses["kind"].reindex(within["course_id"]).isin(["river", "canal"]).to_numpy()
    village = (within["level"].map(read_level) == "village").to_numpy()
    rows = pd.DataFrame(within[water & village])
    rows = rows.assign(length_m=rows["to_m"] - rows["from_m"])
    pairs = rows.groupby(["course_id", "area_id"], sort=True, as_index=False).agg(
        {"from_m": "min", "to_m": "max", "length_m": "sum"}
    )
    name = dict(zip(study.areas["area_id"], study.areas["name"], strict=True))
    pairs = pairs[pairs["length_m"] > SHORT_M].reset_index(drop=True)
    return pairs.assign(name=pairs["area_id"].map(name), level="village", side="")


def _signs(study: Study, rows: pd.DataFrame, signs: pd.DataFrame) -> np.ndarray:
    """Return how many signs stand beside each row."""
    courses = study.courses.set_index("course_id")
    width = courses["width_m"].reindex(rows["course_id"]).fillna(0.0).to_numpy(dtype=np.float64)
    line = cut(study.lines, study.lines.numbers(rows["course_id"]), rows["from_m"], rows["to_m"])
    asset = courses["asset_id"].reindex(rows["course_id"]).to_numpy(dtype=object)
    tree = shapely.STRtree(shapely.centroid(np.asarray(signs.geometry)))
    row, sign = tree.query(line, predicate="dwithin", distance=NEAR_M + width / 2)
    assets = study.assets
    known = names.known(*(assets[c] for c in ("asset_id", "name", "code", "kind")))
    meant = [known.match(text).ids if text else () for text in signs["asset"]]
    mine = [not meant[j] or asset[i] in meant[j] for i, j in zip(row, sign, strict=True)]
    return np.bincount(row[np.array(mine, dtype=bool)], minlength=len(rows))


RULE = Rule(Text("缺公示牌", "Sign missing"), "low", find)
