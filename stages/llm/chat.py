"""What is asked and what comes back: the two values that everything in this room passes around.

The key of a request is the SHA-256 of its canonical JSON: model, messages, sampling parameters, response format and
sample number, with a version. Neither the endpoint's URL nor the API key is part of it, so an answer is found again
whoever asks, and no function's name, so code may be renamed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEY_VERSION = 1

Schema = dict[str, Any]


class Keyed(Protocol):
    """What an answer is kept under, and what it answers."""

    @property
    def key(self) -> str:
        """64 hexadecimal digits."""
        ...

    @property
    def canonical(self) -> str:
        """The request's canonical JSON."""
        ...


@dataclass(frozen=True)
class ChatRequest:
    """One request for one completion.

    Attributes:
        model: Name of the model at the endpoint.
        messages: `{"role": ..., "content": ...}` each.
        sampling: Further fields of the request, sent as they are (temperature, max_completion_tokens, seed, ...).
        response_format: As the endpoint takes it; None for plain text.
        sample: 0 for the first answer to these messages, 1 for a second, different one, and so on. It is not sent.
    """

    model: str
    messages: tuple[dict[str, str], ...]
    sampling: dict[str, Any]
    response_format: Schema | None = None
    sample: int = 0

    @cached_property
    def canonical(self) -> str:
        """The JSON that the key is the hash of."""
        parts = {
            "version": KEY_VERSION,
            "model": self.model,
            "messages": self.messages,
            "sampling": self.sampling,
            "response_format": self.response_format,
            "sample": self.sample,
        }
        return json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))

    @cached_property
    def key(self) -> str:
        """64 hexadecimal digits under which the answer is recorded and stored."""
        return hashlib.sha256(self.canonical.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the endpoint answered. Fields that an older store or recording lacks have a default.

    Attributes:
        completion: The text; None where there is none (a content filter). A refusal in a field of its own is one too.
        finish_reason: As the endpoint gave it: "stop", "length", "content_filter", ... or "refusal".
        prompt_tokens: As the endpoint counted them; 0 where it does not count.
        completion_tokens: Likewise.
        model: The model that says it answered; often more exact than the one that was asked for.
        fingerprint: `system_fingerprint`: two answers with different ones came from different set-ups of the model.
        request_id: Under which the endpoint's keeper finds the request again.
        answered_at: When it came, in UTC, to the second.
        seconds: How long it took, from sending to the whole answer; None for a batch, which has no such time.
        batch: Whether it came from the batch API, at half the price.
    """

    completion: str | None
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    model: str
    fingerprint: str | None = None
    request_id: str | None = None
    answered_at: str | None = None
    seconds: float | None = None
    batch: bool = False

    @classmethod
    def from_json(cls, row: object) -> Self:
        """Read what a store or a recording keeps.

        Raises:
            ValueError: it is no answer.
        """
        if not isinstance(row, dict) or not row.keys() <= _KINDS.keys():
            raise ValueError("an answer is an object with the fields of an answer alone")
        for name, value in row.items():
            if not isinstance(value, _KINDS[name]):
                raise ValueError(f"{name} is of the wrong type: {type(value).__name__}")  # noqa: TRY004 - no wrong call
        try:
            return cls(**row)
        except TypeError as error:  # a field is missing
            raise ValueError(error) from None


_NAME = str | None
_KINDS: dict[str, Any] = {
    "completion": _NAME, "finish_reason": str, "prompt_tokens": int, "completion_tokens": int, "model": str,
    "fingerprint": _NAME, "request_id": _NAME, "answered_at": _NAME, "seconds": float | int | None, "batch": bool,
}  # fmt: skip


# Why a request came to nothing. Records and metrics say it in these words.
REJECTED = "endpoint_rejected"  # status 400, 413, 422: the endpoint takes no such request
RATE_LIMITED = "rate_limited"  # 429 until patience ran out
SERVER_ERROR = "server_error"  # 5xx, 408, 409
TIMED_OUT = "timed_out"  # no answer in `ops.timeout_s`
CONNECTION_LOST = "connection_lost"  # refused, reset, cut in the middle of the answer
NO_COMPLETION = "no_completion"  # an answer that is not JSON, or no chat completion
USELESS = "useless"  # an answer that says nothing of what was asked
NOT_ASKED = "not_asked"  # the run ended before its turn came

NO_ANSWER_REASONS = (
    REJECTED, RATE_LIMITED, SERVER_ERROR, TIMED_OUT, CONNECTION_LOST, NO_COMPLETION, USELESS, NOT_ASKED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request that came to nothing. It is not stored: the next run asks again.

    Attributes:
        reason: One of the constants above.
        why: For people, without anything secret.
    """

    reason: str
    why: str


Outcome = Answer | NoAnswer


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange.

    Attributes:
        outcome: The answer, or why there is none. retriable: Whether the same request may succeed another time.
        refused: Whether it was refused for coming too soon (429, 503): then nothing was done, nothing is billed.
        pause: Seconds that the endpoint asks to wait; None where it does not say. maybe_billed: Whether a request
        without an answer may be billed all the same: it was cut off while it was answered. hopeless_after: Seconds
        after which there is no sense in waiting, if nothing was ever answered; None where there may be.
    """

    outcome: Outcome
    retriable: bool = False
    refused: bool = False
    pause: float | None = None
    maybe_billed: bool = False
    hopeless_after: float | None = None


class Asker(Protocol):
    """Answers requests, from wherever. Stages take one of these, and tests give them one that needs no endpoint."""

    def ask(self, requests: Iterable[ChatRequest]) -> Iterator[Outcome]:
        """One outcome for each request, in their order. `requests` is iterated over more than once."""
        ...


def format_for(kind: str, name: str, schema: Schema) -> Schema | None:
    """The `response_format` of a request whose answer shall follow a JSON schema.

    Args:
        kind: `llm.response_format`: "json_schema" where the endpoint can hold the model to a schema, "json_object"
            where it can hold it to JSON only, "text" where it can do neither. The prompts say the form in any case.
        name: A name for the schema, as the endpoint wants one.
        schema: The JSON schema of the answer, an object.
    """
    match kind:
        case "json_schema":
            return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}
        case "json_object":
            return {"type": "json_object"}
        case _:
            return None


def object_schema(**properties: Schema) -> Schema:
    """The schema of an object with just these properties, all required, as strict structured output wants it."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def list_schema(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


STRING: Schema = {"type": "string"}
