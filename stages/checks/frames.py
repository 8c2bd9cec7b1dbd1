"""The tables that the gates look at: texts, labels, attribute values, pairs of them, reasons for throwing texts out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pandas as pd

from stages.checks.judging import SURPLUS
from stages.checks.texts import REASONS
from stages.core.texts import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from stages.core.files import Json
    from stages.core.lengths import WordRange
    from stages.core.records import Rejected, Text
    from stages.core.tasks import LabelledText

    Values = Mapping[tuple[str, str], Sequence[str]]  # of each attribute and label


@dataclass(frozen=True, slots=True)
class Setting:
    """What a set of texts is held against.

    Attributes:
        labels: The task's labels: by name, as people would call them.
        words: The task's range of words.
        real: The texts of the test set.
        encode: Unit vectors of texts, (n, d).
        values: By attribute and label, all the values that the texts of the label should have between them.
        multilabel: Whether a text may have several labels.
    """

    labels: Mapping[str, str]
    words: WordRange
    real: Sequence[LabelledText]
    encode: Callable[[Sequence[str]], NDArray[Any]]
    values: Values
    multilabel: bool = False


def labels_frame(
    accepted: Sequence[Text], rejected: Sequence[Rejected], setting: Setting, unknown: float
) -> pd.DataFrame:
    """A row a label: texts, share of the planned ones that were accepted, share of the fullest label's texts, naming.

    A text counts for each of its labels; the fullest label is told by the texts that were planned for it, since how
    often a label stands beside others is not to be balanced. Naming is the share of its texts that say its name, less
    that of its real ones, or less `unknown` where it has none.
    Texts of the reserve stand in place of planned ones.
    """
    labels = list(setting.labels)
    have = Counter(label for each in accepted for label in each.labels)
    both: list[Text | Rejected] = [*accepted, *rejected]
    planned = Counter(label for each in both if not each.reserve for label in each.labels)
    own = Counter(each.label for each in accepted)
    most = max([own[label] for label in labels], default=0)
    named, real = (_named(texts, setting.labels) for texts in (accepted, setting.real))
    there = Counter(label for each in setting.real for label in each.labels)
    rows = [
        (
            label,
            have[label],
            _share(have[label], planned[label]),
            _share(have[label], most),
            _share(named[label], have[label]) - (real[label] / there[label] if there[label] else unknown),
        )
        for label in labels
    ]
    return pd.DataFrame(rows, columns=["label", "texts", "quota_share", "balance", "naming"])


def _named(texts: Sequence[Text] | Sequence[LabelledText], titles: Mapping[str, str]) -> Counter[str]:
    """How many texts of each label have its name in them, word for word."""
    plain = {name: f" {normalised(title)} " for name, title in titles.items()}
    return Counter(
        label
        for each in texts
        for label in each.labels
        if label in plain and plain[label] in f" {normalised(each.text)} "
    )


def values_frame(accepted: Iterable[Text], values: Values) -> pd.DataFrame:
    """A row for each value of each attribute of each label: how many texts of the label have it."""
    have = Counter((each.label, *pair) for each in accepted for pair in each.attributes.items())
    rows = [
        (label, attribute, value, have[label, attribute, value])
        for (attribute, label), each in values.items()
        for value in each
    ]
    return pd.DataFrame(rows, columns=["label", "attribute", "value", "texts"])


def pairs_frame(accepted: Sequence[Text], values: Values) -> pd.DataFrame:
    """A row for each two attributes of each label: different pairs of values, of as many as its texts could have."""
    have: dict[tuple[str, str, str], Counter[tuple[str, str]]] = {}
    for each in accepted:
        for (one, mine), (two, other) in combinations(sorted(each.attributes.items()), 2):
            have.setdefault((each.label, one, two), Counter())[mine, other] += 1
    rows = []
    for (label, one, two), pairs in have.items():
        if (one, label) in values and (two, label) in values:
            possible = min(pairs.total(), len(values[one, label]) * len(values[two, label]))
            rows.append((label, f"{one}, {two}", len(pairs) / possible))
    return pd.DataFrame(rows, columns=["label", "attribute", "covered"])


def reasons_frame(rejected: Iterable[Rejected], accepted: int) -> pd.DataFrame:
    """A row for each reason for throwing texts out: how many were, and their share of those asked for; no surplus."""
    counts = Counter(each.reason for each in rejected if each.reason != SURPLUS)
    planned = accepted + counts.total()
    rows = [(each, counts[each], _share(counts[each], planned)) for each in dict.fromkeys([*REASONS, *sorted(counts)])]
    return pd.DataFrame(rows, columns=["reason", "texts", "share"])


def label_sets(texts: Sequence[Text], shown: int = 20) -> Json:
    """How texts with several labels have them together.

    Args:
        texts: The texts.
        shown: How many sets are counted by name.

    Returns:
        mean: number of labels of a text; different: number of sets; most_common: labels and texts, the commonest first.
    """
    sets = Counter(tuple(sorted(each.labels)) for each in texts)
    mean = sum(len(labels) * count for labels, count in sets.items()) / max(len(texts), 1)
    commonest = sorted(sets.items(), key=lambda each: (-each[1], each[0]))[:shown]
    return {
        "mean": mean,
        "different": len(sets),
        "most_common": [{"labels": list(labels), "texts": count} for labels, count in commonest],
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
