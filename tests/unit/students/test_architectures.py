"""Models of other kinds than BERT: what is their own about them is kept to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from transformers import (
    AutoModel,
    AutoTokenizer,
    CamembertConfig,
    FNetConfig,
    GPT2Config,
    MPNetConfig,
    Qwen2Config,
    RobertaConfig,
    T5Config,
    T5EncoderModel,
    XLNetConfig,
)

from stages.core.errors import ModelError
from stages.students.encoder import Encoder
from stages.students.finetuning.batches import Tokens, head_inputs, last_tokens, scores_of
from stages.students.finetuning.head import start_from_regression
from stages.students.finetuning.model import head_of, load_pretrained
from stages.students.finetuning.rates import groups
from stages.students.folder import fit_student, load_student
from stages.students.saving import save_student
from stages.students.training import TrainingSet
from tests.unit.students.tiny import LABELS, TEXTS, make_bert, make_other, settings

if TYPE_CHECKING:
    from pathlib import Path

DATA = TrainingSet.of(TEXTS, [(label,) for label in LABELS])
SMALL: dict[str, Any] = {
    "vocab_size": 400, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "initializer_range": 0.5,
}  # fmt: skip
WIDE: dict[str, Any] = {
    "vocab_size": 400, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "initializer_range": 0.5
}  # fmt: skip
END: dict[str, Any] = {"bos_token_id": 0, "eos_token_id": 0}
DECODERS = {"gpt2": GPT2Config(**WIDE, **END), "qwen2": Qwen2Config(num_key_value_heads=2, **SMALL, **END)}
decoders = pytest.mark.parametrize("config", DECODERS.values(), ids=DECODERS)


def decoder(folder: Path, config: Any, **other: Any) -> tuple[Any, Any]:
    chosen = settings(make_other(folder, config, eos_token="<end>"), pooling="own", **other)
    return load_pretrained(chosen, DATA.labels, 1, multilabel=False)


@decoders
def test_the_head_of_a_decoder_begins_as_the_regression_on_its_last_tokens(config: Any, tmp_path: Path) -> None:
    model, tokenizer = decoder(tmp_path / "model", config)
    texts = [*TEXTS, "pay the bank <end>", ""]
    tokens, head = Tokens(tokenizer, texts), head_of(model)
    vectors = head_inputs(model, head, tokens)
    encoder, reads = (each.from_pretrained(tmp_path / "model") for each in (AutoModel, AutoTokenizer))
    for vector, text in zip(vectors, TEXTS, strict=False):
        alone = encoder.eval()(**reads(text, return_tensors="pt")).last_hidden_state[0, -1]
        assert vector.numpy() == pytest.approx(alone.detach().numpy(), abs=1e-5)
    start_from_regression(head, vectors[: len(TEXTS)], DATA)
    expected = (vectors @ head.weight.T).detach()
    assert scores_of(model, tokens).numpy() == pytest.approx(expected.numpy(), abs=1e-4)
    right = expected[: len(TEXTS)].argmax(dim=1).numpy() == DATA.targets.argmax(axis=1)
    assert right.mean() > 0.8


@decoders
@pytest.mark.parametrize("left", [True, False])
def test_the_last_token_is_the_one_that_the_model_takes(config: Any, left: bool, tmp_path: Path) -> None:
    model, tokenizer = decoder(tmp_path / "model", config)
    tokenizer.padding_side = "left" if left else "right"
    batch = tokenizer(["my dog", "the tax office of <end>", "", "pay my taxes now"], padding=True, return_tensors="pt")
    caught = list[Any]()
    head_of(model).register_forward_hook(lambda _module, _given, gives: caught.append(gives))
    with torch.inference_mode():
        taken = model.eval()(**batch).logits
    places = last_tokens(batch["input_ids"], tokenizer.pad_token_id)
    assert (caught[0][torch.arange(4), places] == taken).all()
    assert len(set(places.tolist())) > 1


@decoders
def test_a_decoder_is_the_same_after_a_while_on_disk(config: Any, tmp_path: Path) -> None:
    chosen = settings(make_other(tmp_path / "model", config, eos_token="<end>"), pooling="own", epochs=1)
    student = fit_student(chosen, DATA)
    save_student(tmp_path / "saved", student, {"kind": "finetune"})
    again = load_student(tmp_path / "saved")
    assert (again.probabilities([*TEXTS, ""]) == student.probabilities([*TEXTS, ""])).all()


@pytest.mark.parametrize(
    ("config", "most"),
    [
        (RobertaConfig(max_position_embeddings=40, pad_token_id=1, **SMALL), 38),
        (CamembertConfig(max_position_embeddings=40, pad_token_id=1, **SMALL), 38),
        (MPNetConfig(max_position_embeddings=40, pad_token_id=1, **SMALL), 38),
        (XLNetConfig(vocab_size=400, d_model=32, n_layer=2, n_head=4, d_inner=64, pad_token_id=1), 100),
    ],
    ids=["roberta", "camembert", "mpnet", "xlnet"],
)
def test_a_text_is_cut_where_the_positions_end_wherever_they_begin(config: Any, most: int, tmp_path: Path) -> None:
    folder = make_other(tmp_path / "model", config, bos_token="<s>", pad_token="<pad>", eos_token="</s>")
    chosen = settings(folder, pooling="own", max_tokens=100)
    model, tokenizer = load_pretrained(chosen, DATA.labels, 1, multilabel=False)
    tokens = Tokens(tokenizer, ["the dog " * 200, "my dog"])
    assert tokens.lengths[0] == most
    assert scores_of(model, tokens).isfinite().all()
    assert np.isfinite(Encoder(str(folder)).encode(["the dog " * 200])).all()


@pytest.mark.parametrize(
    "config",
    [
        XLNetConfig(vocab_size=400, d_model=32, n_layer=2, n_head=4, d_inner=64, initializer_range=0.5, pad_token_id=1),
        *DECODERS.values(),
    ],
    ids=["xlnet", *DECODERS],
)
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_text_has_the_same_scores_whatever_stands_beside_it(config: Any, side: str, tmp_path: Path) -> None:
    folder = make_other(tmp_path / "model", config, eos_token="<end>", pad_token="<pad>")
    reads = AutoTokenizer.from_pretrained(folder)
    reads.padding_side = side
    reads.save_pretrained(folder)
    student = fit_student(settings(folder, pooling="own", start="random", epochs=1), DATA)
    save_student(tmp_path / "saved", student, {"kind": "finetune"})
    for each in (student, load_student(tmp_path / "saved")):
        alone = np.vstack([each.probabilities([text]) for text in ("my dog", "taxes")])
        beside = each.probabilities(["my dog", "taxes", " ".join(TEXTS[:5])])[:2]
        assert beside == pytest.approx(alone, abs=1e-5)


def test_an_encoder_cuts_a_text_where_the_models_positions_end(tmp_path: Path) -> None:
    encoder = Encoder(str(make_bert(tmp_path / "bert")))  # 64 positions, two of them for what is around a text
    words = ["dog"] * 61 + ["cat", "tax"] * 20
    whole, cut, shorter = encoder.encode([" ".join(words), " ".join(words[:62]), " ".join(words[:61])])
    assert (whole == cut).all()
    assert (whole != shorter).any()


@decoders
def test_embeddings_learn_most_slowly_whatever_they_are_called(config: Any, tmp_path: Path) -> None:
    rates = {"learning_rate": 1.0, "layer_decay": 0.5, "head_learning_rate": 9.0}
    model, _ = decoder(tmp_path / "model", config, **rates)
    found = {
        id(each): group["lr"]
        for group in groups(model, settings("any", **rates))
        for each in group["params"]
    }  # fmt: skip
    tables = {id(each.weight) for each in model.modules() if isinstance(each, torch.nn.Embedding)}
    assert len(tables) == (2 if config.model_type == "gpt2" else 1)
    assert {found[each] for each in tables} == {0.25}
    norm = model.transformer.ln_f if config.model_type == "gpt2" else model.model.norm
    assert found[id(norm.weight)] == 1.0
    assert found[id(model.score.weight)] == 9.0
    assert set(found.values()) == {0.25, 0.5, 1.0, 9.0}


def test_of_a_model_that_encodes_and_decodes_the_encoder_is_taken(tmp_path: Path) -> None:
    config = T5Config(vocab_size=400, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4)
    make_other(tmp_path / "model", config)
    encoder, reads = (each.from_pretrained(tmp_path / "model") for each in (T5EncoderModel, AutoTokenizer))
    with torch.inference_mode():
        states = encoder(**reads(TEXTS[0], return_tensors="pt", return_token_type_ids=False)).last_hidden_state
    wanted = torch.nn.functional.normalize(states.mean(dim=1), dim=1)[0]
    assert Encoder(str(tmp_path / "model")).encode(TEXTS)[0] == pytest.approx(wanted.numpy(), abs=1e-4)


@decoders
def test_a_decoder_reads_an_empty_text_as_the_token_that_pads(config: Any, tmp_path: Path) -> None:
    folder = make_other(tmp_path / "model", config, eos_token="<end>")
    padding = AutoTokenizer.from_pretrained(folder).pad_token or "<end>"  # some have one of their own
    nothing, one, other = Encoder(str(folder)).encode(["", padding, "my dog"])
    assert (nothing == one).all()
    assert (nothing != other).any()


def test_a_tokenizer_with_no_token_that_could_pad(tmp_path: Path) -> None:
    folder = make_other(tmp_path / "model", DECODERS["gpt2"], additional="<other>")
    assert Encoder(str(folder)).encode(["my dog"]).shape == (1, 32)
    with pytest.raises(ModelError, match="its tokenizer has no token for padding"):
        Encoder(str(folder)).encode([""])
    with pytest.raises(ModelError, match="its tokenizer has no token for padding"):
        load_pretrained(settings(folder), DATA.labels, 1, multilabel=False)


def test_a_model_that_would_read_padding_as_text_is_refused(tmp_path: Path) -> None:
    config = FNetConfig(vocab_size=400, hidden_size=32, intermediate_size=64, num_hidden_layers=2, pad_token_id=0)
    folder = make_other(tmp_path / "model", config, pad_token="<pad>")
    with pytest.raises(ModelError, match=r"a fnet takes no attention_mask, .* name another model, such as all-MiniLM"):
        fit_student(settings(folder, pooling="own"), DATA)
    texts = ["my dog", "the tax office"]
    together = Encoder(str(folder)).encode(texts)  # where texts of one length alone share a batch
    assert (together == np.vstack([Encoder(str(folder))._compute([text]) for text in texts])).all()
