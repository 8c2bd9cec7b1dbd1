"""Model folders: the student's own files, and `student.json`, which says what they are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from stages.core import files

if TYPE_CHECKING:
    from pathlib import Path

    from stages.students.noise import Handled
    from stages.students.student import Student

CARD = "student.json"
_NOISE = "noise.json"


def save_student(folder: Path, student: Student, card: files.Json, handled: Handled | None = None) -> None:
    """Write a student in place of what was in `folder`.

    Args:
        folder: Its folder.
        student: The student.
        card: What to say of it besides its labels: its kind at least.
        handled: What was done about labels that may be wrong: the counts go to student.json, the texts that look worst
            to a file of their own, noise.json.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    labels = {"labels": list(student.labels), "multilabel": student.multilabel}
    told = {"noise": handled.counts} if handled else {}
    files.write_json(folder / CARD, {**card, **told, **student.save(folder), **labels})
    if handled and handled.worst:
        files.write_json(folder / _NOISE, handled.worst)
