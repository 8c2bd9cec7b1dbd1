"""Words that give a class away in generated texts and not in real ones: what a student learns and should not.

A word is counted once a text, so that one text that repeats it is no evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.words import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Floats, Ints
    from stages.measures.words import Words


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A word that is tied to a label.

    Attributes:
        word: The word.
        inside: Texts of the label that have it.
        outside: Texts of other labels that have it.
        real_inside: Real texts of the label that have it; None without real texts.
        real_outside: Real texts of other labels; None likewise.
        log_odds: Log-odds ratio of the word in the label's texts to the others; with real texts, how much higher that
            is than theirs.
        z: `log_odds` in standard deviations.
    """

    word: str
    inside: int
    outside: int
    real_inside: int | None
    real_outside: int | None
    log_odds: float
    z: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """Words of n texts, and their (n,) labels."""

    words: Words
    labels: Sequence[str]


def shortcuts(generated: Labelled, real: Labelled | None, *, confidence: float, most: int) -> dict[str, list[Shortcut]]:
    """The words most tied to each label, where chance does not explain it.

    Log-odds ratio with an informative Dirichlet prior: Monroe, Colaresi and Quinn (2008), Fightin' Words:
    for a word with y_i counts of n_i in the label's texts and y_j of n_j in the others,

        d = log((y_i + a) / (n_i + A - y_i - a)) - log((y_j + a) / (n_j + A - y_j - a)),
        var(d) about 1 / (y_i + a) + 1 / (y_j + a), z = d / sqrt(var(d)),

    with a = A times the word's share of all counts, so that what is seen too seldom is drawn to no association. A, the
    weight of the prior, is here the count of all texts: then sets of different sizes are drawn alike.

    With real texts, what counts is how much stronger a word is tied to its label than there: d less the real d, with
    the sum of the variances. A word that a topic calls for is tied in both, and is no shortcut. The prior's shares are
    then those of both sets, each counting the same.

    A word is returned if Fisher's exact test of the generated texts (having the word against having the label, one
    side) rejects chance, corrected for the number of words and labels (Bonferroni), so that with that confidence not
    one of all words is there by chance; and if z is above the normal quantile. For a label with few texts among many
    z alone would be far too cautious: its second term is an error of the prior, and not of the counts.

    Args:
        generated: The texts.
        real: Real texts with some of the same labels, whose words are numbers of the same vocabulary (`Words.of` all
            texts, then `take`); a label that they lack is measured without them.
        confidence: As said.
        most: How many words a label.

    Returns:
        For each label, in order of names, its words, the highest z first; nothing for a set with a single label.

    Raises:
        ValueError: the two have different vocabularies.
    """
    if real and real.words.vocabulary != generated.words.vocabulary:
        raise ValueError("shortcuts: generated and real words must be parts (take) of the same Words.of(...)")
    mine, theirs = _Counts.of(generated), _Counts.of(real) if real else None
    sets = [each for each in (mine, theirs) if each]
    shares = np.sum([each.whole / max(each.whole.sum(), 1) for each in sets], axis=0) / len(sets)
    labels = mine.labels if len(mine.labels) > 1 else {}
    return {label: _tied(label, mine, theirs, shares, confidence)[:most] for label in labels}


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many texts have each word of the vocabulary, (v,): of each label and of all; and the sizes of the labels."""

    vocabulary: tuple[str, ...]
    labels: dict[str, Ints]
    whole: Ints
    sizes: dict[str, int]

    @classmethod
    def of(cls, texts: Labelled) -> _Counts:
        size = len(texts.words.vocabulary)
        labels, sizes = {}, {}
        for label, rows in rows_of(texts.labels).items():
            part = texts.words.take(rows)
            keys = np.unique(np.repeat(np.arange(len(part)), part.lengths) * size + part.numbers)
            labels[label], sizes[label] = np.bincount(keys % size, minlength=size), len(part)
        return cls(
            texts.words.vocabulary, labels, np.asarray(np.sum(list(labels.values()), axis=0), dtype=np.int64), sizes
        )

    def log_odds(self, label: str, shares: Floats) -> tuple[Floats, Floats]:
        """Log-odds ratios of all words in a label's texts to the others, and their variances: (v,) each."""
        prior = shares * self.whole.sum()
        a, b = self.labels[label] + prior, self.whole - self.labels[label] + prior
        known = prior > 0
        if known.sum() < 2:  # noqa: PLR2004 - a lone word has no odds against others
            return np.zeros(len(prior)), np.ones(len(prior))
        a, b = np.where(known, a, 1.0), np.where(known, b, 1.0)
        odds = np.log(a / (a[known].sum() - a)) - np.log(b / (b[known].sum() - b))
        return np.where(known, odds, 0.0), 1 / a + 1 / b


def _tied(label: str, mine: _Counts, theirs: _Counts | None, shares: Floats, confidence: float) -> list[Shortcut]:
    from scipy.stats import hypergeom  # noqa: PLC0415 - a second that only this measure pays

    odds, variance = mine.log_odds(label, shares)
    inside, texts = mine.labels[label], sum(mine.sizes.values())
    there = theirs if theirs and label in theirs.labels and len(theirs.labels) > 1 else None
    if there:
        real_odds, real_variance = there.log_odds(label, shares)
        odds, variance = odds - real_odds, variance + real_variance
    z = odds / np.sqrt(variance)
    # Fisher's test takes time that grows with the label's texts for each word: only of those few that z leaves.
    maybe = np.flatnonzero((inside > 0) & (z > NormalDist().inv_cdf(confidence)))
    # The probability of so many texts of the label or more, if the texts that have the word were drawn from all.
    chance = hypergeom.sf(inside[maybe] - 1, texts, mine.whole[maybe], mine.sizes[label])
    tests = max(1, int((mine.whole > 0).sum()) * len(mine.labels))
    found = maybe[chance * tests < 1 - confidence]
    return [
        Shortcut(
            word=mine.vocabulary[word],
            inside=int(mine.labels[label][word]),
            outside=int(mine.whole[word] - mine.labels[label][word]),
            real_inside=int(there.labels[label][word]) if there else None,
            real_outside=int(there.whole[word] - there.labels[label][word]) if there else None,
            log_odds=float(odds[word]),
            z=float(z[word]),
        )
        for word in found[np.lexsort((np.array(mine.vocabulary)[found], -z[found]))]
    ]
