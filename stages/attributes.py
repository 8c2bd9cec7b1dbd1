"""Find out which attributes the texts of a task can have: `python -m stages.attributes --task TASK [--plan]`.

Paid. Asks the model for dimensions (where task.yaml names none), for the labels that each label is most easily taken
for, for values of each dimension, and for each value of a label whether it also fits a similar label; such a value is
dropped, with the reason. Asks nothing where no method of the grid uses attributes. Never asks in batches, since each
question builds on the answers before it. `--plan` says what a run would ask and cost, and sends nothing.

Reads   data/tasks/<task>/task.yaml
        data/templates/attributes/
        test.jsonl, train.jsonl, imported/, the methods' templates: only to refuse to start where one of them is broken
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
from stages.core.params import load_everything
from stages.core.tasks import load_task
from stages.design.attributes import find_attributes
from stages.design.interview import Interview
from stages.design.preflight import check_before_paying
from stages.design.rehearsal import attribute_sources, forecast_attributes
from stages.design.table import AttributeTable, write_table
from stages.design.templates import Templates
from stages.llm.prices import Cost

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
    if not any(chosen.methods[name].uses_some for name in chosen.used_methods):
        return AttributeTable(), []
    interview = Interview(asker, templates, chosen.llm)
    return find_attributes(task, chosen.attributes, interview), interview.trace


def main(task: str, *, plan: bool = False) -> None:
    """Read, run, write. Or say what it would ask."""
    chosen = params.load(Params)
    check_before_paying(task)
    if plan:
        print(forecast_attributes(load_everything(), task)[0])
        return
    with attribute_sources(load_everything(), task) as sources:
        table, trace = run(load_task(task), chosen, sources, Templates(paths.ATTRIBUTE_TEMPLATES))
    write_table(paths.attributes_file(task), table)
    files.write_records(paths.attributes_answers(task), trace)
    dropped = sum(len(out) for dimension in table.dimensions for out in dimension.dropped.values())
    cost = Cost()
    for each in trace:
        cost.add(each["prompt_tokens"], each["completion_tokens"], each["dollars"])
    files.write_json(paths.attributes_metrics(task), {**cost.as_json(), "dropped": dropped})
    cli.say(
        f"attributes of {task}: {', '.join(each.name for each in table.dimensions) or 'none wanted'}; "
        f"{dropped} ambiguous values dropped"
    )


if __name__ == "__main__":
    cli.run(main, __doc__, "task", flags=("plan",))
