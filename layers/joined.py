"""Bring logs and tracks together: a row that names a track file owns that track."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from layers.faults import Fault
from layers.trips import Trips


def joined(trips: Sequence[Trips]) -> tuple[list[Trips], list[Fault]]:
    """Return the trips with each track given to the row of a log that names its file.

    The row keeps its person and result and takes the measured times; the track's own patrol is
    gone. A row whose track is not there only declares. A track named twice goes to the first row.
    """
    tracks: dict[str, list[str]] = {}
    for trip in trips:
        own = trip.patrols[(trip.patrols["track"] == "") & (trip.patrols["grade"] == "A")]
        for file, patrol_id in zip(own["file"], own["patrol_id"], strict=True):
            tracks.setdefault(_stem(file), []).append(patrol_id)
    owner, faults = _owners(trips, tracks)
    spans = _spans(trips, owner)
    return [_owned(trip, owner, spans) for trip in trips], faults


def _owners(
    trips: Sequence[Trips], tracks: dict[str, list[str]]
) -> tuple[dict[str, str], list[Fault]]:
    owner: dict[str, str] = {}
    faults = []
    for trip in trips:
        named = trip.patrols[trip.patrols["track"] != ""]
        columns = (named[name] for name in ("patrol_id", "track", "file", "row"))
        for patrol_id, track, file, row in zip(*columns, strict=True):
            found = tracks.get(_stem(track), [])
            rule = "missing_track" if not found else "shared_track" if found[0] in owner else ""
            if rule:
                faults.append(Fault(rule, file, int(row), values={"came": track}))
            else:
                owner |= dict.fromkeys(found, patrol_id)
    return owner, faults


def _spans(trips: Sequence[Trips], owner: dict[str, str]) -> pd.DataFrame:
    """Return first and last time of the tracks each row of a log owns, by its patrol."""
    columns = ["patrol_id", "started_at", "ended_at"]
    own = [trip.patrols.loc[trip.patrols["patrol_id"].isin(owner), columns] for trip in trips]
    spans = pd.concat(own) if own else pd.DataFrame(columns=columns)
    named = spans.assign(patrol_id=spans["patrol_id"].map(owner))
    return named.groupby("patrol_id").agg({"started_at": "min", "ended_at": "max"})


def _owned(trip: Trips, owner: dict[str, str], spans: pd.DataFrame) -> Trips:
    rows = trip.patrols[~trip.patrols["patrol_id"].isin(owner)].set_index("patrol_id")
    mine = rows.index[rows.index.isin(spans.index)]
    measured = spans.loc[mine]
    told = rows.loc[mine, ["started_at", "ended_at"]]
    rows.loc[mine, ["started_at", "ended_at"]] = measured.where(measured.notna(), told)
    rows.loc[mine, "grade"] = "A"
    ids = trip.fixes["patrol_id"]
    moved = ids.map(owner)
    fixes = trip.fixes.assign(patrol_id=moved.where(moved.notna(), ids).astype(object))
    return replace(trip, patrols=rows.reset_index()[trip.patrols.columns], fixes=fixes)


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1].casefold().removesuffix(".gz")
    return base.rsplit(".", 1)[0] if "." in base else base
