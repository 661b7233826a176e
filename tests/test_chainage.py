"""Chainages as surveyors write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.chainage import metres, parsed, written


@pytest.mark.parametrize(
    ("text", "m"),
    [
        ("K12+300", 12_300), ("k12+300.5", 12_300.5), ("12.3km", 12_300), ("3.2公里", 3_200),
        ("3200米", 3_200), ("3200", 3_200), ("Ｋ１２＋３００", 12_300), ("YK3+050", 3_050),
        ("ZK0+007.125", 7.125), ("AK1+5", 1_005), ("K12", 12_000), ("K 12 + 300", 12_300),
        ("12+300", 12_300), ("桩号K0+000处", 0), ("3公里200米", 3_200), ("1.5千米", 1_500),
        ("0", 0), ("K12+1050", 13_050), ("３．２ｋｍ", 3_200),
    ],
)  # fmt: skip
def test_the_office_writes_and_we_read(text, m):
    assert metres(text) == m


@pytest.mark.parametrize(
    "text", ["", " ", "桥头", "K", "K12+", "K12-300", "-300", "K-1+200", "12,300", "1e3", "K1+2+3",
             "G104 K12+500", "nan"],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason(text):
    found = parsed(text)
    assert found.metres is None
    assert found.why("zh")
    assert found.why("en")


@pytest.mark.parametrize("text", ["K12+1000", "3.2", "约3.2公里处", "K3+200附近"])
def test_a_doubtful_chainage_is_read_and_said(text):
    assert parsed(text).metres is not None
    assert text in parsed(text).why("zh")


def test_the_prefix_is_kept():
    assert [parsed(t).prefix for t in ("yk1+0", "ZK2", "3km", "AK0+1", "K5")] == [
        "YK", "ZK", "", "AK", "K",
    ]  # fmt: skip


@given(st.integers(0, 10**10).map(lambda mm: mm / 1000), st.sampled_from(["K", "YK", "ZK", "AK"]))
def test_what_is_written_is_read_back_to_the_millimetre(m, prefix):
    found = parsed(written(m, prefix))
    assert found.metres == m
    assert found.prefix == prefix
    assert not found.why()


@given(st.text(max_size=12))
def test_any_text_gives_metres_or_a_reason(text):
    found = parsed(text)
    assert (found.metres is None) == (found.fault is not None)


@pytest.mark.parametrize("text", ["-K0+500", "K-0+500", "-500", "－Ｋ０＋５００", "ZK-3+20"])
def test_a_negative_chainage_is_refused_with_what_was_wanted(text):
    assert parsed(text).metres is None
    assert parsed(text).why() == f"桩号“{text}”为负,应从 K0+000 起"


@pytest.mark.parametrize("m", [-1.0, float("nan"), float("inf")])
def test_a_negative_chainage_is_not_written(m):
    with pytest.raises(ValueError, match="wanted a chainage of 0 m or more"):
        written(m)
