"""Report small waters that the tables name and no layer draws."""

import numpy as np
import pandas as pd

from geo import names
from geo.actors import nowhere
from geo.findings import Rule
from geo.row_faults import EVIDENCE
from geo.study import Study
from geo.words import Text

# What a pond, a ditch or a small reservoir is called.
SMALL = (
    "塘", "塘坝", "塘库", "堰", "沟", "渠", "溪", "湾", "池", "潭", "浜", "漊", "泊", "水库",
    "小微水体",
)  # fmt: skip
WHY = Text(
    "表格里写了“{name}”，图层里没有画出这处小水体",
    "the tables name '{name}', but no layer draws this small water",
)
WHO = Text("图层维护单位", "whoever keeps the layers")
ACTION = Text("在图层里补画", "draw it in a layer")


def find(study: Study) -> pd.DataFrame:
    """Return one finding a name, with all rows that give it; names of large rivers are left out.

    They come from the rows of duties, problems, parts and patrols.
    """
    say, assets = study.settings.language, study.assets
    known = names.known(*(assets[c] for c in ("asset_id", "name", "code", "kind")))
    tables = (study.inputs.duty_rows, study.inputs.problem_rows, study.parts, study.inputs.patrols)
    rows = pd.concat([_rows(table) for table in tables], ignore_index=True)
    columns = (rows[c].to_list() for c in ("asset", "code", "kind"))
    lost = [
        _small(name, kind) and not known.match(name, code).ids
        for name, code, kind in zip(*columns, strict=True)
    ]
    rows = rows[np.array(lost, dtype=bool)]
    rows = rows.assign(key=rows["asset"].map(names.bare))
    evidence = [
        EVIDENCE.say(say, file=file, row=row, asset=asset)
        for file, row, asset in zip(rows["file"], rows["row"], rows["asset"], strict=True)
    ]
    stop = "；" if say == "zh" else "; "
    found = rows.assign(evidence=evidence).groupby("key", sort=False)
    first = found[["asset", "file", "row"]].first()
    return nowhere(
        first.assign(
            evidence=[stop.join(words) for _, words in found["evidence"]],
            who_acts=WHO.say(say),
            action=ACTION.say(say),
            why=[WHY.say(say, name=name) for name in first["asset"]],
        )[["file", "row", "evidence", "who_acts", "action", "why"]],
        study,
    )


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that name an asset: asset, code, kind, file, row."""
    named = pd.DataFrame(table[table["asset"] != ""])
    unknown = pd.Series("", index=named.index, dtype="object")
    columns = {c: named.get(c, unknown) for c in ("code", "kind")}
    return named[["asset", "file", "row"]].assign(**columns)


def _small(name: str, kind: str) -> bool:
    return kind == "pond" or (
        kind in ("", "canal", "reservoir") and names.bare(name).endswith(SMALL)
    )


RULE = Rule(Text("图层缺小水体", "Small water on no layer"), "low", find)
