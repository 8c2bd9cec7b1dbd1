"""Does a text do what it was asked for? By attribute and value, and which values the model ignores.

Lengths are counted in all texts. Of the other attributes an annotation says what a text has: the annotator is a model
too, so where no person has looked at the same texts, a share is one of agreement between two models, and an
annotator that takes one value for another looks like a text that does not comply.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stages.core.files import Json
from stages.measures.bias import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.annotating import Sought
    from stages.core.records import Text
    from stages.measures.found import Values

_FEW = 5  # texts that were to have a value, below which it is not said to be ignored

LOW = "low"  # surely fewer texts have the value than the stated share
UNMOVED = "no more than unordered"  # texts that were to have another value, or none, have it as often


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
    rows = [
        (each.name, place, text.attributes.get(each.name), known[place][each.name], each.values)
        for place, text in enumerate(texts)
        for each in sought.get(text.label, ())
        if each.name in known.get(place, {})
    ]
    found = dict[str, Json]()
    for name in dict.fromkeys(row[0] for row in rows):
        of_name = [(ordered if ordered in values else None, has, values) for row_name, _, ordered, has, values in rows
                   if row_name == name]  # fmt: skip
        asked = [(ordered, has) for ordered, has, _ in of_name if ordered is not None]
        if not asked:
            continue
        wanted, met = Counter(ordered for ordered, _ in asked), Counter(has for ordered, has in asked if ordered == has)
        could, has_it = Counter[str](), Counter[str]()
        for ordered, has, values in of_name:
            could.update(value for value in values if value != ordered)
            has_it.update([has] if has != ordered else [])
        found[name] = {
            **_share(met.total(), len(asked), confidence),
            "values": {
                value: _value(_share(met[value], n, confidence), could[value], has_it[value], ignored_below)
                for value, n in sorted(wanted.items())
            },
        }
    return found


def _value(share: Json, others: int, with_it: int, ignored_below: float) -> Json:
    unordered = with_it / others if others else None
    ignored = None
    if share["texts"] >= _FEW:
        ignored = LOW if share["high"] < ignored_below else None
        if unordered is not None and share["share"] <= unordered:
            ignored = UNMOVED
    return {**share, "unordered": unordered, "unordered_texts": others, "ignored": ignored}


def _share(met: int, n: int, confidence: float) -> Json:
    low, high = wilson(met / n, n, confidence)
    return {"texts": n, "share": met / n, "low": low, "high": high}
