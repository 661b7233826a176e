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

from geo.schema import FINDINGS, Findings, conform_geo, empty
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
    frames = [
        _filled(rows, name, rule.severity, crs)
        for name, rule in declared("geo.rules", "RULE", Rule).items()
        if len(rows := rule.find(study))
    ]
    if not frames:
        return Findings(conform_geo(empty(FINDINGS, crs), FINDINGS))
    everything = pd.concat(frames, ignore_index=True)
    severity = everything["severity"].map({"high": 0, "middle": 1, "low": 2, "review": 3})
    everything = (
        everything.assign(_severity=severity)
        .sort_values(["_severity", "rule", "course_id", "from_m", "finding_id"], kind="stable")
        .drop(columns="_severity")
    )
    return Findings(conform_geo(gpd.GeoDataFrame(everything, crs=crs), FINDINGS))


def _filled(rows: pd.DataFrame, name: str, severity: str, crs: Any) -> gpd.GeoDataFrame:
    unknown = {"text": "", "m": float("nan"), "whole": 0, "on": pd.NaT}
    columns: dict[str, Any] = {
        c.name: _known(rows[c.name], unknown[c.kind]) if c.name in rows else unknown[c.kind]
        for c in FINDINGS.columns
    }
    filled = pd.DataFrame(columns | {"rule": name, "severity": severity}, index=range(len(rows)))
    # A bare NaT has its unit from pandas' version; frames joined below must agree on theirs.
    days = [c.name for c in FINDINGS.columns if c.kind == "on"]
    filled[days] = filled[days].astype("datetime64[us]")
    filled["length_m"] = (filled["to_m"] - filled["from_m"]).fillna(0.0)
    filled["finding_id"] = _ids(filled)
    if isinstance(rows, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(filled, geometry=rows.geometry.to_numpy(), crs=crs)
    nowhere: Any = [None] * len(rows)
    return gpd.GeoDataFrame(filled, geometry=gpd.GeoSeries(nowhere, crs=crs), crs=crs)


def _known(values: pd.Series, unknown: Any) -> Any:
    return (values.where(values.notna(), unknown) if unknown in ("", 0) else values).to_numpy()


def _ids(filled: pd.DataFrame) -> pd.Series:
    """Return ids made of rule and place, so that a finding keeps its id from run to run."""
    place = filled["course_id"].where(filled["course_id"] != "", filled["asset_id"])
    start = filled["from_m"].map(lambda m: "" if pd.isna(m) else f"@{m:.3f}")
    row = filled["row"].map(lambda row: f"#{row}" if row else "")
    ids = filled["rule"] + ":" + place + start + filled["side"] + filled["level"]
    ids += filled["file"] + row
    again = ids.groupby(ids).cumcount()
    return ids + again.map(lambda n: f"~{n + 1}" if n else "")
