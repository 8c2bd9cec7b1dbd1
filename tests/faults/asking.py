"""Asking a fault server, in this process or, to be killed, in another.

python -m tests.faults.asking URL STORE COUNT '{"concurrency": 64}' OUTPUT
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

from stages.core.errors import AttrPromptError
from stages.core.params import load_everything
from stages.core.sections import Price
from stages.llm.ask import Asking, Sources
from stages.llm.chat import Answer, ChatRequest, Outcome
from stages.llm.client import OpenAIEndpoint
from tests.conftest import ROOT

KEY = "sk-test-0123456789abcdefghijklmnop"
MODEL = "m"
OPS = {"concurrency": 32, "timeout_s": 5.0, "retries": 2, "patience_s": 5.0, "give_up_after": 20}


def requests(count: int, **sampling: Any) -> list[ChatRequest]:
    """So many different requests."""
    return [ChatRequest(MODEL, ({"role": "user", "content": f"<{n}> please"},), sampling) for n in range(count)]


def sources(url: str, store: Path, ops: dict[str, Any], task: str = "t", price: float | None = None) -> Sources:
    """Sources whose only endpoint is at `url`; `price` is dollars for a million tokens of either kind."""
    everything = load_everything(ROOT / "params.yaml")
    chosen = everything.ops.model_copy(update={**OPS, **ops})
    prices = {} if price is None else {MODEL: Price(prompt=price, completion=price)}
    sampling = {"max_tokens": 100} if price is not None else {}
    llm = everything.llm.model_copy(update={"model": MODEL, "price_per_million": prices, "sampling": sampling})
    return Sources(Asking(task, "these", llm, chosen), Path("none"), store, lambda: OpenAIEndpoint(url, KEY, chosen))


def ask(url: str, store: Path, wanted: list[ChatRequest], **ops: Any) -> list[Outcome]:
    """Ask for all of them."""
    with sources(url, store, ops) as opened:
        return list(opened.ask(wanted))


def interruptible() -> None:
    """Let a process be interrupted, whatever its parent is: what a shell starts in the background ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main(url: str, store: str, count: str, ops: str, output: str) -> None:
    """Ask, and write the completions in their order."""
    try:
        found = ask(url, Path(store), requests(int(count)), **json.loads(ops))
    except AttrPromptError as error:
        sys.exit(str(error))
    lines = [each.completion if isinstance(each, Answer) else f"no answer: {each.reason}" for each in found]
    Path(output).write_text("\n".join(str(line) for line in lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
