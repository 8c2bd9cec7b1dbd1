"""A student on texts of several methods: `python -m stages.blend --task TASK --blend BLEND --student STUDENT`.

Free. For the entries of `blends` that stand in `run.blends`. Refuses texts that did not pass the gates.

Reads   data/clean/<task>/: accepted.jsonl of the blend's methods
        data/metrics/validate/<task>/: their verdicts
        data/judged/<task>/, data/metrics/judge/<task>/: see `noise` of students
        data/tasks/<task>/: task.yaml, test.jsonl, and train.jsonl where the blend has a share of it
Writes  data/models/<task>/<blend>/<student>/, as `train` does
        data/metrics/evaluate/<task>/<blend>/<student>.json, as `evaluate` does
        data/plots/<task>/<blend>/<student>/confusion.csv, per_class.csv, likewise
        data/metrics/blend/<task>/<blend>/<student>.json
            texts: trained on; taken, used: by method, and gold; dropped: duplicate, in_test_set, disagree (with the
            students of the other methods' texts)
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.verdict import must_have_passed
from stages.core import cli, files, learning, params, paths, sections
from stages.core.errors import InputError
from stages.core.judged import believed
from stages.core.records import Text
from stages.core.tasks import load_task, read_labelled
from stages.measures.outcome import Outcome, examine, write_outcome
from stages.students.blending import Blended, agreeing, blended
from stages.students.card import Origin, keep_student
from stages.students.folder import fit_and_tell, fit_student, told_of
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.judged import Chances
    from stages.core.tasks import LabelledText, Task
    from stages.students.noise import Handled
    from stages.students.student import Student


class Params(params.StageParams):
    """What changes the row."""

    blend: learning.Blend = Field(alias="blends.{blend}")
    student: learning.Student = Field(alias="students.{student}")
    evaluate: sections.Evaluate


def run(
    texts: Blended, test: Sequence[LabelledText], task: Task, judged: Chances, chosen: Params
) -> tuple[Blended, Student, Handled | None, Outcome]:
    """The texts that agree, the student, what was done about wrong labels, and what it made of the test set."""
    if chosen.blend.agree:
        judge = chosen.student.model_copy(update={"noise": None})
        texts = agreeing(texts, chosen.blend.agree, lambda data: fit_student(judge, data), multilabel=task.multilabel)
    data = TrainingSet.from_records(texts.texts, multilabel=task.multilabel, judged=judged)
    student, handled = fit_and_tell(chosen.student, data)
    return texts, student, handled, examine(student, test, task.names, chosen.evaluate)


def main(task: str, blend: str, student: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params, blend=blend, student=student), load_task(task)
    test = read_labelled(paths.test_file(task), description)
    accepted = {method: _accepted(task, method) for method in chosen.blend.methods}
    given = blended(chosen.blend, accepted, _train(description, blend, chosen.blend.gold), test)
    judged = {text: said for method in chosen.blend.methods for text, said in believed(task, method).items()}
    with told_of(f"params.yaml: students.{student}"):
        texts, fitted, handled, outcome = run(given, test, description, judged, chosen)
    lines = "".join(f"{files.dumps([each.text, each.labels])}\n" for each in texts.texts)
    told = f"Of {', '.join(texts.used)}, as the cards of these say."
    origin = Origin(blend, len(texts.texts), hashlib.sha256(lines.encode()).hexdigest(), told)
    keep_student((fitted, handled), student, chosen.student, description, origin)
    write_outcome(outcome, task, blend, student)
    counts = {"texts": len(texts.texts), "taken": texts.taken, "used": texts.used, "dropped": texts.dropped}
    files.write_json(paths.blend_metrics(task, blend, student), counts)
    cli.say(f"{task}/{blend}/{student}: {len(texts.texts)} texts, {outcome}")


def _accepted(task: str, method: str) -> list[Text]:
    file = paths.accepted_file(task, method)
    must_have_passed(files.read_json(paths.verdict_file(task, method), "validate"), file)
    return list(files.read_records(file, Text, "clean"))


def _train(task: Task, blend: str, share: float) -> list[LabelledText]:
    if not share:
        return []
    file = paths.train_file(task.slug)
    if not file.exists():
        raise InputError(
            f"{file}: there is no such file, and blends.{blend}.gold in params.yaml is {share:g}; put labelled texts "
            "of people there, or set it to 0"
        )
    return read_labelled(file, task)


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "blend", "student")
