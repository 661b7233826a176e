"""Say what is wrong with an office's files: what was wanted, what came, the way out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from geo.schema import Rejects, rejects
from geo.words import Language, Text

Severity = Literal["error", "warning"]


class PatrolmapError(Exception):
    """A user's folder or settings that cannot be used at all; the message says the way out."""


@dataclass(frozen=True)
class Fault:
    """One fault: `rule` is a key of FAULTS, `values` fill the blanks of its sentence.

    `row` counts from 1 as the office's own program shows it, 0 stands for the whole file.
    """

    rule: str
    file: str
    row: int = 0
    column: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


# An error: the row or file is not used. A warning: it is used, but somebody should look.
FAULTS: dict[str, tuple[Severity, Text]] = {
    "no_files": (
        "error",
        Text(
            "需要至少一个图层，如 河道.shp、道路.gpkg、水库.geojson；文件夹里没有能认出的文件。"
            "请放入文件，或在 patrolmap.toml 的 [[source]] 里写明路径",
            "wanted at least one layer such as rivers.shp, roads.gpkg, reservoirs.geojson; came a "
            "folder without a file that is known by its name; put one there, or name it under "
            "[[source]] in patrolmap.toml",
        ),
    ),
    "no_assets": (
        "error",
        Text(
            "需要河道、渠道、道路、水库、塘坝中的至少一个对象，一个也没有读到。请检查以上文件",
            "wanted at least one river, canal, road, reservoir or pond; none could be read; "
            "see the lines about each file",
        ),
    ),
    "unknown_name": (
        "warning",
        Text(
            "文件名看不出里面是什么，没有读取。请改成以河道、道路、水库、责任、巡查等开头的名字，"
            "或在 patrolmap.toml 的 [[source]] 里写明",
            "its name does not say what it holds, so it was not read; let it begin with rivers, "
            "roads, reservoirs, duties, patrols ..., or name it under [[source]] in patrolmap.toml",
        ),
    ),
    "other_format": (
        "warning",
        Text(
            "看文件名需要 {wanted} 格式，来的是 {came}，没有读取。请另存为其中一种；"
            "与本项目无关的请移出",
            "by its name wanted one of {wanted}; came {came}, which was not read; save it as one "
            "of these, or move it away if it does not belong here",
        ),
    ),
    "missing_file": (
        "error",
        Text(
            "patrolmap.toml 写了这个文件，但文件夹里没有。请改正路径，或把文件放进来",
            "named in patrolmap.toml but not in the folder; correct the path or put the file there",
        ),
    ),
    "unreadable": (
        "error",
        Text(
            "需要能读的{kind}文件，读取失败：{came}。请用原软件打开另存后再放入",
            "wanted a file that can be read as {kind}; came: {came}; open it in the program it "
            "comes from and save it again",
        ),
    ),
    "broken_off": (
        "error",
        Text(
            "需要完整的 {kind} 文件，读到第 {line} 行就断了，断开以前的照用。请从原软件重新导出",
            "wanted a whole {kind} file; came one that breaks off in line {line}, of which the "
            "beginning was used; export it again from the program it comes from",
        ),
    ),
    "bad_archive": (
        "error",
        Text(
            "需要完好的压缩文件，来的解不开，没有使用。请重新下载或重新打包",
            "wanted a sound archive; came one that cannot be unpacked and was not used; download "
            "or pack it again",
        ),
    ),
    "own_results": (
        "warning",
        Text(
            "这是本程序写出的结果，没有当作资料读取。放进来的原始资料请移到别的文件夹",
            "holds results of this program, which were not read as data; move files of your own "
            "to another folder",
        ),
    ),
    "own_route": (
        "warning",
        Text(
            "这是本程序排出的计划路线，不是走过的轨迹，没有读取。请放入实际的巡查轨迹",
            "a planned route written by this program and no track that was walked, so it was not "
            "read; put the track of the patrol here",
        ),
    ),
    "only_routes": (
        "error",
        Text(
            "需要轨迹（trk），文件里只有计划路线（rte，{count} 条），没有走过的轨迹。"
            "请在导出时选“轨迹”",
            "wanted a track (trk); came only {count} planned routes (rte), which nobody is known "
            "to have walked; choose 'track' when exporting",
        ),
    ),
    "unsafe": (
        "error",
        Text(
            "文件不安全，没有读取：{came}。请向提供者索取正常的文件",
            "not read, because it is not safe: {came}; ask its maker for a plain file",
        ),
    ),
    "unknown_format": (
        "error",
        Text(
            "需要 {wanted} 格式，来的是 {came}。请另存为其中一种",
            "wanted one of {wanted}; came {came}; save it as one of these",
        ),
    ),
    "restored_index": (
        "warning",
        Text(
            "缺少 .shx 文件，已临时重建后读取。请向提供者索取完整的 Shapefile",
            "came without its .shx, made anew for reading only; ask for the complete Shapefile",
        ),
    ),
    "wrong_layer": (
        "error",
        Text(
            "需要{wanted}图层，{count} 个要素全是 {came}，没有使用。请检查文件名与内容是否相符",
            "wanted a layer of {wanted}; all {count} features are {came} and none was used; check "
            "that the file holds what its name says",
        ),
    ),
    "reader_said": (
        "warning",
        Text(
            "读取时提示：{came}。请在图上核对这个文件",
            "the reader said: {came}; compare this file with the map",
        ),
    ),
    "encoding": (
        "warning",
        Text(
            "文件自称编码 {wanted}，按 {came} 读才通顺，已按 {came} 读。若有乱码，"
            "请在 patrolmap.toml 写 encoding",
            "says it is {wanted} but reads as {came}, which was taken; if names look wrong, write "
            "encoding in patrolmap.toml",
        ),
    ),
    "mojibake": (
        "warning",
        Text(
            "文字编码认不出，可能有乱码：{came}。"
            "请在 patrolmap.toml 给这个文件写 encoding，如 gb18030",
            "wanted text in a known encoding; came {came}, which may be garbled; write encoding "
            "for this file in patrolmap.toml, for example gb18030",
        ),
    ),
    "no_crs": (
        "error",
        Text(
            "需要坐标系，文件没有说明（缺 .prj 等），坐标如 {came} 也无法断定。"
            '请在 patrolmap.toml 给这个文件写 crs，如 crs = "EPSG:4549"',
            "wanted a coordinate reference system; came none, and numbers such as {came} do not "
            'tell it; write for example crs = "EPSG:4549" for this file in patrolmap.toml',
        ),
    ),
    "bad_crs": (
        "error",
        Text(
            "坐标系 {wanted} 与坐标 {came} 对不上，没有使用。"
            "请在 patrolmap.toml 给这个文件写对 crs",
            "wanted coordinates in {wanted}; came {came}; write the right crs for this file in "
            "patrolmap.toml",
        ),
    ),
    "assumed_crs": (
        "warning",
        Text(
            "文件没有可用的坐标系，坐标如 {came}，按 {wanted} 使用。"
            "若位置不对，请在 patrolmap.toml 写 crs",
            "came without a usable reference system; numbers such as {came} were taken as "
            "{wanted}; if the place is wrong, write crs for this file in patrolmap.toml",
        ),
    ),
    "old_datum": (
        "warning",
        Text(
            "坐标系 {came} 与 CGCS2000 可差到约 100 米且没有公开的精确换算，按近似换算使用。"
            "请索取 CGCS2000 成果",
            "{came} may differ from CGCS2000 by up to about 100 m and has no public exact "
            "transformation; an approximate one was used; ask for the data in CGCS2000",
        ),
    ),
    "swapped": (
        "warning",
        Text(
            "经纬度次序颠倒（如 {came}），已对调使用。请核对位置",
            "longitude and latitude are swapped (such as {came}); used the other way round; "
            "compare with the map",
        ),
    ),
    "datum_suspect": (
        "warning",
        Text(
            "按 {came} 使用，{share:.0%} 的点在 50 米内有对象；若是 {wanted}，则是 {better:.0%}。"
            '没有自动转换；若确是 {wanted}，请在 patrolmap.toml 写 datum = "{wanted}"',
            "taken as {came}, {share:.0%} of the points have an asset within 50 m; as {wanted} it "
            'would be {better:.0%}; nothing was converted; if so, write datum = "{wanted}" for '
            "this file in patrolmap.toml",
        ),
    ),
    "empty_layer": (
        "warning",
        Text(
            "需要至少一个要素，这个图层是空的。请检查导出",
            "wanted at least one feature; came an empty layer; check the export",
        ),
    ),
    "empty_table": (
        "warning",
        Text(
            "需要至少一行数据，表里没有。请填写，或删掉这个文件",
            "wanted at least one row of data; came none; fill it in or take the file away",
        ),
    ),
    "no_header": (
        "error",
        Text(
            "需要含有 {wanted} 等列名的表头，前几行里没有找到。请加上表头，"
            "或在 patrolmap.toml 写 columns",
            "wanted a header row with columns such as {wanted}; none in the first rows; add one, "
            "or write columns for this file in patrolmap.toml",
        ),
    ),
    "no_column": (
        "error",
        Text(
            "需要“{wanted}”列，来的列是 {came}。请改列名，或在 patrolmap.toml 写 columns",
            "wanted a column for {wanted}; came {came}; rename one, or write columns for this "
            "file in patrolmap.toml",
        ),
    ),
    "no_geometry": (
        "error",
        Text(
            "需要{wanted}，这个要素没有图形。请补画或删除",
            "wanted {wanted}; came a feature without geometry; draw or delete it",
        ),
    ),
    "wrong_geometry": (
        "error",
        Text(
            "需要{wanted}，来的是 {came}。请改画",
            "wanted {wanted}; came {came}; draw it anew",
        ),
    ),
    "part_left_out": (
        "warning",
        Text(
            "需要{wanted}，要素里还混有 {came}，混入的部分没有使用。请在图上核对",
            "wanted {wanted}; came {came} mixed in, which was left out; compare with the map",
        ),
    ),
    "bad_position": (
        "error",
        Text(
            "需要经纬度或坐标，来的是“{came}”，没有使用。请改正",
            "wanted longitude and latitude or coordinates; came '{came}'; correct it",
        ),
    ),
    "bad_positions": (
        "error",
        Text(
            "需要经纬度或坐标，{count} 行没有一行读得懂，如“{came}”，没有使用。请改正这一列",
            "wanted longitude and latitude or coordinates; none of {count} rows has them, such as "
            "'{came}'; correct the column",
        ),
    ),
    "too_far": (
        "error",
        Text(
            "需要与其他对象在同一地区的位置，来的是 {came}（相距 1000 公里以上），没有使用。"
            "请改正坐标",
            "wanted a place in the region of the others; came {came}, more than 1000 km away; "
            "correct its coordinates",
        ),
    ),
    "no_position": (
        "warning",
        Text(
            "需要经纬度或坐标，这一行没有；只能按对象名称和桩号落位",
            "wanted longitude and latitude; came none; it can be placed by asset and chainage only",
        ),
    ),
    "bad_number": (
        "warning",
        Text(
            "需要数字，来的是“{came}”，按未知处理。请改正",
            "wanted a number; came '{came}', taken as unknown; correct it",
        ),
    ),
    "bad_season": (
        "warning",
        Text(
            "需要“是”“否”或月份，如“11月-4月”“12月1日至3月15日”“冬季”；来的是“{came}”，"
            "排路线时这条路按全年可走。请改正",
            "wanted yes, no or months such as Nov-Apr or winter; came '{came}', so routes take "
            "this road as open all year; correct it",
        ),
    ),
    "bad_crew": (
        "error",
        Text(
            "需要{wanted}，来的是“{came}”，这个班组不参加排班。请改正",
            "wanted {wanted}; came '{came}', and this crew is not sent out; correct it",
        ),
    ),
    "bad_date": (
        "warning",
        Text(
            "需要日期，如 2024-04-07，来的是“{came}”，按未知处理。请改正",
            "wanted a date such as 2024-04-07; came '{came}', taken as unknown; correct it",
        ),
    ),
    "doubtful_date": (
        "warning",
        Text(
            "“{came}”按一月计；表格软件会把 2024.10 存成 2024.1，若是十月请写成 2024-10",
            "'{came}' was taken as January; spreadsheets keep 2024.10 as 2024.1, so write 2024-10 "
            "if October is meant",
        ),
    ),
    "bad_time": (
        "warning",
        Text(
            "需要时间，如 2024-04-07 08:30，来的是“{came}”，按未知处理。请改正",
            "wanted a time such as 2024-04-07 08:30; came '{came}', taken as unknown; correct it",
        ),
    ),
    "bad_times": (
        "warning",
        Text(
            "需要时间，如 2024-04-07 08:30，从这一行起有 {count} 行读不懂，如“{came}”，按未知处理。"
            "请统一改正这一列",
            "wanted times such as 2024-04-07 08:30; {count} rows from this one on are not, such as "
            "'{came}', taken as unknown; correct the column",
        ),
    ),
    "no_asset_named": (
        "error",
        Text(
            "需要对象名称或编码，这一行没有（来的是：{came}）。请补上",
            "wanted the name or code of a river, road ...; came a row without one ({came}); "
            "fill it in",
        ),
    ),
    "bad_stretch": (
        "error",
        Text(
            "需要起止两处、一个片区或“全段”，如 K3+200—K5+000，来的是“{came}”，这一行没有使用。"
            "请改写",
            "wanted two ends, an area or 'the whole', such as K3+200-K5+000; came '{came}', and "
            "the row was not used; write it anew",
        ),
    ),
    "two_banks": (
        "error",
        Text(
            "需要一个岸别，来的是“{came}”，互相矛盾，这一行没有使用。请改正其中之一",
            "wanted one bank; came '{came}', which contradict each other, and the row was not "
            "used; correct one of them",
        ),
    ),
    "formula": (
        "error",
        Text(
            "需要文字或数字，来的是没有保存计算结果的公式“{came}”，这一行没有使用。"
            "请用 Excel 或 WPS 打开，重新保存后再放入",
            "wanted text or a number; came the formula '{came}' saved without its value, and the "
            "row was not used; open the file in a spreadsheet program and save it again",
        ),
    ),
    "filled_from_above": (
        "warning",
        Text(
            "这一格空着，按上一行的“{came}”使用。若不是，请填写",
            "came empty; taken as '{came}' from the row above; fill it in if that is wrong",
        ),
    ),
    "no_times": (
        "warning",
        Text(
            "需要每个点的时间，文件里没有：看得出走过哪里，看不出哪天，不能算作已巡查。"
            "请用带时间的原始轨迹",
            "wanted a time for each point; came none: it tells where but not when, so it cannot "
            "count as seen; use the original track with times",
        ),
    ),
    "no_points": (
        "error",
        Text(
            "需要至少一个轨迹点，文件里没有。请重新导出",
            "wanted at least one track point; came none; export it again",
        ),
    ),
    "missing_track": (
        "warning",
        Text(
            "需要轨迹文件“{came}”，文件夹里没有，这一行只算申报。请补上轨迹",
            "wanted the track file '{came}'; it is not in the folder, so the row only declares; "
            "put the track there",
        ),
    ),
    "shared_track": (
        "warning",
        Text(
            "轨迹文件“{came}”已归前面的一行，这一行只算申报。若是同行的人，请写在同一行",
            "the track file '{came}' already belongs to a row before, so this one only declares; "
            "write companions into one row",
        ),
    ),
    "no_when": (
        "warning",
        Text(
            "需要巡查时间，这一行没有，不能算在任何一期。请补上",
            "wanted the time of the patrol; came none, so it counts in no period; fill it in",
        ),
    ),
    "no_whens": (
        "warning",
        Text(
            "需要巡查时间，{count} 行都没有，不能算在任何一期。请加上时间列",
            "wanted the times of patrols; none of {count} rows has one, so they count in no "
            "period; add a column of times",
        ),
    ),
    "end_before_start": (
        "warning",
        Text(
            "结束时间早于开始时间（{came}）。请改正",
            "wanted an end after the start; came {came}; correct it",
        ),
    ),
    "sheet_skipped": (
        "warning",
        Text(
            "工作表“{came}”没有认出表头，没有使用。若有数据，请加表头",
            "the sheet '{came}' has no header that is known and was not used; add one if it "
            "holds data",
        ),
    ),
    "sheet_hidden": (
        "warning",
        Text(
            "工作表“{came}”是隐藏的，没有使用。若有效，请取消隐藏",
            "the sheet '{came}' is hidden and was not used; unhide it if it holds good",
        ),
    ),
}


def told(faults: Iterable[Fault], language: Language) -> Rejects:
    """Return the rejects frame of `faults`, in their order, each in words."""
    rows = []
    for fault in faults:
        severity, text = FAULTS[fault.rule]
        message = text.say(language, **fault.values)
        rows.append((fault.file, fault.row, fault.column, fault.rule, severity, message))
    return rejects(rows)


def line(file: str, row: int, column: str, message: str) -> str:
    """Return the one line a fault is shown as.

    >>> line("duties.xlsx", 7, "电话", "wanted ... came ... do ...")
    'duties.xlsx(7,电话): wanted ... came ... do ...'
    >>> line("rivers.shp", 0, "", "wanted ...")
    'rivers.shp: wanted ...'
    """
    place = ",".join([str(row)] * (row > 0) + [column] * (column != ""))
    return f"{file}({place}): {message}" if place else f"{file}: {message}"
