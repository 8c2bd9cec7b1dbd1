"""What tests of several rooms share."""

from __future__ import annotations

from typing import Any

import pytest

from stages.core.tasks import Task, load_task
from tests.conftest import TASK, write_task
from tests.small_grid import scores


def task_with(more: str = "") -> Task:
    """The small task with more lines in its task.yaml, in the working directory."""
    write_task("notes", TASK + more)
    return load_task("notes")


@pytest.fixture
def summary() -> dict[str, Any]:
    """Of two methods and real training data, with a student: see `measures/summary`."""
    return {"notes": {
        "attributes": {"tokens": 1234, "dollars": None},
        "attrprompt": {"accepted": 90, "rejected": 10, "tokens": 2000, "dollars": 0.25, "tfidf": scores(0.8)},
        "gold": {"accepted": 500, "tfidf": scores(0.9)},
        "simprompt": {"accepted": 100, "rejected": 0, "tokens": 1000, "dollars": None, "tfidf": scores(0.7)},
    }}  # fmt: skip
