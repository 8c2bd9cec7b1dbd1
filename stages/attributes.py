"""Find out which attributes the texts of a task can have: `python -m stages.attributes --task TASK`.

Paid. Asks the model for dimensions (where task.yaml names none), for the labels that each label is most easily taken
for, for values of each dimension, and for each value of a label whether it also fits a similar label; such a value is
dropped, with the reason. Asks nothing where no method of the grid uses attributes.

Reads   data/tasks/<task>/task.yaml
        data/templates/attributes/
        test.jsonl, train.jsonl, the methods' templates: only to refuse to start where one of them is broken
Writes  data/attributes/<task>/attributes.yaml
            dimensions      name, about, values (or per_label: values by label), dropped: value, fits, reason, by label
            similar         by label, the labels it is most easily taken for, nearest first
        data/attributes/<task>/answers.jsonl, one line a request
            step, label, dimension, key (of the answer), prompt_tokens, completion_tokens, dollars
        data/metrics/attributes/<task>.json
            requests, prompt_tokens, completion_tokens, dollars (null where no price is known), dropped
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.tasks import load_task
from stages.design.attributes import find_attributes
from stages.design.interview import Interview
from stages.design.preflight import check_before_paying
from stages.design.table import AttributeTable, write_table
from stages.design.templates import Templates
from stages.llm.ask import sources_for
from stages.llm.prices import total_cost

if TYPE_CHECKING:
    from stages.core.files import Json
    from stages.core.tasks import Task
    from stages.llm.chat import Asker


class Params(params.StageParams):
    """What changes the attributes."""

    llm: sections.Llm
    attributes: sections.Attributes
    methods: dict[str, sections.Method]
    used_methods: tuple[str, ...] = Field(alias="run.methods")


def run(task: Task, chosen: Params, asker: Asker, templates: Templates) -> tuple[AttributeTable, list[Json]]:
    """The attribute table of a task, and a record of each request that it took."""
    if all(chosen.methods[name].attributes in ("none", ()) for name in chosen.used_methods):
        return AttributeTable(), []
    interview = Interview(asker, templates, chosen.llm)
    return find_attributes(task, chosen.attributes, interview), interview.trace


def main(task: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params)
    ops = check_before_paying(task)
    with sources_for(paths.recordings_file(task), ops, f"attributes of {task}") as sources:
        table, trace = run(load_task(task), chosen, sources, Templates(paths.ATTRIBUTE_TEMPLATES))
    write_table(paths.attributes_file(task), table)
    files.write_records(paths.attributes_answers(task), trace)
    dropped = sum(len(out) for dimension in table.dimensions for out in dimension.dropped.values())
    files.write_json(paths.attributes_metrics(task), {**total_cost(trace), "dropped": dropped})
    cli.say(
        f"attributes of {task}: {', '.join(each.name for each in table.dimensions) or 'none wanted'}; "
        f"{dropped} ambiguous values dropped"
    )


if __name__ == "__main__":
    cli.run(main, __doc__, "task")
