from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer, pipeline

from stages.core.errors import ModelError
from stages.predict.rows import predictions, read_lines
from stages.students.finetuning import training
from stages.students.finetuning.batches import Tokens, head_inputs
from stages.students.finetuning.checkpoint import CHECKPOINTS_ENV
from stages.students.finetuning.model import head_of, load_pretrained
from stages.students.finetuning.rates import groups
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import ROOT
from tests.unit.students.tiny import LABELS, TEXTS, make_bert, settings

DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("bert") / "model")


def fitted(bert: Path, folder: Path, data: TrainingSet = DATA, **other: Any) -> dict[str, Any]:
    """Fit, save, and give what student.json says."""
    save_student(folder, fit_student(settings(bert, **other), data), {"kind": "finetune"})
    return dict(card_of(folder))


def card_of(folder: Path) -> Any:
    from stages.core import files  # noqa: PLC0415 - one use

    return files.read_json(folder / "student.json", "train")


def test_it_learns_and_is_the_same_after_a_while_on_disk(bert: Path, tmp_path: Path) -> None:
    student = fit_student(settings(bert, epochs=15), DATA)
    assert np.mean([found == label for (found,), label in zip(predict(student, TEXTS), LABELS, strict=True)]) > 0.8
    shares = student.probabilities(["my dog", "", "tax " * 10_000])
    assert shares.shape == (3, 2)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert student.probabilities([]).shape == (0, 2)
    save_student(tmp_path / "model", student, {"kind": "finetune"})
    again = load_student(tmp_path / "model")
    assert again.labels == student.labels == ("money", "pets")
    assert (again.probabilities(TEXTS) == student.probabilities(TEXTS)).all()
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".bin", ".pt", ".pkl")]
    assert (tmp_path / "model/curves/plots/metrics/held_out_macro_f1/seed1.tsv").read_text().startswith("step\t")


def test_half_a_surrogate_pair_is_read_as_a_question_mark(bert: Path) -> None:
    texts = [f"{text} \ud83d" for text in TEXTS]
    student = fit_student(settings(bert, epochs=1), TrainingSet.of(texts, [(label,) for label in LABELS]))
    (row,) = predictions(student, read_lines([b'{"text": "the \\ud83d dog"}'], None))
    (expected,) = student.probabilities(["the ? dog"])
    assert list(row["probabilities"].values()) == pytest.approx(expected, abs=1e-5)


def test_transformers_alone_loads_it_and_says_the_same(bert: Path, tmp_path: Path) -> None:
    fitted(bert, tmp_path / "model")
    shares = load_student(tmp_path / "model").probabilities(["my dog", "taxes"])
    found: Any = pipeline("text-classification", str(tmp_path / "model"), top_k=None)(["my dog", "taxes"])
    assert [{each["label"]: each["score"] for each in row} for row in found] == [
        pytest.approx(dict(zip(("money", "pets"), row, strict=True)), abs=1e-5) for row in shares
    ]


def test_the_head_is_given_the_mean_of_a_texts_tokens(bert: Path) -> None:
    model, tokenizer = load_pretrained(settings(bert), ("a", "b"), 1, multilabel=False)
    texts = ["the dog barks", "my cat purrs the kitten naps", ""]
    found = head_inputs(model, head_of(model), Tokens(tokenizer, texts))
    encoder: Any = AutoModel.from_pretrained(bert)
    for row, text in zip(found, texts, strict=True):
        words = AutoTokenizer.from_pretrained(bert)(text, return_tensors="pt")
        mean = encoder.eval()(**words).last_hidden_state[0].mean(dim=0)
        expected = torch.tanh(0.1 * torch.nn.functional.layer_norm(mean, mean.shape))
        assert row.numpy() == pytest.approx(expected.detach().numpy(), abs=1e-4)


TRAIN = """
import sys
from pathlib import Path
from stages.core import cli
from stages.students.finetuning import training
from stages.students.folder import fit_student
from stages.students.saving import save_student
from tests.unit.students.test_finetune import DATA
from tests.unit.students.tiny import settings
training._CHECKPOINT_EVERY_S = 0.0
def main():
    student = fit_student(settings(sys.argv[1], epochs=12, patience=12, untidy=1.0, seeds=2), DATA)
    save_student(Path(sys.argv[2]), student, {"kind": "finetune"})
cli.explained("train", main)
"""


