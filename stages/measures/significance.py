"""Whether two students that were scored on the same test texts can be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.measures.scores import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.measures.scores import Floats, Ints

_CELLS_AT_ONCE = 20_000_000  # resampled confusion matrices are counted in blocks of so many numbers


@dataclass(frozen=True, slots=True)
class McNemar:
    """McNemar's test of two sets of predictions.

    Attributes:
        first_only: Texts that the first gives the right label and the second a wrong one.
        second_only: The other way round.
        p: Two-sided; 1 where there is no such text.
    """

    first_only: int
    second_only: int
    p: float


def mcnemar(actual: Sequence[str], first: Sequence[str], second: Sequence[str]) -> McNemar:
    """The exact form of the test of McNemar (1947), of whether two share the same accuracy.

    Of the b + c texts that just one of them gets right, b are the first's. If both are as good, b is binomial with
    n = b + c and p = 1/2, whatever the other texts are; p is the probability of a b that is as unlikely or more so.

    Args:
        actual: (n,) labels of the test texts.
        first: (n,) labels that the first gave them.
        second: (n,) labels that the second gave them.

    Raises:
        ValueError: they differ in length.
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - a second that only a comparison pays

    right = [(one == label, two == label) for label, one, two in zip(actual, first, second, strict=True)]
    b, c = right.count((True, False)), right.count((False, True))
    return McNemar(b, c, float(binomtest(b, b + c, 0.5).pvalue) if b + c else 1.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Macro-F1 of the first less that of the second, as shares of 1, with the bounds of its interval."""

    value: float
    low: float
    high: float


def paired_bootstrap(
    actual: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    labels: Sequence[str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> Difference:
    """The difference in macro-F1 with its paired percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    Each resample draws n test texts with replacement, and scores both on these same texts: what makes a test set hard
    for both falls out of the difference, so it is known better than the two scores are.

    Args:
        actual: (n,) labels of the test texts, n at least 1.
        first: (n,) labels that the first gave them.
        second: (n,) labels that the second gave them.
        labels: All labels.
        resamples: How many test sets are drawn.
        confidence: Share of the resampled differences that the interval holds.
        seed: Of the draws.

    Raises:
        ValueError: they differ in length.
    """
    number = {label: each for each, label in enumerate(labels)}
    texts = [(number[a], number[b], number[c]) for a, b, c in zip(actual, first, second, strict=True)]
    # Texts of one label that both give the same labels are alike to both scores: such cells are drawn, by their shares,
    # which is the same bootstrap and does not grow with the number of texts.
    cells, counts = np.unique(np.array(texts, dtype=np.int64), axis=0, return_counts=True)
    size, generator, found = len(labels), np.random.default_rng(seed), list[Any]()
    block = max(1, _CELLS_AT_ONCE // max(size**2, len(cells)))
    for start in range(0, resamples, block):
        drawn = generator.multinomial(len(texts), counts / len(texts), size=min(block, resamples - start))
        found.append(_difference(drawn, cells, size))
    low, high = np.quantile(np.concatenate(found), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Difference(float(_difference(counts[np.newaxis], cells, size)[0]), float(low), float(high))


def _difference(drawn: Ints, cells: Ints, size: int) -> Floats:
    """Differences in macro-F1, (r,), from draws (r, k) of cells (k, 3: actual, first, second)."""
    one, two = (macro_f1(_confusions(drawn, cells[:, 0] * size + cells[:, column], size)) for column in (1, 2))
    difference: Floats = one - two
    return difference


def _confusions(drawn: Ints, places: Ints, size: int) -> Ints:
    """Confusion counts, (r, size, size), from (r, k) draws of cells that stand at `places` (k,) of a flat matrix."""
    order = np.argsort(places, kind="stable")
    filled, starts = np.unique(places[order], return_index=True)
    counts = np.zeros((len(drawn), size * size), dtype=np.int64)
    counts[:, filled] = np.add.reduceat(drawn[:, order], starts, axis=1)
    return counts.reshape(-1, size, size)


def holm(values: Sequence[float]) -> list[float]:
    """Correct p values for their number (Holm 1979); they stay in the order in which they were given.

    The i-th smallest of m is multiplied by m - i + 1, and is never less than a smaller one: with all below 0.05 called
    different, the chance of even one false call is 0.05 at most, however the tests depend on each other.
    """
    corrected, least = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, values[place] * (len(values) - rank)))
        corrected[place] = least
    return corrected
