"""Nothing a user's file says ever runs: not as a template in Python, not as code in the page."""

import base64
import gzip
import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

from geo import schema
from maps.edition import PUBLIC, hide_numbers
from maps.lock import lock
from maps.page import build_map, write_map
from tests.bench.synthetic import study as synthetic
from tests.browser import opened

HOSTILE = [
    "{{7*191}}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{% raw %}", "{% 河", "{# 河 #}",
    "{%- for x in (1,) -%}x{%- endfor -%}", "${alert(1)}", "`${window.ran=1}`", "`", "\\`", "\\", "\\u003cscript>",
    "</script><script>window.ran=1</script>", "<script>window.ran=1</script>", "<!--", "-->", "<![CDATA[", "]]>",
    "<img src=x onerror=window.ran=1>", "<svg onload=window.ran=1>", "<svg><animate onbegin=window.ran=1>",
    "<iframe srcdoc='<script>parent.ran=1</script>'>", "<body onload=window.ran=1>", "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
    "javascript:window.ran=1", "data:text/html,<script>window.ran=1</script>", '" onmouseover="window.ran=1', "' onclick='window.ran=1",
    '"><details open ontoggle=window.ran=1>', "'+window.ran=1+'", '";window.ran=1;//', "=cmd|'/c calc'!A1", "@SUM(1)", "+1+1", "-2+3",
    "\u202e反向", "\u200b\u200f\u2066零宽", "a\x00b", "\ud800", "\u2028window.ran=1", "\r\nwindow.ran=1", "__proto__", "constructor",
    "toString", "url(javascript:window.ran=1)", "expression(window.ran=1)", "%3Cscript%3E", "&lt;script&gt;", "&#60;script&#62;",
    "%00", "../../etc/passwd", "{0.__class__}", "%(x)s", "$(rm -rf)", "𠮷" * 300, "簰洲湾", "",
]  # fmt: skip


def hostile(study, words=HOSTILE):
    """The same study with a hostile word in every text that can reach the page."""

    def spoil(frame, table, kept):
        out = frame.copy()
        for at, column in enumerate(
            c.name for c in table.columns if c.kind == "text" and c.name not in kept
        ):
            spoiled = [words[(i + 7 * at) % len(words)] for i in range(len(out))]
            out[column] = pd.Series(spoiled, index=out.index, dtype=object)
        return out

    keys = {"segment_id", "course_id", "patrol_id", "certainty", "evidence", "side", "point"}
    frames = {}
    for name, table in (
        ("segments", schema.SEGMENTS), ("duties", schema.DUTIES), ("problems", schema.PROBLEMS), ("areas", schema.AREAS),
        ("patrols", schema.PATROLS), ("parts", schema.PARTS), ("findings", schema.FINDINGS),
    ):  # fmt: skip
        frames[name] = spoil(getattr(study, name), table, keys)
    standing = spoil(study.standing, schema.STANDING, keys | {"state", "last_by", "level"})
    names = dict(zip(study.segments["course_id"].unique(), words * 9, strict=False))
    for name in ("segments", "duties", "problems", "findings"):
        frames[name]["course_id"] = pd.Series(
            [names.get(c, c) + c for c in frames[name]["course_id"]], dtype=object
        )
    return replace(study, standing=standing, **frames)


