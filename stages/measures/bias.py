"""How far the values of an attribute (place, tone, writer ...) are from how they should be spread."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.significance import holm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.arrays import Floats


@dataclass(frozen=True, slots=True)
class Bias:
    """How n texts are spread over the values of an attribute, against a target.

    Attributes:
        texts: n.
        values: Number of values that some text has; a target may name more.
        entropy: In bits.
        evenness: Entropy divided by the most that all values, found or targeted, allow, 0 to 1; 1 where there is only
            one.
        commonest: The value that most texts have; of several the first by name.
        share: Its share of the texts.
        share_low: Lower bound of the interval of that share.
        share_high: Upper bound.
        total_variation: Share of the texts that would need another value to meet the target, 0 to 1.
        by_chance: What `total_variation` is on average where n texts are drawn from the target itself.
        jensen_shannon: Jensen-Shannon distance to the target, 0 to 1.
        chi_square: Pearson's statistic; None where a text has a value that the target rules out.
        freedom: Its degrees of freedom.
        least_expected: The fewest texts that the target expects of a value; below 5, p is rough.
        p: Of a chi-square as large where the target holds. Among classes it is corrected for their number.
    """

    texts: int
    values: int
    entropy: float
    evenness: float
    commonest: str
    share: float
    share_low: float
    share_high: float
    total_variation: float
    by_chance: float
    jensen_shannon: float
    chi_square: float | None
    freedom: int
    least_expected: float
    p: float


@dataclass(frozen=True, slots=True)
class ClassBias:
    """The bias of all texts together, and that of each class, the class that is farthest from its target first."""

    overall: Bias
    classes: dict[str, Bias]


def attribute_bias(
    counts: Mapping[str, Mapping[str, int]],
    targets: Mapping[str, Mapping[str, float]] | None,
    *,
    confidence: float,
) -> ClassBias:
    """The bias of one attribute over all classes and in each.

    Args:
        counts: By label, how many texts have each value; a value that could occur and does not is there with 0.
        targets: By label, the weight of each value. None: the values that a label's counts name, all alike.
        confidence: Of the intervals.

    Returns:
        The classes that have texts, by how far their total variation is above what chance gives; p corrected after
        Holm. The target of all texts is the mean of the classes', each by its number of texts.

    Raises:
        ValueError: no class has a text, or a target has no weight above 0 or one below.
    """
    used = {label: values for label, values in counts.items() if sum(values.values())}
    wanted = {label: _shares(targets[label] if targets else dict.fromkeys(used[label], 1.0)) for label in used}
    found = {label: bias(used[label], wanted[label], confidence=confidence) for label in used}
    together, target = dict[str, int](), dict[str, float]()
    for label, values in used.items():
        for value, count in values.items():
            together[value] = together.get(value, 0) + count
        for value, share in wanted[label].items():
            target[value] = target.get(value, 0.0) + share * found[label].texts
    corrected = dict(zip(found, holm([each.p for each in found.values()]), strict=True))
    worst = sorted(found, key=lambda label: (found[label].by_chance - found[label].total_variation, label))
    return ClassBias(
        overall=bias(together, target, confidence=confidence),
        classes={label: replace(found[label], p=corrected[label]) for label in worst},
    )


def bias(counts: Mapping[str, int], target: Mapping[str, float], *, confidence: float) -> Bias:
    """How n texts are spread over values, with q the target's shares and p = c / n the found ones.

    Entropy: -sum p log2 p (Shannon 1948), divided by log2 of the number of values for `evenness` (Pielou
    1966). Total variation: sum |p - q| / 2. Jensen-Shannon distance: the root of the divergence in bits (Lin 1991; a
    metric by Endres and Schindelin 2003). Chi-square: sum (c - n q)^2 / (n q) over values with q > 0
    (Pearson 1900). The interval of the commonest value's share is Wilson's (1927): too sure of itself in so far as the
    value was picked for being the commonest.

    A small n is far from any target by chance. The mean of total variation for n draws from q is exact here:
    E|c - n q| = 2 k C(n, k) q^k (1 - q)^(n - k + 1) with k = floor(n q) + 1 (de Moivre; Diaconis and Zabell 1991).

    Args:
        counts: How many texts have each value; at least one has some.
        target: The weight of each value; they need not sum to 1, and what is not named has none.
        confidence: Of the interval.

    Raises:
        ValueError: there is no text, or no weight above 0, or one below.
    """
    n = sum(counts.values())
    if n == 0:
        raise ValueError("bias: no text has any value")
    shares = _shares(target)
    names = sorted(counts.keys() | shares.keys())
    c = np.array([counts.get(name, 0) for name in names], dtype=np.float64)
    q = np.array([shares.get(name, 0.0) for name in names])
    p, top = c / n, int(c.argmax())
    square, freedom, chance = _chi_square(c, n * q)
    low, high = wilson(float(p[top]), n, confidence)
    return Bias(
        texts=n,
        values=int((c > 0).sum()),
        entropy=entropy(p),
        evenness=evenness(p),
        commonest=names[top],
        share=float(p[top]),
        share_low=low,
        share_high=high,
        total_variation=total_variation(p, q),
        by_chance=float(sum(_mean_deviation(n, float(each)) for each in q) / (2 * n)),
        jensen_shannon=jensen_shannon(p, q),
        chi_square=square,
        freedom=freedom,
        least_expected=float(n * q[q > 0].min()),
        p=chance,
    )


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError(f"bias: the weights of a target must be 0 or more, and one of them more; they are {weights}")
    return {value: weight / total for value, weight in weights.items()}


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


def _chi_square(counts: Floats, expected: Floats) -> tuple[float | None, int, float]:
    """The statistic, its degrees of freedom, and p; no statistic where something is found that is not expected."""
    from scipy.stats import chi2  # noqa: PLC0415 - a second that only this measure pays

    possible = expected > 0
    freedom = int(possible.sum()) - 1
    if counts[~possible].any():
        return None, freedom, 0.0
    statistic = float(((counts - expected)[possible] ** 2 / expected[possible]).sum())
    return statistic, freedom, float(chi2.sf(statistic, freedom)) if freedom else 1.0


def _mean_deviation(n: int, q: float) -> float:
    """E|c - n q| of a binomial c of n draws with probability q."""
    k = math.floor(n * q) + 1
    if not 0 < q < 1 or k > n:
        return 0.0
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return 2 * k * math.exp(ways + k * math.log(q) + (n - k + 1) * math.log1p(-q))


def wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval (1927) of a share that was found in n texts, more than 0; n may be an effective number."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))  # the share itself: rounding
