"""Read tables of GPS fixes: one row a fix, grouped into patrols by number or by person and day."""

import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from layers.columns import Wanted, plain, recognise
from layers.dates import instants, local_to_utc
from layers.faults import Fault
from layers.files import UnsafeFileError, text_bytes
from layers.kinds import suffix_of
from layers.positions import POSITION
from layers.sources import Source
from layers.tables import Table, sniff
from layers.trips import TRACK_SECONDS, Trips, fix_rows, patrol_rows

# A log has a row a second: what ails more of them than this ails the column.
_SAID_BY_ROW = 20
# Fewer positions than this in degrees are of another system, or the other way round.
_DEGREES = 0.9


def is_fixlog(column: dict[str, str], *, placed: bool) -> bool:
    """Return whether the columns of a table with positions tell one fix a row, with one time."""
    return placed and "at" in column and not {"started_at", "ended_at"} & column.keys()


def read_fixlog(table: Table, column: dict[str, str], where: pd.DataFrame, source: Source) -> Trips:
    """Return the trips of a table of fixes, `where` their degrees."""
    cells = table.cells
    texts = cells[column["at"]]
    if "date" in column:
        clock = texts.str.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
        texts = (cells[column["date"]] + " " + texts).where(clock, texts)
    at = instants(texts, source.time_zone or "UTC")
    faults = _unread(texts[at.isna() & (texts != "")], table.file, column["at"])
    blank = pd.Series("", index=cells.index, dtype=object)
    named = {f: cells[column[f]] if f in column else blank for f in _NAMED}
    accuracy = pd.to_numeric(named.pop("accuracy_m"), errors="coerce")
    fixes = pd.DataFrame(
        {"lon": where["lon"], "lat": where["lat"], "at": at, "accuracy_m": accuracy}
    )
    rows = pd.Series(cells.index, index=cells.index)
    trips = _grouped(fixes.assign(**named, row=rows), table.file, source)
    return Trips(trips.patrols, trips.fixes, faults=tuple(faults))


_NAMED = ("patrol_id", "person", "unit", "asset", "accuracy_m")


def read_large(path: Path, source: Source, wanted: Sequence[Wanted]) -> Trips | None:
    """Return the trips of a large text file of fixes, None when it is something else.

    Read by columns, without a Python object a row; its first line must be the header.
    """
    if suffix_of(path).removesuffix(".gz") not in {".csv", ".tsv", ".txt"}:
        return None
    try:
        head = _head(path)
        text, encoding, delimiter = sniff(head, source.encoding)
        names = [cell.strip().strip('"') for cell in text.splitlines()[0].split(delimiter)]
        sample = pd.DataFrame({name: pd.Series([], dtype=object) for name in names})
        column = recognise(sample, (*wanted, *POSITION), source.columns)
        placed = {"lon", "lat"} <= column.keys()
        if not is_fixlog(column, placed=placed) or not all(map(plain, names)):
            return None
        raw = text_bytes(path).removeprefix(b"\xef\xbb\xbf")
        table = _by_columns(raw, column, encoding.replace("-sig", ""), delimiter)
    except (pa.ArrowInvalid, UnsafeFileError, OSError, EOFError, IndexError, ValueError):
        # Whatever is odd about it, the careful reader says it by row.
        return None
    lon, lat = table["lon"].to_numpy(), table["lat"].to_numpy()
    at = _times(table["at"], source.time_zone or "UTC")
    accuracy = (
        table["accuracy_m"] if "accuracy_m" in table else pd.Series(np.nan, index=table.index)
    )
    named = {f: table.get(f, "") for f in _NAMED if f != "accuracy_m"}
    on_earth = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if on_earth.mean() < _DEGREES:
        return None
    whole = pd.DataFrame({"lon": lon, "lat": lat, "at": at, "accuracy_m": accuracy, **named})
    whole["row"] = np.arange(2, len(whole) + 2)
    faults = [
        Fault("bad_position", source.file, int(row), values={"came": f"{x}, {y}"})
        for row, x, y in whole.loc[~on_earth, ["row", "lon", "lat"]]
        .head(100)
        .itertuples(index=False)
    ]
    silent = table["at"] == ""
    unread = table["at"][at.isna() & ~silent].set_axis(whole.loc[at.isna() & ~silent, "row"])
    faults += _unread(unread, source.file, column["at"])
    trips = _grouped(whole[on_earth], source.file, source)
    return Trips(trips.patrols, trips.fixes, len(whole), encoding, faults=tuple(faults))


