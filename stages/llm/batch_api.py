"""The batch API of OpenAI and of those who speak like it: files of requests in, files of answers out, within a day.

Through the client's own `files` and `batches`. Whether a call is tried again is decided here and not in the client,
because the creation of a batch must not be: a batch whose creation was answered by a time-out may be there.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from stages.core.errors import EndpointRefusesError
from stages.llm.chat import NO_COMPLETION, RATE_LIMITED, REJECTED, SERVER_ERROR, TIMED_OUT, Attempt, NoAnswer
from stages.llm.client import BAD_KEY, BAD_REQUEST, NOT_FOUND, REFUSED
from stages.llm.wire import UNREADABLE, read_completion, read_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import BinaryIO

    from openai.types import Batch

    from stages.core.sections import Ops
    from stages.llm.client import OpenAIEndpoint

URL: Literal["/v1/chat/completions"] = "/v1/chat/completions"
_OURS = "attrprompt"  # the key of the metadata under which the endpoint keeps our name of a batch
_OVER = ("completed", "expired", "cancelled", "failed")
_OK, _INTERNAL = 200, 500
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 30.0
_OLDER_S = 86_400.0  # in a list, newest first: nothing that is looked for stands below what is so much older

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class BatchState:
    """What the endpoint says of a batch.

    Attributes:
        status: In its words: validating, in_progress, finalizing, completed, expired, cancelled, failed, ...
        over: Whether nothing more will come of it.
        done: Requests that it has finished, well or not.
        files: The ids of the files of its results.
        why: Why it failed as a whole; "" where it did not.
    """

    status: str
    over: bool
    done: int
    files: tuple[str, ...]
    why: str


class UnclearError(Exception):
    """A batch may have been submitted or not: the endpoint did not say."""


class BatchApi:
    """Batches at an endpoint, inside its `async with`.

    Attributes:
        where: The endpoint's host and port, for messages.
    """

    def __init__(self, endpoint: OpenAIEndpoint, ops: Ops) -> None:
        self._endpoint, self._ops = endpoint, ops
        self.where = endpoint.where

    async def submit(self, name: str, lines: BinaryIO) -> str:
        """Upload a file of requests and make a batch of it; returns the endpoint's id.

        Raises:
            EndpointRefusesError: it takes no such batch.
            UnclearError: nobody knows whether it took it.
        """

        def upload() -> Awaitable[Any]:
            lines.seek(0)
            return self._endpoint.client.files.create(file=(f"{name}.jsonl", lines), purpose="batch")

        import openai  # noqa: PLC0415 - as in `client`

        file = await self._call(upload)
        try:
            batch = await self._endpoint.client.batches.create(
                completion_window="24h", endpoint=URL, input_file_id=file.id, metadata={_OURS: name}
            )
        except openai.APIStatusError as error:
            if error.status_code >= _INTERNAL:
                raise UnclearError(self._said(error)) from None
            raise self._refusal(error) from None
        except openai.APIConnectionError as error:
            raise UnclearError(self._said(error)) from None
        return batch.id

    async def find(self, name: str, submitted: float) -> str | None:
        """The endpoint's id of a batch of ours that was submitted about then; None where it has none."""
        after: str | None = None
        while True:
            page = await self._call(partial(self._page, after))
            for batch in page.data:
                if (batch.metadata or {}).get(_OURS) == name:
                    return str(batch.id)
            if not page.data or not page.has_next_page() or page.data[-1].created_at < submitted - _OLDER_S:
                return None
            after = page.data[-1].id

    async def _page(self, after: str | None) -> Any:
        given: dict[str, Any] = {"after": after} if after else {}
        return await self._endpoint.client.batches.list(limit=100, **given)

    async def look(self, remote: str) -> BatchState:
        """How a batch stands."""
        batch: Batch = await self._call(lambda: self._endpoint.client.batches.retrieve(remote))
        counts, errors = batch.request_counts, batch.errors.data if batch.errors else None
        return BatchState(
            status=str(batch.status),
            over=batch.status in _OVER,
            done=counts.completed + counts.failed if counts else 0,
            files=tuple(filter(None, (batch.output_file_id, batch.error_file_id))),
            why=self._endpoint.said("; ".join(str(each.message) for each in errors or ())),
        )

    async def results(self, file: str) -> AsyncIterator[tuple[str, Attempt]]:
        """The results in a file, in its order: the request's key, and what came of it."""
        response = await self._call(lambda: self._endpoint.client.files.content(file))
        for line in BytesIO(response.content):  # not `iter_lines`: it cuts a text in two at U+2028, which JSON may hold
            key, attempt = self._read(line)
            if key:
                yield key, attempt

    def _read(self, line: bytes) -> tuple[str, Attempt]:
        key = ""
        try:
            result = json.loads(line)
            key, response, error = str(result["custom_id"]), result.get("response"), result.get("error")
            if error or not response:
                return key, self._fault(error or {})
            status, body = int(response["status_code"]), json.dumps(response["body"])
            if status != _OK:
                return key, self._judged(status, body)
            return key, Attempt(read_completion(body, batch=True))
        except UNREADABLE as error:
            why = f"the answer is no chat completion: {self._endpoint.said(error)}"
            return key, Attempt(NoAnswer(NO_COMPLETION, why), retriable=True, maybe_billed=True)

    def _fault(self, error: dict[str, Any]) -> Attempt:
        code = str(error.get("code"))
        reason = TIMED_OUT if "expired" in code else SERVER_ERROR
        return Attempt(NoAnswer(reason, self._endpoint.said(error.get("message") or code)), retriable=True)

    def _judged(self, status: int, body: str) -> Attempt:
        said = f"status {status}: {self._endpoint.said(read_error(body.encode())[0])}"
        if status in (*BAD_REQUEST, *BAD_KEY, NOT_FOUND):
            return Attempt(NoAnswer(REJECTED, said))
        return Attempt(NoAnswer(RATE_LIMITED if status in REFUSED else SERVER_ERROR, said), retriable=True)

    async def _call(self, call: Callable[[], Awaitable[Found]]) -> Found:
        """Make a call that may be made twice; as often as `ops.retries` allows."""
        import openai  # noqa: PLC0415 - as in `client`

        for failures in range(self._ops.retries + 1):
            try:
                return self._checked(await call())
            except openai.APIStatusError as error:
                passing = error.status_code >= _INTERNAL or error.status_code in REFUSED
                if not passing or failures == self._ops.retries:
                    raise self._refusal(error) from None
            except openai.APIConnectionError as error:
                if failures == self._ops.retries:
                    raise EndpointRefusesError(f"{self.where} cannot be reached: {self._said(error)}") from None
            await asyncio.sleep(min(_FIRST_REST_S * 2**failures, _LONGEST_REST_S))
        raise AssertionError  # the last turn of the loop returns or raises

    def _checked(self, found: Found) -> Found:
        if isinstance(found, str):  # what the client gives where the answer was not JSON
            raise EndpointRefusesError(f"{self.where} has no batch API: {self._endpoint.said(found)[:200]}")
        return found

    def _refusal(self, error: Any) -> EndpointRefusesError:
        said = self._said(error)
        if error.status_code in BAD_KEY:
            return self._endpoint.not_let_in(error.status_code, said)
        if error.status_code == NOT_FOUND:
            return EndpointRefusesError(
                f"{self.where} has no batch API, or no batch of that name (status 404): {said}; set ops.transport: "
                f"direct in params.yaml, or {self._ops.base_url_env} to where the batch was submitted"
            )
        return EndpointRefusesError(f"{self.where} (status {error.status_code}): {said}")

    def _said(self, error: Any) -> str:
        response = getattr(error, "response", None)
        said = read_error(response.content)[0] if response is not None else str(error)
        return self._endpoint.said(said) or type(error).__name__
