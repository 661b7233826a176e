"""Name the columns of every frame, once.

A frame is a plain pandas or geopandas frame whose columns are exactly those of its `Table`, in
that order; a `NewType` each lets the type checker tell them apart. The unit stands in the name:
`_m` metres on the ground, `_days`, `_at` an instant in UTC, `_on` a day, `share` from 0 to 1.
`conform` is the last line of every stage.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, NewType

import geopandas as gpd
import pandas as pd
from pandas.api.types import infer_dtype

Kind = Literal["text", "m", "number", "whole", "share", "at", "on", "yes"]

_DTYPES: dict[Kind, str] = {
    "text": "object",
    "m": "float64",
    "number": "float64",
    "whole": "int64",
    "share": "float64",
    "at": "datetime64[us, UTC]",
    "on": "datetime64[us]",
    "yes": "bool",
}


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in words; text is '' where unknown, numbers NaN, times NaT."""

    name: str
    kind: Kind
    means: str


@dataclass(frozen=True)
class Table:
    """The columns of one frame; `geometry` says which geometry it carries, '' for none."""

    name: str
    zh: str
    columns: tuple[Column, ...]
    geometry: str = ""

    @property
    def names(self) -> list[str]:
        """Return the column names in order, the geometry last."""
        return [c.name for c in self.columns] + (["geometry"] if self.geometry else [])


def _table(name: str, zh: str, *columns: tuple[str, Kind, str], geometry: str = "") -> Table:
    return Table(name, zh, tuple(Column(*column) for column in columns), geometry)


Features = NewType("Features", gpd.GeoDataFrame)
Assets = NewType("Assets", gpd.GeoDataFrame)
Courses = NewType("Courses", gpd.GeoDataFrame)
Posts = NewType("Posts", gpd.GeoDataFrame)
Areas = NewType("Areas", gpd.GeoDataFrame)
Parts = NewType("Parts", gpd.GeoDataFrame)
DutyRows = NewType("DutyRows", pd.DataFrame)
Duties = NewType("Duties", pd.DataFrame)
Segments = NewType("Segments", gpd.GeoDataFrame)
Patrols = NewType("Patrols", pd.DataFrame)
Fixes = NewType("Fixes", pd.DataFrame)
Crews = NewType("Crews", pd.DataFrame)
Passages = NewType("Passages", pd.DataFrame)
Visits = NewType("Visits", pd.DataFrame)
Flagged = NewType("Flagged", pd.DataFrame)
Measured = NewType("Measured", pd.DataFrame)
Drawn = NewType("Drawn", pd.DataFrame)
Remarks = NewType("Remarks", pd.DataFrame)
Boxes = NewType("Boxes", pd.DataFrame)
Standing = NewType("Standing", pd.DataFrame)
ProblemRows = NewType("ProblemRows", gpd.GeoDataFrame)
Problems = NewType("Problems", gpd.GeoDataFrame)
Findings = NewType("Findings", gpd.GeoDataFrame)
Rejects = NewType("Rejects", pd.DataFrame)
AreaStretches = NewType("AreaStretches", pd.DataFrame)
DutyFaults = NewType("DutyFaults", pd.DataFrame)
Holdings = NewType("Holdings", pd.DataFrame)
Proposals = NewType("Proposals", gpd.GeoDataFrame)
Loads = NewType("Loads", pd.DataFrame)
Files = NewType("Files", pd.DataFrame)
Errands = NewType("Errands", pd.DataFrame)
Routes = NewType("Routes", gpd.GeoDataFrame)
PlanActual = NewType("PlanActual", pd.DataFrame)
Unserved = NewType("Unserved", pd.DataFrame)
KeptCourses = NewType("KeptCourses", gpd.GeoDataFrame)
Readings = NewType("Readings", pd.DataFrame)
Headings = NewType("Headings", pd.DataFrame)

