"""Read GPX: one patrol a track, its way points with times as check-ins."""

from pathlib import Path
from typing import Any

import defusedxml
import defusedxml.ElementTree
import numpy as np
import pandas as pd

from geo.words import Text
from layers.dates import instants
from layers.faults import Fault
from layers.files import UnsafeFileError, text_bytes
from layers.sources import Source
from layers.text import clean
from layers.trips import PatrolSource, Trips, fix_rows, no_fixes, nothing, patrol_rows


def read(path: Path, source: Source) -> Trips:
    """Return the tracks of a GPX file; GPX times without a zone are the project's."""
    try:
        root = defusedxml.ElementTree.fromstring(_repaired(text_bytes(path)))
    except (defusedxml.DefusedXmlException, UnsafeFileError) as error:
        return nothing(Fault("unsafe", source.file, values={"came": type(error).__name__}))
    except (defusedxml.ElementTree.ParseError, OSError, EOFError, ValueError, LookupError) as error:
        return nothing(Fault("unreadable", source.file, values={"kind": "GPX", "came": error}))
    tracks = [e for e in root if _tag(e) == "trk"]
    marks = _points([e for e in root if _tag(e) == "wpt"], source)
    marks = marks[marks["at"].notna()]
    patrols, fixes, faults = [], [], []
    for number, track in enumerate(tracks, 1):
        points = _points([p for p in track.iter() if _tag(p) == "trkpt"], source)
        wrong = ~_on_earth(points)
        faults += [
            Fault("bad_position", source.file, number, values={"came": f"{lat}, {lon}"})
            for lat, lon in points.loc[wrong, ["lat", "lon"]].to_numpy()[:5]
        ]
        points = points[~wrong]
        if not len(points):
            faults.append(Fault("no_points", source.file, number))
            continue
        patrol_id = source.file if len(tracks) == 1 else f"{source.file}#{number}"
        if points["at"].isna().all():
            faults.append(Fault("no_times", source.file, number))
        fixes.append(points.assign(patrol_id=patrol_id))
        patrols.append(_patrol(patrol_id, source.file, number, points))
    if patrols and len(marks):
        fixes.append(
            marks[_on_earth(marks)].assign(patrol_id=patrols[0]["patrol_id"], point="checkin")
        )
    if not tracks:
        faults.append(Fault("no_points", source.file))
    joined = pd.concat(fixes, ignore_index=True) if fixes else no_fixes()
    return Trips(patrol_rows(patrols), joined, rows=len(tracks), faults=tuple(faults))


def _patrol(patrol_id: str, file: str, number: int, points: pd.DataFrame) -> dict[str, Any]:
    return {
        "patrol_id": patrol_id,
        "started_at": points["at"].min(),
        "ended_at": points["at"].max(),
        "grade": "A",
        "file": file,
        "row": 0 if number == 1 else number,
    }


def _points(elements: list[Any], source: Source) -> pd.DataFrame:
    lon = pd.to_numeric(pd.Series([e.get("lon") for e in elements], dtype=object), errors="coerce")
    lat = pd.to_numeric(pd.Series([e.get("lat") for e in elements], dtype=object), errors="coerce")
    texts = pd.Series([_text(e, "time") for e in elements], dtype=object)
    accuracy = pd.Series([_text(e, "accuracy") for e in elements], dtype=object)
    metres = pd.to_numeric(accuracy, errors="coerce").to_numpy(dtype=np.float64)
    return fix_rows("", lon, lat, instants(texts, source.time_zone or "UTC"), accuracy_m=metres)


def _text(element: Any, name: str) -> str:
    return next((clean(e.text or "") for e in element.iter() if _tag(e) == name), "")


def _tag(element: Any) -> str:
    return element.tag.rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def _on_earth(points: pd.DataFrame) -> Any:
    return (points["lon"].abs() <= 180) & (points["lat"].abs() <= 90)


def _repaired(raw: bytes) -> bytes:
    """Return the document without what exporters put before it: blank lines, a second BOM."""
    return raw.lstrip(b"\xef\xbb\xbf\r\n\t ") if raw[:3] == b"\xef\xbb\xbf" else raw.lstrip()


SOURCE = PatrolSource(Text("GPX 轨迹", "GPX tracks"), (".gpx", ".gpx.gz"), read)