@pytest.fixture(scope="module")
def study():
    plain = synthetic(25 * len(HOSTILE) // 4, problems=200, passages=300)
    point = plain.segments.geometry.iloc[:60].centroid.to_numpy()
    parts = pd.DataFrame({c: [""] * 60 for c in schema.PARTS.names if c != "geometry"}).assign(
        row=1
    )
    parts = schema.conform_geo(
        gpd.GeoDataFrame(parts, geometry=point, crs=plain.segments.crs), schema.PARTS
    )
    first = plain.segments.iloc[:60]
    findings = pd.DataFrame({c.name: [""] * 60 for c in schema.FINDINGS.columns})
    findings = findings.assign(
        course_id=first["course_id"],
        from_m=first["from_m"],
        to_m=first["to_m"],
        length_m=first["length_m"],
        since_on=pd.NaT,
        row=0,
    )
    findings = schema.conform_geo(
        gpd.GeoDataFrame(findings, geometry=first.geometry.to_numpy(), crs=plain.segments.crs),
        schema.FINDINGS,
    )
    return replace(plain, parts=parts, findings=findings)


def unpacked(page):
    """The packed data of a page, as bytes."""
    chunks = re.findall(r'<script type="application/octet-stream">([^<]*)</script>', page)
    return base64.b64decode("".join(chunks))


def test_the_corpus_is_large_enough():
    assert len(set(HOSTILE)) >= 40


def test_a_hostile_name_never_reaches_the_text_of_the_page(study, tmp_path):
    one, two = tmp_path / "plain.html", tmp_path / "hostile.html"
    write_map(study, one)
    write_map(hostile(study), two, title=HOSTILE[0], office=HOSTILE[12], phone_line=HOSTILE[27])
    bare = [
        re.sub(r'(octet-stream">)[^<]*', r"\1", p.read_text(encoding="utf-8")) for p in (one, two)
    ]
    assert re.sub(r"(<script [^>]*octet[^\n]*\n)+", "", bare[0]) == re.sub(
        r"(<script [^>]*octet[^\n]*\n)+", "", bare[1]
    )


@pytest.mark.browser
def test_hostile_words_in_every_field_stay_words(chrome, study, tmp_path):
    path = tmp_path / "hostile.html"
    write_map(
        hostile(study),
        path,
        title="</title><script>window.ran=1</script>",
        office="<img src=x onerror=window.ran=1>",
        phone_line="javascript:window.ran=1",
    )
    with opened(chrome, path) as page:
        page.ready()
        page(
            """async () => {
              for (let i = 0; i < PM.about.segments; i += 9) await PM.choose(i);
              for (let p = 0; p < PM.about.problems; p += 3) PM.showProblem(await PM.ask('problem', p));
              const found = await PM.ask('findings', {rule: '', most: 999});
              for (const f of found.rows) await PM.showFinding(f);
              for (const q of ['a', '<', '{', '河', 'script', '`']) {
                const box = document.getElementById('pm-search');
                box.value = q;
                box.dispatchEvent(new Event('input'));
                await new Promise((r) => setTimeout(r, 150));
                await patrolmap.settled();
              }
              for (const name of PM.about.holders.slice(0, 9)) await PM.set({holder: name});
              await PM.set({holder: '', asset: '__proto__', unit: ''});
              await PM.set({asset: '', language: 'en'});
            }"""
        )
        page.page.mouse.move(700, 400)
        page.page.mouse.click(700, 400)
        assert page("window.ran") is None
        allowed = "document.querySelectorAll('script:not([id]),iframe,link,object,embed,img:not(.leaflet-tile)')"
        assert (
            page(f"Array.from({allowed}).filter((n) => n.tagName !== 'SCRIPT' || n.src).length")
            == 0
        )
        assert page(
            "Array.from(document.querySelectorAll('a[href]')).every((a) => /^(tel:|https:..(uri.amap|apis.map.qq).com.|geo:|#)/.test(a.getAttribute('href')))"
        )
        assert (page.requests, page.complaints) == ([], [])


@pytest.mark.browser
def test_the_policy_stops_what_is_not_ours(chrome, study, tmp_path):
    path = tmp_path / "map.html"
    write_map(study, path)
    with opened(chrome, path) as page:
        page.ready()
        page(
            "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s); }"
        )
        page(
            "() => { const d = document.createElement('div'); d.innerHTML = '<img src=x onerror=\"window.ran=1\">'; document.body.append(d); }"
        )
        page("() => fetch('https://example.org/').catch(() => 0)")
        assert page("window.ran") is None


@pytest.mark.browser
@pytest.mark.parametrize(
    "hash_",
    [
        "#sel=<script>&hide=__proto__&kind=constructor",
        "#at=99/99/999&days=0000-99-99..x",
        "#metre=__proto__&lang=xx",
    ],
)
def test_a_hostile_address_is_left_out(chrome, study, tmp_path, hash_):
    path = tmp_path / "map.html"
    write_map(study, path)
    with opened(chrome, path, hash_) as page:
        page.ready()
        assert page.complaints == []
        assert page("patrolmap.state().metre") is None


def test_a_public_page_holds_no_number_no_clock_and_no_unlisted_column(study, tmp_path):
    path = tmp_path / "public.html"
    marked = study
    for name, frame in (
        ("duties", study.duties),
        ("problems", study.problems),
        ("patrols", study.patrols),
        ("standing", study.standing),
        ("findings", study.findings),
        ("segments", study.segments),
        ("parts", study.parts),
    ):
        out = frame.copy()
        table = {t.name: t for t in schema.TABLES}[name]
        for column in (c.name for c in table.columns if c.kind == "text"):
            if column not in PUBLIC.get(name, ()) and column not in (
                "segment_id",
                "course_id",
                "patrol_id",
                "last_by",
                "level",
                "state",
                "certainty",
            ):
                out[column] = f"SECRET-{name}-{column}"
        marked = replace(marked, **{name: out})
    marked = replace(
        marked,
        duties=marked.duties.assign(holder="张三 138-0013 8000", unit="身份证 330102199001011234"),
    )
    write_map(marked, path, edition="public")
    content = gzip.decompress(unpacked(path.read_text(encoding="utf-8")))
    text = content.decode("utf-8", "ignore")
    assert "SECRET" not in text
    assert not re.search(r"1\d{2}[- ]?\d{4}[- ]?\d{4}", text)
    assert "330102199001011234" not in text
    assert "last_minute" not in text
    for patrol in study.patrols["patrol_id"].head(50):
        assert f'"{patrol}"' not in text
    assert "张三" in text


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "１３８００１３８０００",
        "138 0013 8000",
        "0577-12345678",
        "33010219900101123X",
        "(0577)12345678",
    ],
)
def test_numbers_of_people_are_hidden_however_written(number):
    assert not re.search(r"\d{3}", hide_numbers(f"张三{number}").replace("３", "3"))


