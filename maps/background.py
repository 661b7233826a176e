"""Say which picture lies under the lines: none, a service by its address, or an image inside."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Datum = Literal["wgs84", "gcj02"]
_TILES = re.compile(
    r"(https?)://([A-Za-z0-9.{}-]+(?::[0-9]{1,5})?)(/[A-Za-z0-9._~!$&*+,;=:@%/?{}-]*)", re.ASCII
)
_KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}


@dataclass(frozen=True)
class Background:
    """A picture under the lines.

    Either `tiles`, an address with `{z}`, `{x}`, `{y}` and perhaps `{s}`, or an `image` with its
    `bounds` west, south, east, north in degrees. `datum` says how the picture lies: one in GCJ-02
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
    bounds: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if not self.attribution.strip():
            msg = "wanted an attribution: every background names its source"
            raise ValueError(msg)
        if self.datum not in ("wgs84", "gcj02"):
            msg = f"wanted datum wgs84 or gcj02, got {self.datum!r}"
            raise ValueError(msg)
        if bool(self.tiles) == (self.image is not None):
            msg = "wanted either the address of tiles or an image"
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

    def described(self) -> dict[str, Any]:
        """Return what the page needs to draw it; an image travels inside."""
        words: dict[str, Any] = {
            "attribution": self.attribution,
            "tiles": self.tiles,
            "labels": self.labels,
            "subdomains": self.subdomains,
            "datum": self.datum,
            "max_zoom": self.max_zoom,
        }
        if self.image is not None:
            content = base64.b64encode(self.image.read_bytes()).decode()
            kind = _KINDS[self.image.suffix.lower()]
            words |= {"image": f"data:image/{kind};base64,{content}", "bounds": self.bounds}
        return words


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
