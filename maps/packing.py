"""Pack columns into one small run of bytes that a page can read without parsing.

A pack is `PMAP`, the length of a JSON header (4 bytes, little end first), the header, then the
columns one after the other. Every column is whole numbers, written as byte planes: all lowest bytes
first, then all second bytes. Planes of slowly changing numbers are what gzip likes best, and a page
reads them with one loop. Numbers too big for the planes of the others are rare: they stand apart.
Text is a dictionary: lengths, one run of UTF-8, and a number a row.
"""

import json
import zlib
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


def _escape(width: int) -> int:
    """Return the number that stands for a rare one among numbers of `width` bytes."""
    return (1 << (8 * width)) - 1


def _cheapest(values: Ints) -> int:
    """Return the width in bytes that stores `values` smallest, the rare ones at full width."""
    full = _width(values)
    sizes = [
        len(values) * width + int((values >= _escape(width)).sum()) * full
        for width in range(1, full)
    ]
    return int(np.argmin([*sizes, len(values) * full])) + 1


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
        spec: dict[str, Any] = {"d": delta, "z": int(signed)}
        width = _cheapest(numbers)
        if width < _width(numbers):
            rare = numbers >= _escape(width)
            spec["rare"] = self._planes(numbers[rare], _width(numbers))
            numbers = np.where(rare, _escape(width), numbers)
        return spec | self._planes(numbers, width)

    def _planes(self, numbers: Ints, width: int) -> dict[str, Any]:
        flat = numbers.astype("<u8").view(np.uint8).reshape(-1, 8)
        where = self.raw(np.ascontiguousarray(flat[:, :width].T).tobytes())
        return {"at": where["at"], "n": len(numbers), "w": width}

    def words(self, texts: Sequence[str]) -> dict[str, Any]:
        """Add a dictionary of texts: their lengths in bytes and one run of UTF-8.

        A lone surrogate, which no encoding can carry, becomes '?'.
        """
        joined = "".join(texts)
        # Ids are many and plain: a letter is a byte.
        sizes = texts if joined.isascii() else [text.encode("utf-8", "replace") for text in texts]
        return {
            "lengths": self.ints(np.fromiter(map(len, sizes), np.int64, len(sizes))),
            "bytes": self.raw(joined.encode("utf-8", "replace")),
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
        return _gzip([start, *self.parts])


def _gzip(parts: Sequence[bytes]) -> bytes:
    """Return `parts` as one gzip member that holds neither a name nor a time.

    Runs and letter counts are all there is to find in byte planes: looking for repeated words too
    takes six times as long and saves one part in a hundred.
    """
    packer = zlib.compressobj(1, zlib.DEFLATED, 31, 9, zlib.Z_RLE)
    return b"".join([*map(packer.compress, parts), packer.flush()])


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
