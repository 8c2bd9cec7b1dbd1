"""Learning curve of one student: `python -m stages.curve --task TASK --method METHOD --student STUDENT`.

Free. Trains the student on the first texts of each label, more and more of them, and scores each on the test set; what
these texts cost is known from their requests. Refuses texts that did not pass the gates.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/refilled/<task>/<method>.jsonl: what each request cost
        data/clean/<task>/<method>/accepted.jsonl
        data/metrics/validate/<task>/<method>.json
        data/judged/<task>/<method>.jsonl, data/metrics/judge/<task>/<method>.json: see `noise` of students
        data/metrics/attributes/<task>.json: what finding the attributes cost
Writes  data/metrics/curve/<task>/<method>/<student>.json: points, each with what is in a line of
        data/plots/<task>/<method>/<student>/curve.csv
            share               of the planned texts of each label, at least one of each (see `measures/curves`); where
                                curve.shares is empty there are no points, and nothing is trained
            texts               accepted ones among them, that the student learned from
            tokens, dollars     of all requests that asked for one of them; null or empty for texts made elsewhere,
                                dollars also where no price is known. Attributes are not counted in
            tokens_with_attributes, dollars_with_attributes
                                and what finding the attributes of the task took, where the method fills any in
            macro_f1, low, high the score with its bootstrap interval
"""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.verdict import must_have_passed
from stages.core import cli, files, learning, params, paths, sections
from stages.core.judged import believed
from stages.core.records import Generated, Text
from stages.core.tasks import load_task, read_labelled
from stages.measures.curves import Cost, Point, Request, parts
from stages.measures.outcome import Outcome, examine
from stages.students.folder import fit_student
from stages.students.training import TrainingSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.judged import Chances
    from stages.core.tasks import LabelledText, Task


class Params(params.StageParams):
    """What changes the curve."""

    student: learning.Student = Field(alias="students.{student}")
    method: sections.Method = Field(alias="methods.{method}")
    shares: tuple[float, ...] = Field(alias="curve.shares")
    evaluate: sections.Evaluate


def run(
    accepted: Sequence[Text],
    requests: Sequence[Request],
    attributes: Cost,
    test: Sequence[LabelledText],
    task: Task,
    *,
    judged: Chances,
    chosen: Params,
) -> Iterator[Point]:
    """The points of the curve. `attributes`: what finding them cost."""
    extra = attributes if chosen.method.uses_some else Cost(0, 0.0)
    known = dict[int, Outcome]()  # by the number of texts: parts lie in one another
    for part in parts(chosen.shares, requests, accepted):
        if len(part.texts) not in known:
            data = TrainingSet.from_records(part.texts, multilabel=task.multilabel, judged=judged)
            known[len(part.texts)] = examine(fit_student(chosen.student, data), test, task.names, chosen.evaluate)
        scores = known[len(part.texts)].scores
        yield Point(
            part.share,
            len(part.texts),
            *astuple(part.cost),
            *astuple(part.cost + extra),
            *(scores[each] for each in ("macro_f1", "macro_f1_low", "macro_f1_high")),
        )


def main(task: str, method: str, student: str) -> None:
    """Read, run, write."""
    chosen, description = params.load(Params, method=method, student=student), load_task(task)
    accepted_file = paths.accepted_file(task, method)
    must_have_passed(files.read_json(paths.verdict_file(task, method), "validate"), accepted_file)
    accepted = list(files.read_records(accepted_file, Text, "clean"))
    generated = files.read_records(paths.refilled_file(task, method), Generated, "refill")
    requests = [Request.of(each) for each in generated]
    attributes = Cost.of_metrics(files.read_json(paths.attributes_metrics(task), "attributes"))
    test = read_labelled(paths.test_file(task), description)
    judged = believed(task, method)
    points = list(run(accepted, requests, attributes, test, description, judged=judged, chosen=chosen))
    files.write_json(paths.curve_file(task, method, student), {"points": [asdict(each) for each in points]})
    files.write_csv(
        paths.curve_plot(task, method, student),
        [each.name for each in fields(Point)],
        [[round(cell, 6) if isinstance(cell, float) else cell for cell in astuple(each)] for each in points],
    )
    # Small shares may come to the same texts: one student, and one score to tell.
    shown = ", ".join(dict.fromkeys(f"{each.texts} texts {each.macro_f1:.3f}" for each in points))
    cli.say(f"{task}/{method}/{student}: {f'macro-F1 of {shown}' if points else 'no curve (curve.shares is empty)'}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method", "student")
