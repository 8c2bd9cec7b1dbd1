"""The labels of a new task out of a file: a line each, or a column of labelled texts.

Names stay as they are in the data, because those of test.jsonl are to be the same; a prompt shows `refund_status` as
"refund status".
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.core.errors import InputError, why_unreadable
from stages.core.tables import is_table, read_rows
from stages.tasks.wanted import read_entry, read_line, same_label

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMN = "--column (make task: COLUMN=...)"
_COLUMN = "label"
_MANY = 30  # labels; from there on a column in which most are different is taken to hold no labels
_TOLD = 10
_FORM = "it holds a label a line, as refund: wants money back; or it is a table"


def read_labels(path: Path, column: str | None, say: Callable[[str], None]) -> dict[str, str]:
    """The labels in a file, each with what belongs to it, as far as it says.

    Args:
        path: A table (CSV, JSON lines, Parquet), or else lines `label: what belongs to it`.
        column: Of a table; None for `label`.
        say: Is told what was left out.

    Raises:
        InputError: it cannot be read, or holds no labels; a line for each that is wrong.
    """
    if is_table(path):
        return _of_column(path, column or _COLUMN, say)
    if column is not None:
        raise InputError(f"{path}: {COLUMN} names a column of a table, and this is none; leave it out, or save a .csv")
    return _of_lines(path)


def _of_lines(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; {_FORM}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None
    found, at, problems = dict[str, str](), dict[str, int](), list[str]()
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            name, about = read_entry(line)
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
            continue
        if first := same_label(name, found):
            problems.append(f"{path}:{number}: {name!r} reads like {first!r} of line {at[first]}; keep one of the two")
        else:
            found[name], at[name] = about, number
    if problems:
        raise InputError(*problems)
    return _enough(path, found)


def _of_column(path: Path, column: str, say: Callable[[str], None]) -> dict[str, str]:
    if not path.exists():
        raise InputError(f"{path}: there is no such file; {_FORM}")
    counts, places, left_out = Counter[str](), dict[str, str](), list[str]()
    for place, row in read_rows(path, (column,), f"name another with {COLUMN}"):
        try:
            name = _name(row if isinstance(row, str) else row[column], broken=isinstance(row, str))
        except ValueError as error:
            left_out.append(f"{place}: {error}; left out")
            continue
        counts[name] += 1
        places.setdefault(name, place)
    if len(counts) > _MANY and 2 * len(counts) > counts.total():
        raise InputError(
            f"{path}: column {column!r} has {len(counts):,} different values in {counts.total():,} rows, and labels "
            f"come again; name another with {COLUMN}"
        )
    found = dict[str, str]()
    for name in counts:
        first = same_label(name, found)
        if first is None:
            found[name] = ""
        else:
            left_out.append(
                f"{places[name]}: label {name!r} ({counts[name]:,} rows) reads like {first!r} in a prompt; left out: "
                "call both the same in the data, or say in task.yaml what else it is called"
            )
    for line in left_out[:_TOLD]:
        say(line)
    if len(left_out) > _TOLD:
        say(f"{path}: and {len(left_out) - _TOLD:,} rows more")
    return _enough(path, found)


def _name(cell: object, *, broken: bool) -> str:
    """The label in a cell.

    Raises:
        ValueError: there is none.
    """
    if broken:
        raise ValueError(str(cell))
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if cell is None or (isinstance(cell, str) and not cell.strip(" _\t\r\n")):
        raise ValueError("no label")
    if not isinstance(cell, str):
        raise ValueError(f"expected a label, found {str(cell)[:60]!r}")  # noqa: TRY004 - told like the others
    return read_line(cell)


def _enough(path: Path, found: dict[str, str]) -> dict[str, str]:
    if len(found) < 2:  # noqa: PLR2004 - what a classifier needs
        raise InputError(f"{path}: expected at least two labels, found {', '.join(map(repr, found)) or 'none'}")
    return found
