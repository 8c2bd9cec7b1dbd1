"""Reading annotations: what a model says of texts that it was shown, `{"texts": [{"number": 1, "values": {...}}]}`.

Only values are taken that were there to choose from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stages.checks.numbered import OUTSIDE, read_numbered
from stages.checks.reports import matching
from stages.checks.texts import MALFORMED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.annotating import Sought
    from stages.llm.chat import Outcome

Values = dict[str, str]


def read_annotations(outcome: Outcome, wanted: int, sought: Sequence[Sought]) -> list[Values | str]:
    """What is said of each text, in their order.

    Args:
        outcome: What came of the request.
        wanted: How many texts it showed.
        sought: What there was to say.

    Returns:
        `wanted` times the value of each attribute, or the reason why there are none.
    """
    return read_numbered(outcome, wanted, lambda item: _read(item.get("values"), sought))


def _read(values: object, sought: Sequence[Sought]) -> Values | str:
    if not isinstance(values, dict):
        return MALFORMED
    found = {each.name: matching(values.get(each.name), each.answers) for each in sought}
    known = {name: value for name, value in found.items() if value is not None}
    return known if len(known) == len(found) else OUTSIDE
