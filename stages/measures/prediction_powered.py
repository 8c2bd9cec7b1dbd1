"""Shares of values in all texts, of which only a sample is known and the rest is guessed by a classifier.

Prediction-powered inference (Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, section 2): the guesses for all
texts, corrected by how far guesses are off in the sample. With f_i the guessed probability of a value for text i, y_i 1
or 0 for what is known of it, N texts and a sample of n,

    share = mean_N f + mean_n (y - f)

which has the right mean however bad the classifier is, and a variance that is the smaller the better it is. A text of
the sample is guessed by a model that did not see it, any other by the mean of these models (cross-prediction: Zrnic and
Candes 2024, section 2). Here the texts are all that there are: the sample is drawn from them without replacement, of
each label for itself, so variances have the factor 1 - n / N and are added up over labels (the difference estimator of
survey sampling: Cochran 1977, chapters 5 and 7). Guesses of 0 everywhere give what the sample says by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.bias import wilson

if TYPE_CHECKING:
    from stages.core.arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """Texts of which some are known.

    Attributes:
        strata: (N,) the label of each text, as a number.
        rows: (n,) the places of those that are known, each once.
        known: (n, values) which value each of these has; exactly one.
        guessed: (N, values) the probability of each value, by a classifier that did not see the text; None for none.
    """

    strata: Ints
    rows: Ints
    known: Bools
    guessed: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """Shares of values, with the bounds of their intervals: (values,) each; the shares sum to 1."""

    shares: Floats
    low: Floats
    high: Floats


def estimate(sampled: Sampled, confidence: float, stratum: int | None = None) -> Estimate:
    """The share of each value in the texts of all labels that have a known text, or in those of one label.

    The interval is Wilson's, for the number of texts of which the share would have the variance that it has (the
    effective sample size: Korn and Graubard 1998). That variance is of y - f within labels, taken to be the same in all
    of them, since a label has few known texts; one text more that is off by 1 is counted in, so that a sample that has
    no error is not taken for a proof that there is none.

    Args:
        sampled: The texts.
        confidence: Of each interval by itself.
        stratum: Of one label alone; it has a known text.
    """
    of_rows = sampled.strata[sampled.rows]
    wanted = [stratum] if stratum is not None else [int(each) for each in np.unique(of_rows)]
    sizes = np.array([(sampled.strata == each).sum() for each in wanted], dtype=np.float64)
    counts = np.array([(of_rows == each).sum() for each in wanted], dtype=np.float64)
    guessed = np.zeros((len(sampled.strata), sampled.known.shape[1])) if sampled.guessed is None else sampled.guessed
    off = sampled.known - guessed[sampled.rows]
    parts = [off[of_rows == each] for each in wanted]
    means = np.stack([
        guessed[sampled.strata == each].mean(axis=0) + part.mean(axis=0)
        for each, part in zip(wanted, parts, strict=True)
    ])  # fmt: skip
    squares = np.sum([((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in parts], axis=0)
    weights = sizes / sizes.sum()
    spread = (squares + 1) / (counts.sum() - len(wanted) + 1)
    variances = spread * (weights**2 * (1 - counts / sizes) / counts).sum()
    shares = (weights[:, np.newaxis] * means).sum(axis=0).clip(0, 1)
    shares = shares / shares.sum()
    return Estimate(shares, *_intervals(shares, variances, int(counts.sum()), confidence))


def _intervals(shares: Floats, variances: Floats, n: int, confidence: float) -> tuple[Floats, Floats]:
    if not variances.any():  # every text is known
        return shares, shares
    kept_off_the_ends = (n * shares + 1) / (n + 2)
    effective = kept_off_the_ends * (1 - kept_off_the_ends) / variances
    bounds = [wilson(float(share), float(size), confidence) for share, size in zip(shares, effective, strict=True)]
    low, high = np.array(bounds).T
    return low, high
