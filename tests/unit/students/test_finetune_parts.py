from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from stages.students.finetuning.batches import Tokens
from stages.students.finetuning.head import losses, macro_f1, start_from_regression
from stages.students.finetuning.parts import held_out_rows
from stages.students.finetuning.untidy import roughened
from stages.students.training import TrainingSet


class Letters:
    """A tokenizer whose tokens are letters."""

    pad_token_id = 0
    padding_side = "right"

    def __call__(self, texts: list[str], **_: object) -> dict[str, list[list[int]]]:
        return {"input_ids": [[ord(letter) for letter in text] for text in texts]}


TEXTS = st.lists(st.text("abc", max_size=9), min_size=1, max_size=70)


@given(TEXTS, st.integers(1, 5), st.integers(0, 9))
def test_an_epoch_has_each_text_once_in_batches_that_are_full(texts: list[str], size: int, seed: int) -> None:
    tokens = Tokens(Letters(), texts)
    batches = tokens.shuffled(size, seed, 0)
    assert sorted(np.concatenate(batches)) == list(range(len(texts)))
    assert sorted(map(len, batches))[1:] == [size] * (len(batches) - 1)
    assert [each.tolist() for each in batches] == [each.tolist() for each in tokens.shuffled(size, seed, 0)]
    for rows in batches:
        batch = tokens.batch(rows)
        for row, numbers, mask in zip(rows, batch["input_ids"], batch["attention_mask"], strict=True):
            assert numbers[mask.bool()].tolist() == ([ord(letter) for letter in texts[row]] or [0])
            assert not numbers[~mask.bool()].any()


def test_batches_hold_texts_of_like_length_and_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(1, 60, 640)
    tokens = Tokens(Letters(), ["a" * length for length in lengths])
    padded = sum(tokens.batch(rows)["input_ids"].numel() for rows in tokens.shuffled(8, 1, 1))
    assert padded < 1.2 * lengths.sum()


@given(st.lists(st.text(max_size=80), max_size=9), st.floats(0, 1), st.integers(0, 9))
def test_roughened_texts_are_never_empty_and_follow_from_the_seed(texts: list[str], share: float, seed: int) -> None:
    found = roughened(texts, share, seed)
    assert found == roughened(texts, share, seed)
    assert [bool(each.strip()) for each in found] == [bool(each.strip()) for each in texts]
    assert roughened(texts, 0.0, seed) == texts


def test_what_roughening_does() -> None:
    text = "Hello, my card has NOT arrived yet; what now?!"
    found = [each for seed in range(50) for each in roughened([text], 1.0, seed)]
    assert 0.1 < found.count(text) / 50 < 0.5
    assert text.rstrip("?!") in found
    assert "hello my card has not arrived yet what now" in found
    assert all(abs(len(each) - len(text)) <= 6 for each in found)


def soft(rows: int, labels: int, *, multilabel: bool = False) -> TrainingSet:
    random = np.random.default_rng(3)
    targets = random.random((rows, labels))
    targets = targets if multilabel else targets / targets.sum(axis=1, keepdims=True)
    names = tuple("abcdefgh"[:labels])
    return TrainingSet(tuple(f"t{row}" for row in range(rows)), targets, np.ones(rows), names, multilabel)


def test_losses_are_those_of_torch() -> None:
    scores, hard = torch.randn(6, 4, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 0, 1])
    expected = torch.nn.functional.cross_entropy(scores, hard, label_smoothing=0.2, reduction="none")
    found = losses(scores, torch.eye(4, dtype=torch.float64)[hard], multilabel=False, smoothing=0.2)
    assert torch.allclose(found, expected)
    several = (torch.rand(6, 4, dtype=torch.float64) > 0.5).double()
    binary = torch.nn.functional.binary_cross_entropy_with_logits(scores, several)
    assert losses(scores, several, multilabel=True).mean() == pytest.approx(binary.item())


@pytest.mark.parametrize("weights", [np.ones(60), np.linspace(0.2, 2.0, 60)], ids=["even", "weighted"])
def test_the_head_begins_as_the_logistic_regression_of_scikit_learn(weights: Any) -> None:
    vectors = torch.nn.functional.normalize(torch.randn(60, 5, generator=torch.manual_seed(0)), dim=1)
    classes = (vectors[:, :3] + 0.3 * torch.randn(60, 3, generator=torch.manual_seed(1))).argmax(dim=1).numpy()
    data = replace(soft(60, 3), targets=np.eye(3)[classes], weights=weights)
    head = torch.nn.Linear(5, 3)
    start_from_regression(head, vectors * 7.0, data)
    model = LogisticRegression(C=8.0, max_iter=2000, tol=1e-8).fit(vectors.numpy(), classes, weights)
    shares = head(vectors * 7.0).softmax(dim=1).detach().numpy()
    assert shares == pytest.approx(model.predict_proba(vectors.numpy()), abs=2e-3)


def test_macro_f1_is_over_the_labels_that_are_there() -> None:
    data = replace(soft(3, 3), targets=np.eye(3)[[0, 0, 1]])
    assert macro_f1(np.eye(3)[[0, 0, 1]], data) == 1.0
    assert macro_f1(np.eye(3)[[0, 0, 2]], data) == 0.5
    several = replace(data, targets=np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0.0]]), multilabel=True)
    assert macro_f1(several.targets - 0.5, several) == 1.0


def test_near_duplicates_are_on_one_side_and_a_label_of_one_text_is_trained_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = [f"parcel number{number} was lost near town{number}" + end for number in range(20) for end in ("", " now")]
    data = TrainingSet.of([*texts, "a lone text"], [*[("x",)] * 20, *[("y",)] * 20, ("z",)])
    train, held = held_out_rows(data, 0.2, 1)
    assert len(held.texts) == 8
    assert "a lone text" in train.texts
    assert not {each.removesuffix(" now") for each in train.texts} & {each.removesuffix(" now") for each in held.texts}
    assert "1 of 3 labels have too few different texts" in capsys.readouterr().err
    nothing = replace(data, weights=np.array([0.0] * 10 + [1.0] * 31))
    assert {each for part in held_out_rows(nothing, 0.2, 1) for each in part.texts} == set(nothing.texts[10:])


def test_nothing_is_held_out_where_nothing_is_wanted_or_each_label_has_one_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = TrainingSet.of(["a b", "c d"], [("x",), ("y",)])
    for share, told in ((0.0, False), (0.1, True)):
        train, held = held_out_rows(data, share, 1)
        assert (train.texts, held.texts) == (data.texts, ())
        assert ("no label has two texts that count" in capsys.readouterr().err) == told
