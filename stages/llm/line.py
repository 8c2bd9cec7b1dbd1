"""The line of requests that wait to be sent: which is next, and whether it may be.

A request that is on its way in another process is put aside and looked at again; one that failed comes back when its
time has come; one that does not fit under a cap waits for what is in flight to give back what was reserved for it.
Nothing here waits by itself: `Line.next` says for how long.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.errors import BudgetError, StoreError, WaitingError
from stages.llm.ledger import NANO, Claim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stages.core.sections import Ops
    from stages.llm.budget import Budget
    from stages.llm.chat import Attempt, ChatRequest
    from stages.llm.ledger import Ledger
    from stages.llm.progress import Progress

_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 0.5, 20.0
_LOOK_AT_OTHERS_S = 0.5  # between two looks whether another process has got an answer that it is asking for
_OVER = (Claim.OVER_RUN, Claim.OVER_TOTAL)


@dataclass(slots=True)
class Job:
    """A request that is claimed, what is reserved for it in nanodollars, and how often it failed."""

    request: ChatRequest
    reserved: int
    failures: int = 0


class Line:
    """Requests that wait.

    Args:
        requests: Those that have no answer yet; taken one by one, never all at once.
        ledger: Where each is claimed.
        budget: What each can cost.
        ops: The caps, for what is said when one is reached.
        progress: Who is told of answers that other processes got.
    """

    def __init__(
        self, requests: Iterator[ChatRequest], ledger: Ledger, budget: Budget, ops: Ops, progress: Progress
    ) -> None:
        self._requests, self._ledger, self._budget, self._ops = requests, ledger, budget, ops
        self._progress = progress
        self._again: list[tuple[float, int, Job]] = []  # a heap; the number keeps jobs of one time in order
        self._elsewhere: deque[ChatRequest] = deque()
        self._unfit: ChatRequest | None = None
        self._look_again = math.inf
        self._number = self._batched = 0

    def next(self, now: float, *, in_flight: bool) -> Job | float | None:
        """A job to be sent; or the seconds until there may be one, infinite for when something comes back; or None: the
        line is empty for good.

        Raises:
            BudgetError: the next request does not fit under a cap, and nothing is in flight that could make room.
            WaitingError: all that is left is in batches.
        """
        retry_at = self._again[0][0] if self._again else math.inf
        if retry_at <= now:
            return heapq.heappop(self._again)[2]
        while (request := self._unfit or self._from_elsewhere(now) or next(self._requests, None)) is not None:
            self._unfit = None
            reserved = self._budget.worst_case(request)
            claim = self._ledger.claim(request, reserved)
            if claim is Claim.OURS:
                return Job(request, reserved)
            if claim is Claim.ANSWERED:
                self._progress.found()
            elif claim is Claim.TAKEN:
                self._elsewhere.append(request)
                self._look_again = now + _LOOK_AT_OTHERS_S
            elif claim is Claim.BATCHED:
                self._batched += 1
            elif claim in _OVER and (in_flight or self._again):
                self._unfit = request
                return retry_at - now
            else:
                raise over(claim, reserved, self._ledger, self._ops, self._progress)
        if in_flight or self._again or self._elsewhere:
            return min(self._look_again, retry_at) - now
        if self._batched:
            raise WaitingError(
                f"{self._batched} answers are on their way in a batch that was submitted and is not collected yet: "
                "set ops.transport: batch in params.yaml, and run again"
            )
        return None

    def put_back(self, job: Job, when: float) -> None:
        """Send a job again at a time."""
        self._number += 1
        heapq.heappush(self._again, (when, self._number, job))

    def failed(self, job: Job, attempt: Attempt, now: float) -> bool:
        """Put a job that failed back, if it may be sent again: some time later. Else give it up, and return False."""
        job.failures += 1
        again = attempt.retriable and job.failures <= self._ops.retries
        if attempt.maybe_billed and job.reserved:
            # What was reserved for this try may be billed: another try needs a claim of its own.
            self._ledger.give_up(job.request, job.reserved)
            again = again and self._ledger.claim(job.request, job.reserved) is Claim.OURS
        if not again:
            self.let_go(job)
            return False
        backoff = min(_FIRST_BACKOFF_S * 2 ** (job.failures - 1), _LONGEST_BACKOFF_S)
        self.put_back(job, now + max(backoff * random.uniform(0.75, 1.0), attempt.pause or 0.0))  # noqa: S311 - jitter
        return True

    def let_go(self, job: Job) -> None:
        """Give the claim of a job back, with what was reserved for it."""
        # Where the store cannot be written, the claim ends with this process, and what was reserved counts as spent.
        with suppress(StoreError):
            self._ledger.give_up(job.request, 0)

    def leave(self) -> None:
        """Let go of all that wait."""
        for _, _, job in self._again:
            self.let_go(job)
        self._again.clear()

    def _from_elsewhere(self, now: float) -> ChatRequest | None:
        """A request that another process was asking, when it is time to look whether it still is."""
        if not self._elsewhere or now < self._look_again:
            return None
        request = self._elsewhere.popleft()
        if not self._elsewhere:
            self._look_again = math.inf
        return request


def over(claim: Claim, worst_case: int, ledger: Ledger, ops: Ops, progress: Progress) -> BudgetError:
    """What is said when a cap is reached."""
    run, total = (each / NANO for each in ledger.spent())
    name, cap, spent = ("ops.max_usd", ops.max_usd, run)
    if claim is Claim.OVER_TOTAL:
        name, cap, spent = ("ops.max_usd_total", ops.max_usd_total, total)
    return BudgetError(
        f"the cap is reached: ${spent:.4f} of {name} ${cap:g} spent, and the next request may cost up to "
        f"${worst_case / NANO:.4f}. {progress.so_far()}. What was answered is kept and is not paid for again; "
        f"raise {name} in params.yaml and run again to go on"
    )
