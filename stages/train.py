"""Train one student on one method's texts: `python -m stages.train --task TASK --method METHOD --student STUDENT`.

Free. Refuses texts that did not pass the gates.

Reads   data/clean/<task>/<method>/accepted.jsonl
        data/metrics/validate/<task>/<method>.json
Writes  data/models/<task>/<method>/<student>/
            student.json    kind, labels, multilabel, task, method, texts, sha256 (of accepted.jsonl),
                            noise (if anything was done about it: counts), and what its kind needs
            *.skops         the fitted estimators
            noise.json      where the student's entry has a section noise: the texts whose labels look worst
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.verdict import must_have_passed
from stages.core import cli, files, params, paths, sections
from stages.core.records import Text
from stages.students.folder import fit_and_tell, save_student
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.students.noise import Handled
    from stages.students.student import Student


class Params(params.StageParams):
    """What changes the model."""

    student: sections.Student = Field(alias="students.{student}")


def run(accepted: Sequence[Text], chosen: Params) -> tuple[Student, Handled | None]:
    """The student, fitted to the texts, and what was done about wrong labels."""
    data = TrainingSet.of([each.text for each in accepted], [(each.label,) for each in accepted])
    return fit_and_tell(chosen.student, data)


def main(task: str, method: str, student: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params, student=student)
    accepted_file = paths.accepted_file(task, method)
    verdict = files.read_json(paths.verdict_file(task, method), "validate")
    must_have_passed(verdict, accepted_file)
    accepted = list(files.read_records(accepted_file, Text, "clean"))
    card = {
        "kind": chosen.student.kind,
        "task": task,
        "method": method,
        "texts": len(accepted),
        "sha256": verdict["sha256"],
    }
    fitted, handled = run(accepted, chosen)
    save_student(paths.model_folder(task, method, student), fitted, card, handled)
    cli.say(f"{task}/{method}/{student}: trained on {len(accepted)} texts")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", "student")
