"""Sets whose similarity within a class their makers published: other code, the same figures."""

from __future__ import annotations

import json

import pytest

from stages.measures.semantic import similarity
from stages.students.encoder import PACKAGED, Encoder
from tests.conftest import ROOT

SHARED = ROOT.parent / "shared" / "data"
BANKING77 = {"attrprompt": 0.477, "exemplar": 0.577}
AGNEWS = {"simprompt": 0.166, "attrprompt": 0.192, "context": 0.147, "ctxattr": 0.156, "exemplar": 0.127}


@pytest.mark.slow
@pytest.mark.skipif(
    not (SHARED / "banking77_generated").exists(), reason=f"{SHARED}/banking77_generated is not part of the project"
)
@pytest.mark.parametrize(
    ("name", "published"),
    [
        *((f"banking77_generated/{name}", within) for name, within in BANKING77.items()),
        *((f"agnews_generated/{name}", within) for name, within in AGNEWS.items()),
    ],
)
def test_similarity_within_a_class_is_the_published_one(
    name: str, published: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The makers cut texts after 128 tokens: half of the AG News texts of attrprompt are longer, and have 0.219 whole.
    monkeypatch.setattr("stages.students.encoder._MOST_TOKENS", 128)
    lines = (SHARED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row.get("round", 0) == 0]
    found = similarity(Encoder(PACKAGED).encode([row["text"] for row in rows]), [row["label"] for row in rows])
    assert found.within == pytest.approx(published, abs=0.001)
