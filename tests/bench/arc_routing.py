"""Measure the arc router on a public instance, beside PyVRP if asked; print one JSON line.

    python tests/bench/arc_routing.py INSTANCE --seconds 20 --seed 1 [--best CSV] [--peer pyvrp]
    python tests/bench/arc_routing.py --made 255 375 347 20 --seconds 20 --peer pyvrp

`--made` draws a rural network of so many nodes and edges, of which so many are required, for so
many vehicles: like the winter gritting instances in size and kind. Reads CARPLIB text (gdb, kshs, val, egl ...), windy rural postman text (two costs an edge; the
longest of `--tours` tours is shortened) and MCGRP text (nodes, edges and arcs). Seconds are
processor seconds of this process, the kernel already loaded.
"""

import argparse
import csv
import itertools
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree, shortest_path
from scipy.spatial import Delaunay

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.arcs import MUST, Tours, Work, solve
from geo.tours import FAR
from geo.twins import solve_twins


@dataclass
class Instance:
    """A graph with tasks. Nodes count from 0; a task is (from, to, there, back, demand)."""

    name: str
    nodes: int
    depot: int
    capacity: int  # 0: none, shorten the longest tour instead
    vehicles: int  # as the file says, 0 where it does not
    arcs: list[tuple[int, int, int]]
    tasks: list[tuple[int, int, int, int, int]]
    constant: int = 0


def read(path: Path) -> Instance:
    text = path.read_text(encoding="latin-1")
    return _mcgrp(path.stem, text) if "#Nodes" in text else _carplib(path.name, text)


def _carplib(name: str, text: str) -> Instance:
    head = {
        key.strip(): value.strip()
        for key, value in re.findall(r"^\s*(\w+)\s*:([^\n]*)", text, re.MULTILINE)
    }
    edge = re.compile(
        r"\(\s*(\d+)\s*[,\s]\s*(\d+)\s*\)\s*cost\w*:?\s+(\d+)(?:\s+(\d+))?(?:\s+demand\w*:?\s+(\d+))?",
        re.IGNORECASE,
    )
    required, other = re.split(r"LISTA_ARISTAS_NOREQ", text + "LISTA_ARISTAS_NOREQ")[:2]
    arcs, tasks = [], []
    for part, wanted in ((required, True), (other, False)):
        for found in edge.finditer(part):
            u, v, there = (int(found[k]) for k in (1, 2, 3))
            back = int(found[4]) if found[4] else there
            # The windy files write an edge's forbidden direction as 9999.
            there, back = (FAR if found[4] and c >= 9999 else c for c in (there, back))
            arcs += [(u - 1, v - 1, there), (v - 1, u - 1, back)]
            if wanted:
                tasks.append((u - 1, v - 1, there, back, int(found[5] or 0)))
    wanted = int(head.get("ARISTAS_REQ", len(tasks)))
    if len(tasks) != wanted:
        raise ValueError(f"{name}: wanted {wanted} required edges, found {len(tasks)}")
    return Instance(
        name=name.removesuffix(".dat"),
        nodes=int(head["VERTICES"]),
        depot=int((head.get("DEPOSITO") or "1").split()[0]) - 1,
        capacity=int(head.get("CAPACIDAD", "0")),
        vehicles=int(head.get("VEHICULOS", "0")),
        arcs=arcs,
        tasks=tasks,
    )


