"""The first contact: a wrong address is told at once and given up soon; a server that is starting is waited for."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stages.core.errors import EndpointRefusesError
from stages.llm import wire
from stages.llm.chat import Answer
from tests.faults.asking import ask, requests
from tests.llm_server import LlmServer


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("count", [3, 200])
def test_a_host_that_nobody_knows(count: int, store: Path) -> None:
    try:
        socket.getaddrinfo("nosuch.invalid", 80)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            pytest.skip("names cannot be looked up here")
    start = time.monotonic()
    said = "cannot connect to nosuch.invalid: host name not known; is OPENAI_BASE_URL right"
    with pytest.raises(EndpointRefusesError, match=rf"given up: nothing was answered: {said}"):
        ask("http://nosuch.invalid/v1", store, requests(count), patience_s=60.0)
    assert time.monotonic() - start < 20, "not the patience of 60 s"


def test_a_port_where_nobody_listens(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port, start = free_port(), time.monotonic()
    with pytest.raises(EndpointRefusesError, match=rf"nothing was answered: cannot connect to 127.0.0.1:{port}: conn"):
        ask(f"http://127.0.0.1:{port}/v1", store, requests(50), patience_s=1.5)
    assert 1.5 <= time.monotonic() - start < 6
    told = f"these: no answer, trying again: cannot connect to 127.0.0.1:{port}: connection refused"
    assert capsys.readouterr().err.count(told) == 1, "while it is tried again, and once"


def test_a_server_that_is_starting_is_waited_for(store: Path) -> None:
    server = LlmServer(misbehave=lambda _: "a text")
    server.port = free_port()
    later = threading.Timer(1.5, server.__enter__)
    later.start()
    found = ask(f"http://127.0.0.1:{server.port}/v1", store, requests(50), patience_s=60.0)
    assert all(isinstance(each, Answer) for each in found)
    server.__exit__()


def test_a_server_that_goes_away_in_the_middle_is_waited_for(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_STARTING_S", 0.0)  # an outage is waited for beyond what a start is given
    first, second = (LlmServer(misbehave=lambda _: "a text") for _ in range(2))
    first.port = second.port = free_port()

    def swap() -> None:
        while len(first.bodies) < 20:
            time.sleep(0.01)
        first.__exit__()
        time.sleep(1.5)
        second.__enter__()

    with ThreadPoolExecutor() as pool, first:
        away = pool.submit(swap)
        found = ask(first.url, store, requests(200), concurrency=2, patience_s=60.0, timeout_s=2.0)
        away.result()
    assert all(isinstance(each, Answer) for each in found)
    second.__exit__()
