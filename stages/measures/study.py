"""Generated texts beside real ones: how varied both are, how attribute values came out, which words give a class away.

Of a text with several labels the first counts: the one that a generated text was planned for, of a real text the first
in the order of task.yaml.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.bias import attribute_bias
from stages.measures.diversity import RealTexts, Size, measure_diversity
from stages.measures.mauve import mauve
from stages.measures.shortcuts import Labelled, shortcuts
from stages.measures.words import Words, drawn_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.files import Json
    from stages.core.measuring import Study
    from stages.core.records import Prompt, Text
    from stages.core.tasks import LabelledText
    from stages.measures.semantic import Vectors

LABELS = "(label)"  # as the name of an attribute; sorts before all slugs
_SHORTCUTS = 5  # words a label

Shares = dict[str, dict[str, dict[str, float]]]
"""By attribute and label, the weight of each value."""


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Texts, n of them, and their (n, d) embeddings of length 1."""

    texts: Sequence[Text | LabelledText]
    vectors: Vectors

    @property
    def labels(self) -> list[str]:
        """The first label of each."""
        return [each.label for each in self.texts]


def compare_with_real(generated: Embedded, real: Embedded, chosen: Study) -> Json:
    """The diversity of both sets at equal sizes, MAUVE, and the shortcut words of each label.

    Args:
        generated: At least one text.
        real: At least one text.
        chosen: The sizes.

    Returns:
        words, texts, class_words, class_texts: the sizes.
        generated, real: a `SetDiversity` each; the real texts have no distance to themselves.
        mauve: Of so many texts of each set; None where one has fewer.
        shortcuts: By label, its `Shortcut` words, five at most, the surest first.
    """
    every = Words.of([each.text for each in (*generated.texts, *real.texts)])
    n = len(generated.texts)
    mine, theirs = every.take(np.arange(n)), every.take(np.arange(n, len(every)))
    found = {}
    for name, words, texts, others in (
        ("generated", mine, generated, RealTexts(real.vectors, real.labels)),
        ("real", theirs, real, None),
    ):
        measured = measure_diversity(
            words,
            texts.vectors,
            texts.labels,
            whole=Size(chosen.words, chosen.texts),
            each=Size(chosen.class_words, chosen.class_texts),
            seed=chosen.seed,
            real=others,
        )
        found[name] = asdict(measured)
    tied = shortcuts(
        Labelled(mine, generated.labels), Labelled(theirs, real.labels), confidence=chosen.confidence, most=_SHORTCUTS
    )
    return {
        **chosen.model_dump(include={"words", "texts", "class_words", "class_texts"}),
        **found,
        "mauve": _mauve(generated.vectors, real.vectors, chosen),
        "shortcuts": {label: [asdict(each) for each in words] for label, words in tied.items()},
    }


def _mauve(generated: Vectors, real: Vectors, chosen: Study) -> float | None:
    mine, theirs = (drawn_rows(len(each), chosen.texts, chosen.seed) for each in (generated, real))
    if mine is None or theirs is None:
        return None
    return mauve(generated[mine], real[theirs], seed=chosen.seed)


def planned_shares(prompts: Iterable[Prompt]) -> Shares:
    """How the plan spreads the values of each attribute: what was ordered, or how the model was told that texts are.

    Texts that were made elsewhere have no plan; the reserve is no part of it.
    """
    found: Shares = {}
    for prompt in (each for each in prompts if not each.reserve):
        for spread in prompt.report.spreads if prompt.report else ():
            found.setdefault(spread.name, {})[prompt.label] = dict(zip(spread.values, spread.shares, strict=True))
        for row in prompt.rows if prompt.text is None else ():
            for name, value in row.attributes.items():
                weights = found.setdefault(name, {}).setdefault(prompt.label, {})
                weights[value] = weights.get(value, 0.0) + 1
    return found


def planned_and_accepted(
    prompts: Iterable[Prompt], texts: Sequence[Text]
) -> Iterator[tuple[str, str, float | None, int]]:
    """How many texts with each value were planned, and how many were accepted.

    Yields:
        Attribute, value, planned, accepted, in order of names, the labels first as if they were an attribute. A plan
        that is told as shares makes fractions of a text; None where there is no plan.
    """
    planned, accepted = defaultdict[tuple[str, str], float](float), Counter[tuple[str, str]]()
    for prompt in prompts:
        planned[LABELS, prompt.label] += len(prompt.rows)
        for spread in prompt.report.spreads if prompt.report else ():
            for value, share in zip(spread.values, spread.shares, strict=True):
                planned[spread.name, value] += share * len(prompt.rows)
        for row in prompt.rows if prompt.text is None else ():
            for each in row.attributes.items():
                planned[each] += 1
    for text in texts:
        accepted.update([(LABELS, text.label), *text.attributes.items()])
    for name, value in sorted(planned.keys() | accepted.keys()):
        yield name, value, planned.get((name, value)), accepted[name, value]


def balance(texts: Sequence[Text], planned: Shares, confidence: float) -> Json:
    """How the values of each attribute came out; no attribute where no text has any.

    Args:
        texts: The accepted ones; those without a value of an attribute do not count for it.
        planned: The targets; the values of an attribute without a plan are to be as common as one another.
        confidence: Of the interval of the commonest value's share.

    Returns:
        By attribute: overall, the `Bias` of all texts; worst, that of the label that is farthest from its target, with
        the label.
    """
    counts: dict[str, dict[str, dict[str, int]]] = {}
    for text in texts:
        for name, value in text.attributes.items():
            labels = counts.setdefault(name, {})
            values = labels.setdefault(text.label, dict.fromkeys(planned.get(name, {}).get(text.label, {}), 0))
            values[value] = values.get(value, 0) + 1
    found = {name: attribute_bias(counts[name], planned.get(name), confidence=confidence) for name in sorted(counts)}
    worst = {name: next(iter(each.classes)) for name, each in found.items()}
    return {
        name: {
            "overall": asdict(each.overall),
            "worst": {"label": worst[name], **asdict(each.classes[worst[name]])},
        }
        for name, each in found.items()
    }
