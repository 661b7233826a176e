"""Know what a file holds by its name, in Chinese and English."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

ASSET_KINDS = ("river", "canal", "road", "reservoir", "pond")
VECTOR_SUFFIXES = (
    ".gpkg", ".shp", ".geojson", ".json", ".kml", ".kmz", ".fgb", ".topojson", ".zip", ".gml",
    ".tab", ".mif", ".gdb", ".geojsonl", ".geojsons",
)  # fmt: skip
OSM_SUFFIXES = (".osm", ".osm.pbf", ".pbf")
TABLE_SUFFIXES = (
    ".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et", ".csv", ".tsv", ".txt", ".csv.gz", ".txt.gz",
)  # fmt: skip


@dataclass(frozen=True)
class Holding:
    """What a file may hold: the words its name begins with and the endings it may have."""

    kind: str
    words: tuple[str, ...]
    suffixes: tuple[str, ...]


_PLACES = (*VECTOR_SUFFIXES, *TABLE_SUFFIXES)
HOLDINGS = (
    Holding("river", ("rivers", "river", "streams", "河流", "河道", "水系",
    "溪流"), VECTOR_SUFFIXES),
    Holding("canal", ("canals", "canal", "ditches", "渠道", "沟渠", "灌渠",
    "干渠"), VECTOR_SUFFIXES),
    Holding("road", ("roads", "road", "道路", "公路", "路网", "农村公路", "路线"), VECTOR_SUFFIXES),
    Holding("reservoir", ("reservoirs", "reservoir", "水库", "湖泊", "lakes"), VECTOR_SUFFIXES),
    Holding("pond", ("ponds", "pond", "塘坝", "山塘", "池塘", "坑塘"), VECTOR_SUFFIXES),
    Holding(
        "areas",
        ("areas", "area", "boundaries", "admin-boundaries", "villages", "towns", "片区", "网格",
         "村界", "乡镇界", "镇界", "县界", "区界", "边界", "行政区", "政区"),
        VECTOR_SUFFIXES,
    ),
    Holding("parts", ("parts", "部位", "places", "地名", "地标", "landmarks"), _PLACES),
    Holding("signs", ("signs", "sign", "公示牌"), _PLACES),
    Holding("posts", ("posts", "kilometre-posts", "里程桩", "桩号", "百米桩"), _PLACES),
    Holding(
        "duties",
        ("duties", "duty", "responsibilities", "责任", "河长名单", "河长名录", "路长名单", "河长制",
         "路长制", "名单", "名录"),
        (*TABLE_SUFFIXES, *VECTOR_SUFFIXES),
    ),
    Holding("patrols", ("patrols", "patrol", "tracks", "巡查", "巡河", "巡路", "轨迹"), ()),
    Holding("crews", ("crews", "crew", "班组", "巡查班组", "巡查组"), TABLE_SUFFIXES),
    Holding("problems", ("problems", "problem", "issues", "问题", "隐患", "事件"), _PLACES),
)  # fmt: skip
KINDS = tuple(holding.kind for holding in HOLDINGS)


def kind_of(name: str) -> str:
    """Return what a file or folder of that name holds, '' when the name does not say.

    The longest word the name begins with decides, so that 河长名单 is not a river.

    >>> kind_of("duties-town.xlsx"), kind_of("河道2024.shp"), kind_of("readme.md")
    ('duties', 'river', '')
    """
    plain = unicodedata.normalize("NFKC", Path(name).name).casefold().strip()
    matches = [
        (len(word), holding.kind)
        for holding in HOLDINGS
        for word in holding.words
        if re.match(rf"{re.escape(word)}(?![a-z])", plain)
    ]
    return max(matches)[1] if matches else ""


def suffix_of(path: Path) -> str:
    """Return the ending that tells the format: `.osm.pbf` and `.csv.gz` are one ending each.

    >>> suffix_of(Path("a/X.OSM.PBF")), suffix_of(Path("河道2024.v2.shp"))
    ('.osm.pbf', '.shp')
    """
    two = "".join(path.suffixes[-2:]).lower()
    return two if two.endswith((".osm.pbf", ".gz")) else path.suffix.lower()
