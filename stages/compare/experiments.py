"""One DVC experiment for each method, in a folder of its own: nothing of the workspace changes, and nothing is asked.

Its name ends in a digest of all that its result depends on, so that the same comparison finds it again, whatever else
was edited or committed in between; `dvc exp show` lists it, `dvc exp remove` removes it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.cli import say
from stages.core.errors import ArtifactError
from stages.core.imports import ImportGraph
from stages.core.params import PARAMS
from stages.measures.predictions import Predictions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.files import Json
    from stages.core.params import Everything

_PIPELINE = Path("dvc.yaml")
_LAST = "report"  # the stage whose summary is read; what only others need is not run
_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Result:
    """What an experiment left in Git.

    Attributes:
        name: Of the experiment.
        summary: The method's part of the summary; see `measures/summary`.
        predictions: By student, what it made of the test texts.
    """

    name: str
    summary: Json
    predictions: dict[str, Predictions]


def run_method(alone: Everything, task: str, method: str) -> Result:
    """Run the pipeline for one method, or find the experiment that did.

    Args:
        alone: Params of a grid with that cell alone, whose answers are all at hand.
        task: Its task.
        method: Its method.

    Raises:
        ArtifactError: it failed; what DVC said stands above.
    """
    name = f"compare-{task}-{method}-{alone.prompts.per_label}-{_digest(alone, task)}"
    if _reference(name) is None:
        say(f"{name}: runs in a folder of its own; nothing is asked")
        _run(alone, task, name)
    else:
        say(f"{name}: was run already")
    reference = _reference(name)
    if reference is None:
        raise ArtifactError(
            f"experiment {name} failed; what DVC and the stage said stands above. Where a gate failed for want of "
            "texts, give a larger budget, or lower the gate under validation: in params.yaml"
        )
    summary = json.loads(_show(reference, paths.SUMMARY))[task][method]
    return Result(name, summary, {each: _predictions(reference, task, method, each) for each in alone.run.students})


def _run(alone: Everything, task: str, name: str) -> None:
    grid = {
        "run.tasks": f"[{task}]",
        "run.methods": f"[{','.join(alone.run.methods)}]",
        "run.gold": "[]",
        "run.blends": "[]",
        "prompts.per_label": str(alone.prompts.per_label),
        "annotate.texts": str(alone.annotate.texts),
        "judge.texts": str(alone.judge.texts),
        "prompts.reserve": str(alone.prompts.reserve),
        "curve.shares": "[]",
    }
    settings = [part for key, value in grid.items() for part in ("-S", f"{key}={value}")]
    copied = [part for path in _unknown_to_git(task) for part in ("-C", str(path))]
    # Without an endpoint: what is not at hand cannot be bought by mistake.
    access = {alone.ops.api_key_env, alone.ops.base_url_env}
    environment = {key: value for key, value in os.environ.items() if key not in access}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    command = [sys.executable, "-m", "dvc", "exp", "run", "--temp", "--name", name, *settings, *copied, _LAST]
    subprocess.run(command, env=environment, stdout=sys.stderr, check=False)  # noqa: S603 - no shell, names are slugs


def _digest(alone: Everything, task: str) -> str:
    """Of everything that the result depends on: the code and params of the stages, and what people wrote."""
    found = hashlib.sha256(alone.model_dump_json(exclude={"ops", "annotate", "judge"}).encode())
    for path in sorted({*_code(), *_written(task), paths.recordings_file(task)}):
        found.update(f"\0{path}\0".encode())
        found.update(path.read_bytes() if path.exists() else b"")
    return found.hexdigest()[:_DIGITS]


def _code() -> set[Path]:
    return {_PIPELINE}.union(*ImportGraph(Path("stages")).of_modules().values())


def _written(task: str) -> Iterator[Path]:
    for folder in (paths.task_file(task).parent, paths.METHOD_TEMPLATES, paths.ATTRIBUTE_TEMPLATES):
        yield from (each for each in folder.rglob("*") if each.is_file())


def _unknown_to_git(task: str) -> list[Path]:
    """What an experiment in a folder of its own would not find, because Git does not track it."""
    folder = paths.task_file(task).parent
    if not _git("ls-files", "--", str(folder)):
        return [folder]
    untracked = _git("ls-files", "--others", "--", str(folder), str(paths.recordings_file(task))).splitlines()
    return [path for path in map(Path, untracked) if path.parent in (folder, paths.recordings_file(task).parent)]


def _reference(name: str) -> str | None:
    """The Git reference of an experiment."""
    listed = _git("for-each-ref", "--format=%(refname)", "--sort=-committerdate", "refs/exps").splitlines()
    return next((each for each in listed if each.endswith(f"/{name}")), None)


def _show(reference: str, path: Path) -> str:
    return _git("show", f"{reference}:./{path}")


def _predictions(reference: str, task: str, method: str, student: str) -> Predictions:
    table = _show(reference, paths.confusion_plot(task, method, student))
    return Predictions.of_table(csv.DictReader(io.StringIO(table)))


def _git(*arguments: str) -> str:
    """What a Git command prints.

    Raises:
        ArtifactError: it fails.
    """
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8", check=False)  # noqa: S603, S607
    if done.returncode:
        raise ArtifactError(f"git {arguments[0]}: {done.stderr.strip()}; experiments are kept in Git, beside {PARAMS}")
    return done.stdout
