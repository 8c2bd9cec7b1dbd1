"""What is known of texts as they came out: what was said of some of them, and their length, counted in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.lengths import count_words, parse_range
from stages.measures.compliance import compliance
from stages.measures.found import Described, found_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stages.core.annotating import Annotate, Sought
    from stages.core.files import Json
    from stages.core.records import Annotation, Prompt, Text
    from stages.measures.found import Values
    from stages.measures.study import Embedded

# Who says which values a text was to have.
ORDERED = "ordered"  # the plan
REPORTED = "reported"  # the model that wrote it
IMPORTED = "imported"  # whoever made it elsewhere


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked for, and what came of it.

    Attributes:
        asked: By label, what the model was asked about.
        counted: By label, what is counted in every text: lengths.
        annotations: What it said; none where nothing was asked.
        chosen: How it was asked.
    """

    asked: Mapping[str, Sequence[Sought]]
    counted: Mapping[str, Sequence[Sought]]
    annotations: Sequence[Annotation]
    chosen: Annotate


def as_found(
    accepted: Sequence[Text],
    prompts: Iterable[Prompt],
    mine: Embedded,
    real: Embedded,
    *,
    looked: Looked,
    confidence: float,
) -> Json:
    """The parts `found` and `compliance` of a study.

    Args:
        accepted: The method's texts.
        prompts: Which say who says what a text was to be.
        mine: The same texts with their embeddings.
        real: The texts of the test set.
        looked: What was looked for.
        confidence: Of intervals.

    Returns:
        found: See `measures/found`. compliance: `said_by`, and `attributes`, see `measures/compliance`, with the stated
        share under `ignored_below`.
    """
    said, real_said = (
        {each.index: each.values for each in looked.annotations if each.real == of_real and each.reason is None}
        for of_real in (False, True)
    )
    lengths = {place: _counted(each.text, looked.counted[each.label], each.attributes)
               for place, each in enumerate(accepted)}  # fmt: skip
    real_lengths = {place: _counted(each.text, looked.counted[each.label], {}) for place, each in enumerate(real.texts)}
    asked = found_values(
        Described(mine.labels, said, mine.vectors), Described(real.labels, real_said, real.vectors),
        looked.asked, confidence,
    )  # fmt: skip
    counted = found_values(
        Described(mine.labels, lengths), Described(real.labels, real_lengths), looked.counted, confidence
    )
    known = {place: {**of_length, **said.get(place, {})} for place, of_length in lengths.items()}
    sought = {label: (*looked.counted[label], *of_label) for label, of_label in looked.asked.items()}
    below = looked.chosen.ignored_below
    became = compliance(accepted, known, sought, ignored_below=below, confidence=confidence)
    return {
        "found": {**asked, **counted},
        "compliance": {"said_by": _said_by(prompts), "ignored_below": below, "attributes": became},
    }


def _counted(text: str, counted: Sequence[Sought], ordered: Mapping[str, str]) -> Values:
    """The range of each length that the text is in: the one that was ordered, if it is in that, else the first."""
    words, found = count_words(text), dict[str, str]()
    for each in counted:
        ranges = [value for value in each.values if words in parse_range(value)]
        asked = ordered.get(each.name)
        found[each.name] = asked if asked in ranges else next(iter(ranges), each.unsaid)
    return found


def _said_by(prompts: Iterable[Prompt]) -> str:
    first = next(iter(prompts), None)
    if first is None or first.text is None:
        return REPORTED if first and first.report else ORDERED
    return IMPORTED
