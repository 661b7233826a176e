"""Start a project: a commented `patrolmap.toml` and empty tables with the right headers."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from layers.files import whole
from layers.sources import ProjectError

SETTINGS = """\
# patrolmap 项目设置。每一行都可以不写：删掉行首的 # 才起作用。
# 文件按名字识别，放进这个文件夹即可：
#   河流 河道 rivers    渠道 canals      道路 公路 roads   水库 reservoirs  塘坝 ponds
#   片区 村界 乡镇界 areas   部位 parts   公示牌 signs   里程桩 posts
#   责任 河长名单 duties     巡查 轨迹 patrols（可以是文件夹）   问题 problems   班组 crews
# 名字后面可以带别的字，如 河道2024.shp、duties-town.xlsx。
# 放进 *.osm 或 *.osm.pbf（OpenStreetMap），其中的河流、渠道、道路、水库、塘坝、边界都会读出。

# language = "zh"                # zh 或 en
# time_zone = "Asia/Shanghai"    # 没写时区的时间按这里理解
# as_of = 2024-06-30             # 以哪一天为准判断逾期；不写则由命令行 --as-of 给出
# out = "out"                    # 结果放在哪个文件夹
# datum = "wgs84"                # 所有文件的坐标基准：wgs84 cgcs2000 gcj02 bd09
# encoding = "gb18030"           # 所有文件的文字编码；不写则自动判断
# segment_m = 500                # 每段长度，米
# boundary_tail_m = 1000         # 交界处允许多走的长度，米
# ignore_m = 1                   # 短于此的空当和重叠视为画图误差，米
# unseen_m = 100                 # 短于此的未巡段不单列疑点(长度照算),米
# seen_share = 0.9               # 一段有多大比例走到才算巡到
# part_tolerance_m = 50          # 离坝、闸多近算到访,米;part_stay_s = 60 停留多少秒
# least_minutes = 0              # 本地规定的有效巡查最短时间(分)和最短长度 least_m(米)
# walk_m = 500                   # 排路线时,没有路到的岸边最多下来步行穿过空地多少米
# bank_road_covers_river = false # 巡河时走河边公路,是否算巡到河
# review = true                  # 是否列出需人工复核的疑点
# preset = "cn-suixi"            # 没写 [[required]] 时采用的责任要求

# 轨迹离对象多近才算走到，米：sure_m 以内算，unsure_m 以外不算，之间存疑。
# [tolerance.river]
# sure_m = 30
# unsure_m = 100

# 多少天至少巡查一次。kind 必写；grade（等级）、level（级别）、role（角色）不写表示不限。
# kind: river canal road reservoir pond，或 河流 渠道 道路 水库 塘坝
# [[cadence]]
# kind = "river"
# level = "村级"
# every_days = 7

# 哪类对象必须有哪一级的责任人；一条都不写时，每个对象有任何一名责任人即可。
# 这两种规则也可以写在 rules.toml 里。
# [[required]]
# kind = "river"
# level = "镇级"
# role = "河长"

# 地图页上的字和底图。底图要联网;天地图用单位自己的密钥,也可放在环境变量 PATROLMAP_TIANDITU_KEY。
# [page]
# title = "青禾镇责任与巡查一张图"
# office = "青禾镇河长办"
# phone = "12345"                # 监督电话
# tianditu = "vec"               # vec 地图 或 img 影像
# tiles = "https://瓦片地址/{z}/{x}/{y}.png"
# tiles_datum = "gcj02"          # 底图的坐标基准:wgs84 或 gcj02
# background = "底图.pmtiles"    # 断网也能看的底图:PMTiles(栅格或矢量),或 png/jpg/webp 图片
# background_mb = 4              # PMTiles 最多带多少 MB;不写则栅格 16,矢量 4
# background_bounds = [118.9, 28.8, 119.2, 29.1]   # 图片的西、南、东、北(度);PMTiles 不必写
# attribution = "底图来源"
# photos = "照片"                # 问题照片所在的文件夹,内部版的卡片能直接打开;不随图带走

