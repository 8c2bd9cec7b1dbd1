"""Whether a student is right as often as it says: for texts with one label each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.measures.resampling import percentiles, resample

if TYPE_CHECKING:
    from stages.core.arrays import Bools, Floats
    from stages.core.sections import Evaluate

BINS = 15


def calibration_error(probabilities: Floats, actual: Bools, settings: Evaluate) -> tuple[float, float, float]:
    """Expected calibration error (Guo et al. 2017, On Calibration of Modern Neural Networks, equation 3), with bounds.

        ECE = sum over bins m of |B_m| / n * |acc(B_m) - conf(B_m)|

    The confidence of a text is its largest probability; bin m of 15 holds those in ((m - 1) / 15, m / 15]; acc is the
    share of its texts that got their label, conf the mean of their confidences. A label that the student never saw
    has probability 0, so its texts count as wrong.

    An error is never below 0, so resampling adds to it: percentile bounds lie too high, and with 240 texts hold a true
    error of 0.05 hardly ever. Bounds are those of the basic bootstrap (Davison and Hinkley 1997, section 5.2): twice
    the error less the percentiles, which takes that much off again. They are cut at 0 and never leave the error out.

    Args:
        probabilities: (n, labels).
        actual: (n, labels), one a row.
        settings: Of the bootstrap.

    Returns:
        The error and both bounds, shares of 1.
    """
    rows, best = np.arange(len(actual)), probabilities.argmax(axis=1)
    confidence, right = probabilities[rows, best], actual[rows, best]
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.zeros((len(actual), BINS))
    gaps[rows, bins] = right - confidence

    def error(drawn: Floats) -> Floats:
        found: Floats = np.abs(drawn @ gaps).sum(axis=-1) / len(actual)
        return found

    value = float(error(np.ones(len(actual))))
    low, high = percentiles(resample(np.ones(len(actual), dtype=np.int64), error, BINS, settings), settings)
    return value, min(max(0.0, 2 * value - float(high)), value), max(2 * value - float(low), value)


def brier_score(probabilities: Floats, actual: Bools) -> float:
    """Mean over texts of the squared distance between probabilities and labels (Brier 1950): 0 is best, 2 is worst.

    Unlike the log loss it is finite where a text has a label that the student never saw.
    """
    return float(((probabilities - actual) ** 2).sum(axis=1).mean())
