from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.learning import Linear, Noise, Tfidf
from stages.core.records import Text
from stages.students import noise as noises
from stages.students.folder import fit_and_tell, fit_student, load_student
from stages.students.logistic import Logistic
from stages.students.noise import handle_noise
from stages.students.noise_confident import OutOfFold, judged
from stages.students.noise_reweight import Side, learned_weights, outer_gradient, robust_loss
from stages.students.saving import save_student
from stages.students.split import folds
from stages.students.training import TrainingSet, smoothed

LABELS = ("ash", "elm", "oak")
WORDS = {"ash": "grey bark twig", "elm": "leaf rough lopsided", "oak": "acorn lobe gall"}
A_LABEL = 20


def texts_of(label: str) -> list[str]:
    """Texts that share a word with others of their label, and are no near-duplicates."""
    words = WORDS[label].split()
    return [f"{words[n % 3]} {label}word one{n} two{n} three{n} four{n}" for n in range(A_LABEL)]


TEXTS = [text for label in LABELS for text in texts_of(label)]
TRUE = [label for label in LABELS for _ in range(A_LABEL)]
WRONG = [3, 27, 48]
GIVEN = [("elm" if label != "elm" else "oak") if row in WRONG else label for row, label in enumerate(TRUE)]
DATA = TrainingSet.of(TEXTS, [(label,) for label in GIVEN])
SEVERAL = TrainingSet.of(
    TEXTS, [(label, "tree") if row % 2 else (label,) for row, label in enumerate(GIVEN)], multilabel=True
)


def entry(**noise: Any) -> Tfidf:
    return Tfidf(kind="tfidf", ngrams=1, c=10.0, noise=Noise(**noise))


def handled(data: TrainingSet, **noise: Any) -> noises.Handled:
    return handle_noise(data, entry(**noise), Noise(**noise))


def test_labels_are_mixed_with_what_a_judge_says() -> None:
    """It saw three texts: one as given, one with another label, one with a share for a label that no text has."""
    said = {TEXTS[0]: {"ash": 1.0}, TEXTS[1]: {"elm": 0.9, "ash": 0.1}, TEXTS[2]: {"oak": 0.4, "yew": 0.6},
            "a text of another set": {"oak": 1.0}, TEXTS[4]: {"yew": 1.0}}  # fmt: skip
    data = TrainingSet.from_records(
        [Text(text, label, 0, {}) for text, label in zip(TEXTS, GIVEN, strict=True)], judged=said
    )
    found = handled(data, judged=0.6)
    assert found.data.targets[:5].tolist() == [
        pytest.approx(each) for each in ([1, 0, 0], [0.46, 0.54, 0], [0.4, 0, 0.6], [0, 1, 0], [1, 0, 0])
    ]
    assert found.counts == {"judged": {"weight": 0.6, "texts": 3, "turned": 2}}
    assert np.allclose(found.data.targets.sum(axis=1), 1)
    smooth = handled(data, judged=0.6, smoothing=0.3)
    assert np.allclose(smooth.data.targets, smoothed(found.data.targets, 0.3, multilabel=False))
    assert handled(data.part([1]), judged=1.0).data.targets.tolist() == [pytest.approx([0.1, 0.9, 0])]
    assert np.array_equal(handled(DATA, judged=0.6).data.targets, DATA.targets), "there is no judge"


def test_of_several_labels_each_is_mixed_by_itself() -> None:
    records = [Text("one", "ash", 0, {}, ("tree",)), Text("two", "elm", 0, {}), Text("three", "ash", 0, {})]
    data = TrainingSet.from_records(records, multilabel=True, judged={"one": {"ash": 0.8, "tree": 0.2, "elm": 0.4}})
    found = handled(data, judged=0.5).data
    assert found.labels == ("ash", "elm", "tree")
    assert found.targets.tolist() == [pytest.approx(each) for each in ([0.9, 0.2, 0.6], [0, 1, 0], [1, 0, 0])]


