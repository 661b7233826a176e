"""Cut errands into tasks: pieces that can be walked from end to end on one bank."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.lines import Floats, Ints, Lines
from geo.network import BANK, ROAD, SHORE, Network
from geo.schema import Errands
from geo.travel import NO_WAY, Ways


@dataclass(frozen=True)
class Tasks:
    """Tasks as arrays: errand row, first and last node, the edges in between.

    `edges[first[i]:first[i + 1]]` are the edges of task i in the order of the chainage, all of one
    course and bank; none for a place. Direction 0 goes with the chainage.
    """

    errand: Ints
    a: Ints
    b: Ints
    from_m: Floats
    to_m: Floats
    side: NDArray[np.object_]
    length_m: Floats
    minutes: Floats
    first: Ints
    edges: Ints

    def __len__(self) -> int:
        """Return the number of tasks."""
        return len(self.errand)

    def begin(self, task: int, way: int) -> int:
        """Return the node where a task begins when served in this direction."""
        return int(self.b[task] if way else self.a[task])

    def run(self, task: int) -> Ints:
        """Return the edges of a task, by chainage."""
        return self.edges[self.first[task] : self.first[task + 1]]

    def times(self, there: Ways) -> Ints:
        """Return the time in ms of serving each task in both directions; never, where it cannot."""
        owner = np.repeat(np.arange(len(self)), np.diff(self.first))
        total = np.zeros((len(self), 2), np.int64)
        # Some edges closed make the sum far longer than any day, which is the same as never.
        np.add.at(total, owner, np.minimum(there.time[self.edges], NO_WAY >> 20))
        return total + np.rint(self.minutes * 60_000).astype(np.int64)[:, None]


def cut_tasks(
    network: Network, lines: Lines, errands: Errands, starts: Sequence[int] = ()
) -> Tasks:
    """Return the tasks of `errands` on a network that is cut at their ends.

    A river errand for either bank takes the bank in fewer pieces, then the one nearer the first of
    `starts`, then the left. A stretch with a place to stay at on it is a task before and one after
    that place. An errand on a course that is not in the network gives no task.
    """
    number = lines.numbers(errands["course_id"])
    banks = _banks(network)
    stays = _stays(number, errands)
    home = starts[0] if starts else -1
    rows: list[Row] = []
    asked = zip(
        number.tolist(),
        *(errands[name].tolist() for name in ("from_m", "to_m", "side")),
        strict=True,
    )
    for errand, (course, from_m, to_m, side) in enumerate(asked):
        if course not in banks:
            continue
        pieces = {
            s: _pieces(network, edges, from_m, to_m, stays) for s, edges in banks[course].items()
        }
        for chosen in _chosen(network, pieces, side, home):
            rows += [(errand, *piece[:4], chosen, piece[4]) for piece in pieces[chosen]]
    return _arrays(rows, errands)


def _stays(number: Ints, errands: Errands) -> set[tuple[int, float]]:
    """Return the places to stay at, as the network has them: course and chainage."""
    at = (errands["from_m"] == errands["to_m"]).to_numpy()
    m = np.round(errands["from_m"].to_numpy()[at], 3)
    return set(zip(number[at].tolist(), m.tolist(), strict=True))


def _banks(network: Network) -> dict[int, dict[str, Ints]]:
    """Return the edges of each course by bank ('' for a road or shore), by chainage."""
    walked = np.flatnonzero(np.isin(network.kind, (ROAD, BANK, SHORE)))
    side = network.side[walked].astype(str)
    order = np.lexsort((network.from_m[walked], side, network.course[walked]))
    edges, side = walked[order], side[order]
    course = network.course[edges]
    new = np.append(True, (course[1:] != course[:-1]) | (side[1:] != side[:-1]))
    begins = np.flatnonzero(new[: len(edges)])
    banks: dict[int, dict[str, Ints]] = {}
    for at, to in zip(begins, np.append(begins[1:], len(edges)), strict=len(edges) > 0):
        banks.setdefault(int(course[at]), {})[str(side[at])] = edges[at:to]
    return banks


Piece = tuple[int, int, float, float, list[int]]
# Errand, first and last node, from and to in metres, bank, edges.
Row = tuple[int, int, int, float, float, str, list[int]]


def _pieces(
    network: Network,
    edges: Ints,
    from_m: float,
    to_m: float,
    stays: Collection[tuple[int, float]],
) -> list[Piece]:
    """Return the runs of `edges` (one course and bank, by chainage) that cover a stretch.

    A run ends where the next edge begins at another node: there another arm's water is in the way;
    and at the places of `stays`, lest a crew go on and come back to them.
    """
    if from_m == to_m:
        at = int(np.argmin(np.minimum(np.abs(network.from_m[edges] - from_m),
                                      np.abs(network.to_m[edges] - from_m))))  # fmt: skip
        edge = edges[at]
        near = abs(network.from_m[edge] - from_m) <= abs(network.to_m[edge] - from_m)
        node = int(network.a[edge] if near else network.b[edge])
        return [(node, node, from_m, to_m, [])]
    middle = (network.from_m[edges] + network.to_m[edges]) / 2
    inside = edges[(middle > from_m) & (middle < to_m)]
    pieces: list[Piece] = []
    for edge in inside:
        a, b = int(network.a[edge]), int(network.b[edge])
        stay = (int(network.course[edge]), float(network.from_m[edge])) in stays
        if pieces and pieces[-1][1] == a and not stay:
            first, _, begin, _, run = pieces[-1]
            pieces[-1] = (first, b, begin, float(network.to_m[edge]), [*run, int(edge)])
        else:
            begin, end = float(network.from_m[edge]), float(network.to_m[edge])
            pieces.append((a, b, begin, end, [int(edge)]))
    return pieces


def _chosen(network: Network, pieces: dict[str, list[Piece]], side: str, home: int) -> list[str]:
    """Return the sides an errand is served on."""
    if "" in pieces:
        return [""]
    if side == "B":
        return sorted(pieces)
    if side in pieces:
        return [side]

    def burden(side: str) -> tuple[int, float, str]:
        node = pieces[side][0][0] if pieces[side] else -1
        away = 0.0
        if home >= 0 and node >= 0:
            away = np.hypot(network.x[node] - network.x[home], network.y[node] - network.y[home])
        return len(pieces[side]), float(away), side

    return [min(pieces, key=burden)]


def _arrays(rows: list[Row], errands: Errands) -> Tasks:
    errand, a, b, from_m, to_m, side, runs = zip(*rows, strict=True) if rows else [()] * 7
    begin, end = np.array(from_m, dtype=np.float64), np.array(to_m, dtype=np.float64)
    owner = np.array(errand, dtype=np.int64)
    pieces = np.bincount(owner, minlength=len(errands))
    return Tasks(
        errand=owner,
        a=np.array(a, dtype=np.int64),
        b=np.array(b, dtype=np.int64),
        from_m=begin,
        to_m=end,
        side=np.array(side, dtype=object),
        length_m=end - begin,
        minutes=(errands["minutes"].to_numpy()[owner] / pieces[owner]),
        first=np.cumsum([0, *map(len, runs)]).astype(np.int64),
        edges=np.array([edge for run in runs for edge in run], dtype=np.int64),
    )


def halved(network: Network, tasks: Tasks, errands: Errands, long: Ints) -> Tasks:
    """Return the tasks with each of `long` cut in two, at the end of an edge nearest its middle.

    A task of one edge cannot be cut and stays whole.
    """
    rows: list[Row] = []
    cut = set(long.tolist())
    for task in range(len(tasks)):
        errand, a, b, begin, end, side, run = _row(tasks, task)
        if task in cut and len(run) > 1:
            inner = network.to_m[run[:-1]]
            k = int(np.argmin(np.abs(inner - (begin + end) / 2))) + 1
            middle, node = float(inner[k - 1]), int(network.b[run[k - 1]])
            rows.append((errand, a, node, begin, middle, side, run[:k]))
            run, a, begin = run[k:], node, middle
        rows.append((errand, a, b, begin, end, side, run))
    return _arrays(rows, errands)


def rejoined(tasks: Tasks, errands: Errands, apart: NDArray[np.bool_]) -> Tasks:
    """Return the tasks with neighbours that are both `apart`, of one errand and bank, made one."""
    rows: list[Row] = []
    for task in range(len(tasks)):
        row = _row(tasks, task)
        last = rows[-1] if rows else None
        goes_on = last is not None and (last[0], last[2], last[5]) == (row[0], row[1], row[5])
        if last is not None and goes_on and apart[task] and apart[task - 1]:
            rows[-1] = (*last[:2], row[2], last[3], row[4], last[5], last[6] + row[6])
        else:
            rows.append(row)
    return _arrays(rows, errands)


def _row(tasks: Tasks, task: int) -> Row:
    return (
        int(tasks.errand[task]), int(tasks.a[task]), int(tasks.b[task]),
        float(tasks.from_m[task]), float(tasks.to_m[task]), str(tasks.side[task]),
        tasks.run(task).tolist(),
    )  # fmt: skip
