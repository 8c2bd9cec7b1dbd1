"""A frozen encoder and logistic regression on its vectors: strong on few texts, and trained in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stages.students.encoder import Encoder
from stages.students.estimators import load_estimator, save_estimator
from stages.students.logistic import Logistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.sections import Linear
    from stages.students.training import Floats, TrainingSet

_FILE = "linear.skops"


class LinearStudent:
    """See `student.Student`."""

    def __init__(self, encoder: Encoder, classifier: Logistic, labels: Sequence[str], *, multilabel: bool) -> None:
        self._encoder, self._classifier = encoder, classifier
        self.labels, self.multilabel = tuple(labels), multilabel

    @classmethod
    def fit(cls, data: TrainingSet, settings: Linear) -> Self:
        """Fit to texts."""
        encoder = Encoder(settings.encoder)
        classifier = Logistic.fit(_vectors(encoder, data.texts), data, settings.c)
        return cls(encoder, classifier, data.labels, multilabel=data.multilabel)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        return self._classifier.probabilities(_vectors(self._encoder, texts))

    def save(self, folder: Path) -> dict[str, object]:
        """Write linear.skops; the encoder is not copied, its name is kept."""
        save_estimator(folder / _FILE, self._classifier.models)
        return {"encoder": self._encoder.name}

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read linear.skops and load the encoder that `card` names."""
        classifier = Logistic(load_estimator(folder / _FILE), len(card["labels"]))
        return cls(Encoder(card["encoder"]), classifier, card["labels"], multilabel=card["multilabel"])


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Floats:
    return encoder.encode(texts).astype(np.float64)
