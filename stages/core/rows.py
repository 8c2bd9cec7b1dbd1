"""JSON lines that people write: a line that is wrong is told with its number, and so are the others that are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeVar

from stages.core.cli import counted
from stages.core.errors import InputError, why_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = TypeVar("Row")

_TOLD = 10  # broken lines

# JSON has an escape for half of a surrogate pair, which is no character: tokenizers refuse it.
_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def read_rows(path: Path, row: Callable[[object], Row]) -> list[Row]:
    """What `row` makes of the JSON value of each line that is not blank; it raises ValueError with what is wrong.

    Raises:
        FileNotFoundError: there is no such file; what that means, the caller knows.
        InputError: the file cannot be read, or a line for each broken one (at most ten), with its number.
    """
    found, problems = list[Row](), list[str]()
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                if not found and not problems and line.strip() == "[":
                    raise InputError(f"{path}:{number}: is one JSON array; write an object a line: jq -c '.[]' FILE")
                try:
                    found.append(row(_value(line)))
                except ValueError as error:
                    problems.append(f"{path}:{number}: {error}")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None
    if problems:
        more = [f"{path}: and {counted(len(problems) - _TOLD, 'line')} more"] if len(problems) > _TOLD else []
        raise InputError(*problems[:_TOLD], *more)
    return found


def _value(line: str) -> object:
    try:
        value: object = json.loads(line)
        halves = _HALF.search(json.dumps(value, ensure_ascii=False)) if _ESCAPED.search(line) else None
    except json.JSONDecodeError as error:  # its own text says line 1 of every line
        raise ValueError(
            f"not a JSON object: {error.msg} at character {error.pos + 1}; each line is one, {{...}}"
        ) from None
    except (ValueError, RecursionError) as error:  # a number with thousands of digits, lists in lists in lists
        raise ValueError(f"not a JSON object: {error}") from None
    if halves:
        raise ValueError(
            f"{ascii(halves[0])[1:-1]} is half of a surrogate pair, and no character; write what stood there, or take "
            "it out"
        )
    return value
