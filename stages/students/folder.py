"""Model folders: the student's own files, and `student.json`, which says what they are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from stages.core import files
from stages.core.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from stages.core.learning import Finetune, Linear, Tfidf
    from stages.students.noise import Handled
    from stages.students.student import Student
    from stages.students.training import TrainingSet

_CARD = "student.json"
_NOISE = "noise.json"


def fit_student(settings: Tfidf | Linear | Finetune, data: TrainingSet) -> Student:
    """A student of the kind that `settings` names, fitted to texts with labels, see `fit_and_tell`."""
    return fit_and_tell(settings, data)[0]


def fit_and_tell(settings: Tfidf | Linear | Finetune, data: TrainingSet) -> tuple[Student, Handled | None]:
    """A student of the kind that `settings` names, and what was done about labels that may be wrong; None: nothing.

    Raises:
        ModelError: the texts cannot be learned from.
    """
    if settings.noise is None:
        return _kind(settings.kind).fit(data, settings), None
    from stages.students.noise import handle_noise  # noqa: PLC0415 - what most students do without

    handled = handle_noise(data, settings, settings.noise)
    return _kind(settings.kind).fit(handled.data, settings), handled


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
    files.write_json(folder / _CARD, {**card, **told, **student.save(folder), **labels})
    if handled and handled.worst:
        files.write_json(folder / _NOISE, handled.worst)


def load_student(folder: Path) -> Student:
    """Read a student.

    Raises:
        ModelError: there is none, or it is not one of ours.
        ArtifactError: the folder lacks `student.json`.
    """
    card = files.read_json(folder / _CARD, "train")
    return _kind(str(card.get("kind"))).load(folder, card)


def _kind(kind: str) -> type[Student]:
    """The class of a kind of student; imported here, because each brings heavy packages of its own."""
    match kind:
        case "tfidf":
            from stages.students.tfidf import TfidfStudent  # noqa: PLC0415 - see above

            return TfidfStudent
        case "linear":
            from stages.students.linear import LinearStudent  # noqa: PLC0415 - see above

            return LinearStudent
        case "finetune":
            from stages.students.finetune import FinetuneStudent  # noqa: PLC0415 - see above

            return FinetuneStudent
        case _:
            raise ModelError(f"{kind!r} is no kind of student; there are tfidf, linear and finetune")
