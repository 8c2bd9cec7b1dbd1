"""What all tests share: an environment without keys, a store of their own, a small project to work in."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's package is imported: nothing is looked for outside

# How long an example takes says more of what else runs on the machine than of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A worker is there for each core; threads of two of them that wait for one another by spinning are many times slower.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parents[1]

TASK = """\
domain: notes that people leave for their neighbours
form: a line or two on paper
words: [2, 40]
labels:
  noise: complains that something is loud
  parcel: is about a parcel that was taken in
  plants: asks to have plants watered
"""
TEXTS = {
    "noise": ["please turn the music down at night", "your washing machine runs at three"],
    "parcel": ["your parcel is with us on the second floor", "did you take my parcel in yesterday"],
    "plants": ["could you water my plants next week", "the ferns need water twice while I am away"],
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: one that begins last would run alone while the other workers have ended."""
    items.sort(key=lambda each: each.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def _no_access(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No key, no endpoint, a store that is nobody's, and vectors that only tests share."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ATTRPROMPT_STORE", str(tmp_path / "store" / "answers.sqlite"))
    monkeypatch.setenv("ATTRPROMPT_EMBEDDINGS", str(tmp_path_factory.getbasetemp() / "embeddings.sqlite"))
    monkeypatch.setenv("ATTRPROMPT_CHECKPOINTS", str(tmp_path / "checkpoints"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's params and templates and one small task, `notes`, as the working directory.

    Nothing is annotated or judged, unless a test says so.
    """
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "data" / "templates", folder / "data" / "templates")
    shutil.copy(ROOT / "params.yaml", folder)
    monkeypatch.chdir(folder)
    write_task("notes")
    edit_params(lambda params: (params["run"].update(tasks=["notes"]), params["annotate"].update(texts=0),
                                 params["judge"].update(texts=0)))  # fmt: skip
    return folder


def write_task(slug: str, task: str = TASK, texts: dict[str, list[str]] | None = None) -> Path:
    """A task folder in the working directory; returns it."""
    folder = Path("data/tasks") / slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "task.yaml").write_text(task, encoding="utf-8")
    rows = [{"text": text, "label": label} for label, each in (texts or TEXTS).items() for text in each]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def edit_params(edit: Callable[[Any], object], path: Path = Path("params.yaml")) -> None:
    """Change params.yaml in place."""
    yaml = YAML()
    params = yaml.load(path.read_text(encoding="utf-8"))
    edit(params)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def read_lines(path: Path | str) -> list[dict[str, Any]]:
    """The records of a JSON lines file."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def find_attributes(slug: str) -> None:
    """Run stages `brief` and `attributes`."""
    from stages import attributes, brief  # noqa: PLC0415 - what few tests need

    brief.main(slug)
    attributes.main(slug)
