"""Put figures into the lines a person reads on a terminal, and into CSV a table program reads."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from geo.findings import Rule, declared
from geo.kinds import KIND_WORDS, MANY
from geo.schema import Files
from geo.words import Language, Text

# What is measured of a still water is its shore.
MEASURED = MANY | {
    kind: Text(f"{KIND_WORDS[kind].zh}岸线", f"{KIND_WORDS[kind].en} shores")
    for kind in ("reservoir", "pond")
}
LENGTHS = Text(
    "{kind}:共 {total} 公里,有人负责 {assigned},无人负责 {unassigned},重叠 {conflicting},"
    "不作要求 {out_of_scope}",
    "{kind}: {total} km; assigned {assigned}, unassigned {unassigned}, conflicting {conflicting}, "
    "out of scope {out_of_scope}",
)
COVERAGE = Text(
    "  巡查:已覆盖 {covered} 公里,存疑 {unsure},逾期 {overdue},从未 {never}",
    "  patrols: covered {covered} km, unsure {unsure}, overdue {overdue}, never {never}",
)
FINDINGS = Text("疑点 {n} 条:{list}", "{n} findings: {list}")
NO_FINDINGS = Text("没有疑点", "no findings")
READ_AS = {
    **MANY,
    "areas": Text("片区", "areas"),
    "parts": Text("部位", "parts"),
    "signs": Text("公示牌", "signs"),
    "posts": Text("里程桩", "posts"),
    "duties": Text("责任表", "duties"),
    "patrols": Text("巡查", "patrols"),
    "problems": Text("问题", "problems"),
    "crews": Text("班组", "crews"),
}
FILE = Text(
    "{path}:{kind},用了 {used}/{rows} 行{facts}",
    "{path}: {kind}, {used} of {rows} rows used{facts}",
)
SEVERAL = Text("{folder}/ 里 {n} 个 {suffix} 文件", "{n} {suffix} files in {folder}/")
NOTHING_WRONG = Text("没有发现问题", "nothing wrong")
WRONG = Text("错误 {errors} 条,提醒 {warnings} 条", "{errors} errors, {warnings} warnings")
# Files of one folder that were read alike and whole are told in one line from so many on.
MANY_ALIKE = 4
FACTS = ("encoding", "crs")
REJECTS = Text("退回 {n} 条(见 check)", "{n} rejects (see check)")
# A cell that begins with one of these runs as a formula when a spreadsheet opens the CSV.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_of(figures: Mapping[str, Any], language: Language) -> str:
    """Return the figures of `gaps` as lines of text."""
    lines = []
    for kind, lengths in figures["lengths"].items():
        name = MEASURED[kind].say(language) if kind in MEASURED else kind
        lines.append(LENGTHS.say(language, kind=name, **_kilometres(lengths)))
        lines.append(COVERAGE.say(language, **_kilometres(figures["coverage"][kind])))
    lines.append(counted(figures["findings"], language))
    if figures["rejects"]:
        lines.append(REJECTS.say(language, n=figures["rejects"]))
    return "\n".join(lines)


def counted(findings: Mapping[str, int], language: Language) -> str:
    """Return one line that counts the findings by rule, in the rules' own words."""
    if not findings:
        return NO_FINDINGS.say(language)
    rules = declared("geo.rules", "RULE", Rule)
    told = [f"{rules[name].title.say(language)} {n}" for name, n in findings.items()]
    comma = "、" if language == "zh" else ", "
    return FINDINGS.say(language, n=sum(findings.values()), list=comma.join(told))


def files_told(files: Files, language: Language) -> list[str]:
    """Return a line a file: what it was read as; many alike, used to the last row, share one."""
    parts = files["path"].astype(object).str.extract(r"^(?:(.*)/)?[^/]*?(\.[^./]+)?$").fillna("")
    whole = files["used"] == files["rows"]
    alike = [parts[0], parts[1], whole, *(files[fact] for fact in ("kind", *FACTS))]
    lines = []
    for (folder, suffix, used_up, *_), group in files.groupby(alike, sort=False):
        if used_up and folder and suffix and len(group) >= MANY_ALIKE:
            path = SEVERAL.say(language, folder=folder, n=len(group), suffix=suffix)
            lines.append(_told(path, group, language))
        else:
            singly = group.groupby("path", sort=False)
            lines += [_told(str(path), file, language) for path, file in singly]
    return lines


def verdict(errors: int, warnings: int, language: Language) -> str:
    """Return the last line of `check`: how much is wrong."""
    told = WRONG if errors or warnings else NOTHING_WRONG
    return told.say(language, errors=errors, warnings=warnings)


def _told(path: str, files: pd.DataFrame, language: Language) -> str:
    first = files.iloc[0]
    comma = "," if language == "zh" else ", "
    return FILE.say(
        language,
        path=path,
        kind=READ_AS[first["kind"]].say(language) if first["kind"] in READ_AS else first["kind"],
        used=files["used"].sum(),
        rows=files["rows"].sum(),
        facts="".join(comma + first[fact] for fact in FACTS if first[fact]),
    )


def csv_of(frame: pd.DataFrame) -> str:
    """Return `frame` without its geometry as CSV whose texts no spreadsheet takes for a formula."""
    plain = frame.drop(columns="geometry", errors="ignore")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(plain.columns)
    for row in plain.itertuples(index=False):
        writer.writerow(_cells(row))
    return out.getvalue()


def _cells(row: Iterable[Any]) -> list[Any]:
    return [
        "" if not isinstance(cell, str) and pd.isna(cell)
        else "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA)
        else cell
        for cell in row
    ]  # fmt: skip


def _kilometres(lengths: Mapping[str, float]) -> dict[str, str]:
    return {name.removesuffix("_m"): f"{metres / 1000:.2f}" for name, metres in lengths.items()}
