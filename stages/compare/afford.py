"""How many texts a label a budget pays for, method by method. Sends nothing.

A plan is prefix-stable, and each of its requests has a known key: so what the first n texts a label cost is known to
the token where they are answered already. Requests that are not are estimated, by those of the same method that are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING, Literal

from stages.core import paths
from stages.core.errors import BudgetError, InputError
from stages.core.tasks import load_task
from stages.design.attributes import find_attributes
from stages.design.brief import gather
from stages.design.prompting import Material, prompts_for
from stages.design.rehearsal import Rehearsal, attribute_sources
from stages.design.templates import Templates
from stages.llm.ask import Asking, Sources, sources_for
from stages.llm.forecast import Estimator
from stages.llm.prices import Prices
from stages.llm.requests import PromptRequests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.params import Everything
    from stages.core.sections import Ops
    from stages.design.table import AttributeTable
    from stages.llm.chat import Answer, ChatRequest

_ROUNDING = 1e-9  # of a budget: sums of dollars are floats


@dataclass(frozen=True, slots=True)
class Bill:
    """What requests cost; of those that are not answered, what they are estimated to.

    Attributes:
        requests: How many.
        missing: How many of them are not answered.
        tokens: Of prompts and completions.
        dollars: None where the price of the model is not known.
        missing_dollars: Those of the missing ones alone.
    """

    requests: int = 0
    missing: int = 0
    tokens: int = 0
    dollars: float | None = 0.0
    missing_dollars: float | None = 0.0

    def __add__(self, other: Bill) -> Bill:
        known = self.dollars is not None and other.dollars is not None
        return Bill(
            self.requests + other.requests,
            self.missing + other.missing,
            self.tokens + other.tokens,
            (self.dollars or 0.0) + (other.dollars or 0.0) if known else None,
            (self.missing_dollars or 0.0) + (other.missing_dollars or 0.0) if known else None,
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """What each method may spend."""

    amount: float
    unit: Literal["usd", "tokens"]

    def __str__(self) -> str:
        return self.shown(self.amount)

    def shown(self, amount: float) -> str:
        """An amount in the unit of the budget."""
        return f"${amount:.4f}" if self.unit == "usd" else f"{amount:,.0f} tokens"

    def of(self, bill: Bill) -> float:
        """What a bill takes out of it.

        Raises:
            BudgetError: it is in dollars, and the price is not known.
        """
        if self.unit == "tokens":
            return bill.tokens
        if bill.dollars is None:
            raise BudgetError(
                "the budget is in dollars, but the price of llm.model is not known: set llm.price_per_million in "
                "params.yaml, or give the budget in tokens; nothing was sent"
            )
        return bill.dollars

    def holds(self, bill: Bill) -> bool:
        """Whether it pays for a bill."""
        return self.of(bill) <= self.amount * (1 + _ROUNDING)


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
    """The params of a grid with this one cell, as its experiment has them."""
    run = everything.run.model_copy(update={"tasks": (task,), "methods": (method,), "gold": ()})
    prompts = everything.prompts.model_copy(update={"per_label": per_label})
    return everything.model_copy(update={"run": run, "prompts": prompts})


def afford(
    everything: Everything, task: str, method: str, budget: Budget, most: int, *, with_attributes: bool = False
) -> Afforded:
    """The most texts a label, a multiple of `prompts.texts_per_request`, that the budget pays for.

    Args:
        everything: The params.
        task: Whose texts.
        method: One that asks for its texts.
        budget: For the texts; and for the attributes, where they count.
        most: Texts a label that are looked at; a multiple of `prompts.texts_per_request`.
        with_attributes: Whether what finding the attributes cost is taken out of the budget first.

    Raises:
        BudgetError: it is in dollars, and the price is not known.
        InputError: answers were not counted in tokens by the endpoint that gave them.
    """
    alone = only(everything, task, method, most)
    asked, table = rehearse(alone, task)
    with attribute_sources(alone, task) as sources:
        direct = alone.ops.model_copy(update={"transport": "direct"})
        attributes = sum(_bills(asked, sources, alone, direct), Bill())
    with text_sources(alone, task, method) as sources:
        requests = list(text_requests(alone, task, table))
        bills = list(_bills(requests, sources, alone, alone.ops))
    labels = len(load_task(task).labels)
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


def rehearse(alone: Everything, task: str) -> tuple[list[ChatRequest], AttributeTable]:
    """The requests that finding the attributes takes, and the table: where answers are missing, one of that size."""
    described = load_task(task)
    brief = gather(described)
    if brief.table is not None:
        return [], brief.table
    with attribute_sources(alone, task) as sources:
        interview = Rehearsal(sources.at_hand, Templates(paths.ATTRIBUTE_TEMPLATES), alone.llm)
        methods = [alone.methods[name] for name in alone.run.methods]
        table = find_attributes(described, alone.attributes, methods, interview, brief.examples)
    return interview.requests, table


def text_sources(alone: Everything, task: str, method: str) -> Sources:
    """Where the answers with a method's texts come from, as for stage `generate`."""
    return sources_for(Asking(task, f"{task}/{method}", alone.llm, alone.ops))


def text_requests(alone: Everything, task: str, table: AttributeTable) -> Iterator[ChatRequest]:
    """The requests of the only method, the labels in turn, as stage `generate` makes them."""
    [method] = (alone.methods[name] for name in alone.run.methods)
    described = load_task(task)
    material = Material(described, table, gather(described).examples)
    prompts = prompts_for(material, method, alone.prompts, Templates(paths.METHOD_TEMPLATES))
    return iter(PromptRequests(prompts, alone.llm))


def _bills(requests: Sequence[ChatRequest], sources: Sources, alone: Everything, ops: Ops) -> Iterator[Bill]:
    """What each request costs."""
    found = [sources.at_hand(each) for each in requests]
    known = [(request, answer) for request, answer in zip(requests, found, strict=True) if answer is not None]
    _check_counted(answer for _, answer in known)
    estimator, prices = Estimator(known), Prices(alone.llm.model, alone.llm.price_per_million)
    for request, answer in zip(requests, found, strict=True):
        if answer is None:
            counts = round(estimator.prompt_tokens(request)), round(estimator.completion_tokens(request))
            dollars = prices.dollars(*counts, batch=ops.transport == "batch")
            yield Bill(1, 1, sum(counts), dollars, dollars)
        else:
            counts = answer.prompt_tokens, answer.completion_tokens
            yield Bill(1, 0, sum(counts), prices.dollars(*counts, batch=answer.batch))


def _check_counted(answers: Iterable[Answer]) -> None:
    if any(not each.prompt_tokens and not each.completion_tokens for each in answers):
        raise InputError(
            "some answers have no count of tokens, because the endpoint that gave them counts none: what they cost is "
            "not known, so methods cannot be compared at equal cost; give each its own prompts.per_label instead"
        )
