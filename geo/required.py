"""Say of every metre whether the posts that are required there are held."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.duties import in_force
from geo.intervals import Ints, Pieces, Stretches, Yes, overlay, pieces, stretches, union, whole
from geo.lines import Lines
from geo.listing import listed
from geo.posts import say_post
from geo.schema import HOLDINGS, Courses, Duties, Holdings, conform
from geo.settings import KINDS, Required, Settings
from geo.words import Language, Text

# Which post each kind must have, where a place says so; these three are
# published by 安徽濉溪, 深圳深汕 and, for the roles of a small reservoir, 辽宁.
PRESETS: dict[str, tuple[Required, ...]] = {
    # 濉溪: 县级河长覆盖到河湖，镇级到大沟，村级到中小沟、塘坝
    "cn-suixi": (
        Required("river", level="county"),
        Required("reservoir", level="county"),
        Required("canal", grade="大沟", level="town"),
        Required("canal", grade="中沟", level="village"),
        Required("canal", grade="小沟", level="village"),
        Required("pond", level="village"),
    ),
    # 深汕: 区级、镇级、村级路长
    "cn-shenshan-road-2022": (
        Required("road", level="county"),
        Required("road", level="town"),
        Required("road", level="village"),
    ),
    # 辽宁: 行政、技术、巡查三个责任人
    "cn-small-reservoir": (
        Required("reservoir", role="行政责任人"),
        Required("reservoir", role="技术责任人"),
        Required("reservoir", role="巡查责任人"),
    ),
}
# Without a matrix every asset needs one holder of any level.
ANY: tuple[Required, ...] = tuple(Required(kind) for kind in KINDS)

BANKS = {"L": Text("左岸", "left bank"), "R": Text("右岸", "right bank")}
POST = Text("责任人", "holder")


@dataclass(frozen=True)
class Ask:
    """A question to the matrix: the posts of one level, of one role, or both '' for all."""

    level: str = ""
    role: str = ""

    def holds(self, level: str, role: str) -> bool:
        """Return whether a post of this level and role is asked for."""
        return self.level in ("", level) and self.role in ("", role)


@dataclass(frozen=True)
class _Laid:
    """The duties of one day as stretches, cut into the pieces on which nothing changes."""

    duties: Duties
    stretches: Stretches
    tiles: Stretches
    posts: list["_Post"]


@dataclass(frozen=True)
class _Post:
    """One actual post: how many different people hold it on each piece, left and right bank.

    `joint` counts those of them who declared it a joint post.
    """

    level: str
    role: str
    held: tuple[Ints, Ints]
    joint: tuple[Ints, Ints]

    def disputed(self, bank: int) -> Yes:
        """Return where two hold the post; all who declared it joint count as one."""
        return self.held[bank] - np.maximum(self.joint[bank] - 1, 0) > 1


def matrix(settings: Settings) -> tuple[Required, ...]:
    """Return the required matrix, the one-holder rule where there is none."""
    return settings.required or ANY


def asks(settings: Settings) -> list[Ask]:
    """Return the questions `holdings` answers: over all, each level, each role of the matrix."""
    needed = matrix(settings)
    levels = dict.fromkeys(need.level for need in needed if need.level)
    roles = dict.fromkeys(need.role for need in needed if need.role)
    return [Ask(), *(Ask(level=one) for one in levels), *(Ask(role=one) for one in roles)]


def holdings(
    courses: Courses,
    lines: Lines,
    duties: Duties,
    settings: Settings,
    as_of: pd.Timestamp,
    *,
    questions: Sequence[Ask] = (),
) -> Holdings:
    """Return for each question the stretches that tile every course, with their state.

    Without `questions`, those of `asks`.

    A metre is assigned when both banks have a holder in every required post, conflicting (which
    counts as assigned) when besides two different holders share a level, a role and a bank there
    without having been declared joint, and out of scope when nothing is required. Vacant posts
    hold nothing. Order: question, course, chainage; neighbours differ in something.
    """
    valid = Duties(duties[in_force(duties, as_of) & (duties["holder"] != "").to_numpy()])
    number = lines.numbers(valid["course_id"])
    laid = stretches(number, valid["from_m"], valid["to_m"])
    posts, found = _posts(valid, laid, lines)
    day = _Laid(valid, laid, found.stretches, posts)
    frames = [_answer(ask, day, courses, settings) for ask in questions or asks(settings)]
    return Holdings(conform(pd.concat(frames, ignore_index=True), HOLDINGS))


def identities(duties: pd.DataFrame) -> Ints:
    """Return a number for each row, the same for rows of one and the same holder.

    Rows of one name are one holder unless they name different units.
    """
    unit = duties["unit"].where(duties["unit"] != "")
    several = unit.groupby(duties["holder"]).transform("nunique") > 1
    key = duties["holder"] + "\n" + unit.where(several, "").fillna("")
    return pd.factorize(key)[0].astype(np.int64)


def _posts(valid: Duties, laid: Stretches, lines: Lines) -> tuple[list[_Post], Pieces]:
    """Return every actual post with its depths, and the pieces they are counted on."""
    holder = identities(valid)
    people = int(holder.max(initial=0)) + 1
    level, role, side = (valid[c].to_numpy(dtype=object) for c in ("level", "role", "side"))
    joint = valid["joint"].to_numpy(dtype=bool)
    keys = sorted(set(zip(level, role, strict=True)))

    def once(mine: Yes) -> Stretches:
        # A holder counts once, however many of his rows lie over a metre.
        by_holder = Stretches(laid.course * people + holder, laid.from_mm, laid.to_mm)
        found = union(by_holder.take(mine))
        return Stretches(found.course // people, found.from_mm, found.to_mm)

    layers: list[Stretches] = [whole(lines.length_m)]
    for key in keys:
        post = (level == key[0]) & (role == key[1])
        left, right = (post & ((side == bank) | (side == "B")) for bank in ("L", "R"))
        layers += [once(left), once(right), once(left & joint), once(right & joint)]
    found = pieces(*layers)
    counts = found.depth[:, 1:].T.reshape(len(keys), 2, 2, len(found.stretches))
    posts = [
        _Post(*key, (count[0][0], count[0][1]), (count[1][0], count[1][1]))
        for key, count in zip(keys, counts, strict=True)
    ]
    return posts, found


def _answer(ask: Ask, day: _Laid, courses: Courses, settings: Settings) -> pd.DataFrame:
    tiles, valid = day.tiles, day.duties
    bare_left, bare_right, scoped, missing = _vacancies(ask, day.posts, tiles, courses, settings)
    two_left, two_right = _conflicts(ask, day.posts, len(tiles))
    vacant = bare_left | bare_right
    state = np.select(
        [~scoped, vacant, two_left | two_right],
        ["out_of_scope", "unassigned", "conflicting"],
        "assigned",
    )
    left = np.where(vacant, bare_left, (two_left | two_right) & two_left)
    right = np.where(vacant, bare_right, (two_left | two_right) & two_right)
    side = np.select([~scoped, left & right, left, right], ["", "B", "L", "R"], "")
    mine = np.array(
        [ask.holds(*post) for post in zip(valid["level"], valid["role"], strict=True)], dtype=bool
    )
    told = _holders(valid[mine], day.stretches.take(mine), tiles, settings.language)
    frame = pd.DataFrame(
        {
            "course_id": courses["course_id"].to_numpy()[tiles.course],
            "from_m": tiles.from_m,
            "to_m": tiles.to_m,
            "level": ask.level,
            "role": ask.role,
            "state": state,
            "side": side,
            "missing": missing,
            "holders": told,
        }
    )
    return joined(frame)


def joined(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame`, in order of chainage, with neighbours that differ in nothing made one row."""
    if frame.empty:
        return frame
    what = [name for name in frame.columns if name not in ("from_m", "to_m")]
    same = (frame[what] == frame[what].shift()).all(axis=1)
    touches = frame["from_m"] == frame["to_m"].shift()
    run = (~(same & touches)).cumsum()
    last = frame["to_m"].groupby(run).last()
    first = frame[~(same & touches)]
    return first.assign(to_m=last.to_numpy())


