from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import ModelError
from stages.core.files import read_json
from stages.core.learning import Linear, Mean
from stages.core.tasks import load_task
from stages.students.card import write_card
from stages.students.encoder import Encoder
from stages.students.finetuning import training
from stages.students.finetuning.contrast import alike, contrast, paired
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import write_task
from tests.unit.students import tiny
from tests.unit.students.tiny import LABELS, TEXTS

DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])
CARD = {"kind": "contrastive"}


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bert") / "model"
    return tiny.make_bert(folder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def apart(encoder: Encoder) -> float:
    """How much nearer texts of one label lie to each other than to those of the other."""
    cosines = encoder.encode(TEXTS) @ encoder.encode(TEXTS).T
    same = np.array(LABELS)[:, np.newaxis] == np.array(LABELS)
    return float(cosines[same & ~np.eye(len(TEXTS), dtype=bool)].mean() - cosines[~same].mean())


def test_texts_of_one_label_lie_together_afterwards_and_the_folder_says_the_same(bert: Path, tmp_path: Path) -> None:
    student = fit_student(tiny.contrast(bert), DATA)
    save_student(tmp_path / "model", student, CARD)
    assert apart(Encoder(str(tmp_path / "model/encoder"))) > 4 * apart(Encoder(str(bert))) > 0
    assert predict(student, TEXTS) == [(label,) for label in LABELS]
    losses = read_json(tmp_path / "model/student.json", "train")["epoch_losses"]
    assert len(losses) == 8
    assert losses[-1] < losses[0]
    again = load_student(tmp_path / "model")
    assert (again.labels, again.multilabel) == (student.labels, student.multilabel)
    assert again.probabilities([*TEXTS, ""]) == pytest.approx(student.probabilities([*TEXTS, ""]), abs=1e-12)
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".bin", ".pt", ".pkl")]
    save_student(tmp_path / "copy", again, CARD)
    assert files(tmp_path / "copy/encoder") == files(tmp_path / "model/encoder")
    assert files(tmp_path / "copy")["student.json"] == files(tmp_path / "model")["student.json"]


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(bert: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        save_student(tmp_path / name, fit_student(tiny.contrast(bert, epochs=2, untidy=1.0, seed=seed), DATA), CARD)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    weights = "encoder/model.safetensors"
    assert files(tmp_path / "one")[weights] != files(tmp_path / "other")[weights]


def test_a_tuning_that_was_stopped_goes_on(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_EVERY_S", 0.0)
    step, steps = training.Training._step, list[int]()

    def stopped(self: Any, rows: Any, tokens: Any) -> None:
        if len(steps) == 3:
            raise KeyboardInterrupt
        steps.append(self.progress.step)
        step(self, rows, tokens)

    settings = tiny.contrast(bert, untidy=1.0)
    save_student(tmp_path / "whole", fit_student(settings, DATA), CARD)
    monkeypatch.setattr(training.Training, "_step", stopped)
    with pytest.raises(KeyboardInterrupt):
        fit_student(settings, DATA)
    steps.append(-1)
    save_student(tmp_path / "stopped", fit_student(settings, DATA), CARD)
    assert steps[:3] == [0, 1, 2]
    assert steps[4] == 3
    assert files(tmp_path / "stopped") == files(tmp_path / "whole")


def test_the_loss_is_khoslas() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(6, 5, generator=torch.manual_seed(1)), dim=1)
    classes = [0, 0, 0, 1, 1, 2]
    positives = torch.tensor([[float(a == b) for a in classes] for b in classes])
    expected = []
    for row in range(5):  # the last one has no like
        others = [each for each in range(6) if each != row]
        total = sum(np.exp(float(vectors[row] @ vectors[each]) / 0.5) for each in others)
        like = [each for each in others if classes[each] == classes[row]]
        expected.append(-np.mean([float(vectors[row] @ vectors[each]) / 0.5 - np.log(total) for each in like]))
    assert float(contrast(vectors, positives, torch.ones(6), 0.5)) == pytest.approx(np.mean(expected), abs=1e-5)
    weights = torch.tensor([3.0, 1.0, 0.0, 0.0, 0.0, 9.0])
    weighed = (3 * expected[0] + expected[1]) / 4
    assert float(contrast(vectors, positives, weights, 0.5)) == pytest.approx(weighed, abs=1e-5)


def test_texts_are_alike_as_far_as_their_labels_are() -> None:
    soft = replace(DATA, targets=np.where(DATA.targets > 0, 0.9, 0.1))
    assert alike(soft, np.array([0, 1, -1])).numpy() == pytest.approx(
        np.array([[0.82, 0.82, 0.18], [0.82, 0.82, 0.18], [0.18, 0.18, 0.82]])
    )
    several = TrainingSet.of(["a", "b", "c"], [("x", "y"), ("y",), ()], multilabel=True)
    assert alike(several, np.arange(3)).numpy() == pytest.approx(np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]]))


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 8), st.integers(0, 9))
def test_each_text_is_in_one_batch_beside_one_of_its_class(classes: list[int], pairs: int, seed: int) -> None:
    batches = paired(np.array(classes), 2 * pairs, seed)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(classes)))
    assert all(len(each) == 2 * pairs for each in batches[:-1])
    together = Counter(classes[a] for batch in batches for a, b in zip(batch[::2], batch[1::2], strict=False)
                       if classes[a] == classes[b])  # fmt: skip
    assert together == Counter({each: count // 2 for each, count in Counter(classes).items() if count > 1})


def test_where_no_two_texts_have_a_label_in_common_the_encoder_stays(
    bert: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = TrainingSet.of(["the dog barks", "taxes are due"], [("pets",), ("money",)])
    student = fit_student(tiny.contrast(bert), data)
    assert "no two of 2 texts have a label in common; the encoder stays as it is" in capsys.readouterr().err
    assert predict(student, list(data.texts)) == [("pets",), ("money",)]
    frozen = Linear(kind="linear", encoder=str(bert), c=8.0, neighbours=0.5)
    assert student.probabilities(TEXTS) == pytest.approx(fit_student(frozen, data).probabilities(TEXTS), abs=1e-12)


def test_a_text_may_have_several_labels_or_none_and_texts_that_count_for_nothing_teach_nothing(bert: Path) -> None:
    both = ["a tax return my dog barks", "the revenue office the cat sleeps"]
    data = TrainingSet.of(
        [*TEXTS, *both, "state"], [*((label,) for label in LABELS), *[("pets", "money")] * 2, ()], multilabel=True
    )
    student = fit_student(tiny.contrast(bert), data)
    assert predict(student, [*both, "the dog barks"]) == [*[("money", "pets")] * 2, ("pets",)]
    wrong = TrainingSet.of([*TEXTS, *TEXTS], [(each,) for each in [*LABELS, *reversed(LABELS)]])
    half = replace(wrong, weights=np.array([1.0] * len(TEXTS) + [0.0] * len(TEXTS)))
    one, other = (fit_student(tiny.contrast(bert), each).probabilities(TEXTS) for each in (half, DATA))
    assert one == pytest.approx(other, abs=1e-6)


def test_it_may_be_one_of_a_mean_whose_card_says_that_the_encoder_was_tuned(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_task("notes")
    of = {
        name: {"weight": 1.0, "student": tiny.contrast(bert, epochs=1, seed=seed)}
        for name, seed in (("one", 1), ("two", 2))
    }
    settings = Mean.model_validate({"kind": "mean", "of": of})
    student = fit_student(settings, DATA)
    save_student(tmp_path / "model", student, {"kind": "mean", "method": "context", "texts": 16, "sha256": "5ba1e"})
    assert load_student(tmp_path / "model").probabilities(TEXTS) == pytest.approx(student.probabilities(TEXTS))
    write_card(tmp_path / "model", "mine", load_task("notes"), settings, "")
    card = (tmp_path / "model/README.md").read_text()
    assert card.count("The encoder was tuned on these texts") == 1


def test_encoders_that_cannot_be_loaded(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model 'nobody/has-this' cannot be loaded: .*comes with the project"):
        fit_student(tiny.contrast("nobody/has-this"), DATA)
    save_student(tmp_path / "model", fit_student(tiny.contrast(bert, epochs=1), DATA), CARD)
    (tmp_path / "model/encoder/model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="encoder: cannot be read as a model"):
        load_student(tmp_path / "model")
    (tmp_path / "model/encoder/config.json").unlink()
    with pytest.raises(ModelError, match=r"config.json: is missing"):
        load_student(tmp_path / "model")
    with pytest.raises(ModelError, match=r"the loss is (nan|inf) in step \d+; lower"):
        fit_student(tiny.contrast(bert, learning_rate=1e38), DATA)
