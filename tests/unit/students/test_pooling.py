"""Vectors as sentence-transformers computes them from the same folder, for what encoders are published as."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stages.core.errors import ModelError
from stages.students.encoder import Encoder
from tests.unit.students import tiny

if TYPE_CHECKING:
    from pathlib import Path


def published(folder: Path, *further: Any, **pooling: Any) -> Path:
    """A small BERT as sentence-transformers saves one."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds that collecting the tests saves
    from sentence_transformers.sentence_transformer import modules  # noqa: PLC0415 - likewise

    plain = modules.Transformer(str(tiny.make_bert(folder / "plain")))
    steps = [plain, modules.Pooling(32, **pooling), *further]
    SentenceTransformer(modules=steps, device="cpu").save_pretrained(str(folder / "saved"))
    return folder / "saved"


def theirs(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above

    return SentenceTransformer(str(folder), device="cpu").encode(tiny.TEXTS, normalize_embeddings=True)


@pytest.mark.parametrize("mode", ["mean", "cls", "lasttoken"])
def test_vectors_are_those_that_sentence_transformers_makes(mode: str, tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode=mode)
    assert Encoder(str(folder)).encode(tiny.TEXTS) == pytest.approx(theirs(folder), abs=2e-5)


def test_the_older_way_of_writing_it(tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode="cls")
    expected = theirs(folder)
    told = {"word_embedding_dimension": 32, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(told))
    assert Encoder(str(folder)).encode(tiny.TEXTS) == pytest.approx(expected, abs=2e-5)


def test_a_vector_that_was_pooled_otherwise_is_not_taken_from_the_cache(tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode="cls")
    first = Encoder(str(folder)).encode(tiny.TEXTS)
    (folder / "modules.json").unlink()
    mean = Encoder(str(folder)).encode(tiny.TEXTS)
    assert np.abs(first - mean).max() > 0.01
    assert mean == pytest.approx(Encoder(str(tmp_path / "plain")).encode(tiny.TEXTS), abs=2e-5)


@pytest.mark.parametrize("mode", ["max", ["mean", "max"]])
def test_an_unknown_way_is_told(mode: Any, tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode=mode)
    with pytest.raises(ModelError, match=r"pools by .*max; known here are mean, cls, lasttoken: take another"):
        Encoder(str(folder))


def test_a_step_that_is_not_computed_is_told(tmp_path: Path) -> None:
    from sentence_transformers.sentence_transformer import modules  # noqa: PLC0415 - as above

    folder = published(tmp_path, modules.Dense(32, 8), pooling_mode="mean")
    with pytest.raises(ModelError, match=r"a step that is not computed here \(Dense\).*take an encoder without it"):
        Encoder(str(folder))


def test_a_file_that_is_damaged_is_named(tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode="mean")
    (folder / "modules.json").write_text("[{")
    with pytest.raises(ModelError, match=r"modules\.json: is no JSON; fetch the encoder anew"):
        Encoder(str(folder))


@pytest.mark.parametrize("content", ["[1]", '{"a": 1}', '[{"type": "x.Pooling"}]'])
def test_a_file_of_another_form_is_told(content: str, tmp_path: Path) -> None:
    folder = published(tmp_path, pooling_mode="mean")
    (folder / "modules.json").write_text(content)
    with pytest.raises(ModelError, match=r"is not of the form that sentence-transformers writes; fetch it anew"):
        Encoder(str(folder))
    (folder / "modules.json").unlink()
