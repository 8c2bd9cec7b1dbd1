"""What tokens cost: `llm.price_per_million` in params.yaml, else the public price list in the package genai-prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stages.core.sections import Price

_MILLION = 1_000_000


class Prices:
    """The price of one model's tokens.

    Attributes:
        known: Whether there is one; without, `dollars` gives None.
    """

    def __init__(self, model: str, own: Mapping[str, Price]) -> None:
        self._model = model
        self._own = own.get(model)
        self.known = self._own is not None or self._listed(0, 0) is not None

    def dollars(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """The price of a request, in dollars; None where the model's price is not known."""
        if not self.known:
            return None
        if self._own:
            return (prompt_tokens * self._own.prompt + completion_tokens * self._own.completion) / _MILLION
        return self._listed(prompt_tokens, completion_tokens)

    def _listed(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        from genai_prices import Usage, calc_price  # noqa: PLC0415 - 0.2 s that a run with its own price saves

        try:
            usage = Usage(input_tokens=prompt_tokens, output_tokens=completion_tokens)
            return float(calc_price(usage, model_ref=self._model).total_price)
        except LookupError:
            return None


def total_cost(rows: Iterable[Mapping[str, Any]]) -> dict[str, float | None]:
    """Requests, tokens and dollars of all rows; dollars are None where one of the rows has no price."""
    requests = prompt_tokens = completion_tokens = 0
    dollars: float | None = 0.0
    for row in rows:
        requests += 1
        prompt_tokens += row["prompt_tokens"]
        completion_tokens += row["completion_tokens"]
        dollars = None if dollars is None or row["dollars"] is None else dollars + row["dollars"]
    return {
        "requests": requests,
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "dollars": dollars,
    }
