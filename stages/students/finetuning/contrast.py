"""Tuning an encoder by contrast: texts of one label are drawn together, those of others pushed apart.

Supervised contrastive learning (Khosla et al. 2020, arXiv 2004.11362, equation 2), as SetFit does it first (Tunstall et
al. 2022, arXiv 2209.11055, section 3), with all texts of a batch instead of pairs alone. There is no head: what learns
from the vectors afterwards is a student's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.learning import Finetune
from stages.students.finetuning.training import Training

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Floats, Ints
    from stages.core.learning import Contrastive
    from stages.students.finetuning.batches import Tokens
    from stages.students.finetuning.parts import Part
    from stages.students.training import TrainingSet

MOST_TOKENS = 256  # of a text, as for the frozen encoder
_LIKELIER_THAN_NOT = 0.5


class Contrast(Training):
    """See `Training`. The model's vectors of a text are those of its tokens, averaged and scaled to length 1.

    Args:
        model: Without a head.
        parts: What it learns from, and no text held out.
        settings: The student's entry in params.yaml.
        accelerator: Where it is trained.
    """

    def __init__(self, model: Any, parts: Sequence[Part], settings: Contrastive, *, accelerator: Any) -> None:
        # Words that no generated text has would stay where they are while their like move away.
        model.get_input_embeddings().requires_grad_(requires_grad=False)
        super().__init__(model, parts, steps_of(settings), seed=settings.seed, accelerator=accelerator)
        self._data, self._temperature = parts[0].data, settings.temperature

    def _batches(self, tokens: Tokens, epoch: int) -> list[Ints]:  # noqa: ARG002 - labels decide, and no lengths
        return paired(_classes(self._data, self._seed, epoch), self._settings.batch, self._seed, epoch)

    def _output(self, batch: dict[str, Any]) -> Any:
        states, mask = self._model(**batch).last_hidden_state.float(), batch["attention_mask"][:, :, None]
        return (states * mask).sum(dim=1) / mask.sum(dim=1)

    def _loss(self, output: Any, rows: Ints, share: Any) -> Any:
        import torch  # noqa: PLC0415 - seconds that only this student pays

        vectors = torch.nn.functional.normalize(output, dim=1)
        return contrast(vectors, alike(self._data, rows).to(vectors.device), share, self._temperature)


def steps_of(settings: Contrastive) -> Finetune:
    """How it is trained, in the words of a fine-tuning: what contrast does not ask for is as it usually is."""
    return Finetune(
        kind="finetune", model=settings.encoder, pooling="own", start="random", max_tokens=MOST_TOKENS,
        epochs=settings.epochs, batch=2 * settings.pairs, learning_rate=settings.learning_rate,
        head_learning_rate=settings.learning_rate, layer_decay=1.0, weight_decay=0.01, warmup=0.1, label_smoothing=0.0,
        untidy=settings.untidy, held_out=0.0, patience=1, tuned_share=1.0, seeds=1, keep_seeds=False,
        seed=settings.seed,
    )  # fmt: skip


def contrast(vectors: Any, positives: Any, share: Any, temperature: float) -> Any:
    """Minus the mean logarithm of how near a text's like lie among all texts of the batch, over the texts.

    Args:
        vectors: (n, dimensions), of length 1.
        positives: (n, n): how far two texts are alike, from 0 to 1; a text that has no like loses nothing.
        share: (n,): how much each text counts.
        temperature: What cosines are divided by.
    """
    import torch  # noqa: PLC0415 - as above

    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    logs = (vectors @ vectors.T / temperature).masked_fill(itself, -torch.inf).log_softmax(dim=1).masked_fill(itself, 0)
    positives = positives.masked_fill(itself, 0)
    like = positives.sum(dim=1)
    counted = share * (like > 0)
    each = -(positives * logs).sum(dim=1) / like.clamp(min=torch.finfo(like.dtype).tiny)
    return (each * counted).sum() / counted.sum().clamp(min=torch.finfo(like.dtype).tiny)


def alike(data: TrainingSet, rows: Ints) -> Any:
    """How likely any two texts of these rows have the same label: (rows, rows).

    Where a text may have several: the labels that both have, of those that either has (Jaccard).
    """
    import torch  # noqa: PLC0415 - as above

    targets: Floats = data.targets[rows]
    if not data.multilabel:
        return torch.as_tensor(targets @ targets.T, dtype=torch.float32)
    has = (targets > _LIKELIER_THAN_NOT).astype(np.float64)
    both = has @ has.T
    either = has.sum(axis=1)[:, np.newaxis] + has.sum(axis=1) - both
    return torch.as_tensor(both / np.maximum(either, 1), dtype=torch.float32)


def paired(classes: Ints, size: int, *seeds: int) -> list[Ints]:
    """The rows in batches of `size`, an even number, each beside another of its class as far as there is one.

    Args:
        classes: (n,): a text's class.
        size: Texts a batch.
        seeds: Another draw for others.
    """
    random = np.random.default_rng(seeds)
    pairs, left = list[Any](), list[int]()
    for number in np.unique(classes):
        rows = random.permutation(np.flatnonzero(classes == number))
        pairs += list(rows[: len(rows) // 2 * 2].reshape(-1, 2))
        left += rows[len(rows) // 2 * 2 :].tolist()
    rest = random.permutation(np.array(left, dtype=np.int64))
    pairs += list(rest[: len(rest) // 2 * 2].reshape(-1, 2))
    order = [*(pairs[number] for number in random.permutation(len(pairs))), rest[len(rest) // 2 * 2 :]]
    rows = np.concatenate(order).astype(np.int64)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def has_pairs(data: TrainingSet) -> bool:
    """Whether any two texts have a label in common: else there is nothing to draw together."""
    return bool(((data.targets > _LIKELIER_THAN_NOT).sum(axis=0) > 1).any())


def _classes(data: TrainingSet, *seeds: int) -> Ints:
    """(n,): the label that a text is drawn for: of several, any one of them; of none, -1."""
    if not data.multilabel:
        return np.asarray(data.targets.argmax(axis=1), dtype=np.int64)
    has = data.targets > _LIKELIER_THAN_NOT
    drawn = (np.random.default_rng(seeds).random(has.shape) * has).argmax(axis=1)
    return np.where(has.any(axis=1), drawn, -1)
