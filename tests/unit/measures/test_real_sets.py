"""Sets whose similarity within a class their makers published: other code, the same figures."""

from __future__ import annotations

import pytest

from stages.measures.semantic import similarity
from stages.students.encoder import PACKAGED, Encoder
from tests.bench.bench_known_sets import DATA, MAKERS_TOKENS, PUBLISHED, TOLERANCE, Labelled


@pytest.mark.slow
@pytest.mark.skipif(
    not (DATA / "banking77_generated").exists(), reason=f"{DATA}/banking77_generated is not part of the project"
)
@pytest.mark.parametrize(
    ("name", "published"),
    [(f"{task}_generated/{name}", within) for task, sets in PUBLISHED.items() for name, (within, _) in sets.items()],
)
def test_similarity_within_a_class_is_the_published_one(
    name: str, published: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The makers cut texts after 128 tokens: half of the AG News texts of attrprompt are longer, and have 0.219 whole.
    monkeypatch.setattr("stages.students.encoder._MOST_TOKENS", MAKERS_TOKENS)
    data = Labelled.read(f"{name}.jsonl")
    found = similarity(Encoder(PACKAGED).encode(data.texts), data.labels)
    assert found.within == pytest.approx(published, abs=TOLERANCE)
