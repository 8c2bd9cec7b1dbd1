"""A judge's agreement with people: by hand, beside scikit-learn, and how often the intervals hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from stages.core.judgements import Judge, Judgement
from stages.core.sections import Evaluate
from stages.measures.bias import wilson
from stages.measures.judge import agreement, judged_scores, realism_auc

LABELS = ("noise", "parcel", "plants", "keys")
EVALUATE = Evaluate(resamples=500, confidence=0.95, seed=1)
JUDGE = Judge(texts=20, real=20, texts_per_request=10, labels=3, model=None, kappa=0.6, fit=0.1)


def said(label: str | tuple[str, ...], chances: dict[str, float], *, real: bool = True, realism: int = 4) -> Judgement:
    labels = label if isinstance(label, tuple) else (label,)
    return Judgement(real, labels, 0, "a text", chances, realism if chances else None, "",
                     None if chances else "missing", "")  # fmt: skip


def by_chance(texts: int, right: float, seed: int, labels: int = 4) -> list[Judgement]:
    """A judge that is right so often, and else gives any other label."""
    generator = np.random.default_rng(seed)
    actual = generator.integers(labels, size=texts)
    given = np.where(generator.random(texts) < right, actual, (actual + generator.integers(1, labels, texts)) % labels)
    return [said(LABELS[a], {LABELS[g]: 1.0}) for a, g in zip(actual, given, strict=True)]


def test_kappa_is_that_of_scikit_learn() -> None:
    real = by_chance(200, 0.8, 1)
    found = agreement(real, LABELS, EVALUATE)
    expected = cohen_kappa_score([each.label for each in real], [each.likeliest for each in real])
    assert found["kappa"] == pytest.approx(expected)
    right = np.mean([each.likeliest == each.label for each in real])
    assert [found[name] for name in ("accuracy", "accuracy_low", "accuracy_high")] == pytest.approx(
        [right, *wilson(float(right), 200, 0.95)]
    )
    assert found["kappa_low"] < found["kappa"] < found["kappa_high"]


def test_the_interval_of_kappa_holds_it() -> None:
    """Of a judge right in 80 % of four even labels kappa is 0.8 - 0.05 over 0.75, about 0.733."""
    held = 0
    few = Evaluate(resamples=100, confidence=0.95, seed=1)
    for seed in range(300):
        found = agreement(by_chance(60, 0.8, seed), LABELS, few)
        held += found["kappa_low"] <= (0.8 - 0.25) / 0.75 <= found["kappa_high"]
    assert 0.92 <= held / 300 <= 0.99


def test_few_texts_without_an_error_prove_little() -> None:
    few, many = (agreement(by_chance(texts, 1.0, 1), LABELS, EVALUATE) for texts in (5, 60))
    assert few["kappa"] == many["kappa"] == 1.0
    assert few["kappa_low"] < 0.6 < many["kappa_low"]
    assert not judged_scores(by_chance(5, 1.0, 1), LABELS, JUDGE, EVALUATE)["trusted"]


def test_one_label_for_all_agrees_no_more_than_chance() -> None:
    real = [said(label, {"noise": 1.0}) for label in LABELS] * 5
    assert agreement(real, LABELS, EVALUATE)["kappa"] == 0.0
    alone = [said("noise", {"noise": 1.0})] * 5
    assert agreement(alone, LABELS, EVALUATE)["kappa"] == 0.0, "chance alone gives that"


def test_chances_tell_right_from_wrong() -> None:
    real = [said("noise", {"noise": 0.7, "parcel": 0.3}), said("parcel", {"noise": 0.8, "parcel": 0.2})]
    assert agreement(real, LABELS, EVALUATE)["auc"] == roc_auc_score([1, 1, 0, 0], [0.7, 0.2, 0.3, 0.8])
    sure = [said("noise", {"noise": 0.7, "parcel": 0.3})] * 10
    found = agreement(sure, LABELS, EVALUATE)
    assert (found["auc"], round(found["calibration_error"], 6)) == (1.0, 0.3)


def test_of_several_labels_one_is_enough_to_agree_and_the_least_likely_to_doubt() -> None:
    both = said(("noise", "parcel"), {"noise": 0.9, "parcel": 0.05, "keys": 0.4})
    found = agreement([both] * 20, LABELS, EVALUATE)
    assert (found["accuracy"], found["auc"]) == (1.0, 0.0)
    scores = judged_scores([said(("noise", "parcel"), both.chances, real=False)], LABELS, JUDGE, EVALUATE)
    assert scores["generated"]["unfit"] == 1.0
    [shown] = scores["disputed"]
    assert (shown["labels"], shown["fit"], shown["instead"]) == (["noise", "parcel"], 0.05, "noise")


def test_what_verdicts_come_to() -> None:
    texts = [
        *by_chance(100, 0.95, 1),
        said("noise", {"parcel": 1.0}, real=False, realism=2),
        said("noise", {"noise": 0.9, "parcel": 0.1}, real=False),
        said("noise", {"noise": 0.1, "parcel": 0.9}, real=False),
        said("noise", {}, real=False),
        said("noise", {}),
    ]
    scores = judged_scores(texts, LABELS, JUDGE, EVALUATE)
    assert scores["trusted"]
    assert scores["told"].startswith("trusted: kappa 0.9")
    generated = scores["generated"]
    assert (generated["texts"], generated["realism"]) == (3, [0, 1, 0, 2, 0])
    assert (generated["unfit"], generated["unreal"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert (generated["unfit_low"], generated["unfit_high"]) == pytest.approx(wilson(1 / 3, 3, 0.95))
    assert [each["fit"] for each in scores["disputed"]] == [0.0], "at the limit it fits"
    nothing = judged_scores([], LABELS, JUDGE, EVALUATE)
    assert (nothing["trusted"], nothing["agreement"], nothing["generated"]["unfit"]) == (False, None, None)
    assert nothing["told"] == "not asked"
    alone = judged_scores([said("noise", {"noise": 1.0}, real=False)], LABELS, JUDGE, EVALUATE)
    assert alone["told"] == "not trusted: it judged no text whose label people gave"


def auc(real: list[int], generated: list[int], **changed: Any) -> list[float]:
    found = realism_auc(np.array(real), np.array(generated), EVALUATE.model_copy(update=changed))
    return [found[name] for name in ("realism_auc", "realism_auc_low", "realism_auc_high")]


def test_how_far_real_texts_look_more_real() -> None:
    real, generated = [1, 2, 3, 4, 10], [5, 5, 5, 3, 2]
    value, low, high = auc(real, generated)
    scores = np.repeat(np.arange(5), real), np.repeat(np.arange(5), generated)
    assert value == pytest.approx(roc_auc_score(np.repeat([1, 0], 20), np.concatenate(scores)))
    assert 0.5 < low < value < high < 1
    assert auc([0, 0, 0, 20, 0], [0, 0, 0, 9, 0]) == [0.5, 0.5, 0.5]
    low, high = auc(real, real)[1:]
    assert low < 0.5 < high
    assert realism_auc(np.array(real), np.zeros(5, dtype=np.int64), EVALUATE) == {}