@pytest.mark.slow
def test_a_training_that_was_killed_ends_as_if_it_had_not_been(bert: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", TRAIN, str(bert), str(tmp_path / "killed")]
    environment = {**os.environ, CHECKPOINTS_ENV: str(tmp_path / "checkpoints")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while process.poll() is None and not list(tmp_path.glob("checkpoints/*/seed1.safetensors")):
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -9
    assert not (tmp_path / "killed").exists()
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert not list(tmp_path.glob("checkpoints/*"))
    fitted(bert, tmp_path / "whole", epochs=12, patience=12, untidy=1.0, seeds=2)
    killed, whole = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("killed", "whole")
    )
    assert killed == whole


def test_a_checkpoint_is_gone_on_from_and_not_merely_ignored(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_CHECKPOINT_EVERY_S", 0.0)
    step, steps = training.Training._step, list[int]()

    def stopped(self: Any, rows: Any, tokens: Any) -> None:
        if len(steps) == 5:
            raise KeyboardInterrupt
        steps.append(self.progress.step)
        step(self, rows, tokens)

    monkeypatch.setattr(training.Training, "_step", stopped)
    with pytest.raises(KeyboardInterrupt):
        fitted(bert, tmp_path / "model")
    steps.append(-1)
    fitted(bert, tmp_path / "model")
    assert steps[:5] == [0, 1, 2, 3, 4]
    assert steps[6] == 5


def test_weights_and_soft_labels_count(bert: Path) -> None:
    doubtful = replace(DATA, targets=np.where(DATA.targets > 0, 0.6, 0.4))
    wanted = settings(bert, label_smoothing=0.0, epochs=15, held_out=0.0)
    sure, unsure = (fit_student(wanted, data).probabilities(TEXTS).max(axis=1).mean() for data in (DATA, doubtful))
    assert unsure < 0.7 < sure
    # Labels the wrong way round that count for nothing teach nothing.
    twice = TrainingSet.of([*TEXTS, *TEXTS], [(each,) for each in [*LABELS, *reversed(LABELS)]])
    half = replace(twice, weights=np.array([1.0] * len(TEXTS) + [0.0] * len(TEXTS)))
    assert (
        fit_student(settings(bert), half).probabilities(TEXTS) == fit_student(settings(bert), DATA).probabilities(TEXTS)
    ).all()


def test_a_text_may_have_several_labels(bert: Path, tmp_path: Path) -> None:
    both = ["a tax return my dog barks", "the revenue office the cat sleeps", "pay the bank the puppy plays"]
    data = TrainingSet.of([*TEXTS, *both], [*((label,) for label in LABELS), *[("pets", "money")] * 3], multilabel=True)
    fitted(bert, tmp_path / "model", data, epochs=12, held_out=0.0)
    student = load_student(tmp_path / "model")
    assert predict(student, [*both, "the dog barks"]) == [*[("money", "pets")] * 3, ("pets",)]
    found: Any = pipeline("text-classification", str(tmp_path / "model"), top_k=None)(both[:1])
    assert sum(each["score"] for each in found[0]) > 1.2


def test_the_best_of_several_seeds_is_kept_and_the_others_where_wanted(bert: Path, tmp_path: Path) -> None:
    card = fitted(bert, tmp_path / "model", seeds=3, keep_seeds=True, epochs=1, start="random", held_out=0.5)
    scores = [each["held_out_macro_f1"] for each in card["seeds"]]
    assert len(set(scores)) > 1
    assert card["seeds"][card["kept_seed"] - 1]["held_out_macro_f1"] == max(scores)
    assert card["held_out_macro_f1_mean"] == pytest.approx(np.mean(scores), abs=1e-5)
    assert card["held_out_macro_f1_sd"] == pytest.approx(np.std(scores, ddof=1), abs=1e-5)
    found = [load_student(tmp_path / f"model/seeds/{seed}").probabilities(TEXTS) for seed in (1, 2, 3)]
    assert (load_student(tmp_path / "model").probabilities(TEXTS) == found[card["kept_seed"] - 1]).all()
    assert not np.allclose(found[0], found[1])


def test_it_stops_where_the_texts_held_out_get_no_better_and_keeps_the_best(bert: Path, tmp_path: Path) -> None:
    card = fitted(bert, tmp_path / "model", epochs=30, patience=2, learning_rate=0.3, head_learning_rate=0.3)
    (row,) = card["seeds"]
    assert row["epochs"] == row["kept_epoch"] + 2 < 30
    lines = (tmp_path / "model/curves/plots/metrics/held_out_macro_f1/seed1.tsv").read_text().splitlines()[1:]
    curve = [float(line.split("\t")[1]) for line in lines]
    assert len(curve) == row["epochs"]
    assert row["held_out_macro_f1"] == pytest.approx(max(curve), abs=1e-6)


def test_part_of_the_way_back_to_where_training_began(bert: Path, tmp_path: Path) -> None:
    model, _ = load_pretrained(settings(bert), ("money", "pets"), 1, multilabel=False)
    name = "bert.encoder.layer.0.output.dense.weight"
    start = model.state_dict()[name]
    weights = []
    for number, share in enumerate((1.0, 0.5)):
        fitted(bert, tmp_path / str(number), tuned_share=share)
        weights.append(load_student(tmp_path / str(number))._model.state_dict()[name])  # type: ignore[attr-defined]
    assert not torch.equal(weights[0], start)
    assert torch.allclose(weights[1], (start + weights[0]) / 2)


def test_lower_layers_learn_more_slowly_and_the_layer_of_the_mean_not_at_all(bert: Path) -> None:
    wanted = settings(bert, learning_rate=1.0, layer_decay=0.5, head_learning_rate=9.0)
    model, _ = load_pretrained(wanted, ("a", "b"), 1, multilabel=False)
    rates = {id(each): group["lr"] for group in groups(model, wanted) for each in group["params"]}
    found = {name: rates.get(id(each)) for name, each in model.named_parameters()}
    layers = [found[f"bert.encoder.layer.{number}.attention.self.query.weight"] for number in range(3)]
    assert layers == [0.5, 1.0, None]
    assert found["bert.embeddings.word_embeddings.weight"] == 0.25
    assert found["classifier.weight"] == 9.0
    assert found["bert.pooler.dense.weight"] is None


def test_what_dvc_and_git_know_is_not_touched(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    student = fit_student(settings(bert, epochs=1), DATA)
    repository = tmp_path / "repository"
    repository.mkdir()
    monkeypatch.chdir(repository)
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        subprocess.run(command, check=True)
    monkeypatch.setenv("DVC_ROOT", str(repository))
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "0" * 40)
    status = ["git", "status", "--porcelain", "--untracked-files=all"]
    before = subprocess.run(status, capture_output=True, check=True).stdout
    save_student(repository / "model", student, {"kind": "finetune"})
    after = subprocess.run([*status, ".", ":!model"], capture_output=True, check=True).stdout
    assert after == before
    assert os.environ["DVC_ROOT"] == str(repository)


def test_models_that_cannot_be_loaded_or_pooled(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model 'nobody/has-this' cannot be loaded: .*comes with the project"):
        fit_student(settings("nobody/has-this"), DATA)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="cannot be loaded"):
        fit_student(settings(tmp_path / "empty"), DATA)
    from transformers import ElectraConfig, ElectraModel  # noqa: PLC0415 - seconds that collecting the tests saves

    shutil.copytree(bert, tmp_path / "other")
    small = ElectraConfig(vocab_size=90, embedding_size=32, hidden_size=32, intermediate_size=64, num_hidden_layers=1)
    ElectraModel(small).save_pretrained(tmp_path / "other")
    with pytest.raises(ModelError, match="models of type bert, and this is a electra; set pooling: own"):
        fit_student(settings(tmp_path / "other"), DATA)
    fitted(bert, tmp_path / "model", epochs=1)
    (tmp_path / "model/model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be read as a model"):
        load_student(tmp_path / "model")
    (tmp_path / "model/config.json").unlink()
    with pytest.raises(ModelError, match=r"config.json: is missing"):
        load_student(tmp_path / "model")


def test_a_loss_that_is_no_number_is_told(bert: Path) -> None:
    with pytest.raises(ModelError, match=r"the loss is (nan|inf) in step \d+; lower"):
        fit_student(settings(bert, learning_rate=1e38, head_learning_rate=1e38), DATA)


def test_weights_that_are_no_numbers_after_the_last_step_are_told_and_nothing_is_left(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CHECKPOINTS_ENV, str(tmp_path / "checkpoints"))
    fast = {"start": "random", "held_out": 0.0, "batch": 64, "epochs": 1, "warmup": 0.0, "head_learning_rate": 3e38}
    with pytest.raises(ModelError, match="weights are no numbers after epoch 1; lower learning_rate"):
        fit_student(settings(bert, **fast, weight_decay=1e3), DATA)
    assert not list(tmp_path.glob("checkpoints/*"))


def test_a_training_that_makes_it_worse_is_told(bert: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fit_student(settings(bert, epochs=1, learning_rate=1e-6, head_learning_rate=1e-6), DATA)
    assert "before" not in capsys.readouterr().err
    fit_student(settings(bert, epochs=1, learning_rate=10.0, head_learning_rate=10.0), DATA)
    assert "texts held out was 1.000 before training, and is 0." in capsys.readouterr().err


def test_a_model_may_pool_as_it_does_by_itself(bert: Path) -> None:
    model, _ = load_pretrained(settings(bert, pooling="own"), DATA.labels, 1, multilabel=False)
    assert model.config.num_hidden_layers == 2
    student = fit_student(settings(bert, epochs=1, pooling="own", start="random"), DATA)
    assert student.probabilities(["my dog"]).sum() == pytest.approx(1.0)
