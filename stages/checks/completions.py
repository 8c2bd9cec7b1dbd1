"""Reading texts out of raw completions: one bare text, or `{"texts": [...]}` with one for each that was asked for.

A malformed item costs that item alone: items keep their place, an answer that breaks off keeps the items before the
break, and an answer that is no JSON at all costs its own texts only.
"""

from __future__ import annotations

import json
import re
from enum import Enum
from typing import TYPE_CHECKING

from stages.checks.texts import MALFORMED, MISSING
from stages.llm.reading import MAX_CHARACTERS, parse_object, unfenced

if TYPE_CHECKING:
    from collections.abc import Iterator

_START_OF_TEXTS = re.compile(r'"texts"\s*:\s*\[')
_BETWEEN_ITEMS = re.compile(r"[\s,]*")
_QUOTES = (('"', '"'), ("\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"), ("'", "'"))


class NoText(Enum):
    """What stands in place of a text that was asked for."""

    MALFORMED = MALFORMED
    MISSING = MISSING


def read_texts(completion: str, wanted: int, *, as_json: bool) -> list[str | NoText]:
    """The texts in a completion, in their places.

    Args:
        completion: As the model wrote it.
        wanted: How many texts were asked for; more are passed over.
        as_json: Whether `{"texts": [...]}` was asked for rather than one bare text.

    Returns:
        `wanted` texts, white space at their ends removed, or what stands in their place.
    """
    if not as_json:
        texts: list[str | NoText] = [_unquoted(unfenced(completion).strip())]
    else:
        texts = [item.strip() if isinstance(item, str) else NoText.MALFORMED for item in items_in(completion)]
    return [*texts[:wanted], *[NoText.MISSING] * (wanted - len(texts))]


def items_in(completion: str) -> list[object]:
    """The items of `{"texts": [...]}`, of whatever type; those before the break where the answer breaks off."""
    try:
        found = parse_object(completion).get("texts")
    except ValueError:
        return list(_items_before_the_break(completion))
    return found if isinstance(found, list) else []


def _items_before_the_break(completion: str) -> Iterator[object]:
    """The whole items of a list that never ends: the answer ran into the limit on its length."""
    completion = completion[:MAX_CHARACTERS]
    start = _START_OF_TEXTS.search(completion)
    decoder, position = json.JSONDecoder(), start.end() if start else len(completion)
    while position < len(completion):
        between = _BETWEEN_ITEMS.match(completion, position)
        position = between.end() if between else position
        try:
            item, position = decoder.raw_decode(completion, position)
        except (ValueError, RecursionError):
            return
        yield item


def _unquoted(text: str) -> str:
    """`text` without the quotation marks that models put around a whole text, unless it has such marks inside too."""
    for opening, closing in _QUOTES:
        inside = text[1:-1]
        if (
            len(text) > 1
            and text[0] == opening
            and text[-1] == closing
            and opening not in inside
            and closing not in inside
        ):
            return inside.strip()
    return text
