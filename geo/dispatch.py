"""Turn what an office asks for into errands, crews and a plan."""

from dataclasses import dataclass, field, replace

import pandas as pd

from geo.closures import closures
from geo.crews import Asking, Crew, crews_of
from geo.errands import REASONS, Asked, wanted
from geo.network import Joining
from geo.roster import Owed, Search, days_at_once, fewest_crews, more_hours, owed, plan_roster
from geo.routes import Planned, plan, unplanned
from geo.schema import Errands
from geo.study import Study
from geo.terrain import Terrain, terrain
from geo.words import Text

NOTHING = Text("没有需要巡查的区段", "nothing needs a patrol")
FEWEST = Text("最少需要 {n} 个班组", "{n} crews are enough, and no fewer")
TOO_FEW = Text("{n} 个班组也不够", "even {n} crews are not enough")
NO_CADENCE = Text(
    "项目里没有写巡查频次([[cadence]]),无法按频次排班",
    "the project says no cadence ([[cadence]]), so no roster can be made",
)
ALL_MET = Text(
    "{days} 天内每段的频次都排到了,共出勤 {out} 个班次",
    "every cadence of {days} days is met, in {out} crew days",
)
NOT_MET = Text(
    "{days} 天内有 {n} 次巡查排不上,约需再加 {hours:.1f} 工时",
    "{n} visits of {days} days cannot be met; about {hours:.1f} more hours would do",
)
TOO_MANY = Text(
    "{asked} 天的巡查次数太多,一次排不下,只排了前 {days} 天;其余请用 --from 接着排",
    "{asked} days have too many visits to plan at once: only the first {days} are planned; go on "
    "with --from",
)
NEVER_MET = Text(
    "另有 {n} 次不论多少工时都排不上,原因见“未排入”",
    "{n} more cannot be met with any hours; see what was left out for why",
)


@dataclass(frozen=True)
class Wish:
    """What the office asks.

    An empty `reasons` means all but visits to parts; `bank` is either, both, L or R. `balance`
    shortens the longest route; None does so for several crews on one day. `roster` asks for what
    each cadence owes within the days, in the fewest days. `closed` are as `closures` takes them.
    """

    crews: Asking = field(default_factory=Asking)
    due_days: int = 0
    reasons: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    bank: str = "either"
    balance: bool | None = None
    fewest: bool = False
    roster: bool = False
    closed: tuple[str, ...] = ()
    first_on: pd.Timestamp | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        few = self.crews.days < 1 or (self.crews.count is not None and self.crews.count < 1)
        if few or self.bank not in {"either", "both", "L", "R"}:
            msg = (
                "wanted at least one crew and day, and a bank of either, both, L, R, "
                f"got {self.crews.count}, {self.crews.days}, {self.bank!r}"
            )
            raise ValueError(msg)


@dataclass(frozen=True)
class Dispatched:
    """A plan with what it was made for: errands, and the date of its day 1."""

    planned: Planned
    errands: Errands
    first_on: pd.Timestamp


def dispatch(study: Study, wish: Wish, *, search: Search) -> Dispatched:
    """Return the plan for `wish`; day 1 is the day after the study's, unless another is asked."""
    language = study.settings.language
    first_on = wish.first_on or study.as_of + pd.Timedelta(days=1)
    crews, notes = crews_of(study, wish.crews, first_on)
    ahead = (first_on - study.as_of).days + wish.crews.days - 1
    errands = wanted(study, _asked(wish, crews, ahead))
    closed, more = closures(wish.closed, study.courses, study.lines, language)
    made = terrain(
        study.courses,
        study.lines,
        errands,
        features=study.inputs.features,
        joining=Joining(walk_m=study.settings.walk_m),
        closed=closed if len(closed) else None,
        first_on=first_on,
        language=language,
    )
    planned, errands, told = _planned(study, wish, made, crews, first_on, search)
    empty = [NOTHING.say(language)] if errands.empty else []
    notes = [*notes, *more, *told, *empty, *planned.notes]
    return Dispatched(replace(planned, notes=tuple(notes)), errands, first_on)


def _asked(wish: Wish, crews: list[Crew], ahead: int) -> Asked:
    """Return what to look for; a roster takes all that is due `ahead` days from the study's."""
    reasons = wish.reasons or tuple(r for r in REASONS if r != "part")
    if wish.roster and not wish.reasons:
        reasons = ("overdue", "never", "due")
    return Asked(
        reasons=reasons,
        due_days=max(ahead, 0) if wish.roster else wish.due_days,
        holders=wish.holders,
        banks={"either": "", "both": "B"}.get(wish.bank, wish.bank),
        by_area=any(crew.only for crew in crews),
    )


def _planned(
    study: Study,
    wish: Wish,
    made: Terrain,
    crews: list[Crew],
    first_on: pd.Timestamp,
    search: Search,
) -> tuple[Planned, Errands, list[str]]:
    language = study.settings.language
    if wish.roster:
        asked = owed(study, made.errands, first_on)
        if asked is None:
            said = NO_CADENCE.say(language)
            return unplanned(made, said), made.errands, [said]
        return _roster(wish, made, crews, asked, search, study)
    if wish.fewest and crews:
        most = wish.crews.count or len(crews)
        count, found = fewest_crews(made, crews[0], most=most, search=search, seed=wish.seed)
        said = (FEWEST if count else TOO_FEW).say(language, n=count or most)
        return found, made.errands, [said]
    # Two crews on one day both go out: nobody wants one to carry it all.
    balance = len(crews) > 1 and wish.crews.days == 1 if wish.balance is None else wish.balance
    found = plan(made, crews, spent=search(1), seed=wish.seed, balance=balance)
    return found, made.errands, []


def _roster(
    wish: Wish, made: Terrain, crews: list[Crew], asked: Owed, search: Search, study: Study
) -> tuple[Planned, Errands, list[str]]:
    """Return the roster, its visits, and whether every cadence is met, in words."""
    language, days = study.settings.language, days_at_once(asked, wish.crews.days)
    cut = TOO_MANY.say(language, asked=wish.crews.days, days=days)
    notes = [cut] if days < wish.crews.days else []
    found, visits = plan_roster(
        made, crews, asked, horizon_days=days, search=search, seed=wish.seed
    )
    out = len(found.routes[["crew", "day"]].drop_duplicates())
    if found.unserved.empty:
        return found, visits, [*notes, ALL_MET.say(language, days=days, out=out)]
    hours = more_hours(made, visits, found, crews, search=search, seed=wish.seed)
    never = found.unserved.loc[found.unserved["hours"].isna(), "errand_id"].nunique()
    late = found.unserved["errand_id"].nunique() - never
    notes += [NOT_MET.say(language, days=days, n=late, hours=hours)] if late else []
    notes += [NEVER_MET.say(language, n=never)] if never else []
    return found, visits, notes
