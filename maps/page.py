"""Draw a study as one page that opens anywhere.

The page is a `folium.Map`: users may add folium layers of their own to what `build_map` returns.
Warning to them: folium compiles every text it is given as a template, twice, so a name out of a
file can run code on the machine that makes the map. Our own data never pass there: they travel as
one packed, compressed, base64 text, and become words only in the reader's browser.
"""

import base64
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
from folium.map import Layer

from geo.study import Study
from maps.background import Background, extent_of
from maps.edition import Edition
from maps.lock import lock
from maps.offline import OfflineFigure, Raw, asset, script
from maps.pack_ground import Fitted
from maps.payload import encode
from maps.photos import ways
from maps.sheets import overview, sheet, sheet_of

# Only the engine is also run in a worker, which link.js starts; the page runs all.
ENGINE = (
    "pack.js", "store.js", "style.js", "sieve.js", "query.js", "records.js", "search.js",
    "naming.js", "raster.js", "tiles.js", "ground.js", "kinds.js", "reasons.js",
    "flagged.js", "lock.js", "engine.js",
)  # fmt: skip
PAGE = (
    "words.js", "dom.js", "hues.js", "layer.js", "tools.js", "overlays.js", "crews.js",
    "holders.js",
    "background.js", "hash.js", "filters.js", "time.js", "panel.js", "why.js", "card.js", "grey.js",
    "print.js", "shell.js", "unlock.js", "app.js",
)  # fmt: skip
# A chunk is unpacked while the next one is still being read; base64 wants multiples of four.
_CHUNK = 1 << 20
# What a page holds well was measured with 200,000 segments; a quarter more is still pleasant.
MOST = 250_000


@dataclass(frozen=True)
class Written:
    """What was written: size, time, how much it holds, and the sheets of a study too big for one.

    `bytes` counts the overview and all sheets; `says` is a line about the background, or ''.
    """

    path: Path
    bytes: int
    seconds: float
    segments: int
    problems: int
    sheets: tuple[Path, ...] = ()
    says: str = ""


class StudyLayer(Layer):
    """The study as a layer of a folium map: packed data, engine, and the page around the map."""

    def __init__(self, pack: bytes) -> None:
        super().__init__(name="patrolmap", overlay=True, control=False)
        self._name = "StudyLayer"
        self.pack = pack

    def render(self, **_: Any) -> str:
        """Put style, scripts and data into the figure, none of it through a template."""
        figure = self.get_root()
        if not isinstance(figure, OfflineFigure) or self._parent is None:
            msg = f"wanted a layer on a map of an OfflineFigure, got {type(figure).__name__}"
            raise TypeError(msg)
        figure.header.add_child(Raw(f"<style>{asset('page.css')}</style>"), name="pm_css")
        figure.first["pm_engine"] = script(_sources(ENGINE, inflate=True), id="pm-engine")
        figure.first["pm_link"] = script(asset("link.js"), id="pm-link")
        figure.html.add_child(script(_sources(PAGE), id="pm-page"), name="pm_b")
        for number, chunk in enumerate(_chunks(self.pack)):
            text = f'<script type="application/octet-stream">{chunk}</script>'
            figure.html.add_child(Raw(text + "<script>PM.feed()</script>"), name=f"pm_d{number:05}")
        start = f"PM.start({self._parent.get_name()});"
        figure.script.add_child(Raw(start), name="zz_start")
        return ""


def build_map(
    study: Study,
    *,
    edition: str = "internal",
    password: str | None = None,
    base: Background | None = None,
    title: str | None = None,
    office: str = "",
    phone_line: str = "",
    routes: gpd.GeoDataFrame | None = None,
    plan: bool = False,
) -> folium.Map:
    """Return the study as a `folium.Map`; add layers of your own, then `get_root().save(path)`.

    `office` and `phone_line` (a hotline, not a person's number) stand on every card. `routes` are
    planned ones, with the days in words in a column `date`; a page of a `plan` shows them first and
    all else quietly. With a `password` everything the page shows is encrypted.
    """
    said = Said(edition, password, base, title, office, phone_line, plan)
    return _page(study, said, _drawn(study, base), routes=routes)


@dataclass(frozen=True)
class Said:
    """What every page of one run has in common, as `build_map` takes it."""

    edition: str
    password: str | None
    base: Background | None
    title: str | None
    office: str
    phone_line: str
    plan: bool = False
    handover: dict[str, Any] | None = None
    photos: Path | None = None


def _drawn(study: Study, base: Background | None) -> Fitted | None:
    return base.fitted(extent_of(study), study.settings.language) if base else None


