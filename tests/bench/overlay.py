"""Measure the linear-referencing core against its peers, in one process, one thread each.

    python tests/bench/overlay.py --courses 50000 --events 100000

Makes `--courses` stretches that tile lines (25 a line) and `--events` duties on these lines from a
seed, then prints one JSON line: CPU-seconds of each engine (best of three for ours), how many times
as long the peers took, and whether all engines gave the same sums. `diff_mm` must be 0.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from linref.events.base import EventsData
from linref.events.integration import integrate
from shapely.ops import substring

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.intervals import Stretches, at_least, gaps, overlay, pieces, total_mm
from geo.lines import cut, measure, place
from geo.locate import gridded, locate, located

STRETCHES_A_LINE = 25


def timed(work, *, times=1):
    """Return the result and the least CPU-seconds of so many runs."""
    least, result = float("inf"), None
    for _ in range(times):
        start = time.process_time()
        result = work()
        least = min(least, time.process_time() - start)
    return result, round(least, 4)


def world(courses, events, rng):
    """Lines of about 850 m, stretches that tile them, and duties on them."""
    lines = max(1, courses // STRETCHES_A_LINE)
    heading = np.cumsum(rng.normal(0, 0.3, (lines, 43)), axis=1)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=-1) * 20
    xy = np.cumsum(steps, axis=1) + rng.uniform(0, 50_000, (lines, 1, 2)) + [500_000, 3_000_000]
    drawn = shapely.linestrings(xy)
    frame = gpd.GeoDataFrame(
        {"course_id": np.arange(lines).astype(str), "closed": False},
        geometry=drawn,
        crs="EPSG:4547",
    )
    measured = measure(frame)
    length_mm = np.rint(measured.length_m * 1000).astype(np.int64)
    cuts = np.sort(rng.integers(1, length_mm[:, None], (lines, STRETCHES_A_LINE - 1)), axis=1)
    bounds = np.c_[np.zeros(lines, np.int64), cuts, length_mm]
    tiles = Stretches(
        np.repeat(np.arange(lines), STRETCHES_A_LINE), bounds[:, :-1].ravel(), bounds[:, 1:].ravel()
    )
    tiles = tiles.take(tiles.length_mm > 0)
    owner = rng.integers(0, lines, events)
    start = rng.integers(0, length_mm[owner])
    end = np.minimum(start + rng.integers(1_000, 80_000, events), length_mm[owner])
    return measured, drawn, tiles, Stretches(owner, start, end)


def frame_of(layer):
    return pd.DataFrame({"c": layer.course, "a": layer.from_mm, "b": layer.to_mm})


def events_of(layer):
    """Whole millimetres are exact in linref's floats, and half-open is its 'left'."""
    return EventsData(
        groups=layer.course, begs=layer.from_mm, ends=layer.to_mm, closed="left", dtype=float
    )


def bench_overlay(tiles, duties, con):
    ours, ours_s = timed(lambda: overlay(duties, tiles), times=3)
    total = int(ours.stretches.length_mm.sum())
    left, right = frame_of(duties), frame_of(tiles)
    con.register("l", left)
    con.register("r", right)
    said = "select sum(least(l.b, r.b) - greatest(l.a, r.a)), count(*) from l join r on l.c = r.c and l.a < r.b and r.a < l.b"
    (duck_sum, duck_rows), duck_s = timed(lambda: con.execute(said).fetchall()[0], times=3)

    def by_pandas():
        both = left.merge(right, on="c")
        shared = np.minimum(both["b_x"], both["b_y"]) - np.maximum(both["a_x"], both["a_y"])
        return int(shared[shared > 0].sum())

    pandas_sum, pandas_s = timed(by_pandas)
    one, other = events_of(duties), events_of(tiles)
    matrix, linref_s = timed(lambda: one.overlay(other, normalize=False))
    sums = {"duckdb": int(duck_sum), "pandas": pandas_sum, "linref": round(float(matrix.sum()))}
    return {
        "pairs": len(ours.left), "duckdb_pairs": int(duck_rows), "ours_s": ours_s,
        "duckdb_s": duck_s, "pandas_s": pandas_s, "linref_s": linref_s,
        "linref_ratio": round(linref_s / ours_s, 1), "duckdb_ratio": round(duck_s / ours_s, 1),
        "pandas_ratio": round(pandas_s / ours_s, 1),
        "diff_mm": max(abs(total - there) for there in sums.values()),
    }  # fmt: skip


