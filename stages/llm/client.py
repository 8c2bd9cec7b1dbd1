"""The endpoint: any server that speaks OpenAI's chat completions, asked through the `openai` client on aiohttp.

One call is one exchange: whether and when to try again is decided by `dispatch`, which sees all requests.

The client's `chat.completions.create` spends three times as long on copying parameters, headers and models as the
exchange takes. So the client is made once, and gives the address, the headers and the connection pool; each exchange
is one send on that pool. tests/bench/bench_asking.py has the ratio.

The API key comes from the environment, goes to the client, and nowhere else: every message that leaves this module has
passed `without`, because endpoints quote keys in their errors.
"""

from __future__ import annotations

import json
import os
import re
import time
from typing import TYPE_CHECKING, Protocol, Self

from stages.core.errors import EndpointRefusesError
from stages.llm.chat import (
    CONNECTION_LOST,
    NO_COMPLETION,
    RATE_LIMITED,
    REJECTED,
    SERVER_ERROR,
    TIMED_OUT,
    Attempt,
    ChatRequest,
    NoAnswer,
)
from stages.llm.limits import wait_asked_for, wait_until_reset
from stages.llm.wire import UNREADABLE, body_of, check_key, host_of, nobody_there, read_completion, read_error, without

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx2
    import openai

    from stages.core.sections import Ops

_BAD = 400
# Statuses, by what they mean for a request.
BAD_KEY = (401, 403)
NOT_FOUND = 404
BAD_REQUEST = (400, 413, 422)
REFUSED = (429, 503, 529)  # too many requests; overloaded
_OUT_OF_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_A_DAY = re.compile(r"per[ _-]?day|daily", re.IGNORECASE)
_OPENAI = "https://api.openai.com/v1"
_IDLE_S = 4.0  # after which a connection is not used again: uvicorn, for one, closes its end after 5
_NO_KEY = "none"  # servers on one's own machine want none, the client wants one


class Endpoint(Protocol):
    """Completes one request at a time, any number of them at once."""

    async def attempt(self, request: ChatRequest) -> Attempt:
        """Ask once.

        Raises:
            EndpointRefusesError: every other request would be refused too.
        """
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exception: object) -> None: ...


