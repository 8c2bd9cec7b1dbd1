"""What is asked in the terminal about a new task. An answer that will not do is told, and asked for again."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from stages.core import cli
from stages.core.errors import InputError
from stages.tasks.wanted import DEFAULT_WORDS, read_domain, read_entry, read_line, read_words, same_label

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


def at_terminal() -> bool:
    """Whether there is somebody to be asked; a process may have been started without any standard input."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirmed(question: str) -> bool:
    """Whether the user says yes; no where they end the input."""
    with suppress(EOFError):
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    return False


def ask_domain() -> str:
    """What the texts are."""
    cli.show("What are the texts? Finish the sentence: These are ... (messages that customers send to a support desk)")
    return _ask("domain: ", read_domain)


def ask_form() -> str:
    """What one of them looks like."""
    cli.show("What does one of them look like? (one message typed in a hurry; empty: nothing is said)")
    return _ask("form: ", read_line)


def ask_words() -> tuple[int, int]:
    """Their usual lengths."""
    low, high = DEFAULT_WORDS
    cli.show(f"How long are they, the shortest and the longest, in words? (4 80; empty: {low} {high})")
    return _ask("words: ", read_words)


def ask_labels() -> dict[str, str]:
    """The labels, each with what belongs to it."""
    cli.show("Labels, a line each with what belongs to it; an empty line ends. As")
    cli.show("  refund_status: has sent something back and asks for the money")
    found = dict[str, str]()

    def entry(text: str) -> tuple[str, str] | None:
        if not text.strip():
            if len(found) < 2:  # noqa: PLR2004 - what a classifier needs
                raise ValueError(f"expected at least two labels, found {len(found) or 'none'}")
            return None
        name, about = read_entry(text)
        if first := same_label(name, found):
            raise ValueError(f"{name!r} reads like {first!r}; give it another name")
        return name, about

    while (answer := _ask(f"label {len(found) + 1}: ", entry)) is not None:
        found[answer[0]] = answer[1]
    return found


def _ask(prompt: str, read: Callable[[str], Value]) -> Value:
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415 - lines can be edited, where Python was built with it
    while True:
        try:
            return read(input(prompt))
        except ValueError as error:
            cli.show(f"  {error}")
        except EOFError:
            raise InputError("the input ended before all was said; nothing was written") from None
