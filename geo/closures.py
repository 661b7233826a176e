"""Close stretches to all traffic: floods, works, a road that winter shuts."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo.chainage import parsed
from geo.intervals import Stretches, millimetres, stretches
from geo.lines import Floats, Ints, Lines
from geo.network import CROSSING, Network
from geo.schema import Courses
from geo.words import Language, Text

NO_COURSE = Text(
    "封闭“{text}”:没有叫“{name}”的对象,没有封闭任何路段",
    "closed '{text}': nothing is called '{name}', so nothing was closed",
)
BAD_SPAN = Text(
    "封闭“{text}”:需要如“青溪路 K1+200-K1+500”,没有封闭任何路段",
    "closed '{text}': wanted for example 'Mill Road K1+200-K1+500'; nothing was closed",
)
CLOSED = Text(
    "封闭“{text}”,共 {km:.2f} 公里:路线都绕开,那里要看的列入“未排入”",
    "closed '{text}', {km:.2f} km: the routes go round, what is to be seen there is left out",
)
_SPAN = re.compile(r"\s*(?:[—–~～至到]+|-(?=\s*[A-Za-zK桩\d]))\s*")


def closures(
    texts: Sequence[str], courses: Courses, lines: Lines, language: Language
) -> tuple[Stretches, list[str]]:
    """Return what `texts` close, and a line for each text: the metres it closes, or why none.

    A text is the name or id of an asset or course, then perhaps a space and two chainages; without
    them the whole is closed.
    """
    number: list[int] = []
    spans: list[tuple[float, float]] = []
    notes = []
    for text in texts:
        name, _, rest = text.strip().partition(" ")
        named = np.zeros(len(courses), dtype=bool)
        for column in ("course_id", "asset_id", "name"):
            named |= (courses[column] == name).to_numpy()
        here = lines.numbers(courses["course_id"][named])
        ends = [parsed(part).metres for part in _SPAN.split(rest.strip())] if rest.strip() else []
        if not len(here):
            notes.append(NO_COURSE.say(language, text=text, name=name))
        elif len(ends) not in {0, 2} or None in ends:
            notes.append(BAD_SPAN.say(language, text=text))
        else:
            a, b = sorted(m for m in ends if m is not None) if ends else (0.0, np.inf)
            length = lines.length_m[here]
            closed = [*zip(np.minimum(a, length), np.minimum(b, length), strict=True)]
            number += here.tolist()
            spans += closed
            notes.append(CLOSED.say(language, text=text, km=sum(b - a for a, b in closed) / 1000))
    from_m, to_m = np.array(spans, dtype=np.float64).reshape(-1, 2).T
    return stretches(np.array(number, dtype=np.int64), from_m, to_m), notes


def ends(closed: Stretches) -> tuple[Ints, Floats]:
    """Return the places (course number, chainage) where the network must be cut."""
    return np.tile(closed.course, 2), np.concatenate([closed.from_m, closed.to_m])


def closed_edges(network: Network, closed: Stretches) -> NDArray[np.bool_]:
    """Return which edges lie in what is closed, on a network that is cut at its `ends`."""
    shut = np.zeros(len(network.a), dtype=bool)
    walked = np.flatnonzero(network.kind < CROSSING)
    middle = millimetres((network.from_m[walked] + network.to_m[walked]) / 2)
    for course, low, high in zip(closed.course, closed.from_mm, closed.to_mm, strict=True):
        on = (network.course[walked] == course) & (middle >= low) & (middle < high)
        shut[walked[on]] = True
    return shut
