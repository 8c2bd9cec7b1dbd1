"""Whether labels have anything to do with the texts: against tables by hand, and against what chance does."""

from __future__ import annotations

import numpy as np
import pytest

from stages.core.params import load_everything
from stages.measures.chance import above_chance, blind
from stages.measures.predictions import Predictions
from tests.conftest import ROOT

LABELS = ["a", "b", "c"]
SETTINGS = load_everything(ROOT / "params.yaml").evaluate


def made(actual: str, predicted: str) -> Predictions:
    have, given = (tuple(frozenset(each) for each in side) for side in (actual, predicted))
    return Predictions(have, given, multilabel=False)


def test_by_hand() -> None:
    # Two of a and two of b, all right: one of the six ways to deal the labels is as good, and its mirror is all wrong.
    assert blind(made("aabb", "aabb"), LABELS, 6000, 1) == pytest.approx(1 / 6, abs=0.02)
    assert blind(made("aabb" * 9, "aabb" * 9), LABELS, 1999, 1) == 1 / 2000


def test_one_label_for_all_texts_is_chance_however_common_it_is() -> None:
    common = "a" * 190 + "b" * 10
    assert blind(made(common, "a" * 200), LABELS, 500, 1) == 1.0
    found = above_chance({("one", "s"): made(common, "a" * 200), ("both", "s"): made(common, common)}, LABELS, SETTINGS)
    assert found == {("both", "s")}, "a student that finds the ten is above chance"


def test_blind_labels_seldom_pass_and_their_number_is_corrected_for() -> None:
    generator = np.random.default_rng(1)
    sides = generator.choice(LABELS, size=(2, 200, 36))
    cells = {(str(n), "s"): made("".join(sides[0, n]), "".join(sides[1, n])) for n in range(200)}
    quick = SETTINGS.model_copy(update={"resamples": 100})
    assert len(above_chance(dict(list(cells.items())[:12]), LABELS, quick)) <= 1
    values = [blind(each, LABELS, 99, 1) for each in cells.values()]
    assert 0.01 <= np.mean([p <= 0.05 for p in values]) <= 0.1


def test_several_labels_a_text() -> None:
    sets = tuple(frozenset(each) for each in ("ab", "b", "c", "ac") * 9)
    right, all_labels = Predictions(sets, sets, True), Predictions(sets, (frozenset("abc"),) * 36, True)
    found = above_chance({("right", "s"): right, ("all", "s"): all_labels}, LABELS, SETTINGS)
    assert found == {("right", "s")}


def test_many_test_texts_are_looked_at_in_part() -> None:
    many = made("abc" * 5000, "abc" * 5000)
    assert above_chance({("x", "s"): many}, LABELS, SETTINGS) == {("x", "s")}
