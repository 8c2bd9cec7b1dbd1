"""Texts whose labels others dispute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from stages.core.records import Text
from stages.measures.dispute import disputes, mean_probabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Floats
    from stages.students.student import Student

LABELS = ("a", "b", "c")


@dataclass
class Judge:
    labels: tuple[str, ...]
    row: tuple[float, ...]
    multilabel: bool = False

    def probabilities(self, texts: Sequence[str]) -> Floats:
        return np.tile(self.row, (len(texts), 1))


def test_a_label_that_a_judge_never_saw_has_no_probability_with_it_and_strange_ones_do_not_count() -> None:
    judges = [Judge(("a", "b", "c"), (0.2, 0.3, 0.5)), Judge(("c", "z", "a"), (0.6, 0.1, 0.3))]
    found = mean_probabilities(cast("list[Student]", judges), ["x", "y"], LABELS)
    assert found == pytest.approx(np.tile([0.25, 0.15, 0.55], (2, 1)))


def test_the_most_disputed_stands_first_and_what_is_agreed_on_not_at_all() -> None:
    rows = np.array([[0.5, 0.3, 0.2], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.4, 0.4, 0.2]])
    texts = [Text(f"text {n}", "a", n, {}) for n in range(4)]
    found = disputes(texts, rows, LABELS, multilabel=False)
    assert [(each.index, each.instead) for each in found] == [(2, "b"), (1, "b")], "a tie is no dispute"
    assert (found[0].probability, found[0].instead_probability) == (0.1, 0.8)


def test_of_several_labels_the_least_likely_one_is_disputed_where_it_is_less_likely_than_not() -> None:
    texts = [Text("one", "a", 0, {}, ("b",)), Text("two", "a", 1, {}, ("b",)), Text("three", "a", 2, {}, ("b", "c"))]
    rows = np.array([[0.9, 0.6, 0.7], [0.9, 0.2, 0.1], [0.1, 0.1, 0.1]])
    (found,) = disputes(texts, rows, LABELS, multilabel=True)
    assert (found.index, found.disputed, found.instead) == (1, "b", "c"), "of all labels at once there is no other"
