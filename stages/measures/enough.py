"""How many test texts are enough: how wide the interval of an accuracy is on so many."""

from __future__ import annotations

import math
from statistics import NormalDist

WANTED = 0.05  # half the width of an interval, as a share: with more, few differences show


def half_width(share: float, texts: int, confidence: float) -> float:
    """Half the width of the interval of an accuracy, as a share: z sqrt(p (1 - p) / n), the normal approximation
    (Brown, Cai and DasGupta 2001, Interval Estimation for a Binomial Proportion, section 2).
    """
    return _z(confidence) * math.sqrt(share * (1 - share) / texts)


def texts_for(half: float, confidence: float) -> int:
    """How many texts it takes for that half of the width whatever the accuracy is: it is widest at one half."""
    return math.ceil((_z(confidence) / half) ** 2 / 4)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
