"""What is to be known of real texts before a score on them is believed. They are told, not changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.core.tasks import LabelledText
from stages.core.texts import among, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stages.core.examples import Example

_SHOWN = 5  # line numbers that are told


def in_one_set(name: str, texts: Sequence[LabelledText], labels: Iterable[str], then: str = "") -> Iterator[str]:
    """A line about each thing that is odd about one set: texts that stand there twice, labels that have none.

    `then` says what follows where labels have none.
    """
    first = dict[str, LabelledText]()
    again, contradicting = list[int](), list[int]()
    for number, each in enumerate(texts, 1):
        before = first.setdefault(normalised(each.text), each)
        if before is not each:
            again.append(number)
            if before.labels != each.labels:
                contradicting.append(number)
    if again:
        yield f"{name}: {len(again)} texts stand there twice: {_lines(again)}"
    if contradicting:
        yield f"{name}: {len(contradicting)} of them with another label: {_lines(contradicting)}"
    counts = Counter(label for each in texts for label in each.labels)
    if empty := [label for label in labels if not counts[label]]:
        yield f"{name}: no text of {', '.join(empty)}{then}"


def in_test_too(test: Sequence[LabelledText], others: Mapping[str, Sequence[Example | LabelledText]]) -> Iterator[str]:
    """A line for each other set that shares texts with the test set: a score would measure memory."""
    known = among(each.text for each in test)
    for name, texts in others.items():
        shared = [number for number, each in enumerate(texts, 1) if known(each.text)]
        if shared:
            yield f"{name}: {len(shared)} texts are in the test set too: {_lines(shared)}"


def _lines(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:_SHOWN]))}{more}"
