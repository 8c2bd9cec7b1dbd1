"""Asking: an answer is looked for in the recordings, then in the store, then asked of the endpoint.

Two passes. The first finds out what is missing and buys it, in whatever order the answers come, each on disk before it
counts; the second hands the answers out in the order of the requests. So the output does not depend on the concurrency,
a run that is killed loses only what was in flight, and memory does not grow with the number of requests.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Self

from stages.core import paths
from stages.core.cli import say
from stages.core.errors import AnswersMissingError, StoppedError
from stages.llm.batch import BatchBuyer
from stages.llm.batch_book import BatchBook
from stages.llm.budget import Budget, caps_of
from stages.llm.chat import NOT_ASKED, Answer, ChatRequest, NoAnswer, Outcome
from stages.llm.client import OpenAIEndpoint, endpoint_from_environment
from stages.llm.dispatch import Dispatcher
from stages.llm.forecast import Estimator, Forecast, forecast
from stages.llm.ledger import Caps, Ledger
from stages.llm.line import Line
from stages.llm.prices import Prices
from stages.llm.progress import Progress
from stages.llm.recordings import read_recordings
from stages.llm.store import Store, store_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from stages.core.sections import Llm, Ops

_LOOKED_UP_AT_ONCE = 1000
_NEVER_ASKED = NoAnswer(NOT_ASKED, "the run ended before its turn came")
_KNOWN_FOR_FORECAST = 500  # answers of the same prompts that the others are judged by
_LEASE_MARGIN_S = 60.0  # beyond the longest that a request can take with its retries
_BYTES_AN_ANSWER = 65_536  # kept back on disk for each request that can be in flight; a long answer with its pages


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose answers these are, and of whom and how they are asked.

    Attributes:
        task: Whose spending they count to.
        name: For what is told to people.
        llm: The model and its prices.
        ops: Concurrency, limits, caps, names of environment variables.
    """

    task: str
    name: str
    llm: Llm
    ops: Ops


