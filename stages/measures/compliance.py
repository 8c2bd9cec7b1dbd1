"""Does a text do what it was asked for? By attribute and value, and which values the model ignores.

Lengths are counted in all texts. Of the other attributes an annotation says what a text has: the annotator is a model
too, so where no person has looked at the same texts, a share is one of agreement between two models, and an
annotator that takes one value for another looks like a text that does not comply.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from stages.measures.bias import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from stages.core.annotating import Sought
    from stages.core.files import Json
    from stages.core.records import Text
    from stages.measures.found import Values

_FEW = 5  # texts that were to have a value, below which it is not said to be ignored

LOW = "low"  # surely fewer texts have the value than the stated share
UNMOVED = "no more than unordered"  # texts that were to have another value, or none, have it as often


class _Row(NamedTuple):
    """What a text was to have, if anything, what it has, and what it could have had."""

    ordered: str | None
    has: str
    values: tuple[str, ...]


def compliance(
    texts: Sequence[Text],
    known: Mapping[int, Values],
    sought: Mapping[str, Sequence[Sought]],
    *,
    ignored_below: float,
    confidence: float,
) -> dict[str, Json]:
    """What became of each value that was ordered.

    Args:
        texts: The accepted ones, with what each was to have.
        known: By the place of a text, what it has.
        sought: By label, what was looked for: a value that was not cannot be found.
        ignored_below: The stated share.
        confidence: Of each interval by itself.

    Returns:
        By attribute that was ordered and looked for
            texts, share, low, high     the known texts to which some value was ordered, the share that has that value,
                                        and its Wilson interval
            values: by value the same, and
                unordered, unordered_texts      the share that has it, of the known texts that could and were not to,
                                                null where there are none; and their number
                ignored                         why the model is said to ignore it, null where it is not
    """
    names = dict.fromkeys(each.name for of_label in sought.values() for each in of_label)
    found = {name: _attribute(_rows(name, texts, known, sought), ignored_below, confidence) for name in names}
    return {name: each for name, each in found.items() if each}


def _rows(
    name: str, texts: Sequence[Text], known: Mapping[int, Values], sought: Mapping[str, Sequence[Sought]]
) -> Iterator[_Row]:
    """Of each known text that can have the attribute."""
    by_label = {label: each.values for label, of_label in sought.items() for each in of_label if each.name == name}
    for place, text in enumerate(texts):
        if text.label in by_label and name in known.get(place, {}):
            values = by_label[text.label]
            ordered = text.attributes.get(name)
            yield _Row(ordered if ordered in values else None, known[place][name], values)


def _attribute(rows: Iterator[_Row], ignored_below: float, confidence: float) -> Json | None:
    wanted, met, could, without_order = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        if row.ordered is not None:
            wanted[row.ordered] += 1
            met[row.ordered] += row.ordered == row.has
        could.update(value for value in row.values if value != row.ordered)
        without_order.update([row.has] if row.has != row.ordered else [])
    if not wanted:
        return None
    return {
        **_share(met.total(), wanted.total(), confidence),
        "values": {
            value: _value(_share(met[value], n, confidence), could[value], without_order[value], ignored_below)
            for value, n in sorted(wanted.items())
        },
    }


def _value(share: Json, others: int, with_it: int, ignored_below: float) -> Json:
    unordered = with_it / others if others else None
    ignored = None
    if share["texts"] >= _FEW:
        ignored = UNMOVED if unordered is not None and share["share"] <= unordered else None
        ignored = LOW if share["high"] < ignored_below else ignored
    return {**share, "unordered": unordered, "unordered_texts": others, "ignored": ignored}


def _share(met: int, n: int, confidence: float) -> Json:
    low, high = wilson(met / n, n, confidence)
    return {"texts": n, "share": met / n, "low": low, "high": high}
