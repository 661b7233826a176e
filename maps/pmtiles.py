"""Read tiles out of a PMTiles archive (version 3): those a page needs and can hold.

Only what an office puts beside its own layers is read, but it is read as if it were hostile: every
offset is checked against the file, and nothing is unpacked beyond a bound.
"""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.faults import PatrolmapError

# A page of this many bytes of pictures still opens at once on an office's PC.
BUDGET = 16_000_000
_HEADER = 127
_VECTOR = "mvt"
_KINDS = {1: _VECTOR, 2: "png", 3: "jpeg", 4: "webp"}
_PLAIN, _GZIP = 1, 2
_WORD = (1 << 64) - 1
# A zoom of more tiles over one map than this is deeper than any page goes.
_MOST_TILES = 20_000
# A directory is a few kilobytes; anything much larger is not one.
_LARGEST_DIRECTORY = 64_000_000
Tile = tuple[int, int, int]
# West, south, east, north in degrees.
Extent = tuple[float, float, float, float]


class Entry(NamedTuple):
    """A run of tiles of one content, or with a run of 0 a leaf directory."""

    tile_id: int
    run: int
    offset: int
    length: int


@dataclass(frozen=True)
class Pyramid:
    """Tiles by (zoom, column, row), their kind of picture, and the zooms they reach.

    `cut` says that the archive goes deeper than the page could hold.
    """

    kind: str
    tiles: dict[Tile, bytes]
    min_zoom: int
    max_zoom: int
    cut: bool


def pyramid(path: Path, extent: Extent, *, budget: int = BUDGET) -> Pyramid:
    """Return the raster tiles over `extent`, the coarsest first.

    Zooms are taken whole until the `budget` of bytes is spent. Raises `PatrolmapError` for a file
    that is no such archive, holds vector tiles, or has no tile there.
    """
    with path.open("rb") as stream:
        archive = Archive(path.name, stream)
        if archive.vector:
            raise archive.wrong("raster tiles (png, jpg, webp)", "vector tiles")
        tiles: dict[Tile, bytes] = {}
        spent, cut = 0, False
        for zoom in range(archive.min_zoom, archive.max_zoom + 1):
            level = archive.within(zoom, extent, budget - spent)
            cut = level is None
            if level is None:
                break
            spent += sum(entry.length for _, entry in level)
            tiles |= {tile: archive.content(entry) for tile, entry in level}
    if not tiles:
        msg = f"{path.name}: wanted tiles over the map, up to {budget} bytes; it has none there"
        raise PatrolmapError(msg)
    zooms = [zoom for zoom, _, _ in tiles]
    return Pyramid(archive.kind, tiles, min(zooms), max(zooms), cut)


def tile_id(zoom: int, column: int, row: int) -> int:
    """Return the number of a tile: zooms one after the other, each along a Hilbert curve.

    >>> [tile_id(0, 0, 0), tile_id(1, 0, 0), tile_id(1, 1, 0), tile_id(2, 0, 0)]
    [0, 1, 4, 5]
    """
    number = ((1 << (2 * zoom)) - 1) // 3
    x, y = column, row
    for bit in range(zoom - 1, -1, -1):
        half = 1 << bit
        right, lower = int(bool(x & half)), int(bool(y & half))
        number += half * half * ((3 * right) ^ lower)
        if not lower:
            if right:
                x, y = half - 1 - x, half - 1 - y
            x, y = y, x
    return number


