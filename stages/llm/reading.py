"""Reading structured answers. A model's answer is untrusted: it is parsed as JSON, measured, and nothing more."""

from __future__ import annotations

import json
import re
from typing import Any

MAX_CHARACTERS = 1_000_000  # an answer longer than this is not looked into

_FENCE = "```"
_OPENING = re.compile(rf"\s*{_FENCE}[a-zA-Z]*\s*\n")


def unfenced(completion: str) -> str:
    """`completion` without the code fence that models like to put around their answers."""
    opening, bare = _OPENING.match(completion), completion.rstrip()
    if opening is None or not bare.endswith(_FENCE) or len(bare) < opening.end() + len(_FENCE):
        return completion
    return bare[opening.end() : -len(_FENCE)].rstrip()


def parse_object(completion: str | None) -> dict[str, Any]:
    """The JSON object in an answer: the answer itself, in a code fence, or with words around it.

    Raises:
        ValueError: there is none.
    """
    if not completion or len(completion) > MAX_CHARACTERS:
        raise ValueError("the answer is empty" if not completion else "the answer is far too long")
    bare = unfenced(completion)
    start, end = bare.find("{"), bare.rfind("}")
    try:
        value = json.loads(bare[start : end + 1]) if start >= 0 else None
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"the answer is no JSON object: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004 - it is a value of the wrong form, not a wrong call
    return value


def tidy(value: object, longest: int = 200) -> str:
    """A phrase from a model as one line: white space folded, empty where it is no string, too long or not printable."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text if len(text) <= longest and text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text else ""
