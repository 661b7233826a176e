"""List what patrols are needed: stretches overdue, never seen or soon due, problems, parts."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.chainage import written
from geo.lines import Ints
from geo.locate import locate, nearest
from geo.schema import ERRANDS, Errands, conform
from geo.study import Study
from geo.words import Text

REASONS = ("overdue", "never", "due", "problem", "part")
PRIORITY = {"overdue": 3.0, "never": 3.0, "due": 1.0, "problem": 4.0, "part": 2.0}
WHY = {
    "overdue": Text("{name} {at} 逾期 {days:.0f} 天", "{name} {at}: overdue by {days:.0f} days"),
    "never": Text("{name} {at} 从未巡查", "{name} {at}: never seen"),
    "due": Text("{name} {at} {days:.0f} 天内到期", "{name} {at}: due within {days:.0f} days"),
    "problem": Text("{name} {at} 问题未销号,回头看:{what}", "{name} {at}: open problem {what}"),
    "part": Text("{name} {at} 部位到点查看", "{name} {at}: visit the part"),
}
# So much of a problem's own words is enough to know it again on the spot.
_WORDS = 60
# A part is looked up this far around, as a dam or sluice is drawn beside its water.
_PART_M = 150.0


@dataclass(frozen=True)
class Asked:
    """Which errands are wanted.

    `due_days` takes segments due so many days ahead; `holders` keeps what they answer for, all when
    empty; pieces of one course in a row are one errand up to `longest_m`, and with `by_area` end
    where their area ends. `banks` is L, R, B (both) or '' (either) for rivers.
    """

    reasons: tuple[str, ...] = ("overdue", "never", "due", "problem")
    due_days: int = 0
    holders: tuple[str, ...] = ()
    level: str = ""
    banks: str = ""
    longest_m: float = 2000.0
    stop_minutes: float = 5.0
    by_area: bool = False

    def __post_init__(self) -> None:
        unknown = sorted(set(self.reasons) - set(REASONS))
        if unknown or self.banks not in {"", "L", "R", "B"} or not self.longest_m > 0:
            msg = (
                f"wanted reasons of {REASONS}, banks of L R B or '', longest_m above 0, "
                f"got {self.reasons}, {self.banks!r}, {self.longest_m}"
            )
            raise ValueError(msg)


def wanted(study: Study, asked: Asked) -> Errands:
    """Return the errands of `study`, by course and chainage, stretches before places."""
    frames = [_stretches(study, asked)]
    if "problem" in asked.reasons:
        frames.append(_problems(study, asked))
    if "part" in asked.reasons:
        frames.append(_parts(study, asked))
    found = pd.concat(frames, ignore_index=True)
    if asked.holders:
        held = [any(h in text for h in asked.holders) for text in found["holders"]]
        found = found[held]
    found = found.assign(errand_id=_ids(found), areas=_areas(study, found))
    return Errands(conform(found[ERRANDS.names].reset_index(drop=True), ERRANDS))


def _ids(found: pd.DataFrame) -> pd.Series:
    ids = found["reason"] + ":" + found["course_id"] + found["from_m"].map("@{:.0f}".format)
    again = ids.groupby(ids).cumcount()
    return ids + again.map(lambda n: f"~{n + 1}" if n else "")


def _areas(study: Study, found: pd.DataFrame) -> list[str]:
    """Return the names of the areas each errand lies in, joined by 、."""
    names = study.areas.set_index("area_id")["name"]
    inside = {
        course: (part["from_m"].to_numpy(), part["to_m"].to_numpy(), part["area_id"].map(names))
        for course, part in study.area_stretches.groupby("course_id")
    }
    said = []
    for course, low, high in zip(found["course_id"], found["from_m"], found["to_m"], strict=True):
        if course not in inside:
            said.append("")
            continue
        from_m, to_m, name = inside[course]
        # A place on a border belongs to both sides, a stretch only to what it runs into.
        meets = (from_m < high) & (to_m > low) if high > low else (from_m <= low) & (to_m >= low)
        said.append("、".join(dict.fromkeys(name[meets])))
    return said


def _stretches(study: Study, asked: Asked) -> pd.DataFrame:
    standing = study.standing[study.standing["level"] == asked.level]
    rows = standing.merge(
        pd.DataFrame(study.segments.drop(columns="geometry")), on="segment_id", validate="1:1"
    ).sort_values(["course_id", "from_m"], ignore_index=True)
    ahead = (rows["due_on"] - study.as_of).dt.days
    reason = np.select(
        [
            (rows["overdue_days"] > 0) & rows["last_at"].notna(),
            (rows["never_m"] > 0) & rows["last_at"].isna() & (rows["state"] != "out_of_scope"),
            (ahead >= 0) & (ahead <= asked.due_days) & rows["last_at"].notna(),
        ],
        ["overdue", "never", "due"],
        "",
    )
    days = np.where(reason == "due", asked.due_days, rows["overdue_days"].fillna(0))
    rows = rows.assign(reason=reason, days=days)[np.isin(reason, asked.reasons)]
    if rows.empty:
        return pd.DataFrame(columns=ERRANDS.names)
    grouped = rows.groupby(_runs(rows, asked), sort=False)
    found = grouped.agg(
        reason=("reason", "first"), course_id=("course_id", "first"), from_m=("from_m", "first"),
        to_m=("to_m", "last"), holders=("holders", "first"), days=("days", "max"),
        name=("name", "first"), kind=("kind", "first"),
    )  # fmt: skip
    language = study.settings.language
    return found.assign(
        errand_id="",
        areas="",
        side=np.where(found["kind"].isin(["river", "canal"]), asked.banks, ""),
        priority=found["reason"].map(PRIORITY),
        minutes=0.0,
        why=[
            WHY[reason].say(
                language, name=name, days=days, at=f"{written(round(a))}–{written(round(b))}"
            )
            for reason, name, days, a, b in zip(
                *(found[c].tolist() for c in ("reason", "name", "days", "from_m", "to_m")),
                strict=True,
            )
        ],
    )[ERRANDS.names]


def _runs(rows: pd.DataFrame, asked: Asked) -> Ints:
    """Return run numbers: touching segments of one course, reason and holders, to `longest_m`."""
    before = rows.shift(1)
    new = (
        (rows["course_id"] != before["course_id"])
        | (rows["reason"] != before["reason"])
        | (rows["holders"] != before["holders"])
        | ((rows["from_m"] - before["to_m"]).abs() > 0.001)
        | ((rows["area"] != before["area"]) & asked.by_area)
    ).to_numpy()
    run = np.cumsum(new)
    along = rows["to_m"] - rows.groupby(run)["from_m"].transform("first")
    # The end of a segment just on the limit still belongs before it.
    part = np.ceil(along.to_numpy() / asked.longest_m - 1e-9)
    return pd.Series(list(zip(run, part, strict=True))).factorize()[0]


def _problems(study: Study, asked: Asked) -> pd.DataFrame:
    rows = study.problems[study.problems["open"] & (study.problems["course_id"] != "")]
    names = rows["course_id"].map(study.courses.set_index("course_id")["name"])
    told = zip(*(rows[c] for c in ("problem_id", "category", "description")), strict=True)
    what = [" ".join(filter(None, words))[:_WORDS] for words in told]
    return _places(study, asked, "problem", rows["course_id"], rows["chainage_m"],
                   rows["owner"], names, what)  # fmt: skip


def _parts(study: Study, asked: Asked) -> pd.DataFrame:
    middle = study.parts.geometry.representative_point()
    found = locate(study.lines, middle.x.to_numpy(), middle.y.to_numpy(), _PART_M)
    row = nearest(found, len(study.parts))
    here = np.flatnonzero(row >= 0)
    number = found.number[row[here]]
    ids = pd.Series(study.lines.ids[number], dtype=object)
    names = study.parts["name"].iloc[here].reset_index(drop=True)
    return _places(study, asked, "part", ids, pd.Series(found.chainage_m[row[here]]),
                   pd.Series([""] * len(here), dtype=object), names, [""] * len(here))  # fmt: skip


def _places(
    study: Study,
    asked: Asked,
    reason: str,
    ids: pd.Series,
    m: pd.Series,
    who: pd.Series,
    name: pd.Series,
    what: list[str],
) -> pd.DataFrame:
    say = WHY[reason].say
    language = study.settings.language
    places = zip(name.tolist(), m.tolist(), what, strict=True)
    return pd.DataFrame(
        {
            "errand_id": "",
            "reason": reason,
            "course_id": ids.to_numpy(),
            "from_m": m.to_numpy(),
            "to_m": m.to_numpy(),
            "side": "",
            "priority": PRIORITY[reason],
            "minutes": asked.stop_minutes,
            "holders": who.to_numpy(),
            "areas": "",
            "why": [say(language, name=n, at=written(round(at)), what=w) for n, at, w in places],
        }
    )
