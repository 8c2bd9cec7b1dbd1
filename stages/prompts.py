"""Plan the texts and write their prompts: `python -m stages.prompts --task TASK --method METHOD`.

Free. Deals attribute values to each text wanted (see `design/plan`), groups texts of one label into requests, and
renders the method's template for each request. Prefix-stable: a larger `per_label` only appends lines, but for a last
request that was not full.

Reads   data/tasks/<task>/task.yaml
        data/attributes/<task>/attributes.yaml
        data/templates/methods/
Writes  data/prompts/<task>/<method>.jsonl, one line a request, the labels in turn
            label           the label of all its texts
            rows            the texts asked for: index (from 0, within the label), attributes (name: value)
            messages        as the chat endpoint takes them
            as_json         whether the answer is {"texts": [...]}; else it is one bare text
            sample          how often the same messages stand above: each time is a different answer
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.records import PlannedText, Prompt
from stages.core.tasks import load_task
from stages.design.plan import plan_texts
from stages.design.table import AttributeTable, read_table
from stages.design.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.tasks import Label, Task


class Params(params.StageParams):
    """What changes the prompts."""

    method: sections.Method = Field(alias="methods.{method}")
    prompts: sections.Prompts


def run(task: Task, table: AttributeTable, chosen: Params, templates: Templates) -> Iterator[Prompt]:
    """The requests, in the order in which more of them would be appended."""
    wanted, used = chosen.prompts, [each for each in table.dimensions if chosen.method.uses(each.name)]
    plans = {
        label.name: list(
            plan_texts(
                label.name,
                {each.name: each.values_for(label.name) for each in used},
                wanted.per_label,
                wanted.design,
                wanted.seed,
            )
        )
        for label in task.labels
    }
    seen = Counter[str]()
    for start in range(0, wanted.per_label, wanted.texts_per_request):
        for label in task.labels:
            rows = tuple(plans[label.name][start : start + wanted.texts_per_request])
            as_json = wanted.texts_per_request > 1
            text = templates.render(chosen.method.template, _given(task, table, label, rows, as_json=as_json))
            yield Prompt(label.name, rows, ({"role": "user", "content": text},), as_json, seen[text])
            seen[text] += 1


def _given(
    task: Task, table: AttributeTable, label: Label, rows: tuple[PlannedText, ...], *, as_json: bool
) -> dict[str, object]:
    """The names that a method's template may use."""
    similar = [each for each in task.labels if each.name in table.similar.get(label.name, ())]
    return {
        "task": task,
        "label": label,
        "similar": similar,
        "n": len(rows),
        "as_json": as_json,
        "rows": [row.attributes for row in rows],
    }


def _warn_of_gaps(task: Task, table: AttributeTable, chosen: Params) -> None:
    """Say before money is spent that the plan is too small for its attributes."""
    for dimension in table.dimensions:
        most = max(len(dimension.values_for(name)) for name in task.names)
        if chosen.method.uses(dimension.name) and most > chosen.prompts.per_label:
            cli.say(
                f"prompts: {chosen.prompts.per_label} texts of a label cannot have all {most} values of "
                f"{dimension.name}; raise prompts.per_label, or lower attributes.values or validation.coverage"
            )


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params, method=method)
    description, table = load_task(task), read_table(paths.attributes_file(task))
    _warn_of_gaps(description, table, chosen)
    prompts = run(description, table, chosen, Templates(paths.METHOD_TEMPLATES))
    count = files.write_records(paths.prompts_file(task, method), prompts)
    cli.say(f"prompts of {task}/{method}: {count} requests")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
