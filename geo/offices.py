"""Find where a crew may set out from, when nobody said."""

import numpy as np

from geo.lines import Lines
from geo.schema import Parts
from geo.words import Language, Text

# Words in the names of offices, village committees and stations.
OFFICES = (
    "镇政府",
    "乡政府",
    "街道办",
    "办公",
    "村委",
    "居委",
    "管理站",
    "管理所",
    "河长办",
    "office",
)
AT_OFFICE = Text("未给出发地点,从“{name}”出发", "no start was given: setting out from {name}")
AT_MIDDLE = Text(
    "未给出发地点,数据里也没有办公地点,从线路中部出发",
    "no start was given and no office is known: setting out from the middle of the courses",
)


def start_place(parts: Parts, lines: Lines, language: Language) -> tuple[float, float, str]:
    """Return easting, northing and how they were chosen, in words.

    The first part named like an office, else the vertex nearest the middle of all courses.
    """
    for word in OFFICES:
        named = parts[parts["name"].str.contains(word, regex=False)]
        if len(named):
            point = named.geometry.iloc[0].representative_point()
            return point.x, point.y, AT_OFFICE.say(language, name=named["name"].iloc[0])
    if not len(lines.x):
        return 0.0, 0.0, AT_MIDDLE.say(language)
    away = np.hypot(lines.x - np.median(lines.x), lines.y - np.median(lines.y))
    nearest = int(np.argmin(away))
    return float(lines.x[nearest]), float(lines.y[nearest]), AT_MIDDLE.say(language)
