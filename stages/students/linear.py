"""A frozen encoder and logistic regression on its vectors: strong on few texts, and trained in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression

from stages.students.encoder import Encoder
from stages.students.estimators import load_estimator, save_estimator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.sections import Linear
    from stages.students.student import Floats

_FILE = "linear.skops"
_ITERATIONS = 2000
_DIGITS = 5  # of the vectors: beyond them they differ from one processor to the next


class LinearStudent:
    """See `student.Student`."""

    def __init__(self, encoder: Encoder, classifier: Any) -> None:
        self._encoder, self._classifier = encoder, classifier
        self.labels = tuple(str(label) for label in classifier.classes_)

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], settings: Linear) -> Self:
        """Fit to texts."""
        encoder = Encoder(settings.encoder)
        classifier = LogisticRegression(C=settings.c, max_iter=_ITERATIONS)
        return cls(encoder, classifier.fit(_vectors(encoder, texts), list(labels)))

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        return np.asarray(self._classifier.predict_proba(_vectors(self._encoder, texts)), dtype=np.float64)

    def save(self, folder: Path) -> dict[str, object]:
        """Write linear.skops; the encoder is not copied, its name is kept."""
        save_estimator(folder / _FILE, self._classifier)
        return {"encoder": self._encoder.name}

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read linear.skops and load the encoder that `card` names."""
        return cls(Encoder(card["encoder"]), load_estimator(folder / _FILE))


def _vectors(encoder: Encoder, texts: Sequence[str]) -> Floats:
    return encoder.encode(texts).astype(np.float64).round(_DIGITS)
