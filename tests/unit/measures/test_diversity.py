from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stages.measures.diversity import RealTexts, SetDiversity, Size, measure_diversity
from stages.measures.lexical import expected_distinct
from stages.measures.semantic import central_moment_discrepancy
from stages.measures.words import Words
from tests.conftest import TEXTS

TEXT = [text for texts in TEXTS.values() for text in texts]
LABELS = [label for label, texts in TEXTS.items() for _ in texts]
VECTORS = np.eye(8)[[0, 0, 1, 2, 3, 4]]


def measured(order: list[int], *, real: bool = False) -> SetDiversity:
    theirs = RealTexts(np.eye(8)[[0, 0, 5]], ["noise", "noise", "parcel"]) if real else None
    return measure_diversity(
        Words.of([TEXT[each] for each in order]), VECTORS[order], [LABELS[each] for each in order],
        whole=Size(20, 6), each=Size(9, 2), seed=1, real=theirs,
    )  # fmt: skip


def test_each_class_is_measured_by_its_own_texts() -> None:
    found = measured([0, 1, 2, 3, 4, 5])
    assert list(found.classes) == sorted(TEXTS)
    noise = Words.of(TEXTS["noise"])
    each = found.classes["noise"]
    assert (each.texts, each.words, each.sample) == (2, len(noise.numbers), 9)
    assert each.vocabulary == len(noise.vocabulary)
    assert each.expected_vocabulary == expected_distinct(noise.counts(1), 9)
    assert each.distinct_1 == pytest.approx((each.expected_vocabulary or 0) / 9)
    assert (each.similarity, each.vendi) == pytest.approx((1, 1))
    assert (found.classes["plants"].similarity, found.classes["plants"].vendi) == pytest.approx((0, 2))
    assert found.within == pytest.approx(1 / 3)
    assert found.between == pytest.approx(0)
    assert found.overall.similarity == pytest.approx(2 / 30)
    assert (found.overall.texts, found.overall.sample, found.overall.cmd) == (6, 20, None)


def test_the_order_of_the_texts_does_not_matter() -> None:
    one, two = measured([0, 1, 2, 3, 4, 5]), measured([5, 2, 0, 4, 3, 1])
    for first, second in [(one.overall, two.overall), *zip(one.classes.values(), two.classes.values(), strict=True)]:
        for name in first.__dataclass_fields__:
            assert getattr(first, name) == pytest.approx(getattr(second, name)), name


def test_discrepancy_to_the_real_texts_of_each_class() -> None:
    found = measured([0, 1, 2, 3, 4, 5], real=True)
    assert found.classes["noise"].cmd == 0
    assert found.classes["plants"].cmd is None
    assert found.overall.cmd == central_moment_discrepancy(VECTORS, np.eye(8)[[0, 0, 5]])
    assert replace(found.overall, cmd=None) == measured([0, 1, 2, 3, 4, 5]).overall
