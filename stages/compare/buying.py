"""Buying what a comparison lacks, a prefix of each plan, until the budget is used. The only part of it that asks.

What a request costs is known when it is answered. So a method of which nothing is known begins with one request a
label; by these the rest is judged, bought, and judged again, until the most that the budget pays for is answered. What
is bought beyond that, because the estimate was too low, is kept in the store like every answer.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from stages.compare.afford import afford, grounds, only, text_prompts, text_sources
from stages.core.errors import BudgetError, RequestsFailedError
from stages.design.asking import ask_attributes
from stages.design.rehearsal import attribute_sources
from stages.design.rounds import ask_in_rounds
from stages.llm.chat import NoAnswer

if TYPE_CHECKING:
    from stages.compare.afford import Afforded
    from stages.compare.bills import Budget
    from stages.core.params import Everything
    from stages.core.tasks import Task
    from stages.design.brief import Brief


def buy(
    everything: Everything, task: Task, brief: Brief, method: str, budget: Budget, *, most: int, with_attributes: bool
) -> Afforded:
    """Ask for what is missing; returns what the method gets, with nothing missing. The arguments are those of `afford`.

    Raises:
        AskingError: the model could not be asked, or some requests got no answer. What was answered is kept.
        BudgetError: the attributes leave nothing of the budget for a text.
    """
    ask_attributes(only(everything, task.slug, method, most), task, brief)
    while True:
        found = afford(everything, task, brief, method, budget, most=most, with_attributes=with_attributes)
        if not found.per_label:
            raise BudgetError(too_little(found, budget))
        if not found.missing:
            return found
        per_label = found.per_label if found.answered else everything.prompts.texts_per_request
        _buy_texts(only(everything, task.slug, method, per_label), task, brief, method)


def too_little(found: Afforded, budget: Budget) -> str:
    """What a method would need that gets nothing for the budget."""
    return (
        f"{found.method}: one request a label costs {budget.shown(budget.of(found.least))}"
        f"{' (estimated)' if found.least.missing else ''}, and the budget is {budget}: "
        "raise it, or leave the method out"
    )


def _buy_texts(alone: Everything, task: Task, brief: Brief, method: str) -> None:
    with attribute_sources(alone, task.slug) as sources:
        _, material = grounds(alone, task, brief, sources)
    prompts = text_prompts(alone, material)
    with text_sources(alone, task.slug, method) as sources:
        outcomes = [each.outcome for each in ask_in_rounds(prompts, alone.llm, sources)]
    failed = [each for each in outcomes if isinstance(each, NoAnswer)]
    if failed:
        reasons = ", ".join(islice(dict.fromkeys(each.why for each in failed), 3))
        raise RequestsFailedError(
            f"{task.slug}/{method}: {len(failed)} of {len(prompts)} requests got no answer ({reasons}). A comparison "
            "needs all of them; the others are kept, and the same command asks for these alone"
        )
