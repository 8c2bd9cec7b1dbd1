"""What tokens cost: `llm.price_per_million` in params.yaml, else the public price list in the package genai-prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.sections import Price

_MILLION = 1_000_000
_BATCH = 0.5  # of the price, for what comes through the batch API


class Prices:
    """The price of one model's tokens.

    Attributes:
        known: Whether there is one; without, `dollars` gives None.
    """

    def __init__(self, model: str, own: Mapping[str, Price]) -> None:
        price = own.get(model)
        self._price = (price.prompt, price.completion) if price else _listed(model)
        self.known = self._price is not None

    def dollars(self, prompt_tokens: int, completion_tokens: int, *, batch: bool = False) -> float | None:
        """The price of a request, in dollars; None where the model's price is not known."""
        if self._price is None:
            return None
        prompt, completion = self._price
        return (prompt_tokens * prompt + completion_tokens * completion) / _MILLION * (_BATCH if batch else 1.0)


@dataclass(slots=True)
class Cost:
    """The sum of what requests cost; dollars are None as soon as one of them has no price."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = 0.0

    def add(self, prompt_tokens: int, completion_tokens: int, dollars: float | None) -> None:
        """Add one request."""
        self.requests += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.dollars = None if self.dollars is None or dollars is None else self.dollars + dollars

    def as_json(self) -> dict[str, float | None]:
        """The sums by name."""
        return {
            "requests": self.requests,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "dollars": self.dollars,
        }


def _listed(model: str) -> tuple[float, float] | None:
    """Dollars for a million tokens of the prompt and of the completion, by the list; at the rate of short prompts."""
    from genai_prices import Usage, calc_price  # noqa: PLC0415 - 0.2 s that a run with its own price saves

    try:
        prompt = calc_price(Usage(input_tokens=1000, output_tokens=0), model_ref=model).total_price * 1000
        completion = calc_price(Usage(input_tokens=0, output_tokens=1000), model_ref=model).total_price * 1000
    except LookupError:
        return None
    return float(prompt), float(completion)