class Sources:
    """Where answers come from, in this order: recordings, store, endpoint. Use it as a context manager.

    Args:
        asking: Whose answers, of whom and how.
        recordings: A recordings file; need not exist.
        store: The store's file; made when it is needed.
        endpoint: What makes the endpoint; None for none: then every answer has to be at hand.
        optional: Whether to go on without an endpoint, with those answers that are at hand.
    """

    def __init__(
        self,
        asking: Asking,
        recordings: Path,
        store: Path,
        endpoint: Callable[[], OpenAIEndpoint] | None,
        *,
        optional: bool = False,
    ) -> None:
        self._asking, self._optional = asking, optional
        self._recorded = read_recordings(recordings)
        self._store_path, self._endpoint = store, endpoint
        self._stack = ExitStack()
        self._opened: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        """One outcome for each request, in their order. `requests` is iterated over twice.

        Raises:
            AnswersMissingError: there is no endpoint, and some answers are not at hand. Nothing was sent. Where answers
                are optional, what is missing comes to nothing instead (`not_asked`), and is told.
            EndpointRefusesError: the endpoint refuses all of us. What was answered is kept.
            StoreError: the store cannot be used.
        """
        failed = self._buy(requests)
        for request, answer in self.look_up(requests):
            yield answer or failed.get(request.key, _NEVER_ASKED)

    def forecast(self, requests: Iterable[ChatRequest], like: Iterable[ChatRequest] | None = None) -> Forecast:
        """What `ask` would ask of the endpoint, and what that would cost. Sends nothing.

        Args:
            requests: As for `ask`.
            like: Those that they are judged by where these are answered; else by one another.
        """
        missing, total = self._count(requests)
        known = ((request, answer) for request, answer in self.look_up(like or requests) if answer)
        prices = Prices(self._asking.llm.model, self._asking.llm.price_per_million)
        return forecast(
            self._asking.name,
            (total, total - missing),
            self._missing(requests),
            Estimator(islice(known, _KNOWN_FOR_FORECAST)),
            prices=prices,
            ops=self._asking.ops,
        )

    def at_hand(self, request: ChatRequest) -> Answer | None:
        """The answer to a request, if it is recorded or stored."""
        [(_, answer)] = self.look_up([request])
        return answer

    def look_up(self, requests: Iterable[ChatRequest]) -> Iterator[tuple[ChatRequest, Answer | None]]:
        """Each request with its answer, if that is recorded or stored."""
        iterator = iter(requests)
        while part := list(islice(iterator, _LOOKED_UP_AT_ONCE)):
            found = {each.key: self._recorded[each.key] for each in part if each.key in self._recorded}
            if rest := [each.key for each in part if each.key not in found]:
                found |= self._store.get(rest)
            yield from ((each, found.get(each.key)) for each in part)

    def forget(self, requests: Iterable[ChatRequest]) -> None:
        """Have the next run ask these anew: nothing of use came of their answers. Recorded ones stay."""
        if keys := [each.key for each in requests if each.key not in self._recorded]:
            self._store.drop(keys)

    def _buy(self, requests: Iterable[ChatRequest]) -> dict[str, NoAnswer]:
        """Get every answer that is missing into the store; returns what came to nothing, by key."""
        name, ops = self._asking.name, self._asking.ops
        missing, total = self._count(requests)
        if not missing:
            say(f"{name}: all of {total} answers at hand, nothing is asked")
            return {}
        if self._endpoint is None:
            lacking = (
                f"{name}: {missing} of {total} answers are neither recorded nor stored, and no endpoint is set: "
                f"set {ops.api_key_env}, or {ops.base_url_env} for a server of your own; nothing was sent"
            )
            if not self._optional:
                raise AnswersMissingError(lacking, missing)
            say(lacking)
            return {}
        prices = Prices(self._asking.llm.model, self._asking.llm.price_per_million)
        caps = caps_of(self._asking.llm, ops, prices)
        ledger = Ledger(self._store, self._asking.task, caps, lease_s=2 * ops.timeout_s + _LEASE_MARGIN_S)
        budget = Budget(prices, capped=caps != Caps())
        say(f"{name}: {missing} of {total} answers to be asked for")
        with Progress(name, total, total - missing) as progress:
            endpoint, wanted = self._endpoint(), partial(self._missing, requests)
            buyer: BatchBuyer | Dispatcher
            if ops.transport == "batch":
                book = BatchBook(self._store, ledger)
                buyer = BatchBuyer(wanted, endpoint, book, budget, ops, progress=progress)
            else:
                line = Line(wanted(), ledger, budget, ops, progress)
                buyer = Dispatcher(line, endpoint, ledger, budget, ops, progress=progress)
            try:
                failed = asyncio.run(buyer.run())
            except KeyboardInterrupt:
                raise StoppedError(
                    f"{name}: stopped. {progress.so_far()}; what was in flight may be billed, what was answered is "
                    "kept. The same command goes on from here"
                ) from None
        for reason, fault in {each.reason: each for each in failed.values()}.items():
            say(f"{name}: {reason}: {fault.why}")
        return failed

    def _count(self, requests: Iterable[ChatRequest]) -> tuple[int, int]:
        missing = total = 0
        for _, answer in self.look_up(requests):
            total += 1
            missing += answer is None
        return missing, total

    def _missing(self, requests: Iterable[ChatRequest]) -> Iterator[ChatRequest]:
        return (request for request, answer in self.look_up(requests) if answer is None)

    @property
    def _store(self) -> Store:
        # Opened on first use: a task whose answers are all recorded needs none.
        if self._opened is None:
            reserve = self._asking.ops.concurrency * _BYTES_AN_ANSWER if self._endpoint else 0
            self._opened = self._stack.enter_context(Store(self._store_path, reserve))
        return self._opened


def sources_for(asking: Asking, *, optional: bool = False) -> Sources:
    """The sources of a real run: the task's recordings, the user's store, the endpoint that the environment names."""
    recordings, endpoint = paths.recordings_file(asking.task), endpoint_from_environment(asking.ops)
    return Sources(asking, recordings, store_path(), endpoint, optional=optional)
