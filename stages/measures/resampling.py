"""The bootstrap (Efron 1979): a score on many test sets, drawn with replacement from the texts of the one there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from stages.core.arrays import Bools, Floats, Ints
    from stages.core.sections import Evaluate


_NUMBERS_AT_ONCE = 20_000_000  # draws are counted in blocks of so many numbers


def alike(*columns: Bools) -> tuple[list[Bools], Ints]:
    """Texts that are alike to every score, counted: draws of these are the same bootstrap as draws of texts, and cheap.

    Args:
        columns: (n, labels) each: which labels a text has, which it was given (by one student, by another).

    Returns:
        The same columns for the k different kinds of texts, (k, labels) each; and how many there are of each, (k,).
    """
    # Turned round, so that kinds of one label each come in the order of the labels.
    kinds, counts = np.unique(~np.hstack(columns), axis=0, return_counts=True)
    return [~each for each in np.hsplit(kinds, len(columns))], counts


def resample(counts: Ints, statistic: Callable[[Floats], Floats], width: int, settings: Evaluate) -> Floats:
    """A statistic on resampled test sets: (resamples, ...).

    Args:
        counts: (k,) how many texts there are of each kind, n in all; ones for texts that are each a kind.
        statistic: Gives (r, ...) values for (r, k) counts: how often each kind was drawn, n in all in each row.
        width: How many numbers it makes of a row at most, so that blocks of rows fit into memory.
        settings: How many test sets of n texts are drawn, and the seed.
    """
    generator, total, found = np.random.default_rng(settings.seed), int(counts.sum()), []
    block = max(1, _NUMBERS_AT_ONCE // max(width, len(counts)))
    for start in range(0, settings.resamples, block):
        rows = min(block, settings.resamples - start)
        drawn = generator.multinomial(total, counts / total, size=rows)
        found.append(statistic(drawn.astype(np.float64)))
    return np.concatenate(found)


def percentiles(resampled: Floats, settings: Evaluate) -> tuple[Floats, Floats]:
    """Both bounds of the percentile interval: (...) each, from (resamples, ...)."""
    low, high = np.quantile(resampled, [(1 - settings.confidence) / 2, (1 + settings.confidence) / 2], axis=0)
    return low, high


def centred(resampled: Floats, value: float, settings: Evaluate, least: float = 0.0) -> tuple[float, float]:
    """Both bounds of the percentile interval, less what resampling adds to a score.

    A draw has fewer different texts than the test set, so that some scores are lower, or higher, on draws than on the
    set itself; and that one is as far again from the truth. The mean of it, the bootstrap's estimate of bias (Efron and
    Tibshirani 1993, section 10.2), is taken off.

    Args:
        resampled: (resamples,).
        value: The score of the test set itself; the bounds never leave it out.
        settings: Has the confidence.
        least: The least that a score can be, where the bounds are cut, as they are at 1.
    """
    low, high = map(float, percentiles(resampled, settings))
    if low == high:
        return low, high
    bias = float(resampled.mean()) - value
    return max(least, min(low - bias, value)), min(1.0, max(high - bias, value))