def _unread(texts: pd.Series, file: str, column: str) -> list[Fault]:
    """Return a fault for each time that is none, by row; many are alike and said in one line."""
    rows = [int(row) for row in texts.index]
    if len(rows) > _SAID_BY_ROW:
        values = {"came": texts.iloc[0], "count": len(rows)}
        return [Fault("bad_times", file, rows[0], column, values)]
    return [Fault("bad_time", file, row, column, {"came": texts[row]}) for row in rows]


def _head(path: Path) -> bytes:
    open_it = gzip.open if path.suffix.lower() == ".gz" else open
    with open_it(path, "rb") as stream:
        return stream.read(20_000).rsplit(b"\n", 1)[0]


def _by_columns(raw: bytes, column: dict[str, str], encoding: str, delimiter: str) -> pd.DataFrame:
    wanted = {f: column[f] for f in ("lon", "lat", "at", *_NAMED) if f in column}
    texts = {name: pa.string() for name in wanted.values()}
    numbers = {column[f]: pa.float64() for f in ("lon", "lat", "accuracy_m") if f in column}
    table = pyarrow.csv.read_csv(
        io.BytesIO(raw),
        read_options=pyarrow.csv.ReadOptions(encoding=encoding, use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=texts | numbers,
            include_columns=list(wanted.values()),
            strings_can_be_null=False,
        ),
    )
    coded = {
        field: table[name].dictionary_encode() if field in _NAMED[:4] else table[name]
        for field, name in wanted.items()
    }
    return pa.table(coded).to_pandas()


def _times(texts: pd.Series, zone: str) -> pd.Series:
    """Return the instants of very many texts: one regular form at once, else each different one."""
    sample = str(texts.iloc[0]) if len(texts) else ""
    plain_form = len(sample) >= 19 and sample[4:5] == "-" and sample[13:14] == ":"
    if plain_form and not sample.endswith(("Z", "z")) and "+" not in sample:
        stamps = pd.to_datetime(texts, format="%Y-%m-%d %H:%M:%S", errors="coerce")
        if stamps.notna().all():
            return pd.Series(local_to_utc(pd.DatetimeIndex(stamps), zone), index=texts.index)
    return instants(texts, zone)


def _grouped(fixes: pd.DataFrame, file: str, source: Source) -> Trips:
    """Return the trips of fixes with `person`, `patrol_id` ...; without a number, one a day."""
    fixes = fixes[np.isfinite(fixes["lon"]) & np.isfinite(fixes["lat"])].reset_index(drop=True)
    day = fixes["at"].dt.tz_convert(source.time_zone or "UTC").dt.strftime("%Y-%m-%d")
    days, day_names = pd.factorize(day.astype(object), use_na_sentinel=False)
    numbers, number_names = pd.factorize(fixes["patrol_id"].astype(object))
    people, _ = pd.factorize(fixes["person"].astype(object))
    named = (number_names != "").any()
    key = numbers if named else people.astype(np.int64) * len(day_names) + days
    order = np.lexsort((fixes["at"].to_numpy(dtype="datetime64[us]"), key))
    fixes, key = fixes.iloc[order].reset_index(drop=True), key[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.array([], int)
    groups = np.cumsum(np.r_[True, key[1:] != key[:-1]]) - 1 if len(key) else np.array([], int)
    start = fixes.iloc[first].reset_index(drop=True)
    if named:
        ids = file + "#" + start["patrol_id"].astype(object)
    else:
        who = start["person"].astype(object).to_numpy()
        ids = pd.Series(
            [
                f"{file}#{p}@{day_names[k % len(day_names)]}"
                for p, k in zip(who, key[first], strict=True)
            ],
            dtype=object,
        )
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
