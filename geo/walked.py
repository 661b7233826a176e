"""Say of patrols all that their fixes tell, a few patrols at a time: memory stays bounded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cleaning import NAMES
from geo.gist import Gist, by_patrol, gist, together
from geo.lines import Ints, Lines
from geo.match import Sent, match
from geo.schema import (
    PASSAGES,
    VISITS,
    Courses,
    Parts,
    Passages,
    Patrols,
    Visits,
    empty,
)
from geo.settings import Settings
from geo.trails import Trails, batches
from geo.visits import visit


@dataclass(frozen=True)
class Beat:
    """What patrols are watched for, and how; `oneway` and the errands `sent` as in `match`."""

    courses: Courses
    lines: Lines
    parts: Parts
    settings: Settings
    sent: Sent
    oneway: NDArray[np.int8] | None = None


@dataclass(frozen=True)
class Walked:
    """What patrols passed, which parts they visited, and the gist of their fixes."""

    passages: Passages
    visits: Visits
    gist: Gist


def walk(trails: Trails, patrols: Patrols, beat: Beat) -> Walked:
    """Return what all patrols walked, holding the fixes of a few of them at a time."""
    every = np.arange(len(patrols), dtype=np.int64)
    parts = [walked(trails, patrols, some, beat) for some in batches(every, trails.sizes)]
    return gathered(parts, patrols)


def walked(trails: Trails, patrols: Patrols, some: Ints, beat: Beat, *, workers: int = 1) -> Walked:
    """Return what the patrols of the numbers `some` walked; no other patrol matters to that."""
    fixes = trails.of(some)
    who = Patrols(patrols.iloc[some].reset_index(drop=True))
    found = match(
        fixes,
        who,
        beat.courses,
        beat.lines,
        beat.settings,
        sent=beat.sent,
        oneway=beat.oneway,
        workers=workers,
    )
    flags = pd.Index(NAMES).get_indexer(pd.Index(found.flags["flag"])).astype(np.int8)
    visits = visit(fixes, found.flags, beat.parts, beat.settings)
    return Walked(found.passages, visits, gist(fixes, flags, who, beat.settings))


def gathered(parts: Sequence[Walked], patrols: Patrols) -> Walked:
    """Return what the patrols of `parts` walked, none of which is in two, as if it were one."""
    passages = by_patrol([*(part.passages for part in parts), empty(PASSAGES)], patrols, PASSAGES)
    # As `match` orders them: tracks before points.
    passages = passages.sort_values("evidence", kind="stable", ignore_index=True)
    visits = by_patrol([*(part.visits for part in parts), empty(VISITS)], patrols, VISITS)
    return Walked(
        passages=Passages(passages),
        visits=Visits(visits.sort_values(["patrol_id", "part_id"], ignore_index=True)),
        gist=together([part.gist for part in parts], patrols),
    )
