"""Reading annotations: what a model says of texts that it was shown, `{"texts": [{"number": 1, "values": {...}}]}`.

What it says is untrusted: only values are taken that were there to choose from. An item that is of no use costs its own
text alone, with the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.checks.completions import items_in
from stages.checks.reports import matching
from stages.checks.texts import CUT_OFF, EMPTY, MALFORMED, MISSING, REFUSED, is_refusal
from stages.llm.chat import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.annotating import Sought
    from stages.llm.chat import Outcome

OUTSIDE = "outside_enum"  # a value that was not there to choose from, or none at all

Values = dict[str, str]


def read_annotations(outcome: Outcome, wanted: int, sought: Sequence[Sought]) -> list[Values | str]:
    """What is said of each text, in their order.

    Args:
        outcome: What came of the request.
        wanted: How many texts it showed; items with another number are passed over.
        sought: What there was to say.

    Returns:
        `wanted` times the value of each attribute, or the reason why there are none.
    """
    if isinstance(outcome, NoAnswer):
        return [outcome.reason] * wanted
    completion = outcome.completion or ""
    if outcome.finish_reason in ("refusal", "content_filter"):
        return [REFUSED] * wanted
    said = dict[int, Values | str]()
    for item in items_in(completion):
        number = item.get("number") if isinstance(item, dict) else None
        if isinstance(item, dict) and isinstance(number, int) and 1 <= number <= wanted:
            # Two items about one text: nobody knows which of them is meant.
            said[number] = MALFORMED if number in said else _read(item.get("values"), sought)
    whole = EMPTY if not completion.strip() else REFUSED if is_refusal(completion) else MISSING
    absent = CUT_OFF if outcome.finish_reason == "length" else whole if not said else MISSING
    return [said.get(number, absent) for number in range(1, wanted + 1)]


def _read(values: object, sought: Sequence[Sought]) -> Values | str:
    if not isinstance(values, dict):
        return MALFORMED
    found = {each.name: matching(values.get(each.name), each.answers) for each in sought}
    known = {name: value for name, value in found.items() if value is not None}
    return known if len(known) == len(found) else OUTSIDE
