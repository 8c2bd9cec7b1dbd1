"""A frozen encoder and logistic regression on its vectors: strong on few texts, and trained in seconds.

Further views may be mixed in, each with a weight: `neighbours`, on the same vectors, `characters` and `words`, on the
text. Their logarithms of probabilities are added up (a product of experts: Hinton, Training products of experts by
minimizing contrastive divergence, Neural Computation 2002, section 1) and divided by a temperature.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stages.core.errors import ModelError
from stages.students.calibration import choose_c, held_out, parts_of, probabilities_of, scores_of, temperature
from stages.students.characters import Characters, Words
from stages.students.encoder import Encoder
from stages.students.estimators import load_estimator, save_estimator
from stages.students.logistic import Logistic
from stages.students.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.arrays import Bools, Floats
    from stages.core.learning import Linear
    from stages.students.training import TrainingSet

_FILE, _VIEWS = "linear.skops", "views.safetensors"
_VIEW_KINDS: dict[str, type[Neighbours | Characters]] = {
    "neighbours": Neighbours,
    "characters": Characters,
    "words": Words,
}


@dataclass(frozen=True, slots=True)
class _Mixture:
    """A regression, and the views with their weights."""

    classifier: Logistic
    views: Mapping[str, Neighbours | Characters]
    weights: Mapping[str, float]

    def scores(self, vectors: Floats, texts: Sequence[str], *, multilabel: bool) -> Floats:
        """Weighted sums of logarithms, or of log-odds: (n, labels)."""
        found = scores_of(self.classifier.probabilities(vectors), multilabel=multilabel)
        for name, view in self.views.items():
            found = found + self.weights[name] * (
                view.scores(vectors) if isinstance(view, Neighbours) else view.scores(texts)
            )
        return found


class LinearStudent:
    """See `student.Student`."""

    def __init__(
        self, encoder: Encoder, mixture: _Mixture, labels: Sequence[str], *, multilabel: bool, temperature: float
    ) -> None:
        self._encoder, self._mixture, self._temperature = encoder, mixture, temperature
        self.labels, self.multilabel = tuple(labels), multilabel

    @classmethod
    def fit(cls, data: TrainingSet, settings: Linear) -> Self:
        """Fit to texts."""
        encoder = Encoder(settings.encoder)
        vectors = encoder.encode(data.texts).astype(np.float64)

        def alone(c: float, train: Bools, test: Bools) -> Floats:
            classifier = Logistic.fit(vectors[train], data.part(train), c)
            return scores_of(classifier.probabilities(vectors[test]), multilabel=data.multilabel)

        parts = cache(lambda: parts_of(data))  # which takes long, and where nothing is chosen is not needed
        c = choose_c(data, parts(), alone) if settings.c == "auto" else settings.c

        def mixed(train: Bools, test: Bools) -> Floats:
            texts = data.part(test).texts
            mixture = _mix(vectors[train], data.part(train), settings, c)
            return mixture.scores(vectors[test], texts, multilabel=data.multilabel)

        found = temperature(held_out(data, parts(), mixed), data) if settings.calibrated else 1.0
        mixture = _mix(vectors, data, settings, c)
        return cls(encoder, mixture, data.labels, multilabel=data.multilabel, temperature=found)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        vectors = self._encoder.encode(texts).astype(np.float64)
        scores = self._mixture.scores(vectors, texts, multilabel=self.multilabel)
        return probabilities_of(scores / self._temperature, multilabel=self.multilabel)

    def save(self, folder: Path) -> dict[str, object]:
        """Write linear.skops, and views.safetensors if there are views; the encoder is not copied, its name is kept."""
        from safetensors.numpy import save_file  # noqa: PLC0415 - what only training pays

        save_estimator(folder / _FILE, self._mixture.classifier.models)
        arrays = {
            f"{name}.{part}": np.ascontiguousarray(array)
            for name, view in self._mixture.views.items()
            for part, array in view.arrays().items()
        }
        if arrays:
            save_file(arrays, folder / _VIEWS)
        return {
            "encoder": self._encoder.name,
            "views": dict(self._mixture.weights),
            "temperature": self._temperature,
        }

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read what `save` wrote and load the encoder that `card` names."""
        classifier = Logistic(load_estimator(folder / _FILE), len(card["labels"]))
        weights = card.get("views", {})
        mixture = _Mixture(classifier, _load_views(folder / _VIEWS, weights), weights)
        return cls(
            Encoder(card["encoder"]),
            mixture,
            card["labels"],
            multilabel=card["multilabel"],
            temperature=card.get("temperature", 1.0),
        )


def _mix(vectors: Floats, data: TrainingSet, settings: Linear, c: float) -> _Mixture:
    weights = {name: getattr(settings, name) for name in _VIEW_KINDS if getattr(settings, name)}
    views: dict[str, Neighbours | Characters] = {}
    for name in weights:
        kind = _VIEW_KINDS[name]
        views[name] = kind.fit(data) if issubclass(kind, Characters) else kind.fit(vectors, data)
    return _Mixture(Logistic.fit(vectors, data, c), views, weights)


def _load_views(path: Path, weights: Mapping[str, float]) -> dict[str, Neighbours | Characters]:
    from safetensors import SafetensorError  # noqa: PLC0415 - as above
    from safetensors.numpy import load_file  # noqa: PLC0415 - as above

    if not weights:
        return {}
    try:
        arrays = load_file(path)
        parts = {
            name: {key.partition(".")[2]: array for key, array in arrays.items() if key.startswith(f"{name}.")}
            for name in weights
        }
        return {name: _VIEW_KINDS[name].of_arrays(part) for name, part in parts.items()}
    except FileNotFoundError:
        raise ModelError(f"{path}: is missing; run dvc repro, or dvc pull") from None
    except (SafetensorError, KeyError) as error:
        raise ModelError(f"{path}: cannot be read as views of a linear student: {error}") from None
