"""What the grid of params.yaml would ask of the model and cost. Sends nothing, and needs no stage to have run.

python -m stages.design.forecasting        a line for each task's attributes and each of its methods, and their sum;
                                           and what the reserves come to at most, where texts are rejected
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stages.core import cli, paths
from stages.core.params import load_everything
from stages.core.tasks import load_task
from stages.design.brief import gather
from stages.design.preflight import check_grid
from stages.design.prompting import Material, prompts_for, reserved
from stages.design.rehearsal import forecast_attributes
from stages.design.reserve import PartOfPlan
from stages.design.rounds import rehearsed
from stages.design.templates import Templates
from stages.llm.ask import Asking, sources_for
from stages.llm.forecast import total
from stages.llm.requests import PromptRequests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.params import Everything
    from stages.core.records import Prompt
    from stages.core.sections import Method, Prompts
    from stages.llm.forecast import Forecast


def forecast_grid(everything: Everything) -> Iterator[Forecast]:
    """What each paid cell of the grid would ask, in the order in which they run; and its reserve, if it has any."""
    templates = Templates(paths.METHOD_TEMPLATES)
    for slug in everything.run.tasks:
        task = load_task(slug)
        brief = gather(task, everything.attributes.count_in)
        attributes, table = forecast_attributes(everything, task, brief)
        yield attributes
        material = Material(task, table, brief.examples)
        for name in everything.run.methods:
            method, called = everything.methods[name], f"{slug}/{name}"
            whole = _Planned(material, method, everything.prompts, templates)
            planned, reserve = PartOfPlan(whole), PartOfPlan(whole, reserve=True)
            if method.imported:
                called += " (imported)"
            with sources_for(Asking(slug, called, everything.llm, everything.ops)) as sources:
                asked = rehearsed(() if method.imported else planned, everything.llm, sources.at_hand)
                yield sources.forecast(asked)
                if reserved(method, everything.prompts):
                    more, whole_plan = (PromptRequests(each, everything.llm) for each in (reserve, whole))
                    yield replace(sources.forecast(more, whole_plan), reserve=True)


@dataclass(frozen=True, slots=True)
class _Planned:
    """The prompts of a cell, with its reserve, made anew each time they are gone through."""

    material: Material
    method: Method
    wanted: Prompts
    templates: Templates

    def __iter__(self) -> Iterator[Prompt]:
        return prompts_for(self.material, self.method, self.wanted, self.templates, reserve=True)


def main() -> None:
    """Check the grid, and print a line for each paid cell."""
    check_grid()
    found = []
    for each in forecast_grid(load_everything()):
        found.append(each)
        if not each.reserve:
            print(each, flush=True)
    print(total(each for each in found if not each.reserve))
    reserves = [each for each in found if each.reserve]
    if reserves:
        print(total(reserves, "reserves, at most, where texts are rejected"))


if __name__ == "__main__":
    cli.run(main, __doc__)
