"""Plan the texts and write their prompts: `python -m stages.prompts --task TASK --method METHOD`.

Free. Deals attribute values to each text wanted (see `design/plan`), groups texts of one label into requests, and
renders the method's template for each request. Prefix-stable: a larger `per_label` only appends lines, but for a last
request that was not full.

Reads   data/tasks/<task>/task.yaml
        data/briefs/<task>.json: the examples
        data/attributes/<task>/attributes.yaml
        data/templates/methods/
Writes  data/prompts/<task>/<method>.jsonl, one line a request, the labels in turn
            label           the label of all its texts
            rows            the texts asked for: index (from 0, within the label), attributes (name: value)
            messages        as the chat endpoint takes them
            as_json         whether the answer is {"texts": [...]}; else it is one bare text
            sample          how often the same messages stand above: each time is a different answer
        data/metrics/prompts/<task>/<method>.json, by label: what the plan covers, see `design/coverage`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.tasks import load_task
from stages.design.brief import read_brief
from stages.design.coverage import coverage
from stages.design.prompting import Material, factors_of, planned, prompts_for
from stages.design.table import read_table
from stages.design.templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.records import Prompt
    from stages.core.tasks import Task
    from stages.design.coverage import Coverage
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
    known = {(each.name, value) for each in table.dimensions for name in task.names for value in each.values_for(name)}
    for stray in sorted({one for pair in task.incompatible for one in pair if one not in known}):
        cli.say(f"prompts: {paths.task_file(task.slug)}: incompatible: no text has {': '.join(stray)}")


def _coverage(material: Material, chosen: Params, label: str) -> Coverage:
    rows = (each.attributes for each in planned(material, chosen.method, chosen.prompts, label))
    factors = factors_of(material, chosen.method, chosen.prompts, label)
    return coverage(factors, rows, material.task.incompatible)


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params, method=method)
    description, table = load_task(task), read_table(paths.attributes_file(task))
    _warn_of_gaps(description, table, chosen)
    material = Material(description, table, read_brief(task).examples)
    prompts = run(material, chosen, Templates(paths.METHOD_TEMPLATES))
    count = files.write_records(paths.prompts_file(task, method), prompts)
    covered = {each: _coverage(material, chosen, each) for each in description.names}
    files.write_json(paths.prompts_metrics(task, method), {name: each.as_json() for name, each in covered.items()})
    least = min(covered.values(), key=lambda each: each.pairs_seen)
    pairs = f", at least {least.pairs_seen:.0%} of the pairs of values of a label" if least.pairs else ""
    cli.say(f"prompts of {task}/{method}: {count} requests{pairs}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
