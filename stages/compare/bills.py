"""What requests cost: to the token where they are answered, estimated where they are not; and a budget for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stages.core.errors import BudgetError, InputError
from stages.llm.forecast import Estimator
from stages.llm.prices import Prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.params import Everything
    from stages.core.sections import Ops
    from stages.llm.ask import Sources
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


def bills_of(requests: Iterable[ChatRequest], sources: Sources, alone: Everything, ops: Ops) -> Iterator[Bill]:
    """What each request costs."""
    found = list(sources.look_up(requests))
    known = [(request, answer) for request, answer in found if answer is not None]
    _check_counted(answer for _, answer in known)
    estimator, prices = Estimator(known), Prices(alone.llm.model, alone.llm.price_per_million)
    for request, answer in found:
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
