"""Name who must act on a stretch, and draw it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.chainage import written
from geo.intervals import overlay, stretches
from geo.lines import cut
from geo.listing import listed
from geo.study import Study
from geo.words import Text

SEVERAL = Text("{names}等 {n} 处", "{names} and others, {n} in all")
OFFICE = {
    "road": Text("路长办", "road-chief office"),
    "reservoir": Text("水库主管部门", "reservoir authority"),
    "pond": Text("水库山塘主管部门", "pond authority"),
    "river": Text("河长办", "river-chief office"),
    "canal": Text("河长办", "river-chief office"),
}
OFFICE_OF = Text("{areas}（{office}）", "{areas} ({office})")
MOST_NAMES = 3
PLACE = Text(
    "{name} {start} 至 {end}（{length} 米{bank}）", "{name} {start}-{end} ({length} m{bank})"
)
BANK = {"L": Text("，左岸", ", left bank"), "R": Text("，右岸", ", right bank")}


def drawn(study: Study, rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return `rows` (course_id, from_m, to_m) with their asset and their line."""
    number = study.lines.numbers(rows["course_id"])
    asset = study.courses["asset_id"].to_numpy(dtype=object)[number]
    line = cut(study.lines, number, rows["from_m"].to_numpy(), rows["to_m"].to_numpy())
    return gpd.GeoDataFrame(
        rows.assign(asset_id=asset).reset_index(drop=True), geometry=line, crs=study.courses.crs
    )


def offices(study: Study, rows: pd.DataFrame) -> list[str]:
    """Return for each row (course_id, from_m, to_m, level) the areas it lies in and their office.

    Areas of the row's level where it lies in one, else the smallest ones, in order of chainage.
    """
    say, within = study.settings.language, study.area_stretches
    kind = dict(zip(study.courses["course_id"], study.courses["kind"], strict=True))
    office = [OFFICE[kind[one]].say(say) for one in rows["course_id"]]
    met = overlay(
        stretches(study.lines.numbers(rows["course_id"]), rows["from_m"], rows["to_m"]),
        stretches(study.lines.numbers(within["course_id"]), within["from_m"], within["to_m"]),
    )
    size = study.areas.geometry.area.groupby(study.areas["level"]).median()
    name = dict(zip(study.areas["area_id"], study.areas["name"], strict=True))
    level = within["level"].to_numpy()[met.right]
    pairs = pd.DataFrame(
        {
            "at": met.left,
            "rank": np.where(
                level == rows["level"].to_numpy()[met.left], -1.0, size.reindex(level).to_numpy()
            ),
            "from_m": met.stretches.from_m,
            "name": [name[one] for one in within["area_id"].to_numpy()[met.right]],
        }
    )
    pairs = pairs[pairs["rank"] == pairs.groupby("at")["rank"].transform("min")]
    pairs = pairs.sort_values(["at", "from_m"], kind="stable")
    names = listed(pairs["at"], pairs["name"], len(rows))
    return [
        OFFICE_OF.say(say, areas=_listed(known, study), office=one) if known else one
        for known, one in zip(names, office, strict=True)
    ]


def _listed(names: list[str], study: Study) -> str:
    say = study.settings.language
    some = ("、" if say == "zh" else ", ").join(names[:MOST_NAMES])
    return some if len(names) <= MOST_NAMES else SEVERAL.say(say, names=some, n=len(names))


def nowhere(rows: pd.DataFrame, study: Study) -> gpd.GeoDataFrame:
    """Return rows that are not about a place, with no geometry."""
    nothing = np.full(len(rows), None, dtype=object)
    return gpd.GeoDataFrame(
        rows.reset_index(drop=True), geometry=shapely.from_wkb(nothing), crs=study.courses.crs
    )


def places(study: Study, rows: pd.DataFrame) -> list[str]:
    """Return each row (course_id, from_m, to_m, side) in words: 湍河 K0+100 至 K0+250，150 米."""
    say = study.settings.language
    name = dict(zip(study.courses["course_id"], study.courses["name"], strict=True))
    starts, ends = (_marks(study, rows["course_id"], rows[end]) for end in ("from_m", "to_m"))
    length = (rows["to_m"] - rows["from_m"]).to_list()
    columns = zip(rows["course_id"], starts, ends, length, rows["side"], strict=True)
    return [
        PLACE.say(
            say,
            name=name[course] or course,
            start=start,
            end=end,
            length=f"{metres:,.0f}",
            bank=BANK[side].say(say) if side in BANK else "",
        )
        for course, start, end, metres, side in columns
    ]


def _marks(study: Study, course_ids: pd.Series, chainage_m: pd.Series) -> list[str]:
    """Return places as the posts beside the line say, to the metre."""
    if course_ids.empty:
        return []
    official = study.calibration.to_official(course_ids, chainage_m)
    return [("-" if m < 0 else "") + written(abs(round(m))) for m in official.tolist()]
