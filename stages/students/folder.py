"""Students by their kind: fitted to texts, and read from the folder that they were saved in."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from stages.core import files
from stages.core.cli import say
from stages.core.errors import ModelError
from stages.students.saving import CARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stages.core.learning import Finetune, Linear, Mean, Tfidf
    from stages.students.noise import Handled
    from stages.students.student import Student
    from stages.students.training import TrainingSet


def fit_student(settings: Tfidf | Linear | Finetune | Mean, data: TrainingSet) -> Student:
    """A student of the kind that `settings` names, fitted to texts with labels, see `fit_and_tell`."""
    return fit_and_tell(settings, data)[0]


def fit_and_tell(settings: Tfidf | Linear | Finetune | Mean, data: TrainingSet) -> tuple[Student, Handled | None]:
    """A student of the kind that `settings` names, and what was done about labels that may be wrong; None: nothing.

    Raises:
        ModelError: the texts cannot be learned from.
    """
    if constant := data.constant:
        say(
            f"students: all {len(data.texts)} texts have the labels {', '.join(constant)}: nothing tells when a text "
            "lacks them, and (nearly) every text will get them"
        )
    if settings.noise is None:
        return _kind(settings.kind).fit(data, settings), None
    from stages.students.noise import handle_noise  # noqa: PLC0415 - what most students do without

    handled = handle_noise(data, settings, settings.noise)
    return _kind(settings.kind).fit(handled.data, settings), handled


@contextmanager
def told_of(entry: str) -> Iterator[None]:
    """Have what cannot be loaded or fitted say of which entry of params.yaml it is."""
    try:
        yield
    except ModelError as error:
        raise ModelError(f"{entry}: {str(error).removeprefix('students: ')}") from None


def load_student(folder: Path) -> Student:
    """Read a student.

    Raises:
        ModelError: there is none, or it is not one of ours.
        ArtifactError: the folder lacks `student.json`.
    """
    card = files.read_json(folder / CARD, "train")
    return _kind(str(card.get("kind")), folder / CARD).load(folder, card)


def _kind(kind: str, where: object = "params.yaml: students") -> type[Student]:
    """The class of a kind of student; imported here, because each brings heavy packages of its own.

    Args:
        kind: Its name.
        where: In what it stands.

    Raises:
        ModelError: there is no such kind.
    """
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
        case "mean":
            from stages.students.mean import MeanStudent  # noqa: PLC0415 - see above

            return MeanStudent
        case _:
            raise ModelError(f"{where}: {kind!r} is no kind of student; there are tfidf, linear, finetune and mean")
