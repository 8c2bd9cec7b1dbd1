"""Recordings: a task's answers in Git, so that a colleague reproduces it without an endpoint and without paying.

A line for each answer, sorted by key: `{"key", "request": {"model", "messages", ...}, "answer": {...}}`. The request
is there for people to read; only the key counts. A stage reads them and never writes them; `export` does.

    python -m stages.llm.recordings TASK
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.cli import say
from stages.core.errors import AttrPromptError, InputError, why_unreadable
from stages.core.params import load_everything
from stages.core.slugs import check_slug
from stages.core.tasks import load_task
from stages.llm.chat import Answer
from stages.llm.store import Store, store_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read_recordings(path: Path) -> dict[str, Answer]:
    """The recorded answers by key; none where there is no such file.

    Raises:
        InputError: a line is broken (its number is said).
    """
    return {row["key"]: Answer.from_json(row["answer"]) for row in _lines(path)}


def export(task: str) -> int:
    """Write `data/recordings/<task>.jsonl`: exactly the answers that the artifacts of the task's grid were made from.

    Returns:
        How many.

    Raises:
        ArtifactError: the grid has not been run.
        InputError: an answer is neither in the store nor in the recordings.
    """
    keys = sorted({row["key"] for path in _made_from_answers(task) for row in _rows(path) if row["key"]})
    path = paths.recordings_file(task)
    known = {row["key"]: row for row in _lines(path)}
    with Store(store_path()) as store:
        asked = store.requests(keys)
        known |= {
            key: {"key": key, "request": json.loads(asked[key]), "answer": asdict(answer)}
            for key, answer in store.get(asked).items()
        }
    lost = [key for key in keys if key not in known]
    if lost:
        raise InputError(
            f"{path}: {len(lost)} of {len(keys)} answers are neither recorded nor in {store_path()}; "
            "run dvc repro where they were paid for, and export there"
        )
    return files.write_records(path, (known[key] for key in keys))


def _made_from_answers(task: str) -> Iterator[Path]:
    yield paths.attributes_answers(task)
    for method in load_everything().run.methods:
        yield paths.refilled_file(task, method)
        yield paths.annotations_file(task, method)
        yield paths.judged_file(task, method)


def _rows(path: Path) -> Iterator[files.Json]:
    if not path.exists():
        raise InputError(f"{path}: is missing; run dvc repro first, then export")
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _lines(path: Path) -> Iterator[files.Json]:
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line.decode())
                Answer.from_json(row["answer"])
                row["key"].encode("ascii")
            except UnicodeDecodeError as error:
                raise InputError(f"{path}:{number}: {why_unreadable(error)}, or restore it from Git") from None
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise InputError(
                    f"{path}:{number}: is no recorded answer ({error}); restore the file from Git, "
                    "or write it anew: make export"
                ) from None
            yield row


if __name__ == "__main__":
    try:
        slug = load_task(check_slug(sys.argv[1])).slug
        say(f"{paths.recordings_file(slug)}: {export(slug)} answers")
    except IndexError:
        sys.exit("usage: python -m stages.llm.recordings TASK")
    except ValueError as problem:
        sys.exit(f"{problem}\nusage: python -m stages.llm.recordings TASK")
    except AttrPromptError as problem:
        sys.exit(str(problem))
