"""What tests of stages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.llm_server import LlmServer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LlmServer]:
    """An endpoint, which the environment names. Where a module needs more to be there, its own fixture adds that."""
    with LlmServer() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running
