"""The pack: what Python writes is what the page reads, to the last unit."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.gist import gist
from geo.kinds import KIND_WORDS
from geo.schema import FIXES, Fixes, conform
from maps.along import overlaps
from maps.background import Background, tianditu
from maps.cells import cells_of
from maps.edition import Edition
from maps.offline import asset
from maps.pack_patrols import tracks
from maps.packing import NO_DAY, Pack, days, millimetres
from maps.payload import encode
from tests.bench.synthetic import study as synthetic

WHOLE = st.integers(-(2**45), 2**45)


def planes(content, spec):
    flat = np.frombuffer(content[spec["at"] : spec["at"] + spec["n"] * spec["w"]], np.uint8)
    return sum(
        plane.astype(np.int64) << (8 * p)
        for p, plane in enumerate(flat.reshape(spec["w"], spec["n"]))
    )


def read(content, spec):
    """What pack.js does, in Python: planes, rare numbers, zig-zag, sums."""
    number = planes(content, spec)
    if "rare" in spec:
        number[number == (1 << 8 * spec["w"]) - 1] = planes(content, spec["rare"])
    if spec["z"]:
        number = (number >> 1) ^ -(number & 1)
    for _ in range(spec["d"]):
        number = np.cumsum(number)
    return number


def with_fixes(made, fixes, flags):
    """The study with these fixes, and flags of `geo.cleaning` for them."""
    told = gist(Fixes(conform(fixes, FIXES)), flags, made.patrols, made.settings)
    return replace(made, gist=told)


@given(st.lists(WHOLE, max_size=40), st.sampled_from([0, 1]))
def test_numbers_come_back_as_they_went_in(numbers, delta):
    pack = Pack()
    spec = pack.ints(np.array(numbers, dtype=np.int64), delta=delta)
    assert list(read(b"".join(pack.parts), spec)) == numbers if numbers else spec["n"] == 0


def test_one_great_number_does_not_widen_all_others():
    pack = Pack()
    numbers = [3] * 1000 + [255, 1 << 40] + [5] * 1000
    spec = pack.ints(numbers)
    assert (spec["w"], spec["rare"]["n"]) == (1, 2)
    assert list(read(b"".join(pack.parts), spec)) == numbers


def test_the_page_reads_what_python_wrote(chrome):
    rng = np.random.default_rng(3)
    columns = [
        (rng.integers(0, 200, 50), 0), (rng.integers(-9, 9, 50), 0), (rng.integers(-70_000, 70_000, 50), 1),
        (np.cumsum(rng.integers(-400, 400, 50)), 2), (rng.integers(0, 2**40, 50), 0), (np.zeros(0, dtype=np.int64), 0),
        ([1] * 40 + [255, 70_000], 0), ([1] * 40 + [-(2**40), 127, -128], 0), ([*range(40), 2**41, 0], 1),
        ([*range(40), 2**21, 0, -5], 2),
    ]  # fmt: skip
    words = ["", "清溪河", "a\x00b", "𠮷", "</script>"]
    pack = Pack()
    specs = [pack.ints(values, delta=delta) for values, delta in columns]
    text = pack.text(pd.Series(words * 3, dtype=object))
    content = gzip.decompress(pack.finish({"specs": specs, "text": text}))
    page = chrome.new_page()
    page.evaluate(asset("pack.js"))
    numbers, read_words = page.evaluate(
        """(bytes) => { const p = new PM.Pack(new Uint8Array(bytes)); const t = p.text(p.header.text);
          return [p.header.specs.map((s) => Array.from(p.ints(s))), Array.from(t.codes, (_, i) => t.at(i))]; }""",
        list(content),
    )
    page.close()
    assert numbers == [list(map(int, values)) for values, _ in columns]
    assert read_words == words * 3


def test_a_number_a_page_cannot_hold_is_refused():
    with pytest.raises(ValueError, match=r"wanted numbers below 2\*\*47"):
        Pack().ints([1 << 50])


def test_a_lone_surrogate_becomes_a_question_mark():
    pack = Pack()
    spec = pack.words(["\ud800"])
    assert b"".join(pack.parts)[spec["bytes"]["at"] :] == b"?"


def test_days_count_from_1970_and_the_unknown_is_apart():
    column = pd.Series([pd.Timestamp("1970-01-02"), pd.NaT, pd.Timestamp("1969-12-31 23:00")])
    assert list(days(column)) == [1, NO_DAY, -1]


def test_unknown_metres_are_minus_one():
    assert list(millimetres(pd.Series([1.0004, np.nan, 0.0]))) == [1000, -1, 0]


def test_events_meet_the_segments_they_share_metres_with():
    segments = pd.DataFrame(
        {"course_id": ["A", "A", "B"], "from_m": [0.0, 500, 0], "to_m": [500.0, 900, 300]}
    )
    events = pd.DataFrame(
        {
            "course_id": ["A", "A", "B", "C", "A"],
            "from_m": [100.0, 500, 299.9, 0, 900],
            "to_m": [600.0, 900, 300, 9, 900],
        }
    )
    event, segment = overlaps(events, segments)
    assert list(zip(event.tolist(), segment.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 1),
        (2, 2),
    ]


@given(
    st.lists(st.floats(1, 900), min_size=1, max_size=8),
    st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 4000)), max_size=8),
)
def test_overlaps_are_the_pairs_a_plain_loop_finds(lengths, spans):
    ends = np.round(np.cumsum(lengths), 3)
    starts = np.r_[0.0, ends[:-1]]
    segments = pd.DataFrame({"course_id": "A", "from_m": starts, "to_m": ends})
    events = pd.DataFrame(
        [("A", round(min(s), 3), round(max(s), 3)) for s in spans],
        columns=["course_id", "from_m", "to_m"],
    )
    wanted = {
        (e, s) for e, (_, a, b) in enumerate(events.itertuples(index=False)) for s in range(len(ends))
        if min(b, ends[s]) - max(a, starts[s]) > 5.1e-4
    }  # fmt: skip
    loose = {
        (e, s) for e, (_, a, b) in enumerate(events.itertuples(index=False)) for s in range(len(ends))
        if min(b, ends[s]) - max(a, starts[s]) > 0
    }  # fmt: skip
    events = events.astype({"from_m": float, "to_m": float})
    found = set(zip(*(side.tolist() for side in overlaps(events, segments)), strict=True))
    assert wanted <= found <= loose


def test_vendored_files_are_the_ones_that_were_checked():
    import hashlib

    folder = Path(__file__).resolve().parents[1] / "maps" / "assets"
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)//{z}{x}{y}", "https://a.example/'; script-src *;/{z}/{x}/{y}", "https://a.example/{z}/{x}", "//a/{z}/{x}/{y}", "https://a b/{z}/{x}/{y}"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match=r"wanted http\(s\)"):
        Background(attribution="x", tiles=address)


def test_a_background_names_its_source():
    with pytest.raises(ValueError, match="wanted an attribution"):
        Background(attribution=" ", tiles="https://a.example/{z}/{x}/{y}")


def test_tianditu_loads_from_its_own_hosts_and_no_other():
    hosts = tianditu("0123456789abcdef0123456789abcdef").hosts
    assert hosts == [f"https://t{k}.tianditu.gov.cn" for k in range(8)]
    with pytest.raises(ValueError, match="wanted a key"):
        tianditu("x&y")


def test_no_words_of_the_page_are_missing():
    sources = "".join(
        asset(p.name)
        for p in (Path(__file__).parents[1] / "maps/assets").glob("*.js")
        if p.name not in ("leaflet.js", "tiny-inflate.js")
    )
    declared = set(re.findall(r"^\s+(\w+): \[", asset("words.js"), re.MULTILINE)) | set(
        re.findall(r"[ ,](\w+): \[\"", asset("words.js"))
    )
    said = set(re.findall(r"\bt\(\"(\w+)\"", sources))
    assert {word for word in said if not word.endswith("_")} <= declared


def test_tracks_beyond_the_room_of_a_page_are_counted(monkeypatch):
    made = synthetic(50, passages=20)
    walked = made.patrols["patrol_id"].iloc[:3].repeat(4)
    steps = np.tile(np.array([0.0, 50.0, 50.0, 0.0]), 3)
    fixes = pd.DataFrame(
        {"patrol_id": walked.to_numpy(), "x_m": 450_000 + np.cumsum(steps + 9), "y_m": 3_200_000 + steps}
    ).assign(at=pd.Timestamp("2026-09-01 02:00", tz="UTC"), accuracy_m=5.0, point="track")  # fmt: skip
    made = with_fixes(made, fixes, np.zeros(12, dtype=np.int8))
    assert tracks(Pack(), made, cells_of(made), Edition("internal"))["left_out"] == 0
    monkeypatch.setattr("maps.pack_patrols.TRACK_VERTICES", 9)
    packed = tracks(Pack(), made, cells_of(made), Edition("internal"))
    assert (packed["n"], packed["left_out"]) == (2, 1)


def test_two_standings_of_one_segment_are_refused():
    made = synthetic(25)
    twice = pd.concat([made.standing, made.standing.iloc[:1]], ignore_index=True)
    with pytest.raises(ValueError, match="wanted one standing a segment and level"):
        encode(replace(made, standing=twice), Edition("internal"), {})


def test_the_page_calls_the_kinds_what_the_tables_and_the_terminal_call_them():
    said = dict(re.findall(r"[ ,](\w+): \[\"([^\"]+)\"", asset("words.js")))
    assert {kind: said[kind] for kind in KIND_WORDS} == {k: w.zh for k, w in KIND_WORDS.items()}
