"""Report assets on the map that no row of the duty table names."""

import pandas as pd

from geo.actors import drawn, offices
from geo.findings import Rule
from geo.study import Study
from geo.words import Text

WHY = Text(
    "图层里有“{name}”（{length} 米），责任表里一行也没有提到它",
    "'{name}' ({length} m) is on the map, but no row of the duty table names it",
)
EVIDENCE = Text("责任表共 {rows} 行，均未提到", "none of the {rows} rows of the duty table")
ACTION = Text(
    "补入责任表；不归本单位管的，在图层里去掉或设为不作要求",
    "add it to the duty table, or take it off the map or out of the required matrix",
)


def find(study: Study) -> pd.DataFrame:
    """Return one finding an asset with a name or code that is required and never listed.

    `unassigned` reports the same metres stretch by stretch; this says, once an asset, that the
    cause is a list that was never written. Without any duty table it would say nothing new.
    """
    say, rows = study.settings.language, len(study.inputs.duty_rows)
    asset_of = dict(zip(study.courses["course_id"], study.courses["asset_id"], strict=True))
    needed = study.holdings[study.holdings["state"] != "out_of_scope"]["course_id"].map(asset_of)
    assets = study.assets
    telling = (assets["name"] != "") | (assets["code"] != "")
    found = assets[
        telling & assets["asset_id"].isin(needed) & ~assets["asset_id"].isin(_named(study))
    ]
    first = study.courses.drop_duplicates("asset_id").set_index("asset_id")
    found = found if rows else found.iloc[:0]
    stretches = pd.DataFrame(
        {
            "course_id": first["course_id"].reindex(found["asset_id"]).to_numpy(dtype=object),
            "from_m": 0.0,
            "to_m": first["length_m"].reindex(found["asset_id"]).to_numpy(dtype="float64"),
            "level": "",
        }
    )
    named = found["name"].where(found["name"] != "", found["code"])
    return drawn(
        study,
        stretches.assign(
            who_acts=offices(study, stretches),
            evidence=EVIDENCE.say(say, rows=rows),
            action=ACTION.say(say),
            why=[
                WHY.say(say, name=name, length=f"{length:,.0f}")
                for name, length in zip(named, found["length_m"], strict=True)
            ],
        ),
    )


def _named(study: Study) -> set[str]:
    """Return the assets that some row means, or may mean though it could not be used."""
    faults = study.duty_faults
    may = faults.loc[faults["fault"] != "unmatched", "candidates"]
    asset_of = dict(zip(study.courses["course_id"], study.courses["asset_id"], strict=True))
    held = {asset_of[course] for course in study.duties["course_id"]}
    return held | {asset for row in may for asset in row.split(" | ")}


RULE = Rule(Text("清单缺对象", "Asset on no list"), "low", find)
