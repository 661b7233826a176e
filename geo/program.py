"""Run the whole program on frames: one page, top to bottom."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.areas import within
from geo.courses import trace
from geo.coverage import midnight, weigh
from geo.duties import locate_duties
from geo.findings import collect
from geo.ground import Ground
from geo.lines import Ints, Lines, measure
from geo.match import Matched, Sent, match
from geo.names import Known, known
from geo.problems import place_problems
from geo.required import holdings
from geo.schema import (
    FINDINGS,
    REJECTS,
    Courses,
    Findings,
    Patrols,
    Rejects,
    Segments,
    conform,
    conform_geo,
    empty,
)
from geo.segments import tile
from geo.settings import Settings
from geo.standing import stand
from geo.study import Inputs, Study
from geo.visits import visit

Matcher = Callable[..., Matched]


def study(
    inputs: Inputs, settings: Settings, as_of: pd.Timestamp, *, matcher: Matcher = match
) -> Study:
    """Return everything there is to say about an office's `inputs` on the day `as_of`.

    Rejects are those of reading first, then those of courses and duties. `matcher` is called as
    `geo.match.match` is, and may remember what it matched before.
    """
    traced = trace(inputs.features, inputs.posts, settings)
    courses = traced.courses
    lines = measure(courses)
    area_stretches = within(lines, inputs.areas)
    ground = Ground(
        assets=traced.assets,
        courses=courses,
        lines=lines,
        areas=inputs.areas,
        parts=inputs.parts,
        within=area_stretches,
        calibration=traced.calibration,
    )
    located = locate_duties(inputs.duty_rows, ground, settings)
    duties = located.duties
    segments = tile(
        courses,
        lines,
        duties,
        areas=inputs.areas,
        within=area_stretches,
        settings=settings,
        as_of=as_of,
    )
    held = holdings(courses, lines, duties, settings, as_of)
    names = known(*(traced.assets[c] for c in ("asset_id", "name", "code", "kind")))
    sent = sent_to(inputs.patrols, names, courses)
    matched = matcher(inputs.fixes, inputs.patrols, courses, lines, settings, sent=sent)
    seen = weigh(
        segments,
        lines,
        matched.passages,
        inputs.patrols,
        duties=duties,
        settings=settings,
        as_of=as_of,
    )
    standing = stand(
        seen,
        held,
        lines,
        duties,
        matched.passages,
        declared=declared(inputs.patrols, sent, segments, lines, settings, as_of),
        settings=settings,
        as_of=as_of,
    )
    problems = place_problems(
        inputs.problem_rows,
        courses,
        lines,
        segments,
        duties,
        assets=names,
        calibration=traced.calibration,
        settings=settings,
        as_of=as_of,
    )
    unfinished = Study(
        inputs=inputs,
        settings=settings,
        as_of=as_of,
        assets=traced.assets,
        courses=courses,
        areas=inputs.areas,
        parts=inputs.parts,
        duties=duties,
        segments=segments,
        patrols=inputs.patrols,
        fixes=inputs.fixes,
        flags=matched.flags,
        passages=matched.passages,
        visits=visit(inputs.fixes, matched.flags, inputs.parts, settings),
        standing=standing,
        problems=problems,
        findings=Findings(conform_geo(empty(FINDINGS, courses.crs), FINDINGS)),
        rejects=_together(inputs.rejects, traced.rejects, located.rejects),
        lines=lines,
        area_stretches=area_stretches,
        duty_faults=located.faults,
        holdings=held,
        seen=seen,
        calibration=traced.calibration,
    )
    return replace(unfinished, findings=collect(unfinished))


def sent_to(patrols: Patrols, assets: Known, courses: Courses) -> Sent:
    """Return the courses each patrol was sent to: those of the one asset its log names."""
    of_asset: dict[str, list[int]] = {}
    for number, asset_id in enumerate(courses["asset_id"]):
        of_asset.setdefault(asset_id, []).append(number)
    sent = {}
    for patrol_id, text in zip(patrols["patrol_id"], patrols["asset"], strict=True):
        ids = assets.match(text).ids if text else ()
        if len(ids) == 1:
            sent[patrol_id] = of_asset.get(ids[0], [])
    return sent


def declared(
    patrols: Patrols,
    sent: Sent,
    segments: Segments,
    lines: Lines,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Ints:
    """Return, a segment, the patrols of the last year that only declared to have been there."""
    first, last = midnight(as_of, 365, settings), midnight(as_of, -1, settings)
    at = patrols["started_at"].astype("int64").where(patrols["started_at"].notna(), first - 1)
    only = (patrols["grade"] == "C") & (at >= first) & (at < last)
    count = np.zeros(len(lines), dtype=np.int64)
    for patrol_id in patrols.loc[only, "patrol_id"]:
        count[list(sent.get(patrol_id, ()))] += 1
    return count[lines.numbers(segments["course_id"])]


def _together(*frames: Rejects) -> Rejects:
    some = [frame for frame in frames if len(frame)] or [frames[0]]
    return Rejects(conform(pd.concat(some, ignore_index=True), REJECTS))
