"""Label texts with a trained student: `python -m stages.predict --model data/models/TASK/METHOD/STUDENT [FILE]`.

No stage. Reads FILE, or standard input where none or - is given: a text a line, or JSON lines, each an object with a
`text`; the first lines that are not blank say which, or `--format lines` or `--format jsonl`.

Writes JSON lines to standard output, a row for each line, in their order: the fields of the line, `label` (`labels`,
where a text may have several) and `probabilities`; fields of the line that are called as one of a row, or `given`, are
kept under `given`. A line that holds no text gives a row with `line`, its number, `error`, and null for the label; the
others are labelled. Where such a line is not just blank, the exit status is 1. Any number of lines takes the same
memory.
"""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from stages.core import cli, files
from stages.core.errors import InputError
from stages.predict.rows import BLANK, predictions, read_lines
from stages.students.folder import load_student

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stages.predict.rows import Format, Line
    from stages.students.student import Student

_FORMATS = ("lines", "jsonl")


def main(*, model: str | None = None, file: str | None = None, form: str | None = None) -> None:
    """Check, load, and then line by line."""
    if model is None:
        raise InputError("--model: is missing; name the folder of a model: data/models/TASK/METHOD/STUDENT")
    if form not in (None, *_FORMATS):
        raise InputError(f"--format: expected {' or '.join(_FORMATS)}, found {form!r}")
    file = None if file == "-" else file
    name = file or "standard input"
    with _opened(file) as source:
        lines = read_lines(source, cast("Format | None", form), lambda said: cli.say(f"{name}: {said}"))
        lacking = _label(load_student(Path(model)), lines)
    if blank := lacking["blank"]:
        cli.say(f"{name}: {cli.counted(blank, 'blank line')}, with null for the label")
    if broken := lacking["broken"]:
        cli.say(f"{name}: {cli.counted(broken, 'line')} without a text, with an error in place of the label")
        sys.exit(1)


def _opened(file: str | None) -> AbstractContextManager[IO[bytes]]:
    if file is None:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None


def _label(student: Student, lines: Iterable[Line]) -> Counter[str]:
    """Write the rows; returns how many lines are blank, and how many broken.

    Ends quietly where nobody reads them any more (`| head`).
    """
    lacking = Counter[str]()
    try:
        for row in predictions(student, lines):
            lacking.update(["blank" if row["error"] == BLANK else "broken"] if "error" in row else [])
            sys.stdout.buffer.write((files.dumps(row) + "\n").encode())
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        cli.nobody_reads()
        lacking.clear()
    return lacking


if __name__ == "__main__":
    cli.run(main, __doc__, options={"model": "model", "format": "form"}, last="file")
