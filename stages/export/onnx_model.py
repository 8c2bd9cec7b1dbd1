"""A fine-tuned student as ONNX, checked against the original; and in whole numbers of 8 bits, where that is as good."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core import files
from stages.core.errors import ModelError
from stages.students.finetuning.batches import Tokens, scores_of
from stages.students.finetuning.model import load_saved, quiet
from stages.students.student import decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stages.core.arrays import Floats

_NEEDED = ("onnx", "onnxruntime", "onnxscript")
_LARGEST_DIFFERENCE = 1e-3  # of a logit: single precision, summed in another order
_POINTS_LOST, _AGREEMENT = 0.005, 0.995


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of it.

    Attributes:
        file: The model.
        bytes: Its size.
        difference: Of a logit from the original's, at most.
        int8_file: The model in 8 bits; None where it is not good enough.
        int8_bytes: Its size.
        agreement: Share of the texts for which it decides as the original does.
        accuracy_lost: Accuracy of the original less its own; None where the texts have no labels.
    """

    file: Path
    bytes: int
    difference: float
    int8_file: Path | None
    int8_bytes: int
    agreement: float
    accuracy_lost: float | None


def export_onnx(folder: Path, texts: Sequence[str], labels: Sequence[tuple[str, ...]], out: Path) -> Exported:
    """Write a fine-tuned student as model.onnx, and model_int8.onnx if it is good enough, with what goes with them.

    Args:
        folder: Of the student.
        texts: To check it on.
        labels: Theirs; if any text has none, agreement decides in place of accuracy.
        out: The folder to write them into.

    Raises:
        ModelError: the extra is not installed, the folder holds no fine-tuned student, or the export differs from it.
        ArtifactError: `out` cannot be written.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise ModelError(f"export: {', '.join(missing)} is not installed; run: pip install '.[onnx]'")
    card = files.read_json(folder / "student.json", "train")
    if card.get("kind") != "finetune":
        raise ModelError(f"{folder}: is a student of kind {card.get('kind')!r}; only finetune has a form in ONNX")
    model, tokenizer = load_saved(folder, len(card["labels"]))
    tokens = Tokens(tokenizer, texts)
    original: Floats = scores_of(model, tokens).double().numpy()
    _save_beside(model, tokenizer, out)
    file, small = out / "model.onnx", out / "model_int8.onnx"
    with _quietly():
        _export(model, tokens, file)
        difference = float(np.abs(_scores(file, tokens, original.shape) - original).max())
        if not difference <= _LARGEST_DIFFERENCE:
            file.unlink()
            raise ModelError(f"{file}: its logits differ from the original's by up to {difference:.1e}; it is not kept")
        _quantize(file, small)
    truth = [frozenset(each) for each in labels]
    before, after = (
        [frozenset(each) for each in decide(_shares(scores), card["labels"], multilabel=card["multilabel"])]
        for scores in (original, _scores(small, tokens, original.shape))
    )
    agreement = float(np.mean([one == other for one, other in zip(before, after, strict=True)]))
    lost = None if not all(truth) else _accuracy(before, truth) - _accuracy(after, truth)
    kept = agreement >= _AGREEMENT if lost is None else lost <= _POINTS_LOST
    size = small.stat().st_size
    if not kept:
        small.unlink()
    return Exported(file, file.stat().st_size, difference, small if kept else None, size, agreement, lost)


def _save_beside(model: Any, tokenizer: Any, out: Path) -> None:
    tokenizer.init_kwargs.pop("local_files_only", None)  # says how it was loaded here, and nothing of itself
    with files.written(out), quiet():
        out.mkdir(parents=True, exist_ok=True)
        tokenizer.save_pretrained(out)
        model.config.save_pretrained(out)


def _export(model: Any, tokens: Tokens, file: Path) -> None:
    import torch  # noqa: PLC0415 - seconds that a wrong folder need not wait for

    model.config.return_dict = False
    example = tokens.batch(np.argsort(tokens.lengths)[[0, -1]] if len(tokens.lengths) > 1 else np.array([0, 0]))
    names = ("input_ids", "attention_mask")
    shape = {0: torch.export.Dim("texts", max=2**16), 1: torch.export.Dim.AUTO}
    torch.onnx.export(
        model, kwargs=example, f=str(file), dynamo=True, external_data=False, verbose=False,
        input_names=list(names), output_names=["logits"], dynamic_shapes=dict.fromkeys(names, shape),
    )  # fmt: skip


def _quantize(file: Path, small: Path) -> None:
    """Weights of matrix products as whole numbers of 8 bits, each column with its own scale."""
    import onnx  # noqa: PLC0415 - as above
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415 - as above

    model = onnx.load(file)
    del model.graph.value_info[:]  # shapes that the exporter noted before it transposed weights; they are inferred anew
    quantize_dynamic(model, small, per_channel=True, weight_type=QuantType.QInt8)


def _scores(file: Path, tokens: Tokens, shape: tuple[int, ...]) -> Floats:
    import onnxruntime  # noqa: PLC0415 - as above

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    found = np.zeros(shape)
    for rows in tokens.by_length():
        batch = {name: each.numpy() for name, each in tokens.batch(rows).items()}
        (found[rows],) = session.run(["logits"], batch)
    return found


def _shares(scores: Floats) -> Floats:
    """Probabilities as far as decisions need them: above a half where a score is positive, in their order."""
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -700, 700))))


def _accuracy(found: Sequence[frozenset[str]], truth: Sequence[frozenset[str]]) -> float:
    return float(np.mean([one == other for one, other in zip(found, truth, strict=True)]))


@contextmanager
def _quietly() -> Iterator[None]:
    """None of what the exporter and the quantizer say to those who develop them."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
