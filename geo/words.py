"""Say a sentence in the language of the project.

Everything that carries blame carries its reason in words, and the words must exist in both
languages or in none. A `Text` is declared beside the code that uses it.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """One sentence in Chinese and English, with the same named blanks.

    >>> Text("差 {n} 米", "{n} m short").say("en", n=3)
    '3 m short'
    """

    zh: str
    en: str

    def say(self, language: Language, **values: object) -> str:
        """Return the sentence with its blanks filled; what fills them is never read as a format."""
        return (self.zh if language == "zh" else self.en).format(**values)
