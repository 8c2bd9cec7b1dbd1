"""How many texts a label a budget pays for, method by method. Sends nothing.

A plan is prefix-stable, and each of its requests has a known key: so what the first n texts a label cost is known to
the token where they are answered already. Requests that are not are estimated, by those of the same method that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from stages.compare.bills import Bill, bills_of
from stages.core import paths
from stages.core.templates import Templates
from stages.design.prompting import Material, prompts_for
from stages.design.rehearsal import attribute_sources, rehearse
from stages.design.rounds import rehearsed
from stages.llm.ask import Asking, Sources, sources_for

if TYPE_CHECKING:
    from stages.compare.bills import Budget
    from stages.core.params import Everything
    from stages.core.records import Prompt
    from stages.core.tasks import Task
    from stages.design.brief import Brief
    from stages.llm.chat import ChatRequest


@dataclass(frozen=True, slots=True)
class Afforded:
    """What a method gets for the budget.

    Attributes:
        method: Its name.
        per_label: Texts a label; 0 where not even one request a label is paid for.
        texts: What these cost.
        attributes: What finding the attributes cost that the method needs, alone; nothing where it needs none.
        least: What one request a label costs, with the attributes where they count.
        more: Whether it is not the budget that ends it but the most that was asked for.
        answered: Whether any request of its plan has an answer, so that the rest can be judged by it.
    """

    method: str
    per_label: int
    texts: Bill
    attributes: Bill
    least: Bill
    more: bool
    answered: bool

    @property
    def missing(self) -> int:
        """How many requests are not answered."""
        return self.texts.missing + self.attributes.missing


def only(everything: Everything, task: str, method: str, per_label: int) -> Everything:
    """The params of a grid with this one cell, as its experiment has them.

    No reserve, nobody who looks at texts, no learning curves: a comparison shows nothing of these.
    """
    run = everything.run.model_copy(update={"tasks": (task,), "methods": (method,), "gold": (), "blends": ()})
    prompts = everything.prompts.model_copy(update={"per_label": per_label, "reserve": 0.0})
    nothing = {each: getattr(everything, each).model_copy(update={"texts": 0}) for each in ("annotate", "judge")}
    curve = everything.curve.model_copy(update={"shares": ()})
    return everything.model_copy(update={"run": run, "prompts": prompts, "curve": curve, **nothing})


def afford(
    everything: Everything,
    task: Task,
    brief: Brief,
    method: str,
    budget: Budget,
    *,
    most: int,
    with_attributes: bool = False,
) -> Afforded:
    """The most texts a label, a multiple of `prompts.texts_per_request`, that the budget pays for.

    Args:
        everything: The params.
        task: Whose texts.
        brief: What people left beside it.
        method: One that asks for its texts.
        budget: For the texts; and for the attributes, where they count.
        most: Texts a label that are looked at; a multiple of `prompts.texts_per_request`.
        with_attributes: Whether what finding the attributes cost is taken out of the budget first.

    Raises:
        BudgetError: it is in dollars, and the price is not known.
        InputError: answers were not counted in tokens by the endpoint that gave them.
    """
    alone = only(everything, task.slug, method, most)
    with attribute_sources(alone, task.slug) as sources:
        asked, material = grounds(alone, task, brief, sources)
        direct = alone.ops.model_copy(update={"transport": "direct"})
        attributes = sum(bills_of(asked, sources, alone, direct), Bill())
    with text_sources(alone, task.slug, method) as sources:
        requests = list(rehearsed(text_prompts(alone, material), alone.llm, sources.at_hand))
        bills = list(bills_of(requests, sources, alone, alone.ops))
    labels = len(task.labels)
    rounds = [sum(bills[start : start + labels], Bill()) for start in range(0, len(bills), labels)]
    counted = attributes if with_attributes else Bill()
    sums = list(accumulate(rounds))
    paid = list(takewhile(lambda each: budget.holds(counted + each), sums))
    return Afforded(
        method,
        len(paid) * alone.prompts.texts_per_request,
        paid[-1] if paid else Bill(),
        attributes,
        counted + sums[0],
        more=len(paid) == len(sums),
        answered=any(not each.missing for each in bills),
    )


def grounds(alone: Everything, task: Task, brief: Brief, sources: Sources) -> tuple[list[ChatRequest], Material]:
    """The requests that finding the attributes takes, and what prompts are made of with them."""
    requests, table = rehearse(alone, task, brief, sources)
    return requests, Material(task, table, brief.examples)


def text_sources(alone: Everything, task: str, method: str) -> Sources:
    """Where the answers with a method's texts come from, as for stage `generate`."""
    return sources_for(Asking(task, f"{task}/{method}", alone.llm, alone.ops))


def text_prompts(alone: Everything, material: Material) -> list[Prompt]:
    """The prompts of the only method, the labels in turn, as stage `prompts` plans them."""
    [method] = (alone.methods[name] for name in alone.run.methods)
    return list(prompts_for(material, method, alone.prompts, Templates(paths.METHOD_TEMPLATES)))
