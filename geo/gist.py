"""Keep of patrols' fixes what the rest of the program asks of them, so that they can be let go.

All of it is of one patrol by itself: gists of any batches of patrols, put together, are the gist of
all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.cleaning import KEPT, PAUSE, Flags, numbers, seconds_of
from geo.lines import Ints
from geo.measures import measured
from geo.schema import (
    BOXES,
    DRAWN,
    MEASURED,
    PATROLS,
    REMARKS,
    Boxes,
    Drawn,
    Fixes,
    Measured,
    Patrols,
    Remarks,
    Table,
    conform,
    empty,
)
from geo.settings import Settings
from geo.trails import Trails, batches

Shapes = NDArray[np.object_]

# Fixes of one patrol, day and reason in one square of this size are one remark, with their number.
SQUARE_M = 20.0
# A drawn track is within this of its fixes.
_TRUE_M = 3.0
# So many steps in a row share one box.
_STEPS = 64


class Lines(Protocol):
    """Drawn lines, by number from 0; they need not be in memory before they are asked for."""

    def of(self, places: Ints) -> Shapes:
        """Return the lines of these numbers."""


@dataclass(frozen=True)
class HeldLines:
    """Lines in memory."""

    shapes: Shapes

    def of(self, places: Ints) -> Shapes:
        """Return the lines of these numbers."""
        return self.shapes[places]


@dataclass(frozen=True)
class JoinedLines:
    """The lines of several parts; those of part `n` have the numbers from `first[n]`."""

    parts: Sequence[Lines]
    first: Ints

    def of(self, places: Ints) -> Shapes:
        """Return the lines of these numbers."""
        shapes = np.zeros(len(places), dtype=object)
        part = np.searchsorted(self.first, places, side="right") - 1
        for n in np.unique(part):
            shapes[part == n] = self.parts[n].of(places[part == n] - self.first[n])
        return shapes


@dataclass(frozen=True)
class Gist:
    """Measures of each track, its simplified lines, what is to be remarked on, where it went."""

    measured: Measured
    drawn: Drawn
    remarks: Remarks
    boxes: Boxes
    lines: Lines

    def of(self, patrol_ids: pd.Index) -> "Gist":
        """Return the gist of some patrols only."""

        def some(frame: Any) -> Any:
            there = patrol_ids.get_indexer(pd.Index(frame["patrol_id"])) >= 0
            return frame[there].reset_index(drop=True)

        return Gist(
            measured=some(self.measured),
            drawn=some(self.drawn),
            remarks=some(self.remarks),
            boxes=some(self.boxes),
            lines=self.lines,
        )


def gist(fixes: Fixes, flags: Flags, patrols: Patrols, settings: Settings) -> Gist:
    """Return the gist of fixes, each with a flag of `geo.cleaning`.

    A fix without a time is of the day that its patrol of `patrols` began.
    """
    drawn, shapes = _drawn(fixes, flags)
    return Gist(
        measured=measured(fixes),
        drawn=drawn,
        remarks=_remarks(fixes, flags, patrols, settings),
        boxes=_boxes(fixes, flags),
        lines=HeldLines(shapes),
    )


def together(parts: Sequence[Gist], patrols: Patrols) -> Gist:
    """Return the gist of all patrols of `parts`, none of which is in two, in their order."""

    def joined(frames: Sequence[pd.DataFrame], table: Table) -> Any:
        return by_patrol([*frames, empty(table)], patrols, table)

    # A line is called by the place of its part, and by its own place there.
    counts = [int(part.drawn["place"].max()) + 1 if len(part.drawn) else 0 for part in parts]
    first = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts, dtype=np.int64)])
    drawn = [
        part.drawn.assign(place=part.drawn["place"] + before)
        for part, before in zip(parts, first[:-1], strict=True)
    ]
    return Gist(
        measured=joined([part.measured for part in parts], MEASURED),
        drawn=joined(drawn, DRAWN),
        remarks=joined([part.remarks for part in parts], REMARKS),
        boxes=joined([part.boxes for part in parts], BOXES),
        lines=JoinedLines([part.lines for part in parts], first),
    )


def by_patrol(frames: Sequence[pd.DataFrame], patrols: Patrols, table: Table) -> pd.DataFrame:
    """Return the rows of frames in the order of the patrols, of each in their own order."""
    frame = pd.concat([some for some in frames if len(some)] or frames[-1:], ignore_index=True)
    at = pd.Index(patrols["patrol_id"]).get_indexer(pd.Index(frame["patrol_id"]))
    return conform(frame.iloc[np.argsort(at, kind="stable")][table.names], table)


def no_gist() -> Gist:
    """Return the gist of no patrol."""
    return together([], Patrols(empty(PATROLS)))


def came(
    trails: Trails, boxes: Boxes, patrols: Patrols, around: tuple[float, float, float, float]
) -> pd.Index:
    """Return the ids of the patrols that have a fix inside `around`: west, south, east, north."""
    west, south, east, north = around
    inside = boxes["west_m"].ge(west) & boxes["east_m"].le(east)
    inside &= boxes["south_m"].ge(south) & boxes["north_m"].le(north)
    touching = boxes["west_m"].le(east) & boxes["east_m"].ge(west)
    touching &= boxes["south_m"].le(north) & boxes["north_m"].ge(south)
    sure = pd.Index(boxes["patrol_id"][inside].unique())
    # A box may reach in where none of its fixes does.
    unsure = pd.Index(boxes["patrol_id"][touching].unique()).difference(sure)
    asked = np.sort(pd.Index(patrols["patrol_id"]).get_indexer(unsure))
    for some in batches(asked, trails.sizes):
        fixes = trails.of(some)
        there = fixes["x_m"].between(west, east) & fixes["y_m"].between(south, north)
        sure = sure.append(pd.Index(fixes["patrol_id"][there].unique()))
    return sure


def _drawn(fixes: Fixes, flags: Flags) -> tuple[Drawn, Shapes]:
    """Return the lines of used track fixes; one ends where a pause of hours begins."""
    used = (fixes["point"] == "track").to_numpy() & np.isin(flags, KEPT)
    walked = fixes.assign(pause=flags == PAUSE)[used]
    walked = walked.sort_values(["patrol_id", "at"], kind="stable")
    codes, ids = pd.factorize(walked["patrol_id"])
    fresh = walked["pause"].to_numpy() | (np.diff(codes, prepend=-1) != 0)
    ids, codes = ids[codes[fresh]], np.cumsum(fresh) - 1
    counts = np.bincount(codes, minlength=len(ids))
    kept = np.repeat(counts, counts) >= 2
    lines: Any = shapely.linestrings(
        walked.loc[kept, ["x_m", "y_m"]].to_numpy(), indices=pd.factorize(codes[kept])[0]
    )
    shapes = shapely.simplify(lines, _TRUE_M, preserve_topology=False)
    frame = pd.DataFrame({"patrol_id": np.asarray(ids, dtype=object)[counts >= 2]})
    frame = frame.assign(vertices=shapely.get_num_coordinates(shapes), place=np.arange(len(shapes)))
    return Drawn(conform(frame, DRAWN)), shapes


def _remarks(fixes: Fixes, flags: Flags, patrols: Patrols, settings: Settings) -> Remarks:
    """Return the flagged fixes, those alike in one square as one.

    A fix without a time is of the day its patrol began.
    """
    chosen = np.flatnonzero(flags)
    told = Fixes(fixes.iloc[chosen].reset_index(drop=True))
    began = patrols["started_at"].reindex(numbers(told, patrols)).set_axis(told.index)
    at = told["at"].dt.tz_convert(settings.time_zone)
    day = told["at"].fillna(began).dt.tz_convert(settings.time_zone).dt.tz_localize(None)
    minute = (at.dt.hour * 60 + at.dt.minute).fillna(-1)
    squares = told[["patrol_id", "x_m", "y_m"]].assign(
        on=day.dt.floor("D"),
        flag=flags[chosen],
        column=np.floor(told["x_m"] / SQUARE_M),
        row=np.floor(told["y_m"] / SQUARE_M),
        minute=minute,
    )
    alike = ["patrol_id", "on", "flag", "column", "row"]
    grouped = squares.groupby(alike, sort=False, dropna=False).agg(
        x_m=("x_m", "mean"), y_m=("y_m", "mean"), fixes=("minute", "size"),
        first_minute=("minute", "min"), last_minute=("minute", "max"),
    )  # fmt: skip
    return Remarks(conform(grouped.reset_index()[REMARKS.names], REMARKS))


def _boxes(fixes: Fixes, flags: Flags) -> Boxes:
    """Return boxes around so many steps of each patrol each, and around its fixes left out."""
    placed = np.flatnonzero(np.isfinite(fixes["x_m"]) & np.isfinite(fixes["y_m"]))
    codes, ids = pd.factorize(fixes["patrol_id"].to_numpy(dtype=object)[placed])
    t = seconds_of(fixes["at"])[placed]
    order = np.lexsort((t, np.isin(flags[placed], KEPT), codes))
    codes, t = codes[order], t[order]
    xy = fixes[["x_m", "y_m"]].to_numpy(float)[placed[order]]
    begin = np.searchsorted(codes, np.arange(len(ids)))
    first = np.flatnonzero((np.arange(len(codes)) - begin[codes]) % _STEPS == 0)
    if not len(first):
        return Boxes(conform(empty(BOXES), BOXES))
    low, high = np.minimum.reduceat(xy, first), np.maximum.reduceat(xy, first)
    # The last step of a box ends at the first fix of the next one.
    same = codes[first[1:]] == codes[first[:-1]]
    following = np.where(same[:, None], xy[first[1:]], xy[first[:-1]])
    low[:-1], high[:-1] = np.minimum(low[:-1], following), np.maximum(high[:-1], following)
    frame = pd.DataFrame(
        {
            "patrol_id": np.asarray(ids, dtype=object)[codes[first]],
            "west_m": low[:, 0],
            "south_m": low[:, 1],
            "east_m": high[:, 0],
            "north_m": high[:, 1],
            "ended_s": np.fmax.reduceat(t, first),
        }
    )
    return Boxes(conform(frame, BOXES))
