"""Compliance: by hand, and values that are ignored."""

from __future__ import annotations

from typing import Any

import pytest

from stages.core.annotating import Sought
from stages.core.records import Text
from stages.measures.bias import wilson
from stages.measures.compliance import LOW, UNMOVED, compliance

SOUGHT = {
    "noise": (Sought("tone", "", ("calm", "angry", "sad")), Sought("scene", "", ("party", "drill"))),
    "parcel": (Sought("tone", "", ("calm", "angry", "sad")),),
}


def became(*rows: tuple[str, str, str], below: float = 0.5) -> dict[str, Any]:
    """Of texts with a label, the tone that was ordered ("" for none), and the one that they have ("" if unknown)."""
    texts = [
        Text(f"t{n}", label, n, {"tone": ordered} if ordered else {}) for n, (label, ordered, _) in enumerate(rows)
    ]
    known = {n: {"tone": has} for n, (_, _, has) in enumerate(rows) if has}
    return compliance(texts, known, SOUGHT, ignored_below=below, confidence=0.95)


def test_by_hand() -> None:
    found = became(
        ("noise", "calm", "calm"), ("noise", "calm", "not said"), ("parcel", "calm", "calm"), ("parcel", "calm", ""),
        ("noise", "angry", "calm"), ("noise", "", "angry"), ("parcel", "angry", "angry"),
    )  # fmt: skip
    assert list(found) == ["tone"], "no text was to have a scene"
    tone = found["tone"]
    low, high = wilson(3 / 5, 5, 0.95)
    assert {key: tone[key] for key in ("texts", "share", "low", "high")} == {
        "texts": 5, "share": 3 / 5, "low": low, "high": high}  # fmt: skip
    calm = tone["values"]["calm"]
    assert (calm["texts"], calm["share"]) == (3, 2 / 3)
    # One ordered to be angry is calm, and neither the one without an order nor the other angry one is.
    assert (calm["unordered"], calm["unordered_texts"]) == (1 / 3, 3)
    assert (tone["values"]["angry"]["unordered"], tone["values"]["angry"]["unordered_texts"]) == (1 / 4, 4)
    assert "sad" not in tone["values"], "nobody ordered it"
    assert calm["ignored"] is None


def test_a_value_that_surely_few_texts_have_is_ignored() -> None:
    rows = [("noise", "sad", "calm")] * 9 + [("noise", "sad", "sad")] + [("noise", "calm", "calm")] * 6
    values = became(*rows)["tone"]["values"]
    assert values["sad"]["high"] == pytest.approx(wilson(0.1, 10, 0.95)[1])
    assert (values["sad"]["ignored"], values["calm"]["ignored"]) == (LOW, None)
    assert became(*rows, below=0.4)["tone"]["values"]["sad"]["ignored"] is None, "its upper bound is 0.404"


def test_a_value_that_texts_have_without_an_order_as_often_is_ignored() -> None:
    rows = [("noise", "calm", "calm")] * 4 + [("noise", "calm", "sad")] + [("parcel", "angry", "calm")] * 5
    calm = became(*rows)["tone"]["values"]["calm"]
    assert (calm["share"], calm["unordered"], calm["ignored"]) == (0.8, 1.0, UNMOVED)


def test_too_few_texts_are_not_judged() -> None:
    rows = [("noise", "sad", "calm")] * 4
    assert became(*rows)["tone"]["values"]["sad"]["ignored"] is None
    assert became(*rows, rows[0])["tone"]["values"]["sad"]["ignored"] == LOW, "no other text was there to compare with"


def test_orders_that_nobody_looked_for_do_not_count() -> None:
    assert became(("noise", "ironic", "calm"), ("noise", "", "calm")) == {}
    texts = [Text("t", "parcel", 0, {"scene": "party"})]
    assert compliance(texts, {0: {"tone": "calm"}}, SOUGHT, ignored_below=0.5, confidence=0.95) == {}