def test_confident_learning_finds_the_wrong_labels_and_drops_or_weighs_them() -> None:
    drop = handled(DATA, confident="drop")
    assert np.flatnonzero(drop.data.weights == 0).tolist() == WRONG
    assert set(drop.data.weights) == {0.0, 1.0}
    assert drop.counts == {"confident": {"suspected": 3, "spared": 0, "by_label": {"elm": 2, "oak": 1}}}
    worst = drop.worst["confident"]
    assert len(worst) == 10
    assert {each["text"] for each in worst[:3]} == {TEXTS[row] for row in WRONG}
    assert worst[0]["quality"] <= worst[1]["quality"]
    weights = handled(DATA, confident="weigh").data.weights
    assert weights[WRONG].max() < np.delete(weights, WRONG).min()
    assert weights.min() > 0


def test_a_student_of_the_dropped_texts_is_the_student_without_them() -> None:
    kept = np.delete(np.arange(len(TEXTS)), WRONG)
    student, told = fit_and_tell(entry(confident="drop"), DATA)
    assert told is not None
    plain = replace(DATA, weights=np.isin(np.arange(len(TEXTS)), kept).astype(float))
    without = fit_student(Tfidf(kind="tfidf", ngrams=1, c=10.0), plain)
    assert np.allclose(student.probabilities(TEXTS), without.probabilities(TEXTS))


def test_wrong_labels_among_several() -> None:
    drop = handled(SEVERAL, confident="drop")
    assert set(WRONG) <= set(np.flatnonzero(drop.data.weights == 0))
    assert drop.counts["confident"]["suspected"] <= 6
    weights = learned_weights(SEVERAL, vectors_of(SEVERAL), folds(SEVERAL, 2, 1))
    assert weights[WRONG].mean() < np.delete(weights, WRONG).mean()


def test_labels_that_every_text_has_say_nothing_of_any() -> None:
    """Beside the others, beside one other, and alone."""
    always = TrainingSet.of(TEXTS, [(label, "tree") for label in GIVEN], multilabel=True)
    without = TrainingSet.of(TEXTS, [(label,) for label in GIVEN], multilabel=True)
    for way in ("drop", "weigh"):
        assert np.array_equal(handled(always, confident=way).data.weights, handled(without, confident=way).data.weights)
    one = TrainingSet.of(TEXTS, [(*(("elm",) if label == "elm" else ()), "tree") for label in GIVEN], multilabel=True)
    dropped = np.flatnonzero(handled(one, confident="drop").data.weights == 0)
    assert {row for row in WRONG if "elm" in (TRUE[row], GIVEN[row])} <= set(dropped)
    assert len(dropped) <= 6
    none = TrainingSet.of(TEXTS, [("tree", "plant")] * len(TEXTS), multilabel=True)
    assert (handled(none, confident="weigh").data.weights == 1).all()


