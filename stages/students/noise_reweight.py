"""Weights of texts learned without one label that is known to be right: SunGen, by an exact outer gradient.

Gao et al., *Self-Guided Noise-Free Data Generation for Efficient Zero-Shot Learning*, ICLR 2023 (arXiv 2205.12679),
section 3. Two problems, one in the other:

    w*       = argmin over w in [0, 1]^n of  L_robust(theta(w)) on held-out generated texts
    theta(w) = what gradient descent makes of  1/n sum_i w_i CE(x_i, y_i; theta)

A wrong label among the held-out texts pulls L_robust as much one way as the others pull it the other way, because it is
symmetric: summed over all labels that a text could have been given it is a constant (section 3; Ghosh et al. 2017).
Here theta is a linear model on frozen vectors, so that the gradient is a few products of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stages.core.arrays import Floats, Ints
    from stages.students.training import TrainingSet

    Reals = NDArray[Any]  # of single or double precision

_INNER = 20  # steps of gradient descent from zero, all of which the outer gradient goes back through
_OUTER = 4  # steps of the weights
_RATE = 1.0  # of an inner step, times the number of labels: each label has so little of the mean over all texts
_STEP = 0.8  # of the weights, in standard deviations of their gradient


@dataclass(frozen=True, slots=True)
class Side:
    """Texts on one side of the bilevel problem.

    Attributes:
        vectors: (n, dimensions).
        targets: (n, labels), as in a training set.
        multilabel: Whether a row of the targets may add up to something else than 1.
    """

    vectors: Reals
    targets: Reals
    multilabel: bool

    def probabilities(self, theta: Reals) -> Reals:
        """Of the linear model `theta`, (dimensions, labels): softmax, or a sigmoid for each label."""
        logits = self.vectors @ theta
        if self.multilabel:
            return np.asarray(expit(logits))
        return np.asarray(softmax(logits, axis=1))

    def through(self, probabilities: Reals, change: Reals) -> Reals:
        """`change` of the logits, (n, labels), as one of the probabilities; symmetric, so its transpose as well."""
        if self.multilabel:
            return np.asarray(probabilities * (1 - probabilities) * change)
        return np.asarray(probabilities * (change - (probabilities * change).sum(axis=1, keepdims=True)))


def robust_loss(held_out: Side, theta: Reals) -> tuple[float, Reals]:
    """The noise-robust loss of the outer problem, and its gradient with respect to `theta`.

    Reverse cross-entropy, -sum_k p_k log y_k with log 0 := A (Wang et al., *Symmetric Cross Entropy for Robust Learning
    with Noisy Labels*, ICCV 2019, section 3.1), is -A (1 - p_y): A only scales it, and is -1 here. Of several labels:
    the same of each, so the mean of |p_k - y_k|.
    """
    probabilities, targets = held_out.probabilities(theta), held_out.targets
    slope = (1 - 2 * targets) / targets.shape[1] if held_out.multilabel else -targets
    constant = targets / targets.shape[1] if held_out.multilabel else targets
    rows = len(targets)
    gradient = held_out.vectors.T @ held_out.through(probabilities, slope) / rows
    return float((constant + slope * probabilities).sum() / rows), gradient


def outer_gradient(train: Side, held_out: Side, weights: Reals) -> tuple[float, Reals]:
    """The outer loss at `weights`, and its gradient: (n,) for the (n,) texts of `train`.

    Reverse mode through all inner steps, theta_t+1 = theta_t - rate * X' diag(w) (P_t - Y) / n, from theta_0 = 0: with
    lambda_T = dL/dtheta_T,

        dL/dw_i   -= rate / n * (P_t - Y)_i . (X lambda)_i
        lambda_t   = lambda_t+1 - rate / n * X' diag(w) J_t (X lambda_t+1)      J_t: derivative of P_t by the logits

    Truncated back-propagation (Shaban et al. 2019), which the paper's section 3 uses, is this for the last steps alone.
    """
    rows, labels = train.targets.shape
    rate = _RATE * (1 if train.multilabel else labels) / rows
    theta = np.zeros((train.vectors.shape[1], labels), dtype=train.vectors.dtype)
    steps: list[tuple[Reals, Reals]] = []
    for _ in range(_INNER):
        probabilities = train.probabilities(theta)
        residual = probabilities - train.targets
        steps.append((probabilities, residual))
        theta = theta - rate * train.vectors.T @ (weights[:, np.newaxis] * residual)
    loss, back = robust_loss(held_out, theta)
    gradient = np.zeros(rows, dtype=train.vectors.dtype)
    for probabilities, residual in reversed(steps):
        moved = train.vectors @ back
        gradient -= rate * (residual * moved).sum(axis=1)
        back = back - rate * train.vectors.T @ (weights[:, np.newaxis] * train.through(probabilities, moved))
    return loss, gradient


def learned_weights(data: TrainingSet, vectors: Floats, parts: Ints) -> Floats:
    """Weights from 0 to 1 of the (n,) texts of `data`: those of each part are learned with the others held out.

    Projected gradient descent from weights of 1.

    Args:
        data: The texts.
        vectors: (n, dimensions) of them.
        parts: (n,) numbers of the part of each; near-duplicates share one.
    """
    # Single precision: half of the time, and the weights are rounded to far less.
    with_constant = np.hstack([vectors, np.ones((len(vectors), 1))]).astype(np.float32)
    targets, most = data.targets.astype(np.float32), data.weights.astype(np.float32)
    learned = data.weights.copy()
    for part in np.unique(parts):
        inside = parts == part
        train, held_out = (Side(with_constant[rows], targets[rows], data.multilabel) for rows in (inside, ~inside))
        weights = most[inside]
        for _ in range(_OUTER):
            _, gradient = outer_gradient(train, held_out, weights)
            spread = gradient.std()
            if spread == 0:
                break
            weights = np.clip(weights - _STEP * gradient / spread, 0.0, most[inside])
        learned[inside] = weights
    return learned
