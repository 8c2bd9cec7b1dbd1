"""Dispatching: buying the answers that are missing, one exchange each, many at once.

One loop takes the next request, claims it in the ledger, waits for its turn (admission, breaker), and sends it; what
is in flight, and only that, has a task of its own. An answer is written to the store before its place is given to the
next, so a kill loses what was in flight and no more. Nothing polls: the loop sleeps until something comes back or a
time has come.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING

from stages.core.errors import AskingError, EndpointRefusesError, StoreError
from stages.llm.admission import Admission, Ticket
from stages.llm.bell import Bell
from stages.llm.breaker import Breaker
from stages.llm.budget import prompt_bound
from stages.llm.chat import Answer, NoAnswer
from stages.llm.ledger import NANO

if TYPE_CHECKING:
    from stages.core.sections import Ops
    from stages.llm.budget import Budget
    from stages.llm.chat import Attempt, ChatRequest
    from stages.llm.client import Endpoint
    from stages.llm.ledger import Ledger
    from stages.llm.line import Job, Line
    from stages.llm.progress import Progress

_GRACE_S = 0.5  # for what is in flight, when the user stops the run
_BYTES_A_TOKEN = 4  # of a prompt, about: for the first estimate


class Dispatcher:
    """Buys answers.

    Args:
        line: What is to be asked.
        endpoint: Who is asked.
        ledger: Claims, answers and spending.
        budget: What requests cost.
        ops: How.
        progress: Who is told.
    """

    def __init__(
        self, line: Line, endpoint: Endpoint, ledger: Ledger, budget: Budget, ops: Ops, *, progress: Progress
    ) -> None:
        self._line, self._endpoint, self._ledger, self._budget = line, endpoint, ledger, budget
        self._ops, self._progress = ops, progress
        self._admission = Admission(ops.concurrency, ops.requests_per_minute, ops.tokens_per_minute)
        self._breaker = Breaker(ops)
        self._pending: list[tuple[Job, Ticket, Answer]] = []
        self._failed = dict[str, NoAnswer]()
        self._stop: Exception | None = None
        self._last_answer = math.inf
        self._tasks = set[asyncio.Task[None]]()
        self._bell = Bell()
        self._output = 200.0  # moving average of the tokens of a completion

    async def run(self) -> dict[str, NoAnswer]:
        """Get an answer to every request into the store; returns what came to nothing, by key.

        Raises:
            EndpointRefusesError: the endpoint refuses all of us, or everything failed for too long.
            BudgetError: the next request does not fit under a cap.
            StoreError: answers cannot be kept.
        """
        self._last_answer = time.monotonic()
        async with self._endpoint:
            try:
                while (job := await self._next()) and await self._turn(job):
                    ticket = self._admission.sent(time.monotonic(), self._tokens(job.request))
                    self._progress.in_flight = self._admission.in_flight
                    task = asyncio.create_task(self._send(job, ticket))
                    self._tasks.add(task)
                    task.add_done_callback(self._came_back)
                while self._on_the_way:
                    await self._bell.wait(math.inf)
            except asyncio.CancelledError:
                await self._leave()
                raise
            finally:
                self._line.leave()
        if self._stop:
            raise self._stop
        return self._failed

    @property
    def _on_the_way(self) -> bool:
        return bool(self._tasks or self._pending)

    async def _next(self) -> Job | None:
        """The next job, as soon as there is one; None when all is done, or the run is to stop."""
        while not self._stop:
            try:
                found = self._line.next(time.monotonic(), in_flight=self._on_the_way)
            except AskingError as error:
                self._halt(error)
                return None
            if not isinstance(found, float):
                return found
            await self._bell.wait(found)
        return None

    async def _turn(self, job: Job) -> bool:
        """Wait until the job may be sent; False where the run is stopped before."""
        tokens, wait = self._tokens(job.request), math.inf
        try:
            while not self._stop:
                now = time.monotonic()
                wait = max(self._admission.wait(now, tokens), self._breaker.wait(now, self._admission.in_flight))
                if wait <= 0:
                    return True
                await self._bell.wait(wait)
        finally:
            if wait > 0:
                self._line.let_go(job)
        return False

    async def _send(self, job: Job, ticket: Ticket) -> None:
        try:
            attempt = await self._endpoint.attempt(job.request)
        except EndpointRefusesError as error:
            self._admission.came_back(ticket, time.monotonic(), 0)
            self._line.let_go(job)
            self._halt(error)
            return
        if attempt.pause and not attempt.refused:
            self._admission.hold(time.monotonic(), min(attempt.pause, self._ops.patience_s))
        if isinstance(attempt.outcome, Answer):
            # Answers that come in the same moment are written together.
            if not self._pending:
                asyncio.get_running_loop().call_soon(self._keep)
            self._pending.append((job, ticket, attempt.outcome))
        else:
            self._came_to_nothing(job, ticket, attempt, attempt.outcome)

    def _keep(self) -> None:
        """Write the answers that have come, and only then let others take their places."""
        kept, self._pending = self._pending, []
        rows = [(job.request, answer, self._budget.cost(answer, job.reserved)) for job, _, answer in kept]
        try:
            try:
                self._ledger.keep(rows)
            except StoreError as error:
                self._halt(error)
                if not self._ledger.release_reserve():
                    raise
                self._ledger.keep(rows)  # on the disk that was kept back for this
        except StoreError:
            rows = []
        now = time.monotonic()
        for _, ticket, answer in kept:
            used = answer.prompt_tokens + answer.completion_tokens
            self._admission.came_back(ticket, now, used or None)
            self._breaker.answered()
            self._last_answer = now
            self._output += 0.1 * (answer.completion_tokens - self._output)
        for _, answer, cost in rows:
            self._progress.answered(answer, cost / NANO)
        self._bell.ring()

    def _came_to_nothing(self, job: Job, ticket: Ticket, attempt: Attempt, fault: NoAnswer) -> None:
        now = time.monotonic()
        if attempt.refused:
            self._admission.was_refused(ticket, now, attempt.pause)
            self._progress.refused()
            if now - self._last_answer >= self._ops.patience_s:
                self._halt(
                    EndpointRefusesError(
                        f"given up: everything was refused for {now - self._last_answer:.0f} s; the last: {fault.why}"
                    )
                )
            self._line.put_back(job, now)
            return
        self._admission.came_back(ticket, now, None)
        if enough := self._breaker.failed(fault, now, attempt.hopeless_after):
            self._halt(EndpointRefusesError(f"given up: {enough}"))
        elif self._breaker.to_be_told:
            self._progress.note(f"no answer, trying again: {fault.why}")
        if self._line.failed(job, attempt, now):
            return
        self._failed[job.request.key] = fault
        self._progress.failed()

    def _halt(self, error: Exception) -> None:
        """Send nothing more; what is in flight is waited for, since it is paid for."""
        self._stop = self._stop or error
        self._bell.ring()

    def _tokens(self, request: ChatRequest) -> float:
        return prompt_bound(request) / _BYTES_A_TOKEN + self._output if self._ops.tokens_per_minute else 0.0

    async def _leave(self) -> None:
        """The user stops the run: give what is in flight a moment, keep what comes, and let go of the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_S)
        if self._pending:
            self._keep()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _came_back(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._progress.in_flight = len(self._tasks)
        if not task.cancelled() and (bug := task.exception()):
            self._stop = bug if isinstance(bug, Exception) else self._stop
        self._bell.ring()
