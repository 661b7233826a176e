"""Collect what the rules find wrong.

A rule is a module of `geo.rules` that declares `RULE`; nothing else has to be edited to add one.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import geopandas as gpd
import pandas as pd

from geo.schema import FINDINGS, Findings, conform, empty
from geo.study import Study
from geo.words import Text

Severity = Literal["high", "middle", "low", "review"]
T = TypeVar("T")


@dataclass(frozen=True)
class Rule:
    """What a rule module declares.

    `find` returns one row a finding with any of the columns of FINDINGS; `rule`, `severity` and
    `finding_id` are filled in here, other missing columns with their unknown value. A finding on a
    stretch gets its line as geometry; one elsewhere may bring its own.
    """

    title: Text
    severity: Severity
    find: Callable[[Study], pd.DataFrame]


def declared(package: str, name: str, kind: type[T]) -> dict[str, T]:
    """Return the constant `name` of every module of `package`, by module name, sorted.

    A module that declares none, or one of another kind, is refused with `TypeError`.
    """
    found: dict[str, T] = {}
    for module in sorted(pkgutil.iter_modules(importlib.import_module(package).__path__)):
        thing: Any = getattr(importlib.import_module(f"{package}.{module.name}"), name, None)
        if not isinstance(thing, kind):
            msg = f"{package}.{module.name}: wanted {name} to be a {kind.__name__}, got {thing!r}"
            raise TypeError(msg)
        found[module.name] = thing
    return found


def collect(study: Study) -> Findings:
    """Return the findings of every rule on `study`, worst first, then by place."""
    crs = study.courses.crs
    frames = [empty(FINDINGS, crs)]
    for name, rule in declared("geo.rules", "RULE", Rule).items():
        frames.append(_filled(rule.find(study), name, rule.severity, crs))
    everything = gpd.GeoDataFrame(
        pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True), crs=crs
    )
    order = everything["severity"].map({"high": 0, "middle": 1, "low": 2, "review": 3})
    everything = everything.assign(_order=order).sort_values(
        ["_order", "rule", "course_id", "from_m", "finding_id"], kind="stable"
    )
    return Findings(conform(everything.drop(columns="_order"), FINDINGS))


def _filled(rows: pd.DataFrame, name: str, severity: str, crs: Any) -> pd.DataFrame:
    blank = empty(FINDINGS, crs)
    columns: dict[str, Any] = {}
    for column in FINDINGS.columns:
        given = rows.get(column.name)
        default = {"text": "", "m": float("nan"), "whole": 0, "on": pd.NaT}[column.kind]
        columns[column.name] = default if given is None else given.to_numpy()
    columns |= {"rule": name, "severity": severity}
    filled = pd.DataFrame(columns, index=range(len(rows)))
    filled["length_m"] = (filled["to_m"] - filled["from_m"]).fillna(0.0)
    place = filled["course_id"].where(filled["course_id"] != "", filled["asset_id"])
    start = filled["from_m"].map(lambda m: "" if pd.isna(m) else f"@{m:.3f}")
    where = (
        place + start + filled["side"] + filled["level"]
        + filled["file"].where(filled["row"] == 0, filled["file"] + "#" + filled["row"].map(str))
    )  # fmt: skip
    filled["finding_id"] = f"{name}:" + where
    again = filled.groupby("finding_id").cumcount()
    filled["finding_id"] += again.map(lambda n: f"~{n + 1}" if n else "")
    geometry = rows.geometry.to_numpy() if isinstance(rows, gpd.GeoDataFrame) else None
    return gpd.GeoDataFrame(
        filled[[c for c in blank.columns if c != "geometry"]], geometry=geometry, crs=crs
    ) if geometry is not None else gpd.GeoDataFrame(
        filled[[c for c in blank.columns if c != "geometry"]],
        geometry=gpd.GeoSeries([None] * len(rows), crs=crs), crs=crs,
    )  # fmt: skip
