from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from stages.llm import progress
from stages.llm.chat import Answer
from stages.llm.progress import Progress
from tests.conftest import ROOT

NAME = "[red]support_tickets/attrprompt"  # as long as names are
ANSWER = Answer("text", "stop", 1000, 200, "m")


def ask(shown: Progress) -> None:
    """Two at hand, three bought, one found, one failed, one refused: of ten."""
    shown.in_flight = 7
    shown.refused()
    for _ in range(3):
        shown.answered(ANSWER, 0.5)
    shown.found()
    shown.failed()


def test_where_there_is_no_terminal_the_end_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("these", 10, 2) as shown:
        ask(shown)
    counts = "6 of 10 done (3 at hand, 3 asked), 4 missing, 1 failed, 1 refused for their rate, 3,600 tokens, $1.5000"
    assert capsys.readouterr().err == f"these: {counts}\n"


def test_where_there_is_no_terminal_a_line_comes_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINE_EVERY_S", 0.0)
    with Progress("these", 10, 2) as shown:
        ask(shown)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 7
    assert re.search(r"done .* 7 in flight, \d+\.\d/s, about \d+ s left$", lines[-2])


def drawn(columns: int) -> str:
    """The last line of the bar in a terminal so wide, and what was noted above it."""
    code = (
        "from tests.unit.llm.test_progress import ask, NAME, Progress\n"
        "with Progress(NAME, 10, 2) as shown:\n    ask(shown)\n    shown.note('a [note]')\n"
    )
    above, below = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stderr=below,
        env={**os.environ, "TERM": "xterm", "COLUMNS": str(columns)},
    )
    os.close(below)
    shown = b""
    try:
        while part := os.read(above, 65536):
            shown += part
    except OSError:  # how Linux tells that the other end is closed
        pass
    os.close(above)
    assert process.wait() == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_in_a_terminal_there_is_a_bar() -> None:
    text = drawn(160)
    assert f"{NAME}: a [note]" in text, "nothing of a name or a note is markup"
    last = text.strip().splitlines()[-1]
    for part in ("6/10", "3 at hand", "7 in flight", "/s", "1 refused", "1 failed", "3,600 tokens", "$1.5000"):
        assert part in last, last


def test_a_narrow_terminal_cuts_nothing_off() -> None:
    last = drawn(80).rpartition(NAME)[2]
    for part in ("6/10", "$1.5000", "1 failed", "3,600 tokens", "3 at hand"):
        assert part in re.sub(r"\s+", " ", last), last
