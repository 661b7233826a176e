"""Read `patrolmap.toml` and `rules.toml`, and say of every line that is wrong what was wanted."""

import datetime as dt
import tomllib
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyproj
import pyproj.exceptions

from geo.required import PRESETS
from geo.settings import KINDS, LEVELS, TOLERANCES, Cadence, Required, Settings, Tolerance
from layers.datum import DATUMS
from layers.kinds import KINDS as HOLDS
from layers.ranks import kind_word, level_of
from layers.sources import ProjectError, Source
from layers.text import codec

Check = Callable[[Any], str]


@dataclass(frozen=True)
class Page:
    """What the office wants on its page: whose it is, and which picture lies under the lines.

    `tiles` and `labels` are addresses with `{z}`, `{x}`, `{y}`; `tianditu` is 'vec' or 'img' and
    needs the office's own key, written here or in the environment. `background` is a file that
    travels in the page: PMTiles, or an image with its bounds west, south, east, north in degrees;
    `background_mb` is what PMTiles may take there, 0 the usual.
    `photos` is the folder of the photos that problems name.
    """

    title: str = ""
    office: str = ""
    phone: str = ""
    tiles: str = ""
    labels: str = ""
    subdomains: str = ""
    tiles_datum: Literal["wgs84", "gcj02"] = "wgs84"
    attribution: str = ""
    tianditu: str = ""
    tianditu_key: str = ""
    background: Path | None = None
    photos: Path | None = None
    background_mb: float = 0.0
    background_bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Options:
    """What the two files say; `defaults` carries encoding and datum for every source."""

    settings: Settings
    page: Page
    sources: tuple[Source, ...]
    defaults: Source
    as_of: pd.Timestamp | None
    out: Path


def read_options(folder: Path) -> Options:
    """Return the options of a project; a folder without the files has the defaults.

    Raises `ProjectError` with one line for every unknown key and every bad value.
    """
    wrong: list[str] = []
    table = _load(folder / "patrolmap.toml", _TOP, wrong)
    rules = _load(folder / "rules.toml", _RULES, wrong)
    sources = [
        _source(folder, entry, f"patrolmap.toml [[source]] {i}", wrong)
        for i, entry in enumerate(table.get("source", []), 1)
    ]
    values: dict[str, Any] = {
        "cadences": _lines("cadence", Cadence, table, rules, wrong),
        "required": _lines("required", Required, table, rules, wrong),
        "tolerances": _tolerances(table.get("tolerance", {}), wrong),
    }
    values |= {key: float(table[key]) for key in _NUMBERS if key in table}
    values |= {key: table[key] for key in _WORDS if key in table}
    page = _checked(table.get("page", {}), _PAGE, "patrolmap.toml [page]", wrong)
    for key in ("background", "photos"):
        if key in page:
            page[key] = folder / page[key]
    if "background_bounds" in page:
        page["background_bounds"] = tuple(map(float, page["background_bounds"]))
    # A preset stands in for the lines an office has not written yet.
    if "preset" in table and not values["required"]:
        values["required"] = PRESETS[table["preset"]]
    if wrong:
        raise ProjectError("\n".join(wrong))
    try:
        settings = Settings(**values)
    except ValueError as error:
        msg = f"patrolmap.toml: {error}"
        raise ProjectError(msg) from error
    as_of = pd.Timestamp(table["as_of"]) if "as_of" in table else None
    defaults = Source(
        folder, "", "", encoding=table.get("encoding", ""), datum=table.get("datum", "")
    )
    out = folder / table.get("out", "out")
    return Options(settings, Page(**page), tuple(s for s in sources if s), defaults, as_of, out)


def _text(value: Any) -> str:
    return "" if isinstance(value, str) else "text"


def _number(value: Any) -> str:
    right = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return "" if right else "a number, 0 or more"


def _one_of(*words: str) -> Check:
    return lambda value: "" if value in words else "one of " + ", ".join(words)


def _zone(value: Any) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, TypeError, ValueError, OSError):
        return "a time zone such as Asia/Shanghai"
    return ""


def _encoding(value: Any) -> str:
    return "" if isinstance(value, str) and codec(value) else "an encoding such as gb18030"


def _crs(value: Any) -> str:
    try:
        pyproj.CRS.from_user_input(value)
    except (pyproj.exceptions.CRSError, TypeError):
        return "a reference system such as EPSG:4549"
    return ""


def _day(value: Any) -> str:
    return "" if isinstance(value, dt.date) else "a day such as 2024-06-30, without quotes"