FEATURES = _table(
    "features",
    "要素",
    ("feature_id", "text", "unique over all layers: file and row"),
    ("kind", "text", "river, canal, road, reservoir, pond"),
    ("code", "text", "the office's own code, '' where there is none"),
    ("name", "text", "as written"),
    ("grade", "text", "class within the kind: 县道, 干流, 小(2)型 ..."),
    ("width_m", "m", "NaN where unknown"),
    ("oneway", "text", "'' unknown or both, 'yes' along the drawn line, '-1' against it"),
    ("flows", "yes", "the drawn direction is known to be downstream"),
    ("barred", "text", "modes that may not use the road, joined by a space; '' none known"),
    ("shut", "text", "days of every year when nobody may: 11-01/04-30, both included; '' none"),
    ("unpaved", "yes", "known to be gravel, earth or the like"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "row or record number in the file, from 1"),
    geometry="line or polygon, as read, in the metric CRS",
)
ASSETS = _table(
    "assets",
    "对象",
    ("asset_id", "text", "code, else kind and name, made unique"),
    ("kind", "text", "river, canal, road, reservoir, pond"),
    ("code", "text", "the office's own code"),
    ("name", "text", "as written"),
    ("grade", "text", "class within the kind"),
    ("width_m", "m", "NaN where unknown"),
    ("length_m", "m", "sum of its courses"),
    ("why", "text", "how its pieces were joined, in words; '' where there was one piece"),
    geometry="all pieces, multi-part",
)
COURSES = _table(
    "courses",
    "线形",
    ("course_id", "text", "asset_id, with #2, #3 ... for further courses of the same asset"),
    ("asset_id", "text", "the asset it belongs to"),
    ("kind", "text", "as the asset"),
    ("name", "text", "as the asset"),
    ("grade", "text", "as the asset"),
    ("width_m", "m", "NaN where unknown"),
    ("length_m", "m", "on the ground, to 1 mm"),
    ("closed", "yes", "a shoreline or ring: chainage runs round"),
    ("why", "text", "start, direction, joins: what was decided and on what evidence"),
    geometry="one LineString in the metric CRS, start to end",
)
POSTS = _table(
    "posts",
    "里程桩",
    ("asset", "text", "code or name of the road or river"),
    ("chainage_text", "text", "as written: K12+300"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    geometry="point",
)
AREAS = _table(
    "areas",
    "片区",
    ("area_id", "text", "code, else name, made unique"),
    ("name", "text", "as written"),
    ("level", "text", "county, town, village, grid, or as written"),
    ("parent", "text", "name or code of the area it belongs to, '' where unknown"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    geometry="polygon or multipolygon",
)
PARTS = _table(
    "parts",
    "部位",
    ("part_id", "text", "code, else asset and name"),
    ("asset", "text", "code or name of the asset, as written; '' where unknown"),
    ("name", "text", "as written"),
    ("part", "text", "dam, spillway, outlet, gate, outfall, sign, bridge, place ... or as written"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    geometry="point, line or polygon",
)
DUTY_ROWS = _table(
    "duty_rows",
    "责任行",
    ("duty_id", "text", "file and row, unique"),
    ("asset", "text", "name as written, '' where only a code is given"),
    ("code", "text", "code as written"),
    ("kind", "text", "asset kind if the table tells it, else ''"),
    ("area", "text", "area named in the row, '' for none"),
    ("from_text", "text", "start as written, lon,lat in WGS 84: chainage or place; '' for none"),
    ("to_text", "text", "end as written"),
    ("side", "text", "as written: 左岸, 右, L ...; '' for both"),
    ("role", "text", "河长, 路长, 巡查员 ..."),
    ("level", "text", "county, town, village, group ... or as written"),
    ("holder", "text", "person, unit or group; '' where the post is vacant"),
    ("holder_kind", "text", "person, unit or group"),
    ("unit", "text", "the unit the holder belongs to"),
    ("phone", "text", "telephone as written"),
    ("joint", "yes", "declared a joint post"),
    ("from_on", "on", "first day of validity, NaT for always"),
    ("until_on", "on", "first day no longer valid, NaT for open"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "row in the sheet or file, from 1"),
)
DUTIES = _table(
    "duties",
    "责任",
    ("duty_id", "text", "of the row it comes from; one row may hold several stretches"),
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded"),
    ("side", "text", "L, R or B, seen along increasing chainage"),
    ("role", "text", "河长, 路长 ..."),
    ("level", "text", "county, town, village, group ..."),
    ("holder", "text", "person, unit or group; '' for a vacant post"),
    ("holder_kind", "text", "person, unit or group"),
    ("unit", "text", "the holder's unit"),
    ("phone", "text", "telephone: personal, internal edition only"),
    ("joint", "yes", "declared a joint post"),
    ("from_on", "on", "first day of validity, NaT for always"),
    ("until_on", "on", "first day no longer valid, NaT for open"),
    ("located_by", "text", "asset, area, chainage, coordinates, places"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    ("why", "text", "how the row was understood"),
)
SEGMENTS = _table(
    "segments",
    "河段/路段",
    ("segment_id", "text", "course and start, stable while the course is"),
    ("course_id", "text", "course"),
    ("asset_id", "text", "asset"),
    ("kind", "text", "as the asset"),
    ("name", "text", "asset name"),
    ("grade", "text", "as the asset"),
    ("area", "text", "the smallest area it lies in, by its middle; '' for none"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded; segments tile their course"),
    ("length_m", "m", "to_m - from_m"),
    geometry="LineString in the metric CRS",
)
PATROLS = _table(
    "patrols",
    "巡查",
    ("patrol_id", "text", "unique over all logs"),
    ("person", "text", "as written"),
    ("unit", "text", "as written"),
    ("role", "text", "as written"),
    ("level", "text", "county, town, village, group ... or ''"),
    ("mode", "text", "foot, bicycle, motorcycle, car, boat, drone or ''"),
    ("asset", "text", "what the patrol was sent to or says it saw: code or name, '' for none"),
    ("started_at", "at", "first time told or measured"),
    ("ended_at", "at", "last"),
    ("grade", "text", "A track, B separate points, C only declared"),
    ("result", "text", "what the log says was found"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "row of the log, 0 for a track without one"),
)
FIXES = _table(
    "fixes",
    "定位点",
    ("patrol_id", "text", "patrol"),
    ("x_m", "m", "easting in the metric CRS"),
    ("y_m", "m", "northing in the metric CRS"),
    ("at", "at", "NaT where the file has no times"),
    ("accuracy_m", "m", "as the phone said, NaN where unknown"),
    ("point", "text", "track, checkin or photo"),
)
PASSAGES = _table(
    "passages",
    "经过",
    ("passage_id", "text", "patrol and number"),
    ("patrol_id", "text", "patrol"),
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded"),
    ("side", "text", "L, R or B where the track cannot tell"),
    ("entered_at", "at", "interpolated"),
    ("left_at", "at", "interpolated"),
    ("offset_m", "m", "median distance from the course"),
    ("effort_m", "m", "metres walked along the course, forth and back"),
    ("fixes", "whole", "number of fixes it rests on"),
    ("certainty", "text", "sure or unsure"),
    ("evidence", "text", "A, B or C"),
    ("why", "text", "in words"),
)
FLAGGED = _table(
    "flagged",
    "定位点取舍",
    ("used", "yes", "taken for the matching; a row for each row of fixes, in their order"),
    ("flag", "text", "'' or what is the matter with it: a name of geo.cleaning.NAMES"),
    ("why", "text", "in words"),
)
MEASURED = _table(
    "measured",
    "轨迹量度",
    ("patrol_id", "text", "patrol; those with fixes only, in their order"),
    ("points", "whole", "fixes of any sort"),
    ("checkins", "whole", "check-ins among them"),
    ("fixes", "whole", "track fixes among them; the columns below are of these"),
    ("begun_s", "number", "first time, seconds since 1970; NaN without times"),
    ("ended_s", "number", "last time"),
    ("length_m", "m", "sum of the steps"),
    ("extent_m", "m", "diagonal of the box around them"),
    ("moving_s", "number", "sum of the steps that took time"),
    ("riding_s", "number", "of those, faster than anybody walks or runs"),
    ("likeness", "whole", "equal for tracks of the same places in the same order"),
    ("first_x_m", "m", "easting of the first fix with a time, NaN without"),
    ("first_y_m", "m", "its northing"),
    ("last_x_m", "m", "easting of the last fix with a time"),
    ("last_y_m", "m", "its northing"),
)
DRAWN = _table(
    "drawn",
    "可画轨迹",
    ("patrol_id", "text", "patrol; of each in the order of time, a new track after each pause"),
    ("vertices", "whole", "of the simplified line"),
    ("place", "whole", "number of the line in the gist"),
)
REMARKS = _table(
    "remarks",
    "定位点注记",
    ("patrol_id", "text", "patrol"),
    ("on", "on", "local day; the patrol's for a fix without a time"),
    ("flag", "whole", "number of the flag in geo.cleaning"),
    ("column", "number", "square of geo.gist.SQUARE_M from west to east"),
    ("row", "number", "and from south to north"),
    ("x_m", "m", "mean easting of the fixes in the square"),
    ("y_m", "m", "mean northing"),
    ("fixes", "whole", "how many"),
    ("first_minute", "whole", "of the day, -1 without a time"),
    ("last_minute", "whole", "of the day"),
)
BOXES = _table(
    "boxes",
    "轨迹外框",
    ("patrol_id", "text", "patrol; every step between two fixes lies in one of its boxes"),
    ("west_m", "m", "easting"),
    ("south_m", "m", "northing"),
    ("east_m", "m", "easting"),
    ("north_m", "m", "northing"),
    ("ended_s", "number", "last time in the box, seconds since 1970; NaN without times"),
)
VISITS = _table(
    "visits",
    "到访",
    ("patrol_id", "text", "patrol"),
    ("part_id", "text", "part visited"),
    ("at", "at", "first fix within the part's tolerance"),
    ("seconds", "number", "time stayed, NaN without times"),
    ("distance_m", "m", "nearest"),
    ("why", "text", "in words"),
)
STANDING = _table(
    "standing",
    "状态",
    ("segment_id", "text", "segment"),
    ("level", "text", "the level asked, '' for over all"),
    ("state", "text", "the class that colours the map: see geo.standing.STATES"),
    ("holders", "text", "holders with level and role, '' for none"),
    ("units", "text", "their units"),
    ("phones", "text", "their telephones: personal, internal edition only"),
    ("since_on", "on", "the latest day one of the present holders took over, NaT unknown"),
    ("assigned_m", "m", "metres with every required holder on both sides"),
    ("unassigned_m", "m", "metres where a required holder is missing on a side"),
    ("conflicting_m", "m", "metres of assigned_m with two holders in one post"),
    ("out_of_scope_m", "m", "metres for which nothing is required"),
    ("covered_m", "m", "surely seen within the period"),
    ("unsure_m", "m", "not covered, perhaps seen within the period"),
    ("overdue_m", "m", "seen once, but before the period began"),
    ("never_m", "m", "never surely seen"),
    ("declared", "whole", "patrols that only declared to have been here in the period"),
    ("visits", "whole", "sure passages in the period"),
    ("last_at", "at", "last sure passage, NaT for never"),
    ("last_by", "text", "patrol_id of it"),
    ("last_offset_m", "m", "how near it came"),
    ("due_on", "on", "the day the segment should next be seen, NaT without a rule"),
    ("overdue_days", "number", "days since due_on up to as_of, 0 when not due, NaN without a rule"),
    ("why", "text", "why this state, in words"),
)
PROBLEM_ROWS = _table(
    "problem_rows",
    "问题行",
    ("problem_id", "text", "as written, else file and row"),
    ("asset", "text", "code or name as written, '' for none"),
    ("chainage_text", "text", "as written, '' for none"),
    ("category", "text", "as written"),
    ("status", "text", "as written"),
    ("reported_at", "at", "when"),
    ("due_on", "on", "limit, NaT for none"),
    ("closed_on", "on", "NaT while open"),
    ("reporter", "text", "as written: personal, internal edition only"),
    ("unit", "text", "who was told to act, as written"),
    ("description", "text", "as written"),
    ("photo", "text", "path as written"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    geometry="point, or empty when the report has no position",
)
PROBLEMS = _table(
    "problems",
    "问题",
    ("problem_id", "text", "as written, else file and row"),
    ("asset_id", "text", "asset it lies on, '' where none is near"),
    ("course_id", "text", "course, '' for none"),
    ("chainage_m", "m", "NaN for none"),
    ("offset_m", "m", "distance from the course"),
    ("segment_id", "text", "segment, '' for none"),
    ("category", "text", "as written"),
    ("status", "text", "registered, assigned, accepted, done, closed, reopened or as written"),
    ("open", "yes", "not closed by as_of"),
    ("reported_at", "at", "when"),
    ("due_on", "on", "limit, NaT for none"),
    ("closed_on", "on", "NaT while open"),
    ("reporter", "text", "as written: personal, internal edition only"),
    ("description", "text", "as written"),
    ("photo", "text", "path as written"),
    ("owner", "text", "who must act: holder at that place, '' for nobody"),
    ("unit", "text", "their unit"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
    ("why", "text", "how it was placed and who must act"),
    geometry="point, or empty when the report has no position",
)
FINDINGS = _table(
    "findings",
    "疑点",
    ("finding_id", "text", "rule and place, stable while the place is"),
    ("rule", "text", "name of the module that found it"),
    ("severity", "text", "high, middle, low or review"),
    ("asset_id", "text", "'' where it is not about one"),
    ("course_id", "text", "'' where it is not about one"),
    ("from_m", "m", "NaN where it is not a stretch"),
    ("to_m", "m", "NaN where it is not a stretch"),
    ("length_m", "m", "0 where it is not a stretch"),
    ("side", "text", "L, R, B or ''"),
    ("level", "text", "'' where it is not about one"),
    ("who_acts", "text", "unit or holder to act, in words"),
    ("since_on", "on", "NaT unknown"),
    ("evidence", "text", "what it rests on: rows, patrols, dates"),
    ("action", "text", "what to do next"),
    ("why", "text", "the finding in one sentence"),
    ("file", "text", "input file it points back to, '' for none"),
    ("row", "whole", "0 for none"),
    geometry="line, point or empty",
)
REJECTS = _table(
    "rejects",
    "退回",
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1; 0 for the whole file"),
    ("column", "text", "'' for the whole row"),
    ("rule", "text", "short fixed name of the fault"),
    ("severity", "text", "error: not used; warning: used, but look"),
    ("message", "text", "what was wanted, what came, the way out"),
)
AREA_STRETCHES = _table(
    "area_stretches",
    "片区内区段",
    ("course_id", "text", "course"),
    ("area_id", "text", "area it lies in there"),
    ("level", "text", "level of the area"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded; maximal stretches, in order"),
)
HEADINGS = _table(
    "headings",
    "表头",
    ("file", "text", "path inside the project"),
    ("field", "text", "column of DUTY_ROWS"),
    ("heading", "text", "what the office calls it"),
)
DUTY_FAULTS = _table(
    "duty_faults",
    "责任行疑问",
    ("duty_id", "text", "of the row"),
    ("asset", "text", "asset as written, else its code"),
    ("fault", "text", "unmatched, ambiguous or the short name of another fault"),
    ("column", "text", "column of DUTY_ROWS it lies in"),
    ("used", "yes", "the row was used all the same"),
    ("candidates", "text", "ids it may have meant, joined by | between spaces"),
    ("message", "text", "what was wanted, what came, the way out"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
)
HOLDINGS = _table(
    "holdings",
    "责任状态",
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded; the rows of one level and role tile their course"),
    ("level", "text", "the level asked, '' for any"),
    ("role", "text", "the role asked, '' for any; both '' is over all"),
    ("state", "text", "assigned, unassigned, conflicting (counts as assigned), out_of_scope"),
    ("side", "text", "the bank that is vacant or in conflict: L, R, B; '' when it is well"),
    ("missing", "text", "the required posts without a holder, in words"),
    ("holders", "text", "who holds it, with post and bank"),
)
PROPOSALS = _table(
    "proposals",
    "建议责任人",
    ("proposal_id", "text", "level, role and place: stable while the gap is"),
    ("course_id", "text", "course"),
    ("asset_id", "text", "asset"),
    ("kind", "text", "as the asset"),
    ("code", "text", "the office's own code of the asset, '' for none"),
    ("name", "text", "asset name"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded; the rows of one level and role tile its gaps"),
    ("length_m", "m", "to_m - from_m"),
    ("side", "text", "the vacant bank: L, R or B for both"),
    ("post", "text", "the post to fill in words, waters and roads apart"),
    ("level", "text", "of the post, '' for any"),
    ("role", "text", "of the post, else the role the holder has elsewhere"),
    ("holder", "text", "who is proposed, '' where nobody can take it"),
    ("holder_kind", "text", "person, unit or group"),
    ("unit", "text", "the holder's unit"),
    ("area", "text", "the areas it lies in"),
    ("distance_m", "m", "from its middle to what the holder has, NaN for nobody"),
    ("continues", "yes", "it meets what the holder has already"),
    ("held_m", "m", "the holder's load now, at this level"),
    ("load_m", "m", "the holder's load with everything proposed"),
    ("others", "text", "who else comes into question, nearest first, with distance"),
    ("why", "text", "why this holder, in words"),
    geometry="LineString in the metric CRS",
)
LOADS = _table(
    "loads",
    "责任负荷",
    ("post", "text", "in words, waters and roads apart"),
    ("level", "text", "of the post"),
    ("role", "text", "of the post, '' for any"),
    ("holder", "text", "person, unit or group"),
    ("unit", "text", "the holder's unit"),
    ("held_m", "m", "held now"),
    ("added_m", "m", "proposed"),
    ("load_m", "m", "held_m + added_m"),
    ("mean_m", "m", "mean of the loads after the plan"),
)

FILES = _table(
    "files",
    "文件",
    ("path", "text", "path inside the project"),
    ("kind", "text", "what it was read as: river, duties, patrols ..."),
    ("rows", "whole", "rows or features that hold data"),
    ("used", "whole", "of these, used"),
    ("rejected", "whole", "of these, not used"),
    ("encoding", "text", "'' where it is not a question"),
    ("crs", "text", "as read, '' for none"),
    ("datum", "text", "wgs84, cgcs2000, gcj02, bd09; '' for none"),
    ("sha256", "text", "of the bytes read"),
    ("note", "text", "what was passed over, in words"),
)

CREWS = _table(
    "crews",
    "班组",
    ("crew", "text", "name, unique"),
    ("start", "text", "the place it sets out from, as written; '' for none or a coordinate"),
    ("start_lon", "number", "degrees WGS 84, NaN where a place is named"),
    ("start_lat", "number", "degrees WGS 84"),
    ("end", "text", "the place it ends at; '' for where it set out"),
    ("end_lon", "number", "degrees WGS 84, NaN where a place is named"),
    ("end_lat", "number", "degrees WGS 84"),
    ("mode", "text", "foot, bicycle, motorcycle, car, boat; '' where the table is silent"),
    ("hours", "number", "a day; NaN where the table is silent"),
    ("sets_out_min", "number", "minutes after midnight; NaN where the table is silent"),
    ("weekdays", "text", "days it works as digits, 1 for Monday; '' for every day"),
    ("areas", "text", "areas or holders it goes for alone, joined by 、; '' shares all"),
    ("file", "text", "path inside the project"),
    ("row", "whole", "from 1"),
)
ERRANDS = _table(
    "errands",
    "待巡任务",
    ("errand_id", "text", "stable while its reason and place are"),
    ("reason", "text", "overdue, never, due, problem or part"),
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded; equal to from_m for one place"),
    ("side", "text", "L, R: that bank; B: both banks, one after the other; '' either"),
    ("priority", "number", "metres of it weigh this much more than metres of priority 1"),
    ("minutes", "number", "time spent on the spot besides moving"),
    ("holders", "text", "who answers for it"),
    ("areas", "text", "names of the areas it lies in, joined by 、"),
    ("why", "text", "in words"),
)
ROUTES = _table(
    "routes",
    "巡查路线",
    ("crew", "text", "who goes"),
    ("day", "whole", "day of the plan, from 1"),
    ("order", "whole", "leg of the day, from 1"),
    ("kind", "text", "service: looking; deadhead: only getting there; stop: on the spot"),
    ("mode", "text", "foot, bicycle, motorcycle, car, boat"),
    ("course_id", "text", "course moved along, '' between courses"),
    ("from_m", "m", "chainage where the leg begins, NaN between courses"),
    ("to_m", "m", "chainage where it ends, below from_m when moving against the chainage"),
    ("side", "text", "bank moved on, L or R; '' on roads and shores"),
    ("length_m", "m", "on the ground"),
    ("starts_min", "number", "minutes since the crew set out"),
    ("at_min", "number", "minutes after midnight when the leg begins"),
    ("minutes", "number", "how long the leg takes"),
    ("errand_id", "text", "what is served, '' for none; several joined by a space"),
    ("step", "text", "the leg as a sentence"),
    geometry="line in the direction of movement; a point for a stop",
)
UNSERVED = _table(
    "unserved",
    "未排入",
    ("errand_id", "text", "of the errand; a row for each piece of it that was left out"),
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded"),
    ("side", "text", "L, R or ''"),
    ("length_m", "m", "to_m - from_m"),
    ("hours", "number", "out, serve it, and back, by the nearest crew; NaN where none can come"),
    ("why", "text", "in words"),
)

PLAN_ACTUAL = _table(
    "plan_actual",
    "计划与实际",
    ("crew", "text", "who was to go; '' for otherwise"),
    ("day", "whole", "day of the plan, from 1"),
    ("errand_id", "text", "of the leg; '' for otherwise"),
    ("course_id", "text", "course"),
    ("from_m", "m", "chainage, included"),
    ("to_m", "m", "chainage, excluded"),
    ("planned_m", "m", "length of the leg, 0 for a stop and for otherwise"),
    ("done_m", "m", "of these, surely seen on that day"),
    ("status", "text", "done, partly, moved, missed, ahead, gone or otherwise: see `compare`"),
)

KEPT_COURSES = Table(
    "kept_courses",
    "留存线形",
    (
        *COURSES.columns,
        Column("code", "text", "the office's own code of the asset"),
        Column("version", "whole", "drawings of one course that duty rows were read on, from 1"),
        Column("latest", "yes", "drawn so at the last run: what is left when the asset vanishes"),
    ),
    geometry="one LineString in the metric CRS of that run",
)
READINGS = _table(
    "readings",
    "桩号原读数",
    ("key", "text", "what a duty row says of where, as a hash: equal rows have one"),
    ("file", "text", "duty table it was in"),
    ("course_id", "text", "course of kept_courses it was first read on"),
    ("version", "whole", "which drawing of it"),
    ("from_m", "m", "chainage on that drawing, included"),
    ("to_m", "m", "chainage on that drawing, excluded"),
    ("way", "text", "chainage: it means these metres; bank: it says left or right of this line"),
)

TABLES: tuple[Table, ...] = tuple(
    table for table in list(globals().values()) if isinstance(table, Table)
)


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` with exactly the columns and types of `table`, index 0..n-1.

    Raises `TypeError`, naming wanted and given columns, when one is missing, unknown, or holds
    what its type cannot. The argument is not changed.
    """
    wanted, given = table.names, list(frame.columns)
    if set(wanted) != set(given):
        missing = [name for name in wanted if name not in given]
        extra = [name for name in given if name not in wanted]
        msg = f"{table.name}: missing columns {missing}, unknown columns {extra}"
        raise TypeError(msg)
    columns: dict[str, Any] = {}
    for column in table.columns:
        try:
            columns[column.name] = _typed(frame[column.name], column.kind).array
        except (TypeError, ValueError) as error:
            msg = f"{table.name}.{column.name}: wanted {column.kind}, {error}"
            raise TypeError(msg) from error
    if not table.geometry:
        return pd.DataFrame(columns)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        msg = f"{table.name}: wanted a geometry column with a CRS, got {type(frame).__name__}"
        raise TypeError(msg)
    geometry = gpd.GeoSeries(frame.geometry.to_numpy(), crs=frame.crs)
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=frame.crs)


def conform_geo(frame: pd.DataFrame, table: Table) -> gpd.GeoDataFrame:
    """As `conform`, for a table with geometry, typed as the geopandas frame it is."""
    conformed = conform(frame, table)
    if not isinstance(conformed, gpd.GeoDataFrame):
        msg = f"{table.name}: wanted a table with geometry"
        raise TypeError(msg)
    return conformed


def _typed(values: Any, kind: Kind) -> Any:
    if kind == "text":
        if len(values) and _all_text(values):
            return values
        # Object, not the new string type: pandas 2 and 3 must give the same frames.
        return values.astype("object").where(values.notna(), "").map(str).astype("object")
    if kind == "at":
        return pd.to_datetime(values, utc=True).astype(_DTYPES[kind])
    return values.astype(_DTYPES[kind])


def _all_text(values: Any) -> bool:
    """Return whether a column is text without a gap, so that millions of rows need no look each."""
    if values.dtype == "str":
        return not values.hasnans
    return values.dtype == object and infer_dtype(values, skipna=False) == "string"


def empty(table: Table, crs: Any = None) -> pd.DataFrame:
    """Return the frame of `table` with no rows; `crs` is needed when it carries geometry."""
    columns: dict[str, Any] = {c.name: pd.Series([], dtype=_DTYPES[c.kind]) for c in table.columns}
    if not table.geometry:
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)


def no_files() -> Files:
    """Return a files frame without rows."""
    return Files(empty(FILES))


def no_headings() -> Headings:
    """Return a headings frame without rows."""
    return Headings(empty(HEADINGS))


def no_crews() -> Crews:
    """Return a crews frame without rows."""
    return Crews(empty(CREWS))


def rejects(rows: Iterable[tuple[str, int, str, str, str, str]]) -> Rejects:
    """Return a rejects frame from `(file, row, column, rule, severity, message)` rows."""
    return Rejects(conform(pd.DataFrame(list(rows), columns=REJECTS.names), REJECTS))