def _vacancies(
    ask: Ask, posts: list[_Post], tiles: Stretches, courses: Courses, settings: Settings
) -> tuple[Yes, Yes, Yes, pd.Series]:
    """Return where left and right lack a required post, where one is required, and which lack."""
    size, say = len(tiles), settings.language
    left, right, scoped = (np.zeros(size, dtype=bool) for _ in range(3))
    missing = pd.Series([""] * size, dtype=object)
    none = np.zeros(size, dtype=np.int64)
    kind = courses["kind"].to_numpy()[tiles.course]
    grade = courses["grade"].to_numpy()[tiles.course]
    needs = [need for need in matrix(settings) if ask.holds(need.level, need.role)]
    for level, role in dict.fromkeys((need.level, need.role) for need in needs):
        here = np.zeros(size, dtype=bool)
        for need in needs:
            if (need.level, need.role) == (level, role):
                here |= (kind == need.kind) & ((need.grade == "") | (grade == need.grade))
        post = Ask(level, role)
        depth = [one for one in posts if post.holds(one.level, one.role)]
        no_left = here & (sum((one.held[0] for one in depth), none) == 0)
        no_right = here & (sum((one.held[1] for one in depth), none) == 0)
        left, right, scoped = left | no_left, right | no_right, scoped | here
        word = say_post(level, role or POST.say(say), say)
        lacks = no_left | no_right
        missing = missing.where(~lacks, missing.where(missing == "", missing + "、") + word)
    return left, right, scoped, missing


def _conflicts(ask: Ask, posts: list[_Post], size: int) -> tuple[Yes, Yes]:
    """Return where two holders share a post on the left and on the right bank."""
    left, right = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    for post in posts:
        if ask.holds(post.level, post.role):
            left, right = left | post.disputed(0), right | post.disputed(1)
    return left, right


def _holders(duties: pd.DataFrame, laid: Stretches, tiles: Stretches, say: Language) -> list[str]:
    """Return for each piece who holds it, in words: 张三（镇级河长，左岸）."""
    met = overlay(tiles, laid)
    posts = [
        [say_post(level, role, say), BANKS[side].say(say) if side in BANKS else ""]
        for level, role, side in zip(duties["level"], duties["role"], duties["side"], strict=True)
    ]
    comma, left, right, stop = ("，", "（", "）", "、") if say == "zh" else (", ", " (", ")", "; ")
    words = [
        holder + (f"{left}{comma.join(filter(None, post))}{right}" if any(post) else "")
        for holder, post in zip(duties["holder"], posts, strict=True)
    ]
    return [
        stop.join(sorted(row))
        for row in listed(met.left, (words[at] for at in met.right), len(tiles))
    ]
