"""Texts as numbers of words: cut into words once, counted by all measures that look at words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.core.texts import normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words of n texts, as `core/texts.normalised` reads them: no case, no punctuation.

    Attributes:
        vocabulary: (v,) words; some may occur in none of the texts (see `take`).
        numbers: (t,) places in the vocabulary of all words of all texts, one text after the other.
        starts: (n + 1,) where in `numbers` each text begins; the last is t.
    """

    vocabulary: tuple[str, ...]
    numbers: Ints
    starts: Ints

    @classmethod
    def of(cls, texts: Sequence[str]) -> Words:
        """Cut (n,) texts into words."""
        known = dict[str, int]()
        numbers, starts = list[int](), [0]
        for text in texts:
            numbers += [known.setdefault(word, len(known)) for word in normalised(text).split()]
            starts.append(len(numbers))
        return cls(tuple(known), np.array(numbers, dtype=np.int64), np.array(starts, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Ints:
        """(n,) numbers of words of the texts."""
        return np.diff(self.starts)

    def take(self, rows: Ints) -> Words:
        """The texts at (k,) places, in that order, with the same vocabulary."""
        lengths = self.lengths[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Words(self.vocabulary, self.numbers[places], starts)

    def grams(self, n: int) -> tuple[Ints, Ints]:
        """All runs of n words inside a text: (k,) their numbers from 0, equal runs sharing one, and (k,) their texts.

        A text of w words has w - n + 1 of them.
        """
        texts = np.repeat(np.arange(len(self)), self.lengths)
        ends = len(self.numbers) - n + 1
        if ends <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        grams = self.numbers
        for step in range(1, n):
            # Numbered anew from 0 at each step, so that the product stays far below 2^63.
            shorter = np.unique(grams, return_inverse=True)[1] if step > 1 else grams
            grams = shorter[: len(self.numbers) - step] * len(self.vocabulary) + self.numbers[step:]
        inside = texts[:ends] == texts[n - 1 :]
        return np.unique(grams[inside], return_inverse=True)[1], texts[:ends][inside]

    def counts(self, n: int) -> Ints:
        """How often each distinct run of n words occurs: (distinct runs,), each at least 1, in no special order."""
        return np.bincount(self.grams(n)[0])


def rows_of(labels: Sequence[str]) -> dict[str, Ints]:
    """The places of each label's texts, in ascending order; labels in order of their names."""
    names, numbers, counts = np.unique(np.array(labels, dtype=np.str_), return_inverse=True, return_counts=True)
    parts = np.split(np.argsort(numbers, kind="stable"), np.cumsum(counts)[:-1])
    return {str(name): part for name, part in zip(names, parts, strict=True)} if len(names) else {}


def drawn_rows(texts: int, size: int, seed: int) -> Ints | None:
    """Places of so many of n texts, drawn without replacement, in ascending order; None where there are fewer."""
    return None if texts < size else np.sort(np.random.default_rng(seed).choice(texts, size, replace=False))
