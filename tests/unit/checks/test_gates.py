from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from stages.checks.frames import Setting, label_sets
from stages.checks.gates import check_gates
from stages.checks.verdict import must_have_passed, table_of_failures, verdict_of
from stages.core.errors import ArtifactError, GateError
from stages.core.lengths import WordRange
from stages.core.params import load_everything
from stages.core.records import Rejected, Text
from stages.core.tasks import LabelledText
from tests.conftest import ROOT

LABELS = ("noise", "parcel")
VALUES = {("tone", label): ("calm", "angry") for label in LABELS}
REAL = [LabelledText("I say please be quiet now", "noise"), LabelledText("where is it and when does it come", "parcel")]
LIMITS = load_everything(ROOT / "params.yaml").validation


def good(count: int = 10) -> list[Text]:
    return [
        Text(f"a {label} text number {index}", label, index, {"tone": ("calm", "angry")[index % 2]})
        for index in range(count)
        for label in LABELS
    ]


def no_meaning(texts: Sequence[str]) -> NDArray[Any]:
    """Vectors for tests of gates that need none."""
    return np.tile(np.eye(8)[0], (len(texts), 1))


def check(
    accepted: list[Text],
    lost: list[Rejected] | None = None,
    *,
    multilabel: bool = False,
    values: Any = None,
    **limits: Any,
) -> dict[str, dict[str, Any]]:
    """The results by gate; one that failed stands for all of its name. These texts repeat each other by design."""
    chosen = LIMITS.model_copy(
        update={"near_duplicates": 1.0, "near_duplicates_across": 1.0, "test_meaning": 1.0, "naming": 1.0,
                "label_noise": 1.0, "rejected": 1.0, **limits}
    )  # fmt: skip
    names = {each: each for each in LABELS}
    setting = Setting(names, WordRange(2, 8), REAL, no_meaning, values or VALUES, multilabel=multilabel)
    results = check_gates(accepted, lost or [], setting, chosen)
    return {each["gate"]: each for each in sorted(results, key=lambda each: each["passed"], reverse=True)}


def failed(results: dict[str, dict[str, Any]]) -> set[str]:
    return {gate for gate, each in results.items() if not each["passed"]}


def test_good_texts_pass() -> None:
    assert failed(check(good())) == set()


def test_a_label_below_its_quota_and_the_balance() -> None:
    lost = [Rejected("refused", None, "parcel", 10 + index, {}) for index in range(10)]
    results = check([each for each in good() if each.label == "noise" or each.index < 6], lost)
    assert failed(results) == {"label_quota", "class_balance"}
    assert results["label_quota"]["worst"] == [{"found": 0.375, "label": "parcel"}]
    assert results["class_balance"]["worst"] == [{"found": 0.6, "label": "parcel"}]


def test_texts_of_the_reserve_stand_in_place_of_planned_ones() -> None:
    texts = [replace(each, reserve=each.label == "parcel" and each.index > 5) for each in good()]
    kept = sum(not each.reserve for each in texts if each.label == "parcel")
    lost = [Rejected("refused", None, "parcel", 90 + index, {}) for index in range(10 - kept)]
    lost += [Rejected("surplus", "one more", "parcel", 99, {}, reserve=True)] * 20
    assert failed(check(texts, lost, quota_share=1.0, balance=1.0)) == set()
    assert failed(check(texts[:-2], lost, quota_share=1.0)) == {"label_quota"}


def test_a_label_without_any_text() -> None:
    results = check([each for each in good() if each.label == "noise"])
    assert failed(results) == {"label_quota", "class_balance", "attribute_coverage"}


def test_a_value_without_a_text() -> None:
    texts = [each for each in good(20) if not (each.label == "parcel" and each.attributes["tone"] == "angry")]
    results = check(texts, quota_share=0.0, balance=0.0)
    assert failed(results) == {"attribute_coverage"}
    assert results["attribute_coverage"]["worst"] == [
        {"found": 0, "label": "parcel", "attribute": "tone", "value": "angry"}
    ]
    assert (results["attribute_coverage"]["checked"], results["attribute_coverage"]["failed"]) == (4, 1)
    assert failed(check(texts, quota_share=0.0, balance=0.0, coverage=0.75)) == set()
    assert "attribute_coverage" in failed(check(good(2), texts_per_value=2))


