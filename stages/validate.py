"""Hold the accepted texts against the gates: `python -m stages.validate --task TASK --method METHOD`.

Free. Great Expectations checks class balance, attribute coverage, label vocabulary, nulls, uniqueness and length, with
the limits of `validation:` in params.yaml. Where a gate fails the stage exits 1 with a table of what failed, by how
much and where; the verdict and the page are written all the same, and `train`, which needs the verdict, does not run.

Reads   data/tasks/<task>/task.yaml
        data/attributes/<task>/attributes.yaml
        data/clean/<task>/<method>/: accepted.jsonl, rejected.jsonl
        data/templates/pages/
Writes  data/metrics/validate/<task>/<method>.json
            passed, gates, failed, sha256 (of accepted.jsonl)
            results: gate, table, limit, passed, checked, failed, worst, for each gate
            where a text may have several labels: multilabel (true), label_sets (see `checks/frames`)
        data/validation/<task>/<method>.html, the same to look at
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.checks.frames import label_sets
from stages.checks.gates import check_gates
from stages.checks.verdict import found_in, table_of_failures, verdict_of
from stages.core import cli, files, params, paths, sections
from stages.core.errors import GateError
from stages.core.records import Rejected, Text
from stages.core.tasks import load_task
from stages.design.table import AttributeTable, read_table
from stages.design.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.files import Json
    from stages.core.tasks import Task


class Params(params.StageParams):
    """What changes the verdict."""

    method: sections.Method = Field(alias="methods.{method}")
    validation: sections.Validation


def run(
    accepted: Sequence[Text], rejected: Sequence[Rejected], task: Task, table: AttributeTable, chosen: Params
) -> list[Json]:
    """The result of each gate."""
    values = {
        (dimension.name, label): dimension.values_for(label)
        for dimension in table.dimensions
        if chosen.method.uses(dimension.name)
        for label in task.names
    }
    limits, multilabel = chosen.validation, task.multilabel
    return check_gates(accepted, rejected, task.names, values, task.words, limits=limits, multilabel=multilabel)


def main(task: str, method: str) -> None:
    """Read, run, write; fail where a gate failed."""
    chosen = params.load(Params, method=method)
    accepted_file, described = paths.accepted_file(task, method), load_task(task)
    accepted = list(files.read_records(accepted_file, Text, "clean"))
    rejected = list(files.read_records(paths.rejected_file(task, method), Rejected, "clean"))
    results = run(accepted, rejected, described, read_table(paths.attributes_file(task)), chosen)
    verdict = verdict_of(results, accepted_file)
    if described.multilabel:
        verdict |= {"multilabel": True, "label_sets": label_sets(accepted)}
    given = {"task": task, "method": method, "verdict": verdict, "found_in": found_in}
    page = Templates(paths.PAGE_TEMPLATES, html=True).render("validation", given)
    files.write_text(paths.validation_page(task, method), page + "\n")
    files.write_json(paths.verdict_file(task, method), verdict)
    if not verdict["passed"]:
        raise GateError(
            f"{verdict['failed']} of {verdict['gates']} gates failed for {task}/{method}:\n"
            f"{table_of_failures(results)}\n  the page: {paths.validation_page(task, method)}\n  the way out: "
            "raise prompts.per_label, change the method, or lower a limit in validation: of params.yaml"
        )
    cli.say(f"{task}/{method}: {verdict['gates']} gates passed")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
