"""Reading what a judge says: whatever an answer is like, it costs the texts that it says nothing usable of alone."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.checks.judgements import Opinion, read_judgements
from stages.checks.numbered import OUTSIDE
from stages.checks.texts import CUT_OFF, MALFORMED, MISSING, REFUSED
from stages.llm.chat import TIMED_OUT, Answer, NoAnswer

LABELS = ("noise", "parcel", "late_plants")
GOOD = [{"label": "noise", "percent": 60}, {"label": "parcel", "percent": 20}]


def read(completion: Any, wanted: int = 1, *, multilabel: bool = False, finish: str = "stop") -> list[Opinion | str]:
    text = completion if isinstance(completion, str | None) else json.dumps(completion)
    return read_judgements(Answer(text, finish, 1, 1, "m"), wanted, LABELS, 2, multilabel=multilabel)


def items(*labels: Any, **more: Any) -> dict[str, Any]:
    return {
        "texts": [{"number": n, "labels": each, "realism": 4, "why": "", **more} for n, each in enumerate(labels, 1)]
    }


def test_chances_add_up_where_a_text_has_one_label() -> None:
    assert read(items(GOOD)) == [Opinion({"noise": 0.75, "parcel": 0.25}, 4, "")]
    assert read(items(GOOD), multilabel=True) == [Opinion({"noise": 0.6, "parcel": 0.2}, 4, "")]


def test_labels_are_taken_in_the_names_that_they_have_and_the_likeliest_count() -> None:
    said = [
        {"label": "noise", "percent": 10},
        {"label": " Parcel", "percent": 10},
        {"label": "LATE_PLANTS", "percent": 30},
    ]
    assert read(items(said)) == [Opinion({"late_plants": 0.75, "noise": 0.25}, 4, "")]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([*GOOD, {"label": "holidays", "percent": 5}], OUTSIDE),
        ([{"label": 3, "percent": 5}], OUTSIDE),
        ([{"percent": 5}], OUTSIDE),
        ([{"label": "noise"}], MALFORMED),
        ([{"label": "noise", "percent": "60"}], MALFORMED),
        ([{"label": "noise", "percent": True}], MALFORMED),
        ([{"label": "noise", "percent": 101}], MALFORMED),
        ([{"label": "noise", "percent": -1}], MALFORMED),
        ([{"label": "noise", "percent": math.nan}], MALFORMED),
        ([{"label": "noise", "percent": 0}], MALFORMED),
        ([*GOOD, GOOD[0]], MALFORMED),
        (["noise"], MALFORMED),
        ([], MALFORMED),
        ({"noise": 60}, MALFORMED),
        (None, MALFORMED),
    ],
)
def test_one_text_is_lost(labels: Any, reason: str) -> None:
    first, second = read(items(labels, GOOD), 2)
    assert (first, isinstance(second, Opinion)) == (reason, True)


@pytest.mark.parametrize("realism", [0, 6, 4.0, "4", True, None, [4], 10**400])
def test_a_realism_of_no_use_leaves_the_labels(realism: Any) -> None:
    [found] = read(items(GOOD, realism=realism))
    assert isinstance(found, Opinion)
    assert found.realism is None


@pytest.mark.parametrize(
    ("why", "kept"), [(" too \n tidy ", "too tidy"), ("x" * 500, ""), (["a"], ""), ("\x1b[2J", "")]
)
def test_why_is_one_line_of_text(why: Any, kept: str) -> None:
    [found] = read(items(GOOD, realism=1, why=why))
    assert found == Opinion({"noise": 0.75, "parcel": 0.25}, 1, kept)


def test_whole_answers_of_no_use() -> None:
    assert read("I'm sorry, I cannot help with that request.", 2) == [REFUSED] * 2
    assert read("noise, both of them", 2) == [MISSING] * 2
    assert read_judgements(NoAnswer(TIMED_OUT, "120 s"), 2, LABELS, 2, multilabel=False) == [TIMED_OUT] * 2
    whole = json.dumps(items(GOOD, GOOD))
    first, second = read(whole[: len(whole) - 12], 2, finish="length")
    assert (isinstance(first, Opinion), second) == (True, CUT_OFF)


KEYS = st.sampled_from(["texts", "number", "labels", "label", "percent", "realism", "why"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(LABELS)
ITEM = st.fixed_dictionaries(
    {"number": st.integers(0, 4), "labels": st.lists(st.fixed_dictionaries(
        {"label": st.sampled_from(LABELS) | LEAVES, "percent": st.integers(0, 100) | LEAVES}), max_size=4)},
    optional={"realism": st.integers(0, 6) | LEAVES, "why": LEAVES},
)  # fmt: skip


@given(
    st.lists(
        ITEM | st.recursive(LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(KEYS, each, max_size=3))
    ),
    st.booleans(),
)
def test_nothing_but_known_labels_and_chances_comes_out(said: list[Any], multilabel: bool) -> None:
    found = read({"texts": said}, 3, multilabel=multilabel)
    assert len(found) == 3
    for each in found:
        if isinstance(each, Opinion):
            assert 1 <= len(each.chances) <= 2
            assert set(each.chances) <= set(LABELS)
            assert all(0 <= chance <= 1 for chance in each.chances.values())
            assert multilabel or math.isclose(sum(each.chances.values()), 1)
            assert each.realism in (None, 1, 2, 3, 4, 5)
            assert each.why.isprintable()
