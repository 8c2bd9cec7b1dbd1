"""The tables that the gates look at: texts, labels, attribute values; and which labels texts have together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from stages.core.lengths import count_words
from stages.core.texts import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from stages.core.files import Json
    from stages.core.records import Rejected, Text

    Values = Mapping[tuple[str, str], Sequence[str]]  # of each attribute and label


def texts_frame(accepted: Sequence[Text], labels: Sequence[str]) -> pd.DataFrame:
    """A row a text; `strange` are those labels beside its own that it cannot have, or none."""
    known = set(labels)
    rows = [
        (each.label, each.index, each.text, normalised(each.text), count_words(each.text), _strange(each, known))
        for each in accepted
    ]
    return pd.DataFrame(rows, columns=["label", "index", "text", "plain", "words", "strange"])


def _strange(text: Text, known: set[str]) -> str | None:
    strange = [each for number, each in enumerate(text.also, 1) if each not in known or each in text.labels[:number]]
    return ", ".join(strange) or None


def labels_frame(accepted: Sequence[Text], rejected: Sequence[Rejected], labels: Sequence[str]) -> pd.DataFrame:
    """A row a label: texts, share of the planned ones that were accepted, share of the fullest label's texts.

    A text counts for each of its labels; the fullest label is told by the texts that were planned for it, since how
    often a label stands beside others is not to be balanced. Texts of the reserve stand in place of planned ones.
    """
    have = Counter(label for each in accepted for label in each.labels)
    both: list[Text | Rejected] = [*accepted, *rejected]
    planned = Counter(label for each in both if not each.reserve for label in each.labels)
    own = Counter(each.label for each in accepted)
    most = max([own[label] for label in labels], default=0)
    rows = [(label, have[label], _share(have[label], planned[label]), _share(have[label], most)) for label in labels]
    return pd.DataFrame(rows, columns=["label", "texts", "quota_share", "balance"])


def values_frame(accepted: Iterable[Text], values: Values) -> pd.DataFrame:
    """A row for each value of each attribute of each label: how many texts of the label have it."""
    have = Counter((each.label, *pair) for each in accepted for pair in each.attributes.items())
    rows = [
        (label, attribute, value, have[label, attribute, value])
        for (attribute, label), each in values.items()
        for value in each
    ]
    return pd.DataFrame(rows, columns=["label", "attribute", "value", "texts"])


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
