"""Say the kinds of assets in words: one word for one thing, wherever a kind is told."""

from geo.words import Text

KIND_WORDS = {
    "river": Text("河道", "river"),
    "canal": Text("渠道", "canal"),
    "road": Text("道路", "road"),
    "reservoir": Text("水库", "reservoir"),
    "pond": Text("塘坝", "pond"),
}
# Chinese does not tell one from many.
MANY = {kind: Text(word.zh, f"{word.en}s") for kind, word in KIND_WORDS.items()}
