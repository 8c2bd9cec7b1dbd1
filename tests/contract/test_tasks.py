"""The task folders that come with the project are in order, and hold no text of anybody else's data set."""

from __future__ import annotations

import subprocess

import pytest

from stages.core.tasks import load_task
from stages.corpus.pins import load_corpus
from stages.design.written import written_table
from tests.conftest import ROOT

TASKS = sorted(each.name for each in (ROOT / "data/tasks").iterdir() if (each / "task.yaml").exists())
# The paper's, with their number of labels.
PAPER = {
    "nyt": 26,
    "amazon": 23,
    "reddit": 45,
    "stackexchange": 50,
    "agnews": 4,
    "sst2": 2,
    "yelp": 2,
    "arxiv": 98,
}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("slug", TASKS)
def test_every_task_is_in_order(slug: str) -> None:
    task = load_task(slug)
    written_table(task)
    load_corpus(task)


@pytest.mark.parametrize("slug", PAPER)
def test_the_papers_tasks(slug: str) -> None:
    task = load_task(slug)
    assert len(task.labels) == PAPER[slug]
    corpus = load_corpus(task)
    assert corpus is not None
    assert corpus.repo.startswith("yyu/")
    dimensions = task.dimensions or ()
    assert "length" in [each.name for each in dimensions]
    for each in dimensions:
        assert each.per_label != bool(each.values), "values are found by label, or said here"
    [lengths] = [each.values for each in dimensions if each.name == "length"]
    assert list(lengths) == ["30 to 80 words", "100 to 150 words"]
    assert task.words.low <= 30, "what is asked for has a usual length"
    assert task.words.high >= 150


@pytest.mark.parametrize("slug", PAPER)
def test_texts_of_published_data_sets_are_not_committed(slug: str) -> None:
    for name in ("test.jsonl", "train.jsonl"):
        path = f"data/tasks/{slug}/{name}"
        assert subprocess.run(["git", "check-ignore", "-q", path], check=False).returncode == 0, path
    listed = subprocess.run(
        ["git", "ls-files", f"data/tasks/{slug}"], capture_output=True, text=True, check=True
    ).stdout
    assert {each.rsplit("/")[-1] for each in listed.split()} <= {"task.yaml", "corpus.yaml", "attributes.yaml"}
