"""Bring logs and tracks together: a row that names a track file owns that track."""

import pandas as pd

from layers.faults import Fault


def joined(patrols: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str], list[Fault]]:
    """Return patrols with each track given to the row of a log that names its file.

    The row keeps its person and result and takes the measured times; the track's own patrol is
    gone, and told whose track it is. A row whose track is not there only declares. A track named
    twice goes to the first row.
    """
    owner, faults = _owners(patrols)
    own = patrols[patrols["patrol_id"].isin(owner)]
    rows = patrols[~patrols["patrol_id"].isin(owner)].set_index("patrol_id")
    spans = own.groupby(own["patrol_id"].map(owner)).agg({"started_at": "min", "ended_at": "max"})
    measured = spans.reindex(rows.index)
    tracked = rows.index.isin(spans.index)
    rows = rows.assign(
        started_at=measured["started_at"].fillna(rows["started_at"]),
        ended_at=measured["ended_at"].fillna(rows["ended_at"]),
        grade=rows["grade"].mask(tracked, "A"),
    )
    return rows.reset_index()[patrols.columns], owner, faults


def _owners(patrols: pd.DataFrame) -> tuple[dict[str, str], list[Fault]]:
    """Return for each patrol of a track file the patrol of the log row that names the file."""
    own = patrols[(patrols["track"] == "") & (patrols["grade"] == "A")]
    tracks: dict[str, list[str]] = {}
    for file, patrol_id in zip(own["file"], own["patrol_id"], strict=True):
        tracks.setdefault(_stem(file), []).append(patrol_id)
    owner: dict[str, str] = {}
    faults = []
    named = patrols[patrols["track"] != ""]
    columns = (named[name] for name in ("patrol_id", "track", "file", "row"))
    for patrol_id, track, file, row in zip(*columns, strict=True):
        found = tracks.get(_stem(track), [])
        rule = "missing_track" if not found else "shared_track" if found[0] in owner else ""
        if rule:
            faults.append(Fault(rule, file, int(row), values={"came": track}))
        else:
            owner |= dict.fromkeys(found, patrol_id)
    return owner, faults


def _stem(name: str) -> str:
    base = name.replace("\\", "/").rsplit("/", 1)[-1].casefold().removesuffix(".gz")
    return base.rsplit(".", 1)[0] if "." in base else base
