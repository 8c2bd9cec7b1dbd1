"""Texts whose label others dispute, to be checked by a person: `python -m stages.dispute --task TASK --method METHOD`.

Free. The students of real data judge (`gold`), or where a task has none, those that learned from the other methods'
texts: the mean of what all students of the grid say. Nothing is thrown out.

Reads   data/tasks/<task>/task.yaml
        data/clean/<task>/<method>/accepted.jsonl
        data/models/<task>/: the students
Writes  data/disputes/<task>/<method>.jsonl, a line for each disputed text, the most disputed first
            text, label, index; disputed (the label), probability; instead (a likelier one), instead_probability
        data/metrics/dispute/<task>/<method>.json
            judges: gold, or the other methods; none where the grid has no other
            checked, disputed: numbers of texts, in all and for each of labels
            texts: the most disputed ones, fifty at most
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.params import GOLD
from stages.core.records import Text
from stages.core.tasks import load_task
from stages.measures.dispute import Dispute, counts, disputes, mean_probabilities
from stages.students.folder import load_student

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.tasks import Task
    from stages.students.student import Student

_SHOWN = 50


class Params(params.StageParams):
    """Who judges."""

    methods: sections.Slugs = Field(alias="run.methods")
    students: sections.Slugs = Field(alias="run.students")
    gold: sections.Slugs = Field(alias="run.gold")


def run(accepted: Sequence[Text], judges: Iterable[Student], task: Task) -> list[Dispute]:
    """The texts whose labels the judges, one or more, dispute."""
    probabilities = mean_probabilities(judges, [each.text for each in accepted], task.names)
    return disputes(accepted, probabilities, task.names, multilabel=task.multilabel)


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    accepted = list(files.read_records(paths.accepted_file(task, method), Text, "clean"))
    judges = [GOLD] if task in chosen.gold else [each for each in chosen.methods if each != method]
    found = list[Dispute]()
    if judges and accepted:
        folders = [paths.model_folder(task, judge, student) for judge in judges for student in chosen.students]
        found = run(accepted, map(load_student, folders), description)
    files.write_records(paths.disputes_file(task, method), found)
    files.write_json(
        paths.dispute_metrics(task, method),
        {"judges": judges, **counts(accepted, found), "texts": [asdict(each) for each in found[:_SHOWN]]},
    )
    said = f"{len(found)} of {len(accepted)} labels are disputed by {', '.join(judges)}"
    cli.say(f"{task}/{method}: {said if judges else 'there is no other method to dispute labels'}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
