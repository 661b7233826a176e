"""Measure planning on a made-up county; print one JSON line.

    python tests/bench/county_routes.py --seconds 2 30 120 [--required 400] [--crews 6]

A 2,000 km grid of roads with a river through it and bridges every kilometre; `--required`
stretches of 500 m, wanted in full. Seconds are processor seconds from the finished study to the
plan, network and shortest ways included, kernels loaded; the last run is the one to compare with.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from geo import schema
from geo.crews import Crew
from geo.lines import measure
from geo.plan_sums import totals
from geo.routes import plan
from geo.terrain import terrain
from tests.worlds import EAST, NORTH, frame, line


def county(side, required, seed):
    """Roads every 500 m both ways, a river between two of them, stretches to look at."""
    step, last = 500.0, 500.0 * (side - 1)
    rows, shapes = [], []
    for k in range(side):
        for name, fixed in (("v", 0), ("h", 1)):
            along = [
                (k * step, j * step) if fixed == 0 else (j * step, k * step) for j in range(side)
            ]
            rows.append({"course_id": f"{name}{k}", "asset_id": f"{name}{k}", "kind": "road",
                         "name": f"{name}{k}", "length_m": last, "width_m": np.nan})  # fmt: skip
            shapes.append(line(*along))
    rows.append({"course_id": "river", "asset_id": "river", "kind": "river", "name": "river",
                 "length_m": last, "width_m": 30.0})  # fmt: skip
    shapes.append(line((0, last / 2 + 250), (last, last / 2 + 250)))
    courses = frame(schema.COURSES, rows, shapes)
    dice = np.random.default_rng(seed)
    pick = dice.choice(len(rows) * (side - 1), required, replace=False)
    wanted = [
        {"errand_id": f"e{p}", "reason": "overdue", "course_id": rows[p // (side - 1)]["course_id"],
         "from_m": p % (side - 1) * step, "to_m": (p % (side - 1) + 1) * step, "priority": 1.0,
         "minutes": 0.0}
        for p in pick
    ]  # fmt: skip
    return courses, measure(courses), frame(schema.ERRANDS, wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[2.0, 30.0])
    parser.add_argument("--required", type=int, default=400)
    parser.add_argument("--crews", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    courses, lines, wanted = county(45, options.required, options.seed)
    dice = np.random.default_rng(options.seed)
    crews = [
        Crew(f"c{k}", EAST + x, NORTH + y, mode="motorcycle", hours=24.0)
        for k, (x, y) in enumerate(dice.uniform(2000, 20000, (options.crews, 2)))
    ]

    def planned(seconds):
        began = time.process_time()
        made = terrain(courses, lines, wanted)
        found = plan(made, crews, spent=lambda _: (time.process_time() - began + 0.3) / seconds)
        return found, time.process_time() - began

    planned(0.1)
    told = {"network_km": round(float(courses["length_m"].sum()) / 1000), "required": len(wanted)}
    for seconds in options.seconds:
        found, took = planned(seconds)
        told[f"{seconds:g}_s"] = {
            "took_s": round(took, 2),
            "hours": round(float(totals(found.routes)["minutes"].sum()) / 60, 3),
            "unserved": len(found.unserved),
            "iterations": found.tours.iterations,
        }
    last = told[f"{options.seconds[-1]:g}_s"]["hours"]
    for seconds in options.seconds:
        at = told[f"{seconds:g}_s"]
        at["over_last_percent"] = round(100 * (at["hours"] / last - 1), 2)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
