"""The llm room against a server on loopback, each figure next to a bare loop or to the ideal, in one run.

python -m tests.bench.bench_asking
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp

from stages.llm.chat import Answer
from tests.conftest import ROOT
from tests.fault_server import FaultServer
from tests.faults.asking import ask, requests

COUNT, PLACES, DELAY, RATE = 2000, 100, 0.2, 150


async def bare(url: str) -> None:
    """As many posts, as many at once, and nothing else."""
    bodies = iter([{"model": each.model, "messages": list(each.messages)} for each in requests(COUNT)])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=PLACES)) as session:

        async def work() -> None:
            for body in bodies:
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    await response.json()

        await asyncio.gather(*(work() for _ in range(PLACES)))


def ours(url: str, store: Path, count: int = COUNT, **ops: object) -> float:
    """Seconds that the room takes for as many, everything included."""
    start = time.perf_counter()
    with contextlib.redirect_stderr(io.StringIO()):
        ask(url, store, requests(count), concurrency=PLACES, patience_s=60.0, timeout_s=60.0, **ops)
    return time.perf_counter() - start


def throughput(folder: Path) -> None:
    """Against a bare aiohttp loop."""
    ratios = []
    with FaultServer({"delay": DELAY}) as server:
        ours(server.url, folder / "warm", 200)
        for turn in range(3):
            start = time.perf_counter()
            asyncio.run(bare(server.url))
            floor = time.perf_counter() - start
            took = ours(server.url, folder / f"throughput{turn}")
            ratios.append(took / floor)
            print(
                f"  {COUNT} requests, {PLACES} at once, {DELAY} s each: {took:.2f} s, bare aiohttp loop {floor:.2f} s"
            )
    print(f"throughput: {sorted(ratios)[1]:.2f} x the bare loop (median of 3; to reach: 1.15)")


def unknown_rate(folder: Path) -> None:
    """Against the time that a server needs which admits so many a second and does not say so."""
    count = 3000
    with FaultServer({"delay": DELAY, "rate": RATE, "burst": RATE / 10}) as server:
        took = ours(server.url, folder / "rate", count)
        stats = server.stats()
    ideal = (count - RATE / 10) / RATE + DELAY
    share = max(stats["refused"] - PLACES, 0) / count
    print(f"unknown rate of {RATE}/s: {took / ideal:.2f} x the ideal {ideal:.1f} s (to reach: 1.15)")
    print(f"  {stats['refused']} refused, {share:.2%} beyond the first {PLACES} at once (to reach: 1 %)")


def killed(folder: Path) -> None:
    """Half way through, and run again."""
    count = 2 * COUNT
    with FaultServer({"delay": DELAY}) as server:
        ops = json.dumps({"concurrency": PLACES})
        given = (server.url, str(folder / "killed"), str(count), ops, str(folder / "out"))
        command = [sys.executable, "-m", "tests.faults.asking", *given]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        while server.stats().get("billed", 0) < count / 2:
            time.sleep(0.02)
        process.kill()
        process.wait()
        subprocess.run(command, cwd=ROOT, stderr=subprocess.DEVNULL, check=True)
        twice = server.stats()["billed"] - count
    print(f"kill -9 half way through {count}, run again: {twice} bought again (to reach: {PLACES}, those in flight)")


def one_more(folder: Path) -> None:
    """On top of a finished thousand."""
    with FaultServer({}) as server:
        ours(server.url, folder / "more", 1000)
        before = server.stats()["requests"]
        ours(server.url, folder / "more", 1001)
        print(f"one row more on a finished 1,000: {server.stats()['requests'] - before} request (to reach: 1)")


def one_of_many_fails(folder: Path) -> None:
    """A prompt that always fails."""
    with FaultServer({"rules": [["<77>", {"status": 500}]]}) as server:
        with contextlib.redirect_stderr(io.StringIO()):
            found = ask(server.url, folder / "fails", requests(200))
        rows = sum(isinstance(each, Answer) for each in found)
        print(f"one of 200 prompts always fails: {rows} rows (to reach: 199)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for bench in (throughput, unknown_rate, killed, one_more, one_of_many_fails):
            bench(Path(name))
