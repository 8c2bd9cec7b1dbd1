"""What the grid of params.yaml would ask of the model and cost. Sends nothing, and needs no stage to have run.

python -m stages.design.forecasting        a line for each task's attributes, each of its methods, what is annotated and
                                           judged of each and of the real texts, which all of them share; and the sum;
                                           and what the reserves come to at most, where texts are rejected

Texts that are not there yet are shown in the forecast as texts of a usual length, as many as are planned. What would be
asked about them may be answered already: such lines say that they are the most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stages.core import cli, files, paths
from stages.core.params import load_everything
from stages.core.records import Text
from stages.core.tasks import load_task, read_labelled
from stages.core.templates import Templates
from stages.design.annotating import AnnotationRequests, batches_of
from stages.design.brief import gather
from stages.design.judging import JudgeRequests, dealt
from stages.design.looking import sought_in
from stages.design.preflight import check_grid
from stages.design.prompting import Material, prompts_for, reserved
from stages.design.rehearsal import forecast_attributes
from stages.design.reserve import PartOfPlan
from stages.design.rounds import rehearsed
from stages.design.table import described
from stages.llm.ask import Asking, sources_for
from stages.llm.forecast import total
from stages.llm.prices import Prices
from stages.llm.requests import PromptRequests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.params import Everything
    from stages.core.records import Prompt
    from stages.core.sections import Method, Prompts
    from stages.core.tasks import Task
    from stages.design.brief import Brief
    from stages.design.showing import ShownRequests
    from stages.design.table import AttributeTable
    from stages.llm.forecast import Forecast


def forecast_grid(everything: Everything) -> Iterator[Forecast]:
    """What each paid cell of the grid would ask, in the order in which they run; and its reserve, if it has any."""
    for task in map(load_task, everything.run.tasks):
        yield from forecast_task(everything, task, gather(task, everything.attributes.count_in))


def forecast_task(everything: Everything, task: Task, brief: Brief) -> Iterator[Forecast]:
    """The same of the cells of one task, which the grid need not name."""
    templates = Templates(paths.METHOD_TEMPLATES)
    attributes, table = forecast_attributes(everything, task, brief)
    yield attributes
    material = Material(task, table, brief.examples)
    for name in everything.run.methods:
        method, called = everything.methods[name], f"{task.slug}/{name}"
        whole = _Planned(material, method, everything.prompts, templates)
        planned, reserve = PartOfPlan(whole), PartOfPlan(whole, reserve=True)
        if method.imported:
            called += " (imported)"
        with sources_for(Asking(task.slug, called, everything.llm, everything.ops)) as sources:
            asked = rehearsed(() if method.imported else planned, everything.llm, sources.at_hand)
            yield sources.forecast(asked)
            if reserved(method, everything.prompts):
                more, whole_plan = (PromptRequests(each, everything.llm) for each in (reserve, whole))
                yield replace(sources.forecast(more, whole_plan), reserve=True)
    yield from _shown(everything, task, table)


def _shown(everything: Everything, task: Task, table: AttributeTable) -> Iterator[Forecast]:
    """What is asked about real texts, and about those of each method, by `annotate` and by `judge`."""
    real = read_labelled(paths.test_file(task.slug), task)
    texts = {method: _texts_of(everything, task, method) for method in everything.run.methods}
    made_up = {method for method in texts if not paths.accepted_file(task.slug, method).exists()}
    if everything.annotate.texts:
        wanted, llm = everything.annotate, everything.llm
        sought, templates = sought_in(task, table, wanted), Templates(paths.ANNOTATE_TEMPLATES)
        batches = {"real texts": batches_of(real, task.names, wanted, real=True)}
        batches |= {method: batches_of(each, task.names, wanted, real=False) for method, each in texts.items()}
        for name, each in batches.items():
            asked = AnnotationRequests(each, task.domain, templates, llm, sought)
            found = _forecast(everything, task, f"annotations of {task.slug}/{name}", asked)
            yield replace(found, unknown=found.missing) if name in made_up else found
    if everything.judge.texts:
        judge, whole = everything.judge, described(task, table.definitions)
        llm, templates = judge.asked(everything.llm), Templates(paths.JUDGE_TEMPLATES)
        batches = {"real texts": dealt(real, task, judge, real=True)}
        batches |= {method: dealt(each, task, judge, real=False) for method, each in texts.items()}
        for name, each in batches.items():
            judged = JudgeRequests(each, task.domain, templates, llm, whole, judge.labels)
            found = _forecast(everything, task, f"verdicts on {task.slug}/{name}", judged)
            yield replace(found, unknown=found.missing) if name in made_up else found


def _forecast(everything: Everything, task: Task, called: str, asked: ShownRequests[Any]) -> Forecast:
    with sources_for(Asking(task.slug, called, asked.llm, everything.ops)) as sources:
        return sources.forecast(asked)


def _texts_of(everything: Everything, task: Task, method: str) -> list[Text]:
    """Those of the last run, where there was one; else as many as are planned, of a usual length."""
    accepted = paths.accepted_file(task.slug, method)
    if accepted.exists():
        return list(files.read_records(accepted, Text, "clean"))
    count, words = everything.prompts.per_label, sum(task.words) // 2
    most = max(everything.annotate.texts, everything.judge.texts)
    return [
        Text(f"{number:05} " * words, label, number, {}) for label in task.names for number in range(min(count, most))
    ]


@dataclass(frozen=True, slots=True)
class _Planned:
    """The prompts of a cell, with its reserve, made anew each time they are gone through."""

    material: Material
    method: Method
    wanted: Prompts
    templates: Templates

    def __iter__(self) -> Iterator[Prompt]:
        return prompts_for(self.material, self.method, self.wanted, self.templates, reserve=True)


def sums(found: Sequence[Forecast], everything: Everything) -> Iterator[str]:
    """What all of it comes to, the reserves apart; what of it is sure; and what to do where no price is known."""
    whole = total(each for each in found if not each.reserve)
    yield str(whole)
    if whole.unknown:
        yield str(total((each for each in found if not each.reserve and not each.unknown), "all but those"))
    if reserves := [each for each in found if each.reserve]:
        yield str(total(reserves, "reserves, at most, where texts are rejected"))
    if whole.dollars is None:
        llms = [everything.llm, *([everything.judge.asked(everything.llm)] if everything.judge.texts else [])]
        unknown = dict.fromkeys(each.model for each in llms if not Prices(each.model, each.price_per_million).known)
        yield f"the price of {' and of '.join(unknown)} is not known: llm.price_per_million in params.yaml says it"


def main() -> None:
    """Check the grid, and print a line for each paid cell; ends quietly where nobody reads them any more (`| head`)."""
    check_grid()
    everything = load_everything()
    found: list[Forecast] = []
    try:
        for each in forecast_grid(everything):
            found.append(each)
            if not each.reserve:
                cli.show(str(each))
        for line in sums(found, everything):
            cli.show(line)
    except BrokenPipeError:
        cli.nobody_reads()


if __name__ == "__main__":
    cli.run(main, __doc__)
