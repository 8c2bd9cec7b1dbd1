from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.checks.completions import NoText
from stages.checks.reports import Reported, RoundCoverage, read_reports
from stages.core.reports import Report, Spread

TONE = Spread("tone", ("calm", "very angry"), (0.5, 0.5))
LENGTH = Spread("length", ("1 to 2 words", "3 to 9 words"), (0.5, 0.5))
BAD, GONE = NoText.MALFORMED, NoText.MISSING


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ({"tone": "calm"}, {"tone": "calm"}),
        ({"tone": "Very  ANGRY"}, {"tone": "very angry"}),
        ({"tone": "other", "mood": "calm"}, {}),
        ({"tone": ["calm"]}, {}),
        ({"length": "3 to 9 words"}, {}),
        ("calm", {}),
        (None, {}),
    ],
)
def test_what_is_said_of_a_text(values: Any, known: dict[str, str]) -> None:
    said = json.dumps({"texts": [{"text": " be quiet ", "values": values}]})
    assert read_reports(said, 2, (TONE, LENGTH)) == [Reported("be quiet", {**known, "length": "1 to 2 words"}), GONE]


@pytest.mark.parametrize(
    ("item", "found"),
    [
        ({"text": "a " * 9 + "b", "values": {}}, Reported("a " * 9 + "b", {})),
        ("a", Reported("a", {"length": "1 to 2 words"})),
        ({"text": 7, "values": {"tone": "calm"}}, BAD),
        (None, BAD),
    ],
)
def test_other_items(item: Any, found: Reported | NoText) -> None:
    assert read_reports(json.dumps({"texts": [item]}), 1, (TONE, LENGTH)) == [found]


def test_an_answer_that_breaks_off_keeps_what_came_before() -> None:
    whole = json.dumps(
        {"texts": [{"text": "a", "values": {"tone": "calm"}}, {"text": "b", "values": {"tone": "calm"}}]}
    )
    assert read_reports(whole[:-8], 2, (TONE,)) == [Reported("a", {"tone": "calm"}), GONE]
    assert read_reports("no", 1, (TONE,)) == [GONE]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["text", "values", "tone"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(JSON, max_size=4), st.integers(1, 4))
def test_whatever_comes_only_known_values_come_out(items: list[Any], wanted: int) -> None:
    found = read_reports(json.dumps({"texts": items}), wanted, (TONE, LENGTH))
    assert len(found) == wanted
    for each in found:
        if isinstance(each, Reported):
            assert {("tone", value) for value in TONE.values} | {("length", value) for value in LENGTH.values} >= set(
                each.values.items()
            )


def test_coverage_after_each_round() -> None:
    first, second = (Report(number, 0, "", (TONE,)) for number in (0, 1))
    covered = RoundCoverage()
    for label in ("a", "b"):
        covered.begin(label, first)
        covered.add(label, first, {"tone": "calm"})
    covered.begin("a", second)
    covered.add("a", second, {"tone": "very angry"})
    covered.add("a", second, {})
    assert covered.as_json() == {"coverage": [0.5, 0.75], "unreported": 1}
    nothing = RoundCoverage()
    nothing.begin("a", None)
    assert nothing.as_json() == {}