def test_unknown_labels_repeated_texts_and_lengths() -> None:
    texts = good()
    texts[0] = Text("a text of nothing", "nothing", 0, {"tone": "calm"})
    texts[2] = Text(texts[4].text.upper(), "noise", 1, {"tone": "angry"})
    results = check(texts)
    assert failed(results) == {"label_vocabulary", "uniqueness"}
    assert results["label_vocabulary"]["worst"] == [{"found": "nothing", "index": 0, "text": "a text of nothing"}]
    assert [each["index"] for each in results["uniqueness"]["worst"]] == [1, 2]
    long = [Text("word " * 30 + each.text, each.label, each.index, each.attributes) for each in good()]
    assert failed(check(long)) == {"length"}


def test_a_text_counts_for_each_of_its_labels() -> None:
    lost = [Rejected("refused", None, "parcel", 10 + index, {}) for index in range(10)]
    texts = [each for each in good() if each.label == "noise" or each.index < 6]
    assert failed(check(texts, lost, multilabel=True, quota_share=0.5)) == {"label_quota", "class_balance"}
    both = [replace(each, also=("parcel",)) if each.label == "noise" else each for each in texts]
    results = check(both, lost, multilabel=True, quota_share=0.5)
    assert failed(results) == set(), "16 of 26 planned texts of parcel; twice as many as of noise is no lack of noise"
    assert failed(check(both, lost, multilabel=True, quota_share=0.62)) == {"label_quota"}


def test_labels_beside_the_own_one() -> None:
    texts = good()
    for number, also in enumerate([("parcel",), ("noise",), ("nothing",), ("noise", "noise")]):
        texts[number] = replace(texts[number], also=also)
    results = check(texts, multilabel=True)
    assert failed(results) == {"label_sets"}
    assert [(each["found"], each["label"], each["index"]) for each in results["label_sets"]["worst"]] == [
        ("nothing", "noise", 1), ("noise", "parcel", 1)
    ]  # fmt: skip


def test_how_often_labels_stand_together() -> None:
    texts = good(2)
    texts[0], texts[1] = replace(texts[0], also=("parcel",)), replace(texts[1], also=("noise",))
    assert label_sets(texts) == {
        "mean": 1.5, "different": 3, "most_common": [
            {"labels": ["noise", "parcel"], "texts": 2}, {"labels": ["noise"], "texts": 1},
            {"labels": ["parcel"], "texts": 1},
        ]
    }  # fmt: skip
    assert label_sets([]) == {"mean": 0.0, "different": 0, "most_common": []}


def test_no_texts_at_all() -> None:
    assert {"not_empty", "label_quota", "class_balance"} <= failed(check([]))


def test_a_null_that_got_in() -> None:
    texts = good()
    object.__setattr__(texts[0], "label", None)
    assert "no_nulls" in failed(check(texts))


PLACES = ("kitchen", "attic", "garage", "cellar", "bathroom", "balcony", "office", "hall", "lobby", "terrace")


def told_apart() -> list[Text]:
    """Texts that have few words in common."""
    return [
        Text(
            f"{label[:3]}{place} {place}s{label[1:]} {place}{label}",
            label,
            index,
            {"tone": ("calm", "angry")[index % 2]},
        )
        for index, place in enumerate(PLACES)
        for label in LABELS
    ]


def with_text(row: int, text: str) -> list[Text]:
    """These, with another text in one place."""
    texts = told_apart()
    texts[row] = replace(texts[row], text=text)
    return texts


