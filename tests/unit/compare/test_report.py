"""The tables of a comparison."""

from __future__ import annotations

from typing import Any

import pytest

from stages.compare.afford import Afforded
from stages.compare.bills import Bill, Budget
from stages.compare.experiments import Result
from stages.compare.report import report
from stages.core.errors import ArtifactError
from stages.core.sections import Evaluate
from stages.measures.predictions import Predictions

SETTINGS = Evaluate(resamples=200, confidence=0.95, seed=1)
LABELS = ("x", "y")


def got(method: str, tokens: int, **more: Any) -> Afforded:
    given: dict[str, Any] = {"attributes": Bill(), "least": Bill(), "more": False, "answered": True, **more}
    return Afforded(method, 10, Bill(4, 0, tokens, tokens / 1000), **given)


def result(method: str, tokens: int, right: int, texts: int = 40) -> Result:
    """The first `right` texts get their label, the others the wrong one."""
    pairs = [(label, label if n < right else "xy"[label == "x"]) for n, label in enumerate(["x", "y"] * (texts // 2))]
    scores = {"accuracy": 0.5, "macro_f1": right / texts, "macro_f1_low": 0.1, "macro_f1_high": 0.9}
    actual, predicted = (tuple(frozenset(each) for each in side) for side in zip(*pairs, strict=True))
    predictions = Predictions(actual, predicted, multilabel=False)
    return Result(f"compare-{method}", {"accepted": 20, "tokens": tokens, "tfidf": scores}, {"tfidf": predictions})


def told(found: list[Afforded], results: list[Result]) -> str:
    by_method = {each.method: one for each, one in zip(found, results, strict=True)}
    return report(
        "notes", Budget(1.0, "usd"), found, results=by_method, students=["tfidf"], labels=LABELS, settings=SETTINGS,
        with_attributes=False,
    )  # fmt: skip


def test_what_can_be_told_apart_and_what_cannot() -> None:
    found = [got("good", 990), got("same", 980), got("bad", 970)]
    said = told(found, [result("good", 990, 36), result("same", 980, 35), result("bad", 970, 10)])
    assert "| good | 10 | 20 | 4 | 990 | 0.9900 | 0 | 0.0000 | 0.900 (0.100 to 0.900) |" in said
    rows = [
        line.split(" | ") for line in said.splitlines() if " to " in line and line.startswith("| ") and "A" not in line
    ]
    verdicts = {(row[0].strip("| "), row[1]): row[-1].rstrip(" |") for row in rows if len(row) == 8}
    assert verdicts == {
        ("good", "same"): "cannot be told apart",
        ("good", "bad"): "good better",
        ("same", "bad"): "same better",
    }
    assert "26 to 0" in said
    assert "corrected by Holm for the 3 rows" in said
    assert "of the budget" not in said


def test_who_spends_less_is_told_with_the_reason() -> None:
    found = [got("short", 500, more=True), got("coarse", 700)]
    said = told(found, [result("short", 500, 30), result("coarse", 700, 30)])
    assert "- short spends 50% of the budget: no more texts were looked at; raise MOST." in said
    assert "- coarse spends 70% of the budget: one request a label more is too much." in said


def test_experiments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ArtifactError, match="answers of 12 tokens, and those at hand now have 990"):
        told([got("one", 990)], [result("one", 12, 30)])
    with pytest.raises(ArtifactError, match="different test texts"):
        told([got("one", 990), got("two", 990)], [result("one", 990, 30), result("two", 990, 20, texts=38)])