def _yes(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _bounds(value: Any) -> str:
    right = isinstance(value, list) and len(value) == 4 and not any(map(_degrees, value))
    right = right and value[0] < value[2] and value[1] < value[3]
    return "" if right else "[west, south, east, north] in degrees"


def _degrees(value: Any) -> bool:
    """Return whether a value is no longitude or latitude."""
    return not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 180


def _tables(value: Any) -> str:
    right = isinstance(value, list) and all(isinstance(v, dict) for v in value)
    return "" if right else "tables in double brackets, such as [[source]]"


def _table(value: Any) -> str:
    return "" if isinstance(value, dict) else "a table"


def _texts(value: Any) -> str:
    right = isinstance(value, list) and all(isinstance(v, str) for v in value)
    return "" if right else 'a list of texts such as ["primary"]'


def _kind(value: Any) -> str:
    right = isinstance(value, str) and (value in KINDS or kind_word(value))
    return "" if right else "one of " + ", ".join(KINDS)


def _level(value: Any) -> str:
    # A level of the office's own, such as 一级, is as good as ours.
    return "" if isinstance(value, str) else "a level such as " + ", ".join(LEVELS)


def _days(value: Any) -> str:
    right = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return "" if right else "a whole number of days, 1 or more"


def _columns(value: Any) -> str:
    right = isinstance(value, dict) and all(isinstance(v, str) for v in value.values())
    return "" if right else 'a table such as {asset = "河流名称"}'


_CHECKS: dict[str, Check] = {
    "language": _one_of("zh", "en"), "time_zone": _zone, "as_of": _day, "out": _text,
    "datum": _one_of(*DATUMS), "encoding": _encoding, "review": _yes,
    "bank_road_covers_river": _yes, "preset": _one_of(*PRESETS), "tolerance": _table,
    "cadence": _tables, "required": _tables, "source": _tables, "page": _table,
}  # fmt: skip
# Settings that are one number, or one word, of the same name.
_NUMBERS = (
    "segment_m", "boundary_tail_m", "ignore_m", "unseen_m", "seen_share", "part_tolerance_m",
    "part_stay_s", "least_minutes", "least_m", "walk_m",
)  # fmt: skip
_WORDS = ("language", "time_zone", "review", "bank_road_covers_river")
_TOP = _CHECKS | dict.fromkeys(_NUMBERS, _number)
_PAGE: dict[str, Check] = dict.fromkeys(
    (
        "title",
        "office",
        "phone",
        "tiles",
        "labels",
        "subdomains",
        "attribution",
        "tianditu_key",
        "background",
        "photos",
    ),
    _text,
) | {
    "background_mb": _number,
    "background_bounds": _bounds,
    "tiles_datum": _one_of("wgs84", "gcj02"),
    "tianditu": _one_of("vec", "img"),
}
_RULES = {"cadence": _tables, "required": _tables}
_SOURCE: dict[str, Check] = {
    "path": _text, "kind": _one_of(*HOLDS, "osm"), "layer": _text, "encoding": _encoding,
    "datum": _one_of(*DATUMS), "crs": _crs, "time_zone": _zone, "level": _level,
    "columns": _columns, "highways": _texts,
}  # fmt: skip
_LINES: dict[str, dict[str, Check]] = {
    "cadence": {"kind": _kind, "every_days": _days, "grade": _text, "level": _level, "role": _text},
    "required": {"kind": _kind, "grade": _text, "level": _level, "role": _text},
}
_NEEDED = {"cadence": ("kind", "every_days"), "required": ("kind",)}


def _load(path: Path, checks: Mapping[str, Check], wrong: list[str]) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        # Windows Notepad writes a byte order mark, which TOML does not know.
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        wrong.append(f"{path.name}: wanted UTF-8 text; save it as UTF-8")
        return {}
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"{path.name}: wanted TOML; {error}")
        return {}
    return _checked(table, checks, path.name, wrong)


def _checked(
    table: Mapping[str, Any], checks: Mapping[str, Check], where: str, wrong: list[str]
) -> dict[str, Any]:
    """Return the good entries of a table; every other one becomes a line of `wrong`."""
    good = {}
    for key, value in table.items():
        if key not in checks:
            wrong.append(f"{where}: unknown key '{key}'; known are {', '.join(checks)}")
        elif wanted := checks[key](value):
            wrong.append(f"{where}: {key}: wanted {wanted}; came {value!r}")
        else:
            good[key] = value
    return good


def _source(folder: Path, entry: Any, where: str, wrong: list[str]) -> Source | None:
    good = _checked(entry, _SOURCE, where, wrong)
    lacking = [key for key in ("path", "kind") if key not in entry]
    wrong += [f"{where}: wanted the key '{key}'; came {sorted(entry)}" for key in lacking]
    if lacking or not {"path", "kind"} <= good.keys():
        return None
    path = folder / good.pop("path")
    inside = path.resolve().is_relative_to(folder.resolve())
    file = path.resolve().relative_to(folder.resolve()).as_posix() if inside else path.name
    highways = tuple(good.pop("highways", ()))
    return Source(path, file, **good, highways=highways)


def _lines(
    key: str, make: Callable[..., Any], table: Mapping[str, Any], rules: Mapping[str, Any],
    wrong: list[str],
) -> tuple[Any, ...]:  # fmt: skip
    """Return the cadences or the required lines of both files, `patrolmap.toml` first."""
    made = []
    for name, origin in (("patrolmap.toml", table), ("rules.toml", rules)):
        for i, entry in enumerate(origin.get(key, []), 1):
            where = f"{name} [[{key}]] {i}"
            good = _checked(entry, _LINES[key], where, wrong)
            lacking = [k for k in _NEEDED[key] if k not in entry]
            wrong += [f"{where}: wanted the key '{k}'; came {sorted(entry)}" for k in lacking]
            if lacking or len(good) < len(entry):
                continue
            good["kind"] = good["kind"] if good["kind"] in KINDS else kind_word(good["kind"])
            made.append(make(**good | {"level": level_of(good.get("level", ""))}))
    return tuple(made)


def _tolerances(table: Mapping[str, Any], wrong: list[str]) -> dict[str, Tolerance]:
    made = dict(TOLERANCES)
    for kind, entry in _checked(table, dict.fromkeys(KINDS, _table), "[tolerance]", wrong).items():
        where = f"patrolmap.toml [tolerance.{kind}]"
        good = _checked(entry, {"sure_m": _number, "unsure_m": _number}, where, wrong)
        before = made[kind]
        try:
            made[kind] = Tolerance(
                float(good.get("sure_m", before.sure_m)),
                float(good.get("unsure_m", before.unsure_m)),
            )
        except ValueError as error:
            wrong.append(f"{where}: {error}")
    return made
