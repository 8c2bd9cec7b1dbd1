from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from transformers import AutoConfig, AutoTokenizer

from stages.core.errors import ArtifactError, InputError, ModelError
from stages.export import __main__ as command
from stages.export import onnx_model
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
from stages.students.training import TrainingSet
from tests import commands
from tests.unit.students.tiny import LABELS, TEXTS, make_bert, settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fine-tuned student's."""
    path = tmp_path_factory.mktemp("onnx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTRPROMPT_CHECKPOINTS", str(path / "checkpoints"))
        data = TrainingSet.of(TEXTS, [(label,) for label in LABELS])
        student = fit_student(settings(make_bert(path / "bert"), epochs=1), data)
        save_student(path / "model", student, {"kind": "finetune"})
    return path / "model"


def test_the_export_scores_texts_of_any_number_and_length_as_the_original(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(tmp_path)
    kept = Path("data/models/notes/simprompt/finetune")
    shutil.copytree(folder, kept)
    before = {each: each.read_bytes() for each in kept.rglob("*") if each.is_file()}
    done = commands.run(capsys, "stages.export", "--model", str(kept.resolve()), "--texts", "texts.jsonl")
    assert "exports/notes/simprompt/finetune/model.onnx: " in done.err
    assert "at most from the original on 16 texts" in done.err
    assert "8 bits: " in done.err
    assert {each: each.read_bytes() for each in kept.rglob("*") if each.is_file()} == before, "an output of DVC"
    out = Path("exports/notes/simprompt/finetune")
    assert (out / "config.json").read_bytes() == (kept / "config.json").read_bytes()
    assert "local_files_only" not in (out / "tokenizer_config.json").read_text()
    session, tokenizer = onnxruntime.InferenceSession(str(out / "model.onnx")), AutoTokenizer.from_pretrained(out)
    assert tuple(AutoConfig.from_pretrained(out).id2label.values()) == load_student(folder).labels
    for texts in (["my dog"], ["pay my taxes the state the bank", "cat", ""]):
        batch = tokenizer(texts, padding=True, return_tensors="np")
        (scores,) = session.run(None, {name: batch[name] for name in ("input_ids", "attention_mask")})
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        assert shares == pytest.approx(load_student(folder).probabilities(texts), abs=1e-5)


def test_8_bits_that_decide_otherwise_are_not_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the original had said the opposite of what the small model says.
    right = onnx_model._scores
    monkeypatch.setattr(
        onnx_model, "_scores", lambda file, *other: right(file, *other) * (-1 if "int8" in file.name else 1)
    )
    found = onnx_model.export_onnx(folder, TEXTS, [()] * len(TEXTS), tmp_path)
    assert found.agreement == 0.0
    assert found.accuracy_lost is None
    assert found.int8_file is None
    assert (tmp_path / "model.onnx").exists()
    assert not (tmp_path / "model_int8.onnx").exists()
    assert found.difference < 1e-4


def test_what_cannot_be_exported(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "student.json").write_text(json.dumps({"kind": "tfidf"}))
    with pytest.raises(ModelError, match="of kind 'tfidf'; only finetune"):
        onnx_model.export_onnx(tmp_path, TEXTS, [()] * len(TEXTS), tmp_path)
    with pytest.raises(InputError, match="expected --model"):
        command.main(str(folder))
    out = str(tmp_path / "out")
    with pytest.raises(InputError, match=r"none.jsonl: there is no such file"):
        command.main(str(folder), str(tmp_path / "none.jsonl"), out)
    texts = tmp_path / "texts.jsonl"
    for line in ('{"label": "b"}', '{"text": "a", "labels": "b"}'):
        texts.write_text(f'{{"text": "a"}}\n{line}\n')
        with pytest.raises(InputError, match=r"texts.jsonl:2: expected an object with a text"):
            command.main(str(folder), str(texts), out)
    texts.write_text("\n")
    with pytest.raises(InputError, match=r"texts.jsonl: holds no text"):
        command.main(str(folder), str(texts), out)
    with pytest.raises(InputError, match=r"--out: is missing; .* does not lie in data/models"):
        command.main(str(folder), str(texts))
    with pytest.raises(
        InputError, match="--out: data/models/a/b lies in data/models, whose content dvc repro replaces"
    ):
        command.main(str(folder), str(texts), "data/models/a/b")
    (tmp_path / "file").touch()
    with pytest.raises(ArtifactError, match="file/out: cannot be written"):
        onnx_model.export_onnx(folder, TEXTS, [()] * len(TEXTS), tmp_path / "file" / "out")
    monkeypatch.setattr(onnx_model, "_NEEDED", ("onnx", "not_there_at_all"))
    with pytest.raises(ModelError, match="not_there_at_all is not installed; run: pip install"):
        onnx_model.export_onnx(folder, TEXTS, [()] * len(TEXTS), tmp_path)
