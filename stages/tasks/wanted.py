"""What a new task is made of, and how each part of it is read from a line that somebody typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stages.core.taskfile import Label

DEFAULT_WORDS = (3, 100)  # those of a task.yaml that says nothing

_ENTRY = re.compile(r"(?P<name>.*?)(?::\s+(?P<about>.*)|:)?\Z")
_WORDS = re.compile(r"\[?\s*(\d{1,9})\s*(?:-|to|,|\s)\s*(\d{1,9})\s*(?:words)?\s*\]?\Z")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys of the new task.yaml.

    Attributes:
        labels: What belongs to each label, by its name; empty where nobody said it.
    """

    domain: str
    form: str
    words: tuple[int, int]
    labels: dict[str, str]


def read_line(text: str) -> str:
    """A line, its white space folded; may be empty.

    Raises:
        ValueError: it holds what no terminal shows.
    """
    line = " ".join(text.split())
    if not line.isprintable():
        raise ValueError(f"holds characters that cannot be shown: {ascii(line)[:80]}; leave them out")
    return line


def read_domain(text: str) -> str:
    """What the texts are.

    Raises:
        ValueError: nothing is said.
    """
    if not (line := read_line(text)):
        raise ValueError('expected some words, as "messages that customers of an online shop send to its support desk"')
    return line


def read_words(text: str) -> tuple[int, int]:
    """The shortest and the longest usual length; those of `DEFAULT_WORDS` where nothing is said.

    Raises:
        ValueError: these are no two lengths.
    """
    if not text.strip():
        return DEFAULT_WORDS
    found = _WORDS.match(text.strip())
    if not found or not 1 <= int(found[1]) < int(found[2]):
        raise ValueError(f"expected the shortest and the longest length in words, as 4 80, found {text.strip()!r}")
    return int(found[1]), int(found[2])


def read_entry(text: str) -> tuple[str, str]:
    """A label and what belongs to it, out of `label: what belongs to it`; the latter may be missing.

    Raises:
        ValueError: there is no label.
    """
    found = _ENTRY.match(read_line(text))
    name = found["name"] if found else ""
    if not Label(name=name).title:
        raise ValueError(f"expected a label, or label: what belongs to it, found {text.strip()!r}")
    return name, (found["about"] or "" if found else "")


def same_label(name: str, others: dict[str, str]) -> str | None:
    """The one among other labels that reads like this one in a prompt: the model could not tell them apart."""
    title = Label(name=name).title.casefold()
    return next((each for each in others if Label(name=each).title.casefold() == title), None)
