"""Plan the texts and write their prompts: `python -m stages.prompts --task TASK --method METHOD`.

Free. Deals attribute values to each text wanted (see `design/plan`), groups texts of one label into requests, and
renders the method's template for each request. Prefix-stable: a larger `per_label` only appends lines, but for a last
request that was not full. After them stands the reserve, further texts of the same plan, for stage `refill`; there is
none where values are reported or texts imported. A method that imports its texts has them in place of requests: the
first `per_label` rows of each label, in the order of the file; a label with fewer is told. See `core/tasks` for the
names of columns and labels.

Reads   data/tasks/<task>/: task.yaml, and where texts are imported, imported/. No other file of the folder; dvc.yaml
            lists it whole, because DVC knows no dependency that may be missing
        data/briefs/<task>.json: the examples
        data/attributes/<task>/attributes.yaml
        data/templates/methods/
Writes  data/prompts/<task>/<method>.jsonl, one line a request, the labels in turn; or one line an imported text
            label           the label of all its texts
            rows            the texts asked for: index (from 0, within the label), attributes (name: value), also
                            (labels beside `label`, where a text is to have any)
            messages        as the chat endpoint takes them
            as_json         whether the answer is {"texts": [...]}; else it is one bare text
            sample          how often the same messages stand above: each time is a different answer
            text            of an imported text alone: itself; messages is empty then
            reserve         true, of those that are asked for only in place of rejected texts; else it is left out
        data/metrics/prompts/<task>/<method>.json, by label: what the plan without its reserve covers, see
            `design/coverage`; nothing of imported texts
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pydantic import Field

from stages.core import cli, files, params, paths, sections
from stages.core.tasks import load_task
from stages.core.templates import Templates
from stages.design.brief import read_brief
from stages.design.coverage import Tally
from stages.design.gaps import gaps
from stages.design.imported import plan_imported
from stages.design.prompting import Material, factors_of, prompts_for
from stages.design.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.records import Prompt
    from stages.core.tasks import Task


class Params(params.StageParams):
    """What changes the prompts."""

    method: sections.Method = Field(alias="methods.{method}")
    prompts: sections.Prompts


def run(material: Material, chosen: Params, templates: Templates) -> Iterator[Prompt]:
    """The requests, in the order in which more of them would be appended."""
    return prompts_for(material, chosen.method, chosen.prompts, templates, reserve=True)


def _tallies(material: Material, chosen: Params) -> dict[str, Tally]:
    factors = {name: factors_of(material, chosen.method, chosen.prompts, name) for name in material.task.names}
    together = material.table.together if material.task.multilabel else None
    return {
        name: Tally(each, material.task.incompatible, None if together is None else together.get(name, {}))
        for name, each in factors.items()
    }


def _import(task: Task, method: str, chosen: Params) -> None:
    """Write the plan of a method that imports its texts, and say which labels have fewer than were wanted."""
    taken = Counter[str]()
    planned = plan_imported(paths.imported_file(task.slug, chosen.method.imported), task, chosen.prompts.per_label)
    with files.writing_records(paths.prompts_file(task.slug, method)) as write:
        for each in planned:
            write(each)
            taken[each.label] += 1
    few = [f"{taken[name]} of {name}" for name in task.names if taken[name] < chosen.prompts.per_label]
    files.write_json(paths.prompts_metrics(task.slug, method), {})
    cli.say(f"prompts of {task.slug}/{method}: {taken.total():,} texts imported")
    if few:
        cli.say(f"fewer than {chosen.prompts.per_label} (prompts.per_label) of a label are there: {', '.join(few)}")


def main(task: str, method: str) -> None:
    """Read, run, write."""
    chosen = params.load(Params, method=method)
    description = load_task(task)
    if chosen.method.imported:
        _import(description, method, chosen)
        return
    table = read_table(paths.attributes_file(task))
    for gap in gaps(description, table, chosen.method, chosen.prompts.per_label):
        cli.say(f"prompts of {task}/{method}: {gap}")
    material = Material(description, table, read_brief(task).examples)
    prompts = run(material, chosen, Templates(paths.METHOD_TEMPLATES))
    tallies, count = _tallies(material, chosen), Counter[bool]()
    with files.writing_records(paths.prompts_file(task, method)) as write:
        for each in prompts:
            for row in () if each.reserve else each.rows:
                tallies[each.label].add(row.attributes, row.also)
            count[each.reserve] += 1
            write(each)
    covered = {name: tally.coverage() for name, tally in tallies.items()}
    files.write_json(paths.prompts_metrics(task, method), {name: each.as_json() for name, each in covered.items()})
    least = min(covered.values(), key=lambda each: each.pairs_seen)
    pairs = f", at least {least.pairs_seen:.0%} of the pairs of values of a label" if least.pairs else ""
    more = f", {count[True]} more in reserve" if count[True] else ""
    cli.say(f"prompts of {task}/{method}: {count[False]} requests{more}{pairs}")


if __name__ == "__main__":
    cli.run(main, __doc__, "task", "method")
