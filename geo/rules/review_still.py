"""Question a track that is nothing but the jitter of a phone lying still."""

import pandas as pd

from geo.findings import Rule
from geo.study import Study
from geo.suspicion import nothing, of_tracks, rows
from geo.words import Text

_WHY = Text(
    "{person}的轨迹累计{length:.0f}米,但始终在{extent:.0f}米范围内",
    "{person}'s track adds up to {length:.0f} m, but never leaves {extent:.0f} m",
)
_EXTENT_M = 60.0
# Ten minutes of a phone at rest add up to some kilometres; a rule of 300 m is met in one.
_LENGTH_M = 300.0


def _find(study: Study) -> pd.DataFrame:
    if not study.settings.review:
        return nothing()
    tracks = of_tracks(study)
    each = pd.DataFrame({"length": tracks["length_m"], "extent": tracks["extent_m"]})
    return rows(study, each[(each["extent"] <= _EXTENT_M) & (each["length"] > _LENGTH_M)], _WHY)


RULE = Rule(Text("只有漂移", "Jitter only"), "review", _find)
