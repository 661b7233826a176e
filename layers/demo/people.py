"""Invent the people of the demo office: names of no one, telephones that cannot be dialled."""

from dataclasses import dataclass

import numpy as np

from layers.demo.borders import COUNTY, NEIGHBOUR, TOWN, VILLAGES

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "安禾 启明 文澜 思远 雨田 长青 云舒 柏川 清和 知行 若水 松年 春晖 望舒 景行 维舟 鹤鸣 一帆"


@dataclass(frozen=True)
class Person:
    """Somebody who holds posts or walks patrols."""

    name: str
    title: str
    unit: str
    level: str
    phone: str


@dataclass(frozen=True)
class Staff:
    """All people of the office, by level; villages have a chief, an inspector and a road chief."""

    county: tuple[Person, ...]
    town: tuple[Person, ...]
    village: dict[str, tuple[Person, ...]]
    beyond: tuple[Person, ...]


def hire(rng: np.random.Generator) -> Staff:
    """Return a staff in which no name and no number occurs twice."""
    given = _GIVEN.split()
    pairs = [(family, name) for family in _FAMILY for name in given]
    names = ["".join(pairs[k]) for k in rng.permutation(len(pairs))]
    fresh = iter(zip(names, rng.permutation(10_000), strict=False))

    def person(title: str, unit: str, level: str) -> Person:
        name, number = next(fresh)
        return Person(name, title, unit, level, f"138 0000 {number:04d}")

    leaders = "镇党委书记 镇长 镇人大主席 副镇长 副镇长 镇武装部长 水利站站长 农村公路站站长"
    chiefs = ("村党支部书记", "村委会主任", "村委委员")
    return Staff(
        county=tuple(person(title, COUNTY, "县级") for title in ("副县长", "县水利局局长")),
        town=tuple(person(title, f"{TOWN}人民政府", "镇级") for title in leaders.split()),
        village={v: tuple(person(title, v, "村级") for title in chiefs) for v in VILLAGES},
        beyond=(
            person("副镇长", f"{NEIGHBOUR}上坪镇", "镇级"),
            person("村党支部书记", f"{NEIGHBOUR}上坪镇坪头村", "村级"),
            person("副县长", NEIGHBOUR, "县级"),
        ),
    )
