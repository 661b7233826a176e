"""Match fixes to courses: what each patrol really passed, and why a fix was left out."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.candidates import Grid, prepare
from geo.cleaning import (
    DUPLICATE,
    KEPT,
    NAMES,
    REASONS,
    USED,
    Flags,
    Tracks,
    clean,
    fastest,
    numbers,
    seconds_of,
)
from geo.junctions import Network, connect
from geo.lines import Floats, Ints, Lines
from geo.passages import from_points, from_rows
from geo.points import point_all
from geo.runs import COLUMNS, FROM_M, PATROL, TO_M, run_all
from geo.schema import (
    FLAGGED,
    PASSAGES,
    Courses,
    Fixes,
    Flagged,
    Passages,
    Patrols,
    conform,
)
from geo.settings import BY_LAND, Settings
from geo.words import Language

Sent = Mapping[str, Sequence[int]]

_CHUNK_FIXES = 200_000


@dataclass(frozen=True)
class Matched:
    """What the matcher found: passages, and one row of `flags` for each row of the fixes."""

    passages: Passages
    flags: Flagged


def match(
    fixes: Fixes,
    patrols: Patrols,
    courses: Courses,
    lines: Lines,
    settings: Settings,
    *,
    sent: Sent | None = None,
    oneway: NDArray[np.int8] | None = None,
    workers: int = 1,
) -> Matched:
    """Return the passages of every patrol and the flag of every fix.

    `sent` names the courses (numbers in `lines`) a patrol was sent to; `oneway` says for each
    course 1 or -1 where it is driven along or against its chainage only. Passages come in the order
    of `patrols`, tracks (grade A) before points (B); a patrol that was only declared has none.
    Patrols do not influence one another, and neither does the number of `workers`.
    """
    manners = [settings.manners.get(mode, BY_LAND) for mode in patrols["mode"]]
    tracks, flags = clean(fixes, patrols, fastest(patrols, settings))
    errands = sent_arrays(patrols, sent or {})
    single = _single(fixes, flags, tracks)
    found, spots = [], []
    for manner in dict.fromkeys(manners):
        who = np.array([k for k, one in enumerate(manners) if one == manner], dtype=np.int64)
        grid = prepare(courses, lines, settings, oneway, manner)
        network = connect(courses, lines, grid)
        found.append(
            match_tracks(grid, network, tracks, errands, settings, who=who, workers=workers)
        )
        spots.append(_point_rows(grid, fixes, patrols, errands, chosen=single, who=who))
    rows, points = _in_order(found), _in_order(spots)
    passages = pd.concat(
        [
            from_rows(rows, patrols, lines, settings.language),
            from_points(points, patrols, lines, settings.language),
        ],
        ignore_index=True,
    )
    return Matched(Passages(conform(passages, PASSAGES)), flagged(flags, settings.language))


def match_tracks(
    grid: Grid,
    network: Network,
    tracks: Tracks,
    errands: tuple[Ints, Ints],
    settings: Settings,
    *,
    who: Ints | None = None,
    workers: int = 1,
) -> Floats:
    """Return the rows of `geo.runs` for the patrols `who`, or all, in at most `workers` threads."""
    arrays = (tracks.first, tracks.x, tracks.y, tracks.t, tracks.accuracy, tracks.still)

    def work(chunk: Ints) -> Floats:
        return run_all(grid, network, chunk, *arrays, *errands, settings.bank_road_covers_river)

    who = np.arange(len(tracks)) if who is None else who
    chunks = list(_chunks(who, np.diff(tracks.first)[who]))
    if workers == 1 or len(chunks) < 2:
        parts = [work(chunk) for chunk in chunks]
    else:
        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(work, chunks))
    rows = np.concatenate([np.empty((0, COLUMNS)), *parts])
    rows[:, FROM_M : TO_M + 1] = np.round(rows[:, FROM_M : TO_M + 1], 3)
    return rows[rows[:, TO_M] > rows[:, FROM_M]]


def _chunks(who: Ints, fixes: Ints) -> Iterator[Ints]:
    """Yield the patrols `who`, of so many fixes each, as many at a time as memory allows."""
    group = np.cumsum(fixes) // _CHUNK_FIXES
    yield from np.split(who, np.flatnonzero(np.diff(group)) + 1) if len(who) else ()


def _in_order(parts: list[Floats]) -> Floats:
    """Return rows of several manners of moving in the order of the patrols."""
    rows = np.concatenate([np.empty((0, COLUMNS)), *parts])
    return rows[np.argsort(rows[:, PATROL], kind="stable")]


def sent_arrays(patrols: Patrols, sent: Sent) -> tuple[Ints, Ints]:
    """Return the courses each patrol was sent to as one array and where each patrol's begin."""
    lists = [sent.get(patrol_id, ()) for patrol_id in patrols["patrol_id"]]
    first = np.concatenate(([0], np.cumsum([len(courses) for courses in lists])))
    return first.astype(np.int64), np.array([c for cs in lists for c in cs], dtype=np.int64)


def _single(fixes: Fixes, flags: Flags, tracks: Tracks) -> Ints:
    """Return the rows of check-ins, photos and tracks that are one fix only."""
    single = np.zeros(len(fixes), dtype=bool)
    single[tracks.lone] = True
    apart = (fixes["point"] != "track").to_numpy() & np.isin(flags, (USED, DUPLICATE))
    return np.flatnonzero(apart | single)


def _point_rows(
    grid: Grid,
    fixes: Fixes,
    patrols: Patrols,
    errands: tuple[Ints, Ints],
    *,
    chosen: Ints,
    who: Ints,
) -> Floats:
    number = numbers(Fixes(fixes.iloc[chosen]), patrols)
    mine = np.isin(number, who)
    number, chosen = number[mine], chosen[mine]
    chosen = chosen[np.argsort(number, kind="stable")]
    rows = point_all(
        grid,
        np.sort(number),
        fixes["x_m"].to_numpy(dtype=np.float64)[chosen],
        fixes["y_m"].to_numpy(dtype=np.float64)[chosen],
        seconds_of(fixes["at"].iloc[chosen]),
        fixes["accuracy_m"].to_numpy(dtype=np.float64)[chosen],
        *errands,
    )
    declared = (patrols["grade"] == "C").to_numpy()
    return rows[~declared[rows[:, PATROL].astype(np.int64)]]


def flagged(flags: Flags, language: Language) -> Flagged:
    """Return flags of `geo.cleaning` in words, a row for each."""
    table = pd.DataFrame(
        {
            "used": np.isin(np.arange(len(NAMES)), KEPT),
            "flag": list(NAMES),
            "why": [reason.say(language) for reason in REASONS],
        }
    )
    return Flagged(conform(table.iloc[flags], FLAGGED))
