"""Texts as tokens, in batches of like length: what is padding costs as much as what is text, and teaches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.arrays import Ints
from stages.core.texts import encodable

if TYPE_CHECKING:
    from collections.abc import Sequence


_BATCHES_A_BUCKET = 16
_BATCH = 64  # where nothing is learned


class Tokens:
    """(n,) texts as tokens, padded when they become a batch.

    Args:
        tokenizer: Its `model_max_length` is where a text is cut, its `padding_side` where the padding goes.
        texts: The texts.
    """

    def __init__(self, tokenizer: Any, texts: Sequence[str]) -> None:
        self._pad, self._left = tokenizer.pad_token_id, tokenizer.padding_side == "left"
        self._numbers = list[list[int]]()
        if texts:
            plain = [encodable(text) for text in texts]
            found = tokenizer(plain, truncation=True, return_token_type_ids=False, return_attention_mask=False)
            self._numbers = [each or [self._pad] for each in found["input_ids"]]
        self.lengths = np.array([len(each) for each in self._numbers], dtype=np.int64)

    def batch(self, rows: Ints, device: Any = "cpu") -> dict[str, Any]:
        """The texts of these rows, as a model takes them: (rows, longest) token numbers and which of them are text."""
        import torch  # noqa: PLC0415 - seconds that only this student pays

        lengths = self.lengths[rows]
        numbers = np.full((len(rows), lengths.max()), self._pad, dtype=np.int64)
        places = np.arange(lengths.max())
        mask = (places[::-1] if self._left else places) < lengths[:, np.newaxis]
        numbers[mask] = np.concatenate([self._numbers[row] for row in rows])
        found = {"input_ids": numbers, "attention_mask": mask.astype(np.int64)}
        return {name: torch.as_tensor(each).to(device) for name, each in found.items()}

    def by_length(self) -> list[Ints]:
        """The rows in batches, the shortest first."""
        order = np.argsort(self.lengths, kind="stable")
        return [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

    def shuffled(self, size: int, *seeds: int) -> list[Ints]:
        """The rows in batches of `size`, another draw for other seeds.

        Shuffled, cut into buckets of 16 batches, each sorted by length and cut into batches, and these shuffled: what
        is in a batch is left to chance, but its texts are about equally long.
        """
        random = np.random.default_rng(seeds)
        order = random.permutation(len(self.lengths))
        batches = list[Ints]()
        for start in range(0, len(order), size * _BATCHES_A_BUCKET):
            bucket = order[start : start + size * _BATCHES_A_BUCKET]
            bucket = bucket[np.argsort(self.lengths[bucket], kind="stable")]
            batches += [bucket[at : at + size] for at in range(0, len(bucket), size)]
        return [batches[number] for number in random.permutation(len(batches))]


def scores_of(model: Any, tokens: Tokens, device: Any = "cpu", part: slice = slice(None)) -> Any:
    """The model's (n, labels) scores of texts, in single precision, the model being as it is and out of training.

    `part`: of the batches, see `Tokens.by_length`; the scores of other texts are 0.
    """
    import torch  # noqa: PLC0415 - as above

    found = torch.zeros((len(tokens.lengths), model.config.num_labels))
    model.eval()
    with torch.inference_mode():
        for rows in tokens.by_length()[part]:
            found[rows] = model(**tokens.batch(rows, device)).logits.float().cpu()
    return found


def head_inputs(model: Any, head: Any, tokens: Tokens, device: Any = "cpu") -> Any:
    """What the layer `head` of a model is given for texts: (n, dimensions).

    Of a model that scores every token and keeps the scores of one, what that one gave.
    """
    import torch  # noqa: PLC0415 - as above

    found = torch.zeros((len(tokens.lengths), head.in_features))
    caught = list[Any]()
    hook = head.register_forward_pre_hook(lambda _, given: caught.append(given[0].float().cpu()))
    model.eval()
    with torch.inference_mode():
        for rows in tokens.by_length():
            batch = tokens.batch(rows, device)
            model(**batch)
            each = caught.pop()
            if each.ndim > 2:  # noqa: PLR2004 - texts, dimensions
                each = each[torch.arange(len(rows)), last_tokens(batch["input_ids"].cpu(), model.config.pad_token_id)]
            found[rows] = each
    hook.remove()
    return found


def last_tokens(numbers: Any, padding: int) -> Any:
    """Where the last token of each text stands that is no padding, on whichever side that is: (n,).

    As the decoders of `transformers` find it, by the token and not by the mask: a text may end in the token that pads.
    Where there is nothing else, it is the first.
    """
    import torch  # noqa: PLC0415 - as above

    return ((numbers != padding) * torch.arange(numbers.shape[1])).argmax(dim=1)
