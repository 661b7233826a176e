"""Keep with the results where duties by chainage lay when they were first read."""

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.baseline import Baseline, no_baseline
from geo.schema import KEPT_COURSES, READINGS, KeptCourses, Readings, conform, conform_geo
from layers.faults import PatrolmapError
from layers.files import whole

FILE = "baseline.parquet"
# The readings stand in the file's own description: one file is whole or is not there.
_READINGS = b"patrolmap:readings"


def read_baseline(folder: Path) -> Baseline:
    """Return what the last run left in `folder`, nothing where it left none.

    Raises `PatrolmapError` for a file that is none of ours: to go on without it could move duties.
    """
    path = folder / FILE
    if not path.is_file():
        return no_baseline()
    try:
        table = pq.read_table(path)
        told = json.loads((table.schema.metadata or {})[_READINGS])
        courses = conform_geo(gpd.GeoDataFrame.from_arrow(table), KEPT_COURSES)
        readings = conform(pd.DataFrame(told, columns=READINGS.names), READINGS)
    except (OSError, KeyError, TypeError, ValueError) as error:
        msg = (
            f"{path.name}: wanted the file that the last run wrote; came {error}; put back a copy, "
            "or delete it: chainages are then read anew on the lines of today"
        )
        raise PatrolmapError(msg) from error
    return Baseline(KeptCourses(courses), Readings(readings))


def write_baseline(baseline: Baseline, folder: Path) -> None:
    """Write a baseline into `folder`, whole or not at all; equal ones give equal bytes."""
    table = pa.table(baseline.courses.to_arrow(index=False))
    told = json.dumps(baseline.readings.to_numpy().tolist(), ensure_ascii=False).encode()
    described = dict(table.schema.metadata or {}) | {_READINGS: told}
    with whole(folder / FILE) as temporary:
        pq.write_table(table.replace_schema_metadata(described), temporary, compression="zstd")
