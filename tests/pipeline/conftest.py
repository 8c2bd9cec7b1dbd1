from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import write_task
from tests.llm_server import LlmServer
from tests.pipeline.checkout import Checkout, copy_project


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with LlmServer() as running:
        yield running


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, server: LlmServer) -> Checkout:
    """The project with one small task, two methods and one student, committed, and an endpoint."""
    checkout = copy_project(tmp_path_factory.mktemp("user") / "project")
    checkout = replace(checkout, environment={**checkout.environment, "OPENAI_BASE_URL": server.url})
    with pytest.MonkeyPatch.context() as here:
        here.chdir(checkout.folder)
        write_task("notes")
    checkout.edit(
        lambda each: (
            each["run"].update(tasks=["notes"], methods=["simprompt", "attrprompt"], students=["tfidf"]),
            each["prompts"].update(per_label=12, texts_per_request=4),
            each["evaluate"].update(resamples=100),
            each["judge"].update(texts=0),
        )
    )
    checkout.commit("a task")
    return checkout


@pytest.fixture
def here(notes: Checkout, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(notes.folder)
    return notes.folder
