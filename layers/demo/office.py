"""Hold what the demo office wrote down, before it becomes files.

A faultless office is built first; `layers.demo.planted` then changes it, fault by fault.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, time

from layers.demo.people import Person, Staff
from layers.demo.town import Town


@dataclass(frozen=True)
class RiverRow:
    """A row of the wide table of river chiefs: one river in one village, three posts."""

    name: str
    code: str
    village: str
    county: Person
    town: Person
    holder: Person | None
    from_text: str = ""
    to_text: str = ""
    note: str = ""


@dataclass(frozen=True)
class LongRow:
    """A row of a long table: one post on one asset or stretch; '' where the cell is empty."""

    asset: str
    code: str
    role: str
    level: str
    holder: Person | None
    village: str = ""
    from_text: str = ""
    to_text: str = ""
    side: str = ""
    from_on: date | None = None
    until_on: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Outing:
    """A patrol as walked: from a chainage to another, perhaps beyond the ends of the course.

    `code` is what the log says was patrolled, `along` the course really followed, '' for the same.
    One that ends where it began is a phone that lay there for 42 minutes. `silent_m` is a stretch
    where the phone had no signal; `aside_m` the distance kept from the centre line, to the left if
    positive.
    """

    person: Person
    role: str
    mode: str
    code: str
    from_m: float
    to_m: float
    on: date
    at: time
    aside_m: float = 0.0
    back: bool = False
    silent_m: tuple[float, float] | None = None
    along: str = ""
    result: str = "未发现问题"


@dataclass(frozen=True)
class Declared:
    """A row of the log without a track."""

    person: Person
    role: str
    code: str
    on: date
    at: time
    minutes: int
    result: str


@dataclass(frozen=True)
class Office:
    """Town, tables and patrols; every change returns a new office."""

    town: Town
    staff: Staff
    as_of: date
    river_rows: tuple[RiverRow, ...]
    canal_rows: tuple[LongRow, ...]
    road_rows: tuple[LongRow, ...]
    water_rows: tuple[LongRow, ...]
    change_rows: tuple[LongRow, ...]
    outings: tuple[Outing, ...]
    declared: tuple[Declared, ...]

    def sparing(
        self,
        code: str,
        from_m: float,
        to_m: float,
        *,
        level: str = "",
        since: date | None = None,
    ) -> "Office":
        """Return the office in which no outing along `code` walked this stretch.

        Only outings by `level`, '' for all, and from the day `since` on, are cut; what is left of
        an outing on either side stays if it is longer than 60 m.
        """

        def cut(outing: Outing) -> list[Outing]:
            touched = (
                (outing.along or outing.code) == code
                and (not level or outing.person.level == level)
                and (since is None or outing.on >= since)
                and outing.from_m < to_m
                and outing.to_m > from_m
            )
            if not touched:
                return [outing]
            ends = ((outing.from_m, from_m), (to_m, outing.to_m))
            return [replace(outing, from_m=a, to_m=b) for a, b in ends if b - a > 60.0]

        return replace(self, outings=tuple(o for one in self.outings for o in cut(one)))

    def with_outings(self, change: Callable[[Outing], Outing]) -> "Office":
        """Return the office with every outing changed."""
        return replace(self, outings=tuple(change(outing) for outing in self.outings))


def chainage_text(metres: float) -> str:
    """Return a chainage as an office writes it, to 0.1 m and never beyond the end it came from.

    >>> chainage_text(3200), chainage_text(12_300.46)
    ('K3+200', 'K12+300.4')
    """
    tenths = math.floor(metres * 10 + 1e-6)
    kilometres, rest = divmod(tenths, 10_000)
    text = f"{rest // 10:03d}" + (f".{rest % 10}" if rest % 10 else "")
    return f"K{kilometres}+{text}"
