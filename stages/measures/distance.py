"""How far the values that texts have are from how they should be spread, and how far chance alone would bring them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stages.measures.significance import holm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the shares of n texts are from a target.

    Attributes:
        texts: n.
        total_variation: Share of the texts that would need another value to meet the target, 0 to 1.
        by_chance: What `total_variation` is on average where n texts are drawn from the target itself.
        jensen_shannon: Jensen-Shannon distance to the target, 0 to 1.
        chi_square: Pearson's statistic; None where a text has a value that the target rules out.
        freedom: Its degrees of freedom.
        least_expected: The fewest texts that the target expects of a value; below 5, p is rough.
        p: Of a chi-square as large where the target holds. Among classes it is corrected for their number (Holm).
    """

    texts: int
    total_variation: float
    by_chance: float
    jensen_shannon: float
    chi_square: float | None
    freedom: int
    least_expected: float
    p: float


Class = TypeVar("Class", str, int)
Found = TypeVar("Found", bound=Distance)


def distance(c: Floats, q: Floats) -> Distance:
    """How far counts c of n texts are from the shares q of a target, with p = c / n.

    Total variation: sum |p - q| / 2. Jensen-Shannon distance: the root of the divergence in bits (Lin 1991; a metric by
    Endres and Schindelin 2003). Chi-square: sum (c - n q)^2 / (n q) over values with q > 0 (Pearson 1900).

    A small n is far from any target by chance. The mean of total variation for n draws from q is exact here:
    E|c - n q| = 2 k C(n, k) q^k (1 - q)^(n - k + 1) with k = floor(n q) + 1 (de Moivre; Diaconis and Zabell 1991).

    Args:
        c: (values,) how many texts have each; at least one has some.
        q: (values,) shares, which sum to 1.
    """
    n = int(c.sum())
    statistic, freedom, p = _chi_square(c, n * q)
    return Distance(
        texts=n,
        total_variation=total_variation(c / n, q),
        by_chance=float(sum(_mean_deviation(n, float(each)) for each in q) / (2 * n)),
        jensen_shannon=jensen_shannon(c / n, q),
        chi_square=statistic,
        freedom=freedom,
        least_expected=float(n * q[q > 0].min()),
        p=p,
    )


def worst_first(classes: Mapping[Class, Found]) -> dict[Class, Found]:
    """By how far total variation is above what chance gives; p corrected for the number of classes after Holm."""
    corrected = dict(zip(classes, holm([each.p for each in classes.values()]), strict=True))
    worst = sorted(classes, key=lambda each: (classes[each].by_chance - classes[each].total_variation, each))
    return {each: replace(classes[each], p=corrected[each]) for each in worst}


def entropy(shares: Floats) -> float:
    """In bits, of shares that sum to 1."""
    there = shares[shares > 0]
    return float(max(0.0, -(there * np.log2(there)).sum()))


def evenness(shares: Floats) -> float:
    """Entropy divided by the most that so many values allow; 1 where there is only one."""
    return entropy(shares) / math.log2(len(shares)) if len(shares) > 1 else 1.0


def total_variation(found: Floats, target: Floats) -> float:
    """Share that would need another value, from 0 to 1; both sum to 1."""
    return float(np.abs(found - target).sum() / 2)


def jensen_shannon(found: Floats, target: Floats) -> float:
    """The distance, from 0 to 1; both sum to 1."""
    return math.sqrt(max(0.0, entropy((found + target) / 2) - (entropy(found) + entropy(target)) / 2))


def chi_square_p(statistic: float, freedom: int) -> float:
    """The probability of a statistic as large by chance; 1 where nothing is free."""
    from scipy.stats import chi2  # noqa: PLC0415 - a second that only this measure pays

    return float(chi2.sf(statistic, freedom)) if freedom else 1.0


def _chi_square(counts: Floats, expected: Floats) -> tuple[float | None, int, float]:
    """The statistic, its degrees of freedom, and p; no statistic where something is found that is not expected."""
    possible = expected > 0
    freedom = int(possible.sum()) - 1
    if counts[~possible].any():
        return None, freedom, 0.0
    statistic = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    return statistic, freedom, chi_square_p(statistic, freedom)


def _mean_deviation(n: int, q: float) -> float:
    """E|c - n q| of a binomial c of n draws with probability q."""
    k = math.floor(n * q) + 1
    if not 0 < q < 1 or k > n:
        return 0.0
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return 2 * k * math.exp(ways + k * math.log(q) + (n - k + 1) * math.log1p(-q))
