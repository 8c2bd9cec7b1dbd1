"""The texts of a blend: shares of several methods' texts and of people's, without what a score must not be made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.core.bounds import part_of
from stages.core.errors import ModelError
from stages.core.params import GOLD
from stages.core.texts import DUPLICATE, IN_TEST_SET, normalised, without
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stages.core.learning import Blend
    from stages.core.records import Text
    from stages.core.tasks import LabelledText
    from stages.students.student import Student

DISAGREE = "disagree"  # a student of the other methods' texts does not give the text its label


@dataclass(frozen=True, slots=True)
class Taken:
    """A text with its labels, and whose it is: a method's, or `gold`."""

    text: str
    labels: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Blended:
    """The texts of a blend.

    Attributes:
        texts: What is left: of people first, then of the methods in their order.
        taken: How many texts were taken, by origin, before any was dropped.
        dropped: How many were dropped, by reason.
    """

    texts: tuple[Taken, ...]
    taken: dict[str, int]
    dropped: dict[str, int]

    @property
    def used(self) -> dict[str, int]:
        """How many texts are left, by origin."""
        left = Counter(each.origin for each in self.texts)
        return {origin: left[origin] for origin in self.taken}


def blended(
    entry: Blend,
    accepted: Mapping[str, Sequence[Text]],
    train: Sequence[LabelledText],
    test: Sequence[LabelledText],
) -> Blended:
    """The texts that an entry of `blends` asks for, without repetitions and without texts of the test set.

    Args:
        entry: The entry.
        accepted: Texts that passed the gates, by method.
        train: Of people; may be empty where `entry.gold` is 0.
        test: The test set.
    """
    chosen = _of_people(train, entry)
    for method, share in entry.methods.items():
        chosen += [Taken(each.text, each.labels, method) for each in _first_of_each_label(accepted[method], share)]
    untested, first = without(chosen, test), dict[str, Taken]()
    for each in untested:
        first.setdefault(normalised(each.text), each)
    dropped = {DISAGREE: 0, DUPLICATE: len(untested) - len(first), IN_TEST_SET: len(chosen) - len(untested)}
    by_origin = Counter(each.origin for each in chosen)
    taken = {origin: by_origin[origin] for origin in (GOLD, *entry.methods)}
    return Blended(tuple(first.values()), taken, dropped)


def agreeing(
    blend: Blended, least: float, fit: Callable[[TrainingSet], Student], *, multilabel: bool = False
) -> Blended:
    """The texts whose labels the other methods' texts agree with.

    A text of a method keeps its label if a student that was fitted to the texts of all other methods gives each of its
    labels a probability of `least` or more; otherwise it is dropped. Texts of people stay, and judge nobody.

    Raises:
        ModelError: a label would have no text left, or the other methods' texts cannot be learned from.
    """
    methods = [origin for origin, count in blend.used.items() if origin != GOLD and count]
    dropped = set[Taken]()
    for method in methods:
        others = [each for each in blend.texts if each.origin not in (GOLD, method)]
        judge = fit(TrainingSet.from_records(others, multilabel=multilabel))
        column = {label: number for number, label in enumerate(judge.labels)}
        texts = [each for each in blend.texts if each.origin == method]
        for each, row in zip(texts, judge.probabilities([each.text for each in texts]), strict=True):
            if not all(label in column and row[column[label]] >= least for label in each.labels):
                dropped.add(each)
    kept = tuple(each for each in blend.texts if each not in dropped)
    lost = sorted(_labels_of(blend.texts) - _labels_of(kept))
    if lost:
        raise ModelError(f"agree: {least} leaves no text of {', '.join(lost)}; lower it, or take texts of more methods")
    return Blended(kept, blend.taken, {**blend.dropped, DISAGREE: len(dropped)})


def _labels_of(texts: Iterable[Taken]) -> set[str]:
    return {label for each in texts for label in each.labels}


def _first_of_each_label(texts: Sequence[Text], share: float) -> list[Text]:
    """The first texts of each label, by their number in the plan: a larger share only adds texts."""
    counts, order = Counter(each.label for each in texts), sorted(texts, key=lambda each: each.index)
    wanted = {label: part_of(share, count) for label, count in counts.items()}
    first, met = set[tuple[str, int]](), Counter[str]()
    for each in order:
        met[each.label] += 1
        if met[each.label] <= wanted[each.label]:
            first.add((each.label, each.index))
    return [each for each in texts if (each.label, each.index) in first]


def _of_people(train: Sequence[LabelledText], entry: Blend) -> list[Taken]:
    """A choice from each label, by the seed; a larger share only adds to it."""
    drawn = np.random.default_rng(entry.seed).random(len(train))
    counts, met, chosen = Counter(each.label for each in train), Counter[str](), set[int]()
    for row in np.argsort(drawn, kind="stable").tolist():
        label = train[row].label
        met[label] += 1
        if met[label] <= part_of(entry.gold, counts[label]):
            chosen.add(row)
    return [Taken(each.text, each.labels, GOLD) for row, each in enumerate(train) if row in chosen]
