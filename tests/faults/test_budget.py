"""A cap in dollars is hard: the server counts what it bills."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from stages.core.errors import BudgetError
from tests.fault_server import FaultServer
from tests.faults.asking import requests, sources

PRICE = 10.0  # dollars for a million tokens: 100 completion tokens at most are a tenth of a cent


def ask(url: str, store: Path, count: int, task: str = "t", **ops: Any) -> str:
    """Ask; returns what the run says at its cap, or ''."""
    try:
        with sources(url, store, ops, task, PRICE) as opened:
            list(opened.ask(requests(count, max_tokens=100)))
    except BudgetError as error:
        return str(error)
    return ""


def billed(server: FaultServer) -> float:
    stats = server.stats()
    tokens: int = stats.get("prompt_tokens", 0) + stats.get("completion_tokens", 0)
    return tokens * PRICE / 1e6


@pytest.mark.parametrize("places", [1, 7, 200])
@pytest.mark.parametrize("tokens", [[20, 30], [60, 100]])
def test_what_is_billed_never_exceeds_the_cap(tmp_path: Path, places: int, tokens: list[int]) -> None:
    cap = 0.05
    with FaultServer({"delay": 0.02, "tokens": tokens}) as server:
        told = ask(server.url, tmp_path / "store.sqlite", 1000, concurrency=places, max_usd=cap)
        each = sum(tokens) * PRICE / 1e6
        worst = 0.0025
        assert cap - worst - each <= billed(server) <= cap, "it is used up to where one more might not fit"
    assert "the cap is reached: $0.0" in told
    assert "of ops.max_usd $0.05 spent" in told
    assert "of 1000 done" in told
    assert "is not paid for again; raise ops.max_usd" in told


def test_faults_that_may_be_billed_count(tmp_path: Path) -> None:
    cap = 0.05
    rules = [["<1", {"cut": 40}], ["<2", {"raw": "{"}], ["<3", {"hang": True}], ["<4", {"status": 500}]]
    with FaultServer({"tokens": [60, 100], "rules": rules}) as server:
        told = ask(server.url, tmp_path / "s", 1000, max_usd=cap, timeout_s=0.3, give_up_after=10_000)
        assert told
        assert 0.02 < billed(server) <= cap


def test_the_total_of_a_task_holds_over_runs_and_what_was_paid_is_not_paid_again(tmp_path: Path) -> None:
    store, cap = tmp_path / "store.sqlite", 0.04
    with FaultServer({"tokens": [20, 30]}) as server:
        assert ask(server.url, store, 20, max_usd_total=cap) == ""
        assert billed(server) == pytest.approx(0.01)
        assert "of ops.max_usd_total $0.04 spent" in ask(server.url, store, 1000, max_usd_total=cap)
        assert billed(server) <= cap
        before = billed(server)
        assert ask(server.url, store, 20, max_usd_total=cap) == "", "what is there costs nothing"
        assert ask(server.url, store, 1000, max_usd_total=cap)
        assert billed(server) == before, "nothing more fits"
        assert ask(server.url, store, 1100, task="other", max_usd_total=cap), "another task has its own"
        assert before < billed(server) <= 2 * cap


def test_a_cap_that_fits_nothing_says_so_before_anything_is_sent(tmp_path: Path) -> None:
    with FaultServer({}) as server:
        told = ask(server.url, tmp_path / "store.sqlite", 10, max_usd=0.0001)
        assert "$0.0000 of ops.max_usd $0.0001 spent, and the next request may cost up to $0.002" in told
        assert server.stats().get("requests", 0) == 0


def test_two_runs_at_once_keep_one_total(tmp_path: Path) -> None:
    cap = 0.03
    with FaultServer({"delay": 0.05, "tokens": [60, 100]}) as server, ThreadPoolExecutor() as pool:
        runs = [pool.submit(ask, server.url, tmp_path / "s", 500, max_usd_total=cap, concurrency=50) for _ in range(2)]
        assert all("of ops.max_usd_total" in run.result() for run in runs)
        assert 0.02 < billed(server) <= cap