class OpenAIEndpoint:
    """An OpenAI-compatible server.

    Args:
        base_url: Of its API, with `/v1`; None for OpenAI's own.
        api_key: None for a server that wants none.
        ops: Time-outs, concurrency, patience; the names of the variables that a message can point to.

    Attributes:
        where: Host and port, for messages.

    Raises:
        InputError: the URL or the key cannot be used.
    """

    def __init__(self, base_url: str | None, api_key: str | None, ops: Ops) -> None:
        self._base_url, self._api_key, self._ops = base_url or _OPENAI, api_key, ops
        self.where = host_of(self._base_url, ops)
        check_key(api_key, ops)
        self._client: openai.AsyncOpenAI | None = None
        self._send: Callable[[bytes], Awaitable[httpx2.Response]] | None = None

    @property
    def client(self) -> openai.AsyncOpenAI:
        """The client, inside `async with`."""
        assert self._client is not None, "used outside its `async with`"  # noqa: S101 - a bug of ours, not input
        return self._client

    async def __aenter__(self) -> Self:
        import httpx2  # noqa: PLC0415 - 0.7 s that a run with all its answers at hand saves
        import openai  # noqa: PLC0415 - likewise

        places, patience = self._ops.concurrency, httpx2.Timeout(self._ops.timeout_s)
        limits = httpx2.Limits(max_connections=places, max_keepalive_connections=places, keepalive_expiry=_IDLE_S)
        pool = openai.DefaultAioHttpClient(timeout=patience, limits=limits)
        self._client = openai.AsyncOpenAI(
            api_key=self._api_key or _NO_KEY, base_url=self._base_url, max_retries=0, http_client=pool
        )
        url = self._client.base_url.join("chat/completions")
        given = {**self._client.default_headers, **self._client.auth_headers}
        headers = httpx2.Headers({name: value for name, value in given.items() if isinstance(value, str)})
        extensions = {"timeout": patience.as_dict()}

        def send(body: bytes) -> Awaitable[httpx2.Response]:
            return pool.send(httpx2.Request("POST", url, headers=headers, content=body, extensions=extensions))

        self._send = send
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client:
            await self._client.close()

    async def attempt(self, request: ChatRequest) -> Attempt:
        """Ask once."""
        import httpx2  # noqa: PLC0415 - as above

        assert self._send is not None, "used outside its `async with`"  # noqa: S101 - as above
        start = time.monotonic()
        try:
            response = await self._send(json.dumps(body_of(request)).encode("ascii"))
        except httpx2.HTTPError as error:
            return self._cut(error)
        if response.status_code >= _BAD:
            return self._judged(response, request)
        try:
            answer = read_completion(response.content, seconds=time.monotonic() - start)
        except UNREADABLE as error:
            fault = NoAnswer(NO_COMPLETION, f"the answer is no chat completion: {self.said(error)}")
            return Attempt(fault, retriable=True, maybe_billed=True)
        return Attempt(answer, pause=wait_until_reset(response.headers) or None)

    def said(self, error: object) -> str:
        """A message on one line and without the key."""
        return without(self._api_key, " ".join(str(error).split()))[:500]

    def not_let_in(self, status: int, said: str) -> EndpointRefusesError:
        """What is said where the key is not good."""
        return EndpointRefusesError(
            f"{self.where} does not let us in (status {status}): {said}; "
            f"set {self._ops.api_key_env} to a key that it knows"
        )

    def _cut(self, error: httpx2.HTTPError) -> Attempt:
        import httpx2  # noqa: PLC0415 - as above

        # The transport calls a refused connection a time-out too: both say that nothing was sent.
        unsent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
        reason = TIMED_OUT if isinstance(error, httpx2.TimeoutException) and not unsent else CONNECTION_LOST
        if nobody := nobody_there(error):
            said, hopeless_after = nobody
            why = f"cannot connect to {self.where}: {said}; is {self._ops.base_url_env} right?"
            return Attempt(NoAnswer(reason, why), retriable=True, hopeless_after=hopeless_after)
        return Attempt(
            NoAnswer(reason, self.said(error) or type(error).__name__), retriable=True, maybe_billed=not unsent
        )

    def _judged(self, response: httpx2.Response, request: ChatRequest) -> Attempt:
        status = response.status_code
        message, code = read_error(response.content)
        said = self.said(message)
        self._stop_where_it_concerns_all(status, said, code, request)
        pause = wait_asked_for(response.headers)
        if status in REFUSED:
            if pause is not None and pause > self._ops.patience_s:
                raise EndpointRefusesError(
                    f"{self.where}: {said}; it asks to wait {pause:.0f} s, ops.patience_s is {self._ops.patience_s:g}"
                )
            pause = max(pause or 0.0, wait_until_reset(response.headers)) or None
            return Attempt(
                NoAnswer(RATE_LIMITED, f"status {status}: {said}"), retriable=True, refused=True, pause=pause
            )
        if status in BAD_REQUEST:
            return Attempt(NoAnswer(REJECTED, f"status {status}: {said}"))
        return Attempt(NoAnswer(SERVER_ERROR, f"status {status}: {said}"), retriable=True, pause=pause)

    def _stop_where_it_concerns_all(self, status: int, said: str, code: str | None, request: ChatRequest) -> None:
        if status in BAD_KEY:
            raise self.not_let_in(status, said)
        if status == NOT_FOUND:
            raise EndpointRefusesError(
                f"{self.where} has no model {request.model!r} (status 404): {said}; set llm.model in "
                f"params.yaml, or {self._ops.base_url_env}, which usually ends in /v1"
            )
        if code in _OUT_OF_QUOTA or (status in REFUSED and _A_DAY.search(said)):
            raise EndpointRefusesError(f"{self.where}: the account's quota is used up: {said}")


def endpoint_from_environment(ops: Ops) -> Callable[[], OpenAIEndpoint] | None:
    """What makes the endpoint that the environment names; None where it names none."""
    key, url = os.environ.get(ops.api_key_env) or None, os.environ.get(ops.base_url_env) or None
    return (lambda: OpenAIEndpoint(url, key, ops)) if key or url else None
