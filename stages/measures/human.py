"""What a score is worth in human texts: how many of them a class do as well."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.measuring import Worth
    from stages.core.tasks import LabelledText

FEWER, MORE = "fewer than ", "more than "


@dataclass(frozen=True, slots=True)
class HumanPoint:
    """A score as a share of 1, with its interval, of a student that learned from so many human texts a class."""

    texts: int
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HumanTexts:
    """So many human texts a class; `beyond` says where the curve ends before it meets the score.

    Attributes:
        texts: A number of texts a class.
        beyond: Nothing, or `fewer than ` (the least of the curve is better), or `more than ` (the most is worse).
    """

    texts: float
    beyond: str = ""

    def __str__(self) -> str:
        return f"{self.beyond}{self.texts:.0f}"


@dataclass(frozen=True, slots=True)
class HumanWorth:
    """What a score is worth, with the bounds of its interval."""

    value: HumanTexts
    low: HumanTexts
    high: HumanTexts

    def __str__(self) -> str:
        if self.value.beyond and self.low == self.value == self.high:
            return str(self.value)
        return f"{self.value} ({self.low} to {self.high})"


def draws_of(train: Sequence[LabelledText], chosen: Worth) -> Iterator[tuple[int, list[list[LabelledText]]]]:
    """For each number of texts a label, the fewest first, several draws of so many; a larger one holds the smaller.

    Args:
        train: Of people. Of a text with several labels the first counts.
        chosen: The numbers, and how many draws; a number that some label has not is left out.
    """
    least = min(Counter(each.label for each in train).values(), default=0)
    ranks = [_ranks(train, chosen.seed + draw) for draw in range(chosen.draws)]
    for texts in sorted(each for each in chosen.per_label if each <= least):
        yield texts, [[each for each, rank in zip(train, drawn, strict=True) if rank < texts] for drawn in ranks]


def _ranks(train: Sequence[LabelledText], seed: int) -> list[int]:
    """Of each text, how many of its label come before it in a random order."""
    ranks, met = [0] * len(train), Counter[str]()
    for row in np.random.default_rng(seed).permutation(len(train)).tolist():
        ranks[row] = met[train[row].label]
        met[train[row].label] += 1
    return ranks


def worth_in_human_texts(curve: Sequence[HumanPoint], score: float, low: float, high: float) -> HumanWorth:
    """The fewest human texts a class with which a student does as well as the score.

    Between two points the curve is a straight line in the logarithm of the number of texts; before the first and beyond
    the last it is not known, and that is what the answer says. Of a curve that rises
    and falls, the first place counts.

    The interval is where the score's lower bound meets the curve's upper bounds, and its upper bound the lower ones. It
    holds whatever errors the two share, such as those of one test set, and is wider than it would have to be where
    they share none.

    Args:
        curve: Points with different numbers of texts, at least one.
        score: Of the generated texts, as a share of 1.
        low: Lower bound of its interval.
        high: Upper bound.

    Raises:
        ValueError: the curve has no point, or two for one number of texts, or an interval does not hold its score.
    """
    points = sorted(curve, key=lambda each: each.texts)
    if not points or any(one.texts == two.texts for one, two in pairwise(points)) or points[0].texts < 1:
        raise ValueError(f"human texts: a curve needs points with different numbers of texts, from 1; it has {curve}")
    for each in (*points, HumanPoint(0, score, low, high)):
        if not each.low <= each.score <= each.high:
            raise ValueError(f"human texts: the score {each.score} is outside its interval {each.low} to {each.high}")
    return HumanWorth(
        value=_meets([(each.texts, each.score) for each in points], score),
        low=_meets([(each.texts, each.high) for each in points], low),
        high=_meets([(each.texts, each.low) for each in points], high),
    )


def _meets(curve: Sequence[tuple[int, float]], score: float) -> HumanTexts:
    """Where a curve of (texts, score), in order of texts, first reaches a score."""
    if score < curve[0][1]:
        return HumanTexts(curve[0][0], FEWER)
    if score == curve[0][1]:
        return HumanTexts(curve[0][0])
    for (before, lower), (after, upper) in pairwise(curve):
        if upper >= score:
            part = (score - lower) / (upper - lower)
            return HumanTexts(math.exp(math.log(before) + part * math.log(after / before)))
    return HumanTexts(curve[-1][0], MORE)
