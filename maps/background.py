"""Say which picture lies under the lines: a service by its address, or tiles or an image inside."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from geo.study import Study
from geo.words import Language
from maps import ground, pmtiles
from maps.ground import is_vector
from maps.pack_ground import Fitted, fitted
from maps.pmtiles import Extent, pyramid

Datum = Literal["wgs84", "gcj02"]
_TILES = re.compile(
    r"(https?)://([A-Za-z0-9.{}-]+(?::[0-9]{1,5})?)(/[A-Za-z0-9._~!$&*+,;=:@%/?{}-]*)", re.ASCII
)
_KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


@dataclass(frozen=True)
class Background:
    """A picture under the lines.

    Either `tiles`, an address with `{z}`, `{x}`, `{y}` and perhaps `{s}`, or an `image` with its
    `bounds` west, south, east, north in degrees, or an `archive` of tiles (PMTiles), of which every
    page carries what it needs, up to `budget` bytes (0 is the usual): pictures as they are, shapes
    as a backdrop that the page draws. `datum` says how the picture lies: one in GCJ-02
    is moved under the data, never the data under it, and marked approximate. Attribution is always
    shown, so it must not be empty. A bad address is refused with `ValueError`.
    """

    attribution: str
    tiles: str = ""
    labels: str = ""
    subdomains: str = ""
    datum: Datum = "wgs84"
    max_zoom: int = 18
    image: Path | None = None
    archive: Path | None = None
    budget: int = 0
    bounds: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if not self.attribution.strip():
            msg = "wanted an attribution: every background names its source"
            raise ValueError(msg)
        if self.datum not in ("wgs84", "gcj02"):
            msg = f"wanted datum wgs84 or gcj02, got {self.datum!r}"
            raise ValueError(msg)
        if sum(map(bool, (self.tiles, self.image, self.archive))) != 1:
            msg = "wanted either the address of tiles, an image or an archive of tiles"
            raise ValueError(msg)
        if self.image is not None and (
            self.bounds is None or self.image.suffix.lower() not in _KINDS
        ):
            msg = f"wanted a png, jpg or webp with its bounds, got {self.image.name}"
            raise ValueError(msg)
        for address in filter(None, (self.tiles, self.labels)):
            if not _TILES.fullmatch(address) or not {"{z}", "{x}", "{y}"} <= set(
                re.findall(r"\{\w\}", address)
            ):
                msg = f"wanted http(s)://host/path with {{z}}, {{x}} and {{y}}, got {address!r}"
                raise ValueError(msg)

    @property
    def hosts(self) -> list[str]:
        """Return the hosts that a page with this background may load pictures from."""
        found = set()
        for address in filter(None, (self.tiles, self.labels)):
            match = _TILES.fullmatch(address)
            if match:
                for name in self.subdomains or " ":
                    found.add(f"{match[1]}://{match[2].replace('{s}', name.strip())}")
        return sorted(found)

    def fitted(self, extent: Extent, language: Language) -> Fitted | None:
        """Return the backdrop over `extent` that vector tiles give, None where they are not such.

        Raises `PatrolmapError` for an archive that cannot be used.
        """
        if self.archive is None or not is_vector(self.archive):
            return None
        return fitted(self.archive, extent, self.datum, self.budget or ground.BUDGET, language)

    def described(self, extent: Extent, drawn: Fitted | None = None) -> dict[str, Any]:
        """Return what the page needs to show it; an image, or tiles over `extent`, travel inside.

        What is `drawn` of vector tiles travels apart. Raises `PatrolmapError` for an archive that
        cannot be used.
        """
        words: dict[str, Any] = {
            "attribution": self.attribution,
            "tiles": self.tiles,
            "labels": self.labels,
            "subdomains": self.subdomains,
            "datum": self.datum,
            "max_zoom": self.max_zoom,
        }
        if self.image is not None:
            kind = _KINDS[self.image.suffix.lower()]
            words |= {"image": _data(kind, self.image.read_bytes()), "bounds": self.bounds}
        if drawn is not None:
            words |= {"max_zoom": drawn.ground.zoom, "cut": drawn.cut}
        elif self.archive is not None:
            found = pyramid(self.archive, extent, budget=self.budget or pmtiles.BUDGET)
            # Much of a map is the same empty tile: each picture travels once.
            pictures = {content: n for n, content in enumerate(dict.fromkeys(found.tiles.values()))}
            words |= {
                "inside": {
                    f"{z}/{x}/{y}": pictures[found.tiles[z, x, y]] for z, x, y in found.tiles
                },
                "pictures": [_data(found.kind, content) for content in pictures],
                "min_zoom": found.min_zoom,
                "max_zoom": found.max_zoom,
                "cut": found.cut,
            }
        return words


def _data(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def extent_of(study: Study) -> Extent:
    """Return west, south, east, north of the segments in degrees, a tenth wider; else the world."""
    west, south, east, north = study.segments.to_crs(4326).total_bounds
    if not np.isfinite(west):
        return -180.0, -85.0, 180.0, 85.0
    x, y = max(0.01, (east - west) / 10), max(0.01, (north - south) / 10)
    return west - x, south - y, east + x, north + y


def tianditu(key: str, *, pictures: bool = False) -> Background:
    """Return 天地图 with the user's own key; CGCS2000 needs no shift against WGS 84.

    The key can be read in the page by anyone who has it.
    """
    if not re.fullmatch(r"[0-9A-Za-z]{8,64}", key):
        msg = "wanted a key of letters and digits, as tianditu.gov.cn gives it"
        raise ValueError(msg)
    layer, names = ("img_w", "cia_w") if pictures else ("vec_w", "cva_w")
    host = "https://t{s}.tianditu.gov.cn/DataServer?T="
    place = f"&x={{x}}&y={{y}}&l={{z}}&tk={key}"
    return Background(
        attribution="天地图 © 国家基础地理信息中心",
        tiles=f"{host}{layer}{place}",
        labels=f"{host}{names}{place}",
        subdomains="01234567",
    )
