"""Say what each task costs each crew's day by itself: the way there, the looking, the way back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.lines import Ints
from geo.tasks import Tasks
from geo.terrain import Manner, Outing, Terrain
from geo.tours import FAR
from geo.travel import Ways, times


@dataclass(frozen=True)
class Trips:
    """Milliseconds of n tasks for v outings by w ways of moving; `FAR` or more is never.

    `start[v, a, o]` leads from where outing v begins to task a when served in direction o,
    `service[w, a, o]` serves it, `finish[v, a, o]` leads from it to where v ends. `way[v]` is how v
    moves, `limit[v]` its hours, `allowed[a, v]` whether it may serve a.
    """

    start: Ints
    service: Ints
    finish: Ints
    way: Ints
    limit: Ints
    allowed: NDArray[np.bool_]

    def alone(self) -> Ints:
        """Return the time of the quickest outing that serves only this task, FAR without one."""
        return np.where(self.allowed.T, self._least(), FAR).min(axis=0, initial=FAR)

    def fit(self) -> NDArray[np.bool_]:
        """Return which tasks can be gone to, served, and come back from in a day of who may."""
        limit = np.where(self.allowed.T, self.limit[:, None], -1)
        return np.asarray((self._least() <= limit).any(axis=0))

    def long(self, tasks: Tasks) -> Ints:
        """Return the tasks that do not fit any day, though a piece at one of their ends might."""
        serve = np.where(self.service[self.way] < FAR, 0, FAR)
        # Direction 1 ends where direction 0 begins: out to an end, and back from there.
        near = (self.start + self.finish[:, :, ::-1] + serve).min(axis=2, initial=FAR)
        hope = ((near < self.limit[:, None]) & self.allowed.T).any(axis=0)
        return np.flatnonzero(hope & ~self.fit() & (np.diff(tasks.first) > 1))

    def _least(self) -> Ints:
        """Return by outing and task the time there and back, in the better direction."""
        return (self.start + self.service[self.way] + self.finish).min(axis=2, initial=FAR)


def trips_of(
    terrain: Terrain,
    tasks: Tasks,
    outings: Sequence[Outing],
    there: dict[Manner, Ways],
    days: Sequence[tuple[int, int]] | None,
) -> Trips:
    """Return the trips of `outings`; `days` gives for each errand its first and last day."""
    n, manners = len(tasks), list(there)
    way = np.array([manners.index(outing.manner) for outing in outings], dtype=np.int64)
    service = np.full((max(len(there), 1), n, 2), FAR, np.int64)
    start = np.full((len(outings), n, 2), FAR, np.int64)
    finish = np.full((len(outings), n, 2), FAR, np.int64)
    begins = np.column_stack([tasks.a, tasks.b]).reshape(-1)
    ends = np.column_stack([tasks.b, tasks.a]).reshape(-1)
    for w, manner in enumerate(manners):
        mine = np.flatnonzero(way == w)
        service[w] = np.minimum(tasks.times(there[manner]), FAR)
        places = np.array([(outings[int(v)].start, outings[int(v)].end) for v in mine], np.int64)
        first, one = np.unique(places.reshape(-1, 2)[:, 0], return_inverse=True)
        last, other = np.unique(places.reshape(-1, 2)[:, 1], return_inverse=True)
        out = np.minimum(times(there[manner], first, begins), FAR)
        back = np.minimum(times(there[manner], ends, last), FAR)
        start[mine] = out[one].reshape(-1, n, 2)
        finish[mine] = back.T[other].reshape(-1, n, 2)
    return Trips(
        start=start,
        service=service,
        finish=finish,
        way=way,
        limit=np.array([int(outing.crew.hours * 3.6e6) for outing in outings], dtype=np.int64),
        allowed=_allowed(terrain, tasks, outings, days),
    )


def _allowed(
    terrain: Terrain,
    tasks: Tasks,
    outings: Sequence[Outing],
    days: Sequence[tuple[int, int]] | None,
) -> NDArray[np.bool_]:
    """Return by task and outing whether the task is the crew's, and its day one of the task's."""
    whose = terrain.errands[["holders", "areas"]].to_numpy(dtype=object)[tasks.errand]
    crews = {outing.crew for outing in outings}
    theirs = {crew: np.array([crew.may(*names) for names in whose], bool) for crew in crews}
    allowed = np.ones((len(tasks), len(outings)), bool)
    for v, outing in enumerate(outings):
        allowed[:, v] = theirs[outing.crew]
    if days is not None and len(outings):
        first, last = np.array(days, dtype=np.int64).reshape(-1, 2)[tasks.errand].T[:, :, None]
        day = np.array([outing.day for outing in outings])
        allowed &= (first <= day) & (day <= last)
    return allowed