@pytest.mark.parametrize("word", ["X101", "K12+300", "2026", "小(2)型", "水库3号"])
def test_short_numbers_of_things_stay(word):
    assert hide_numbers(word) == word


def test_a_locked_page_shows_nothing_without_its_password(study, tmp_path):
    path = tmp_path / "locked.html"
    write_map(study, path, password="清溪镇2026年9月", office="清溪镇")
    page = path.read_text(encoding="utf-8")
    pack = unpacked(page)
    assert pack[:4] == b"PME1"
    assert int.from_bytes(pack[4:8], "little") >= 600_000
    assert b"\x1f\x8b" not in pack[:64]
    assert "清溪" not in page


@pytest.mark.browser
def test_a_locked_page_refuses_a_wrong_password_and_opens_with_the_right_one(
    chrome, study, tmp_path
):
    path = tmp_path / "locked.html"
    write_map(study, path, password="清溪镇2026年9月")
    with opened(chrome, path) as page:
        page.wait("document.querySelector('#pm-password')")
        page.page.fill("#pm-password", "wrong password")
        page.page.keyboard.press("Enter")
        page.wait("document.body.innerText.includes('密码不对')")
        assert page("document.documentElement.dataset.ready") is None
        page.page.fill("#pm-password", "清溪镇2026年9月")
        page.page.keyboard.press("Enter")
        page.ready()
        assert page("patrolmap.counts().segments") == len(study.segments)
        page("PM.set({holder: PM.about.holders[0]})")
        assert "holder" not in page("location.hash")
        assert page.complaints == []


@pytest.mark.browser
def test_a_locked_page_without_web_crypto_says_what_to_do(chrome, study, tmp_path):
    path = tmp_path / "locked.html"
    write_map(study, path, password="清溪镇2026年9月")
    script = "Object.defineProperty(crypto, 'subtle', {value: undefined})"
    with opened(chrome, path, "#engine=page", script=script) as page:
        page.wait("document.body.innerText.includes('另存')")


def test_a_short_password_is_refused(study):
    with pytest.raises(ValueError, match="wanted a password of at least 10 characters, got 5"):
        lock(b"", "12345")


def test_an_unknown_edition_is_refused(study):
    with pytest.raises(ValueError, match="wanted edition internal or public, got 'open'"):
        build_map(study, edition="open")
