"""How far the values of an attribute (place, tone, writer ...) are from how they should be spread."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.distance import Distance, distance, entropy, evenness, worst_first

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Bias(Distance):
    """How n texts are spread over the values of an attribute, and how far that is from a target.

    Attributes:
        values: Number of values that some text has; a target may name more.
        entropy: In bits.
        evenness: Entropy divided by the most that all values, found or targeted, allow, 0 to 1; 1 where there is only
            one.
        commonest: The value that most texts have; of several the first by name.
        share: Its share of the texts.
        share_low: Lower bound of the interval of that share.
        share_high: Upper bound.
    """

    values: int
    entropy: float
    evenness: float
    commonest: str
    share: float
    share_low: float
    share_high: float


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
    return ClassBias(bias(together, target, confidence=confidence), worst_first(found))


def bias(counts: Mapping[str, int], target: Mapping[str, float], *, confidence: float) -> Bias:
    """How n texts are spread over values, with p the shares that were found.

    Entropy: -sum p log2 p (Shannon 1948), divided by log2 of the number of values for `evenness` (Pielou 1966). The
    interval of the commonest value's share is Wilson's (1927): too sure of itself in so far as the value was picked for
    being the commonest. The rest: see `distance`.

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
    low, high = wilson(float(p[top]), n, confidence)
    return Bias(
        **asdict(distance(c, q)),
        values=int((c > 0).sum()),
        entropy=entropy(p),
        evenness=evenness(p),
        commonest=names[top],
        share=float(p[top]),
        share_low=low,
        share_high=high,
    )


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError(f"bias: the weights of a target must be 0 or more, and one of them more; they are {weights}")
    return {value: weight / total for value, weight in weights.items()}


def wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    """Wilson's interval (1927) of a share that was found in n texts, more than 0; n may be an effective number."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))  # the share itself: rounding
