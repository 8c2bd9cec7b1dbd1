"""Buying answers in batches: at half the price, within a day.

Rounds, until nothing is missing: put what is in no batch yet into new ones, look at those that are open, and keep what
those that are over have brought. What failed there, or ran out of time, goes into the next round; the book of batches
is in the store, so a round may as well begin in another process, days later.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from stages.core.errors import EndpointRefusesError, WaitingError
from stages.llm.batch_api import BatchApi
from stages.llm.batch_submit import Submitter
from stages.llm.chat import NO_COMPLETION, Answer, Attempt, NoAnswer
from stages.llm.ledger import NANO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stages.core.sections import Ops
    from stages.llm.batch_api import BatchState
    from stages.llm.batch_book import Batch, BatchBook, BatchLine
    from stages.llm.batch_submit import Round
    from stages.llm.budget import Budget
    from stages.llm.chat import ChatRequest
    from stages.llm.client import OpenAIEndpoint
    from stages.llm.progress import Progress

_KEPT_AT_ONCE = 500
_LOST = Attempt(NoAnswer(NO_COMPLETION, "the batch is over and has no line for it"), retriable=True, maybe_billed=True)


class BatchBuyer:
    """Buys answers in batches.

    Args:
        missing: Makes the requests that have no answer yet, at the time of the call.
        endpoint: Who is asked.
        book: The book of batches.
        budget: What requests cost.
        ops: How.
        progress: Who is told.
    """

    def __init__(
        self, missing: Callable[[], Iterator[ChatRequest]], endpoint: OpenAIEndpoint, book: BatchBook, budget: Budget,
        ops: Ops, *, progress: Progress,
    ) -> None:  # fmt: skip
        self._missing, self._endpoint, self._book, self._budget = missing, endpoint, book, budget
        self._ops, self._progress = ops, progress
        self._api = BatchApi(endpoint, ops)
        self._submitter = Submitter(self._api, book, budget, ops, progress)
        self._sent = dict[str, int]()  # how often what failed has been sent
        self._failed = dict[str, NoAnswer]()
        self._stands = dict[str, str]()  # what was last said of each batch

    async def run(self) -> dict[str, NoAnswer]:
        """Get an answer to every request into the store; returns what came to nothing, by key.

        Raises:
            WaitingError: a batch is not over, and `ops.batch_wait` is off.
            EndpointRefusesError: the endpoint does not take batches, or not ours.
            BudgetError: the next request does not fit under a cap.
            StoreError: answers cannot be kept.
        """
        async with self._endpoint:
            for batch in self._book.cut_off():
                await self._recover(batch)
            while (found := await self._submitter.submit(self._unfailed(), self._sent)).waits:
                if await self._collect(found):
                    continue
                if not self._ops.batch_wait:
                    raise WaitingError(self._waiting_for(found))
                await asyncio.sleep(self._ops.batch_poll_s)
        if found.over:
            raise found.over
        return self._failed

    def _unfailed(self) -> Iterator[ChatRequest]:
        return (each for each in self._missing() if each.key not in self._failed)

    async def _recover(self, batch: Batch) -> None:
        """Find out whether a batch was submitted whose process did not live to know it."""
        remote = await self._api.find(batch.name, batch.submitted)
        if remote:
            self._book.submitted(batch.name, remote, batch.round)
        else:
            self._book.close(batch.name)

    async def _collect(self, found: Round) -> bool:
        """Look at each batch once, and keep what those that are over have brought; whether one was."""
        some = False
        for batch in found.batches.values():
            state = await self._api.look(str(batch.remote))
            if told := self._told(batch, state):
                self._progress.note(told)
            if state.over:
                some = True
                await self._settle(batch, state)
        return some

    async def _settle(self, batch: Batch, state: BatchState) -> None:
        """Take what a batch brought out of its files; a line that is in neither of them came to nothing."""
        if state.status == "failed":
            self._book.close(batch.name)
            raise EndpointRefusesError(f"{self._api.where} did not take batch {batch.remote}: {state.why}")
        for file in state.files:
            part = dict[str, Attempt]()
            async for key, attempt in self._api.results(file):
                part[key] = attempt
                if len(part) == _KEPT_AT_ONCE:
                    self._keep(batch, part)
                    part = {}
            self._keep(batch, part)
        self._keep(batch, dict.fromkeys(self._book.lines(batch.name), _LOST))
        self._book.close(batch.name)

    def _keep(self, batch: Batch, part: dict[str, Attempt]) -> None:
        answers: list[tuple[BatchLine, Answer, int]] = []
        failures: list[tuple[BatchLine, int]] = []
        for key, (line, reserved) in self._book.lines(batch.name, part).items():
            attempt = part[key]
            if isinstance(attempt.outcome, Answer):
                answers.append((line, attempt.outcome, self._budget.cost(attempt.outcome, reserved)))
                continue
            failures.append((line, reserved if attempt.maybe_billed else 0))
            self._sent[key] = batch.round + 1
            if not attempt.retriable or self._sent[key] > self._ops.retries:
                self._failed[key] = attempt.outcome
                self._progress.failed()
        self._book.settle(batch.name, answers, failures)
        for _, answer, cost in answers:
            self._progress.answered(answer, cost / NANO)

    def _told(self, batch: Batch, state: BatchState) -> str:
        """How a batch stands, in words; "" where that was said before."""
        now = f"batch {batch.remote}: {state.status}, {state.done} done"
        if self._stands.get(batch.name) == now:
            return ""
        self._stands[batch.name] = now
        return now

    def _waiting_for(self, found: Round) -> str:
        since = min((batch.submitted for batch in found.batches.values()), default=time.time())
        shown = [self._stands[name] for name in found.batches] or ["a batch that another process submits"]
        return (
            f"not over yet: {'; '.join(shown)} (the first was submitted {time.strftime('%F %R', time.gmtime(since))} "
            f"UTC; it takes a day at most). {self._progress.so_far()}. The next run of the same command collects what "
            "has come; ops.batch_wait: true in params.yaml waits instead"
        )
