"""Lengths of texts, in words: a range as it stands in a prompt ("8 to 20 words"), and back."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

LENGTH = "length"  # the name of the dimension whose values are such ranges

_RANGE = re.compile(r"(\d+) to (\d+) words\Z")


class WordRange(NamedTuple):
    """`low` to `high` words, both included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} to {self.high} words"

    def widened(self, tolerance: float) -> WordRange:
        """The range that is still let through: `low / (1 + tolerance)` to `high * (1 + tolerance)`."""
        return WordRange(int(self.low / (1 + tolerance)), round(self.high * (1 + tolerance)))

    def __contains__(self, words: object) -> bool:
        return isinstance(words, int) and self.low <= words <= self.high


def parse_range(text: str) -> WordRange:
    """The range that `str(WordRange)` wrote.

    Raises:
        ValueError: `text` is no such range.
    """
    found = _RANGE.match(text)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"{text!r} is no length: write it as '8 to 20 words'")
    return WordRange(int(found[1]), int(found[2]))


def split_range(whole: WordRange, parts: int) -> list[WordRange]:
    """Cut a range into `parts` that touch, each about the same factor wide: 3 words more matter in 5, not in 50.

    Fewer come out where the range is too narrow for so many.
    """
    factor = (whole.high / whole.low) ** (1 / parts)
    edges = [whole.low, *(round(whole.low * factor**step) for step in range(1, parts)), whole.high + 1]
    return [WordRange(low, high - 1) for low, high in pairwise(edges) if low < high]


def count_words(text: str) -> int:
    """Number of words: runs of characters between white space."""
    return len(text.split())
