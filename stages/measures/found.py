"""How attribute values are spread over texts as they came out, whatever was ordered.

From annotations of a sample (stage `annotate`), of generated texts and of real ones in the same words; lengths are
counted in all of them. A classifier that learns from the annotated texts covers the rest, and the shares are corrected
for its errors (`prediction_powered`); where it is no better than the commonest value, the sample stands alone. An
annotator's errors are in neither: it is a model too, and shares are of what it says.

Texts of which nothing usable was said count as if they had never been in the sample. Where a text has several labels,
the first counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.distance import entropy, evenness
from stages.measures.found_targets import Counted, held_against
from stages.measures.guessing import Known, guess
from stages.measures.prediction_powered import Sampled, estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.annotating import Sought
    from stages.core.arrays import Ints
    from stages.core.files import Json
    from stages.measures.guessing import Guesses
    from stages.measures.prediction_powered import Estimate
    from stages.measures.semantic import Vectors

Values = dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Texts, N of them, and what is known of them.

    Attributes:
        labels: The label of each.
        values: By the place of a text, what was said of it, or counted in it.
        vectors: (N, d) embeddings, where a classifier is to learn from them.
    """

    labels: Sequence[str]
    values: Mapping[int, Values]
    vectors: Vectors | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _One:
    """One attribute of one set of texts, in numbers.

    Attributes:
        places: Of the texts whose label has the attribute, in the whole set.
        strata: The label of each of these.
        rows: Which of these are known.
        values: Their values.
    """

    places: Ints
    strata: Ints
    rows: Ints
    values: Ints


def found_values(
    mine: Described, real: Described, sought: Mapping[str, Sequence[Sought]], confidence: float
) -> dict[str, Json]:
    """Each attribute as it was found.

    Args:
        mine: The method's accepted texts.
        real: Those of the test set.
        sought: By label, what was looked for.
        confidence: Of each interval by itself.

    Returns:
        By attribute, none of which no text of `mine` is known
            texts, known, unsaid    how many texts can have it, of how many it is known, what says that one has none
            classifier              accuracy, commonest: see `guessing`; used; null where there is too little to learn
            shares, real            by value: share of all texts, low, high; real is null where nothing is known
            said                    of_all: the share of texts of which some value is said; of these entropy (bits),
                                    evenness, commonest, share; null where there is none
            targets                 uniform, natural, real: see `found_targets`; where there is such a target
    """
    names = dict.fromkeys(each.name for of_label in sought.values() for each in of_label)
    every = {name: _attribute(name, mine, real, sought, confidence) for name in names}
    return {name: each for name, each in every.items() if each}


def _attribute(
    name: str, mine: Described, real: Described, sought: Mapping[str, Sequence[Sought]], confidence: float
) -> Json | None:
    by_label = {label: each for label, of_label in sought.items() for each in of_label if each.name == name}
    unsaid = next(iter(by_label.values())).unsaid
    answers = [*dict.fromkeys(value for each in by_label.values() for value in each.values), unsaid]
    one, other = (_numbers(name, each, list(by_label), answers) for each in (mine, real))
    if not len(one.rows):
        return None
    allowed = np.array([[answer in each.answers for answer in answers] for each in by_label.values()])
    guesses = None
    if mine.vectors is not None:
        more = None if real.vectors is None else Known(real.vectors[other.places][other.rows], other.values)
        guesses = guess(mine.vectors[one.places], one.strata, one.rows, one.values, allowed=allowed, more=more)
    theirs = None if real.vectors is None else guess(
        real.vectors[other.places], other.strata, other.rows, other.values, allowed=allowed)  # fmt: skip
    counted = _counted(one, guesses, answers, confidence)
    real_ones = _counted(other, theirs, answers, confidence) if len(other.rows) else None
    return {
        "texts": len(one.places),
        "known": len(one.rows),
        "unsaid": unsaid,
        "classifier": _classifier(guesses),
        "shares": _shares(answers, counted.overall),
        "real": _shares(answers, real_ones.overall) if real_ones else None,
        "said": _said(answers, counted.overall),
        "targets": held_against(counted, real_ones, list(by_label.values()), list(by_label)),
    }


def _numbers(name: str, texts: Described, labels: list[str], answers: list[str]) -> _One:
    numbers = {label: number for number, label in enumerate(labels)}
    places = [place for place, label in enumerate(texts.labels) if label in numbers]
    known = [row for row, place in enumerate(places) if name in texts.values.get(place, {})]
    values = [answers.index(texts.values[places[row]][name]) for row in known]
    strata = [numbers[texts.labels[place]] for place in places]
    return _One(*(np.array(each, dtype=np.int64) for each in (places, strata, known, values)))


def _counted(one: _One, guesses: Guesses | None, answers: list[str], confidence: float) -> Counted:
    known = np.eye(len(answers), dtype=np.bool_)[one.values]
    guessed = guesses.probabilities if guesses and guesses.useful else None
    sampled = Sampled(one.strata, one.rows, known, guessed)
    of_rows = one.strata[one.rows]
    strata = [int(each) for each in np.unique(of_rows)]
    return Counted(
        answers=answers,
        overall=estimate(sampled, confidence),
        classes={each: estimate(sampled, confidence, each) for each in strata},
        counts={each: known[of_rows == each].sum(axis=0) for each in strata},
        sizes={each: int((one.strata == each).sum()) for each in strata},
    )


def _classifier(guesses: Guesses | None) -> Json | None:
    if guesses is None:
        return None
    return {"accuracy": guesses.accuracy, "commonest": guesses.commonest, "used": guesses.useful}


def _shares(answers: list[str], found: Estimate) -> Json:
    columns = zip(answers, found.shares, found.low, found.high, strict=True)
    return {
        answer: {"share": float(share), "low": float(low), "high": float(high)} for answer, share, low, high in columns
    }


def _said(answers: list[str], found: Estimate) -> Json | None:
    """The last answer is that nothing is said."""
    whole = float(found.shares[:-1].sum())
    if whole <= 0:
        return None
    shares = found.shares[:-1] / whole
    top = int(shares.round(6).argmax())  # the first of those that are alike but for rounding
    return {
        "of_all": whole,
        "entropy": entropy(shares),
        "evenness": evenness(shares),
        "commonest": answers[top],
        "share": float(shares[top]),
    }