# 名字说不清的文件在这里写明。path 和 kind 必写，其余不写则自动判断。
# kind: river canal road reservoir pond areas parts signs posts duties patrols problems crews osm
# [[source]]
# path = "县里给的/sx2023.shp"
# kind = "river"
# layer = ""                     # 文件里的图层名
# encoding = "gb18030"
# crs = "EPSG:4549"
# datum = "gcj02"
# time_zone = "UTC"
# level = "town"                 # 片区图层或责任表整体属于哪一级
# columns = {name = "HLMC", code = "HLDM"}   # 本程序的列 = 文件里的列
# highways = ["primary", "secondary"]        # 只对 kind = "osm"：哪些 highway 算道路，不写则全部
"""
_TABLES: dict[str, tuple[str, tuple[str, ...], tuple[object, ...]]] = {
    "责任.xlsx": (
        "责任表",
        ("对象名称", "对象编码", "类型", "所在村", "起点桩号", "终点桩号", "岸别", "级别", "角色",
         "姓名", "单位", "电话",
         "起始日期", "截止日期", "备注"),
        ("不写桩号和村表示整条；桩号写 K3+200；空缺写“空缺”",),
    ),
    "巡查.xlsx": (
        "巡查记录",
        ("巡查人员", "单位", "级别", "角色", "对象名称", "开始时间", "结束时间", "方式",
         "轨迹文件", "巡查结果"),
        ("时间写 2024-04-07 08:30；轨迹文件写 GPX 文件名，没有可不写",),
    ),
    "问题.xlsx": (
        "问题登记",
        ("问题编号", "对象名称", "桩号", "经度", "纬度", "问题类型", "问题描述", "状态",
         "发现时间", "整改期限",
         "办结时间", "上报人", "承办单位", "照片"),
        ("有经纬度或有名称加桩号即可落图",),
    ),
    "班组.xlsx": (
        "班组表",
        ("班组", "起点", "终点", "交通方式", "工时", "出发时间", "工作日", "责任区"),
        ("起点写部位、村名或“经度,纬度”；工时是每天的小时数；责任区写村、片区或责任人，不写表示共同负责",),
    ),
}  # fmt: skip


def start(folder: Path, told: Mapping[str, object] | None = None) -> list[Path]:
    """Write the settings and the empty tables into a folder, and return what was written.

    What is `told` by name stands in the settings; None is not told. Nothing that is there is
    overwritten; raises `ProjectError` when `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        msg = f"{folder.name}: 需要一个文件夹，来的是文件 (wanted a folder; came a file)"
        raise ProjectError(msg)
    written = []
    settings = folder / "patrolmap.toml"
    if not settings.exists():
        with whole(settings) as temporary:
            temporary.write_text(_settings(told or {}), encoding="utf-8")
        written.append(settings)
    for name in _TABLES:
        if not (folder / name).exists():
            _write_table(folder / name)
            written.append(folder / name)
    return written


def _settings(told: Mapping[str, object]) -> str:
    """Return the commented settings with the lines of what is told in force."""
    text = SETTINGS
    for key, value in told.items():
        if value is not None:
            written = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value
            before, _, rest = text.partition(f"# {key} = ")
            # What follows the example value, its explanation, stays.
            after = re.sub(r'^("[^"]*"|\S+)', "", rest)
            text = f"{before}{key} = {written}{after}"
    return text


def _write_table(path: Path) -> None:
    title, headers, notes = _TABLES[path.name]
    book = openpyxl.Workbook()
    # A fixed day: the same command gives the same file.
    book.properties.created = book.properties.modified = dt.datetime(2024, 1, 1)  # noqa: DTZ001
    sheet = book.worksheets[0]
    sheet.title = title
    sheet.append(headers)
    for number, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(horizontal="center")
        # Text, or Excel turns codes into numbers and K3+200 into whatever it likes.
        column = sheet.column_dimensions[get_column_letter(number)]
        column.width, column.number_format = 14, "@"
    sheet.freeze_panes = "A2"
    help_sheet = book.create_sheet("填写说明")
    for note in notes:
        help_sheet.append([note])
    with whole(path) as temporary:
        book.save(temporary)
