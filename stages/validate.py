"""Hold the accepted texts against the gates: `python -m stages.validate --task TASK --method METHOD`.

Free. Great Expectations checks how many texts there are of each label and attribute value, whether texts repeat each
other or the test set, whether a model speaks of itself in them, whether labels look right, and more: `validation:` of
params.yaml has each gate's limit, and whether it stops the run or warns. Where one that stops it fails the stage exits
1 with a table of what failed, by how much and where; the verdict and the page are written all the same, and `train`,
which needs the verdict, does not run.

Reads   data/tasks/<task>/task.yaml, test.jsonl
        data/attributes/<task>/attributes.yaml
        data/clean/<task>/<method>/: accepted.jsonl, rejected.jsonl
        data/judged/<task>/<method>.jsonl, data/metrics/judge/<task>/<method>.json: no gate goes by a judge not trusted
        data/templates/pages/
Writes  data/metrics/validate/<task>/<method>.json
            passed, gates, failed (of those that stop the run), warned, sha256 (of accepted.jsonl)
            results: gate, table, limit, severity, passed, checked, failed, worst, for each gate
            where a text may have several labels: multilabel (true), label_sets (see `checks/frames`)
            where a judge was asked: judge, whether it is trusted, and why
        data/validation/<task>/<method>.html, the same to look at
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.frames import Setting, label_sets
from stages.checks.gates import check_gates
from stages.checks.verdict import failures, found_in, table_of_failures, verdict_of
from stages.core import cli, files, params, paths, sections
from stages.core.errors import GateError
from stages.core.gates import Validation
from stages.core.judged import Judged, read_judged
from stages.core.records import Rejected, Text
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.table import AttributeTable, read_table
from stages.students.encoder import Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json
    from stages.core.tasks import LabelledText, Task


class Params(params.StageParams):
    """What changes the verdict."""

    method: sections.Method = Field(alias="methods.{method}")
    validation: Validation


def run(
    accepted: Sequence[Text],
    rejected: Sequence[Rejected],
    task: Task,
    real: Sequence[LabelledText],
    table: AttributeTable,
    *,
    chosen: Params,
    judged: Judged | None = None,
) -> list[Json]:
    """The result of each gate."""
    values = {
        (dimension.name, label): dimension.values_for(label)
        for dimension in table.dimensions
        if chosen.method.uses(dimension.name)
        for label in task.names
    }
    titles = {label.name: label.title for label in task.labels}
    encode = Encoder(chosen.validation.encoder).encode
    setting = Setting(titles, task.words, real, encode, values, multilabel=task.multilabel)
    return check_gates(accepted, rejected, setting, chosen.validation, judged)


def _reasons(rejected: Sequence[Rejected]) -> str:
    """How many texts were thrown out for each reason, the commonest first."""
    counts = Counter(each.reason for each in rejected).most_common()
    return ", ".join(f"{count} {reason}" for reason, count in counts) or "none"


def main(task: str, method: str) -> None:
    """Read, run, write; fail where a gate failed."""
    chosen = params.load(Params, method=method)
    accepted_file, described = paths.accepted_file(task, method), load_task(task)
    accepted = list(files.read_records(accepted_file, Text, "clean"))
    rejected = list(files.read_records(paths.rejected_file(task, method), Rejected, "clean"))
    real = read_labelled(paths.test_file(task), described)
    table, judged = read_table(paths.attributes_file(task)), read_judged(task, method)
    results = run(accepted, rejected, described, real, table, chosen=chosen, judged=judged)
    verdict = verdict_of(results, accepted_file) | ({"judge": judged.scores["told"]} if judged else {})
    if described.multilabel:
        verdict |= {"multilabel": True, "label_sets": label_sets(accepted)}
    given = {"task": task, "method": method, "verdict": verdict, "found_in": found_in, "failures": failures}
    page = Templates(paths.PAGE_TEMPLATES, html=True).render("validation", given)
    files.write_text(paths.validation_page(task, method), page + "\n")
    files.write_json(paths.verdict_file(task, method), verdict)
    told = table_of_failures(results)
    if not verdict["passed"]:
        raise GateError(
            f"{verdict['failed']} of {verdict['gates']} gates failed for {task}/{method}:\n"
            f"{told}\n  the page: {paths.validation_page(task, method)}\n"
            f"  thrown out: {_reasons(rejected)}; each stands in {paths.rejected_file(task, method)}\n"
            "  the way out: raise prompts.per_label, or prompts.reserve where texts are thrown out; change the method, "
            "its wording or the model; or lower a limit in validation: of params.yaml"
        )
    warned = f", {verdict['warned']} warned:\n{told}" if told else ""
    cli.say(f"{task}/{method}: {verdict['gates'] - verdict['warned']} of {verdict['gates']} gates passed{warned}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
