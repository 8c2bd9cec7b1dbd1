"""Reading answers about texts that were shown, each told by its number: `{"texts": [{"number": 1, ...}]}`.

What a model says is untrusted. An item that is of no use costs its own text alone, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from stages.checks.completions import items_in
from stages.checks.texts import CUT_OFF, EMPTY, MALFORMED, MISSING, REFUSED, is_refusal
from stages.llm.chat import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from stages.llm.chat import Outcome

OUTSIDE = "outside_enum"  # what was not there to choose from, or nothing at all

Found = TypeVar("Found")


def read_numbered(outcome: Outcome, wanted: int, read: Callable[[dict[str, Any]], Found | str]) -> list[Found | str]:
    """What is said of each text, in their order.

    Args:
        outcome: What came of the request.
        wanted: How many texts it showed; items with another number are passed over.
        read: What an item says, or the reason why it is nothing.

    Returns:
        `wanted` times what was read, or the reason why there is nothing.
    """
    if isinstance(outcome, NoAnswer):
        return [outcome.reason] * wanted
    completion = outcome.completion or ""
    if outcome.finish_reason in ("refusal", "content_filter"):
        return [REFUSED] * wanted
    said = dict[int, Found | str]()
    for item in items_in(completion):
        number = item.get("number") if isinstance(item, dict) else None
        if isinstance(item, dict) and isinstance(number, int) and 1 <= number <= wanted:
            # Two items about one text: nobody knows which of them is meant.
            said[number] = MALFORMED if number in said else read(item)
    whole = EMPTY if not completion.strip() else REFUSED if is_refusal(completion) else MISSING
    absent = CUT_OFF if outcome.finish_reason == "length" else whole if not said else MISSING
    return [said.get(number, absent) for number in range(1, wanted + 1)]
