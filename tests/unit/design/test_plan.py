from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.design.plan import plan_texts

VALUES = st.dictionaries(
    st.sampled_from(["tone", "scene", "length", "place"]),
    st.integers(1, 9).map(lambda size: [f"v{n}" for n in range(size)]),
)
DESIGNS = st.sampled_from(["balanced", "random"])


@given(VALUES, st.integers(0, 60), st.integers(0, 30), DESIGNS, st.integers(0, 5))
def test_more_texts_only_append(values: dict[str, list[str]], count: int, more: int, design: str, seed: int) -> None:
    longer = list(plan_texts("noise", values, count + more, design, seed))
    assert longer[:count] == list(plan_texts("noise", values, count, design, seed))
    assert [each.index for each in longer] == list(range(count + more))


@given(VALUES, st.integers(1, 60), st.integers(0, 5))
def test_no_value_is_ahead_of_another_by_more_than_one(values: dict[str, list[str]], count: int, seed: int) -> None:
    rows = list(plan_texts("noise", values, count, "balanced", seed))
    for name, each in values.items():
        counts = Counter(dict.fromkeys(each, 0))
        counts.update(row.attributes[name] for row in rows)
        assert max(counts.values()) - min(counts.values()) <= 1


@given(VALUES, st.integers(1, 40), DESIGNS)
def test_a_renamed_value_moves_no_other(values: dict[str, list[str]], count: int, design: str) -> None:
    renamed = {name: ["other" if value == "v0" else value for value in each] for name, each in values.items()}
    for one, two in zip(
        plan_texts("noise", values, count, design, 1), plan_texts("noise", renamed, count, design, 1), strict=True
    ):
        assert {name: "other" if value == "v0" else value for name, value in one.attributes.items()} == two.attributes


def test_labels_dimensions_and_seeds_are_shuffled_apart() -> None:
    values = {"tone": list("abcdefgh"), "scene": list("abcdefgh")}
    plans = [
        [tuple(row.attributes.values()) for row in plan_texts(label, values, 16, "balanced", seed)]
        for label, seed in (("noise", 1), ("parcel", 1), ("noise", 2))
    ]
    assert len({str(plan) for plan in plans}) == 3
    assert any(tone != scene for tone, scene in plans[0])


def test_the_plan_is_pinned() -> None:
    # Recordings hang on it: a plan that changes asks for texts that nobody recorded.
    plan = plan_texts("noise", {"tone": ["a", "b", "c", "d"]}, 8, "balanced", 1)
    assert "".join(row.attributes["tone"] for row in plan) == "acdbbdca"


def test_the_random_design_is_the_independent_draw() -> None:
    rows = list(plan_texts("noise", {"tone": list("abcd")}, 4000, "random", 1))
    counts = Counter(row.attributes["tone"] for row in rows)
    assert all(counts[value] == pytest.approx(1000, abs=120) for value in "abcd")
    first = [row.attributes["tone"] for row in rows[:8]]
    assert Counter(first) != Counter("aabbccdd"), "a deck would be even"


def test_a_dimension_without_values_is_left_out() -> None:
    [row] = plan_texts("noise", {"tone": [], "scene": ["a"]}, 1, "balanced", 1)
    assert row.attributes == {"scene": "a"}
