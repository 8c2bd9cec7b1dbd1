"""A model that is not whole is refused: transformers would fill it up at random and go on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from safetensors.numpy import load_file, save_file

from stages.core.errors import InputError, ModelError
from stages.students.encoder import PACKAGED, Encoder
from stages.students.finetuning.model import load_pretrained, load_saved
from stages.students.pretrained import must_be_there
from tests.unit.students import tiny

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def without_words(folder: Path) -> None:
    for path in folder.glob("*token*"):
        path.unlink()
    folder.joinpath("vocab.txt").unlink(missing_ok=True)


def without_a_layer(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: each for name, each in weights.items() if "layer.1." not in name}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})


def of_other_sizes(folder: Path) -> None:
    told = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**told, "intermediate_size": 48}))


def cut_off(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no words": (without_words, r"its tokenizer knows no words: tokenizer\.json is missing"),
    "a layer missing": (without_a_layer, r"weights are missing: .*layer\.1\..* and 13 more"),
    "other sizes": (of_other_sizes, r"weights are of another size than config\.json says: "),
    "cut off": (cut_off, r"cannot be (loaded|read)"),
}
damaged = pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=DAMAGES)


@damaged
def test_an_encoder(damage: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    folder = tiny.make_bert(tmp_path / "bert")
    Encoder(str(folder)).encode(["a dog"])
    damage(folder)
    with pytest.raises(ModelError, match=said):
        Encoder(str(folder)).encode(["a dog"])


@damaged
def test_what_is_to_be_fine_tuned(damage: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    folder = tiny.make_bert(tmp_path / "bert")
    load_pretrained(tiny.settings(folder), ["a", "b"], 1, multilabel=False)
    damage(folder)
    with pytest.raises(ModelError, match=said):
        load_pretrained(tiny.settings(folder), ["a", "b"], 1, multilabel=False)


@damaged
def test_what_was_fine_tuned(damage: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    model, tokenizer = load_pretrained(
        tiny.settings(tiny.make_bert(tmp_path / "bert")), ["a", "b"], 1, multilabel=False
    )
    for each in (model, tokenizer):
        each.save_pretrained(tmp_path / "saved")
    load_saved(tmp_path / "saved", 2)
    damage(tmp_path / "saved")
    with pytest.raises(ModelError, match=said):
        load_saved(tmp_path / "saved", 2)


def test_weights_that_are_no_numbers(tmp_path: Path) -> None:
    folder = tiny.make_bert(tmp_path / "bert")
    weights = load_file(folder / "model.safetensors")
    weights["encoder.layer.0.output.dense.weight"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match="damaged: they give vectors that are no numbers"):
        Encoder(str(folder)).encode(["a dog"])


@pytest.mark.parametrize("name", ["no/such-model", "no_such_folder", f"{PACKAGED}:float16"])
def test_a_name_that_leads_nowhere_is_told_at_once(name: str) -> None:
    with pytest.raises(InputError, match=f"here: '{name}' is no folder here .*{PACKAGED} comes with") as caught:
        must_be_there(name, "here", PACKAGED)
    assert "Check your internet" not in str(caught.value), "a sentence, and no address that is cut"
    assert "://)" not in str(caught.value)
    assert (":bfloat16 alone is known" in str(caught.value)) == (":" in name)


def test_a_folder_that_is_no_model_is_told_at_once(tmp_path: Path) -> None:
    folder = tiny.make_bert(tmp_path / "bert")
    must_be_there(str(folder), "here", PACKAGED)
    must_be_there(PACKAGED, "here", PACKAGED)
    (folder / "config.json").unlink()
    with pytest.raises(InputError, match=r"here: the folder '.*bert' has no config\.json; it is no model"):
        must_be_there(str(folder), "here", PACKAGED)
