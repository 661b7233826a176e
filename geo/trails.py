"""Hand out the fixes of patrols, some patrols at a time: all of them need not fit into memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Protocol

import numpy as np
import pandas as pd

from geo.cleaning import numbers
from geo.lines import Ints
from geo.schema import FIXES, Fixes, Patrols, conform, empty

# So many fixes are in memory at a time, unless one patrol alone has more.
BATCH_FIXES = 150_000


class Trails(Protocol):
    """The fixes of the patrols of one frame, by the patrol's number in it."""

    @property
    def sizes(self) -> Ints:
        """How many fixes each patrol has."""

    @property
    def names(self) -> list[str]:
        """A name for all that each patrol's fixes say, in their order: equal for equal fixes."""

    def of(self, patrols: Ints) -> Fixes:
        """Return the fixes of some patrols, patrol after patrol, of each in its own order."""


@dataclass(frozen=True)
class Held:
    """Trails held in memory: of patrol `n` the rows `row[first[n]:first[n + 1]]` of `fixes`."""

    fixes: Fixes
    row: Ints
    first: Ints

    @property
    def sizes(self) -> Ints:
        """How many fixes each patrol has."""
        return np.diff(self.first)

    @cached_property
    def names(self) -> list[str]:
        """A name for all that each patrol's fixes say, in their order: equal for equal fixes."""
        told = pd.util.hash_pandas_object(self.fixes.drop(columns="patrol_id"), index=False)
        row_by_row = told.to_numpy()[self.row]
        ends = zip(self.first[:-1], self.first[1:], strict=True)
        return [sha256(row_by_row[a:b].tobytes()).hexdigest() for a, b in ends]

    def of(self, patrols: Ints) -> Fixes:
        """Return the fixes of some patrols, patrol after patrol, of each in its own order."""
        rows = [self.row[self.first[n] : self.first[n + 1]] for n in patrols]
        taken = np.concatenate([self.row[:0], *rows])
        return Fixes(self.fixes.iloc[taken].reset_index(drop=True))


def held(fixes: Fixes, patrols: Patrols) -> Held:
    """Return the trails of a frame of fixes; raises `ValueError` for fixes of no listed patrol."""
    number = numbers(fixes, patrols)
    if (number < 0).any():
        strange = str(fixes["patrol_id"].to_numpy()[number < 0][0])
        msg = f"wanted fixes of {len(patrols)} listed patrols, got fixes of {strange!r}"
        raise ValueError(msg)
    row = np.argsort(number, kind="stable")
    first = np.searchsorted(number[row], np.arange(len(patrols) + 1))
    return Held(fixes, row, first.astype(np.int64))


def no_trails() -> Held:
    """Return the trails of no patrol."""
    nothing = np.zeros(0, dtype=np.int64)
    return Held(Fixes(conform(empty(FIXES), FIXES)), nothing, np.zeros(1, dtype=np.int64))


def batches(patrols: Ints, sizes: Ints, most: int = BATCH_FIXES) -> Iterator[Ints]:
    """Yield some patrols after others, each time as many as have about `most` fixes together.

    `sizes` are those of all patrols; the order of `patrols` is kept.
    """
    group = np.cumsum(sizes[patrols]) // most
    yield from np.split(patrols, np.flatnonzero(np.diff(group)) + 1) if len(patrols) else ()
