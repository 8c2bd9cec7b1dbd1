"""Whether two students that were scored on the same test texts can be told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.counts import count, indicators, macro_f1
from stages.measures.resampling import alike, centred, percentiles, resample

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from stages.core.arrays import Floats
    from stages.core.sections import Evaluate

_HALVINGS = 60  # of a width of 2 at most: as exact as a float is


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


def mcnemar(actual: Sequence[Hashable], first: Sequence[Hashable], second: Sequence[Hashable]) -> McNemar:
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
    """Macro-F1 of the first less that of the second, as shares of 1, with the bounds of its interval.

    Attributes:
        drawn: Whether the bounds are those of the bootstrap; else it had no variation (see `paired_bootstrap`).
    """

    value: float
    low: float
    high: float
    drawn: bool = True


def paired_bootstrap(
    actual: Sequence[Collection[str]],
    first: Sequence[Collection[str]],
    second: Sequence[Collection[str]],
    labels: Sequence[str],
    settings: Evaluate,
) -> Difference:
    """The difference in macro-F1 with its paired bootstrap interval (Efron and Tibshirani 1993, chapter 13).

    Each resample draws n test texts with replacement, and scores both on these same texts: what makes a test set hard
    for both falls out of the difference, so it is known better than the two scores are. The interval holds both the
    percentile one, which with many labels lies too near to 0, and the `centred` one, which with very few texts that
    make a difference can leave out a 0 that they do not rule out.

    Where the difference is the same in every resample, so that its interval has no width, as where both give all texts
    the same labels, its bounds are as far from it as those of Tango's score interval are from the difference in the
    share of texts whose labels are all right (see `score_interval`): where no text has just one of them right, at
    z^2 / (n + z^2) on either side. For the macro-F1 that is a stand-in, and narrow where labels have few texts.

    Args:
        actual: (n,) the labels of each test text, n at least 1.
        first: (n,) the labels that the first gave them.
        second: (n,) the labels that the second gave them.
        labels: All labels.
        settings: Of the bootstrap.

    Raises:
        ValueError: they differ in length.
    """

    def difference(drawn: Floats) -> Floats:
        one, two = (macro_f1(count(have, given, drawn)) for given in (ones, twos))
        return np.asarray(one - two)

    (have, ones, twos), kinds = alike(*(indicators(each, labels) for each in (actual, first, second)))
    value = float(difference(kinds.astype(np.float64)))
    draws = resample(kinds, difference, 3 * len(labels), settings)
    low, high = map(float, percentiles(draws, settings))
    if low < high:
        moved = centred(draws, value, settings, least=-1.0)
        return Difference(value, min(low, moved[0]), max(high, moved[1]))
    right, too = ((have == given).all(axis=1) for given in (ones, twos))
    b, c, n = int(kinds[right & ~too].sum()), int(kinds[too & ~right].sum()), int(kinds.sum())
    low, high = (bound - (b - c) / n for bound in score_interval(b, c, n, settings.confidence))
    return Difference(value, max(-1.0, value + low), min(1.0, value + high), drawn=False)


def score_interval(b: int, c: int, n: int, confidence: float) -> tuple[float, float]:
    """The score interval of the difference between two paired shares (Tango 1998, Statistics in Medicine 17, 891-908).

    It holds each d for which |b - c - n d| <= z sqrt(n (2 q + d (1 - d))), with q the likeliest share of pairs that
    only the second has, were d the difference: the root of 2n q^2 + ((2n - b + c) d - b - c) q - c d (1 - d) = 0.

    Args:
        b: Pairs that only the first has.
        c: Pairs that only the second has.
        n: All pairs, 1 or more.
        confidence: Of the interval.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return _score_bound(b, c, n, z), -_score_bound(c, b, n, z)


def _score_bound(b: int, c: int, n: int, z: float) -> float:
    """The lower one, by halving: the shares differ by -1 at least, and by what was found at most."""
    low, high = -1.0, (b - c) / n
    for _ in range(_HALVINGS):
        d = (low + high) / 2
        linear = (2 * n - b + c) * d - b - c
        q = (math.sqrt(linear**2 + 8 * n * c * d * (1 - d)) - linear) / (4 * n)
        if b - c - n * d > z * math.sqrt(max(0.0, n * (2 * q + d * (1 - d)))):
            low = d
        else:
            high = d
    return high


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


def p_shown(value: float) -> str:
    """A p value for people: never nothing."""
    return f"{value:.4f}" if value >= 0.0001 else "< 0.0001"  # noqa: PLR2004 - the digits that are shown
