"""The budget: what a request can cost at most, and what it did cost.

A cap is hard, so the worst case must be known before a request is sent. A token is at least one byte of UTF-8 in every
tokenizer in use, so a prompt has no more tokens than bytes, but for a few that mark where messages begin; a completion
has no more than the request allows. Both bounds are far above what is usual: what was not used is given back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from stages.core.errors import BudgetError
from stages.llm.ledger import NANO, Caps

if TYPE_CHECKING:
    from stages.core.sections import Llm, Ops
    from stages.llm.chat import Answer, ChatRequest
    from stages.llm.prices import Prices

_MARKS_A_MESSAGE = 32  # tokens that chat formats put around a message, and around the whole, at most
_LIMITS = ("max_completion_tokens", "max_tokens")  # fields of a request that limit its completion


class Budget:
    """Worst cases and costs at one model's prices.

    Args:
        prices: Of the model.
        capped: Whether there is a cap: without one no worst case is needed, and each is 0.
    """

    def __init__(self, prices: Prices, *, capped: bool) -> None:
        self._prices, self._capped = prices, capped

    def worst_case(self, request: ChatRequest, *, batch: bool = False) -> int:
        """Nanodollars that the request costs at most; 0 where nothing is capped."""
        if not self._capped:
            return 0
        return self._nano(prompt_bound(request), completion_bound(request) or 0, batch=batch)

    def cost(self, answer: Answer, reserved: int) -> int:
        """Nanodollars that an answer cost. An endpoint that does not count tokens is taken to have used what was
        reserved.
        """
        if not answer.prompt_tokens and not answer.completion_tokens:
            return reserved
        return self._nano(answer.prompt_tokens, answer.completion_tokens, batch=answer.batch)

    def _nano(self, prompt_tokens: int, completion_tokens: int, *, batch: bool) -> int:
        dollars = self._prices.dollars(prompt_tokens, completion_tokens, batch=batch)
        return 0 if dollars is None else round(dollars * NANO)


def prompt_bound(request: ChatRequest) -> int:
    """The most tokens that a prompt can have; a response format is part of it."""
    parts = [json.dumps(each, ensure_ascii=False) for each in (*request.messages, request.response_format or "")]
    return sum(len(part.encode("utf-8", "surrogatepass")) + _MARKS_A_MESSAGE for part in parts)


def completion_bound(request: ChatRequest) -> int | None:
    """The most tokens that a completion can have; None where the request sets no limit."""
    limits = [value for name in _LIMITS if isinstance(value := request.sampling.get(name), int)]
    return max(limits, default=None)


def caps_of(llm: Llm, ops: Ops, prices: Prices) -> Caps:
    """The caps that params.yaml sets.

    Raises:
        BudgetError: there is one, and the model's price is not known or the length of its completions not limited.
    """
    if ops.max_usd is None and ops.max_usd_total is None:
        return Caps()
    if not prices.known:
        raise BudgetError(
            f"ops.max_usd caps the cost, but the price of {llm.model!r} is not known: set llm.price_per_million in "
            "params.yaml (prompt: 0.0 and completion: 0.0 for a model of your own); nothing was sent"
        )
    if not any(isinstance(llm.sampling.get(name), int) for name in _LIMITS):
        raise BudgetError(
            "ops.max_usd caps the cost, but nothing limits what one completion can cost: set "
            "llm.sampling: {max_completion_tokens: ...} in params.yaml; nothing was sent"
        )
    run, total = (None if cap is None else int(cap * NANO) for cap in (ops.max_usd, ops.max_usd_total))
    return Caps(run, total)
