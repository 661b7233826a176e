"""Say why a sure passage over a place does not make it covered now."""

import numpy as np

from geo.cadences import counted
from geo.coverage import Seen, seen_since
from geo.lines import Ints
from geo.schema import Duties, Patrols
from geo.words import Text

# By their numbers: 0 says nothing.
SHORTFALLS = (
    Text("", ""),
    Text("但早于本期", "but before the present period"),
    Text("但不是频次所要求的人来巡", "but not by somebody whose patrols the cadence counts"),
)


def shortfall(
    seen: Seen, patrols: Patrols, duties: Duties, *, piece: Ints, patrol: Ints, at: Ints
) -> Ints:
    """Return, for each visit to a piece of `seen`, the number in SHORTFALLS of what it lacks.

    `patrol` is a row of `patrols`, `at` the visit's instant in microseconds. Only what every
    cadence that is not kept there lacks is said: 2 before 1, and 0 where one of them counts it.
    """
    fails = np.zeros(len(piece), dtype=bool)
    other = np.ones(len(piece), dtype=bool)
    late = np.zeros(len(piece), dtype=bool)
    for watch in seen.watches:
        kept = seen_since(seen.track, watch.sure[piece], watch.since[piece])
        failing = watch.asked[piece] & ~kept
        mine = counted(patrols, duties, watch.post)[patrol]
        fails |= failing
        other &= ~failing | ~mine
        late |= failing & mine & (at < watch.since[piece])
    return np.select([fails & other, fails & late], [2, 1], 0).astype(np.int64)