class Archive:
    """An open archive: its header read, directories read when asked."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.stream = stream
        self.size = stream.seek(0, 2)
        head = self._read(0, _HEADER)
        if head[:7] != b"PMTiles" or head[7] != 3:
            raise self.wrong("a PMTiles archive of version 3")

        def number(at: int) -> int:
            return int.from_bytes(head[at : at + 8], "little")

        self.root = (number(8), number(16))
        self.told = (number(24), number(32))
        self.leaves = (number(40), number(48))
        self.data = (number(56), number(64))
        self.packed, self.tiles_packed = head[97], head[98]
        if head[99] not in _KINDS or self.packed not in (_PLAIN, _GZIP):
            wanted = "vector, png, jpg or webp tiles in an archive packed with gzip or not at all"
            raise self.wrong(wanted)
        self.kind = _KINDS[head[99]]
        self.min_zoom, self.max_zoom = head[100], min(head[101], 22)
        # Directories by where they stand: the first tile of every entry, and the entries.
        self.known: dict[int, tuple[NDArray[np.uint64], list[Entry]]] = {}

    @property
    def vector(self) -> bool:
        """Return whether the tiles are shapes (MVT), not pictures."""
        return self.kind == _VECTOR

    def metadata(self) -> dict[str, Any]:
        """Return what the archive says of itself, {} where it says nothing."""
        content = self._read(*self.told)
        if not content:
            return {}
        try:
            told = json.loads(self._unpacked(content) if self.packed == _GZIP else content)
        except (ValueError, RecursionError) as error:
            raise self.wrong("metadata in JSON") from error
        return told if isinstance(told, dict) else {}

    def within(self, zoom: int, extent: Extent, budget: int) -> list[tuple[Tile, Entry]] | None:
        """Return the tiles of a zoom over `extent`, None if they are more than `budget` bytes."""
        west, south, east, north = extent
        side = 1 << zoom
        columns = np.clip(np.floor((np.array([west, east]) + 180) / 360 * side), 0, side - 1)
        angle = np.arctanh(np.sin(np.radians(np.clip([north, south], -85.05, 85.05))))
        rows = np.clip(np.floor((1 - angle / np.pi) / 2 * side), 0, side - 1)
        if (columns[1] - columns[0] + 1) * (rows[1] - rows[0] + 1) > _MOST_TILES:
            return None
        found = []
        for column in range(int(columns[0]), int(columns[1]) + 1):
            for row in range(int(rows[0]), int(rows[1]) + 1):
                entry = self.find(tile_id(zoom, column, row))
                if entry is not None:
                    found.append(((zoom, column, row), entry))
                    budget -= entry.length
        return found if budget >= 0 else None

    def find(self, wanted: int) -> Entry | None:
        """Return where a tile lies, or None; leaves may stand in leaves three deep."""
        offset, length = self.root
        for _ in range(4):
            firsts, entries = self._directory(offset, length)
            at = int(np.searchsorted(firsts, np.uint64(wanted), side="right")) - 1
            if at < 0:
                return None
            entry = entries[at]
            if entry.run:
                return entry if wanted < entry.tile_id + entry.run else None
            offset, length = self.leaves[0] + entry.offset, entry.length
        raise self.wrong("directories at most four deep")

    def content(self, entry: Entry) -> bytes:
        """Return the bytes of a tile."""
        content = self._read(self.data[0] + entry.offset, entry.length)
        return self._unpacked(content) if self.tiles_packed == _GZIP else content

    def _directory(self, offset: int, length: int) -> tuple[NDArray[np.uint64], list[Entry]]:
        if offset not in self.known:
            content = self._read(offset, length)
            plain = self._unpacked(content) if self.packed == _GZIP else content
            numbers = _numbers(plain)
            count = numbers[0] if numbers else 0
            if len(numbers) != 4 * count + 1:
                raise self.wrong("a directory of whole entries")
            entries = _entries(numbers[1:], count)
            firsts = np.array([e.tile_id & _WORD for e in entries], dtype=np.uint64)
            self.known[offset] = firsts, entries
        return self.known[offset]

    def _read(self, offset: int, length: int) -> bytes:
        if offset + length > self.size:
            raise self.wrong(f"{length} bytes at {offset}", f"a file of {self.size}")
        self.stream.seek(offset)
        return self.stream.read(length)

    def _unpacked(self, content: bytes) -> bytes:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain = unpacker.decompress(content, _LARGEST_DIRECTORY)
        except zlib.error as error:
            raise self.wrong("parts packed with gzip") from error
        if unpacker.unconsumed_tail:
            raise self.wrong(f"parts of up to {_LARGEST_DIRECTORY} bytes")
        return plain

    def wrong(self, wanted: str, came: str = "something else") -> PatrolmapError:
        """Return the one line that says what an archive should have been."""
        return PatrolmapError(f"{self.name}: wanted {wanted}; came {came}")


def _numbers(content: bytes) -> list[int]:
    """Return the whole numbers of a directory, seven bits a byte, the lowest first."""
    numbers, value, shift = [], 0, 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers


def _entries(numbers: list[int], count: int) -> list[Entry]:
    """Return the entries of a directory, written column by column: steps, runs, lengths, offsets.

    An offset of 0 stands for the end of the entry before, any other for itself plus one.
    """
    steps, runs, lengths, offsets = (numbers[i * count : (i + 1) * count] for i in range(4))
    entries: list[Entry] = []
    tile, end = 0, 0
    for step, run, length, offset in zip(steps, runs, lengths, offsets, strict=True):
        tile += step
        at = end if offset == 0 and entries else offset - 1
        entries.append(Entry(tile, run, at, length))
        end = at + length
    return entries