def _mcgrp(name: str, text: str) -> Instance:
    head = {
        k.strip(): v.split()[0]
        for k, v in re.findall(r"^([^:\n]+):\s*(\S[^\n]*)", text, re.MULTILINE)
    }
    arcs: list[tuple[int, int, int]] = []
    tasks: list[tuple[int, int, int, int, int]] = []
    for line in text.splitlines():
        words = line.split()
        if not words or ":" in line:
            continue
        code = re.match(r"(NrE|NrA|N|E|A)(\d+)$", words[0])
        if not code:
            continue
        numbers = [int(word) for word in words[1:]]
        kind = code[1]
        if kind == "N":
            node = int(code[2]) - 1
            serving = numbers[1] if len(numbers) > 1 else 0
            tasks.append((node, node, serving, serving, numbers[0]))
            continue
        u, v = numbers[0] - 1, numbers[1] - 1
        cost = numbers[2]
        back = cost if kind in ("E", "NrE") else FAR
        arcs += [(u, v, cost), (v, u, back)]
        if kind in ("E", "A"):
            # Serving may cost something else than passing.
            serving = numbers[4] if len(numbers) > 4 else cost
            tasks.append((u, v, serving, serving if kind == "E" else FAR, numbers[3]))
    return Instance(
        name=name,
        nodes=int(head["#Nodes"]),
        depot=int(head.get("Depot", head.get("Depot Node", "1"))) - 1,
        capacity=int(head["Capacity"]),
        vehicles=max(int(head["#Vehicles"]), 0),
        arcs=arcs,
        tasks=tasks,
    )


