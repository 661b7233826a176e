"""A world of straight rivers and villages small enough to check by hand."""

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from geo.areas import within
from geo.calibration import Calibration
from geo.coverage import weigh
from geo.duties import locate_duties
from geo.gist import no_gist
from geo.ground import Ground
from geo.lines import measure
from geo.required import holdings
from geo.schema import (
    AREAS,
    ASSETS,
    COURSES,
    DUTY_ROWS,
    FEATURES,
    FINDINGS,
    PARTS,
    PASSAGES,
    PATROLS,
    POSTS,
    PROBLEM_ROWS,
    PROBLEMS,
    REJECTS,
    STANDING,
    VISITS,
    conform,
    conform_geo,
    empty,
)  # fmt: skip
from geo.segments import tile
from geo.settings import Settings
from geo.study import Inputs, Study
from geo.trails import no_trails

CRS = "EPSG:4547"
# On the central meridian a metre drawn is a metre on the ground.
X, Y = 500_000.0, 3_000_000.0


def line(*points):
    return shapely.LineString([(X + x, Y + y) for x, y in points])


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def _frame(table, rows, fill, geometry=None):
    base = pd.DataFrame(
        [fill(number, row) for number, row in enumerate(rows, 1)],
        columns=[c.name for c in table.columns],
    )
    if geometry is None:
        return conform(base, table)
    return conform_geo(gpd.GeoDataFrame(base, geometry=geometry, crs=CRS), table)


def ground(rivers, areas=(), parts=(), posts=None):
    """Rivers as (id, name, line), areas as (id, level, box), parts as (id, name, point)."""
    course = gpd.GeoDataFrame(
        [
            {
                "course_id": i,
                "asset_id": i.split("#")[0],
                "kind": k,
                "name": n,
                "grade": "",
                "width_m": float("nan"),
                "length_m": 0.0,
                "closed": shape.is_closed,
                "why": "",
            }
            for i, n, k, shape in map(river, rivers)
        ],
        geometry=[river(r)[3] for r in rivers],
        crs=CRS,
    )
    courses = conform_geo(course, COURSES)
    lines = measure(courses)
    courses = courses.assign(length_m=lines.length_m)
    asset = courses.drop_duplicates("asset_id")
    assets = conform_geo(
        gpd.GeoDataFrame(
            asset[["asset_id", "kind", "name", "grade", "width_m", "length_m", "why"]].assign(
                code=asset["asset_id"]
            ),
            geometry=asset.geometry,
            crs=CRS,
        ),
        ASSETS,
    )
    area = (
        _frame(
            AREAS,
            areas,
            lambda n, a: {
                "area_id": a[0],
                "name": a[0],
                "level": a[1],
                "parent": "",
                "file": "a",
                "row": n,
            },
            [a[2] for a in areas],
        )
        if areas
        else empty(AREAS, CRS)
    )
    part = (
        _frame(
            PARTS,
            parts,
            lambda n, p: {
                "part_id": p[0],
                "asset": p[3] if len(p) > 3 else "",
                "name": p[1],
                "part": "place",
                "file": "p",
                "row": n,
            },
            [p[2] for p in parts],
        )
        if parts
        else empty(PARTS, CRS)
    )
    return Ground(assets, courses, lines, area, part, within(lines, area), Calibration(posts or {}))


def river(given):
    return given if len(given) == 4 else (given[0], given[1], "river", given[2])


def rows(*given):
    if not given:
        return empty(DUTY_ROWS)
    plain = {
        "asset": "",
        "code": "",
        "kind": "",
        "area": "",
        "from_text": "",
        "to_text": "",
        "side": "",
        "role": "河长",
        "level": "village",
        "holder": "张三",
        "holder_kind": "person",
        "unit": "",
        "phone": "",
        "joint": False,
        "from_on": pd.NaT,
        "until_on": pd.NaT,
        "file": "责任.xlsx",
    }
    frame = pd.DataFrame(
        [plain | {"duty_id": f"d{n}", "row": n + 1} | row for n, row in enumerate(given, 1)]
    )
    return conform(frame[[c.name for c in DUTY_ROWS.columns]], DUTY_ROWS)


STRAIGHT = ("R1", "湍河", line((0, 0), (0, 1000)))
VILLAGES = (
    ("张村", "village", box(-500, -10, 500, 400)),
    ("李村", "village", box(-500, 400, 500, 1010)),
)


UNUSED = (
    FEATURES, POSTS, PATROLS, PASSAGES, VISITS, STANDING, PROBLEM_ROWS, PROBLEMS, FINDINGS,
    REJECTS,
)  # fmt: skip
DAY = pd.Timestamp("2026-06-01")


def study(duty_rows, *, on=None, settings=None, as_of=DAY):
    """A study of duties alone: no patrol, no problem."""
    settings = settings or Settings()
    here = on or ground([STRAIGHT], VILLAGES)
    located = locate_duties(duty_rows, here, settings)
    held = holdings(here.courses, here.lines, located.duties, settings, as_of)
    cutting = tile(
        here.courses, here.lines, located.duties,
        areas=here.areas, within=here.within, settings=settings, as_of=as_of,
    )  # fmt: skip
    none = {table.name: empty(table, CRS) for table in UNUSED}
    evidence = weigh(
        cutting, here.lines, none["passages"], none["patrols"],
        duties=located.duties, settings=settings, as_of=as_of,
    )  # fmt: skip
    inputs = Inputs(
        crs=pyproj.CRS(CRS), features=none["features"], posts=none["posts"], areas=here.areas,
        parts=here.parts, duty_rows=duty_rows, patrols=none["patrols"], trails=no_trails(),
        problem_rows=none["problem_rows"], rejects=none["rejects"],
    )  # fmt: skip
    names = ("patrols", "passages", "visits", "standing", "problems", "findings")
    return Study(
        inputs=inputs, settings=settings, as_of=as_of, assets=here.assets, courses=here.courses,
        areas=here.areas, parts=here.parts, duties=located.duties, segments=cutting,
        rejects=located.rejects, lines=here.lines, area_stretches=here.within,
        duty_faults=located.faults, holdings=held, calibration=here.calibration,
        seen=evidence, trails=no_trails(), gist=no_gist(), **{name: none[name] for name in names},
    )  # fmt: skip