def bench_sweep(measured, duties, con):
    whole_m = measured.length_m

    def ours():
        found = pieces(duties)
        return gaps(duties, whole_m), at_least(found, 2)

    (free, twice), ours_s = timed(ours, times=3)
    count = len(measured)
    length_mm = np.rint(whole_m * 1000).astype(np.int64)
    all_of_it = Stretches(np.arange(count), np.zeros(count, np.int64), length_mm)
    here = int(total_mm(free, count).sum()), int(total_mm(twice, count).sum())
    duty_rows, line_rows = frame_of(duties), frame_of(all_of_it)

    def by_pandas():
        ends = (
            pd.concat(
                [
                    line_rows.assign(at=0, by=0)[["c", "at", "by"]],
                    line_rows.assign(at=line_rows["b"], by=0)[["c", "at", "by"]],
                    duty_rows.assign(at=duty_rows["a"], by=1)[["c", "at", "by"]],
                    duty_rows.assign(at=duty_rows["b"], by=-1)[["c", "at", "by"]],
                ]
            )
            .groupby(["c", "at"], as_index=False)["by"]
            .sum()
        )
        depth = ends.groupby("c")["by"].cumsum()
        long = ends.groupby("c")["at"].shift(-1) - ends["at"]
        return int(long[depth == 0].sum()), int(long[depth >= 2].sum())

    pandas_sums, pandas_s = timed(by_pandas)
    con.register("d", duty_rows)
    con.register("w", line_rows)
    said = """
        with e as (
            select c, mm, sum(d) as d from (
                select c, 0 as mm, 0 as d from w union all select c, b, 0 from w
                union all select c, a, 1 from d union all select c, b, -1 from d
            ) group by c, mm
        ), p as (
            select lead(mm) over k - mm as long, sum(d) over k as deep from e
            window k as (partition by c order by mm)
        )
        select sum(long) filter (where deep = 0), sum(long) filter (where deep >= 2) from p"""
    duck_sums, duck_s = timed(lambda: con.execute(said).fetchall()[0], times=3)
    several = [events_of(all_of_it), events_of(duties)]
    # linref names the first event of each piece only: it knows gaps, and no second owner.
    (pieces_, owners), linref_s = timed(lambda: integrate(several, return_index=True))
    linref_free = float(pieces_.lengths[np.asarray(owners)[:, 1] < 0].sum())
    wrong = [abs(here[k] - int(sums[k])) for sums in (pandas_sums, duck_sums) for k in (0, 1)]
    return {
        "unassigned_m": here[0] / 1000, "twice_m": here[1] / 1000, "ours_s": ours_s,
        "duckdb_s": duck_s, "pandas_s": pandas_s, "linref_s": linref_s,
        "linref_ratio": round(linref_s / ours_s, 1), "duckdb_ratio": round(duck_s / ours_s, 1),
        "pandas_ratio": round(pandas_s / ours_s, 1), "diff_mm": max(wrong),
        "linref_unassigned_diff_mm": round(abs(linref_free - here[0])),
    }  # fmt: skip


def bench_cut(measured, drawn, tiles):
    some = tiles.take(slice(0, 2_000))
    lines, ours_s = timed(lambda: cut(measured, tiles.course, tiles.from_m, tiles.to_m), times=3)
    scale = np.array([line.length for line in drawn]) / measured.length_m

    def by_shapely():
        rows = zip(some.course, some.from_m, some.to_m, strict=True)
        return [substring(drawn[c], a * scale[c], b * scale[c]) for c, a, b in rows]

    theirs, shapely_s = timed(by_shapely)
    shapely_s *= len(tiles) / len(some)
    apart = shapely.hausdorff_distance(np.array(theirs), lines[: len(some)])
    return {
        "segments": len(tiles), "ours_s": ours_s, "segments_per_s": round(len(tiles) / ours_s),
        "shapely_substring_s": round(shapely_s, 3), "shapely_ratio": round(shapely_s / ours_s, 1),
        "max_apart_m": round(float(apart.max()), 4),
    }  # fmt: skip


def bench_locate(measured, drawn, points, rng):
    number = rng.integers(0, len(measured), points)
    x, y, _ = place(measured, number, rng.uniform(0, 1, points) * measured.length_m[number])
    x, y = x + rng.normal(0, 15, points), y + rng.normal(0, 15, points)
    locate(measured, x[:1], y[:1], 50.0)
    grid, grid_s = timed(lambda: gridded(measured, 50.0), times=3)
    found, ours_s = timed(lambda: located(grid, x, y), times=3)
    some = shapely.points(x[:20_000], y[:20_000])
    tree = shapely.STRtree(drawn)

    def by_shapely():
        (point, line), distance = tree.query_nearest(
            some, max_distance=50.0, return_distance=True, all_matches=False
        )
        return point, distance, shapely.line_locate_point(drawn[line], some[point])

    (point, distance, _), shapely_s = timed(by_shapely)
    least = np.full(points, np.inf)
    np.minimum.at(least, found.point, found.offset_m)
    shapely_s *= points / len(some)
    return {
        "points": points, "km": round(float(measured.length_m.sum()) / 1000), "grid_s": grid_s,
        "ours_s": ours_s, "points_per_s": round(points / ours_s), "places": len(found),
        "shapely_nearest_s": round(shapely_s, 2), "shapely_ratio": round(shapely_s / ours_s, 1),
        "max_apart_m": float(np.abs(least[point] - distance).max()),
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--courses", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    measured, drawn, tiles, duties = world(asked.courses, asked.events, rng)
    # Kernels are compiled before the clock starts; the second process finds them cached.
    cut(measured, tiles.course[:1], tiles.from_m[:1], tiles.to_m[:1])
    con = duckdb.connect(config={"threads": 1})
    print(
        json.dumps(
            {
                "bench": "overlay", "courses": len(tiles), "lines": len(measured),
                "events": len(duties), "seed": asked.seed,
                "overlay": bench_overlay(tiles, duties, con),
                "sweep": bench_sweep(measured, duties, con),
                "cut": bench_cut(measured, drawn, tiles),
                "locate": bench_locate(measured, drawn, asked.points, rng),
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
