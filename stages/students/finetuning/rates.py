"""How fast what learns, and in which precision."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stages.core.learning import Finetune

_LAYER = re.compile(r"\.(?:layers?|h|blocks?)\.(\d+)\.")
_PRECISION_ENV = "ACCELERATE_MIXED_PRECISION"  # what `accelerate launch` and its configuration set


def groups(model: Any, settings: Finetune) -> list[dict[str, Any]]:
    """The parameters for an optimizer: the head learns at a rate of its own, each layer slower than the one above."""
    import torch  # noqa: PLC0415 - seconds that only this student pays

    inside = f"{model.base_model_prefix}."
    tables = [name for name, each in model.named_modules() if isinstance(each, torch.nn.Embedding)]
    learning = [(name, each) for name, each in model.named_parameters() if each.requires_grad]
    top = max((_layer(name) for name, _ in learning if _LAYER.search(name)), default=0)
    found = dict[tuple[float, float], list[Any]]()
    for name, parameter in learning:
        below = "embed" in name or name.rpartition(".")[0] in tables  # by its name, a norm after them too
        layer = _layer(name) if _LAYER.search(name) or below else top
        rate = settings.learning_rate * settings.layer_decay ** (top - layer)
        if not name.startswith(inside):
            rate = settings.head_learning_rate
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0  # not of biases and norms
        found.setdefault((rate, decay), []).append(parameter)
    return [{"params": each, "lr": rate, "weight_decay": decay} for (rate, decay), each in found.items()]


def _layer(name: str) -> int:
    """The number of the layer that a parameter is of; embeddings lie below the first."""
    found = _LAYER.search(name)
    return int(found[1]) if found else -1


def low_precision(device: Any) -> bool:
    """Whether to multiply in bfloat16: where the processor has instructions for it, unless `accelerate` was told."""
    import torch  # noqa: PLC0415 - as above

    if told := os.environ.get(_PRECISION_ENV):
        return told == "bf16"
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # As torch's own compiler asks; there is no public way.
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())  # noqa: SLF001 - see above
