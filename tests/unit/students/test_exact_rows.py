from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel, RobertaConfig, RobertaModel
from transformers.models.bert import modeling_bert as bert

from stages.students import exact_rows
from stages.students.exact_rows import has_bfloat16, with_exact_rows

if TYPE_CHECKING:
    from collections.abc import Callable

fast = pytest.mark.skipif(
    not torch.backends.cpu.get_cpu_capability().startswith("AVX"), reason="computes in double precision here"
)
half = pytest.mark.skipif(not has_bfloat16(), reason="no instructions for bfloat16 here")
SIZES: dict[str, Any] = {
    "vocab_size": 90,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}
OTHER_SIZES: dict[str, Any] = {"vocab_size": 90, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}
MODELS: dict[str, Callable[[], Any]] = {
    "bert": lambda: BertModel(BertConfig(**SIZES)),
    "bert with another GELU": lambda: BertModel(BertConfig(**SIZES, hidden_act="gelu_new")),
    "bert with ReLU": lambda: BertModel(BertConfig(**SIZES, hidden_act="relu")),
    "roberta": lambda: RobertaModel(RobertaConfig(**SIZES)),
    "distilbert": lambda: DistilBertModel(DistilBertConfig(**OTHER_SIZES)),
}


def made(kind: str) -> Any:
    """From random weights, biases and scales, so that none can be left out unseen."""
    torch.manual_seed(1)
    model = MODELS[kind]().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.3 if parameter.dim() == 1 else 0.0, 0.2)
    return model


def states(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        found: torch.Tensor = model(input_ids=tokens, attention_mask=torch.ones_like(tokens)).last_hidden_state
    return found


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_computes_what_its_own_forward_does(kind: str) -> None:
    tokens = torch.randint(3, 90, (7, 11))
    own = states(made(kind), tokens)
    assert own.std() > 0.1
    assert (states(with_exact_rows(made(kind)), tokens) - own).abs().max() < 2e-6


def test_steps_that_are_joined_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = torch.randint(3, 90, (7, 11))
    joined = with_exact_rows(made("bert"))
    monkeypatch.setattr(exact_rows, "_join_steps", lambda _: None)
    assert states(joined, tokens).equal(states(with_exact_rows(made("bert")), tokens))


@fast
def test_what_is_joined_is_not_computed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nothing would be won, and no other test would tell."""
    for each in (bert.BertIntermediate, bert.BertSelfOutput, bert.BertOutput):
        monkeypatch.setattr(each, "forward", lambda *_: pytest.fail("a step apart"))
    states(with_exact_rows(made("bert")), torch.randint(3, 90, (2, 3)))


@fast
@pytest.mark.parametrize("kind", ["bert", "roberta"])
@pytest.mark.parametrize("precision", [torch.float32, pytest.param(torch.bfloat16, marks=half)], ids=str)
def test_rows_are_the_same_however_many_there_are(kind: str, precision: torch.dtype) -> None:
    model, tokens = with_exact_rows(made(kind).to(precision)), torch.randint(3, 90, (200, 5))
    together = states(model, tokens)
    for few in (1, 2, 17):
        assert states(model, tokens[:few]).equal(together[:few])
