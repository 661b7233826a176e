"""Read PLT, the tracks of OziExplorer and of the GeoLife collection: six lines, then one a fix."""

from pathlib import Path

import numpy as np
import pandas as pd

from geo.words import Text
from layers.faults import Fault
from layers.files import UnsafeFileError, text_bytes
from layers.sources import Source
from layers.text import decode
from layers.trips import PatrolSource, Trips, fix_rows, nothing, one_patrol

_HEAD_LINES = 6
# Delphi counts days from here, in UTC.
_DAY_0 = pd.Timestamp(1899, 12, 30)


def read(path: Path, source: Source) -> Trips:
    """Return the one patrol of a file: latitude, longitude, a mark, feet, days since 1899-12-30.

    The days are UTC whatever the project's zone; a time of 0 is none.
    """
    try:
        lines = decode(text_bytes(path))[0].splitlines()
    except UnsafeFileError as error:
        return nothing(Fault("unsafe", source.file, values={"came": error}))
    except (OSError, EOFError) as error:
        return nothing(Fault("unreadable", source.file, values={"kind": "PLT", "came": error}))
    datum = lines[1].strip() if len(lines) > 1 else ""
    if datum.replace(" ", "").upper() != "WGS84":
        values = {"wanted": "PLT (WGS 84)", "came": datum or "-"}
        return nothing(Fault("unknown_format", source.file, values=values))
    body = [line.split(",") for line in lines[_HEAD_LINES:] if line.strip()]
    cells = pd.DataFrame([(*row, "", "", "", "", "")[:5] for row in body], columns=range(5))
    numbers = cells.apply(pd.to_numeric, errors="coerce").astype("float64")
    lat, lon, days = (numbers[i].to_numpy() for i in (0, 1, 4))
    right = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    faults = [
        Fault("bad_position", source.file, int(i) + _HEAD_LINES + 1, values={"came": body[i][:2]})
        for i in np.flatnonzero(~right)[:5]
    ]
    if not right.any():
        return nothing(*faults, Fault("no_points", source.file))
    told = np.where(days > 0, days, np.nan)[right]
    at = pd.Series(_DAY_0 + pd.to_timedelta(told, unit="D")).dt.round("s")
    if at.isna().all():
        faults.append(Fault("no_times", source.file))
    fixes = fix_rows(source.file, lon[right], lat[right], at)
    return Trips(one_patrol(fixes, source.file), fixes, rows=1, faults=tuple(faults))


SOURCE = PatrolSource(Text("PLT 轨迹", "PLT tracks"), (".plt",), read)