@pytest.mark.parametrize(
    ("gate", "row", "text"),
    [
        ("near_duplicates", 4, f"{told_apart()[0].text} {told_apart()[0].text}"),
        ("near_duplicates_across", 5, f"{told_apart()[0].text} {told_apart()[0].text}"),
        ("test_overlap", 3, "I say please be quiet now or else"),
        ("model_talk", 3, "Here are three examples:"),
        ("placeholders", 3, "my order XXX is late"),
        ("personal_data", 3, "write to anna.keller82@gmail.com please"),
        ("language", 3, "Wo ist mein Paket, ich habe es nicht"),
    ],
)
def test_what_is_found_in_a_text(gate: str, row: int, text: str) -> None:
    limits: dict[str, Any] = {"near_duplicates": 0.04, "near_duplicates_across": 0.04}
    assert failed(check(told_apart(), **limits)) == set()
    results = check(with_text(row, text), **limits)
    assert failed(results) == {gate}
    (worst,) = results[gate]["worst"]
    assert (worst["label"], worst["index"], worst["text"]) == (told_apart()[row].label, row // 2, text)
    assert (results[gate]["checked"], results[gate]["failed"]) == (20, 1)
    assert failed(check(with_text(row, text), **{**limits, gate: 0.06})) == set()


def test_labels_whose_name_stands_in_their_texts() -> None:
    texts = [replace(each, text=f"{each.text} noise") if each.index < 3 else each for each in told_apart()]
    results = check(texts, naming=0.2)
    assert failed(results) == {"label_naming"}, "of parcels' texts none says parcel, but noise"
    assert results["label_naming"]["worst"] == [{"found": pytest.approx(0.3), "label": "noise"}]


def test_a_reason_for_which_too_many_are_thrown_out() -> None:
    lost = [Rejected("refused", None, "parcel", 10, {}), Rejected("too_long", "x", "parcel", 11, {})]
    assert failed(check(told_apart(), lost[:1], rejected=0.05)) == set()
    results = check(told_apart(), [*lost, lost[0]], rejected=0.05)
    assert results["rejected"]["worst"] == [{"found": 2 / 23, "reason": "refused"}]


def test_pairs_of_values_and_lengths_that_were_asked_for() -> None:
    values = {**VALUES, **{("length", label): ("1 to 4 words", "5 to 9 words") for label in LABELS}}
    texts = [
        replace(each, attributes={**each.attributes, "length": "1 to 4 words" if each.index % 2 else "5 to 9 words"})
        for each in told_apart()
    ]
    results = check(texts, values=values)
    assert failed(results) == {"pair_coverage", "length_as_asked"}
    assert results["pair_coverage"]["worst"][0] == {"found": 0.5, "label": "noise", "attribute": "length, tone"}
    assert (results["length_as_asked"]["failed"], results["length_as_asked"]["worst"][0]["found"]) == (10, 2.0)


def test_a_warning_passes_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "accepted.jsonl"
    path.write_text("one\n")
    results = list(check(with_text(3, "write to anna.keller82@gmail.com please")).values())
    verdict = verdict_of(results, path)
    assert (verdict["passed"], verdict["failed"], verdict["warned"]) == (True, 0, 1)
    must_have_passed(verdict, path)
    assert "  warning: personal_data: wanted at most 1.0% of the texts" in table_of_failures(results)
    assert "found 1 of 20 texts" in table_of_failures(results)
    harder = LIMITS.severity.model_copy(update={"personal_data": "fail"})
    results = list(check(with_text(3, "write to anna.keller82@gmail.com please"), severity=harder).values())
    assert not verdict_of(results, path)["passed"]


def test_the_table_says_what_failed_by_how_much_and_where() -> None:
    results = list(check([each for each in good() if each.label == "noise" or each.index < 6]).values())
    table = table_of_failures(results)
    assert (
        "class_balance: wanted each label has at least 70% of the texts of the fullest; 1 of 2 labels do not" in table
    )
    assert "label parcel: found 0.6" in table


def test_nothing_trains_on_texts_that_failed_or_were_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "accepted.jsonl"
    path.write_text("one\n")
    passed, not_passed = ([{"passed": each, "severity": "fail"}] for each in (True, False))
    must_have_passed(verdict_of(passed, path), path)
    with pytest.raises(GateError, match="failed 1 of 1 gates"):
        must_have_passed(verdict_of(not_passed, path), path)
    verdict = verdict_of(passed, path)
    path.write_text("two\n")
    with pytest.raises(ArtifactError, match="is not the file that the gates passed"):
        must_have_passed(verdict, path)