def made(nodes: int, edges: int, required: int, vehicles: int, seed: int = 1) -> Instance:
    """Draw places at random, join neighbours until all are reached, and give edges detours."""
    dice = np.random.default_rng(seed)
    xy = dice.uniform(0, 1000, (nodes, 2))
    corners = Delaunay(xy).simplices
    sides = np.sort(np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    sides = np.unique(sides, axis=0)
    length = np.hypot(*(xy[sides[:, 0]] - xy[sides[:, 1]]).T)
    tree = minimum_spanning_tree(csr_array((length, sides.T), shape=(nodes, nodes))).toarray() > 0
    needed = tree[sides[:, 0], sides[:, 1]]
    # Short sides first, more or less: country roads seldom pass a village by.
    rank = np.where(needed, -1.0, length * dice.uniform(0.5, 1.5, len(length)))
    kept = np.sort(np.argsort(rank)[:edges])
    cost = np.rint(length[kept] * dice.uniform(1.0, 1.3, edges)).astype(int) + 1
    demand = np.maximum(np.rint(cost / cost.mean() * 20), 1).astype(int)
    served = np.sort(dice.choice(edges, required, replace=False))
    ends = sides[kept].tolist()
    return Instance(
        name=f"made-{nodes}-{edges}-{required}-{vehicles}-{seed}",
        nodes=nodes,
        depot=0,
        capacity=int(np.ceil(demand[served].sum() / (vehicles - 0.35))),
        vehicles=vehicles,
        arcs=[
            (*way, int(c)) for (u, v), c in zip(ends, cost, strict=True) for way in ((u, v), (v, u))
        ],
        tasks=[(*ends[k], int(cost[k]), int(cost[k]), int(demand[k])) for k in served],
    )


def work_of(instance: Instance, tours: int) -> Work:
    """Return the instance as routing work with `tours` equal tours from its depot."""
    u, v, cost = (np.array(part) for part in zip(*instance.arcs, strict=True))
    graph = np.full((instance.nodes, instance.nodes), np.inf)
    np.minimum.at(graph, (u, v), np.where(cost >= FAR, np.inf, cost))
    # csgraph takes 0 for no arc: shift by a hair that the rounding takes away again.
    hair = 1e-7
    sparse = csr_array(np.where(np.isfinite(graph), graph + hair, 0))
    far = shortest_path(sparse, method="D")
    far = np.where(np.isfinite(far), np.rint(far), FAR).astype(np.int64)
    task = np.array(instance.tasks)
    n = len(task)
    tail = np.column_stack([task[:, 0], task[:, 1]]).reshape(-1)
    head = np.column_stack([task[:, 1], task[:, 0]]).reshape(-1)
    depot = instance.depot
    return Work(
        between=far[np.ix_(head, tail)][None],
        service=task[:, 2:4][None],
        start=np.repeat(far[depot, tail].reshape(1, n, 2), tours, axis=0),
        finish=np.repeat(far[head, depot].reshape(1, n, 2), tours, axis=0),
        way=np.zeros(tours, np.int64),
        limit=np.full(tours, FAR - 1),
        room=np.full(tours, instance.capacity or FAR),
        fixed=np.zeros(tours, np.int64),
        demand=task[:, 4],
        price=np.full(n, MUST),
        allowed=np.ones((n, tours), bool),
    )


def check(work: Work, found: Tours) -> None:
    """Add the plan up again from the matrices alone; a wrong one is an error."""
    seen: list[int] = []
    for tour in found.tours:
        w, at = (
            int(work.way[tour.tour]),
            [2 * t + o for t, o in zip(tour.tasks, tour.directions, strict=True)],
        )
        cost = work.start[tour.tour].reshape(-1)[at[0]] + work.finish[tour.tour].reshape(-1)[at[-1]]
        cost += sum(work.service[w].reshape(-1)[a] for a in at)
        cost += sum(work.between[w][a, b] for a, b in itertools.pairwise(at))
        if cost != tour.cost or work.demand[list(tour.tasks)].sum() > work.room[tour.tour]:
            raise ValueError(f"tour {tour.tour}: says {tour.cost}, adds up to {cost}")
        seen += tour.tasks
    if sorted([*seen, *found.unserved]) != list(range(len(work.price))):
        raise ValueError("tasks are served twice or lost")


def best_known(path: Path | None, name: str) -> int | None:
    if path is None:
        return None
    with path.open(encoding="utf-8-sig") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    row = rows.get(name)
    return int(row["best_known_upper_bound"]) if row else None


def measure(instance: Instance, tours: int, seconds: float, seed: int) -> dict[str, object]:
    work = work_of(instance, tours)
    solve(work, spent=lambda done: float(done > 0), seed=seed)  # load the kernel
    began = time.process_time()
    found = solve(
        work,
        spent=lambda _: (time.process_time() - began) / seconds,
        seed=seed,
        balance=not instance.capacity,
    )
    took = time.process_time() - began
    check(work, found)
    return {
        "cost": found.cost if instance.capacity else found.longest,
        "tours": len(found.tours),
        "vehicles_in_file": instance.vehicles,
        "unserved": len(found.unserved),
        "cpu_s": round(took, 2),
        "iterations": found.iterations,
    }


def peer(instance: Instance, tours: int, seconds: float, seed: int) -> dict[str, object]:
    """Measure PyVRP on the same work for as long; it minimises totals, never the longest tour."""
    began = time.process_time()
    work = work_of(instance, tours)
    found = solve_twins(
        work, stop=lambda best_cost: time.process_time() - began >= seconds, seed=seed
    )
    took = time.process_time() - began
    if found is None:
        return {"pyvrp": None, "pyvrp_cpu_s": round(took, 2)}
    check(work, found)
    cost = found.cost if instance.capacity else found.longest
    return {"pyvrp": cost, "pyvrp_cpu_s": round(took, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("instance", type=Path, nargs="?")
    parser.add_argument(
        "--made", type=int, nargs=4, metavar=("NODES", "EDGES", "REQUIRED", "VEHICLES")
    )
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--best", type=Path)
    parser.add_argument("--peer", choices=["pyvrp"])
    parser.add_argument(
        "--tours", type=int, help="tours of a min-max instance, or the most of another"
    )
    options = parser.parse_args()
    if bool(options.made) == bool(options.instance):
        parser.error("wanted an instance or --made, one of the two")
    instance = made(*options.made) if options.made else read(options.instance)
    demand = sum(task[4] for task in instance.tasks)
    free = int(1.3 * demand / instance.capacity) + 3 if instance.capacity else 2
    line: dict[str, object] = {
        "instance": instance.name,
        "tasks": len(instance.tasks),
        "seed": options.seed,
    }
    line |= measure(instance, options.tours or free, options.seconds, options.seed)
    best = best_known(options.best, instance.name)
    if best:
        line |= {"best_known": best, "gap_percent": round(100 * (line["cost"] / best - 1), 3)}
    if options.peer:
        line |= peer(instance, options.tours or free, options.seconds, options.seed)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
