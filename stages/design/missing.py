"""What the texts written so far lack, and how the next request is told.

Values are wished for, not ordered: which text has which is left to the model, so that no text has to unite what does
not go together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stages.core.records import Prompt
    from stages.core.reports import Spread

Seen = dict[str, Counter[str]]
"""By dimension, how many texts of a label have each value."""


def missing(spread: Spread, seen: Mapping[str, int]) -> list[str]:
    """The values that texts are still to have, the most urgent first, each as often as it is missing.

    Of n texts with a known value, one of share s is missing round(n s - seen) times, and one that no text has at least
    once. Those come first, the more common before the less; then those that stand furthest below their share. What is
    missing once of each comes before what is missing twice.
    """
    shares = dict(zip(spread.values, spread.shares, strict=True))
    have = {value: seen.get(value, 0) for value in shares}
    whole = sum(have.values())
    behind = {value: share * whole - have[value] for value, share in shares.items()}
    ranked = sorted(shares, key=lambda value: (have[value] > 0, -behind[value], -shares[value]))
    times = {value: max(round(behind[value]), int(not have[value])) for value in ranked}
    return [value for copy in range(max(times.values(), default=0)) for value in ranked if times[value] > copy]


def completed(prompt: Prompt, seen: Seen) -> Prompt:
    """The prompt as it is sent: with what is missing before its last line, which says the form of the answer.

    Of each dimension a request is told no more values than it asks for texts; what the requests before it in its round
    are told is passed over.

    Args:
        prompt: As the plan has it.
        seen: What was reported of the texts of its label in the rounds before its own. Other values than those of the
            prompt's own table are passed over.
    """
    report = prompt.report
    lines = list(_lines(prompt, seen)) if report and report.wish else []
    if report is None or not lines:
        return prompt
    *others, last = prompt.messages
    before, _, form = last["content"].rpartition("\n")
    content = "\n".join([before, report.wish, *lines, form])
    return replace(prompt, messages=(*others, {**last, "content": content}))


def _lines(prompt: Prompt, seen: Seen) -> Iterator[str]:
    report = prompt.report
    for spread in report.spreads if report else ():
        start = report.before if report else 0
        wanted = Counter(missing(spread, seen.get(spread.name, Counter()))[start : start + len(prompt.rows)])
        for value, times in wanted.items():
            yield f"- {spread.name.replace('_', ' ')}: {value}" + (f" ({times} texts)" if times > 1 else "")
