"""Pack the backdrop, as deep as its budget of bytes allows, and say what became of the archive."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from geo.words import Language, Text
from layers.faults import PatrolmapError
from maps.cells import Cells, lines, points
from maps.ground import Ground, read_ground, zooms
from maps.packing import Pack
from maps.pmtiles import Extent

# A cell is 1.2 m: the grid of the deepest tiles is hardly finer.
_BITS = 25
_NOTHING = Text(
    "{file}：需要本图范围内认得出的矢量底图（Protomaps 或 OpenMapTiles 的水、绿地、道路、地名），"
    "没有找到",
    "{file}: wanted vector tiles over the map with water, green land, roads or places as Protomaps "
    "or OpenMapTiles write them; there are none",
)
_TOO_BIG = Text(
    "{file}：最粗一级也超过 {mb:g} MB。请调大 [page] background_mb，或裁小："
    "pmtiles extract {file} small.pmtiles --bbox=西,南,东,北",
    "{file}: even its coarsest zoom takes more than {mb:g} MB; raise background_mb of [page], or "
    "cut a smaller one: pmtiles extract {file} small.pmtiles --bbox=west,south,east,north",
)
_DRAWN = Text(
    "底图 {file}：画到第 {zoom} 级，{mb:.2f} MB（上限 {most:g} MB，[page] background_mb）",
    "background {file}: drawn from zoom {zoom}, {mb:.2f} MB of at most {most:g} MB "
    "(background_mb of [page])",
)
_CUT = Text(
    "；更细的放不下，要更细请调大上限，或只裁要看的范围："
    "pmtiles extract {file} small.pmtiles --bbox=西,南,东,北",
    "; finer ones do not fit: raise it, or cut what is to be seen: "
    "pmtiles extract {file} small.pmtiles --bbox=west,south,east,north",
)
_UNREAD = Text("；不画的图层：{list}", "; layers not drawn: {list}")
_UNKNOWN = Text("；不画的要素：{list}", "; features not drawn: {list}")
# So many sorts of what is not drawn are named, the most frequent first.
_NAMED = 8


@dataclass(frozen=True)
class Fitted:
    """A backdrop that fits; whether its archive goes deeper; one line about what became of it."""

    ground: Ground
    cut: bool
    says: str


def fitted(path: Path, extent: Extent, datum: str, budget: int, language: Language) -> Fitted:
    """Return the backdrop of the deepest zoom of an archive that packs into `budget` bytes.

    Raises `PatrolmapError` if none does, or if there is nothing to draw over `extent`.
    """
    fit, heavy = zooms(path, extent, budget)
    refused = _TOO_BIG if heavy else _NOTHING
    for zoom in fit:
        ground = read_ground(path, zoom, extent, datum)
        if not len(ground.kind) and not len(ground.name):
            refused = _NOTHING
            continue
        pack = Pack()
        header = pack_ground(pack, ground, Cells(_BITS, 0, 0))
        size = len(pack.finish(header))
        if size <= budget:
            cut = zoom < max(fit + heavy)
            return Fitted(ground, cut, _says(path.name, ground, (size, budget), language, cut=cut))
        refused = _TOO_BIG
    raise PatrolmapError(refused.say(language, file=path.name, mb=budget / 1e6))


def _says(
    file: str, ground: Ground, size: tuple[int, int], language: Language, *, cut: bool
) -> str:
    mb, most = size[0] / 1e6, size[1] / 1e6
    said = [_DRAWN.say(language, file=file, zoom=ground.zoom, mb=mb, most=most)]
    if cut:
        said.append(_CUT.say(language, file=file))
    if ground.unread:
        said.append(_UNREAD.say(language, list=", ".join(ground.unread)))
    if ground.unknown:
        often = ground.unknown.most_common(_NAMED)
        named = [f"{layer}/{value or '-'} {count}" for (layer, value), count in often]
        rest = ground.unknown.total() - sum(count for _, count in often)
        named += [f"+{rest}"] * (rest > 0)
        said.append(_UNKNOWN.say(language, list=", ".join(named)))
    # Words of a file on a terminal: one line, whatever they hold.
    return "".join(c for c in "".join(said) if c.isprintable())


def pack_ground(pack: Pack, ground: Ground | None, cells: Cells) -> dict[str, Any]:
    """Add the backdrop: rings and lines by class on a coarser grid, and places by rank."""
    if ground is None:
        return {"n": 0}
    own = Cells(_BITS, cells.west >> (cells.bits - _BITS), cells.north >> (cells.bits - _BITS))
    return {
        "n": len(ground.kind),
        "bits": own.bits,
        "west": own.west,
        "north": own.north,
        "columns": {
            "lines": lines(pack, ground.shapes, 3857, own),
            "kind": pack.ints(ground.kind, delta=1),
            "place": points(pack, ground.places, 3857, cells),
            "rank": pack.ints(ground.rank, delta=1),
            "name": pack.text(pd.Series(ground.name, dtype=object)),
        },
    }
