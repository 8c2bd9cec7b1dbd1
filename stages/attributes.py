"""Find out which attributes the texts of a task can have: `python -m stages.attributes --task TASK [--plan | --pin]`.

Paid. Asks the model for the labels that each label is most easily taken for, for definitions of labels that have no
description, for dimensions in several rounds, for values of each with how common they are, and for each value of a
label whether it also fits a similar label: such a value is dropped, with the reason. Asks for what some method of the
grid needs and no more; never in batches, since questions build on answers. `--plan` says what a run would ask and cost,
and sends nothing.

Free where people wrote the attributes, or imported them: data/tasks/<task>/attributes.yaml is taken as it is, and the
model is asked nothing. `--import DIR` writes that file from values in the layout of the paper's authors (DIR is one of
their data sets), says what it read and skipped, and does nothing else; the next `dvc repro` takes it. `--pin` writes
the dimensions that were found into task.yaml, so that a label more asks for its own values alone; free as well.

Reads   data/tasks/<task>/task.yaml
        data/briefs/<task>.json: examples, texts to count values in, and attributes that people wrote
        data/templates/attributes/
        test.jsonl, train.jsonl, imported/, the methods' templates: only to refuse to start where one of them is broken
Writes  data/attributes/<task>/attributes.yaml
            dimensions      name, about, ordered, values with the share of texts that have them (or per_label: such
                            values by label), dropped: value, fits, reason, by label; counted: texts with each value,
                            by label ("" for all), where the share was counted and not estimated
            similar         by label, the labels it is most easily taken for, nearest first
            definitions, instructions   by label, what belongs to it, how to write its texts, where that is wanted
            together        by label, the share of its texts that have another label too; see `design/together`
        data/attributes/<task>/answers.jsonl, one line a request
            step, label, dimension, key (of the answer), prompt_tokens, completion_tokens, dollars
        data/metrics/attributes/<task>.json
            requests, prompt_tokens, completion_tokens, dollars (null where no price is known), dropped,
            imported (whether the attributes were written or imported by people)
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.tasks import load_task
from stages.core.templates import Templates
from stages.design.attributes import find_attributes
from stages.design.brief import gather, read_brief
from stages.design.interview import Interview
from stages.design.pinning import import_published, pin_dimensions
from stages.design.preflight import check_before_paying
from stages.design.rehearsal import attribute_sources, forecast_attributes
from stages.design.table import write_table
from stages.design.values import shortfalls
from stages.llm.prices import Cost

if TYPE_CHECKING:
    from stages.core.tasks import Task
    from stages.design.brief import Brief
    from stages.design.table import AttributeTable
    from stages.llm.ask import Sources


class Params(params.StageParams):
    """What changes the attributes."""

    llm: sections.Llm
    attributes: sections.Attributes
    methods: dict[str, sections.Method]
    used_methods: tuple[str, ...] = Field(alias="run.methods")


def run(
    task: Task, chosen: Params, sources: Sources, templates: Templates, brief: Brief
) -> tuple[AttributeTable, list[files.Json]]:
    """The attribute table of a task, and a record of each request that it took."""
    interview = Interview(sources, templates, chosen.llm, sources.forget)
    methods = [chosen.methods[name] for name in chosen.used_methods]
    wanted, (examples, to_count) = chosen.attributes, (brief.examples, brief.to_count)
    return find_attributes(task, wanted, methods, interview, examples, to_count=to_count), interview.trace


def main(task: str, *, plan: bool = False, pin: bool = False, folder: str | None = None) -> None:
    """Read, run, write. Or import attributes, pin dimensions, or say what it would ask."""
    if folder is not None or pin:
        for line in import_published(load_task(task), Path(folder)) if folder else pin_dimensions(load_task(task)):
            cli.say(line)
        return
    chosen = params.load(Params)
    everything = check_before_paying(task)
    told = load_task(task)
    if plan:
        print(forecast_attributes(everything, told, gather(told, everything.attributes.count_in))[0])
        return
    brief, trace = read_brief(task), list[files.Json]()
    table, imported = brief.table, brief.table is not None
    if table is None:
        with attribute_sources(everything, task) as sources:
            table, trace = run(told, chosen, sources, Templates(paths.ATTRIBUTE_TEMPLATES), brief)
    write_table(paths.attributes_file(task), table)
    files.write_records(paths.attributes_answers(task), trace)
    dropped = sum(len(out) for dimension in table.dimensions for out in dimension.dropped.values())
    cost = Cost()
    for each in trace:
        cost.add(each["prompt_tokens"], each["completion_tokens"], each["dollars"])
    files.write_json(paths.attributes_metrics(task), {**cost.as_json(), "dropped": dropped, "imported": imported})
    for short in [] if imported else shortfalls(told, table.dimensions, chosen.attributes.values):
        cli.say(f"attributes of {task}: fewer values than wanted: {short}")
    cli.say(
        f"attributes of {task}: {', '.join(each.name for each in table.dimensions) or 'none wanted'}; "
        + (f"taken from {paths.written_attributes(task)}" if imported else f"{dropped} ambiguous values dropped")
    )


if __name__ == "__main__":
    cli.run(main, __doc__, "task", flags=("plan", "pin"), options={"import": "folder"})