def test_labels_that_no_other_fold_knows_are_taken_as_they_are() -> None:
    texts = [*TEXTS, "a pine needle fell", "a pine needle fell down"]
    data = TrainingSet.of(texts, [*((label,) for label in GIVEN), ("pine",), ("pine",)])
    parts = folds(data, 5, 1)
    assert parts[-1] == parts[-2], "near-duplicates"
    probabilities = OutOfFold(texts, entry()).probabilities(data, parts)
    assert probabilities[-2:, data.labels.index("pine")].tolist() == [1.0, 1.0]
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    _, suspected = judged(data, probabilities)
    assert np.flatnonzero(suspected).tolist() == WRONG
    both = TrainingSet.of(texts, [*((label,) for label in GIVEN), ("pine", "oak"), ("pine",)], multilabel=True)
    found = OutOfFold(texts, entry()).probabilities(both, parts)
    assert found[-2:, both.labels.index("pine")].tolist() == [1.0, 1.0]
    assert 0 < found[-1, both.labels.index("oak")] < 1


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 1)), min_size=6, max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_label_loses_more_than_half_of_its_texts(rows: list[tuple[int, bool, float]]) -> None:
    rows = [(0, True, 0.1), (1, True, 0.2), (2, True, 0.3), *rows]
    data = TrainingSet.of([f"text {n}" for n in range(len(rows))], [(LABELS[label],) for label, *_ in rows])
    suspected, quality = np.array([bad for _, bad, _ in rows]), np.array([good for *_, good in rows])
    before = noises.Handled(data, {}, {})
    after = noises._weighed(before, "confident", 1.0 - suspected, suspected, quality)
    for column in range(3):
        members = data.targets[:, column] == 1
        left = (after.data.weights[members] >= 0.5).sum()
        assert left >= -(-members.sum() // 2)
        assert (after.data.weights[members & ~suspected] == 1).all()
        if suspected[members].sum() <= members.sum() // 2:
            assert (after.data.weights[members & suspected] == 0).all(), "none is spared that need not be"
    assert after.counts["confident"]["spared"] == (suspected & (after.data.weights > 0)).sum()


FACTORS = st.floats(0, 1)


@given(st.lists(st.tuples(st.integers(1, 7), FACTORS, FACTORS), min_size=6, max_size=40))
@settings(max_examples=60, deadline=None)
def test_nor_by_two_steps_one_after_the_other_that_suspect_few_or_none(rows: list[tuple[int, float, float]]) -> None:
    """Of texts with several labels, the number of each being the bits of which it has."""
    rows = [(7, 0.4, 1.0), *rows]
    given = [tuple(label for bit, label in enumerate(LABELS) if number >> bit & 1) for number, *_ in rows]
    data = TrainingSet.of([f"text {n}" for n in range(len(rows))], given, multilabel=True)
    after, nobody = noises.Handled(data, {}, {}), np.zeros(len(rows), dtype=bool)
    for step, factors in (("confident", [row[1] for row in rows]), ("reweight", [row[2] for row in rows])):
        product = after.data.weights * factors
        after = noises._weighed(after, step, np.array(factors), nobody, np.array(factors))
        kept = after.data.weights >= 0.5
        assert (data.targets[kept].sum(axis=0) >= data.targets.sum(axis=0) / 2).all()
        raised = after.data.weights != product
        assert (product[raised] < 0.5).all()
        assert (after.data.weights[raised] == 0.5).all()
        assert after.counts[step] == {"suspected": 0, "spared": raised.sum(), "by_label": {}}


def test_weights_are_learned_of_what_confident_learning_left() -> None:
    drawn = np.random.default_rng(4).choice(LABELS, len(TEXTS))
    many = [label if row % 2 else str(drawn[row]) for row, label in enumerate(TRUE)]
    data = TrainingSet.of(TEXTS, [(label,) for label in many])
    weighed, both = handled(data, confident="weigh"), handled(data, confident="weigh", reweight=True)
    vectors, parts = OutOfFold(TEXTS, entry()).vectors, folds(data, 2, Noise().seed)
    expected, alone = (learned_weights(each, vectors, parts) for each in (weighed.data, data))
    assert np.abs(alone * weighed.data.weights - expected).max() > 0.1
    spared = (both.data.weights == 0.5) & (expected < 0.5)
    assert both.data.weights[~spared] == pytest.approx(expected[~spared], abs=1e-4)
    assert spared.sum() == both.counts["reweight"]["spared"]
    assert both.counts["confident"] == weighed.counts["confident"]
    dropped = handled(DATA, confident="drop", reweight=True)
    assert (dropped.data.weights[WRONG] == 0).all()
    assert dropped.counts["reweight"]["suspected"] == 0, "what was dropped is not suspected once more"


def vectors_of(data: TrainingSet) -> Any:
    """Two dimensions a label, with noise; by the true labels, not by the given."""
    rng = np.random.default_rng(0)
    means = {label: np.eye(3)[number] for number, label in enumerate(LABELS)}
    found = np.stack([means[label] for label in TRUE]) + rng.normal(0, 0.2, (len(data.texts), 3))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_weights_are_learned_that_tell_wrong_labels() -> None:
    weights = learned_weights(DATA, vectors_of(DATA), folds(DATA, 2, 1))
    assert weights[WRONG].max() < 0.5
    assert np.delete(weights, WRONG).mean() > 0.8
    assert weights.min() >= 0
    assert weights.max() <= 1


@pytest.mark.parametrize("multilabel", [False, True])
def test_the_outer_gradient_is_that_of_finite_differences(multilabel: bool) -> None:
    rng = np.random.default_rng(1)

    def side(rows: int) -> Side:
        targets = (rng.random((rows, 3)) > 0.5).astype(float) if multilabel else np.eye(3)[rng.integers(0, 3, rows)]
        return Side(rng.normal(size=(rows, 4)), targets, multilabel)

    train, held_out, weights = side(9), side(7), rng.random(9)
    _, gradient = outer_gradient(train, held_out, weights)
    for row, change in enumerate(1e-5 * np.eye(9)):
        up, down = (outer_gradient(train, held_out, weights + sign * change)[0] for sign in (1, -1))
        assert gradient[row] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-9)


