"""Read the text of Shapefile tables in the encoding it is really in."""

import struct
from pathlib import Path

import geopandas as gpd
import pandas as pd

from layers.faults import Fault
from layers.text import codec, judge

_SAMPLE_BYTES = 400_000
# The language byte of dBASE; only those met in the field.
_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5hkscs", 0x78: "big5hkscs",
              0x13: "cp932", 0x7B: "cp932", 0x4E: "euc_kr", 0x79: "euc_kr",
              0xC9: "cp1251"}  # fmt: skip


def encoding_of(shapefile: Path, file: str, told: str) -> tuple[str, list[Fault]]:
    """Return the encoding of a Shapefile's table; the user's word, else what reads best.

    A `.cpg` or language byte that the text contradicts is reported; text that reads well in
    nothing is reported too.
    """
    table = beside(shapefile, ".dbf")
    if told or table is None:
        return told or "utf-8", []
    samples, language = _samples(table)
    page = beside(shapefile, ".cpg")
    said = page.read_text("ascii", "replace").strip() if page else language
    judged = judge(samples, said)
    faults = []
    if codec(said) and codec(said) != judged.encoding:
        values = {"wanted": said, "came": judged.encoding}
        faults.append(Fault("encoding", file, values=values))
    if judged.doubtful:
        faults.append(Fault("mojibake", file, values={"came": judged.encoding}))
    return judged.encoding, faults


def records_of(frame: gpd.GeoDataFrame, encoding: str) -> gpd.GeoDataFrame:
    """Return a frame that was read as Latin-1 with names and text in `encoding`.

    A character cut at the end of a field, which dBASE does to long names, is left out.
    """
    columns: dict[str, pd.Series] = {}
    for name in frame.columns.drop("geometry"):
        values = frame[name]
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            unique = {v: _again(v, encoding) for v in pd.unique(values.dropna())}
            values = values.astype(object).map(lambda v, u=unique: u.get(v, ""), na_action="ignore")
        columns.setdefault(_again(str(name), encoding), values)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=frame.geometry, crs=frame.crs)


def _again(text: object, encoding: str) -> str:
    raw = str(text).encode("latin-1", errors="replace").rstrip(b"\x00 ")
    read = raw.decode(encoding, errors="replace")
    whole = read.rstrip("\ufffd")
    return whole if len(read) - len(whole) == 1 else read


def _samples(table: Path) -> tuple[list[bytes], str]:
    """Return the names and text values of a dBASE file as bytes, and what it says of itself."""
    with table.open("rb") as stream:
        raw = stream.read(_SAMPLE_BYTES)
    if len(raw) < 32:
        return [], ""
    header, length = struct.unpack("<HH", raw[8:12])
    fields, at = [], 1
    for start in range(32, max(min(header, len(raw)) - 31, 32), 32):
        if raw[start : start + 1] == b"\r":
            break
        name, kind, width = raw[start : start + 11], raw[start + 11 : start + 12], raw[start + 16]
        fields.append((name.split(b"\x00")[0], kind, at, width))
        at += width
    samples = [name for name, _, _, _ in fields]
    for start in range(header, len(raw), max(length, 1)):
        record = raw[start : start + length]
        samples += [record[a : a + w].strip(b"\x00 ") for _, k, a, w in fields if k == b"C"]
    return [s for s in samples if s], _LANGUAGES.get(raw[29], "")


def beside(path: Path, suffix: str) -> Path | None:
    """Return the file of the same name with that ending in small or capital letters, if any."""
    for name in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if name.is_file():
            return name
    return None
