"""Carry stretches over to a network that was redrawn, by where they lie on the ground.

A duty given as K3+200 to K5+000 meant places. When the river is drawn anew its chainages shift, so
the stretch is found again by position and direction on the new line, and what moved is reported.
What cannot be found again is lost and said: it is never put somewhere near by guess.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from geo.chainage import written
from geo.lines import Lines, measure, place
from geo.locate import locate
from geo.schema import COURSES, Courses, conform_geo
from geo.words import Language, Text

# The end of a line drawn shorter lies on the line as it was, but for what drawing it anew moves.
_SAME_LINE_M = 20.0

Ints = NDArray[np.int64]
Yes = NDArray[np.bool_]

_FOUND = ["row", "number", "from_m", "to_m", "moved_m", "longer_m", "along"]
CARRIED = ["row", "what", "course_id", "from_m", "to_m", "moved_m", "longer_m", "why"]

_MOVED = Text(
    "图形已重画:原 {old} {before} 按位置移至 {new} {after},端点偏移至多 {moved:.1f} 米,"
    "长度变化 {longer:+.1f} 米;核对后请按新桩号改写",
    "redrawn: {old} {before} carried by position to {new} {after}; ends moved up to {moved:.1f} m, "
    "length changed by {longer:+.1f} m; check it and write the new chainages",
)
_TURNED = Text(",线形已反向,左右岸随之对调", "; the line runs the other way, banks are swapped")
_CUT = Text(
    "{old} 已重画,原 {before} 在新图形上只剩 {new} {after},按位置保留,其余约 {gone:.0f} 米图上已"
    "没有,无人可算;请补画,或按新桩号改写",
    "{old} was redrawn: of {before} only {new} {after} is still drawn and was kept by position, "
    "the other {gone:.0f} m are drawn no more and count for nobody; draw them or write the new "
    "chainages",
)
_LOST = Text(
    "{old} 已重画,{before} 在新图形上 {reach:g} 米内找不到同向的位置,未移,请重新填写桩号",
    "{old} was redrawn and {before} has no place of its direction within {reach:g} m of it; not "
    "carried, write its chainage anew",
)


@dataclass(frozen=True)
class Carried:
    """What `carried` returns.

    `stretches` has the caller's rows, index and columns, with `course_id`, `from_m` and `to_m` of
    the new network, and `turned` where the line now runs the other way; lost rows are left out, and
    a row that runs over the seam of a ring is there twice. `report` says of every row that did not
    simply stay: its `row` in the caller's index, `what` (moved, cut, lost), where it is now, how
    far its ends moved, the change of length and `why` in words. Of a row that is cut, only what is
    still drawn is there.
    """

    stretches: pd.DataFrame
    report: pd.DataFrame


def carried(
    old: Courses,
    new: Courses,
    stretches: pd.DataFrame,
    *,
    within_m: float = 100.0,
    ignore_m: float = 0.0,
    language: Language = "zh",
) -> Carried:
    """Return `stretches` of the old courses as stretches of the new ones.

    A row on a course that was not redrawn stays as it is. One on a course that was is carried to
    where both its ends are found within `within_m`: first on the course of the same id, then of
    the same asset, then of the same kind and name. Of several such places it takes the one that
    runs the same way, unless the whole line was drawn the other way round, and then the one that
    moves its ends and changes its length least. On a ring a row may run over the seam. A row whose
    end is drawn no more is cut to the longest part that is, where a new line ends on the old. A
    row of which nothing, chainages included, changed by more than `ignore_m` is not reported.
    Raises `ValueError` for a stretch on a course that the old network does not have.
    """
    old = Courses(conform_geo(old.to_crs(pyproj.CRS(new.crs)), COURSES))
    from_lines, to_lines = measure(old), measure(new)
    number = from_lines.numbers(stretches["course_id"])
    if (number < 0).any():
        unknown = sorted(set(stretches["course_id"].to_numpy()[number < 0]))
        msg = f"wanted stretches on the old courses, got {unknown[:5]}"
        raise ValueError(msg)
    row = np.arange(len(stretches))
    moving = redrawn(old, new)[number]
    network = _Redrawing(old, new, from_lines, to_lines, within_m)
    found = network.found(stretches.assign(row=row)[moving])
    missing = moving & ~np.isin(row, found["row"])
    rest = network.still_drawn(stretches.assign(row=row)[missing])
    found = pd.concat([found, rest], ignore_index=True).set_index("row").sort_index()

    lost = moving & ~np.isin(row, found.index)
    cut = np.isin(row, rest["row"])
    there = stretches.assign(turned=False)
    ids = there["course_id"].to_numpy(dtype=object).copy()
    start, end = (there[c].to_numpy(dtype=np.float64).copy() for c in ("from_m", "to_m"))
    turned = np.zeros(len(there), dtype=bool)
    at = found.index.to_numpy()
    ids[at] = new["course_id"].to_numpy()[found["number"]]
    start[at], end[at], turned[at] = found["from_m"], found["to_m"], ~found["along"]
    there = there.assign(course_id=ids, from_m=start, to_m=end, turned=turned)
    told = moving & _changed(stretches, there, found, ignore_m)
    what = np.select([lost, cut, told], ["lost", "cut", "moved"], "")
    report = _report(stretches, there, what, found, within_m, language)
    return Carried(_unrolled(there[~lost], to_lines), report)


def redrawn(old: Courses, new: Courses) -> Yes:
    """Return which old courses are not in the new network, vertex by vertex, to the millimetre."""
    return ~_same(old, new)


def _changed(
    before: pd.DataFrame, after: pd.DataFrame, found: pd.DataFrame, ignore_m: float
) -> Yes:
    """Return which rows are not what they were: on another line, elsewhere, or called otherwise."""
    ground = found[["moved_m", "longer_m"]].abs().max(axis=1).reindex(np.arange(len(before)))
    called = np.abs(after[["from_m", "to_m"]].to_numpy() - before[["from_m", "to_m"]].to_numpy())
    line = (after["course_id"] != before["course_id"]).to_numpy() | after["turned"].to_numpy()
    most = np.maximum(ground.fillna(0.0).to_numpy(), called.max(axis=1, initial=0.0))
    return np.asarray(line | (most > ignore_m))


def _unrolled(stretches: pd.DataFrame, lines: Lines) -> pd.DataFrame:
    """Return the stretches with each that runs over the seam of its ring in two."""
    over = (stretches["from_m"] > stretches["to_m"]).to_numpy()
    if not over.any():
        return stretches
    before = stretches[over]
    length = lines.length_m[lines.numbers(before["course_id"])]
    two = [stretches[~over], before.assign(to_m=length), before.assign(from_m=0.0)]
    both = pd.concat(two).sort_index(kind="stable")
    return both[both["from_m"] < both["to_m"]]


def _same(old: Courses, new: Courses) -> Yes:
    """Return which old courses are in the new network, vertex by vertex, to the millimetre."""
    there = dict(zip(new["course_id"], new.geometry, strict=True))
    now = np.array([there.get(course_id) for course_id in old["course_id"]], dtype=object)
    return np.asarray(shapely.equals_exact(old.geometry.to_numpy(), now, tolerance=0.001))


@dataclass(frozen=True)
class _Redrawing:
    """The old courses and the new ones, measured, and how far an end may have moved."""

    old: Courses
    new: Courses
    from_lines: Lines
    to_lines: Lines
    within_m: float

    def found(self, stretches: pd.DataFrame) -> pd.DataFrame:
        """Return for each stretch that is found: its row, course, from, to, how far it moved."""
        number = self.from_lines.numbers(stretches["course_id"])
        # Both ends must run the same way: along the new line, or both against it.
        pairs = self._ends(number, stretches["from_m"]).merge(
            self._ends(number, stretches["to_m"]), on=["stretch", "number", "along"]
        )
        a, b = number[pairs["stretch"]], pairs["number"].to_numpy()
        along = pairs["along"].to_numpy()
        # Against the line the last end comes first.
        low = np.where(along, pairs["at_m_x"], pairs["at_m_y"])
        high = np.where(along, pairs["at_m_y"], pairs["at_m_x"])
        ring, round_m = self.to_lines.closed[b], self.to_lines.length_m[b]
        whole = ring & self.from_lines.closed[a] & (low == high)
        low, high = np.where(whole, 0.0, low), np.where(whole, round_m, high)
        over = ring & (low > high)
        span = np.where(over, high - low + round_m, high - low)
        length = (stretches["to_m"] - stretches["from_m"]).to_numpy()[pairs["stretch"]]
        pairs = pairs.assign(
            row=stretches["row"].to_numpy()[pairs["stretch"]],
            rank=_kinship(self.old, self.new, a, b),
            odd=along == _reversed(self.old, self.new, a, b),
            over=over,
            from_m=low,
            to_m=high,
            longer_m=span - length,
            moved_m=np.maximum(pairs["moved_m_x"], pairs["moved_m_y"]),
        )
        pairs = pairs[(pairs["rank"] >= 0) & (span > 0)]
        best = pairs.assign(cost=pairs["moved_m"] + pairs["longer_m"].abs()).sort_values(
            ["stretch", "rank", "odd", "cost", "over", "number", "from_m"]
        )
        best = best.drop_duplicates("stretch").reset_index(drop=True)
        return best[["stretch", *_FOUND]]

    def _ends(self, number: Ints, at_m: pd.Series) -> pd.DataFrame:
        """Return every place on the new lines where a chainage of an old one may be now."""
        x, y, bearing = place(self.from_lines, number, at_m)
        places = locate(self.to_lines, x, y, self.within_m)
        _, _, now = place(self.to_lines, places.number, places.chainage_m)
        turned = np.abs((now - bearing[places.point] + 180) % 360 - 180)
        return pd.DataFrame(
            {
                "stretch": places.point,
                "number": places.number,
                "at_m": places.chainage_m,
                "moved_m": places.offset_m,
                "along": turned < 90,
            }
        )

    def still_drawn(self, stretches: pd.DataFrame) -> pd.DataFrame:
        """Return, as `found`, the longest part of each stretch up to where a new line ends."""
        here = stretches.assign(number=self.from_lines.numbers(stretches["course_id"]))
        cuts = here.merge(self._stops(), on="number")
        inside = (cuts["from_m"] < cuts["stop_m"]) & (cuts["stop_m"] < cuts["to_m"])
        cuts = cuts[inside].drop(columns="number")
        both = cuts.merge(cuts[["row", "stop_m"]], on="row", suffixes=("", "_y"))
        both = both[both["stop_m"] < both["stop_m_y"]]
        parts = pd.concat(
            [
                cuts.assign(to_m=cuts["stop_m"]),
                cuts.assign(from_m=cuts["stop_m"]),
                both.assign(from_m=both["stop_m"], to_m=both["stop_m_y"]),
            ],
            ignore_index=True,
        )
        found = self.found(parts)
        # A detour between the ends is another line, not what is left of this one.
        found = found[found["longer_m"].abs() <= self.within_m]
        length = (parts["to_m"] - parts["from_m"]).to_numpy()[found["stretch"]]
        found = found.assign(length_m=length).sort_values(["length_m", "stretch"], ascending=False)
        return found.drop_duplicates("row")[_FOUND]

    def _stops(self) -> pd.DataFrame:
        """Return where new lines end on an old one of their kin: its number and chainage there."""
        lines = self.new.geometry.to_numpy()
        ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
        on = locate(self.from_lines, shapely.get_x(ends), shapely.get_y(ends), _SAME_LINE_M)
        new = on.point % len(lines)
        # A ring has a seam and no end.
        kin = (_kinship(self.old, self.new, on.number, new) >= 0) & ~self.to_lines.closed[new]
        return pd.DataFrame({"number": on.number[kin], "stop_m": on.chainage_m[kin]})


def _reversed(old: Courses, new: Courses, a: Ints, b: Ints) -> Yes:
    """Return which new courses begin where the old one ended, rather than where it began."""
    start, end = (shapely.get_point(old.geometry.to_numpy()[a], k) for k in (0, -1))
    first, last = (shapely.get_point(new.geometry.to_numpy()[b], k) for k in (0, -1))
    straight = shapely.distance(start, first) + shapely.distance(end, last)
    swapped = shapely.distance(start, last) + shapely.distance(end, first)
    # A hair-pin begins near its end: only a clear case is one.
    return np.asarray(swapped < straight / 2)


def _kinship(old: Courses, new: Courses, a: Ints, b: Ints) -> Ints:
    """Return 0 for one course, 1 for one asset, 2 for one kind and name, -1 for none of these."""

    def equal(column: str) -> Yes:
        return np.asarray(old[column].to_numpy()[a] == new[column].to_numpy()[b])

    called = equal("kind") & equal("name") & (old["name"].to_numpy()[a] != "")
    return np.select([equal("course_id"), equal("asset_id"), called], [0, 1, 2], -1)


def _report(
    before: pd.DataFrame,
    after: pd.DataFrame,
    what: NDArray[np.str_],
    found: pd.DataFrame,
    within_m: float,
    language: Language,
) -> pd.DataFrame:
    rows = np.flatnonzero(what != "")
    texts = {"moved": _MOVED, "cut": _CUT, "lost": _LOST}
    moved, longer = (found[c].reindex(rows).to_numpy() for c in ("moved_m", "longer_m"))
    why = [
        texts[what[i]].say(
            language,
            old=before["course_id"].iloc[i],
            before=_span(before, i),
            new=after["course_id"].iloc[i],
            after=_span(after, i),
            moved=moved[k],
            longer=longer[k],
            reach=within_m,
            gone=_length(before, i) - _length(after, i),
        )
        + (_TURNED.say(language) if after["turned"].iloc[i] else "")
        for k, i in enumerate(rows.tolist())
    ]
    there = after.iloc[rows]
    columns = {
        "row": there.index.to_numpy(),
        "what": what[rows],
        "course_id": there["course_id"].to_numpy(),
        "from_m": there["from_m"].to_numpy(),
        "to_m": there["to_m"].to_numpy(),
        "moved_m": moved,
        "longer_m": longer,
        "why": why,
    }
    return pd.DataFrame(columns, columns=CARRIED)


def _length(stretches: pd.DataFrame, i: int) -> float:
    return float(stretches["to_m"].iloc[i]) - float(stretches["from_m"].iloc[i])


def _span(stretches: pd.DataFrame, i: int) -> str:
    start, end = (float(stretches[c].iloc[i]) for c in ("from_m", "to_m"))
    return f"{written(start)}—{written(end)}"
