"""Which shapes of the usual vector tiles a quiet backdrop shows, and as what.

The layers and values are those of the Protomaps basemap (versions 2 to 4) and of OpenMapTiles.
"""

from collections.abc import Mapping

# In the order they are drawn.
CLASSES = ("green", "water", "stream", "border", "lane", "road", "highway")
# The attributes that say what a shape is, the most exact first.
KEYS = ("kind_detail", "kind", "class", "pmap:kind", "admin_level")
# The names a place may have, the one for readers of Chinese first.
NAMES = ("name:zh-Hans", "name:zh", "name")

_WATER = (
    "ocean", "sea", "bay", "lake", "river", "riverbank", "stream", "canal", "ditch", "drain",
    "reservoir", "basin", "pond", "water", "dock",
)  # fmt: skip
_GREEN = (
    "wood", "forest", "park", "national_park", "nature_reserve", "grass", "grassland", "scrub",
    "meadow", "orchard", "garden", "village_green", "wetland",
)  # fmt: skip
_ROADS = {
    "highway": "highway", "motorway": "highway", "trunk": "highway",
    "major_road": "road", "medium_road": "road", "primary": "road", "secondary": "road",
    "tertiary": "road", "minor_road": "lane", "minor": "lane", "residential": "lane",
    "unclassified": "lane",
}  # fmt: skip
_BORDERS = dict.fromkeys(
    ("country", "region", "county", "2", "3", "4", "5", "6", "7", "8"), "border"
)


def _numbered(values: Mapping[str, str]) -> dict[str, int]:
    return {value: CLASSES.index(name) for value, name in values.items()}


_WATERS, _STREAMS = (_numbered(dict.fromkeys(_WATER, name)) for name in ("water", "stream"))
_GREENS = _numbered(dict.fromkeys(_GREEN, "green"))
# By layer: the number of the class in CLASSES for each value of an attribute.
AREAS = {"water": _WATERS} | dict.fromkeys(("landuse", "landcover", "natural", "park"), _GREENS)
LINES = dict.fromkeys(("water", "waterway", "physical_line"), _STREAMS) | {
    "roads": _numbered(_ROADS),
    "transportation": _numbered(_ROADS),
    "boundaries": _numbered(_BORDERS),
    "boundary": _numbered(_BORDERS),
}
# Places by rank: the higher, the nearer one must be to see the name.
_PLACES = {
    "city": 0, "town": 1, "locality": 2, "suburb": 2, "village": 2, "neighbourhood": 3,
    "hamlet": 3, "isolated_dwelling": 3,
}  # fmt: skip
POINTS = {"places": _PLACES, "place": _PLACES}
