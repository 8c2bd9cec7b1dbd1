"""Stages that fine-tune: on several processes, after a kill, and what they leave in the user's cache directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from safetensors.torch import load_file

from stages.checks.verdict import verdict_of
from stages.core import files, paths
from stages.core.records import Generated, PlannedText, Text
from stages.students.finetuning import training
from stages.students.finetuning.checkpoint import CHECKPOINTS_ENV
from stages.students.finetuning.launch import LAUNCH_ENV
from tests import commands
from tests.conftest import ROOT, edit_params, write_task
from tests.unit.students.tiny import ANIMALS, DUES, make_bert, settings

TASK = """\
domain: what people say
labels:
  pets: of animals
  money: of dues
"""
CELL = ("--task", "notes", "--method", "simprompt", "--student", "tiny")
TRAIN = [sys.executable, "-m", "stages.train", *CELL]
TWO = "accelerate launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no --dynamo_backend no"


@pytest.fixture(autouse=True)
def _texts(project: Path) -> None:
    """A small student, and texts that passed the gates for it."""
    no_dropout = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    bert = make_bert(project / "bert", **no_dropout)
    # With eleven texts, twelve being trained on, the last batch is one text, and one process of two has none.
    student = settings(bert, batch=11, epochs=8, patience=8, untidy=0.5, seeds=2).model_dump(mode="json")
    edit_params(
        lambda each: (
            each["students"].update(tiny={name: value for name, value in student.items() if value is not None}),
            each["curve"].update(shares=[0.5, 1.0]),
            each["worth"].update(per_label=[3, 6], draws=1),
        )
    )
    texts = {"pets": ANIMALS, "money": DUES}
    write_task("notes", TASK, texts)
    rows = [Text(f"{text} ok", label, n, {}) for label, each in texts.items() for n, text in enumerate(each)]
    file = paths.accepted_file("notes", "simprompt")
    files.write_records(file, rows)
    files.write_json(paths.verdict_file("notes", "simprompt"), verdict_of([{"passed": True}], file))
    people = [json.dumps({"text": row.text, "label": row.label}) + "\n" for row in rows]
    paths.train_file("notes").write_text("".join(people))
    cost: dict[str, Any] = {"prompt_tokens": 0, "completion_tokens": 0, "dollars": 0.0}
    files.write_json(paths.attributes_metrics("notes"), cost)
    unknown: dict[str, Any] = dict.fromkeys(("model", "fingerprint", "request_id", "answered_at"))
    asked = [
        Generated(row.label, (PlannedText(row.index, {}),), False, 0, "", row.text, "imported", **cost, **unknown)
        for row in rows
    ]
    files.write_records(paths.refilled_file("notes", "simprompt"), asked)


def together() -> dict[str, str]:
    """The environment of a stage that has two processes train, on the processor."""
    own = {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true", LAUNCH_ENV: TWO}
    return {**os.environ, **own}


def checkpoints() -> list[Path]:
    return list(Path(os.environ[CHECKPOINTS_ENV]).glob("*/*"))


def model() -> dict[str, bytes]:
    """The files of the student that was trained."""
    folder = paths.model_folder("notes", "simprompt", "tiny")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def figures() -> Any:
    """The last row of the curves."""
    return json.loads((paths.model_folder("notes", "simprompt", "tiny") / "curves/metrics.json").read_text())


@pytest.mark.slow
def test_two_processes_train_the_model_of_one_and_a_kill_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "no")
    folder = paths.model_folder("notes", "simprompt", "tiny")
    alone = commands.run(capsys, "stages.train", *CELL)
    tensors, told = [load_file(folder / "model.safetensors")], [(figures(), sorted(model()))]
    done = subprocess.run(TRAIN, env=together(), capture_output=True, text=True, check=True)
    tensors.append(load_file(folder / "model.safetensors"))
    told.append((figures(), sorted(model())))
    assert [each.count("trained on 16 texts") for each in (alone.err, done.stderr)] == [1, 1]
    assert not checkpoints()
    one, two = tensors
    for name, each in one.items():
        # Attention does not depend on the biases of keys: what an optimizer makes of their gradients is noise alone.
        assert torch.allclose(each, two[name], rtol=1e-4, atol=1e-5) or name.endswith("key.bias"), name
    assert told[0][1] == told[1][1]
    for figure, seeds in told[0][0].items():
        assert told[1][0][figure] == (pytest.approx(seeds, abs=1e-5) if isinstance(seeds, dict) else seeds)

    whole = model()
    stage = subprocess.Popen(TRAIN, env=together())
    while stage.poll() is None and not any(each.name == "seed1.safetensors" for each in checkpoints()):
        time.sleep(0.01)
    others = psutil.Process(stage.pid).children(recursive=True)
    stage.kill()
    assert stage.wait() == -9
    assert len(others) >= 2
    assert not psutil.wait_procs(others, timeout=30)[1]  # nothing goes on that nobody waits for
    assert checkpoints()
    subprocess.run(TRAIN, env=together(), check=True)
    assert model() == whole
    assert not checkpoints()


@pytest.mark.parametrize(
    ("command", "students", "last"),
    [
        (("stages.train", *CELL), 1, 5),
        (("stages.curve", *CELL), 2, 10),
        (("stages.worth", *CELL[:2], *CELL[4:]), 2, 10),
    ],
)
def test_checkpoints_stay_where_training_was_interrupted_and_go_when_the_stage_is_done(
    command: tuple[str, ...],
    students: int,
    last: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = {"epochs": 4, "batch": 4, "seeds": 1}
    edit_params(lambda each: (each["students"]["tiny"].update(small), each["evaluate"].update(resamples=100)))
    step, steps, interrupted = training.Training._step, list[int](), list[bool]()

    def stopped(self: Any, rows: Any, tokens: Any) -> None:
        if len(steps) == last and not interrupted:
            interrupted.append(True)
            raise KeyboardInterrupt
        steps.append(self.progress.step)
        step(self, rows, tokens)

    monkeypatch.setattr(training, "_CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(training.Training, "_step", stopped)
    assert commands.run(capsys, *command).status == 130
    assert steps.count(0) == students == len(checkpoints())
    assert commands.run(capsys, *command).status == 0
    assert steps[last] == steps[last - 1] + 1
    assert steps.count(0) == students
    assert not checkpoints()