def _page(
    study: Study,
    said: Said,
    drawn: Fitted | None,
    *,
    routes: gpd.GeoDataFrame | None = None,
    sheets: list[dict[str, Any]] | None = None,
    home: str = "",
    sheet_name: str = "",
    at: Path | None = None,
) -> folium.Map:
    words: dict[str, Any] = {"title": said.title or "", "office": said.office}
    words |= {"phone_line": said.phone_line, "sheets": sheets or [], "home": home}
    words |= {
        "sheet": sheet_name,
        "plan": said.plan,
        "background": said.base.described(extent_of(study), drawn) if said.base else None,
    }
    words |= {"handover": said.handover}
    # Where the office keeps its photos is nobody else's business.
    words["photos"] = {}
    if said.edition == "internal" and said.photos is not None and at is not None:
        words["photos"] = ways(study.problems["photo"], said.photos, at)
    ground = drawn.ground if drawn else None
    pack = encode(study, Edition(said.edition), words, planned=routes, ground=ground)
    if said.password is not None:
        pack = lock(pack, said.password)
    page = folium.Map(
        location=[31, 110], zoom_start=5, max_zoom=19, tiles=None, fade_animation=False
    )
    # Names made by chance would make every page differ from the last.
    page._id = "patrolmap"  # noqa: SLF001
    layer = StudyLayer(pack)
    layer._id = "study"  # noqa: SLF001
    page.add_child(layer)
    hosts = said.base.hosts if said.base else []
    OfflineFigure("责任与巡查一张图", hosts=hosts).add_child(page, name="map")
    return page


def write_map(
    study: Study,
    path: Path,
    *,
    edition: str = "internal",
    password: str | None = None,
    base: Background | None = None,
    title: str | None = None,
    office: str = "",
    phone_line: str = "",
    routes: gpd.GeoDataFrame | None = None,
    plan: bool = False,
    handover: dict[str, Any] | None = None,
    photos: Path | None = None,
    most: int = MOST,
) -> Written:
    """Write the study as one page to `path`, the same bytes for the same study; see `build_map`.

    The internal page links to the photos that problems name, where they lie in a folder `photos`.
    A `handover` is what `maps.handover` says of a suggestion: the page shows it first. A study of
    more than `most` segments becomes an overview at `path` and a page for each area in a
    folder beside it, linked both ways.
    """
    started = time.perf_counter()
    said = Said(edition, password, base, title, office, phone_line, plan, handover, photos)
    sheets: list[Path] = []
    size = 0
    drawn = _drawn(study, base)
    if len(study.segments) > most:
        listed, sheets, size = _write_sheets(study, path, said)
        page = _page(overview(study), said, drawn, routes=routes, sheets=listed, at=path)
    else:
        page = _page(study, said, drawn, routes=routes, at=path)
    size += _save(page, path)
    seconds = time.perf_counter() - started
    counts = len(study.segments), len(study.problems)
    return Written(path, size, seconds, *counts, tuple(sheets), drawn.says if drawn else "")


def _write_sheets(
    study: Study, path: Path, said: "Said"
) -> tuple[list[dict[str, Any]], list[Path], int]:
    """Write a page for each area; return what the overview lists, the paths and their size."""
    names = sheet_of(study)
    folder = path.with_name(f"{path.stem}-sheets")
    listed, paths, size = [], [], 0
    unassigned = study.standing[study.standing["level"] == ""].set_index("segment_id")[
        "unassigned_m"
    ]
    missing = study.segments["segment_id"].map(unassigned).fillna(0.0)
    for number, name in enumerate(sorted(names.unique()), 1):
        chosen = names == name
        target = folder / f"{number:03}.html"
        hidden = Edition(said.edition).word(name)
        part = sheet(study, chosen)
        drawn = _drawn(part, said.base)
        page = _page(part, said, drawn, home=f"../{path.name}", sheet_name=hidden, at=target)
        size += _save(page, target)
        paths.append(target)
        listed.append(
            {
                "name": hidden,
                "href": f"{folder.name}/{target.name}",
                "mm": round(float(study.segments.loc[chosen, "length_m"].sum()) * 1000),
                "unassigned_mm": round(float(missing[chosen].sum()) * 1000),
            }
        )
    return listed, paths, size


def _save(page: folium.Map, path: Path) -> int:
    content = page.get_root().render().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


def _sources(names: tuple[str, ...], *, inflate: bool = False) -> str:
    sources = [asset(name) for name in names]
    if inflate:
        # The vendored file is a CommonJS module: give it a module of its own.
        own = "(function(){var module={exports:{}};"
        kept = "(self.PM=self.PM||{}).inflate=module.exports;"
        sources.insert(0, f"{own}\n{asset('tiny-inflate.js')}\n{kept}}})();")
    return "\n".join(sources)


def _chunks(pack: bytes) -> list[str]:
    encoded = base64.b64encode(pack).decode()
    return [encoded[at : at + _CHUNK] for at in range(0, len(encoded), _CHUNK)]
