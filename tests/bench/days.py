"""Memory and time of a whole command on a project of daily files: at first, and with one day more.

    python tests/bench/days.py --fixes 1000000 --fixes 5000000 [--command gaps]

Each size is a folder of generated courses and one CSV file of patrols a day. Every run is a process
of its own; `peak_mb` is what it held at most, `alone_mb` the same without any patrol.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]
import town

PATROLS = 12
FIRST_DAY = pd.Timestamp("2025-01-01T01:00Z")


def courses_into(folder, world):
    """One file for each kind of course."""
    for kind, some in world.courses.groupby("kind"):
        shapes = gpd.GeoDataFrame({"名称": some["name"]}, geometry=some.geometry, crs="EPSG:4547")
        shapes.to_crs(4326).to_file(folder / f"{kind}s.geojson", driver="GeoJSON")


def one_day(world):
    """Fixes of a day: number of the patrol, degrees, seconds since its start."""
    back = pyproj.Transformer.from_crs(4547, 4326, always_xy=True)
    lon, lat = back.transform(world.x, world.y)
    return pd.DataFrame(
        {
            "轨迹编号": world.patrol,
            "姓名": np.array([f"巡查员{n}" for n in range(PATROLS)], dtype=object)[world.patrol],
            "时间": world.t - 1e9,
            "经度": np.round(lon, 7),
            "纬度": np.round(lat, 7),
        }
    )


def write_day(folder, fixes, number):
    """The patrols of a day as a file; on no two days are they quite the same."""
    at = FIRST_DAY + pd.Timedelta(days=number) + pd.to_timedelta(fixes["时间"].round(), unit="s")
    moved = fixes.assign(
        时间=at.dt.strftime("%Y-%m-%d %H:%M:%S"), 经度=fixes["经度"] + number * 1e-7
    )
    moved.to_csv(folder / f"{number:04d}.csv", index=False, float_format="%.7f")


def run(folder, command):
    """CPU seconds and megabytes of a command in a process of its own."""
    words = [sys.executable, "-m", "scripts.cli", command, str(folder), "--quiet"]
    with subprocess.Popen(
        [*words, "--as-of", "2026-01-01"], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        msg = f"wanted {command} to end well, it ended with {child.returncode}"
        raise RuntimeError(msg)
    cpu = round(used.ru_utime + used.ru_stime, 2)
    return {"cpu_s": cpu, "peak_mb": round(used.ru_maxrss / 1024)}


def on_days(fixes, seed, command):
    world = town.build(PATROLS, seed)
    day = one_day(world)
    days = -(-fixes // len(day))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        courses_into(folder, world)
        alone = run(folder, command)
        patrols = folder / "patrols"
        patrols.mkdir()
        for number in range(days):
            write_day(patrols, day, number)
        first = run(folder, command)
        write_day(patrols, day, days)
        again = run(folder, command)
        kept = sum(f.stat().st_size for f in (folder / "out").glob("matched*")) / 1e6
    return {
        "bench": "days",
        "command": command,
        "days": days,
        "fixes": days * len(day),
        "alone_mb": alone["peak_mb"],
        "alone_cpu_s": alone["cpu_s"],
        "first": first,
        "new_day": again,
        "kept_mb": round(kept),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fixes", type=int, action="append", help="of each size; default 1000000")
    parser.add_argument("--command", default="map", choices=["gaps", "map"])
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    for fixes in options.fixes or [1_000_000]:
        print(json.dumps(on_days(fixes, options.seed, options.command)), flush=True)


if __name__ == "__main__":
    main()
