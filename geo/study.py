"""Hold what the program was given and what it answers.

What comes in is what an office has; what goes out is one frozen study that pages, tables and
routes are drawn from. Nothing flows back.
"""

from dataclasses import dataclass, field

import pandas as pd
import pyproj

from geo.baseline import Baseline, no_baseline
from geo.calibration import Calibration
from geo.coverage import Seen
from geo.gist import Gist
from geo.lines import Lines
from geo.schema import (
    Areas,
    AreaStretches,
    Assets,
    Courses,
    Crews,
    Duties,
    DutyFaults,
    DutyRows,
    Features,
    Files,
    Findings,
    Headings,
    Holdings,
    Parts,
    Passages,
    Patrols,
    Posts,
    ProblemRows,
    Problems,
    Rejects,
    Segments,
    Standing,
    Visits,
    no_crews,
    no_files,
    no_headings,
)
from geo.settings import Settings
from geo.trails import Trails


@dataclass(frozen=True)
class Inputs:
    """What was read from a project's folder, in one metric CRS and in UTC."""

    crs: pyproj.CRS
    features: Features
    posts: Posts
    areas: Areas
    parts: Parts
    duty_rows: DutyRows
    patrols: Patrols
    trails: Trails
    problem_rows: ProblemRows
    rejects: Rejects
    files: Files = field(default_factory=no_files)
    crews: Crews = field(default_factory=no_crews)
    headings: Headings = field(default_factory=no_headings)


@dataclass(frozen=True)
class Study:
    """Everything the program answers about one office on one day."""

    inputs: Inputs
    settings: Settings
    as_of: pd.Timestamp  # a day without a time zone, on the calendar of the project
    assets: Assets
    courses: Courses
    areas: Areas
    parts: Parts
    duties: Duties
    segments: Segments
    patrols: Patrols
    trails: Trails
    gist: Gist
    passages: Passages
    visits: Visits
    standing: Standing
    problems: Problems
    findings: Findings
    rejects: Rejects
    lines: Lines
    area_stretches: AreaStretches
    duty_faults: DutyFaults
    holdings: Holdings
    seen: Seen
    calibration: Calibration
    # What the next run must remember of this one.
    baseline: Baseline = field(default_factory=no_baseline)
