"""How varied the words are, at equal numbers of words: a longer text has more of them, which is no merit.

All of these come from counts of distinct runs of words (`words.Words.counts`), in exact expectation over samples
without replacement: no draw, no seed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.measures.words import drawn_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Ints
    from stages.measures.words import Words

_EPSILON = 0.1  # hits of a precision that has none: smoothing 1 of Chen and Cherry (2014)
_BLEU_ORDERS = (1, 2, 3, 4)


def expected_distinct(counts: Ints, sample: int) -> float | None:
    """How many distinct words a sample of so many words has on average (rarefaction).

    The words are drawn without replacement, so that a word that occurs c times in N is left out with probability
    C(N - c, m) / C(N, m), and E = sum over the words of 1 - C(N - c, m) / C(N, m): Hurlbert (1971), The Nonconcept of
    Species Diversity, where a word is a species.

    Args:
        counts: (distinct,) occurrences of each distinct word, or run of words.
        sample: m, how many are drawn, at least 1.

    Returns:
        The expected number, or None where there are fewer than m to draw from.
    """
    from scipy.special import gammaln  # noqa: PLC0415 - used by this measure alone

    total = int(counts.sum())
    if sample > total:
        return None
    # Words that occur equally often have the same chance: as many terms as there are different counts.
    times, words = np.unique(counts, return_counts=True)
    left = total - times
    possible = left >= sample
    left = left[possible]
    missed = np.zeros(len(times))
    missed[possible] = np.exp(
        gammaln(left + 1) - gammaln(left - sample + 1) - gammaln(total + 1) + gammaln(total - sample + 1)
    )
    return float(words @ (1 - missed))


def distinct_n(counts: Ints, sample: int) -> float | None:
    """The share of distinct ones among so many runs of n words: distinct-n of Li et al. (2016).

    There it is the distinct runs divided by all of them, which falls as texts are added; here it is expected of a
    sample of m, so that sets of different sizes compare. With m = all it is theirs.

    Args:
        counts: (distinct,) occurrences of each distinct run of n words.
        sample: m.

    Returns:
        A share of 1, or None where there are fewer than m runs.
    """
    distinct = expected_distinct(counts, sample)
    return None if distinct is None else distinct / sample


def ingf(counts: Sequence[Ints], sample: int) -> float | None:
    """Inter-sample n-gram frequency; the higher, the more varied.

    Mishra et al. (2020), DQI: Measuring Data Quality in NLP, component 2, first term: for each granularity, the number
    of distinct items divided by the standard deviation of their occurrences; summed over granularities. The AttrPrompt
    paper (arXiv 2306.15895) takes this up by name without a formula or code. Left out here:
    parts of speech, which need a tagger, and the second term, whose limits its authors set by hand for each data set.
    So figures compare with each other, not with those that are printed there.

    Both parts are expectations over samples of m runs: the distinct ones as in `expected_distinct`, the sum of squared
    occurrences by the second moment of the hypergeometric distribution, m c/N (1 + (m - 1)(c - 1) / (N - 1)). With
    m = all they are the set's own.

    Args:
        counts: For each granularity (words, pairs, triples) the (distinct,) occurrences of each.
        sample: m.

    Returns:
        The sum, or None where some granularity has fewer than m runs, or where no run of it occurs oftener than
        another: then there is no deviation to divide by.
    """
    found = 0.0
    for each in counts:
        distinct = expected_distinct(each, sample)
        if distinct is None:
            return None
        total, times = float(each.sum()), each.astype(np.float64)
        squares = float((sample * times / total * (1 + (sample - 1) * (times - 1) / max(total - 1, 1))).sum())
        variance = squares / distinct - (sample / distinct) ** 2
        if variance <= 1e-12 * squares:  # zero, but for rounding
            return None
        found += distinct / variance**0.5
    return found


def self_bleu(words: Words, sample: int, seed: int) -> float | None:
    """How much texts resemble each other: the mean BLEU-4 of each with all the others as references.

    Zhu et al. (2018), Texygen. It rises with the number of references, so that only samples of
    one size compare. BLEU is that of Papineni et al. (2002), on a single text, a precision without
    hits counted as 0.1 hits (smoothing 1 of Chen and Cherry 2014).

    The most that any other text has of a run of words is the set's most, or, for the text that has it, the second most:
    so the time is linear in the sample, and not quadratic.

    Args:
        words: The texts.
        sample: How many of them are drawn, at least 2.
        seed: Of the draw.

    Returns:
        A share of 1, the higher the more alike; None where there are fewer texts.
    """
    rows = drawn_rows(len(words), sample, seed)
    if rows is None:
        return None
    drawn = words.take(rows)
    logs = np.zeros(sample)
    for n in _BLEU_ORDERS:
        hits = np.bincount(*_clipped(drawn, n), minlength=sample)
        possible = np.maximum(drawn.lengths - n + 1, 1)
        logs += np.log(np.where(hits > 0, hits, _EPSILON) / possible) / len(_BLEU_ORDERS)
    return float(np.exp(logs + _brevity(drawn.lengths)).mean())


def _clipped(words: Words, n: int) -> tuple[Ints, Ints]:
    """For each text and each distinct run in it: the text, and the occurrences that some other text has as well."""
    grams, texts = words.grams(n)
    keys, counts = np.unique(grams * len(words) + texts, return_counts=True)
    grams, texts = keys // len(words), keys % len(words)
    order = np.lexsort((counts, grams))
    grams, texts, counts = grams[order], texts[order], counts[order]
    # Runs stand together, the highest count last: the others' most is that, or for its own text the one before it.
    last = np.flatnonzero(np.diff(grams, append=-1))
    most = np.repeat(last, np.diff(last, prepend=-1))
    others = counts[most]
    second = last - 1
    alone = (second < 0) | (grams[second] != grams[last])
    others[last] = np.where(alone, 0, counts[second])
    return texts, np.minimum(counts, others)


def _brevity(lengths: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Logs of the brevity penalties, (n,): min(0, 1 - r / c), r the nearest length of another text, the shorter of two.

    Where others have the same length, the penalty is none; so only texts with a length of their own have one.
    """
    values, places, counts = np.unique(lengths, return_inverse=True, return_counts=True)
    nearest = values.copy()
    for at in np.flatnonzero(counts == 1):
        around = values[[each for each in (at - 1, at + 1) if 0 <= each < len(values)]]
        nearest[at] = around[np.abs(around - values[at]).argmin()]
    return np.minimum(0.0, 1 - (nearest / np.maximum(values, 1)))[places]
