"""Submitting batches: what is missing and in no batch yet goes into new ones, cut to what an endpoint takes."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.core.errors import AskingError, EndpointRefusesError
from stages.llm.batch_api import URL, UnclearError
from stages.llm.ledger import Claim
from stages.llm.line import over
from stages.llm.wire import body_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from stages.core.sections import Ops
    from stages.llm.batch_api import BatchApi
    from stages.llm.batch_book import Batch, BatchBook
    from stages.llm.budget import Budget
    from stages.llm.chat import ChatRequest
    from stages.llm.progress import Progress

MOST_REQUESTS, MOST_BYTES = 50_000, 200_000_000  # that OpenAI takes in one batch


@dataclass(slots=True)
class Round:
    """What a round found: the batches to wait for, whether other processes submit some of it, and what stopped it."""

    batches: dict[str, Batch] = field(default_factory=dict)
    elsewhere: bool = False
    over: AskingError | None = None

    def add(self, batch: Batch) -> None:
        """Note a batch that holds something that is missing."""
        if batch.remote:
            self.batches[batch.name] = batch
        else:
            self.elsewhere = True

    @property
    def waits(self) -> bool:
        """Whether there is anything to wait for."""
        return bool(self.batches) or self.elsewhere


class Submitter:
    """Submits batches.

    Args:
        api: Where to.
        book: The book of batches.
        budget: What requests cost.
        ops: The caps.
        progress: Who is told.
    """

    def __init__(self, api: BatchApi, book: BatchBook, budget: Budget, ops: Ops, progress: Progress) -> None:
        self._api, self._book, self._budget = api, book, budget
        self._ops, self._progress = ops, progress

    async def submit(self, missing: Iterator[ChatRequest], sent: Mapping[str, int]) -> Round:
        """Put what is in no batch yet into new ones, as far as the caps allow.

        Args:
            missing: Requests without an answer.
            sent: How often those of them that failed in a batch have been sent, by key.
        """
        found, wanted = Round(), _Requests(missing)
        while not (wanted.ended or found.over):
            with tempfile.TemporaryFile() as lines:
                name = self._book.begin()
                count, sent_before = self._fill(name, lines, wanted, found, sent)
                if not count:
                    self._book.close(name)
                    continue
                try:
                    remote = await self._api.submit(name, lines)
                except UnclearError as error:
                    raise EndpointRefusesError(
                        f"{self._api.where} did not say whether it took a batch: {error}; "
                        "the next run looks for it, so that it is not paid for twice"
                    ) from None
                except AskingError:
                    self._book.close(name)
                    raise
            found.batches[name] = self._book.submitted(name, remote, sent_before)
            self._progress.note(f"batch {remote} of {count} requests submitted")
        return found

    def _fill(
        self, name: str, lines: BinaryIO, wanted: _Requests, found: Round, sent: Mapping[str, int]
    ) -> tuple[int, int]:
        """Fill a batch: how many requests it has, and how often one of them was sent before, at most."""
        count = size = sent_before = 0
        for request in wanted:
            if batch := self._book.batch_of(request.key):
                found.add(batch)
                continue
            line = _line_of(request)
            if count and (count == MOST_REQUESTS or size + len(line) > MOST_BYTES):
                wanted.put_back(request)
                break
            worst_case = self._budget.worst_case(request, batch=True)
            claim = self._book.add(name, request, worst_case)
            if claim is Claim.OURS:
                count, size = count + 1, size + lines.write(line)
                sent_before = max(sent_before, sent.get(request.key, 0))
            elif claim is Claim.ANSWERED:
                self._progress.found()
            elif claim in (Claim.TAKEN, Claim.BATCHED):
                found.elsewhere = True
            else:
                found.over = over(claim, worst_case, self._book.ledger, self._ops, self._progress)
                break
        return count, sent_before


class _Requests:
    """Requests one by one, of which the last can be put back.

    Attributes:
        ended: Whether there are no more.
    """

    def __init__(self, requests: Iterator[ChatRequest]) -> None:
        self._requests = requests
        self._held: ChatRequest | None = None
        self.ended = False

    def __iter__(self) -> Iterator[ChatRequest]:
        while True:
            request, self._held = self._held or next(self._requests, None), None
            if request is None:
                self.ended = True
                return
            yield request

    def put_back(self, request: ChatRequest) -> None:
        """Yield it again."""
        self._held = request


def _line_of(request: ChatRequest) -> bytes:
    line = {"custom_id": request.key, "method": "POST", "url": URL, "body": body_of(request)}
    return json.dumps(line).encode("ascii") + b"\n"
