"""What the user sees of a training: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

from stages.core.cli import say

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE_EVERY_S = 30.0


class Bar:
    """Use it as a context manager.

    Args:
        name: What is trained.
        silent: Show nothing: another process does.
    """

    def __init__(self, name: str, *, silent: bool) -> None:
        self._name, self._silent = name, silent
        self._start = self._told = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not self._silent:
            from rich.console import Console  # noqa: PLC0415 - 0.1 s that a run without a terminal saves
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

            text = (TextColumn(f"{{task.{each}}}", markup=False) for each in ("description", "fields[more]"))
            columns = [next(text), BarColumn(), MofNCompleteColumn(), next(text), TimeRemainingColumn()]
            self._bar = Progress(*columns, console=Console(stderr=True))
            self._task = self._bar.add_task(self._name, total=None, more="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def moved(self, step: int, steps: int, epochs: Sequence[dict[str, float]]) -> None:
        """Show that `step` of at most `steps` steps are done, and how the last of `epochs` went."""
        now = time.monotonic()
        more = ", ".join(f"{name} {value:.4g}" for name, value in epochs[-1].items()) if epochs else "epoch 0"
        if self._bar:
            self._bar.update(self._task, completed=step, total=steps, more=more)
        elif now - self._told >= _LINE_EVERY_S and not self._silent:
            self._told = now
            say(f"{self._name}: step {step} of at most {steps}, {more}, {now - self._start:.0f} s")
