"""How good a student is after so many human texts a label: `python -m stages.worth --task TASK --student STUDENT`.

Free. For the tasks of `run.gold`. The report reads off it how many human texts a label each generated set is worth.
Texts that stand in the test set too are left out; labels that people gave are taken as right, so `noise` has no part.

Reads   data/tasks/<task>/task.yaml, train.jsonl, test.jsonl
Writes  data/metrics/worth/<task>/<student>.json: points, each with what is in a line of
        data/plots/<task>/gold/<student>/worth.csv
            texts               of each label; of a label that has fewer there is no point
            score               macro-F1, mean of the draws
            low, high           the lowest and highest bound of their bootstrap intervals
"""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from statistics import fmean
from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, learning, measuring, params, paths, sections
from stages.core.errors import InputError
from stages.core.tasks import load_task, read_labelled
from stages.core.texts import without
from stages.measures.human import HumanPoint, draws_of
from stages.measures.outcome import examine
from stages.students.folder import fit_student
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.tasks import LabelledText, Task


class Params(params.StageParams):
    """What changes the curve."""

    student: learning.Student = Field(alias="students.{student}")
    evaluate: sections.Evaluate
    worth: measuring.Worth


def run(
    train: Sequence[LabelledText], test: Sequence[LabelledText], task: Task, chosen: Params
) -> Iterator[HumanPoint]:
    """The points of the curve, the fewest texts first."""
    settings = chosen.student.model_copy(update={"noise": None})
    for texts, draws in draws_of(without(train, test), chosen.worth):
        data = (TrainingSet.from_records(each, multilabel=task.multilabel) for each in draws)
        scores = [examine(fit_student(settings, each), test, task.names, chosen.evaluate).scores for each in data]
        yield HumanPoint(
            texts,
            fmean(each["macro_f1"] for each in scores),
            min(each["macro_f1_low"] for each in scores),
            max(each["macro_f1_high"] for each in scores),
        )


def main(task: str, student: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params, student=student), load_task(task)
    train, test = (read_labelled(file(task), description) for file in (paths.train_file, paths.test_file))
    points = list(run(train, test, description, chosen))
    if not points:
        raise InputError(
            f"{paths.train_file(task)}: expected {min(chosen.worth.per_label)} texts of each label or more that do not "
            "stand in the test set; add some, or put a smaller number into worth.per_label of params.yaml"
        )
    files.write_json(paths.worth_file(task, student), {"points": [asdict(each) for each in points]})
    rows = [[texts, *(round(score, 6) for score in scores)] for texts, *scores in map(astuple, points)]
    files.write_csv(paths.worth_plot(task, student), [each.name for each in fields(HumanPoint)], rows)
    cli.say(f"{task}/{student}: macro-F1 of {', '.join(f'{each.texts} texts {each.score:.3f}' for each in points)}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "student")
