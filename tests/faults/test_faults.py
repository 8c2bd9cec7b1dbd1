"""A server that misbehaves: every fault costs one request at most, and is told by its name."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import EndpointRefusesError, StoreError
from stages.llm.chat import (
    CONNECTION_LOST,
    NO_COMPLETION,
    REJECTED,
    SERVER_ERROR,
    TIMED_OUT,
    Answer,
    NoAnswer,
    Outcome,
)
from tests.fault_server import FaultServer
from tests.faults.asking import ask, requests

COUNT = 60


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


def faults(found: list[Outcome]) -> dict[int, str]:
    return {number: each.reason for number, each in enumerate(found) if isinstance(each, NoAnswer)}


@pytest.mark.parametrize(
    ("action", "reason", "tries"),
    [
        ({"status": 400, "body": {"error": {"message": "content filter"}}}, REJECTED, 1),
        ({"status": 422, "body": {"detail": "what?"}}, REJECTED, 1),
        ({"status": 500}, SERVER_ERROR, 3),
        ({"status": 502, "body": "<html>bad gateway</html>"}, SERVER_ERROR, 3),
        ({"hang": True}, TIMED_OUT, 3),
        ({"cut": 0}, CONNECTION_LOST, 3),
        ({"cut": 90}, CONNECTION_LOST, 3),
        ({"raw": "not json"}, NO_COMPLETION, 3),
        ({"raw": "[" * 100_000}, NO_COMPLETION, 3),
        ({"raw": '{"choices": []}'}, NO_COMPLETION, 3),
        ({"raw": "null"}, NO_COMPLETION, 3),
    ],
)
def test_a_request_that_always_fails_costs_itself_alone(
    store: Path, action: dict[str, Any], reason: str, tries: int
) -> None:
    with FaultServer({"rules": [["<7>", action]]}) as server:
        found = ask(server.url, store, requests(COUNT), timeout_s=0.5)
        assert faults(found) == {7: reason}
        assert server.stats()["requests"] == COUNT - 1 + tries
        server.set({})
        assert faults(ask(server.url, store, requests(COUNT))) == {}, "the next run asks for it again"
        assert server.stats()["requests"] == COUNT + tries, "and for nothing else"


@pytest.mark.parametrize("action", [{"status": 500}, {"cut": 50}, {"raw": "{"}, {"hang": True}, {"status": 429}])
def test_a_request_that_fails_once_is_answered_the_second_time(store: Path, action: dict[str, Any]) -> None:
    with FaultServer({"rules": [["<1", {**action, "times": 1}]]}) as server:
        assert faults(ask(server.url, store, requests(COUNT), timeout_s=0.5)) == {}
        assert server.stats()["requests"] == COUNT + 11


@pytest.mark.parametrize(
    ("action", "completion", "finish"),
    [
        ({"message": {"role": "assistant", "content": ""}}, "", "stop"),
        ({"message": {"role": "assistant", "content": None}}, None, "stop"),
        ({"message": {"role": "assistant", "content": None, "refusal": "no"}}, "no", "refusal"),
        ({"message": {"content": "half"}, "finish_reason": "length"}, "half", "length"),
        ({"message": {"content": None}, "finish_reason": "content_filter"}, None, "content_filter"),
    ],
)
def test_odd_answers_are_answers(store: Path, action: dict[str, Any], completion: str | None, finish: str) -> None:
    with FaultServer({"rules": [["<3>", action]]}) as server:
        found = ask(server.url, store, requests(5))[3]
        assert isinstance(found, Answer)
        assert (found.completion, found.finish_reason) == (completion, finish)
        assert (found.fingerprint, found.request_id is not None) == ("fp_test", True)


def test_a_rate_that_the_server_does_not_tell(store: Path) -> None:
    with FaultServer({"delay": 0.05, "rate": 100, "burst": 10}) as server:
        start = time.monotonic()
        assert faults(ask(server.url, store, requests(600), concurrency=50)) == {}
        took, stats = time.monotonic() - start, server.stats()
    assert stats["requests"] - stats["refused"] == 600, "each is admitted once"
    assert stats["refused"] < 120
    assert took < 3 * 6


@pytest.mark.parametrize("header", ["Retry-After", "retry-after-ms", "a date"])
def test_the_wait_that_the_server_asks_for_is_kept(store: Path, header: str) -> None:
    with FaultServer({}) as server:
        start = time.time()
        until = {"Retry-After": start + 1, "retry-after-ms": start + 1, "a date": int(start) + 3.0}[header]
        headers = {"Retry-After": "1", "retry-after-ms": "1000", "a date": formatdate(until, usegmt=True)}
        refusal = {"status": 429, "headers": {header.replace("a date", "Retry-After"): headers[header]}, "times": 1}
        server.set({"rules": [["<0>", refusal]]})
        assert faults(ask(server.url, store, requests(1))) == {}
        assert until - 0.1 <= time.time() < until + 5


def test_headers_that_say_that_nothing_is_left(store: Path) -> None:
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "700ms"}
    with FaultServer({"headers": used_up}) as server:
        start = time.monotonic()
        ask(server.url, store, requests(3), concurrency=1)
        assert 1.3 <= time.monotonic() - start < 4


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"status": 401, "body": {"error": {"message": "bad key", "code": "invalid_api_key"}}}, "OPENAI_API_KEY"),
        ({"status": 404, "body": {"error": {"message": "no model m", "code": "model_not_found"}}}, "has no model 'm'"),
        ({"status": 429, "body": {"error": {"message": "pay", "code": "insufficient_quota"}}}, "quota is used up"),
        ({"status": 429, "body": {"error": {"message": "200 requests per day (RPD)"}}}, "quota is used up"),
        ({"status": 429, "headers": {"Retry-After": "86400"}}, "asks to wait 86400 s, ops.patience_s is 5"),
    ],
)
def test_what_concerns_all_stops_the_run_and_keeps_what_is_there(
    store: Path, action: dict[str, Any], said: str
) -> None:
    with FaultServer({"delay": 0.02, "rules": [["<30>", action]]}) as server:
        start = time.monotonic()
        with pytest.raises(EndpointRefusesError) as caught:
            ask(server.url, store, requests(500), concurrency=4)
        assert said in str(caught.value)
        assert time.monotonic() - start < 4
        asked = server.stats()["requests"]
        assert asked < 60
        server.set({})
        ask(server.url, store, requests(500))
        assert server.stats()["requests"] == 500 + 1


def test_where_everything_fails_the_run_is_given_up(store: Path) -> None:
    with FaultServer({"rules": [["", {"status": 500}]]}) as server:
        with pytest.raises(EndpointRefusesError, match=r"given up: .* requests in a row failed, .* status 500"):
            ask(server.url, store, requests(5000), give_up_after=10, patience_s=2.0)
        assert server.stats()["requests"] < 100


def test_a_server_that_comes_back_is_waited_for(store: Path) -> None:
    with FaultServer({"rules": [["", {"status": 500, "times": 1}]]}) as server:
        assert faults(ask(server.url, store, requests(100), give_up_after=10, patience_s=10.0)) == {}


def test_where_everything_is_refused_the_run_is_given_up(store: Path) -> None:
    with FaultServer({"rules": [["", {"status": 429}]]}) as server:
        with pytest.raises(EndpointRefusesError, match="everything was refused for"):
            ask(server.url, store, requests(200), patience_s=2.0)
        assert server.stats()["requests"] < 200


def test_rejections_do_not_stop_a_run_that_gets_answers(store: Path) -> None:
    with FaultServer({"rules": [["<1", {"status": 400}]]}) as server:
        found = ask(server.url, store, requests(200), give_up_after=5, concurrency=1)
        assert set(faults(found).values()) == {REJECTED}
        assert len(faults(found)) == 111


def test_known_limits_are_kept(store: Path) -> None:
    with FaultServer({}) as server:
        start = time.monotonic()
        ask(server.url, store, requests(40), requests_per_minute=600.0)
        assert 2.5 < time.monotonic() - start < 6, "ten a second, ten at once"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs rights that this user has not")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_becomes_full_loses_no_answer(small_disk: Path) -> None:
    store = small_disk / "store.sqlite"
    with FaultServer({"delay": 0.02, "completion": "long " * 2000}) as server:
        with pytest.raises(StoreError, match=r"store.sqlite: the store of answers cannot be used: .*full"):
            ask(server.url, store, requests(2000), concurrency=8)
        billed = server.stats()["billed"]
        assert billed < 2000
        roomier = small_disk.parent / "store.sqlite"
        shutil.copy(store, roomier)
        for suffix in ("-wal", "-shm"):
            if (log := store.with_name(store.name + suffix)).exists():
                shutil.copy(log, roomier.with_name(roomier.name + suffix))
        ask(server.url, roomier, requests(2000))
        assert server.stats()["billed"] == 2000, "every answer that was billed had been kept"
