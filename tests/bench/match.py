"""Measure the matcher: accuracy on truth tracks or on generated patrols, and speed.

python tests/bench/match.py FOLDER --every 30
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

import numpy as np
import peer
import shapely
import truth as truths

from geo.lines import measure
from geo.match import match
from geo.settings import TOLERANCES, Settings, Tolerance

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
    options = parser.parse_args()
    print(json.dumps(on_truth(options.folder, options.every, options.verbose)))


if __name__ == "__main__":
    main()
