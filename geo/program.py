"""Run the whole program on frames: one page, top to bottom."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.areas import within
from geo.baseline import Baseline, kept, no_baseline
from geo.courses import trace
from geo.coverage import Seen, midnight, weigh
from geo.duties import Located, locate_duties
from geo.findings import collect
from geo.ground import Ground
from geo.lines import Ints, Lines, measure
from geo.match import Sent
from geo.names import Known, known
from geo.oneways import one_way_courses
from geo.problems import place_problems
from geo.required import holdings
from geo.schema import (
    FINDINGS,
    REJECTS,
    Courses,
    Files,
    Findings,
    Headings,
    Holdings,
    Patrols,
    Problems,
    Rejects,
    Segments,
    Standing,
    conform,
    conform_geo,
    empty,
)
from geo.segments import tile
from geo.settings import Settings
from geo.standing import stand
from geo.study import Inputs, Study
from geo.trails import Trails
from geo.vanished import restored
from geo.walked import Beat, Walked, walk

Matcher = Callable[[Trails, Patrols, Beat], Walked]


@dataclass(frozen=True)
class _Where:
    """Where everything lies: the courses, who holds them, and what they are reported by."""

    ground: Ground
    located: Located
    segments: Segments
    held: Holdings
    names: Known
    rejects: Rejects
    baseline: Baseline


@dataclass(frozen=True)
class _Watched:
    """What was seen of it: what patrols walked, evidence by segment, what was only declared."""

    walked: Walked
    seen: Seen
    declared: Ints


def study(
    inputs: Inputs,
    settings: Settings,
    as_of: pd.Timestamp,
    *,
    matcher: Matcher = walk,
    baseline: Baseline | None = None,
) -> Study:
    """Return everything there is to say about an office's `inputs` on the day `as_of`.

    Rejects are those of reading first, then those of courses and duties. `matcher` is called as
    `geo.walked.walk` is, and may remember what it matched before. `baseline` is that of the run
    before: rows by chainage that say the same keep the metres they meant then.
    """
    where = _where(inputs, settings, as_of, baseline or no_baseline())
    watched = _watched(inputs, where, settings, as_of, matcher)
    ground, located = where.ground, where.located
    unfinished = Study(
        inputs=replace(inputs, files=_counted(inputs.files, located)),
        settings=settings,
        as_of=as_of,
        assets=ground.assets,
        courses=ground.courses,
        areas=inputs.areas,
        parts=inputs.parts,
        duties=located.duties,
        segments=where.segments,
        patrols=inputs.patrols,
        trails=inputs.trails,
        gist=watched.walked.gist,
        passages=watched.walked.passages,
        visits=watched.walked.visits,
        standing=_standing(where, watched, settings, as_of),
        problems=_problems(inputs, where, settings, as_of),
        findings=Findings(conform_geo(empty(FINDINGS, ground.courses.crs), FINDINGS)),
        rejects=where.rejects,
        lines=ground.lines,
        area_stretches=ground.within,
        duty_faults=located.faults,
        holdings=where.held,
        seen=watched.seen,
        calibration=ground.calibration,
        baseline=where.baseline,
    )
    return replace(unfinished, findings=collect(unfinished))


def _where(inputs: Inputs, settings: Settings, as_of: pd.Timestamp, baseline: Baseline) -> _Where:
    """Trace the courses, lay the duties on them and cut them into segments."""
    drawn = trace(inputs.features, inputs.posts, settings, parts=inputs.parts)
    traced = restored(drawn, inputs.posts, inputs.duty_rows, baseline, settings)
    courses, lines = traced.courses, measure(traced.courses)
    ground = Ground(
        assets=traced.assets,
        courses=courses,
        lines=lines,
        areas=inputs.areas,
        parts=inputs.parts,
        within=within(lines, inputs.areas),
        calibration=traced.calibration,
    )
    rows = inputs.duty_rows
    located = locate_duties(rows, ground, settings, baseline=baseline)
    duties = located.duties
    segments = tile(
        courses,
        lines,
        duties,
        areas=inputs.areas,
        within=ground.within,
        settings=settings,
        as_of=as_of,
    )
    return _Where(
        ground=ground,
        located=located,
        segments=segments,
        held=holdings(courses, lines, duties, settings, as_of),
        names=known(*(traced.assets[c] for c in ("asset_id", "name", "code", "kind"))),
        rejects=_together(
            inputs.rejects, traced.rejects, _headed(located.rejects, inputs.headings)
        ),
        baseline=kept(baseline, rows, located.readings, duties, traced.assets, courses),
    )


def _watched(
    inputs: Inputs, where: _Where, settings: Settings, as_of: pd.Timestamp, matcher: Matcher
) -> _Watched:
    """Match the patrols to the courses and weigh what they prove."""
    courses, lines, patrols = where.ground.courses, where.ground.lines, inputs.patrols
    sent = sent_to(patrols, where.names, courses)
    oneway = one_way_courses(inputs.features, lines)
    beat = Beat(courses, lines, inputs.parts, settings, sent, oneway)
    walked = matcher(inputs.trails, patrols, beat)
    seen = weigh(
        where.segments,
        lines,
        walked.passages,
        patrols,
        duties=where.located.duties,
        settings=settings,
        as_of=as_of,
    )
    said = declared(patrols, sent, where.segments, lines, settings, as_of)
    return _Watched(walked, seen, said)


def _standing(
    where: _Where, watched: _Watched, settings: Settings, as_of: pd.Timestamp
) -> Standing:
    return stand(
        watched.seen,
        where.held,
        where.ground.lines,
        where.located.duties,
        watched.walked.passages,
        declared=watched.declared,
        settings=settings,
        as_of=as_of,
    )


def _problems(inputs: Inputs, where: _Where, settings: Settings, as_of: pd.Timestamp) -> Problems:
    return place_problems(
        inputs.problem_rows,
        where.ground.courses,
        where.ground.lines,
        where.segments,
        where.located.duties,
        assets=where.names,
        calibration=where.ground.calibration,
        settings=settings,
        as_of=as_of,
    )


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


def _counted(files: Files, located: Located) -> Files:
    """Return files without the duty rows among those used that turned out to mean no metre."""
    place = ["file", "row"]
    refused = located.faults.loc[~located.faults["used"], place].drop_duplicates()
    held = pd.MultiIndex.from_frame(located.duties[place])
    refused = refused[~pd.MultiIndex.from_frame(refused).isin(held)]
    # A sheet is called after its file: 责任.xlsx[赵集镇].
    book = refused["file"].str.rsplit("[", n=1).str[0]
    path = refused["file"].where(refused["file"].isin(files["path"]), book)
    lost = files["path"].map(path.value_counts()).fillna(0).astype("int64")
    return Files(files.assign(used=files["used"] - lost, rejected=files["rejected"] + lost))


def _together(*frames: Rejects) -> Rejects:
    some = [frame for frame in frames if len(frame)] or [frames[0]]
    # A row with three posts is one row of the office's, and its fault is told once.
    every = pd.concat(some).drop_duplicates(ignore_index=True)
    return Rejects(conform(every, REJECTS))


def _headed(rejects: Rejects, headings: Headings) -> Rejects:
    """Return rejects that name a column as the office does."""
    at = pd.MultiIndex.from_frame(headings[["file", "field"]])
    called = dict(zip(at, headings["heading"], strict=True))
    places = zip(rejects["file"], rejects["column"], strict=True)
    return Rejects(rejects.assign(column=[called.get(p, p[1]) for p in places]))
