"""Killed, run twice at once, stopped by hand: nothing is lost, nothing is paid for twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stages.llm.store import Store
from tests.conftest import ROOT
from tests.fault_server import FaultServer
from tests.faults.asking import interruptible, requests

pytestmark = pytest.mark.slow

COUNT, PLACES = 4000, 64


def start(url: str, folder: Path, output: str = "out.txt", **ops: object) -> subprocess.Popen[str]:
    settings = json.dumps({"concurrency": PLACES, **ops})
    command = [sys.executable, "-m", "tests.faults.asking", url, str(folder / "store.sqlite"), str(COUNT), settings]
    return subprocess.Popen(
        [*command, str(folder / output)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=interruptible,  # noqa: PLW1509 - it takes no lock
    )


def finished(process: subprocess.Popen[str]) -> str:
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return told


def stored(folder: Path) -> int:
    with Store(folder / "store.sqlite") as store:
        return len(store.get(request.key for request in requests(COUNT)))


def test_killed_twenty_times_it_loses_what_was_in_flight_and_no_more(tmp_path: Path) -> None:
    generator, lost = random.Random(7), 0
    with FaultServer({"delay": 0.15}) as server:
        for _ in range(20):
            before = server.stats().get("billed", 0)
            process = start(server.url, tmp_path)
            while server.stats().get("billed", 0) == before and process.poll() is None:
                time.sleep(0.02)
            time.sleep(generator.uniform(0.0, 0.35))
            process.kill()
            process.communicate()
            time.sleep(0.2)  # what the server was still answering is counted
            lost_before, lost = lost, server.stats().get("billed", 0) - stored(tmp_path)
            assert 0 <= lost - lost_before <= PLACES
        kept = stored(tmp_path)
        assert 20 * 20 < kept < COUNT, "the kills came in the middle"
        finished(start(server.url, tmp_path))
        stats = server.stats()
    twice = stats["billed"] - COUNT
    assert twice == lost, "what was lost is bought again, and nothing else"
    assert len(stats["prompts"]) == COUNT, "none is missing"
    with FaultServer({}) as server:
        undisturbed = tmp_path / "undisturbed"
        undisturbed.mkdir()
        finished(start(server.url, undisturbed))
    assert (tmp_path / "out.txt").read_text() == (undisturbed / "out.txt").read_text()
    print(f"20 kills in {COUNT} requests, {PLACES} at once: {twice} bought twice, {20 * PLACES} were in flight at most")


def test_two_processes_at_once_buy_each_answer_once(tmp_path: Path) -> None:
    with FaultServer({"delay": 0.05}) as server:
        pair = [start(server.url, tmp_path, output) for output in ("one.txt", "two.txt")]
        told = [finished(process) for process in pair]
        stats = server.stats()
    assert stats["billed"] == COUNT
    assert set(stats["prompts"].values()) == {1}
    assert (tmp_path / "one.txt").read_text() == (tmp_path / "two.txt").read_text()
    asked = [
        int(line.split(" asked")[0].split()[-1]) for text in told for line in text.splitlines() if " asked)" in line
    ][-2:]
    assert min(asked) > COUNT / 10, "both took part"


def test_what_one_process_was_asking_when_it_was_killed_the_other_asks(tmp_path: Path) -> None:
    with FaultServer({"delay": 0.2}) as server:
        pair = [start(server.url, tmp_path, output) for output in ("one.txt", "two.txt")]
        while server.stats().get("billed", 0) < COUNT / 4:
            time.sleep(0.02)
        pair[0].kill()
        finished(pair[1])
        pair[0].communicate()
        stats = server.stats()
    assert stats["billed"] <= COUNT + PLACES
    assert len((tmp_path / "two.txt").read_text().splitlines()) == COUNT


def test_ctrl_c_stops_in_order_within_a_second_and_says_how_to_go_on(tmp_path: Path) -> None:
    with FaultServer({"delay": 0.2}) as server:
        process = start(server.url, tmp_path)
        while server.stats().get("billed", 0) < COUNT / 10:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        _, told = process.communicate(timeout=10)
        took = time.monotonic() - begun
        time.sleep(0.3)
        billed = server.stats()["billed"]
    assert took < 1.5, "a second, and the interpreter's end"
    assert "stopped." in told
    assert "The same command goes on from here" in told
    assert "Traceback" not in told
    assert billed - stored(tmp_path) <= PLACES
    assert billed == stored(tmp_path), "what was in flight and came in a moment was kept"
