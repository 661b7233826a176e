"""Measure the matcher: accuracy on truth tracks or on generated patrols, and speed.

python tests/bench/match.py FOLDER --every 30
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import numpy as np
import peer
import pyarrow as pa
import shapely
import town
import truth as truths
from pyarrow import csv
from pyarrow import parquet as pq

from geo import runs
from geo.candidates import prepare
from geo.cleaning import clean_arrays
from geo.junctions import connect
from geo.lines import measure
from geo.match import match, match_tracks
from geo.settings import BY_LAND, TOLERANCES, Settings, Tolerance

# Lines of carriageways without a width, driven by car: half a wide road, and the map's own error.
CARRIAGEWAY = Settings(tolerances=TOLERANCES | {"road": Tolerance(30.0, 40.0)})


def thinned(one, every):
    rows, last = [], -1e18
    for n, t in enumerate(one.track[:, 2]):
        if t >= last + every - 1e-6:
            rows.append(n)
            last = t
    return rows


def scores(hit, given, wanted):
    precision, recall = hit / max(given, 1e-9), hit / max(wanted, 1e-9)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def on_truth(folder, every, verbose):
    totals = {}

    def add(who, spans, wanted, took):
        t = totals.setdefault(who, [0.0, 0.0, 0.0, 0.0])
        parts = truths.common(spans, wanted), truths.metres(spans), truths.metres(wanted), took
        for n, part in enumerate(parts):
            t[n] += part
        return parts

    fixes = 0
    warm()
    for one in sorted(p for p in Path(folder).iterdir() if p.is_dir()):
        world = truths.read(one)
        rows = thinned(world, every)
        fixes += len(rows)
        kept = type(world.fixes)(world.fixes.iloc[rows].reset_index(drop=True))
        for who, settings in (("patrolmap", CARRIAGEWAY), ("default_tolerance", Settings())):
            start = time.process_time()
            found = match(
                kept, world.patrols, world.courses, world.lines, settings, oneway=world.oneway
            ).passages
            took = time.process_time() - start
            number = world.lines.numbers(found["course_id"])
            every_span = list(zip(number, found["from_m"], found["to_m"], strict=True))
            sure = [s for s, c in zip(every_span, found["certainty"], strict=True) if c == "sure"]
            parts = add(who, sure, world.spans, took)
            add(who + "_with_unsure", every_span, world.spans, took)
        for setting, (spans, peer_took) in zip(
            peer.SETTINGS, peer.match(world, world.track[rows]), strict=True
        ):
            peer_parts = add(f"fastmm {setting}", spans, world.spans, peer_took)
            if verbose and setting == peer.SETTINGS[0]:
                print(
                    one.name,
                    len(rows),
                    "default",
                    scores(*parts[:3]),
                    "fmm",
                    scores(*peer_parts[:3]),
                    file=sys.stderr,
                )
    best = max(
        (w for w in totals if w.startswith("fastmm")), key=lambda w: scores(*totals[w][:3])["f1"]
    )
    result = {"bench": "match", "every_s": every, "fixes": fixes} | scores(*totals["patrolmap"][:3])
    result["fixes_per_cpu_s"] = round(fixes / totals["patrolmap"][3])
    result["tolerance_m"] = [30, 40]
    for who in ("patrolmap_with_unsure", "default_tolerance", "default_tolerance_with_unsure"):
        result[who] = scores(*totals[who][:3])
    result["peer"] = {"name": best} | scores(*totals[best][:3])
    result["peer"]["fixes_per_cpu_s"] = round(fixes / totals[best][3])
    return result


KEYS = 10_000
# Fixes in memory at once when a log is read as a stream: a column of them is more than 4 MB, for
# which numpy asks the system in large pages. In small ones getting memory takes as long as matching.
BLOCK_FIXES = 1_000_000


def keyed(patrols, courses):
    """One number for a patrol on a course, so that spans of all patrols can be joined."""
    return (np.asarray(patrols) * KEYS + np.asarray(courses)).astype(np.int64)


def matched_rows(world, workers=1):
    """Rows of the matcher on arrays, and the CPU seconds of preparing, cleaning and matching."""
    start = time.process_time()
    grid = prepare(world.courses, world.lines, Settings())
    network = connect(world.courses, world.lines, grid)
    prepared = time.process_time()
    patrols = int(world.patrol.max()) + 1
    unknown, track = np.full(len(world.x), np.nan), np.ones(len(world.x), dtype=bool)
    fastest = np.full(patrols, BY_LAND.fastest_m_s)
    tracks, _ = clean_arrays(world.patrol, world.x, world.y, world.t, unknown, track, fastest)
    errands = np.zeros(patrols + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    rows = match_tracks(grid, network, tracks, errands, Settings(), workers=workers)
    return rows, prepared - start, time.process_time() - prepared


def on_town(patrols, seed):
    """Accuracy on a generated town: sure metres, and those of the likeliest explanation."""
    warm()
    world = town.build(patrols, seed)
    matched_rows(world)
    rows, _, took = matched_rows(world)
    numbers, courses, a, b = np.array(world.spans).T
    wanted = truths.union(zip(keyed(numbers, courses), a, b, strict=True))
    result = {"bench": "match", "generated": patrols, "seed": seed, "fixes": len(world.x)}
    first = rows[:, runs.REASON] != runs.NEARER
    for name, some in (("sure", rows[rows[:, runs.UNSURE] == 0]), ("likeliest", rows[first])):
        key = keyed(some[:, runs.PATROL], some[:, runs.COURSE])
        got = truths.union(zip(key, some[:, runs.FROM_M], some[:, runs.TO_M], strict=True))
        hit = truths.common(got, wanted)
        result[name] = scores(hit, truths.metres(got), truths.metres(wanted))
        result[name] |= crossed(got, world.crossings)
    result["fixes_per_cpu_s"] = round(len(world.x) / took)
    return result


def crossed(got, crossings):
    """Shares of crossings that got more than 20 false metres within 300 m: all, and upright ones."""
    by_key = {}
    for key, a, b in got:
        by_key.setdefault(key, []).append((a, b))
    false = []
    for patrol, course, m, degrees in crossings:
        spans = by_key.get(int(keyed(patrol, course)), [])
        metres = sum(max(0.0, min(b, m + 300) - max(a, m - 300)) for a, b in spans)
        false.append((metres > 20, degrees > 75))
    false = np.array(false, dtype=bool)
    upright = false[false[:, 1], 0]
    return {
        "crossings": len(false),
        "crossings_false": round(float(false[:, 0].mean()), 4),
        "upright_false": round(float(upright.mean()), 4),
    }


def from_parquet(patrols, seed, fixes):
    """Speed and memory from a Parquet file to rows, beside pyarrow reading the fixes from CSV.

    The patrols are written over and over again until there are enough fixes, and read back by
    whole patrols, so that memory does not grow with the file; in a process of its own, so that
    making them does not count.
    """
    world = town.build(patrols, seed)
    with tempfile.TemporaryDirectory() as folder:
        block = write_log(world, max(fixes, len(world.x)), Path(folder) / "fixes.parquet")
        numbers = {name: block[name] for name in ("patrol", "t_ms")}
        metres = {name: np.asarray(block[name]) / 100 for name in ("x_cm", "y_cm")}
        csv.write_csv(pa.table(numbers | metres), Path(folder) / "fixes.csv")
        with multiprocessing.get_context("spawn").Pool(1) as alone:
            found = alone.apply(streamed, (str(Path(folder) / "fixes.parquet"), seed))
        took = []
        for _ in range(3):
            start = time.process_time()
            csv.read_csv(Path(folder) / "fixes.csv")
            took.append(time.process_time() - start)
    peer_rate = {"name": "pyarrow CSV", "fixes_per_cpu_s": round(len(block) / min(took))}
    return {"bench": "match"} | found | {"peer": peer_rate}


def write_log(world, fixes, path):
    """Write patrols again and again, a row group of whole patrols each; return the first.

    In centimetres and milliseconds, as differences: a seventh of the plain numbers, and faster.
    """
    copies = -(-BLOCK_FIXES // len(world.x))
    patrols = int(world.patrol.max()) + 1
    number = np.concatenate([world.patrol + n * patrols for n in range(copies)])
    whole = {
        "x_cm": np.round(world.x * 100).astype(np.int32),
        "y_cm": np.round(world.y * 100).astype(np.int32),
        "t_ms": np.round(world.t * 1000).astype(np.int64),
    }
    block = pa.table({"patrol": number} | {n: np.tile(part, copies) for n, part in whole.items()})
    how = dict.fromkeys(block.column_names, "DELTA_BINARY_PACKED")
    with pq.ParquetWriter(
        path, block.schema, compression="zstd", use_dictionary=False, column_encoding=how
    ) as writer:
        for _ in range(-(-fixes // len(block))):
            writer.write_table(block, row_group_size=len(block))
    return block


def streamed(path, seed):
    """Match a log by row groups; the best of three runs over it."""
    warm()
    world = town.build(1, seed)
    file = pq.ParquetFile(path)
    bare = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took = []
    for _ in range(3):
        start, preparing = time.process_time(), 0.0
        for group in range(file.num_row_groups):
            read = file.read_row_group(group, use_threads=False)
            world.patrol = read["patrol"].to_numpy()
            world.x, world.y = read["x_cm"].to_numpy() / 100, read["y_cm"].to_numpy() / 100
            world.t = read["t_ms"].to_numpy() / 1000
            preparing += matched_rows(world)[1]
        took.append((time.process_time() - start - preparing, preparing))
    matching, preparing = min(took)
    fixes = file.metadata.num_rows
    return {
        "parquet_fixes": fixes,
        "fixes_per_cpu_s": round(fixes / matching),
        "prepare_s": round(preparing / file.num_row_groups, 4),
        "imports_mb": round(bare),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def warm():
    """Load the compiled kernels, so that the first track does not pay for them."""
    x = np.arange(0.0, 500.0, 5.0)
    shape = shapely.LineString([(0, 0), (500, 0)])
    courses = truths.as_courses([shape], "EPSG:32631")
    fixes, patrols = truths.as_patrol(x, np.zeros(len(x)), x)
    match(fixes, patrols, courses, measure(courses), Settings())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between fixes")
    parser.add_argument("--verbose", action="store_true", help="each track, on stderr")
    parser.add_argument("--generated", type=int, metavar="PATROLS")
    parser.add_argument("--parquet", type=int, metavar="PATROLS")
    parser.add_argument("--fixes", type=int, default=0, help="at least so many, with --parquet")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if options.generated:
        result = on_town(options.generated, options.seed)
    elif options.parquet:
        result = from_parquet(options.parquet, options.seed, options.fixes)
    elif options.folder:
        result = on_truth(options.folder, options.every, options.verbose)
    else:
        parser.error("wanted a FOLDER, --generated or --parquet")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
