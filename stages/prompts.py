"""Plan the texts and write their prompts: `python -m stages.prompts --task TASK --method METHOD`.

Free. Deals attribute values to each text wanted (see `design/plan`), groups texts of one label into requests, and
renders the method's template for each request. Prefix-stable: a larger `per_label` only appends lines, but for a last
request that was not full.

Reads   data/tasks/<task>/task.yaml, examples.jsonl (if there is one)
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

from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.examples import read_examples
from stages.core.tasks import load_task
from stages.design.prompting import Material, prompts_for
from stages.design.table import read_table
from stages.design.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.records import Prompt
    from stages.core.tasks import Task
    from stages.design.table import AttributeTable


class Params(params.StageParams):
    """What changes the prompts."""

    method: sections.Method = Field(alias="methods.{method}")
    prompts: sections.Prompts


def run(material: Material, chosen: Params, templates: Templates) -> Iterator[Prompt]:
    """The requests, in the order in which more of them would be appended."""
    return prompts_for(material, chosen.method, chosen.prompts, templates)


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
    material = Material(description, table, read_examples(task, description.names))
    prompts = run(material, chosen, Templates(paths.METHOD_TEMPLATES))
    count = files.write_records(paths.prompts_file(task, method), prompts)
    cli.say(f"prompts of {task}/{method}: {count} requests")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
