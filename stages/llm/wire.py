"""What goes over the wire and what comes back: requests, chat completions, errors. Nothing that comes is trusted."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stages.core.errors import InputError
from stages.llm.chat import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.sections import Ops
    from stages.llm.chat import ChatRequest

# What reading JSON of unknown shape can raise.
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, RecursionError)

_LONGEST = 200  # characters of a name that an endpoint gives
_NO_SUCH_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))  # not EAI_AGAIN: that may pass
_STARTING_S = 5.0  # for a server that was started just now, and does not listen yet
_MOST_TOKENS = 1_000_000_000  # of one answer; who says more does not count


def body_of(request: ChatRequest) -> dict[str, object]:
    """The request as the endpoint takes it."""
    body: dict[str, object] = {"model": request.model, "messages": list(request.messages), **request.sampling}
    return {**body, "response_format": request.response_format} if request.response_format else body


def read_completion(body: bytes | str, *, seconds: float | None = None, batch: bool = False) -> Answer:
    """The answer in the JSON of a chat completion. Nothing of it is taken on trust.

    Raises:
        One of `UNREADABLE`: it is no chat completion.
    """
    completion: dict[str, Any] = json.loads(body)
    choice, (prompt_tokens, completion_tokens) = completion["choices"][0], _tokens(completion.get("usage"))
    message: Mapping[str, object] = choice["message"]
    content, refusal = message.get("content"), message.get("refusal")
    refused = content is None and refusal is not None
    text = refusal if refused else content
    if not (text is None or isinstance(text, str)):
        raise ValueError(f"its content is no text but {type(text).__name__}")
    return Answer(
        completion=text,
        finish_reason="refusal" if refused else str(choice.get("finish_reason"))[:_LONGEST],
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        model=_short(completion.get("model")) or "",
        fingerprint=_short(completion.get("system_fingerprint")),
        request_id=_short(completion.get("id")),
        answered_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        seconds=None if seconds is None else round(seconds, 3),
        batch=batch,
    )


def _short(value: object) -> str | None:
    return str(value)[:_LONGEST] if value else None


def _tokens(usage: object) -> tuple[int, int]:
    """How many tokens the endpoint counted in prompt and completion.

    0 and 0 where one of them is no number of tokens, as where it does not count: an answer is not thrown away for that.
    """
    with suppress(ValueError, TypeError, OverflowError):
        found = usage if isinstance(usage, dict) else {}
        prompt, completion = (int(found.get(name) or 0) for name in ("prompt_tokens", "completion_tokens"))
        if 0 <= prompt <= _MOST_TOKENS and 0 <= completion <= _MOST_TOKENS:
            return prompt, completion
    return 0, 0


def read_error(body: bytes) -> tuple[str, str | None]:
    """Message and code in an error's body: `{"error": {"message", "code"}}`, `{"detail": ...}`, or whatever it is."""
    with suppress(*UNREADABLE):
        read = json.loads(body)
        if "detail" in read:
            return str(read["detail"]), None
        error = read["error"]
        return str(error["message"]), str(error["code"]) if error.get("code") else None
    return body[:300].decode("utf-8", "replace"), None


def host_of(base_url: str, ops: Ops) -> str:
    """Host and port of an endpoint's URL.

    Raises:
        InputError: it cannot be used. It is not quoted, since it may hold a password.
    """
    no_url = InputError(f"{ops.base_url_env}: is no URL of a server; it looks like http://localhost:8000/v1")
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:  # a port above 65535, brackets of IPv6 that are not closed
        raise no_url from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise no_url
    if "@" in parts.netloc:
        raise InputError(
            f"{ops.base_url_env}: holds a user's name or password; leave them out, and set {ops.api_key_env}"
        )
    return parts.netloc


def check_key(key: str | None, ops: Ops) -> None:
    """Raise InputError where a key cannot stand in a header, as one with the end of its line; it is not quoted."""
    if key and not (key.isascii() and key.isprintable()):
        raise InputError(
            f"{ops.api_key_env}: holds a character that no key has (a line end, perhaps, or a letter that is not "
            "ASCII); set it anew"
        )


def nobody_there(error: BaseException) -> tuple[str, float] | None:
    """What is said where no server is there to be asked, and after how many seconds waiting for it has no sense."""
    below = getattr(error.__cause__, "os_error", None)  # of the transport's own error
    if isinstance(below, socket.gaierror) and below.errno in _NO_SUCH_NAME:
        return "host name not known", 0.0
    return ("connection refused", _STARTING_S) if isinstance(below, ConnectionRefusedError) else None


def without(secret: str | None, text: str) -> str:
    """`text` without `secret`, nor the two ends of it that endpoints leave standing when they mask a key."""
    if not secret:
        return text
    text = text.replace(secret, "[key]")
    return " ".join("[key]" if _masks(word, secret) else word for word in text.split(" "))


def _masks(word: str, secret: str) -> bool:
    bare = word.strip("'\"`,.;:()[]{}")
    return "*" in bare and bare.split("*")[0] != "" and secret.startswith(bare.split("*")[0])
