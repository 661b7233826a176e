"""List the words that belong to each row."""

from collections.abc import Iterable


def listed(at: Iterable[int], words: Iterable[str], size: int) -> list[list[str]]:
    """Return for each of `size` rows its different words, in the order they came.

    >>> listed([2, 0, 2, 2], ["b", "a", "c", "b"], 3)
    [['a'], [], ['b', 'c']]
    """
    found: list[dict[str, None]] = [{} for _ in range(size)]
    for row, word in zip(at, words, strict=True):
        found[row][word] = None
    return [list(row) for row in found]
