"""Read tables of GPS fixes: one row a fix, grouped into patrols by number or by person and day."""

import numpy as np
import pandas as pd

from layers.dates import instants
from layers.faults import Fault
from layers.sources import Source
from layers.tables import Table
from layers.trips import TRACK_SECONDS, Trips, fix_rows, patrol_rows

# What a fix says of its patrol.
NAMED = ("patrol_id", "person", "unit", "asset")
# A log has a row a second: what ails more of them than this ails the column.
SAID_BY_ROW = 20


def is_fixlog(column: dict[str, str], *, placed: bool) -> bool:
    """Return whether the columns of a table with positions tell one fix a row, with one time."""
    return placed and "at" in column and not {"started_at", "ended_at"} & column.keys()


def read_fixlog(table: Table, column: dict[str, str], where: pd.DataFrame, source: Source) -> Trips:
    """Return the trips of a table of fixes, `where` their degrees."""
    cells = table.cells
    texts = cells[column["at"]]
    if "date" in column:
        texts = with_day(cells[column["date"]], texts)
    at = instants(texts, source.time_zone or "UTC")
    unread = texts[at.isna() & (texts != "")]
    faults = unread_times(unread, len(unread), table.file, column["at"])
    blank = pd.Series("", index=cells.index, dtype=object)
    named = {f: cells[column[f]] if f in column else blank for f in NAMED}
    told = cells[column["accuracy_m"]] if "accuracy_m" in column else blank
    accuracy = pd.to_numeric(told, errors="coerce")
    fixes = pd.DataFrame(
        {"lon": where["lon"], "lat": where["lat"], "at": at, "accuracy_m": accuracy}
    )
    rows = pd.Series(cells.index, index=cells.index)
    fixes = fixes.assign(**named, row=rows)
    fixes = fixes[np.isfinite(fixes["lon"]) & np.isfinite(fixes["lat"])].reset_index(drop=True)
    zone, numbered = source.time_zone or "UTC", bool((fixes["patrol_id"] != "").any())
    key = keyed(fixes, zone, named=numbered)
    trips = grouped(fixes, key, table.file, zone, named=numbered)
    return Trips(trips.patrols, trips.fixes, faults=tuple(faults))


def with_day(days: pd.Series, texts: pd.Series) -> pd.Series:
    """Return times with the day of their row in front where they tell the clock only."""
    clock = texts.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?").astype(bool)
    return (days + " " + texts).where(clock, texts)


def unread_times(texts: pd.Series, count: int, file: str, column: str) -> list[Fault]:
    """Return a fault for each of `count` times that is none, by row; many are said in one line.

    `texts` are by row, the first ones, and one more than are said each by itself if there are.
    """
    rows = [int(row) for row in texts.index]
    if count > SAID_BY_ROW:
        values = {"came": texts.iloc[0], "count": count}
        return [Fault("bad_times", file, rows[0], column, values)]
    return [Fault("bad_time", file, row, column, {"came": texts[row]}) for row in rows]


def keyed(fixes: pd.DataFrame, zone: str, *, named: bool) -> np.ndarray:
    """Return the patrol of each fix as a number, by number or by person and day as they come."""
    if named:
        return pd.factorize(fixes["patrol_id"].astype(object))[0]
    days, day_names = pd.factorize(local_day(fixes["at"], zone))
    people, _ = pd.factorize(fixes["person"].astype(object))
    return people.astype(np.int64) * len(day_names) + days


def local_day(at: pd.Series, zone: str) -> np.ndarray:
    """Return the day of each instant in a zone, as its number; a day of its own for NaT."""
    local = pd.DatetimeIndex(at).tz_convert(zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]").astype(np.int64)


def grouped(fixes: pd.DataFrame, key: np.ndarray, file: str, zone: str, *, named: bool) -> Trips:
    """Return the trips of fixes with `person`, `patrol_id` ..., one a key, in the keys' order."""
    order = np.lexsort((fixes["at"].to_numpy(dtype="datetime64[us]"), key))
    fixes, key = fixes.iloc[order].reset_index(drop=True), key[order]
    fresh = np.r_[True, key[1:] != key[:-1]][: len(key)]
    first, groups = np.flatnonzero(fresh), np.cumsum(fresh) - 1
    start = fixes.iloc[first].reset_index(drop=True)
    if named:
        ids = file + "#" + start["patrol_id"].astype(object)
    else:
        day = start["at"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d").astype(object)
        ids = file + "#" + start["person"].astype(object) + "@" + day.fillna("nan")
    tracked = _is_track(fixes["at"], groups, len(first))
    patrols = patrol_rows([{} for _ in range(len(first))]).assign(
        patrol_id=ids,
        **{f: start[f].astype(object) for f in ("person", "unit", "asset")},
        started_at=fixes["at"].groupby(groups).min(),
        ended_at=fixes["at"].groupby(groups).max(),
        grade=np.where(tracked, "A", "B"),
        file=file,
        row=start["row"],
    )
    rows = fix_rows(
        ids.to_numpy()[groups], fixes["lon"], fixes["lat"], fixes["at"],
        accuracy_m=fixes["accuracy_m"].to_numpy(),
        point=np.where(tracked, "track", "checkin").astype(object)[groups],
    )  # fmt: skip
    return Trips(patrols, rows)


def _is_track(at: pd.Series, groups: np.ndarray, count: int) -> np.ndarray:
    """Return which groups are tracks: half of their fixes follow within a few minutes."""
    step = at.diff().dt.total_seconds().to_numpy()
    inside = np.r_[False, groups[1:] == groups[:-1]] if len(groups) else np.array([], bool)
    near = np.bincount(groups, weights=inside & (step <= TRACK_SECONDS), minlength=count)
    return near * 2 >= np.maximum(np.bincount(groups, weights=inside, minlength=count), 1)
