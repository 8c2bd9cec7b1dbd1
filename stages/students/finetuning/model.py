"""What is fine-tuned: a pretrained model with a classification head, as `transformers` knows it.

Averaging the tokens and starting from a regression are written into the weights of classes of `transformers`, so that
what is saved loads anywhere without code of ours.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any

from stages.core.errors import ModelError
from stages.students.encoder import PACKAGED, packaged_folder
from stages.students.pretrained import CANNOT_LOAD, load_model, load_tokenizer, most_tokens, padding_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stages.core.learning import Finetune

_FAR = 1e5  # how much the mean of the tokens outweighs the first token in the layer that takes the mean
_HEAD = re.compile(
    r"^(classifier|pre_classifier|classification_head|score|head|logits_proj|sequence_summary)\b|(^|\.)pooler\."
)
_SMALL = 0.1  # tanh(0.1 x) is nearly 0.1 x for values of unit variance


def load_pretrained(settings: Finetune, labels: Sequence[str], seed: int, *, multilabel: bool) -> tuple[Any, Any]:
    """The model with a new head, and its tokenizer.

    Raises:
        ModelError: there is no such model, or it cannot classify or pool as the settings want it.
    """
    import torch  # noqa: PLC0415 - seconds that only this student pays
    from transformers import AutoModelForSequenceClassification  # noqa: PLC0415 - likewise

    source = packaged_folder() if settings.model == PACKAGED else settings.model
    kind = "multi_label_classification" if multilabel else "single_label_classification"
    torch.manual_seed(seed)  # what is new in the head is drawn
    try:
        with quiet():
            tokenizer = load_tokenizer(source)
            if tokenizer.pad_token is None:
                tokenizer.pad_token = padding_of(tokenizer)
            model = load_model(
                AutoModelForSequenceClassification,
                source,
                _is_of_the_head,
                num_labels=len(labels),
                id2label=dict(enumerate(labels)),
                label2id={label: number for number, label in enumerate(labels)},
                problem_type=kind,
            )
    except CANNOT_LOAD as error:
        raise ModelError(
            f"students: model {settings.model!r} cannot be loaded: {' '.join(str(error).split())[:300]}; name a folder "
            f"or a model of the hub that can be reached; {PACKAGED} comes with the project"
        ) from None
    model.config.pad_token_id = tokenizer.pad_token_id
    tokenizer.padding_side = _padding_side(model)
    most = min(settings.max_tokens, tokenizer.model_max_length)
    tokenizer.model_max_length = int(min(most, most_tokens(model) or most))
    _must_know_padding(model, settings.model)
    if settings.pooling == "mean":
        _take_the_mean(model, settings.model)
    return model, tokenizer


def load_saved(folder: Path, labels: int) -> tuple[Any, Any]:
    """A model that was fine-tuned, and its tokenizer.

    Raises:
        ModelError: what the folder holds cannot be loaded, or knows another number of labels.
    """
    from transformers import AutoModelForSequenceClassification  # noqa: PLC0415 - as above

    if not folder.joinpath("config.json").exists():
        raise ModelError(f"{folder / 'config.json'}: is missing; run dvc repro, or dvc pull")
    try:
        with quiet():
            tokenizer = load_tokenizer(folder)
            model = load_model(AutoModelForSequenceClassification, folder, lambda _: False)
    except CANNOT_LOAD as error:
        raise ModelError(f"{folder}: cannot be read as a model: {' '.join(str(error).split())[:300]}") from None
    if model.config.num_labels != labels:
        raise ModelError(f"{folder}: config.json has {model.config.num_labels} labels, student.json has {labels}")
    tokenizer.padding_side = _padding_side(model)
    return model, tokenizer


def _is_of_the_head(name: str) -> bool:
    """Whether a weight lies above the layers, as far as names tell: what is new for every task, and is trained."""
    return bool(_HEAD.search(name))


def _padding_side(model: Any) -> str:
    """XLNet scores a text by what stands last, padding or not; many others count positions from the left."""
    return "left" if getattr(model.config, "summary_type", None) == "last" else "right"


def _must_know_padding(model: Any, name: str) -> None:
    """Refuse a model that cannot be told what is padding: a text's scores would change with those of its batch."""
    if "attention_mask" not in signature(model.forward).parameters:
        raise ModelError(
            f"students: model {name!r}: a {model.config.model_type} takes no attention_mask, so that it would read the "
            f"padding of a batch as text; name another model, such as {PACKAGED}, which comes with the project"
        )


def _take_the_mean(model: Any, name: str) -> None:
    """Have BERT classify the mean of its last vectors, where its head looks at the first token alone.

    A layer is appended whose attention is the same for all tokens, whose values are the vectors as they are, and whose
    other half does nothing: its output is the mean over the text's tokens, scaled to unit variance. The dense layer
    before the head hands it on. None of this is trained. Sentence encoders are made to be averaged (Reimers and
    Gurevych 2019, Sentence-BERT, section 3).
    """
    import torch  # noqa: PLC0415 - as above

    if model.config.model_type != "bert":
        raise ModelError(
            f"students: model {name!r}: pooling: mean is for models of type bert, and this is a "
            f"{model.config.model_type}; set pooling: own"
        )
    layers, size = model.bert.encoder.layer, model.config.hidden_size
    layer, one = type(layers[0])(model.config, layer_idx=len(layers)), torch.eye(size)
    attention, pooler = layer.attention, model.bert.pooler.dense
    with torch.no_grad():
        for parameter in [*layer.parameters(), *pooler.parameters()]:
            parameter.zero_()
        for norm in (attention.output.LayerNorm, layer.output.LayerNorm):
            norm.weight.fill_(1.0)
        attention.self.value.weight.copy_(one)
        attention.output.dense.weight.copy_(one * _FAR)
        pooler.weight.copy_(one * _SMALL)
    for module in (layer, pooler):
        module.requires_grad_(False)
    layers.append(layer)
    model.config.num_hidden_layers = len(layers)


def head_of(model: Any) -> Any:
    """The linear layer that gives the scores of the labels: the last one with so many outputs."""
    import torch  # noqa: PLC0415 - as above

    found = [
        each
        for each in model.modules()
        if isinstance(each, torch.nn.Linear) and each.out_features == model.config.num_labels
    ]
    return found[-1]


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no remarks of `transformers` in between."""
    from transformers.utils import logging as untyped  # noqa: PLC0415 - as above

    logging: Any = untyped
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)
