"""Reviews ask about patrols that look odd, and about no others."""

import dataclasses
import itertools
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from walks import fixes, patrols

from geo.cleaning import judged
from geo.findings import Rule, declared
from geo.gist import gist
from geo.schema import Fixes
from geo.settings import Settings
from geo.trails import batches, held

# The boundary tail is a review of duties; all others ask about patrols.
RULES = {
    name: rule
    for name, rule in declared("geo.rules", "RULE", Rule).items()
    if name.startswith("review_") and name != "review_boundary_tail"
}


def study(frame, people, **settings):
    told = Settings(**settings)
    return SimpleNamespace(
        trails=held(frame, people),
        gist=gist(frame, judged(frame, people, told), people, told),
        patrols=people,
        settings=told,
    )


def asked(name, frame, people, **settings):
    return RULES[name].find(study(frame, people, **settings))


def track(name="p", speed=1.3, n=200, start=0.0, x0=500_000.0):
    t = np.arange(n) * 5.0
    return fixes(x0 + t * speed, np.full(n, 3_300_000.0), t + start, name=name)


def joined(*frames):
    return Fixes(pd.concat(frames, ignore_index=True))


def people(*names, **columns):
    return patrols(*names).assign(**columns)


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_honest_walk_is_not_asked_about(name):
    begun = pd.Timestamp("2026-05-01T01:00Z")
    honest = people("p", mode="foot", person="张三", started_at=begun)
    assert len(asked(name, track(), honest)) == 0


@pytest.mark.parametrize("name", sorted(RULES))
def test_reviews_can_be_switched_off(name):
    rule = dataclasses.replace(RULES[name])
    fast = joined(track(speed=9.0), track("q", speed=9.0))
    odd = people("p", "q", mode="foot", person="张三", started_at=pd.Timestamp("2026-01-01T00:00Z"))
    assert len(rule.find(study(fast, odd, review=False))) == 0
    assert rule.severity == "review"


def test_riding_on_foot_duty():
    found = asked("review_speed", track(speed=9.0), people("p", mode="foot", person="张三"))
    assert len(found) == 1
    assert "张三" in found["why"][0]
    assert len(asked("review_speed", track(speed=9.0), people("p", mode="car"))) == 0


def test_the_same_track_shifted_in_time():
    found = asked("review_twice", joined(track(), track("q", start=86_400)), people("p", "q"))
    assert found["evidence"].tolist() == ["q"]


def test_one_person_in_two_places():
    both = joined(track(), track("q", start=2.5, x0=540_000.0))
    assert len(asked("review_two_places", both, people("p", "q", person="张三"))) == 2
    apart = people("p", "q").assign(person=["张三", "李四"])
    assert len(asked("review_two_places", both, apart)) == 0


def test_jitter_only():
    noise = np.random.default_rng(0).normal(0, 5, (600, 2))
    lying = fixes(500_000 + noise[:, 0], 3_300_000 + noise[:, 1], np.arange(600))
    assert len(asked("review_still", lying, people("p"))) == 1


def test_just_over_the_minimum():
    assert len(asked("review_barely", track(), people("p"), least_m=1290.0)) == 1
    assert len(asked("review_barely", track(), people("p"), least_m=900.0)) == 0


def test_check_ins_only():
    points = fixes([500_000.0, 500_400.0], [3_300_000.0] * 2, [0, 600], point="checkin")
    assert len(asked("review_checkins", points, people("p", grade="B"))) == 1


def test_clocks_that_differ():
    late = people("p", started_at=pd.Timestamp("2026-05-01T09:00Z"))
    assert "480" in asked("review_clock", track(), late)["why"][0]


def beside_one_another(frame, people):
    """Whom the rule names when it looks at all fixes of a person in order of time."""
    who = dict(zip(people["patrol_id"], people["person"], strict=True))
    frame = frame.assign(person=frame["patrol_id"].map(who)).sort_values(
        ["patrol_id", "at"], kind="stable"
    )
    named = []
    for _, mine in frame.sort_values(["person", "at"], kind="stable").groupby("person"):
        rows = list(mine.itertuples())
        for last, here in itertools.pairwise(rows):
            far = np.hypot(here.x_m - last.x_m, here.y_m - last.y_m)
            s = max((here.at - last.at).total_seconds(), 1.0)
            if here.patrol_id != last.patrol_id and far > 500 and far > 60 * s:
                named.append(here.patrol_id)
    return list(dict.fromkeys(named))


WALKS = st.tuples(
    st.integers(0, 400), st.integers(1, 12), st.sampled_from([0.0, 40_000.0, 90_000.0]),
    st.sampled_from("甲乙"),
)  # fmt: skip


@given(st.lists(WALKS, min_size=1, max_size=6), st.sampled_from([1, 10, 10_000]))
def test_looking_at_overlapping_patrols_only_names_whom_looking_at_all_names(walks, most):
    names = [f"p{n}" for n in range(len(walks))]
    frame = joined(*(
        track(name, n=n, start=float(start), x0=500_000.0 + east)
        for name, (start, n, east, _) in zip(names, walks, strict=True)
    ))  # fmt: skip
    crowd = people(*names).assign(person=[person for *_, person in walks])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geo.rules.review_two_places.batches", partial(batches, most=most))
        found = asked("review_two_places", frame, crowd)
    named = found["evidence"].tolist() if len(found) else []
    assert named == beside_one_another(frame, crowd)
