"""The peer: FMM as fastmm brings it, on the same courses, scored in the same metres."""

import contextlib
import os
import tempfile
import time

import numpy as np

SETTINGS = ((16, 50.0, 10.0), (8, 30.0, 8.0), (16, 100.0, 20.0))


@contextlib.contextmanager
def quiet():
    """It logs to the file descriptor of stdout, which is ours for one JSON line."""
    stdout, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(stdout, 1)
        os.close(nowhere)
        os.close(stdout)


def match(truth, rows):
    """Spans and CPU seconds, one pair a setting."""
    import fastmm

    with quiet(), tempfile.TemporaryDirectory() as cache:
        network = fastmm.Network()
        for number, (a, b) in enumerate(truth.arcs.tolist()):
            if a != b:
                network.add_edge(number, a, b, [tuple(truth.xy[a]), tuple(truth.xy[b])], None)
        network.finalize()
        matcher = fastmm.FastMapMatch(
            network,
            fastmm.TransitionMode.SHORTEST,
            max_distance_between_candidates=3000.0,
            cache_dir=cache,
        )
        trajectory = fastmm.Trajectory.from_xyt_tuples([tuple(row) for row in rows.tolist()])
        results = []
        for most, radius, error in SETTINGS:
            start = time.process_time()
            found = matcher.match(trajectory, most, radius, error)
            results.append((spans(found, truth), time.process_time() - start))
    return results


def spans(found, truth):
    """Every edge of the matched path whole, the first and the last cut to where it matched."""
    out = []
    for part in found.subtrajectories:
        pairs = [(segment, edge) for segment in part.segments for edge in segment.edges]
        for n, (segment, edge) in enumerate(pairs):
            a, b = truth.arcs[edge.edge_id].tolist()
            number, m0, m1, first = truth.arc_place[min(a, b), max(a, b)]
            length = float(np.hypot(*(truth.xy[b] - truth.xy[a])))
            low = segment.p0.offset_from_start_of_edge / length if n == 0 else 0.0
            alone = edge.edge_id == pairs[-1][1].edge_id
            high = segment.p1.offset_from_start_of_edge / length if n == len(pairs) - 1 else 1.0
            if alone and n < len(pairs) - 1:
                # Still on the last edge: how far is said by the last match.
                high = pairs[-1][0].p1.offset_from_start_of_edge / length
            if edge.edge_id == pairs[0][1].edge_id:
                low = pairs[0][0].p0.offset_from_start_of_edge / length
            ends = sorted(m0 + (m1 - m0) * (s if a == first else 1 - s) for s in (low, high))
            out.append((number, *ends))
    return out
