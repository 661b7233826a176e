"""Turn layers into the frames of things: assets' features, areas, parts, posts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.columns import Wanted, blank, is_name, is_number, recognise, words
from layers.faults import Fault
from layers.numbers import metres
from layers.passing import ACCESS, CLOSED, CLOSED_FROM, CLOSED_TO, SURFACE, barred, closed, unpaved
from layers.positions import POSITION
from layers.ranks import LEVELS, level_in, level_of
from layers.vectors import Layer

Shapes = NDArray[np.object_]
_LINES, _POLYGONS, _POINTS = (1, 2, 5), (3, 6), (0, 4)
_WANTED_SHAPES = {
    **dict.fromkeys(("river", "canal", "road"), (_LINES, _POLYGONS)),
    **dict.fromkeys(("reservoir", "pond"), (_POLYGONS, _LINES)),
    "areas": (_POLYGONS,),
    "posts": (_POINTS,),
    "parts": (_POINTS, _LINES, _POLYGONS),
    "problems": (_POINTS, _LINES, _POLYGONS),
}
_SHAPE_WORDS = {_LINES: "线/line", _POLYGONS: "面/polygon", _POINTS: "点/point"}

CODE = Wanted(
    "code",
    ("编码", "代码", "河流编码", "河流代码", "河道编码", "河段编码", "渠道编码", "路线编码",
     "路线代码", "道路编码",
     "道路代码", "水库编码", "水库代码", "塘坝编码", "对象编码", "工程编码", "行政区代码",
     "行政区划代码", "编号",
     "河道编号", "路线编号", "水库编号", "code", "asset_code", "river_code", "road_code", "lxdm",
     "lxbm", "hlbm",
     "hldm", "skbm", "xzqdm", "bm", "dm", "ref"),
)  # fmt: skip
NAME = Wanted(
    "name",
    ("名称", "河流名称", "河道名称", "河湖名称", "河段名称", "河名", "渠道名称", "渠名",
     "道路名称", "路线名称",
     "公路名称", "路名", "水库名称", "库名", "塘坝名称", "山塘名称", "对象名称", "工程名称",
     "行政区名称", "村名",
     "乡镇名称", "片区名称", "网格名称", "部位名称", "地名", "牌名", "河流名", "河道名",
     "name_zh", "name:zh", "name",
     "mc", "hlmc", "hdmc", "lxmc", "dlmc", "skmc", "xzqmc", "xzmc", "cmc", "名字", "asset",
     "asset_name", "river",
     "road", "river_name", "road_name", "fname", "name_en"),
    is_name,
)  # fmt: skip
_GRADE = Wanted(
    "grade",
    ("等级", "级别", "类别", "类型", "技术等级", "行政等级", "公路等级", "道路等级", "路线等级",
     "河流等级", "河道等级",
     "河流级别", "河道级别", "工程规模", "规模", "grade", "class", "category", "fclass",
     "highway", "waterway", "dj",
     "jsdj", "xzdj"),
    is_name,
)  # fmt: skip
_WIDTH = Wanted(
    "width_m", ("宽度", "河宽", "平均宽度", "路宽", "路面宽度", "路基宽度", "width", "width_m",
    "kd"), is_number
)  # fmt: skip
_ONEWAY = Wanted("oneway", ("oneway", "单行", "单向"))
_OF_ROADS = (CLOSED, CLOSED_FROM, CLOSED_TO, ACCESS, SURFACE)
_FLOWS = Wanted("flows", ("flows", "downstream", "顺流"))
_LEVEL = Wanted("level", ("level", "级别", "行政级别", "等级", "admin_level", "层级"))
_PARENT = Wanted(
    "parent", ("parent", "上级", "所属乡镇", "所属镇", "所属县", "所属区县", "乡镇", "街道",
    "county_zh", "上级名称")
)  # fmt: skip
_ASSET = Wanted(
    "asset",
    ("asset", "对象", "所属对象", "所属河流", "所属河道", "所属水库", "所属道路", "所在河流",
     "所在道路", "所在水库",
     "河流名称", "河道名称", "路线名称", "道路名称", "水库名称", "河流", "河道", "道路", "路线",
     "水库"),
)  # fmt: skip
_PART = Wanted("part", ("part", "部位", "部位类型", "部位类别", "类型", "类别", "type", "category"))
_CHAINAGE = Wanted(
    "chainage_text", ("chainage", "chainage_text", "桩号", "里程", "里程桩号", "公里桩", "km",
    "zh"),
)  # fmt: skip
_PARTS = {
    "大坝": "dam", "坝": "dam", "溢洪道": "spillway", "放水洞": "outlet", "涵洞": "outlet",
    "放水涵": "outlet",
    "闸": "gate", "水闸": "gate", "闸门": "gate", "排污口": "outfall", "排水口": "outfall",
    "公示牌": "sign",
    "河长牌": "sign", "桥": "bridge", "桥梁": "bridge", "库区水面": "water surface",
    "水面": "water surface",
}  # fmt: skip
_LEVELS_BY_NAME = (("village", "村|社区|居委会"), ("town", "镇|乡|街道"), ("county", "县|区|旗"),
                   ("city", "市|州|盟"), ("province", "省|自治区"))  # fmt: skip


def read_features(layer: Layer, kind: str, told: Any) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return a layer's features of an asset kind with the columns of FEATURES, in degrees."""
    frame, faults = shaped(layer, kind)
    of_roads = _OF_ROADS if kind == "road" else ()
    wanted = (CODE, NAME, _GRADE, _WIDTH, _ONEWAY, _FLOWS, *of_roads)
    column = recognise(_attributes(frame), wanted, told)
    get = _getter(frame, column)
    shut, unclear = _shut(layer, frame, get, column)
    # A column of serial numbers is no code: pieces of one river would fall apart into many.
    code = get("code")
    width = metres(get("width_m"), "m")
    unread = get("width_m")[(width.isna() & (get("width_m") != "")).to_numpy()]
    faults += [
        Fault("bad_number", layer.file, int(frame.index[i]), column["width_m"], {"came": text})
        for i, text in zip(unread.index.to_numpy().tolist(), unread, strict=True)
    ]
    faults += unclear
    features = pd.DataFrame(
        {
            "feature_id": [f"{layer.file}#{row}" for row in frame.index],
            "kind": kind,
            "code": code,
            "name": get("name"),
            "grade": get("grade"),
            "width_m": width,
            "oneway": _oneway(get("oneway")),
            "flows": get("flows").str.lower().isin(["1", "true", "yes", "是"]),
            "barred": [
                barred(text) or modes for text, modes in zip(get("access"), shut[0], strict=True)
            ],
            "shut": shut[1],
            "unpaved": get("surface").map(unpaved).astype(bool),
            "file": layer.file,
            "row": frame.index,
        }
    )
    return gpd.GeoDataFrame(features, geometry=frame.geometry.to_numpy(), crs=frame.crs), faults


def _shut(
    layer: Layer, frame: gpd.GeoDataFrame, get: Any, column: dict[str, str]
) -> tuple[tuple[list[str], list[str]], list[Fault]]:
    """Return the modes barred and the days shut by row, and a fault for words that say neither."""
    spans = get("closed_from") + "至" + get("closed_to")
    said = spans.where(spans != "至", get("closed"))
    header = column.get("closed", "")
    read = {text: closed(text, header) for text in pd.unique(said)}
    where = column.get("closed_from", header)
    faults = [
        Fault("bad_season", layer.file, int(row), where, {"came": text})
        for row, text in zip(frame.index, said, strict=True)
        if read[text] is None
    ]
    known = [read[text] or ("", "") for text in said]
    return ([modes for modes, _ in known], [days for _, days in known]), faults


def read_areas(layer: Layer, level: str, told: Any) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return a layer's areas with the columns of AREAS, in degrees.

    The level is the one told, else a column's, else the file's name, else the name's last letter.
    """
    frame, faults = shaped(layer, "areas")
    column = recognise(_attributes(frame), (CODE, NAME, _LEVEL, _PARENT), told)
    get = _getter(frame, column)
    name, code = get("name"), get("code")
    stem = Path(layer.file.split("[")[0]).name
    by_file = level or next((lv for lv, ends in _LEVELS_BY_NAME if _starts(stem, ends)), "")
    levels = get("level").map(level_of).where(get("level") != "", by_file)
    for of_name, ends in reversed(_LEVELS_BY_NAME):
        unknown = ~levels.isin(LEVELS) & ~levels.str.match(r"[一二三四五]级|grid|网格")
        levels = levels.mask(unknown & name.str.contains(f"(?:{ends})$"), of_name)
    if (levels == "county").any():
        # 邓州市 among counties is a county-level city: a layer seldom mixes two levels.
        levels = levels.mask((levels == "city") & (get("level") == ""), "county")
    areas = pd.DataFrame(
        {
            "area_id": unique(code.where(code != "", name)),
            "name": name.where(name != "", code),
            "level": levels,
            "parent": get("parent"),
            "file": layer.file,
            "row": frame.index,
        }
    )
    return gpd.GeoDataFrame(areas, geometry=frame.geometry.to_numpy(), crs=frame.crs), faults


def read_parts(layer: Layer, part: str, told: Any) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return a layer's parts with the columns of PARTS, in degrees; `part` is their default."""
    frame, faults = shaped(layer, "parts")
    column = recognise(_attributes(frame), (CODE, NAME, _PART, _ASSET), told)
    get = _getter(frame, column)
    name, asset, code = get("name"), get("asset"), get("code")
    kinds = get("part").map(lambda text: _PARTS.get(text, text))
    ids = code.where(code != "", asset + name)
    parts = pd.DataFrame(
        {
            "part_id": unique(ids),
            "asset": asset,
            "name": name,
            "part": kinds.where(kinds != "", part),
            "file": layer.file,
            "row": frame.index,
        }
    )
    return gpd.GeoDataFrame(parts, geometry=frame.geometry.to_numpy(), crs=frame.crs), faults


def read_posts(layer: Layer, told: Any) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return a layer's kilometre posts with the columns of POSTS, in degrees."""
    frame, faults = shaped(layer, "posts")
    column = recognise(_attributes(frame), (_CHAINAGE, _ASSET, NAME, CODE), told)
    if "chainage_text" not in column:
        values = {"wanted": "桩号/chainage", "came": ", ".join(_attributes(frame).columns)}
        return frame.iloc[:0], [*faults, Fault("no_column", layer.file, values=values)]
    get = _getter(frame, column)
    asset = get("asset").where(get("asset") != "", get("name"))
    posts = pd.DataFrame(
        {
            "asset": asset.where(asset != "", get("code")),
            "chainage_text": get("chainage_text"),
            "file": layer.file,
            "row": frame.index,
        }
    )
    return gpd.GeoDataFrame(posts, geometry=frame.geometry.to_numpy(), crs=frame.crs), faults


def shaped(layer: Layer, kind: str) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the rows whose geometry serves `kind`, a fault for each other one.

    Of a collection the parts of the preferred dimension are kept and the rest is reported.
    """
    shapes = layer.frame.geometry.to_numpy()
    wanted = _WANTED_SHAPES[kind]
    numbers = layer.frame.index.to_numpy()
    faults = []
    kept = np.full(len(shapes), None, dtype=object)
    types = shapely.get_type_id(shapes)
    empty = (types < 0) | shapely.is_empty(shapes)
    # Not by their bounds, which pass over a vertex that is no number.
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    lost = np.isin(np.arange(len(shapes)), owner[~np.isfinite(xy).all(axis=1)])
    word = "/".join(_SHAPE_WORDS[group] for group in wanted)
    # A ring is a line.
    right = np.isin(types, [t for group in wanted for t in group]) & ~empty & ~lost
    kept[right] = shapes[right]
    for i in np.flatnonzero(~right):
        row, values = int(numbers[i]), {"wanted": word}
        if empty[i]:
            faults.append(Fault("no_geometry", layer.file, row, values=values))
        elif lost[i]:
            came = {"came": "±∞, NaN, >180°"}
            faults.append(Fault("bad_position", layer.file, row, values=came))
        elif types[i] == 7 and (kept_part := _picked(shapes[i], wanted)) is not None:
            kept[i], left_out = kept_part
            values |= {"came": left_out}
            if left_out:
                faults.append(Fault("part_left_out", layer.file, row, values=values))
        else:
            values |= {"came": shapes[i].geom_type}
            faults.append(Fault("wrong_geometry", layer.file, row, values=values))
    there = np.array([shape is not None for shape in kept], dtype=bool)
    alike = {str(dict(fault.values).get("came", "")) for fault in faults}
    if len(faults) > 1 and not there.any() and len(alike) == 1 and alike != {""}:
        whole = {"wanted": word, "came": alike.pop(), "count": len(faults)}
        faults = [Fault("wrong_layer", layer.file, values=whole)]
    frame = layer.frame[there].set_geometry(
        gpd.GeoSeries(kept[there], index=layer.frame.index[there], crs=layer.frame.crs)
    )
    return frame, faults


def unique(ids: Sequence[str] | pd.Series) -> pd.Series:
    """Return the ids, the second and later of a kind with #2, #3 ... behind them."""
    column = pd.Series(ids, dtype=object).reset_index(drop=True)
    again = column.groupby(column).cumcount()
    return column + again.map(lambda n: f"#{n + 1}" if n else "").astype(object)


def _picked(shape: Any, wanted: tuple[tuple[int, ...], ...]) -> tuple[Any, str] | None:
    """Return the parts of a collection that serve best, and the names of the rest."""
    parts = list(_leaves(shape))
    for group in wanted:
        fitting = [p for p in parts if shapely.get_type_id(p) in group]
        if fitting:
            rest = sorted({p.geom_type for p in parts if shapely.get_type_id(p) not in group})
            merged = shapely.union_all(fitting) if group == _POLYGONS else _multi(fitting, group)
            return merged, ", ".join(rest)
    return None


def _multi(parts: list[Any], group: tuple[int, ...]) -> Any:
    return shapely.multilinestrings(parts) if group == _LINES else shapely.multipoints(parts)


def _leaves(shape: Any) -> Any:
    for part in getattr(shape, "geoms", [shape]):
        if hasattr(part, "geoms"):
            yield from _leaves(part)
        elif not part.is_empty:
            yield part


def _attributes(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns="geometry"))


def _getter(frame: gpd.GeoDataFrame, column: dict[str, str]) -> Any:
    nothing = pd.Series([""] * len(frame), dtype=object)

    def get(field: str) -> pd.Series:
        if field not in column:
            return nothing
        values = frame[column[field]].reset_index(drop=True).astype(object)
        return values.mask(values.map(blank).astype(bool), "")

    return get


def _oneway(values: pd.Series) -> pd.Series:
    lower = values.str.lower()
    along = lower.isin(["yes", "true", "1", "是", "单行", "单向"])
    return pd.Series(
        np.select([along, lower.isin(["-1", "reverse"])], ["yes", "-1"], ""), dtype=object
    )


def _starts(stem: str, words: str) -> bool:
    return any(stem.startswith(word) for word in words.split("|")) or level_in(stem) != ""


HEADERS = "名称、经度、纬度"
_HEADERS = words((CODE, NAME, _ASSET, _PART, _CHAINAGE, *POSITION))


def known(header: str) -> bool:
    """Return whether a compared header is one a table of parts or posts has."""
    return header in _HEADERS
