"""Turn what an office asks for into errands, crews and a plan."""

from dataclasses import dataclass, replace

import pyproj

from geo.arcs import Spent
from geo.errands import REASONS, Asked, wanted
from geo.offices import start_place
from geo.roster import fewest_crews
from geo.routes import Crew, Planned, ground, plan
from geo.schema import Errands
from geo.study import Study
from geo.words import Text

CREW = Text("第{n}组", "crew {n}")
NOTHING = Text("没有需要巡查的区段", "nothing needs a patrol")
FEWEST = Text("最少需要 {n} 个班组", "{n} crews are enough, and no fewer")
TOO_FEW = Text("{n} 个班组也不够", "even {n} crews are not enough")


@dataclass(frozen=True)
class Wish:
    """What the office asks: `starts` are (longitude, latitude), the last one for all further crews.

    An empty `reasons` means all but visits to parts; `bank` is either, both, L or R. `balance`
    shortens the longest route; None does so for several crews on one day.
    """

    crews: int = 1
    starts: tuple[tuple[float, float], ...] = ()
    mode: str = "motorcycle"
    hours: float = 6.0
    days: int = 1
    due_days: int = 0
    reasons: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    bank: str = "either"
    balance: bool | None = None
    fewest: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        if self.crews < 1 or self.days < 1 or self.bank not in {"either", "both", "L", "R"}:
            msg = (
                "wanted at least one crew and day, and a bank of either, both, L, R, "
                f"got {self.crews}, {self.days}, {self.bank!r}"
            )
            raise ValueError(msg)


def dispatch(study: Study, wish: Wish, *, spent: Spent) -> tuple[Planned, Errands]:
    """Return the plan for `wish` and the errands it was made for."""
    language = study.settings.language
    asked = Asked(
        reasons=wish.reasons or tuple(r for r in REASONS if r != "part"),
        due_days=wish.due_days,
        holders=wish.holders,
        banks={"either": "", "both": "B"}.get(wish.bank, wish.bank),
    )
    errands = wanted(study, asked)
    crews, notes = _crews(study, wish)
    made = ground(
        study.courses, study.lines, errands, features=study.inputs.features, language=language
    )
    # Two crews on one day both go out: nobody wants one to carry it all.
    balance = wish.crews > 1 and wish.days == 1 if wish.balance is None else wish.balance
    if wish.fewest:
        count, found = fewest_crews(made, crews[0], most=wish.crews, spent=spent, seed=wish.seed)
        notes.append((FEWEST if count else TOO_FEW).say(language, n=count or wish.crews))
    else:
        found = plan(made, crews, spent=spent, seed=wish.seed, balance=balance)
    if errands.empty:
        notes.append(NOTHING.say(language))
    return replace(found, notes=(*notes, *found.notes)), errands


def _crews(study: Study, wish: Wish) -> tuple[list[Crew], list[str]]:
    language = study.settings.language
    notes = []
    if wish.starts:
        lon, lat = zip(*wish.starts, strict=True)
        to_metres = pyproj.Transformer.from_crs("EPSG:4326", study.courses.crs, always_xy=True)
        x, y = to_metres.transform(lon, lat)
        places = list(zip(x, y, strict=True))
    else:
        east, north, chosen = start_place(study.parts, study.lines, language)
        notes.append(chosen)
        places = [(east, north)]
    days = tuple(range(1, wish.days + 1))
    crews = []
    for n in range(wish.crews):
        at_x, at_y = places[min(n, len(places) - 1)]
        name = CREW.say(language, n=n + 1)
        crews.append(Crew(name, at_x, at_y, mode=wish.mode, hours=wish.hours, days=days))
    return crews, notes
