from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.sections import Price
from stages.llm.prices import Cost, Prices
from stages.llm.reading import parse_object, tidy


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', ' \n{"a": 1}\n', '```json\n{"a": 1}\n```', '```\n{"a": 1}\n```', 'Here it is: {"a": 1} - done'],
)
def test_objects_are_found_where_models_put_them(text: str) -> None:
    assert parse_object(text) == {"a": 1}


@pytest.mark.parametrize(
    "text", [None, "", "no", "[1]", "{", '{"a": 1', "}{", "[" * 100_000, '{"a":' * 50_000, "{" * 2_000_000]
)
def test_what_is_no_object_is_an_error_and_nothing_worse(text: str | None) -> None:
    with pytest.raises(ValueError, match=r"answer|Expecting|delimiter|property|column"):
        parse_object(text)


@given(
    st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())),
    st.text(st.characters(exclude_characters="{}`")),
)
def test_any_object_comes_through(value: dict[str, object], around: str) -> None:
    assert parse_object(f"{around}{json.dumps(value)}{around}") == value


def test_phrases_become_one_line_or_nothing() -> None:
    assert tidy("  two\n words\t") == "two words"
    assert tidy("caf\u00e9 - $5 & 20%") == "caf\u00e9 - $5 & 20%"
    assert tidy(5) == tidy("\x1b[31mred") == tidy("x" * 300) == tidy("half \ud800 pair") == tidy("\u202ertl") == ""


def test_prices_of_params_come_before_the_list() -> None:
    own = {"desk": Price(prompt=1.0, completion=10.0), "gpt-4o-mini": Price(prompt=0.0, completion=0.0)}
    assert Prices("desk", own).dollars(1_000_000, 100_000) == pytest.approx(2.0)
    assert Prices("gpt-4o-mini", own).dollars(1000, 1000) == 0.0
    assert Prices("gpt-4o-mini", {}).dollars(1_000_000, 0) == pytest.approx(0.15)


def test_an_unknown_price_is_none_and_not_nothing() -> None:
    prices = Prices("a-model-that-nobody-has", {})
    assert not prices.known
    assert prices.dollars(5, 5) is None
    cost = Cost()
    cost.add(1, 2, 0.5)
    assert cost.as_json() == {"requests": 1, "prompt_tokens": 1, "completion_tokens": 2, "dollars": 0.5}
    cost.add(1, 2, None)
    assert cost.as_json() == {"requests": 2, "prompt_tokens": 2, "completion_tokens": 4, "dollars": None}


def test_a_batch_costs_half() -> None:
    assert Prices("gpt-4o-mini", {}).dollars(1_000_000, 0, batch=True) == pytest.approx(0.075)
