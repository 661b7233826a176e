"""Say the kinds of assets in words: one word for one thing, wherever a kind is told."""

import re

import pandas as pd

from geo.words import Language, Text

KIND_WORDS = {
    "river": Text("河道", "river"),
    "canal": Text("渠道", "canal"),
    "road": Text("道路", "road"),
    "reservoir": Text("水库", "reservoir"),
    "pond": Text("塘坝", "pond"),
}
# Chinese does not tell one from many.
MANY = {kind: Text(word.zh, f"{word.en}s") for kind, word in KIND_WORDS.items()}

_UNNAMED = Text(
    "{file} 的无名{kind}(要素 {feature})", "an unnamed {kind} in {file} (feature {feature})"
)
_DRAWN_IN = re.compile(rf"({'|'.join(KIND_WORDS)}):(.+)#([^#]+)")


def called(assets: pd.DataFrame, language: Language) -> pd.Series:
    """Return what an office finds each row's asset by: its name, else its code, else its feature.

    `assets` has `asset_id` and `name`; the index stays.
    """
    ids = assets["asset_id"].map(lambda asset_id: _by_id(asset_id, language)).astype(object)
    return assets["name"].where(assets["name"] != "", ids)


def _by_id(asset_id: str, language: Language) -> str:
    """Return an asset without a name in words.

    >>> _by_id("road:roads.geojson#158", "zh"), _by_id("X042", "zh")
    ('roads.geojson 的无名道路(要素 158)', 'X042')
    """
    drawn = _DRAWN_IN.fullmatch(asset_id)
    if not drawn:
        return asset_id
    kind, file, feature = drawn.groups()
    return _UNNAMED.say(language, kind=KIND_WORDS[kind].say(language), file=file, feature=feature)
