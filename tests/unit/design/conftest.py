"""What tests of this room share."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.core.tasks import Task
from tests.unit.conftest import task_with


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """The small task, in a working directory that has nothing else."""
    monkeypatch.chdir(tmp_path)
    return task_with()
