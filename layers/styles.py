"""Give the layers of the results file their look in QGIS, the same as on the map."""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr  # writes, never parses


@dataclass(frozen=True)
class Style:
    """One symbol a value of `column`: colour, width in millimetres, pen; '' takes the rest."""

    column: str
    geometry: str
    symbols: Mapping[str, tuple[str, float, str]]


# Not by colour alone: width and dash tell the states apart in print and for the colour-blind.
STYLES = {
    "findings": Style(
        "severity",
        "line",
        {
            "high": ("213,94,0", 1.4, "solid"),
            "middle": ("230,159,0", 1.0, "dash"),
            "low": ("86,180,233", 0.8, "dot"),
            "review": ("120,120,120", 0.8, "dash dot"),
        },
    ),
    "routes": Style(
        "kind",
        "line",
        {"service": ("0,109,91", 1.2, "solid"), "deadhead": ("0,109,91", 0.5, "dash")},
    ),
    "segments": Style("kind", "line", {
        "river": ("0,114,178", 0.6, "solid"),
        "canal": ("86,180,233", 0.5, "dash"),
        "road": ("90,90,90", 0.5, "solid"),
        "reservoir": ("0,114,178", 0.8, "dot"),
        "pond": ("0,158,115", 0.6, "dot"),
    }),
}  # fmt: skip


def qml(style: Style) -> str:
    """Return a style in QGIS's own format: one category a value."""
    names = list(style.symbols)
    categories = "".join(
        f'<category value={quoteattr(name)} label={quoteattr(name)} symbol="{i}" render="true"/>'
        for i, name in enumerate(names)
    )
    symbols = "".join(
        f'<symbol type="{style.geometry}" name="{i}" alpha="1">'
        '<layer class="SimpleLine" enabled="1" pass="0"><Option type="Map">'
        f'<Option name="line_color" type="QString" value="{colour},255"/>'
        f'<Option name="line_width" type="QString" value="{width}"/>'
        f'<Option name="line_style" type="QString" value="{pen}"/>'
        "</Option></layer></symbol>"
        for i, (colour, width, pen) in enumerate(style.symbols.values())
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.28" styleCategories="Symbology">'
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(style.column)}>'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )
