"""Read problem reports from tables and point layers."""

from typing import Any

import geopandas as gpd
import pandas as pd

from layers.columns import Wanted, blank, recognise, words
from layers.dates import days, instants
from layers.faults import Fault
from layers.features import CODE, shaped
from layers.positions import POSITION
from layers.vectors import Layer

_WANTED = (
    Wanted("problem_id", ("问题编号", "编号", "事件编号", "工单号", "问题id", "problem_id", "id")),
    Wanted("asset", ("对象名称", "所属河流", "所属河道", "所属道路", "河流名称", "河道名称",
                     "道路名称", "路线名称", "水库名称",
                     "河流", "河道", "道路", "路线", "水库", "对象", "问题河道", "所在河流",
                     "所在道路", "asset", "asset_name",
                     "name")),
    Wanted("chainage_text", ("桩号", "里程", "里程桩号", "位置桩号", "chainage", "chainage_text")),
    Wanted("category", ("问题类型", "问题类别", "类型", "类别", "问题分类", "category", "type")),
    Wanted("status", ("状态", "办理状态", "处理状态", "整改状态", "处理情况", "进展", "status")),
    Wanted("reported_at", ("发现时间", "上报时间", "登记时间", "发现日期", "上报日期",
                           "登记日期", "时间", "日期", "巡查时间",
                           "reported_at", "time", "date")),
    Wanted("due_on", ("整改期限", "办理期限", "完成期限", "限期", "期限", "要求完成时间",
                      "截止日期", "due_on", "due")),
    Wanted("closed_on", ("办结时间", "办结日期", "完成时间", "完成日期", "销号时间", "销号日期",
                         "整改完成时间", "closed_on",
                         "closed")),
    Wanted("reporter", ("上报人", "发现人", "登记人", "巡查人", "巡查员", "举报人", "上报人员",
                        "reporter", "person")),
    Wanted("unit", ("承办单位", "责任单位", "交办单位", "办理单位", "处理单位", "整改单位",
                    "单位", "unit")),
    Wanted("description", ("问题描述", "描述", "问题内容", "内容", "问题", "情况说明", "详情",
                           "备注", "description", "note")),
    Wanted("photo", ("照片", "图片", "照片文件", "photo", "picture")),
)  # fmt: skip
HEADERS = "问题描述、发现时间、经度、纬度"
_HEADERS = words((*_WANTED, *POSITION, CODE))


def known(header: str) -> bool:
    """Return whether a compared header is one a table of problems has."""
    return header in _HEADERS


def read_problems(layer: Layer, zone: str, told: Any) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Return the rows of PROBLEM_ROWS of a layer in degrees, and what was wrong by row.

    A report without a position stays, for its asset and chainage may place it.
    """
    placed = layer.frame[~layer.frame.geometry.isna()]
    _, faults = shaped(
        Layer(layer.file, placed, layer.encoding, layer.crs, layer.datum), "problems"
    )
    cells = pd.DataFrame(layer.frame.drop(columns="geometry"))
    column = recognise(cells, (*_WANTED, CODE), told)

    def get(field: str) -> pd.Series:
        if field not in column:
            return pd.Series("", index=cells.index, dtype=object)
        values = cells[column[field]]
        return values.mask(values.map(blank).astype(bool), "")

    dates = {"reported_at": instants(get("reported_at"), zone),
             "due_on": days(get("due_on")), "closed_on": days(get("closed_on"))}  # fmt: skip
    for field, found in dates.items():
        texts, rule = get(field), "bad_time" if field == "reported_at" else "bad_date"
        faults += [
            Fault(rule, layer.file, int(row), column[field], {"came": texts[row]})
            for row in cells.index[found.isna() & (texts != "")]
        ]
    asset = get("asset").where(get("asset") != "", get("code"))
    points = layer.frame.geometry
    nowhere = points.isna() & (asset == "")
    faults += [Fault("no_position", layer.file, int(row)) for row in cells.index[nowhere]]
    ids = get("problem_id")
    named = pd.Series([f"{layer.file}#{row}" for row in cells.index], index=cells.index)
    rows = pd.DataFrame(
        {
            "problem_id": ids.where((ids != "") & ~ids.duplicated(keep=False), named),
            "asset": asset,
            **{f: get(f) for f in ("chainage_text", "category", "status")},
            **dates,
            **{f: get(f) for f in ("reporter", "unit", "description", "photo")},
            "file": layer.file,
            "row": cells.index,
        }
    )
    # A drawn line or polygon stands for the place it is about.
    spots = points.where(
        points.geom_type.isin(["Point"]) | points.isna(), points.representative_point()
    )
    return gpd.GeoDataFrame(rows, geometry=spots, crs=layer.frame.crs), faults
