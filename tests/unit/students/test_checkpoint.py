from __future__ import annotations

import resource
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import safetensors.torch
import torch

from stages.students.finetuning.checkpoint import CHECKPOINTS_ENV, Checkpoints
from stages.students.folder import fit_student
from stages.students.training import TrainingSet
from tests.unit.students.tiny import LABELS, TEXTS, make_bert, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])
OLD, NEW = {"a": torch.zeros(3000)}, {"a": torch.ones(3000)}


@pytest.fixture
def small_files() -> Iterator[None]:
    """A file of more than 8 kB cannot be written, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("within", ["a file", "a file/below"])
def test_a_place_where_nothing_can_be_kept_is_told_once_and_costs_no_training(
    within: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").write_text("x")
    chosen = settings(make_bert(tmp_path / "bert"), seeds=2, epochs=2)
    expected = fit_student(chosen, DATA).probabilities(TEXTS)
    assert "cannot be kept" not in capsys.readouterr().err
    monkeypatch.setenv(CHECKPOINTS_ENV, str(tmp_path / within))
    assert (fit_student(chosen, DATA).probabilities(TEXTS) == expected).all()
    told = capsys.readouterr().err
    assert told.count("what is trained cannot be kept here (") == 1
    assert f"set {CHECKPOINTS_ENV}" in told
    assert (tmp_path / "a file").read_text() == "x"


@pytest.mark.usefixtures("small_files")
def test_on_a_full_disk_what_was_kept_before_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = Checkpoints(tmp_path / "c", writes=True)
    kept.write("seed1", {"a": torch.zeros(30)}, {"step": 1})
    for step in (2, 3):
        kept.write("seed1", NEW, {"step": step})
    found = kept.read("seed1")
    assert found
    assert found[1] == {"step": 1}
    assert [each.name for each in (tmp_path / "c").iterdir()] == ["seed1.safetensors"]
    assert capsys.readouterr().err.count("cannot be kept here (") == 1


def test_an_equal_training_that_ends_may_remove_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, save, calls = Checkpoints(tmp_path / "c", writes=True), safetensors.torch.save_file, list[object]()

    def save_after_that(tensors: Any, path: Any, *rest: Any) -> None:
        if not calls:
            shutil.rmtree(path.parent)
        calls.append(path)
        save(tensors, path, *rest)

    monkeypatch.setattr(safetensors.torch, "save_file", save_after_that)
    kept.write("seed1", NEW, {"step": 1})
    found = kept.read("seed1")
    assert found
    assert torch.equal(found[0]["a"], NEW["a"])
    assert len(calls) == 2
    assert not capsys.readouterr().err


def test_what_is_not_whole_or_no_file_at_all_is_not_there(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, writes=True)
    kept.write("seed1", OLD, {"step": 1})
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for length in np.unique(np.geomspace(1, len(whole) - 1, 60).astype(int)):
        file.write_bytes(whole[:length])
        assert kept.read("seed1") is None
    file.write_bytes(whole)
    assert kept.read("seed1")
    file.unlink()
    file.mkdir()
    assert kept.read("seed1") is None
    assert Checkpoints(tmp_path / "nowhere", writes=False).read("seed1") is None
