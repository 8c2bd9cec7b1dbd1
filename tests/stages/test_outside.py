"""What is met before Python's own part begins: make's variables, and a Python that has nothing installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_make_hands_a_text_on_as_it_was_typed(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for file in ("pyproject.toml", "constraints.txt", ".venv/.ready", ".venv/bin/python"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for old in ("pyproject.toml", "constraints.txt"):
        os.utime(tmp_path / old, (0, 0))
    python = tmp_path / ".venv/bin/python"
    python.write_text('#!/bin/sh\nfor each; do printf "%s\\n" "$each"; done\n')
    python.chmod(0o755)
    text = """costs $5 or $(HOME), it's "said" #1 `x` \\ 100 %"""
    given = {"NAME": "my_task", "DOMAIN": text, "FORM": "$$", "LABELS": "a $b.csv", "COLUMN": "$(x)"}
    command = ["make", "task", *(f"{name}={value}" for name, value in given.items()), "REPLACE=1"]
    # `make test` tells the makes below it that they are.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=tmp_path, env=outside, capture_output=True, text=True, check=True)
    said = ["new", "my_task", "--domain", text, "--form", "$$", "--labels", "a $b.csv", "--column", "$(x)", "--replace"]
    assert done.stdout.splitlines() == ["-m", "stages.tasks", *said]
    environment = {**outside, "DOMAIN": text}
    done = subprocess.run(
        ["make", "task", "NAME=x"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["-m", "stages.tasks", "new", "x", "--domain", text]


@pytest.mark.parametrize("command", ["predict", "tasks check", "corpus", "attributes", "export", "measures.diff main"])
def test_a_python_without_the_packages_is_told_what_to_do(command: str) -> None:
    module, *arguments = command.split()
    words = [sys.executable, "-S", "-m", f"stages.{module}", *arguments]  # -S: without what is installed
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert (
        f"{sys.executable} has not what this project needs. Run make install once; then use .venv/bin/py" in done.stderr
    )


def test_a_fault_of_ours_keeps_its_traceback(tmp_path: Path) -> None:
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/__init__.py").write_text((ROOT / "stages/__init__.py").read_text())
    for name, line in (("ours", "import stages.nosuch"), ("other", "1 / 0")):
        (tmp_path / f"stages/{name}.py").write_text(line)
        done = subprocess.run(
            [sys.executable, "-m", f"stages.{name}"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" in done.stderr
        assert done.returncode == 1
