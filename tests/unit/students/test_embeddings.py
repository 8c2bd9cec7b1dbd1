from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from stages.students import encoder as encoders
from stages.students.embeddings import Embeddings, embeddings_path
from stages.students.encoder import PACKAGED, Encoder
from tests.conftest import ROOT

SAID = "please where is my parcel it was due on Monday and nobody answers the phone at the depot"
TEXTS = [" ".join(SAID.split()[start : start + length]) for start in range(6) for length in (1, 2, 3, 5, 8, 12)]


def unit(seed: int, size: int = 384) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    vector = np.random.default_rng(seed).normal(size=size)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@pytest.fixture
def computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts are computed, call by call; from an empty cache on."""
    monkeypatch.setenv("ATTRPROMPT_EMBEDDINGS", str(tmp_path / "cache" / "e.sqlite"))
    counts, compute = list[int](), Encoder._compute

    def counted(encoder: Encoder, texts: list[str]) -> Any:
        counts.append(len(texts))
        return compute(encoder, texts)

    monkeypatch.setattr(Encoder, "_compute", counted)
    return counts


def test_a_text_is_computed_once_whoever_asks_and_comes_back_bit_by_bit(computed: list[int]) -> None:
    first = Encoder(PACKAGED).encode([*TEXTS[:20], TEXTS[0]])
    assert (first[20] == first[0]).all()
    again = Encoder(PACKAGED).encode(TEXTS)
    assert computed == [20, len(TEXTS) - 20]
    assert again[:20].tobytes() == first[:20].tobytes()


def test_a_vector_is_the_same_in_any_batch() -> None:
    encoder = Encoder(PACKAGED)
    together = encoder._compute(TEXTS)
    alone = np.concatenate([encoder._compute([text]) for text in TEXTS[::5]])
    assert alone.tobytes() == together[::5].tobytes()
    backwards = encoder._compute(TEXTS[::-1] * 3)
    assert backwards[: len(TEXTS)][::-1].tobytes() == together.tobytes()


def test_double_precision_gives_the_same_vectors_where_the_fast_product_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fast = Encoder(PACKAGED)._compute(TEXTS[:6])
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    encoder = Encoder(PACKAGED)
    slow = encoder._compute(TEXTS[:6])
    assert encoder._model.dtype == torch.float64
    assert slow == pytest.approx(fast, abs=2e-5)
    assert encoder._compute(TEXTS[:1]).tobytes() == slow[:1].tobytes()


def test_half_the_digits_are_near_and_apart_in_the_cache() -> None:
    exact, near = Encoder(PACKAGED), Encoder(f"{PACKAGED}:bfloat16")
    expected, found = exact.encode(TEXTS), near.encode(TEXTS)
    assert (expected * found).sum(axis=1).min() > 0.999
    assert (expected == exact.encode(TEXTS)).all()
    if near._low:
        assert (expected != found).any()
        assert near._compute(TEXTS[:1]).tobytes() == found[:1].tobytes()


def test_where_the_processor_has_no_bfloat16_all_digits_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "has_bfloat16", lambda: False)
    near = Encoder(f"{PACKAGED}:bfloat16")
    assert near.encode(TEXTS[:3]).tobytes() == Encoder(PACKAGED).encode(TEXTS[:3]).tobytes()


def test_the_key_holds_all_that_makes_a_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder(PACKAGED)
    keys = {encoder._key("a"), encoder._key("a "), encoder._key("\ud800")}
    for name, value in (("_MOST_TOKENS", 8), ("_DIGITS", 4), ("_VERSION", 2)):
        with monkeypatch.context() as patch:
            patch.setattr(encoders, name, value)
            keys.add(encoder._key("a"))
    encoder._weights = "others"
    keys.add(encoder._key("a"))
    encoder._low = True
    keys.add(encoder._key("a"))
    encoder._pooling = "cls"
    keys.add(encoder._key("a"))
    assert len(keys) == 9


def test_a_cache_that_cannot_be_used_is_told_once_and_gone_without(
    computed: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    encoder = Encoder(PACKAGED)
    assert (encoder.encode(TEXTS[:2]) == encoder.encode(TEXTS[:2])).all()
    assert computed == [2, 2]
    said = capsys.readouterr().err
    assert said.count("vectors of texts cannot be kept here") == 1
    assert "ATTRPROMPT_EMBEDDINGS" in said


def test_a_file_that_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "e.sqlite"
    path.write_bytes(b"no database " * 400)
    kept = Embeddings(path)
    kept.put({b"a": unit(1)})
    assert kept.get([b"a"]) == {}
    assert capsys.readouterr().err.count(str(path)) == 1


@pytest.mark.parametrize("bad", [b"", b"\0" * 1536, b"\0\0\x80", unit(1).tobytes()[:700]])
def test_a_damaged_row_is_not_there(tmp_path: Path, bad: bytes) -> None:
    kept = Embeddings(tmp_path / "e.sqlite")
    kept.put({b"a": unit(1), b"b": unit(2)})
    with sqlite3.connect(tmp_path / "e.sqlite") as connection:
        connection.execute("UPDATE vectors SET vector = ? WHERE key = ?", (bad, b"a"))
    assert list(kept.get([b"a", b"b", b"c"])) == [b"b"]
    kept.put({b"a": unit(1)})
    assert (kept.get([b"a"])[b"a"] == unit(1)).all()


def test_the_oldest_go_where_there_are_too_many(tmp_path: Path) -> None:
    kept = Embeddings(tmp_path / "e.sqlite", most_bytes=200_000)
    keys = [b"%d" % number for number in range(400)]
    for start in range(0, 400, 20):
        kept.put({key: unit(1) for key in keys[start : start + 20]})
    there = kept.get(keys)
    assert 40 < len(there) < 140
    assert keys[-1] in there
    assert keys[0] not in there
    assert (tmp_path / "e.sqlite").stat().st_size < 300_000


WRITE = """
import sys
from pathlib import Path
import numpy as np
from stages.students.embeddings import Embeddings
kept, who = Embeddings(Path(sys.argv[1])), int(sys.argv[2])
for number in range(100):
    kept.put({b"%d" % (number + 50 * who): np.eye(384, dtype=np.float32)[number + 50 * who]})
