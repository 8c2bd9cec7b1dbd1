"""Score one student: `python -m stages.evaluate --task TASK --method METHOD --student STUDENT`.

Free. The test set is the task's own, of real people's texts; nothing was trained or chosen on it.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/models/<task>/<method>/<student>/
Writes  data/metrics/evaluate/<task>/<method>/<student>.json
            texts: of the test set; unseen: those of them with a label that no text had that the student learned from
            scarce: labels with fewer than five test texts, where there are any (see `measures/scarce`)
            one label a text: accuracy, macro_f1, calibration_error, brier (see `measures/scores`)
            several: micro_f1, macro_f1, map, and precision, recall and ndcg _at_1, _3, _5 (see `measures/ranking`)
            each but brier with _low and _high: the interval (see `measures/scores`)
        data/plots/<task>/<method>/<student>/confusion.csv
            actual, predicted: a line for each test text, in their order
            where texts have several labels: text, actual, predicted (see `measures/predictions`)
        data/plots/<task>/<method>/<student>/per_class.csv
            label, precision, recall, f1, texts; where texts have several labels: average_precision
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.core import cli, params, paths, sections
from stages.core.tasks import load_task, read_labelled
from stages.measures.outcome import Outcome, examine, write_outcome
from stages.students.folder import load_student

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.tasks import LabelledText, Task
    from stages.students.student import Student


class Params(params.StageParams):
    """What changes the scores."""

    evaluate: sections.Evaluate


def run(student: Student, test: Sequence[LabelledText], task: Task, chosen: Params) -> Outcome:
    """What the student makes of the test set, and its scores."""
    return examine(student, test, task.names, chosen.evaluate)


def main(task: str, method: str, student: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params), load_task(task)
    test = read_labelled(paths.test_file(task), description)
    outcome = run(load_student(paths.model_folder(task, method, student)), test, description, chosen)
    write_outcome(outcome, task, method, student)
    cli.say(f"{task}/{method}/{student}: {outcome}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", "student")
