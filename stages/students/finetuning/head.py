"""The loss of fine-tuning, and a head to begin with: logistic regression on what the untrained encoder says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stages.students.training import smoothed

if TYPE_CHECKING:
    from stages.students.training import TrainingSet

_C = 8.0  # inverse strength of regularisation, of vectors whose length is 1 in the mean
_ITERATIONS = 500


def losses(scores: Any, targets: Any, *, multilabel: bool, smoothing: float = 0.0) -> Any:
    """Cross entropy of each text: (n,), from (n, labels) scores and soft targets.

    Where a text may have several labels: the mean over the labels of the binary one. `smoothing`: of the targets, see
    `training.smoothed`.
    """
    import torch  # noqa: PLC0415 - seconds that only this student pays

    mixed = smoothed(targets, smoothing, multilabel=multilabel)
    if multilabel:
        found = torch.nn.functional.binary_cross_entropy_with_logits(scores, mixed, reduction="none")
        return found.mean(dim=1)
    return -(mixed * scores.log_softmax(dim=1)).sum(dim=1)


def start_from_regression(head: Any, vectors: Any, data: TrainingSet) -> None:
    """Set a linear layer's weights to those of a logistic regression.

    A random head distorts the encoder while it is learned itself (Kumar et al. 2022, Fine-Tuning can Distort Pretrained
    Features, section 3): so it is learned before.

    Args:
        head: The layer.
        vectors: (n, dimensions): its inputs for the texts.
        data: The texts.
    """
    import torch  # noqa: PLC0415 - as above

    scale = vectors.norm(dim=1).mean().double()
    inputs, targets = vectors.double() / scale, torch.as_tensor(data.targets)
    importance = torch.as_tensor(data.weights)
    weight = torch.zeros(head.weight.shape, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(head.bias.shape if head.bias is not None else (1,), dtype=torch.float64, requires_grad=True)
    optimizer: Any = torch.optim.LBFGS(
        [weight, bias], max_iter=_ITERATIONS, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )
    # A mean over labels would shrink the loss against the regularisation.
    factor = len(data.labels) if data.multilabel else 1

    def penalised() -> Any:
        optimizer.zero_grad()
        scores = inputs @ weight.T + (bias if head.bias is not None else 0)
        loss = losses(scores, targets, multilabel=data.multilabel) * factor
        total = (importance * loss).sum() / importance.sum() + (weight**2).sum() / (2 * _C * importance.sum())
        total.backward()
        return total

    optimizer.step(penalised)
    with torch.no_grad():
        head.weight.copy_(weight / scale)
        if head.bias is not None:
            head.bias.copy_(bias)


def macro_f1(scores: Any, data: TrainingSet) -> float:
    """The mean over the labels that any text of `data` has of the F1 of (n, labels) scores before softmax or sigmoid.

    The labels of a text with soft targets are those it has mostly.
    """
    from sklearn.metrics import f1_score  # noqa: PLC0415 - as above

    if data.multilabel:
        truth, found = data.targets > 0.5, scores > 0  # noqa: PLR2004 - likelier than not
    else:
        every = np.arange(len(data.labels))
        truth, found = (each.argmax(axis=1)[:, np.newaxis] == every for each in (data.targets, scores))
    there = truth.any(axis=0)
    return float(f1_score(truth[:, there], found[:, there], average="macro", zero_division=0)) if there.any() else 0.0
