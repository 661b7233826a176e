"""The command `suggest` on a folder of three files: what is pasted closes the gaps it was for."""

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from scripts.gaps import COMMAND as GAPS
from scripts.suggest import COMMAND as SUGGEST

# Three kilometres of river due east; a village for each, none of them outside.
LON, LAT, STEP = 114.20, 22.70, 0.01
HEADERS = "河流名称,起点桩号,终点桩号,级别,河长\n"


@pytest.fixture
def folder(tmp_path):
    river = shapely.LineString([(LON + n * STEP, LAT) for n in range(4)])
    gpd.GeoDataFrame({"name": ["清溪"]}, geometry=[river], crs=4326).to_file(
        tmp_path / "rivers.geojson"
    )
    villages = [
        shapely.box(LON + n * STEP, LAT - STEP, LON + (n + 1) * STEP, LAT + STEP) for n in range(3)
    ]
    names = {"name": ["东村", "中村", "西村"], "level": "村级"}
    gpd.GeoDataFrame(names, geometry=villages, crs=4326).to_file(tmp_path / "areas.geojson")
    rows = "清溪,K0+000,K0+400,村级,张三\n清溪,K2+500,K2+700,村级,李四\n"
    (tmp_path / "责任").mkdir()
    (tmp_path / "责任" / "河长名单.csv").write_text(HEADERS + rows, "utf-8")
    return tmp_path


def run(command, folder, *words):
    done = CliRunner().invoke(command, [str(folder), "--as-of", "2026-09-30", "--quiet", *words])
    assert done.exit_code == 0, done.output
    return done.output


def unassigned_m(folder):
    return json.loads(run(GAPS, folder, "--format", "json"))["lengths"]["river"]["unassigned_m"]


def test_rows_pasted_below_the_office_s_own_close_every_gap(folder):
    assert unassigned_m(folder) > 2_000
    told = run(SUGGEST, folder)
    book = folder / "out" / "suggest" / "河长名单-补充.xlsx"
    assert str(book) in told
    more = pd.read_excel(book, dtype=str, engine="openpyxl").fillna("")
    table = folder / "责任" / "河长名单.csv"
    table.write_text(table.read_text("utf-8") + more.to_csv(index=False, header=False), "utf-8")
    assert unassigned_m(folder) == 0
    assert json.loads(run(SUGGEST, folder, "--format", "json"))["proposals"] == []


def test_the_proposals_sum_to_what_is_unassigned(folder):
    told = json.loads(run(SUGGEST, folder, "--format", "json"))["proposals"]
    metres = sum(round(1000 * row["length_m"]) for row in told)
    assert metres == round(1000 * unassigned_m(folder))
