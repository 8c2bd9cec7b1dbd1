"""Reading what a judge says of texts that it was shown:

{"texts": [{"number": 1, "labels": [{"label": "refund", "percent": 90}], "realism": 4, "why": ""}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from stages.checks.numbered import OUTSIDE, read_numbered
from stages.checks.reports import matching
from stages.checks.texts import MALFORMED
from stages.core.judgements import REALISM
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.llm.chat import Outcome

_WHOLE = 100  # percent


class Opinion(NamedTuple):
    """What is said of one text: see `core/judgements`."""

    chances: dict[str, float]
    realism: int | None
    why: str


def read_judgements(
    outcome: Outcome, wanted: int, labels: Sequence[str], most: int, *, multilabel: bool
) -> list[Opinion | str]:
    """What is said of each text, in their order.

    Args:
        outcome: What came of the request.
        wanted: How many texts it showed.
        labels: Those that there are; a text with any other one has no verdict.
        most: How many of them count, the likeliest first.
        multilabel: Whether a text may have several labels; where it has one, chances are made to add up to 1.

    Returns:
        `wanted` times the opinion, or the reason why there is none.
    """

    def read(item: dict[str, object]) -> Opinion | str:
        percents = _percents(item.get("labels"), labels)
        if isinstance(percents, str):
            return percents
        kept = dict(sorted(percents.items(), key=lambda each: -each[1])[:most])
        total = _WHOLE if multilabel else sum(kept.values())
        if not total:
            return MALFORMED
        realism = item.get("realism")
        known = realism if isinstance(realism, int) and not isinstance(realism, bool) and realism in REALISM else None
        return Opinion({label: each / total for label, each in kept.items()}, known, tidy(item.get("why")))

    return read_numbered(outcome, wanted, read)


def _percents(said: object, labels: Sequence[str]) -> dict[str, float] | str:
    """By label, from 0 to 100; or why there are none."""
    if not isinstance(said, list) or not said:
        return MALFORMED
    found = dict[str, float]()
    for each in said:
        if not isinstance(each, dict):
            return MALFORMED
        label, percent = matching(each.get("label"), labels), each.get("percent")
        if label is None:
            return OUTSIDE
        # A label that stands there twice: nobody knows which of the two is meant.
        if label in found or isinstance(percent, bool) or not isinstance(percent, int | float):
            return MALFORMED
        if not 0 <= percent <= _WHOLE:
            return MALFORMED
        found[label] = float(percent)
    return found
