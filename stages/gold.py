"""Train and score a student on real data, for comparison: `python -m stages.gold --task TASK --student STUDENT`.

Free. For the tasks of `run.gold`. Texts that stand in the test set too are left out.

Reads   data/tasks/<task>/task.yaml, train.jsonl, test.jsonl
Writes  data/models/<task>/gold/<student>/, as `train` does
        data/metrics/evaluate/<task>/gold/<student>.json, as `evaluate` does
        data/plots/<task>/gold/<student>/confusion.csv, per_class.csv, likewise
        data/metrics/gold/<task>/<student>.json
            texts: trained on; left_out: because they stand in the test set
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, learning, params, paths, sections
from stages.core.tasks import load_task, read_labelled
from stages.core.texts import without
from stages.measures.outcome import Outcome, examine, write_outcome
from stages.students.card import Origin, keep_student
from stages.students.folder import fit_and_tell, told_of
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.tasks import LabelledText, Task
    from stages.students.noise import Handled
    from stages.students.student import Student


class Params(params.StageParams):
    """What changes the row."""

    student: learning.Student = Field(alias="students.{student}")
    evaluate: sections.Evaluate


def run(
    train: Sequence[LabelledText], test: Sequence[LabelledText], task: Task, chosen: Params
) -> tuple[Student, Handled | None, Outcome, int]:
    """The student, what was done about wrong labels, what it made of the test set, on how many texts it was trained."""
    kept = without(train, test)
    student, handled = fit_and_tell(chosen.student, TrainingSet.from_records(kept, multilabel=task.multilabel))
    return student, handled, examine(student, test, task.names, chosen.evaluate), len(kept)


def main(task: str, student: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params, student=student), load_task(task)
    train, test = (read_labelled(file(task), description) for file in (paths.train_file, paths.test_file))
    with told_of(f"params.yaml: students.{student}"):
        fitted, handled, outcome, texts = run(train, test, description, chosen)
    told = "Written by people, under a licence of their own."
    origin = Origin(params.GOLD, texts, files.file_sha256(paths.train_file(task)), told)
    keep_student((fitted, handled), student, chosen.student, description, origin)
    write_outcome(outcome, task, params.GOLD, student)
    files.write_json(paths.gold_metrics(task, student), {"texts": texts, "left_out": len(train) - texts})
    cli.say(f"{task}/{params.GOLD}/{student}: {outcome}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "student")
