"""Say of one place on a course, patrol by patrol, why it was counted or not."""

import numpy as np
import pandas as pd

from geo.reasons import NEIGHBOURHOOD_M, REASONS, Evidence, places, reasons
from geo.words import Text

_SAID = Text("{who}:{said}", "{who}: {said}")
_NOBODY = Text(
    "这段时间没有轨迹到过此处{d:.0f}米以内", "no track came within {d:.0f} m of here in this time"
)


def explain(
    evidence: Evidence,
    course_id: str,
    chainage_m: float,
    days: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> list[str]:
    """Return a sentence for every patrol whose track came near a place, in the order of patrols.

    `days` are the first day and the first day no longer asked, as instants; tracks without times
    are always told of. Raises `ValueError` for a course that is not there or a chainage beyond its
    length.
    """
    settings = evidence.settings
    number = evidence.lines.numbers([course_id])
    if number[0] < 0:
        msg = f"wanted one of {len(evidence.lines)} courses, got {course_id!r}"
        raise ValueError(msg)
    length = evidence.lines.length_m[number[0]]
    if not 0 <= chainage_m <= length:
        msg = f"wanted a chainage from 0 to {length} m on {course_id}, got {chainage_m}"
        raise ValueError(msg)
    told = reasons(evidence, places(evidence.lines, number, np.array([chainage_m])), days=days)
    patrols = evidence.patrols.iloc[told["patrol"]]
    person = patrols["person"].where(patrols["person"] != "", patrols["patrol_id"])
    clock = told["at"].dt.tz_convert(settings.time_zone).dt.strftime("%m-%d %H:%M").fillna("")
    sentences = []
    for at, who, reason, n, why in zip(
        clock, person, told["reason"], told["n"], told["why"], strict=True
    ):
        said = REASONS[reason].say(settings.language, n=n, why=why)
        sentences.append(_SAID.say(settings.language, who=f"{at} {who}".strip(), said=said))
    return sentences or [_NOBODY.say(settings.language, d=NEIGHBOURHOOD_M)]
