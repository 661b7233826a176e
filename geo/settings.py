"""Hold what a project may decide: tolerances, cadences, what is required."""

from dataclasses import dataclass, field

from geo.words import Language

KINDS = ("river", "canal", "road", "reservoir", "pond")
LEVELS = ("province", "city", "county", "town", "village", "group")


@dataclass(frozen=True)
class Tolerance:
    """How far from a course of unknown width a track may run, in metres.

    Nearer than `sure_m` it saw the course, farther than `unsure_m` it did not, in between it may
    have. A known width widens the first by half of it.
    """

    sure_m: float
    unsure_m: float

    def __post_init__(self) -> None:
        if not 0 < self.sure_m <= self.unsure_m:
            msg = f"wanted 0 < sure_m <= unsure_m, got {self.sure_m} and {self.unsure_m}"
            raise ValueError(msg)


# A walker on a bank is a river's width from its centre line; a driver is on the road.
TOLERANCES = {
    "river": Tolerance(30.0, 100.0),
    "canal": Tolerance(20.0, 60.0),
    "road": Tolerance(15.0, 30.0),
    "reservoir": Tolerance(30.0, 100.0),
    "pond": Tolerance(30.0, 100.0),
}


@dataclass(frozen=True)
class Manner:
    """How a patrol moves, and what of a course that bears on.

    A fix that needs more than `fastest_m_s` did not come from this patrol's device. Courses of
    the kinds it `leaves_out` it passes without seeing. Who is `afloat` is on the water, not on a
    bank of it. From as far off as `seen_aside_m` a road may be looked at; 0: it must be used.
    """

    fastest_m_s: float = 60.0
    leaves_out: tuple[str, ...] = ()
    afloat: bool = False
    seen_aside_m: float = 0.0

    def __post_init__(self) -> None:
        if self.fastest_m_s <= 0 or self.seen_aside_m < 0:
            msg = (
                "wanted fastest_m_s above 0 and seen_aside_m of at least 0, "
                f"got {self.fastest_m_s} and {self.seen_aside_m}"
            )
            raise ValueError(msg)


# All who go by land, and who did not say: one who sets out on foot may take a bus on the way, so
# the word in the log is no reason to drop fixes (a finding of review asks).
BY_LAND = Manner()
# Defaults of ours, no source. No patrol boat, nor the car that brings it, nor a light drone with
# the wind behind makes 144 km/h. Nobody sees a road from a boat. Neither height nor camera of a
# drone are in a log: what a walker there is sure of it is sure of, and a road at an angle of 45°
# from a hundred metres up it may have seen.
MANNERS = {
    "boat": Manner(40.0, leaves_out=("road",), afloat=True),
    "drone": Manner(40.0, seen_aside_m=100.0),
}


@dataclass(frozen=True)
class Cadence:
    """A rule: courses of this kind (and grade) are seen every `every_days` days.

    An empty `grade`, `level` or `role` means any. With a level, only patrols by someone of that
    level count.
    """

    kind: str
    every_days: int
    grade: str = ""
    level: str = ""
    role: str = ""

    def __post_init__(self) -> None:
        if self.every_days < 1:
            msg = f"wanted every_days of at least 1, got {self.every_days}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Required:
    """A line of the required matrix: this kind (and grade) needs a holder of this level or role.

    An empty `grade`, `level` or `role` means any. An empty `level` and `role`: one holder of any.
    """

    kind: str
    grade: str = ""
    level: str = ""
    role: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything a study may be told; the defaults are argued where they are used."""

    language: Language = "zh"
    time_zone: str = "Asia/Shanghai"
    tolerances: dict[str, Tolerance] = field(default_factory=lambda: dict(TOLERANCES))
    # By mode of the patrol; a mode that is not here goes by land.
    manners: dict[str, Manner] = field(default_factory=lambda: dict(MANNERS))
    cadences: tuple[Cadence, ...] = ()
    # Without lines, one holder of any level is required of every asset.
    required: tuple[Required, ...] = ()
    segment_m: float = 500.0
    # Neighbours may share this much at a boundary: 多走一公里.
    boundary_tail_m: float = 1000.0
    # A gap or overlap shorter than this is a drawing fault, not a duty fault.
    ignore_m: float = 1.0
    # A segment counts as seen when this share of its metres was: ends always miss a few.
    seen_share: float = 0.9
    # A finding about unseen metres is at least this long; the lengths count every metre.
    unseen_m: float = 100.0
    review: bool = True
    # Pieces of one name farther apart than this are different rivers or roads of that name.
    asset_gap_m: float = 500.0
    # Ends of pieces nearer than this are one place, drawn twice.
    join_m: float = 1.0
    # A road on the bank walked on a river patrol covers the river, however wide its band is.
    bank_road_covers_river: bool = False
    # A dam or gate is visited from this near, for this long.
    part_tolerance_m: float = 50.0
    part_stay_s: float = 60.0
    # What a patrol must last or cover to be valid here; 0 where nothing is asked.
    least_minutes: float = 0.0
    least_m: float = 0.0
    # So far a crew walks over open ground to a bank or shore that no road comes near.
    walk_m: float = 500.0

    def __post_init__(self) -> None:
        if not 0 <= self.join_m <= self.asset_gap_m:
            msg = f"wanted 0 <= join_m <= asset_gap_m, got {self.join_m} and {self.asset_gap_m}"
            raise ValueError(msg)
        if not 0 < self.seen_share <= 1:
            msg = f"wanted a seen_share above 0 and up to 1, got {self.seen_share}"
            raise ValueError(msg)
        if self.segment_m <= 0:
            msg = f"wanted a segment_m above 0, got {self.segment_m}"
            raise ValueError(msg)
