"""The key, and what a masked key leaves standing of it, is in no file, message or log after runs that fail in each way.

Endpoints quote the key that they were sent in their errors, so the servers here do.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stages import brief, prompts
from stages.core import paths
from stages.design.table import AttributeTable, write_table
from tests.batch_server import BatchServer
from tests.conftest import ROOT, edit_params
from tests.fault_server import FaultServer
from tests.faults.asking import interruptible

KEY = "sk-proj-Zq7XvK93mWtRbN5cLd8yPf2hJg4sAe6u"
PASSWORD = "Hk3-vT8_wQz1"
PARTS = (KEY[:11], KEY[8:20], KEY[-8:], PASSWORD)
SAID = f"not with this key: {KEY} ({KEY[:11]}****{KEY[-4:]})"
ERROR = {"error": {"message": SAID, "type": "x", "code": "x"}}
OPS = {"retries": 1, "timeout_s": 1.0, "patience_s": 1.0, "give_up_after": 1000, "batch_poll_s": 0.05}


def everything_in(folder: Path) -> bytes:
    """All that the run left behind, the names of the files included."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name.startswith("answers.sqlite") for path in found)
    return b"".join(str(path).encode() + path.read_bytes() for path in found)


def prepare(**ops: Any) -> None:
    """A plan of some requests in the project of the working directory."""

    def edit(each: Any) -> None:
        each["run"].update(methods=["simprompt"])
        each["ops"].update(OPS | ops)
        each["llm"].update(sampling={"max_tokens": 100}, price_per_million={"desk": {"prompt": 1.0, "completion": 1.0}})

    edit_params(edit)
    write_table(paths.attributes_file("notes"), AttributeTable())
    brief.main("notes")
    prompts.main("notes", "simprompt")


def start(url: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url,
                   "OPENAI_LOG": "debug", "PYTHONASYNCIODEBUG": "1"}  # fmt: skip
    command = [sys.executable, "-m", "stages.generate", "--task", "notes", "--method", "simprompt"]
    return subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=interruptible,  # noqa: PLW1509 - it takes no lock
    )


def check(process: subprocess.Popen[str], code: int, expected: str, folder: Path) -> None:
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert expected in said
    assert "Traceback" not in said
    left = everything_in(folder) + said.encode()
    for part in PARTS:
        assert part.encode() not in left, f"{part}: {said}"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("settings", "ops", "code", "expected"),
    [
        ({"rules": [["", {"status": 401, "body": ERROR}]]}, {}, 1, "does not let us in"),
        ({"rules": [["", {"status": 404, "body": ERROR}]]}, {}, 1, "has no model"),
        ({"rules": [["", {"status": 400, "body": ERROR}]]}, {}, 1, "endpoint_rejected"),
        ({"rules": [["", {"status": 422, "body": {"detail": SAID}}]]}, {}, 1, "endpoint_rejected"),
        ({"rules": [["", {"status": 500, "body": ERROR}]]}, {}, 1, "server_error"),
        ({"rules": [["", {"status": 500, "body": SAID}]]}, {"give_up_after": 2}, 1, "given up"),
        ({"rules": [["", {"status": 429, "body": ERROR}]]}, {}, 1, "everything was refused"),
        ({"rate": 1, "refusal": {"Retry-After": "3600", "X-Said": KEY}}, {}, 1, "asks to wait"),
        ({"rules": [["", {"raw": SAID}]]}, {}, 1, "no_completion"),
        ({"rules": [["", {"cut": 40}]]}, {}, 1, "connection_lost"),
        ({"rules": [["", {"hang": True}]]}, {}, 1, "timed_out"),
        ({}, {"max_usd": 0.0001}, 1, "the cap is reached"),
        ({}, {}, 0, "12 of 12 done"),
    ],
)
def test_nothing_of_the_key_is_left(
    tmp_path: Path, settings: dict[str, Any], ops: dict[str, Any], code: int, expected: str
) -> None:
    prepare(**ops)
    with FaultServer(settings) as server:
        check(start(server.url), code, expected, tmp_path)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("change", "code", "expected"),
    [
        ({"key": "another"}, 1, "does not let us in"),
        ({"path": "elsewhere/"}, 1, "has no batch API"),
        ({"fate": lambda *_: (500, SAID)}, 1, "server_error"),
        ({"fate": lambda *_: (400, SAID)}, 1, "endpoint_rejected"),
        ({"create": lambda *_: 502}, 1, "did not say whether it took a batch"),
        ({"create": lambda *_: 0}, 1, "did not say whether it took a batch"),
        ({"status": {0: "failed"}}, 1, "did not take batch"),
        ({}, 0, "12 of 12 done"),
    ],
)
def test_nothing_of_the_key_is_left_by_batches(
    tmp_path: Path, change: dict[str, Any], code: int, expected: str
) -> None:
    prepare(transport="batch")
    with BatchServer(looks=0, **change) as server:
        check(start(server.url), code, expected, tmp_path)


@pytest.mark.usefixtures("project")
def test_nothing_of_the_key_is_left_where_the_run_is_stopped(tmp_path: Path) -> None:
    prepare(timeout_s=60.0)
    with FaultServer({"rules": [["", {"hang": True}]]}) as server:
        process = start(server.url)
        while server.stats().get("billed", 0) < 12:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        check(process, 130, "stopped", tmp_path)


@pytest.mark.usefixtures("project")
def test_nothing_of_the_key_is_left_where_nobody_is_there(tmp_path: Path) -> None:
    prepare()
    check(start("http://127.0.0.1:9/v1"), 1, "connection_lost", tmp_path)
    check(start(f"http://user:{PASSWORD}@127.0.0.1:9/v1"), 1, "OPENAI_BASE_URL: holds a user's name", tmp_path)
    check(start(f"user:{PASSWORD}@127.0.0.1"), 1, "OPENAI_BASE_URL: is no URL", tmp_path)
