"""How varied a set of labelled texts is, over all and in each class, by all measures whose time is linear in the texts.

What they need of the texts, words and embeddings, is made once and passed in; `mauve` is for the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.measures.duplicates import near_duplicate_share, near_duplicates
from stages.measures.lexical import distinct_n, expected_distinct, ingf, self_bleu
from stages.measures.semantic import central_moment_discrepancy, similarity, vendi_score
from stages.measures.words import drawn_rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.arrays import Ints
    from stages.measures.semantic import Vectors
    from stages.measures.words import Words


@dataclass(frozen=True, slots=True)
class Size:
    """At how many words and texts sets are compared, by measures that rise or fall with the size of a set.

    Attributes:
        words: m; as much as the smallest of the sets has triples of words.
        texts: k, how many texts are drawn; 2 or more.
    """

    words: int
    texts: int


@dataclass(frozen=True, slots=True)
class Diversity:
    """The measures of one set of texts; None where a measure has too little to go on.

    Attributes:
        texts: Number of texts, n.
        words: Number of words, t.
        vocabulary: Distinct words of all t; grows with t.
        sample: m, the number of words (or pairs, or triples) that the next four are taken at.
        expected_vocabulary: Distinct words among m.
        distinct_1: Distinct words divided by m.
        distinct_2: Distinct pairs of words among m pairs, divided by m.
        ingf: Inter-sample n-gram frequency of words, pairs and triples; high where varied.
        drawn: k, the number of texts that the next two are taken at.
        self_bleu: Mean BLEU of a text with the others as references; low where varied.
        vendi: Vendi score, effective number of different texts, at most k.
        near_duplicates: Share of texts that would go if one of each group of near-duplicates were kept; rises with n.
        similarity: Mean cosine of two texts; low where varied.
        cmd: Central moment discrepancy to the real texts; 0 where they agree; None where there are none.
    """

    texts: int
    words: int
    vocabulary: int
    sample: int
    expected_vocabulary: float | None
    distinct_1: float | None
    distinct_2: float | None
    ingf: float | None
    drawn: int
    self_bleu: float | None
    vendi: float | None
    near_duplicates: float
    similarity: float | None
    cmd: float | None


@dataclass(frozen=True, slots=True)
class SetDiversity:
    """The measures over all texts and for the texts of each class.

    Attributes:
        overall: Of all texts.
        classes: Of each class, by its label.
        within: Mean over the classes of the mean cosine of two of their texts; None where none has two.
        between: Mean cosine of two texts of different classes; None where there is one class.
    """

    overall: Diversity
    classes: dict[str, Diversity]
    within: float | None
    between: float | None


@dataclass(frozen=True, slots=True)
class RealTexts:
    """Embeddings, (m, d), and labels, (m,), of real texts."""

    vectors: Vectors
    labels: Sequence[str]


def measure_diversity(
    words: Words, vectors: Vectors, labels: Sequence[str], *, whole: Size, each: Size, seed: int, real: RealTexts | None
) -> SetDiversity:
    """All linear measures of a set.

    Args:
        words: Of n texts, n at least 1.
        vectors: (n, d) their embeddings, of length 1.
        labels: (n,) their labels.
        whole: At what size all texts are measured.
        each: At what size the texts of one class are.
        seed: Of the texts that are drawn.
        real: Real texts to measure the discrepancy to; a class that has none has no figure for it.
    """
    groups, cosines, rows = near_duplicates(words), similarity(vectors, labels), rows_of(labels)
    theirs: Mapping[str, Ints] = rows_of(real.labels) if real else {}
    overall = _measured(
        words, vectors, groups, whole, seed, cosine=cosines.overall, real=real.vectors if real else None
    )
    classes = {
        label: _measured(
            words.take(places),
            vectors[places],
            groups[places],
            each,
            seed,
            cosine=cosines.classes[label],
            real=real.vectors[theirs[label]] if real and label in theirs else None,
        )
        for label, places in rows.items()
    }
    return SetDiversity(overall, classes, cosines.within, cosines.between)


def _measured(
    words: Words, vectors: Vectors, groups: Ints, size: Size, seed: int, *, cosine: float | None, real: Vectors | None
) -> Diversity:
    counts, sample = [words.counts(n) for n in (1, 2, 3)], size.words
    rows = drawn_rows(len(words), size.texts, seed)
    return Diversity(
        texts=len(words),
        words=len(words.numbers),
        vocabulary=len(counts[0]),
        sample=sample,
        expected_vocabulary=expected_distinct(counts[0], sample),
        distinct_1=distinct_n(counts[0], sample),
        distinct_2=distinct_n(counts[1], sample),
        ingf=ingf(counts, sample),
        drawn=size.texts,
        self_bleu=self_bleu(words, size.texts, seed),
        vendi=None if rows is None else vendi_score(vectors[rows]),
        near_duplicates=near_duplicate_share(groups),
        similarity=cosine,
        cmd=None if real is None else central_moment_discrepancy(vectors, real),
    )
