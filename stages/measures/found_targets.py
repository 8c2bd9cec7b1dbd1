"""How far values as they were found are from how they should be: even, as in the task's table, as in real texts.

All of it among the texts of which some value is said. Total variation and Jensen-Shannon distance are of all texts, as
estimated; the rest of a `Distance` is of the sample alone, as if nothing else were known. Real texts are a sample too:
against them it is of two samples that one distribution gave.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.measures.distance import (
    Distance,
    chi_square_p,
    distance,
    jensen_shannon,
    total_variation,
    worst_first,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.annotating import Sought
    from stages.core.arrays import Floats, Ints
    from stages.core.files import Json
    from stages.measures.prediction_powered import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """One attribute of one set of texts. Labels are numbers; the last answer is that nothing is said.

    Attributes:
        answers: All that can be said.
        overall: Shares of all answers in all texts.
        classes: Likewise, by label.
        counts: By label, (answers,) how many texts of the sample have each.
        sizes: By label, the number of its texts, in the sample or not.
    """

    answers: list[str]
    overall: Estimate
    classes: dict[int, Estimate]
    counts: dict[int, Ints]
    sizes: dict[int, int]


def held_against(mine: Counted, real: Counted | None, sought: Sequence[Sought], labels: Sequence[str]) -> Json:
    """The distance to each target that there is: overall, and of each class, the worst first.

    Args:
        mine: The method's texts.
        real: The real ones; None where nothing is known of them.
        sought: By label, the values that its texts can have, and how common they are where that is known.
        labels: Their names.

    Returns:
        By target overall, a `Distance`, and classes, one with its label each, the one first that is farthest above what
        chance gives.
    """
    values = mine.answers[:-1]
    uniform = {each: _normal([value in sought[each].values for value in values]) for each in mine.classes}
    common = {each: dict(zip(sought[each].values, sought[each].shares, strict=False)) for each in mine.classes}
    natural = {each: _normal([shares.get(value, 0.0) for value in values]) for each, shares in common.items() if shares}
    found = {"uniform": _fixed(mine, uniform, labels)}
    if len(natural) == len(mine.classes):
        found["natural"] = _fixed(mine, natural, labels)
    if real:
        found["real"] = _real(mine, real, labels)
    return {name: each for name, each in found.items() if each}


def _normal(weights: Sequence[float] | Floats) -> Floats:
    found = np.array(weights, dtype=np.float64)
    return found / found.sum() if found.sum() else found


def _total(each: Iterable[Floats] | Iterable[Ints]) -> Any:
    return np.sum(list(each), axis=0)


def _fixed(mine: Counted, targets: dict[int, Floats], labels: Sequence[str]) -> Json | None:
    """Against a target that is known for each label."""
    said = {each: int(counts[:-1].sum()) for each, counts in mine.counts.items()}
    if not any(said.values()):
        return None
    # In all texts, and in the sample, which has another share of each label's.
    texts = _total(mine.sizes[each] * mine.classes[each].shares[:-1].sum() * targets[each] for each in targets)
    sample = _total(said[each] * targets[each] for each in targets)
    overall = _distance(mine.overall, _total(mine.counts.values()), _normal(texts), _normal(sample))
    classes = {each: _distance(mine.classes[each], mine.counts[each], targets[each], targets[each])
               for each in targets if said[each]}  # fmt: skip
    return _ordered(overall, classes, labels)


def _distance(found: Estimate, counts: Ints, target: Floats, target_of_sample: Floats) -> Distance:
    in_sample, shares = distance(counts[:-1].astype(np.float64), target_of_sample), _normal(found.shares[:-1])
    return replace(
        in_sample, total_variation=total_variation(shares, target), jensen_shannon=jensen_shannon(shares, target)
    )


def _real(mine: Counted, real: Counted, labels: Sequence[str]) -> Json | None:
    """Against shares that are estimates themselves."""
    overall = _two_samples(mine.overall, real.overall, _total(mine.counts.values()), _total(real.counts.values()))
    if overall is None:
        return None
    classes = {
        each: distance
        for each in mine.classes
        if each in real.classes
        and (distance := _two_samples(mine.classes[each], real.classes[each], mine.counts[each], real.counts[each]))
    }
    return _ordered(overall, classes, labels)


def _two_samples(found: Estimate, target: Estimate, counts: Ints, others: Ints) -> Distance | None:
    """Pearson's test of homogeneity; None where one of the samples has no text with a value.

    By chance: the mean of total variation where both samples come from one distribution, by the normal approximation:
    sum sqrt(2 / pi) sqrt(q (1 - q) (1 / n + 1 / m)) / 2, with q the shares in both together.
    """
    table = np.stack([counts[:-1], others[:-1]]).astype(np.float64)
    n, m = table.sum(axis=1)
    if not n or not m:
        return None
    table = table[:, table.any(axis=0)]
    q = table.sum(axis=0) / (n + m)
    expected = np.outer([n, m], q)
    statistic, freedom = float(((table - expected) ** 2 / expected).sum()), table.shape[1] - 1
    shares, wanted = _normal(found.shares[:-1]), _normal(target.shares[:-1])
    return Distance(
        texts=int(n),
        total_variation=total_variation(shares, wanted),
        by_chance=float(np.sqrt(2 / math.pi * q * (1 - q) * (1 / n + 1 / m)).sum() / 2),
        jensen_shannon=jensen_shannon(shares, wanted),
        chi_square=statistic,
        freedom=freedom,
        least_expected=float(expected.min()),
        p=chi_square_p(statistic, freedom),
    )


def _ordered(overall: Distance, classes: dict[int, Distance], labels: Sequence[str]) -> Json:
    return {
        "overall": asdict(overall),
        "classes": [{"label": labels[each], **asdict(found)} for each, found in worst_first(classes).items()],
    }
