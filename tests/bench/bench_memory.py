"""Memory and time of `generate` where every answer is in the store: 100,000 requests and a million.

python -m tests.bench.bench_memory [FEW MANY]
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from stages.core import files
from stages.core.params import load_everything
from stages.core.records import PlannedText, Prompt
from stages.llm.requests import PromptRequests
from stages.llm.store import Store
from tests.conftest import ROOT, TASK, TEXTS

COUNTS = tuple(map(int, sys.argv[1:])) or (100_000, 1_000_000)
ANSWER = {"completion": "a text of some twenty words " * 4, "finish_reason": "stop",
          "prompt_tokens": 60, "completion_tokens": 30, "model": "m"}  # fmt: skip


def prompts(count: int) -> Iterator[Prompt]:
    """So many prompts of one text, as long as usual."""
    for number in range(count):
        rows = (PlannedText(number, {"tone": "calm", "length": "4 to 20 words"}),)
        text = (
            f"Texts of this kind are wanted: notes that people leave for their neighbours. {number} " + "a note " * 20
        )
        yield Prompt("noise", rows, ({"role": "user", "content": text},), as_json=False, sample=0)


def prepare(folder: Path, count: int) -> None:
    """A project with a plan of so many requests, and a store with all their answers."""
    shutil.copytree(ROOT / "data/templates", folder / "data/templates")
    shutil.copy(ROOT / "params.yaml", folder)
    task = folder / "data/tasks/notes"
    task.mkdir(parents=True)
    (task / "task.yaml").write_text(TASK)
    (task / "test.jsonl").write_text(
        "".join(json.dumps({"text": TEXTS[each][0], "label": each}) + "\n" for each in TEXTS)
    )
    params = (folder / "params.yaml").read_text().replace("- support_tickets", "- notes")
    (folder / "params.yaml").write_text(params)
    files.write_records(folder / "data/prompts/notes/simprompt.jsonl", prompts(count))
    llm = load_everything(folder / "params.yaml").llm
    with Store(folder / "store.sqlite"):
        pass
    with sqlite3.connect(folder / "store.sqlite") as connection:
        answer = json.dumps(ANSWER, sort_keys=True)
        rows = ((each.key, each.canonical, answer) for each in PromptRequests(prompts(count), llm))
        while part := list(islice(rows, 10_000)):
            connection.executemany("INSERT INTO answers VALUES (?, ?, ?)", part)


def measure(count: int) -> tuple[float, float]:
    """Seconds, and the peak of resident memory in MiB."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, count)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "ATTRPROMPT_STORE": str(folder / "store.sqlite")}
        command = [sys.executable, "-m", "stages.generate", "--task", "notes", "--method", "simprompt"]
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, env=environment, check=True, stderr=subprocess.DEVNULL)
        took = time.perf_counter() - start
    return took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    (few, few_mib), (many, many_mib) = (measure(count) for count in COUNTS)
    print(f"generate, all answers in the store: {COUNTS[0]:,} requests {few:.0f} s, {few_mib:.0f} MiB; "
          f"{COUNTS[1]:,} requests {many:.0f} s, {many_mib:.0f} MiB (to reach: 1024)")  # fmt: skip
    print(
        f"time for {COUNTS[1] / COUNTS[0]:g} times the requests: {many / few:.1f} x (linear: {COUNTS[1] / COUNTS[0]:g})"
    )
