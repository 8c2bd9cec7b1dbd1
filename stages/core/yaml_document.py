"""YAML files as documents: what is in them, in which line, and what is told where one is none."""

from __future__ import annotations

import math
import re
from io import StringIO
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from stages.core.errors import InputError, why_unreadable

if TYPE_CHECKING:
    from pathlib import Path

Location = tuple[int | str, ...]

_HINTS = {
    "mapping values are not allowed here": "; a text with a colon in it goes in quotes",
    "found character '\\t' that cannot start any token": "; indent with blanks, not with tabs",
}


def parse(path: Path) -> object:
    """The mapping in a file, with the marks of its lines.

    Raises:
        InputError: the file is missing, or no YAML with keys and values.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None
    try:
        document = YAML(typ="rt").load(StringIO(text))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        found = re.search(r'found duplicate key "(.*?)" with', error.problem or "", re.DOTALL)
        key = f"{found[1]!r}" if found else "a key"
        raise InputError(f"{place(path, line)}: {key} stands here for the second time; remove one of the two") from None
    except MarkedYAMLError as error:
        unclosed = "quoted" in str(error.context)  # then the file's end is no place to look at
        mark = error.context_mark if unclosed else error.problem_mark
        said = "a quotation mark is not closed" if unclosed else str(error.problem or error.context)
        hint = _HINTS.get(said, "")
        raise InputError(f"{place(path, mark.line + 1 if mark else None)}: not valid YAML: {said}{hint}") from None
    except YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise InputError(f"{path}: expected keys and values (a YAML mapping), found {shown_value(document)}")
    return document


def line_of(document: object, location: Location) -> int | None:
    """The line (from 1) at which the value at `location` stands, as near as the document knows it."""
    line: int | None = None
    for step in steps_in(document, location):
        marks = getattr(document, "lc", None)
        try:
            line = 1 + (marks.key(step)[0] if isinstance(document, dict) else marks.item(step)[0])  # type: ignore[union-attr]
            document = document[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError, AttributeError):
            break  # a key that is missing: its parent's line
    return line


def steps_in(document: object, location: Location) -> Location:
    """`location` in terms of the file: without the steps that pydantic adds (names of union members, "[key]"), and
    with the key where it counts the entries of a mapping that was read as a list.
    """
    kept: list[int | str] = []
    for number, step in enumerate(location, 1):
        if not isinstance(document, dict | list):
            break
        name = list(document)[step] if isinstance(document, dict) and isinstance(step, int) else step
        try:
            document = document[name]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if number < len(location) or step == "[key]" or isinstance(document, list):
                continue
        kept.append(name)
    return tuple(kept)


def place(path: Path, line: int | None) -> str:
    """`path:line`, or `path` alone where the line is not known."""
    return f"{path}:{line}" if line else str(path)


def place_of(path: Path, location: Location) -> str:
    """Where in a file the value at `location` stands: `path:line`.

    Raises:
        InputError: the file cannot be read as YAML.
    """
    return place(path, line_of(parse(path), location))


def not_json(value: object, at: Location = ()) -> tuple[Location, object] | None:
    """The first value that JSON has no word for, and where it stands."""
    if isinstance(value, dict):
        strange = next((key for key in value if not isinstance(key, str | int | float | None)), None)
        if strange is not None:
            return (*at, str(strange)), strange
        return next((found for key, each in value.items() if (found := not_json(each, (*at, key)))), None)
    if isinstance(value, list):
        return next((found for key, each in enumerate(value) if (found := not_json(each, (*at, key)))), None)
    if isinstance(value, float) and not math.isfinite(value):
        return at, value
    return None if value is None or isinstance(value, str | int | float) else (at, value)


def shown_value(value: object) -> str:
    """A value as a message quotes it."""
    shown = "nothing" if value is None else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."  # noqa: PLR2004 - a line that a terminal shows whole
