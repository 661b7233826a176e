"""Measure how much of each segment was seen, when last, and when it is next due."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.cadences import ANYBODY, Post, counted, every_days, posts
from geo.lines import Floats, Ints, Lines
from geo.schema import Duties, Passages, Patrols, Segments
from geo.seen import NOBODY, UNDATED, Mask, Pieces, Track, divide, lay, newest
from geo.settings import Settings

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Watch:
    """What was seen of every piece by those who count for one post.

    `sure` and `unsure` are places in the track, NOBODY where there is none; `since` is the first
    instant of the period that counts for the piece's segment, in microseconds; `asked` is false
    where the post owes the segment nothing.
    """

    post: Post
    sure: Ints
    unsure: Ints
    days: Ints
    since: Ints
    asked: Mask


@dataclass(frozen=True)
class Seen:
    """All that passages say of the segments on one day, piece by piece."""

    segments: Segments
    pieces: Pieces
    track: Track
    anybody: Watch
    watches: tuple[Watch, ...]


@dataclass(frozen=True)
class Cover:
    """The four lengths of every segment, in millimetres: they sum to its length."""

    covered: Ints
    unsure: Ints
    overdue: Ints
    never: Ints


def midnight(day: pd.Timestamp, days_before: int, settings: Settings) -> int:
    """Return the instant at which the day `days_before` before `day` begins, in microseconds."""
    start = (day.normalize() - pd.Timedelta(days=days_before)).tz_localize(settings.time_zone)
    return int(start.value // 1000)


def weigh(
    segments: Segments,
    lines: Lines,
    passages: Passages,
    patrols: Patrols,
    *,
    duties: Duties,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Seen:
    """Return what was seen of every segment up to the end of the day `as_of`.

    Only passages of grade A that are sure can cover; unsure ones and separate points (grade B) can
    make a metre unsure. A passage without a time shows that a metre was seen once, in no period.
    """
    track = lay(passages, lines)
    track = _until(track, midnight(as_of, -1, settings))
    pieces = divide(segments, lines, track)
    frame = passages.iloc[track.row]
    sure = ((frame["certainty"] == "sure") & (frame["evidence"] == "A")).to_numpy()
    perhaps = ~sure & (frame["evidence"] != "C").to_numpy()
    patrol = pd.Index(patrols["patrol_id"]).get_indexer(pd.Index(frame["patrol_id"]))

    def watch(post: Post) -> Watch:
        mine = counted(patrols, duties, post)[patrol] if len(patrols) else np.zeros(0, dtype=bool)
        mine = mine & (patrol >= 0)
        days = every_days(segments, post, settings)
        since = _since(days, settings, as_of)
        return Watch(
            post,
            sure=newest(pieces, track, sure & mine),
            unsure=newest(pieces, track, perhaps & mine),
            days=days,
            since=since[pieces.segment],
            asked=(days > 0)[pieces.segment],
        )

    named = tuple(watch(post) for post in posts(settings))
    anybody = next((w for w in named if w.post == ANYBODY), None) or watch(ANYBODY)
    return Seen(segments, pieces, track, anybody, named)


def _until(track: Track, end: int) -> Track:
    keep = track.time_us < end
    return Track(track.row[keep], track.start_mm[keep], track.end_mm[keep], track.time_us[keep])


def _since(days: Ints, settings: Settings, as_of: pd.Timestamp) -> Ints:
    """Return when the period of each segment began: all time where nothing is asked."""
    begins = {int(n): midnight(as_of, int(n), settings) for n in np.unique(days) if n}
    return np.array([begins.get(int(n), UNDATED) for n in days], dtype=np.int64)


def watches_of(seen: Seen, level: str) -> tuple[Watch, ...]:
    """Return the watches that decide for `level`: all of them for '' (over all)."""
    return tuple(w for w in seen.watches if level in ("", w.post.level))


def cover(seen: Seen, level: str) -> Cover:
    """Return the lengths seen of every segment for `level`, '' for over all."""
    size = len(seen.segments)
    return Cover(*(summed(seen.pieces, which, size) for which in sorted_out(seen, level)))


def sorted_out(seen: Seen, level: str) -> tuple[Mask, Mask, Mask, Mask]:
    """Return which pieces are covered, unsure, overdue and never seen for `level`; each is one.

    A metre is covered when every post that owes it a patrol surely saw it within that post's
    period or, where nobody owes it anything, when anybody surely saw it ever.
    """
    pieces, track = seen.pieces, seen.track
    asked = np.zeros(len(pieces.segment), dtype=bool)
    covered = np.ones(len(pieces.segment), dtype=bool)
    perhaps = np.ones(len(pieces.segment), dtype=bool)
    ever = np.zeros(len(pieces.segment), dtype=bool)
    for watch in watches_of(seen, level):
        sure = seen_since(track, watch.sure, watch.since)
        unsure = seen_since(track, watch.unsure, watch.since)
        covered &= sure | ~watch.asked
        perhaps &= sure | unsure | ~watch.asked
        ever |= (watch.sure != NOBODY) & watch.asked
        asked |= watch.asked
    anybody = seen.anybody.sure != NOBODY
    covered = np.where(asked, covered, anybody)
    perhaps = np.where(asked, perhaps, seen.anybody.unsure != NOBODY) & ~covered
    ever = np.where(asked & (level != ""), ever, anybody)
    overdue = ever & ~covered & ~perhaps
    never = ~ever & ~covered & ~perhaps
    return covered, perhaps, overdue, never


def seen_since(track: Track, which: Ints, since: Ints) -> Mask:
    """Return where the passage `which` (a place in the track) is not older than `since`."""
    if not len(track.time_us):
        return np.zeros(len(which), dtype=bool)
    return (which != NOBODY) & (track.time_us[np.maximum(which, 0)] >= since)


def summed(pieces: Pieces, which: Mask, size: int) -> Ints:
    """Return the length of the pieces `which` in each of `size` segments, in millimetres."""
    lengths = np.zeros(size, dtype=np.int64)
    np.add.at(lengths, pieces.segment[which], pieces.length_mm[which])
    return lengths


def whole_at(seen: Seen, watch: Watch, share: float) -> Ints:
    """Return since when `share` of each segment has been seen, in microseconds.

    That is the latest instant after which at least that share was surely seen; UNDATED where the
    share was never reached, or only by passages without a time.
    """
    pieces, track = seen.pieces, seen.track
    at = np.full(len(pieces.segment), UNDATED, dtype=np.int64)
    known = watch.sure != NOBODY
    at[known] = track.time_us[watch.sure[known]]
    order = np.lexsort((-np.maximum(at, UNDATED + 1), pieces.segment))
    segment, at = pieces.segment[order], at[order]
    along = np.cumsum(pieces.length_mm[order])
    first = np.searchsorted(segment, np.arange(len(seen.segments) + 1))
    before = np.concatenate([[0], along])[first[:-1]]
    total = np.concatenate([[0], along])[first[1:]] - before
    reached = np.searchsorted(along, before + np.ceil(total * share))
    result = np.full(len(seen.segments), UNDATED, dtype=np.int64)
    filled = total > 0
    result[filled] = at[np.minimum(reached[filled], len(at) - 1)]
    return result


def newest_of(seen: Seen, watch: Watch) -> Ints:
    """Return the newest sure passage over any part of each segment: a place in the track."""
    latest = np.full(len(seen.segments), np.iinfo(np.int64).max, dtype=np.int64)
    known = watch.sure != NOBODY
    np.minimum.at(latest, seen.pieces.segment[known], watch.sure[known])
    return np.where(latest == np.iinfo(np.int64).max, NOBODY, latest)


def counts_of(seen: Seen, passages: Passages, since: Ints) -> Ints:
    """Return how many sure passages of grade A touched each segment since `since` (a segment)."""
    pieces, track = seen.pieces, seen.track
    frame = passages.iloc[track.row]
    sure = ((frame["certainty"] == "sure") & (frame["evidence"] == "A")).to_numpy()
    size = len(seen.segments)
    if not len(pieces.segment) or not sure.any():
        return np.zeros(size, dtype=np.int64)
    first = np.searchsorted(pieces.start_mm, track.start_mm[sure])
    last = np.searchsorted(pieces.start_mm, track.end_mm[sure]) - 1
    touched = last >= first
    low, high = pieces.segment[first[touched]], pieces.segment[last[touched]]
    at = track.time_us[sure][touched]
    total = np.zeros(size, dtype=np.int64)
    for period in np.unique(since):
        fresh = at >= period
        steps = np.zeros(size + 1, dtype=np.int64)
        np.add.at(steps, low[fresh], 1)
        np.add.at(steps, high[fresh] + 1, -1)
        total = np.where(since == period, np.cumsum(steps)[:size], total)
    return total


def days_of(at: Ints, settings: Settings) -> NDArray[np.datetime64]:
    """Return the local day of each instant in microseconds, NaT for UNDATED."""
    instants = pd.to_datetime(pd.Series(np.where(at == UNDATED, 0, at)), unit="us", utc=True)
    local = instants.dt.tz_convert(settings.time_zone).dt.tz_localize(None).dt.normalize()
    days = local.to_numpy(dtype="datetime64[us]").copy()
    days[at == UNDATED] = np.datetime64("NaT")
    return days


def share_of(part: Ints, whole: Ints) -> Floats:
    """Return part over whole, 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