def test_the_robust_loss_is_symmetric() -> None:
    rng = np.random.default_rng(2)
    vectors, theta = rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
    losses = [robust_loss(Side(vectors, np.eye(3)[[label] * 5], multilabel=False), theta)[0] for label in range(3)]
    assert sum(losses) == pytest.approx(3 - 1), "over all labels that the texts could have: a constant"


def test_reweighting_a_linear_student() -> None:
    linear = Linear(kind="linear", encoder="all-MiniLM-L6-v2", c=8.0)
    texts = ["my dog barks", "the cat sleeps", "a puppy plays", "kittens purr", "the hound is fed", "my hamster bites"]
    texts += ["tax is due", "the revenue office wrote", "a tax return", "file the VAT form", "income is taxed", "audit"]
    data = TrainingSet.of(texts, [("pets",)] * 5 + [("money",)] * 7)
    told = handle_noise(data, linear, Noise(reweight=True))
    assert told.data.weights.argmin() == 5
    assert told.counts["reweight"]["by_label"] == {"money": 1}
    assert told.worst["reweight"][0] == {"text": "my hamster bites", "labels": ["money"], "quality": pytest.approx(
        told.data.weights[5])}  # fmt: skip


def test_smoothing() -> None:
    soft = handled(DATA, smoothing=0.3)
    assert soft.counts == {"smoothing": 0.3}
    assert soft.data.targets[0].tolist() == pytest.approx([0.8, 0.1, 0.1])
    assert (soft.data.weights == DATA.weights).all()
    assert smoothed(SEVERAL.targets, 0.2, multilabel=True)[0].tolist() == pytest.approx([0.9, 0.1, 0.1, 0.1])
    sure, unsure = (fit_student(each, DATA).probabilities(TEXTS).max(axis=1).mean() for each in (
        entry(), entry(smoothing=0.3)))  # fmt: skip
    assert unsure < sure


def test_a_soft_label_is_fitted_as_if_it_were_written_out() -> None:
    rng = np.random.default_rng(3)
    soft = replace(DATA, targets=smoothed(DATA.targets, 0.2, multilabel=False), weights=rng.random(len(TEXTS)))
    vectors = rng.normal(size=(len(TEXTS), 5))
    rows, classes, weights = soft.examples()
    written = TrainingSet.of([TEXTS[row] for row in rows], [(DATA.labels[number],) for number in classes])
    found = Logistic.fit(vectors, soft, 1.0)
    expected = Logistic.fit(vectors[rows], replace(written, weights=weights), 1.0)
    assert np.allclose(found.probabilities(vectors), expected.probabilities(vectors), atol=2e-4)


def test_what_was_done_stands_in_the_model_folder_and_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    chosen = entry(confident="weigh", smoothing=0.1)
    for name in ("one", "two"):
        student, told = fit_and_tell(chosen, DATA)
        save_student(tmp_path / name, student, {"kind": "tfidf"}, told)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    card = json.loads(one["student.json"])
    assert card["noise"]["smoothing"] == 0.1
    assert card["noise"]["confident"]["suspected"] == 3
    assert len(json.loads(one["noise.json"])["confident"]) == 10
    assert load_student(tmp_path / "one").labels == LABELS
    assert fit_and_tell(Tfidf(kind="tfidf", ngrams=1, c=1.0), DATA)[1] is None
