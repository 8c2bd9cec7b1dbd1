"""The endpoint: any server that speaks OpenAI's chat completions, asked through the `openai` client on aiohttp.

The API key comes from the environment, goes to the client, and nowhere else: every message that leaves this module has
passed `_without`, because endpoints quote keys in their errors.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Protocol, Self, cast
from urllib.parse import urlsplit

from stages.core.errors import EndpointRefusesError
from stages.llm.chat import Answer, ChatRequest, NoAnswer, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    import openai
    from openai.types.chat import ChatCompletion, ChatCompletionMessageParam

    from stages.core.sections import Ops

_BAD_KEY = (401, 403)
_NOT_FOUND = 404
_BAD_REQUEST = (400, 413, 422)
_OUT_OF_QUOTA = ("insufficient_quota", "billing_hard_limit_reached")
_OPENAI = "https://api.openai.com/v1"
_CODE = re.compile(r"\AError code: \d+ - ")  # which the messages here say in words of their own
_NO_KEY = "none"  # servers on one's own machine want none, the client wants one


class Endpoint(Protocol):
    """Completes one request at a time, any number of them at once."""

    async def complete(self, request: ChatRequest) -> Outcome:
        """Ask. Retries are the endpoint's business; what it returns is final for this run.

        Raises:
            EndpointRefusesError: it would refuse every other request too.
        """
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exception: object) -> None: ...


class OpenAIEndpoint:
    """An OpenAI-compatible server, named by environment variables."""

    def __init__(self, base_url: str | None, api_key: str | None, ops: Ops) -> None:
        self._base_url, self._api_key, self._ops = base_url or _OPENAI, api_key, ops
        self._where = urlsplit(self._base_url).netloc.rpartition("@")[2]  # a URL may hold a password
        self._client: openai.AsyncOpenAI | None = None

    async def __aenter__(self) -> Self:
        import openai  # noqa: PLC0415 - 0.7 s that a run with all its answers at hand saves

        self._client = openai.AsyncOpenAI(
            api_key=self._api_key or _NO_KEY,
            base_url=self._base_url,
            timeout=self._ops.timeout_s,
            max_retries=self._ops.retries,
            http_client=openai.DefaultAioHttpClient(timeout=self._ops.timeout_s),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client:
            await self._client.close()

    async def complete(self, request: ChatRequest) -> Outcome:
        """Ask the server; its retries on cuts, time-outs, 429 and 5xx are the client's, `ops.retries` of them."""
        import openai  # noqa: PLC0415 - as above

        assert self._client is not None, "used outside its `async with`"  # noqa: S101 - a bug of ours, not input
        body: dict[str, object] = {"response_format": request.response_format} if request.response_format else {}
        try:
            completion = await self._client.chat.completions.create(
                model=request.model,
                messages=cast("list[ChatCompletionMessageParam]", list(request.messages)),
                extra_body={**request.sampling, **body},
            )
            return _answer(completion)
        except openai.APIStatusError as error:
            return self._judged(error, request)
        except openai.APIConnectionError as error:
            # The transport calls a refused connection a time-out too; its own words tell them apart.
            return NoAnswer(self._said(error.__cause__ or error) or "no answer in time", rejected=False)
        except openai.APIError as error:  # an answer that is no JSON
            return NoAnswer(self._said(error), rejected=False)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            return NoAnswer(f"the answer is no chat completion: {self._said(error)}", rejected=False)

    def _judged(self, error: openai.APIStatusError, request: ChatRequest) -> NoAnswer:
        said = self._said(error)
        where = self._where
        if error.status_code in _BAD_KEY:
            raise EndpointRefusesError(
                f"{where} does not let us in (status {error.status_code}): {said}; "
                f"set {self._ops.api_key_env} to a key that it knows"
            ) from None
        if error.status_code == _NOT_FOUND:
            raise EndpointRefusesError(
                f"{where} has no model {request.model!r} (status 404): {said}; set llm.model in "
                f"params.yaml, or {self._ops.base_url_env}, which usually ends in /v1"
            ) from None
        if error.code in _OUT_OF_QUOTA:
            raise EndpointRefusesError(f"{where}: the account's quota is used up: {said}") from None
        return NoAnswer(f"status {error.status_code}: {said}", rejected=error.status_code in _BAD_REQUEST)

    def _said(self, error: BaseException) -> str:
        said = _CODE.sub("", " ".join(str(error).split()))
        return _without(self._api_key, said)[:500]


def endpoint_from_environment(ops: Ops) -> Callable[[], Endpoint] | None:
    """What makes the endpoint that the environment names; None where it names none."""
    key, url = os.environ.get(ops.api_key_env) or None, os.environ.get(ops.base_url_env) or None
    return (lambda: OpenAIEndpoint(url, key, ops)) if key or url else None


def _answer(completion: ChatCompletion) -> Answer:
    # The client takes a server's JSON as it comes, whatever its types are declared to be.
    choice, usage = completion.choices[0], completion.usage
    content: object = choice.message.content
    refusal: object = getattr(choice.message, "refusal", None)
    refused = content is None and refusal is not None
    text = refusal if refused else content
    if not (text is None or isinstance(text, str)):
        raise ValueError(f"its content is no text but {type(text).__name__}")
    return Answer(
        completion=text,
        finish_reason="refusal" if refused else str(choice.finish_reason),
        prompt_tokens=int(usage.prompt_tokens or 0) if usage else 0,
        completion_tokens=int(usage.completion_tokens or 0) if usage else 0,
        model=str(completion.model or ""),
    )


def _without(secret: str | None, text: str) -> str:
    """`text` without `secret`, nor the two ends of it that endpoints leave standing when they mask a key."""
    if not secret:
        return text
    text = text.replace(secret, "[key]")
    return " ".join("[key]" if _masks(word, secret) else word for word in text.split(" "))


def _masks(word: str, secret: str) -> bool:
    bare = word.strip("'\"`,.;:()[]{}")
    return "*" in bare and bare.split("*")[0] != "" and secret.startswith(bare.split("*")[0])
