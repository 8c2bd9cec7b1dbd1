"""A forecast: what a run would ask and cost, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from stages.llm.budget import completion_bound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stages.core.sections import Ops
    from stages.llm.chat import Answer, ChatRequest
    from stages.llm.prices import Prices

# Where nothing of the kind was ever answered.
_CHARACTERS_A_TOKEN = 4.0
_COMPLETION_TOKENS = 250.0
_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run would ask.

    Attributes:
        name: Whose answers.
        requests: How many there are.
        at_hand: How many of them are answered already.
        prompt_tokens: Of those that are missing, estimated.
        completion_tokens: Likewise.
        dollars: Likewise; None where the price is not known.
        most_dollars: If every completion is as long as the request allows; None where it sets no limit.
        minutes: How long it takes, if the endpoint admits what `ops` allows.
        reserve: Whether it is asked for only in place of texts that are rejected: this is the most that may be.
        unknown: How many of those that are missing are about texts that are not there yet: nobody knows whether they
            are answered.
    """

    name: str
    requests: int
    at_hand: int
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None
    most_dollars: float | None
    minutes: float
    reserve: bool = False
    unknown: int = 0

    @property
    def missing(self) -> int:
        """How many would be asked for."""
        return self.requests - self.at_hand

    def __str__(self) -> str:
        if not self.requests:
            return f"{self.name}: nothing to ask"
        if not self.missing:
            return f"{self.name}: {self.requests} requests, all answered already, nothing to ask"
        price = "price unknown" if self.dollars is None else f"about ${self.dollars:.4f}"
        most = "" if self.most_dollars is None else f" (at most ${self.most_dollars:.4f})"
        about = "" if self.unknown == self.missing else f"{self.unknown} of them "
        at_most = f", at most ({about}about texts that are not there yet)" if self.unknown else ""
        return (
            f"{self.name}: {self.requests} requests, {self.at_hand} answered already, {self.missing} to ask{at_most}: "
            f"about {self.prompt_tokens + self.completion_tokens:,} tokens, {price}{most}, {self.minutes:.1f} min"
        )


def total(forecasts: Iterable[Forecast], name: str = "all") -> Forecast:
    """The sum of forecasts, one run after the other."""
    each = list(forecasts)
    return Forecast(
        name,
        sum(one.requests for one in each),
        sum(one.at_hand for one in each),
        sum(one.prompt_tokens for one in each),
        sum(one.completion_tokens for one in each),
        _sum(one.dollars for one in each),
        _sum(one.most_dollars for one in each),
        sum(one.minutes for one in each),
        unknown=sum(one.unknown for one in each),
    )


def _sum(dollars: Iterable[float | None]) -> float | None:
    amounts = list(dollars)
    return None if None in amounts else sum(filter(None, amounts))


class Estimator:
    """Tokens and seconds of a request that was not asked yet, judged by those that were.

    Args:
        known: Requests that were answered, with their answers: best those of the same prompts.
    """

    def __init__(self, known: Iterable[tuple[ChatRequest, Answer]]) -> None:
        counted = [(request, answer) for request, answer in known if answer.prompt_tokens]
        characters = sum(_characters(request) for request, _ in counted)
        tokens = sum(answer.prompt_tokens for _, answer in counted)
        self._characters_a_token = characters / tokens if tokens else _CHARACTERS_A_TOKEN
        self._completion = fmean([a.completion_tokens for _, a in counted]) if counted else _COMPLETION_TOKENS
        times = [answer.seconds for _, answer in counted if answer.seconds]
        self.seconds = fmean(times) if times else _SECONDS

    def prompt_tokens(self, request: ChatRequest) -> float:
        """Tokens of its prompt."""
        return _characters(request) / self._characters_a_token

    def completion_tokens(self, request: ChatRequest) -> float:
        """Tokens of its completion, within what it allows."""
        bound = completion_bound(request)
        return self._completion if bound is None else min(self._completion, bound)


def forecast(
    name: str,
    counts: tuple[int, int],
    missing: Iterator[ChatRequest],
    estimator: Estimator,
    *,
    prices: Prices,
    ops: Ops,
) -> Forecast:
    """Add up what is missing.

    Args:
        name: Whose answers.
        counts: How many requests there are, and how many of them are answered.
        missing: The others.
        estimator: How long each may be.
        prices: Of the model.
        ops: What limits the speed.
    """
    asked, prompt, completion, most = 0, 0.0, 0.0, 0
    bounded = True
    for asked, request in enumerate(missing, 1):  # noqa: B007 - it is the count
        prompt += estimator.prompt_tokens(request)
        completion += estimator.completion_tokens(request)
        bound = completion_bound(request)
        bounded, most = bounded and bound is not None, most + (bound or 0)
    tokens = (round(prompt), round(completion))
    seconds = max(
        asked * estimator.seconds / min(ops.concurrency, max(asked, 1)),
        asked / ops.requests_per_minute * 60 if ops.requests_per_minute else 0.0,
        sum(tokens) / ops.tokens_per_minute * 60 if ops.tokens_per_minute else 0.0,
    )
    batch = ops.transport == "batch"
    return Forecast(
        name, *counts, *tokens, prices.dollars(*tokens, batch=batch),
        prices.dollars(tokens[0], most, batch=batch) if bounded else None, seconds / 60,
    )  # fmt: skip


def _characters(request: ChatRequest) -> int:
    return sum(len(message["content"]) for message in request.messages)
