from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stages.core.errors import ModelError
from stages.students.finetuning import launch
from stages.students.finetuning.launch import LAUNCH_ENV
from stages.students.folder import fit_student
from stages.students.saving import save_student
from stages.students.training import TrainingSet
from tests.conftest import ROOT
from tests.unit.students.tiny import LABELS, TEXTS, make_bert, settings

DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # as `python -m` has it that runs in the checkout
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


@pytest.mark.slow
def test_what_another_process_trains_is_what_this_one_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, found = settings(make_bert(tmp_path / "bert"), seeds=2, keep_seeds=True, untidy=1.0), []
    for command in ("", f"{sys.executable} -W ignore"):
        monkeypatch.setenv(LAUNCH_ENV, command)
        save_student(tmp_path / "model", fit_student(chosen, DATA), {"kind": "finetune"})
        found.append({path: path.read_bytes() for path in tmp_path.glob("model/**/*.*")})
    assert found[0] == found[1]
    assert len([path for path in found[1] if path.name == "model.safetensors"]) == 3
    with pytest.raises(ModelError, match=r"the loss is (nan|inf) in step \d+; lower"):
        fit_student(chosen.model_copy(update={"learning_rate": 1e38, "head_learning_rate": 1e38}), DATA)


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({LAUNCH_ENV: "no-such-launcher --fast"}, "there is no command 'no-such-launcher'"),
        ({LAUNCH_ENV: "false"}, r"false ended with status 1 and no trained model; .* Unset ATTRPROMPT_LAUNCH"),
        ({LAUNCH_ENV: "true"}, r"true ended with status 0 and no trained model"),
        ({LAUNCH_ENV: "'torchrun"}, "ATTRPROMPT_LAUNCH: cannot be read as a command: No closing quotation"),
        ({"WORLD_SIZE": "2"}, r"2 processes run this command, .* run it once, with ATTRPROMPT_LAUNCH="),
    ],
)
def test_launchers_that_are_none(
    environment: dict[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ModelError, match=message):
        fit_student(settings(make_bert(tmp_path / "bert")), DATA)


def test_processes_that_would_not_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    launch._must_share(1, "NO")
    monkeypatch.setenv("WORLD_SIZE", "2")
    launch._must_share(2, "MULTI_GPU")
    with pytest.raises(
        ModelError, match=r"started 2 processes, of which accelerate uses 1; .* ACCELERATE_USE_CPU=true"
    ):
        launch._must_share(1, "NO")
    with pytest.raises(ModelError, match="configured for FSDP, which splits a model"):
        launch._must_share(2, "FSDP")
