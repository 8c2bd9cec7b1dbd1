"""The stages as commands. That each starts in a process of its own tests/pipeline shows, where DVC runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import commands
from tests.conftest import ROOT, edit_params, write_task


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "stage", sorted(path.stem for path in (ROOT / "stages").glob("*.py") if path.stem != "__init__")
)
def test_help_says_what_is_read_and_written(stage: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = commands.run(capsys, f"stages.{stage}", "--help")
    assert done.status == 0
    assert f"usage: stages.{stage}" in done.out
    assert "Writes" in done.out


def test_an_error_is_one_message_and_no_traceback(project: Path) -> None:
    assert run("stages.brief", "--task", "notes", cwd=project).returncode == 0
    done = run("stages.attributes", "--task", "notes", cwd=project)
    assert done.returncode == 1
    assert done.stderr == (
        "stages.attributes: attributes of notes: 3 of 3 answers are neither recorded nor stored, and no endpoint is "
        "set: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own; nothing was sent\n"
    )


@pytest.mark.usefixtures("project")
def test_the_whole_grid_is_checked_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert "params.yaml and notes: in order" in commands.run(capsys, "stages.tasks", "check").err
    write_task("bad", "domain: d\nlabels: [a]\n")
    (write_task("worse") / "test.jsonl").write_text("{\n")
    edit_params(lambda each: each["run"].update(tasks=["notes", "bad", "worse", "none"]))
    Path("data/templates/methods/request.j2").write_text("{% if %}")
    done = commands.run(capsys, "stages.tasks", "check")
    assert done.status == 1
    told = [each for each in done.err.splitlines() if not each.startswith("advice: ")]
    assert len(told) == 4, "each problem once"
    for place in ("data/tasks/bad/task.yaml:2", "worse/test.jsonl:1", "none/task.yaml", "methods/request.j2:1"):
        assert sum(place in line for line in told) == 1, place
    edit_params(lambda each: each["run"].update(tasks=["Not-A-Slug"]))
    told_now = commands.run(capsys, "stages.tasks", "check").err
    assert "stages.tasks: params.yaml:7: run.tasks.0: 'Not-A-Slug' is no slug" in told_now
