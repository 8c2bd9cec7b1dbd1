"""Which texts repeat each other or a text of the test set, word for word or nearly so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from stages.core.texts import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.arrays import Floats, Ints

_RUN = 3  # words
_FEWEST_RUNS = 4  # of a test text: a shorter one is found in many a text that does not repeat it
_VERBATIM = 0.8  # of the runs of both texts, from which on they are the same but for a word
_ROWS_AT_ONCE = 2000  # of the matrix of cosines


class Overlap(NamedTuple):
    """What a text has in common with the test text that it overlaps with most.

    Attributes:
        share: Of the test text's distinct runs of three words: contamination by runs of words, as Brown et al.,
            *Language Models are Few-Shot Learners*, 2020, appendix C, with runs that short texts have too.
        both: Of the distinct runs of either (Jaccard similarity).
        text: The test text.
    """

    share: float
    both: float
    text: str

    @property
    def verbatim(self) -> bool:
        """Whether the two are the same text but for a word or so."""
        return self.both >= _VERBATIM


class TestRuns:
    """The runs of three words in the test texts; those of fewer than six words are left out."""

    __test__ = False  # no test, whatever its name begins with

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts, self._sizes = list[str](), list[int]()
        self._having = dict[tuple[str, ...], list[int]]()
        for text in texts:
            runs = _runs(text)
            if len(runs) < _FEWEST_RUNS:
                continue
            for run in runs:
                self._having.setdefault(run, []).append(len(self._texts))
            self._texts.append(text)
            self._sizes.append(len(runs))

    def overlap(self, text: str) -> Overlap | None:
        """With the test text of which most is in `text`; None where no run is common to any."""
        runs = _runs(text)
        common = Counter(number for run in runs for number in self._having.get(run, ()))
        if not common:
            return None
        most = max(common, key=lambda number: (common[number] / self._sizes[number], -number))
        whole = self._sizes[most] + len(runs) - common[most]
        return Overlap(common[most] / self._sizes[most], common[most] / whole, self._texts[most])


def _runs(text: str) -> set[tuple[str, ...]]:
    words = normalised(text).split()
    return {tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)}


def repeated(groups: Ints, labels: Sequence[Sequence[str]]) -> tuple[list[int | None], list[int | None]]:
    """Of each text, the first near-duplicate before it with a label in common, and the first without.

    Args:
        groups: (n,) numbers of groups of near-duplicates.
        labels: (n,) labels of each text.

    Returns:
        (n,) and (n,) places of texts; None where there is no such text.
    """
    sizes = np.bincount(groups) if len(groups) else np.zeros(0, dtype=np.int64)
    firsts = dict[int, dict[tuple[str, ...], int]]()  # of each group, the first text of each set of labels
    within, across = list[int | None](), list[int | None]()
    for row, group in enumerate(groups.tolist()):
        if sizes[group] == 1:
            within.append(None)
            across.append(None)
            continue
        seen, mine = firsts.setdefault(group, {}), set(labels[row])
        within.append(next((each for named, each in seen.items() if mine & set(named)), None))
        across.append(next((each for named, each in seen.items() if not mine & set(named)), None))
        seen.setdefault(tuple(labels[row]), row)
    return within, across


def nearest(vectors: Floats, others: Floats) -> tuple[Floats, Ints]:
    """Cosine to the nearest of (m, d) unit vectors, and its place: (n,) and (n,), of (n, d) unit vectors."""
    cosines, places = np.zeros(len(vectors)), np.zeros(len(vectors), dtype=np.int64)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        found = vectors[start : start + _ROWS_AT_ONCE] @ others.T
        places[start : start + _ROWS_AT_ONCE] = found.argmax(axis=1)
        cosines[start : start + _ROWS_AT_ONCE] = found.max(axis=1)
    return cosines, places