"""


def test_several_processes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE, str(path), str(who)], cwd=ROOT, env={**os.environ})
        for who in range(3)
    ]
    assert [each.wait() for each in writers] == [0, 0, 0]
    found = Embeddings(path).get([b"%d" % number for number in range(200)])
    assert len(found) == 200
    assert all(found[b"%d" % number][number] == 1 for number in range(200))


def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTRPROMPT_EMBEDDINGS", "/somewhere/else.sqlite")
    assert embeddings_path() == Path("/somewhere/else.sqlite")
    monkeypatch.delenv("ATTRPROMPT_EMBEDDINGS")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert embeddings_path().name == "embeddings.sqlite"
    assert not embeddings_path().is_relative_to(Path.cwd())


def test_texts_that_are_strange_have_vectors_too() -> None:
    texts = ["", " ", "\ud800", "\0", "word " * 10_000, "🦊" * 50]
    vectors = Encoder(PACKAGED).encode(texts)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
    assert (vectors[4] == Encoder(PACKAGED).encode(["word " * 20_000])[0]).all()


def test_an_encoder_of_ones_own_is_known_by_its_weights(tmp_path: Path, computed: list[int]) -> None:
    source = encoders.packaged_folder()
    AutoTokenizer.from_pretrained(source).save_pretrained(tmp_path / "mine")
    model = AutoModel.from_pretrained(source, num_hidden_layers=1)
    model.save_pretrained(tmp_path / "mine")
    before = Encoder(str(tmp_path / "mine")).encode(TEXTS[:1])
    with torch.no_grad():
        model.embeddings.LayerNorm.bias += 0.5
    model.save_pretrained(tmp_path / "mine")
    assert (Encoder(str(tmp_path / "mine")).encode(TEXTS[:1]) != before).any()
    assert computed == [1, 1]
