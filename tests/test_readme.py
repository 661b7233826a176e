"""What the README shows is what the program does."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from geo.schema import TABLES
from scripts.cli import main

README = Path(__file__).resolve().parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", TEXT, flags=re.DOTALL)


def frames_table():
    """The table of frames as the README holds it."""
    rows = ["| frame | 中文 | columns |", "|---|---|---|"]
    for table in TABLES:
        columns = ", ".join(f"`{name}`" for name in table.names)
        rows.append(f"| {table.name} | {table.zh} | {columns} |")
    return "\n".join(rows)


def run(words):
    told = CliRunner().invoke(main, words)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told


def test_the_table_of_frames_is_the_schema():
    shown = re.search(r"<!-- frames -->\n(.*?)\n?<!-- /frames -->", TEXT, flags=re.DOTALL)
    assert shown.group(1) == frames_table()


def test_every_command_shown_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in BLOCKS[0].splitlines():
        words = shlex.split(line.removeprefix("$ "))[1:]
        told = run(words)
        # `check` ends with 1 where the demo's tables have the errors that were planted.
        assert told.exit_code == (1 if words[0] == "check" else 0), (line, told.output)


@pytest.mark.real
def test_the_run_on_real_data_says_what_is_shown(real, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "longgang").mkdir()
    shutil.copy(real / "longgang" / "longgang_shenzhen.osm", tmp_path / "longgang")
    commands = [line for line in BLOCKS[1].splitlines() if line.startswith("$ patrolmap")]
    shown = [line for line in BLOCKS[1].splitlines() if not line.startswith("$")]
    told = run(shlex.split(commands[0].removeprefix("$ "))[1:])
    for line in shown:
        assert line in told.output


def test_every_command_is_in_the_readme():
    for name in main.list_commands(None):
        assert f"patrolmap {name}" in TEXT
