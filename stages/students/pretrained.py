"""Pretrained models as they are on disk or on the hub: all of their weights and words, or an error.

`transformers` draws weights that are missing at random, and makes a tokenizer that knows no words where there are no
files of one. Both say hardly anything of it, and a student of them is merely worse.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from stages.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

CANNOT_LOAD = (OSError, ValueError, ImportError, KeyError, RuntimeError, SafetensorError)  # what loading raises
_SHOWN = 3


def load_model(kind: Any, source: str | Path, may_miss: Callable[[str], bool], **how: Any) -> Any:
    """A model of `transformers`, in single precision unless `how` says otherwise.

    Args:
        kind: The class to load, such as `AutoModel`.
        source: A folder, or a model of the hub.
        may_miss: Whether a weight of this name may be drawn anew, as that of a head which is to be trained.
        how: Further arguments of `from_pretrained`.

    Raises:
        ValueError: weights are missing, or of another size than config.json says; else one of `CANNOT_LOAD`.
    """
    import torch  # noqa: PLC0415 - seconds that only those pay who load a model

    arguments = {"dtype": torch.float32, "use_safetensors": True, "ignore_mismatched_sizes": True, **how}
    model, told = kind.from_pretrained(source, output_loading_info=True, **arguments)
    others = [each if isinstance(each, str) else each[0] for each in told["mismatched_keys"]]
    for what, names in (("are missing", told["missing_keys"]), ("are of another size than config.json says", others)):
        if wrong := sorted(name for name in names if not may_miss(name)):
            more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
            raise ValueError(f"weights {what}: {', '.join(wrong[:_SHOWN])}{more}")
    return model


def load_tokenizer(source: str | Path) -> Any:
    """The tokenizer of a model.

    Raises:
        ValueError: it knows no words; else one of `CANNOT_LOAD`.
    """
    from transformers import AutoTokenizer  # noqa: PLC0415 - as above

    tokenizer: Any = AutoTokenizer.from_pretrained(source)
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ValueError("its tokenizer knows no words: tokenizer.json is missing")
    return tokenizer


def most_tokens(model: Any) -> int | None:
    """How many tokens of a text a model has positions for; None where it names no limit."""
    positions = getattr(model.config, "max_position_embeddings", None) or 0
    # Models in the manner of RoBERTa number positions from one after the padding's, which their table names.
    for name, table in model.named_modules():
        if name.rpartition(".")[2] == "position_embeddings" and getattr(table, "padding_idx", None) is not None:
            positions -= table.padding_idx + 1
            break
    return positions if positions > 0 else None


def padding_of(tokenizer: Any) -> str:
    """The token that fills up a batch, and a text that has no token: decoders put none around a text.

    Raises:
        ValueError: it has none that could, neither for padding, nor for a text's end, nor for unknown words.
    """
    found = tokenizer.pad_token or tokenizer.eos_token or tokenizer.unk_token
    if not found:
        raise ValueError("its tokenizer has no token for padding: name a pad_token in tokenizer_config.json")
    return str(found)


def must_be_there(name: str, place: str, packaged: str) -> None:
    """Look whether there is such a model at all, as far as that costs nothing: its weights are not looked at.

    Args:
        name: A folder, or a model of the hub.
        place: Where in params.yaml it is named, for the error.
        packaged: The model that is always there.

    Raises:
        InputError: there is none.
    """
    if name == packaged:
        return
    folder = Path(name)
    if folder.is_dir():
        lacks = [each for each in ("config.json", "*.safetensors") if not any(folder.glob(each))]
        if lacks:
            raise InputError(f"{place}: the folder {name!r} has no {' and no '.join(lacks)}; it is no model")
        return
    from transformers.utils.hub import cached_file  # noqa: PLC0415 - as above

    try:
        cached_file(name, "config.json")
    except CANNOT_LOAD as error:
        known = "; after a name, :bfloat16 alone is known" if ":" in name else ""
        first = " ".join(str(error).split()).partition(". ")[0]  # what follows it is advice, with addresses
        why = shorten(first, 200, placeholder=" ...")
        raise InputError(
            f"{place}: {name!r} is no folder here (name one by its whole path), and not to be had from the hub "
            f"({why}){known}; {packaged} comes with the project"
        ) from None
