"""Pack columns into one small run of bytes that a page can read without parsing.

A pack is `PMAP`, the length of a JSON header (4 bytes, little end first), the header, then the
columns one after the other. Every column is whole numbers, written as byte planes: all lowest bytes
first, then all second bytes. Planes of slowly changing numbers are what gzip likes best, and a page
reads them with one loop. Text is a dictionary: lengths, one run of UTF-8, and a number a row.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAGIC = b"PMAP"
NO_DAY = -(1 << 20)
Ints = NDArray[np.int64]


def _zigzag(values: Ints) -> Ints:
    return (values << 1) ^ (values >> 63)


def _width(values: Ints) -> int:
    top = int(values.max()) if len(values) else 0
    return max(1, (top.bit_length() + 7) // 8)


@dataclass
class Pack:
    """Columns on their way into one run of bytes."""

    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def raw(self, content: bytes) -> dict[str, Any]:
        """Add bytes as they are and say where they went."""
        at = self.size
        self.parts.append(content)
        self.size += len(content)
        return {"at": at, "n": len(content)}

    def ints(self, values: Any, *, delta: int = 0) -> dict[str, Any]:
        """Add whole numbers and say how to read them.

        With a `delta` of 1 each number is written as its step from the one before, the first from
        0; with 2, as the change of that step: smooth lines become very small numbers.
        Numbers above 2**47 are refused with `ValueError`: a page's numbers end there.
        """
        numbers = np.asarray(values, dtype=np.int64)
        if len(numbers) and int(np.abs(numbers).max()) >= 1 << 47:
            msg = f"wanted numbers below 2**47, got {int(np.abs(numbers).max())}"
            raise ValueError(msg)
        for _ in range(delta):
            numbers = np.diff(numbers, prepend=0)
        signed = bool(len(numbers)) and int(numbers.min()) < 0
        if signed:
            numbers = _zigzag(numbers)
        width = _width(numbers)
        flat = numbers.astype("<u8").view(np.uint8).reshape(-1, 8)
        planes = np.ascontiguousarray(flat[:, :width].T).tobytes()
        where = self.raw(planes)
        return {"at": where["at"], "n": len(numbers), "w": width, "d": delta, "z": int(signed)}

    def words(self, texts: Sequence[str]) -> dict[str, Any]:
        """Add a dictionary of texts: their lengths in bytes and one run of UTF-8.

        A lone surrogate, which no encoding can carry, becomes '?'.
        """
        encoded = [text.encode("utf-8", "replace") for text in texts]
        return {
            "lengths": self.ints(np.array([len(e) for e in encoded], dtype=np.int64)),
            "bytes": self.raw(b"".join(encoded)),
        }

    def text(self, column: "pd.Series[Any]") -> dict[str, Any]:
        """Add a text column: one number a row and a dictionary in order of first appearance."""
        codes, unique = pd.factorize(column.to_numpy(dtype=object))
        return {"codes": self.ints(codes), "words": self.words([str(u) for u in unique])}

    def finish(self, header: dict[str, Any]) -> bytes:
        """Return the whole pack, gzipped, the same bytes for the same content."""
        head = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        encoded = head.encode("utf-8", "replace")
        start = MAGIC + len(encoded).to_bytes(4, "little") + encoded
        return gzip.compress(b"".join([start, *self.parts]), compresslevel=6, mtime=0)


def days(column: "pd.Series[Any]") -> Ints:
    """Return each day as its number since 1970-01-01, `NO_DAY` where unknown.

    An instant must have been brought to the wanted time zone before.
    """
    plain = column.dt.tz_localize(None) if column.dt.tz is not None else column
    number = plain.dt.floor("D").to_numpy("datetime64[D]").astype(np.int64)
    return np.where(plain.isna().to_numpy(), NO_DAY, number)


def millimetres(column: "pd.Series[Any]") -> Ints:
    """Return metres as whole millimetres, -1 where unknown."""
    return np.round(column.fillna(-0.001).to_numpy(dtype=np.float64) * 1000).astype(np.int64)
