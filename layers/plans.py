"""Keep a plan beside the results, so that it can be drawn again and held against what was done."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.dispatch import Dispatched
from geo.schema import Errands, Routes, Unserved
from geo.study import Study
from geo.words import Text
from layers.faults import PatrolmapError
from layers.store import read_results, run_record, write_frames

NAME = "plan.gpkg"
NO_PLAN = Text(
    "需要先排好的计划 {path},没有找到;请先运行 patrolmap routes",
    "wanted a plan at {path}; there is none; run patrolmap routes first",
)
NOT_A_PLAN = Text(
    "{path}:需要 patrolmap routes 写的计划,来的是别的结果文件",
    "{path}: wanted a plan written by patrolmap routes; came another file of results",
)
OTHER_CRS = Text(
    "计划的坐标系与现在的数据不同,不能对照;请重新运行 patrolmap routes",
    "the plan lies in another reference system than the data do now; run patrolmap routes anew",
)
CHANGED = Text(
    "排计划之后这些文件变了,桩号可能对不上:{files}",
    "these files changed since the plan was made, so chainages may differ: {files}",
)


@dataclass(frozen=True)
class Plan:
    """A plan that was kept: what it says, the date of its day 1, and the record of its run."""

    routes: Routes
    errands: Errands
    unserved: Unserved
    first_on: pd.Timestamp
    run: pd.DataFrame


def keep_plan(study: Study, made: Dispatched, path: Path) -> None:
    """Write a plan at `path`, whole or not at all, the same bytes for the same plan.

    Layer `run` records versions, parameters, the hash of every input file, and the plan's first
    day.
    """
    planned = made.planned
    frames = {"routes": planned.routes, "errands": made.errands, "unserved": planned.unserved}
    first = pd.DataFrame([("first_on", made.first_on.isoformat())], columns=["key", "value"])
    run = pd.concat([run_record(study), first], ignore_index=True)
    write_frames(path, frames, run, study.inputs.crs)


def read_plan(path: Path, study: Study) -> Plan:
    """Return the plan kept at `path`.

    Raises `PatrolmapError` when there is none, or when it lies in another reference system than
    `study`.
    """
    language = study.settings.language
    if not path.is_file():
        raise PatrolmapError(NO_PLAN.say(language, path=path))
    frames = read_results(path)
    run = frames["run"].set_index("key")["value"]
    if "first_on" not in run or not {"routes", "errands", "unserved"} <= frames.keys():
        raise PatrolmapError(NOT_A_PLAN.say(language, path=path))
    if run["crs"] != run_record(study).set_index("key")["value"]["crs"]:
        raise PatrolmapError(OTHER_CRS.say(language))
    return Plan(
        Routes(gpd.GeoDataFrame(frames["routes"])),
        Errands(frames["errands"]),
        Unserved(frames["unserved"]),
        pd.Timestamp(run["first_on"]),
        frames["run"],
    )


def read_routes(path: Path) -> Routes | None:
    """Return the routes of a plan kept at `path`, None where there is none."""
    return Routes(gpd.GeoDataFrame(read_results(path)["routes"])) if path.is_file() else None


def doubts(plan: Plan, study: Study) -> list[str]:
    """Return a line naming the layers that changed since the plan was made, if any did."""
    then = plan.run.set_index("key")["value"]
    files = study.inputs.files
    drawn = files[files["kind"].isin(["river", "canal", "road", "reservoir", "pond", "osm"])]
    now = zip(drawn["path"], drawn["sha256"], strict=True)
    changed = [path for path, sha in now if then.get(f"sha256.{path}", "") != sha]
    if not changed:
        return []
    return [CHANGED.say(study.settings.language, files="、".join(changed))]
