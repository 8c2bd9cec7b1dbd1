"""Asking: an answer is looked for in the recordings, then in the store, then asked of the endpoint.

Two passes. The first finds out what is missing and buys it, in whatever order the answers come, each on disk before it
counts; the second hands the answers out in the order of the requests. So the output does not depend on the concurrency,
a run that is killed loses only what was in flight, and memory does not grow with the number of requests.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Self, TypeVar

from stages.core.cli import say
from stages.core.errors import AnswersMissingError, EndpointRefusesError
from stages.llm.chat import Answer, ChatRequest, NoAnswer, Outcome
from stages.llm.client import Endpoint, endpoint_from_environment
from stages.llm.recordings import read_recordings
from stages.llm.store import Store, store_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from stages.core.sections import Ops

_LOOKED_UP_AT_ONCE = 1000
_NEVER_ASKED = NoAnswer("was not asked: the run had been given up before", rejected=False)

Item = TypeVar("Item")


class Sources:
    """Where answers come from, in this order: recordings, store, endpoint. Use it as a context manager.

    Args:
        recordings: A recordings file; need not exist.
        ops: Concurrency, retries, names of environment variables.
        endpoint: What makes the endpoint; None for none: then every answer has to be at hand.
        name: Whose answers these are, for what is told to people.
    """

    def __init__(
        self, recordings: Path, store: Path, ops: Ops, endpoint: Callable[[], Endpoint] | None, name: str
    ) -> None:
        self._recorded = read_recordings(recordings)
        self._store_path, self._ops, self._endpoint, self._name = store, ops, endpoint, name
        self._stack = ExitStack()
        self._opened: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        """One outcome for each request, in their order. `requests` is iterated over twice.

        Raises:
            AnswersMissingError: there is no endpoint, and some answers are not at hand. Nothing was sent.
            EndpointRefusesError: the endpoint refuses all of us. What was answered is kept.
            StoreError: the store cannot be used.
        """
        failed = self._buy(requests)
        for part in _parts(requests, _LOOKED_UP_AT_ONCE):
            found = self._at_hand(part)
            yield from (found.get(each.key) or failed.get(each.key, _NEVER_ASKED) for each in part)

    def _buy(self, requests: Iterable[ChatRequest]) -> dict[str, NoAnswer]:
        """Get every answer that is missing into the store; returns what came to nothing, by key."""
        missing, total = self._count(requests)
        if not missing:
            say(f"{self._name}: all of {total} answers at hand, nothing is asked")
            return {}
        if self._endpoint is None:
            raise AnswersMissingError(
                f"{self._name}: {missing} of {total} answers are neither recorded nor stored, and no endpoint is set: "
                f"set {self._ops.api_key_env}, or {self._ops.base_url_env} for a server of your own; nothing was sent",
                missing,
            )
        say(f"{self._name}: {missing} of {total} answers to be asked for")
        return asyncio.run(_ask_all(self._missing(requests), self._endpoint(), self._store, self._ops))

    def _count(self, requests: Iterable[ChatRequest]) -> tuple[int, int]:
        missing = total = 0
        for part in _parts(requests, _LOOKED_UP_AT_ONCE):
            found = self._at_hand(part)
            total += len(part)
            missing += sum(each.key not in found for each in part)
        return missing, total

    def _missing(self, requests: Iterable[ChatRequest]) -> Iterator[ChatRequest]:
        for part in _parts(requests, _LOOKED_UP_AT_ONCE):
            found = self._at_hand(part)
            yield from (each for each in part if each.key not in found)

    def _at_hand(self, requests: list[ChatRequest]) -> dict[str, Answer]:
        found = {each.key: self._recorded[each.key] for each in requests if each.key in self._recorded}
        rest = [each.key for each in requests if each.key not in found]
        return found | self._store.get(rest) if rest else found

    @property
    def _store(self) -> Store:
        # Opened on first use: a task whose answers are all recorded needs none.
        if self._opened is None:
            self._opened = self._stack.enter_context(Store(self._store_path))
        return self._opened


def sources_for(recordings: Path, ops: Ops, name: str) -> Sources:
    """The sources of a real run: the user's store, the endpoint that the environment names."""
    return Sources(recordings, store_path(), ops, endpoint_from_environment(ops), name)


async def _ask_all(requests: Iterator[ChatRequest], endpoint: Endpoint, store: Store, ops: Ops) -> dict[str, NoAnswer]:
    """Ask for all of them, `ops.concurrency` at once, and keep each answer as it comes.

    Raises:
        EndpointRefusesError: the endpoint said so, or failed `ops.give_up_after` times in a row without one answer.
    """
    failed = dict[str, NoAnswer]()
    in_a_row = 0
    refusal: EndpointRefusesError | None = None

    async def work() -> None:
        # Each worker takes the next request when it is done with its last: no task object per request. At a refusal the
        # others finish what they have in flight, which is paid for already, and take no more.
        nonlocal in_a_row, refusal
        for request in requests:
            if refusal:
                return
            try:
                outcome = await endpoint.complete(request)
            except EndpointRefusesError as error:
                refusal = refusal or error
                return
            if isinstance(outcome, Answer):
                store.put(request, outcome)
                in_a_row = 0
                continue
            failed[request.key] = outcome
            in_a_row += 1
            if in_a_row >= ops.give_up_after:
                refusal = refusal or EndpointRefusesError(
                    f"given up after {in_a_row} requests in a row without an answer; the last: {outcome.why}"
                )

    async with endpoint:
        try:
            async with asyncio.TaskGroup() as workers:
                for _ in range(ops.concurrency):
                    workers.create_task(work())
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # what one worker met (a store that is full) stops them all
    if refusal:
        raise refusal
    return failed


def _parts(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part
