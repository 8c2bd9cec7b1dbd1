"""A new task: its parts from options, the rest from whoever sits at the terminal, and then both files at once."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stages.core import cli, paths
from stages.core.errors import InputError
from stages.core.params import PARAMS, load_everything
from stages.core.slugs import check_slug, slugify
from stages.core.tables import is_table
from stages.tasks.dialogue import ask_domain, ask_form, ask_labels, ask_words, at_terminal
from stages.tasks.labels import COLUMN, read_labels
from stages.tasks.wanted import DEFAULT_WORDS, Wanted, read_domain, read_line, read_words
from stages.tasks.writing import write_task

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

_LABELS = "a file with a label a line, as refund: wants money back; or a table"


@dataclass(frozen=True, slots=True)
class Given:
    """What the options say; what is None is asked for where there is a terminal.

    Attributes:
        domain: What the texts are.
        form: What one of them looks like.
        words: The shortest and the longest length, as "4 80".
        labels: A file with a label a line, or a table.
        column: Of the table.
    """

    domain: str | None = None
    form: str | None = None
    words: str | None = None
    labels: str | None = None
    column: str | None = None


@dataclass(slots=True)
class _Parts:
    """Those parts of a task that options gave."""

    domain: str | None = None
    form: str | None = None
    words: tuple[int, int] | None = None
    labels: dict[str, str] | None = None


def new(name: str, given: Given, *, replace: bool = False) -> None:
    """Write the task, put it into the grid, and say what comes next.

    Args:
        name: A slug.
        given: What is known of it.
        replace: Whether the task is to be the only one in the grid.

    Raises:
        InputError: a line for each thing that is wrong with the options; nothing was written.
    """
    _check_name(name)
    load_everything()  # what is wrong there is told before anything is typed
    wanted = _completed(_read(given))
    before = write_task(name, wanted, replace=replace)
    _say_written(name, wanted, before, replace=replace)
    _say_next(name, given)


def _read(given: Given) -> _Parts:
    """The parts that options give.

    Raises:
        InputError: a line for each that is wrong, or is missing where nobody can be asked.
    """
    problems = list[str]()

    def read(option: str, text: str | None, reader: Callable[[str], Value]) -> Value | None:
        try:
            return None if text is None else reader(text)
        except ValueError as error:
            problems.append(f"--{option}: {error}")
        except InputError as error:
            problems.extend(error.problems)
        return None

    parts = _Parts(
        read("domain", given.domain, read_domain),
        read("form", given.form, read_line),
        read("words", given.words, read_words),
        read("labels", given.labels, lambda file: read_labels(Path(file), given.column, cli.say)),
    )
    if given.column is not None and given.labels is None:
        problems.append(f"{COLUMN}: names a column of the table that --labels names, and there is no --labels")
    if not at_terminal():
        needed = (("domain", given.domain, "what the texts are"), ("labels", given.labels, _LABELS))
        problems += [
            f"--{option} (make task: {option.upper()}=...): is missing, and there is no terminal to ask in; give {what}"
            for option, text, what in needed
            if text is None
        ]
    if problems:
        raise InputError(*problems)
    return parts


def _check_name(name: str) -> None:
    try:
        check_slug(name)
    except ValueError as error:
        near = f"; {slugify(name)} is one" if slugify(name) else ""
        raise InputError(f"the task's name: {error}{near}") from None
    path = paths.task_file(name)
    if path.exists():
        raise InputError(f"{path}: is there already, and stays as it is; edit it, or give the new task another name")


def _completed(parts: _Parts) -> Wanted:
    """With what is missing asked for; without a terminal, form and words are those of a task that says nothing."""
    asks = at_terminal()
    domain = ask_domain() if parts.domain is None else parts.domain
    form = parts.form if parts.form is not None else ask_form() if asks else ""
    words = parts.words or (ask_words() if asks else DEFAULT_WORDS)
    return Wanted(domain, form, words, ask_labels() if parts.labels is None else parts.labels)


def _say_written(name: str, wanted: Wanted, before: tuple[str, ...], *, replace: bool) -> None:
    bare = [label for label, about in wanted.labels.items() if not about]
    cli.say(
        f"{paths.task_file(name)}: written, {len(wanted.labels)} labels"
        + (f"; {len(bare)} of them have no description: a line each is worth a lot" if bare else "")
    )
    others = ", ".join(each for each in before if each != name)
    beside = "" if not others else f" in place of {others}" if replace else f", beside {others}"
    cli.say(f"{PARAMS}: run.tasks has {name}{beside}")


def _say_next(name: str, given: Given) -> None:
    test = paths.test_file(name)
    if not test.exists():
        cli.say(f'next: texts that people labelled, {{"text": ..., "label": ...}} a line of {test}, 15 a label or more')
        if given.labels and is_table(Path(given.labels)) and Path(given.labels).suffix in (".csv", ".jsonl"):
            column = ["--label-column", given.column] if given.column else []
            command = shlex.join(["--task", name, "--from", given.labels, *column])
            cli.say(f"  from that table: python -m stages.corpus {command}")
    cli.say(f"{'next' if test.exists() else 'then'}: make check, and make preview TASK={name}")
