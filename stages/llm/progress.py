"""What the user sees while answers are bought: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

from stages.core.cli import say
from stages.core.texts import harmless

if TYPE_CHECKING:
    from stages.llm.chat import Answer

_LINE_EVERY_S = 10.0


class Progress:
    """Counts, and shows the counts. Use it as a context manager.

    Args:
        name: Whose answers these are.
        total: How many requests there are.
        at_hand: How many of their answers were there before.

    Attributes:
        in_flight: How many are on their way; whoever sends them sets it.
    """

    def __init__(self, name: str, total: int, at_hand: int) -> None:
        self._name, self._total, self._at_hand = name, total, at_hand
        self._asked = self._found = self._refused = self._failed = self._tokens = 0
        self._dollars = 0.0
        self.in_flight = 0
        self._start = self._told = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._bar = _bar()
            self._task = self._bar.add_task(self._name, total=self._total, completed=self._at_hand, more="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._show()
            self._bar.stop()
        else:
            say(f"{self._name}: {self.so_far()}")

    def answered(self, answer: Answer, dollars: float) -> None:
        """Note an answer that was bought and kept."""
        self._asked += 1
        self._tokens += answer.prompt_tokens + answer.completion_tokens
        self._dollars += dollars
        self._tick()

    def found(self) -> None:
        """Note an answer that another process got in the meantime."""
        self._found += 1
        self._tick()

    def refused(self) -> None:
        """Note a refusal; the request will be sent again."""
        self._refused += 1
        self._tick()

    def failed(self) -> None:
        """Note a request that came to nothing."""
        self._failed += 1
        self._tick()

    def note(self, message: str) -> None:
        """Say something in between."""
        if self._bar:
            self._bar.console.print(harmless(f"{self._name}: {message}"), markup=False, highlight=False)
        else:
            say(f"{self._name}: {message}")

    @property
    def done(self) -> int:
        """How many requests have an answer."""
        return self._at_hand + self._found + self._asked

    def so_far(self) -> str:
        """The counts in words."""
        missing = self._total - self.done
        parts = [
            f"{self.done} of {self._total} done ({self._at_hand + self._found} at hand, {self._asked} asked)",
            f"{missing} missing" if missing else "",
            f"{self._failed} failed" if self._failed else "",
            f"{self._refused} refused for their rate" if self._refused else "",
            f"{self._tokens:,} tokens" if self._tokens else "",
            f"${self._dollars:.4f}" if self._dollars else "",
        ]
        return ", ".join(filter(None, parts))

    def _tick(self) -> None:
        now = time.monotonic()
        if self._bar:
            if now - self._told >= 0.1:  # noqa: PLR2004 - as often as eyes follow
                self._told = now
                self._show()
        elif now - self._told >= _LINE_EVERY_S:
            self._told = now
            rate = f"{self.in_flight} in flight, {self._asked / (now - self._start):.1f}/s"
            say(f"{self._name}: {self.so_far()}, {rate}{self._left(now)}")

    def _show(self) -> None:
        rate = self._asked / max(time.monotonic() - self._start, 0.001)
        parts = (
            f"${self._dollars:.4f}",
            f"{self._failed} failed" if self._failed else "",
            f"{self._refused} refused" if self._refused else "",
            f"{rate:.1f}/s",
            f"{self.in_flight} in flight",
            f"{self._tokens:,} tokens",
            f"{self._at_hand + self._found} at hand",
        )
        more = "  ".join(filter(None, parts))
        self._bar.update(self._task, completed=self.done, more=more)

    def _left(self, now: float) -> str:
        missing = self._total - self.done
        if not self._asked or not missing:
            return ""
        return f", about {missing * (now - self._start) / self._asked:.0f} s left"


def _bar() -> Any:
    from rich.console import Console  # noqa: PLC0415 - 0.1 s that a run without a terminal saves
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    # In a narrow terminal the counts at the end are folded into lines, and nothing else gives way.
    whole = [column(table_column=Column(no_wrap=True)) for column in (MofNCompleteColumn, TimeRemainingColumn)]
    counts = TextColumn("{task.fields[more]}", markup=False, table_column=Column(overflow="fold"))
    name = TextColumn("{task.description}", markup=False)
    return Progress(name, BarColumn(bar_width=12), *whole, counts, console=Console(stderr=True))
