"""Products of matrices of which each row comes out the same, bit by bit or nearly, however many rows there are.

PyTorch's usual product (MKL) takes another way for few rows than for many, and sums in another order: vectors of one
text differed in the seventh digit from batch to batch, and so, after rounding, in some digits that are kept.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_ROWS = 1024  # that oneDNN lays out the weights for; any number of rows may come


def has_bfloat16() -> bool:
    """Whether the processor has instructions for products of matrices in bfloat16, and they are taken here."""
    import torch  # noqa: PLC0415 - seconds that only those pay who compute vectors

    # As torch's own compiler asks; there is no public way.
    has = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - see above
    return bool(has) and _is_fast()


def with_exact_rows(model: Any) -> Any:
    """The model, in place, with linear layers like that.

    On x86 with AVX2 or AVX-512 they are oneDNN's, with weights laid out once: exact there, and faster. Elsewhere the
    model computes in double precision: what is left of the differences is far beyond all digits that are kept.
    """
    import torch  # noqa: PLC0415 - as above

    if not _is_fast():
        return model.double()
    for module in model.modules():
        if type(module) is torch.nn.Linear:
            weights = torch.ops.mkldnn._reorder_linear_weight(module.weight.detach(), _ROWS)  # noqa: SLF001 - see above
            module.forward = partial(_linear, weights, module.bias)  # type: ignore[method-assign]
    _join_steps(model)
    return model


def _is_fast() -> bool:
    import torch  # noqa: PLC0415 - as above

    capability: str = torch.backends.cpu.get_cpu_capability()
    there = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")  # type: ignore[no-untyped-call]
    return there and capability.startswith("AVX")


def _join_steps(model: Any) -> None:
    """Have BERT's GELU and sums computed inside the product before them, while its results are in the cache.

    What other architectures do between their products they do as ever.
    """
    from transformers.models.bert import modeling_bert as bert  # noqa: PLC0415 - as above

    for module in model.modules():
        if type(module) is bert.BertIntermediate and model.config.hidden_act == "gelu":
            module.forward = partial(module.dense, then="gelu")  # type: ignore[method-assign]
        elif type(module) in (bert.BertSelfOutput, bert.BertOutput):
            module.forward = partial(_norm_of_sum, module)


def _norm_of_sum(module: Any, rows: torch.Tensor, plus: torch.Tensor) -> Any:
    return module.LayerNorm(module.dense(rows, plus=plus))


def _linear(
    weights: torch.Tensor, bias: torch.Tensor | None, rows: torch.Tensor, *, plus: Any = None, then: str = "none"
) -> Any:
    import torch  # noqa: PLC0415 - as above

    product = torch.ops.mkldnn._linear_pointwise  # noqa: SLF001 - see above
    if plus is not None:
        return product.binary(rows, plus, weights, bias, "add")
    return product(rows, weights, bias, then, [], "none")
