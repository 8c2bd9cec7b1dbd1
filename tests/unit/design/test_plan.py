from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations, islice, product
from math import floor
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stages.design.balance import balanced, patience_for, rows_to_cover
from stages.design.plan import Factor, mixed, plan_texts
from stages.design.quotas import Quota

if TYPE_CHECKING:
    from stages.core.records import PlannedText

NAMES = ("tone", "scene", "length", "place")
SIZES = st.lists(st.integers(1, 7), min_size=1, max_size=4)
WEIGHTS = st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=6), min_size=1, max_size=3)
DESIGNS = st.sampled_from(["balanced", "random"])


def even(*sizes: int) -> list[Factor]:
    """Dimensions with equal shares."""
    return weighted([[1] * size for size in sizes])


def weighted(weights: list[list[int]]) -> list[Factor]:
    """Dimensions with shares in these ratios."""
    return [
        Factor(f"d{at}", tuple(f"v{n}" for n in range(len(each))), tuple(weight / sum(each) for weight in each))
        for at, each in enumerate(weights)
    ]


def plan(
    factors: list[Factor], count: int, design: str = "balanced", seed: int = 1, **more: object
) -> list[PlannedText]:
    return list(plan_texts("noise", factors, count, design=design, seed=seed, **more))  # type: ignore[arg-type]


def pairs_of(rows: list[PlannedText]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(pair) for row in rows for pair in combinations(row.attributes.items(), 2)}


@given(WEIGHTS, st.integers(0, 60), st.integers(0, 30), DESIGNS, st.sampled_from([0.0, 0.3, 1.0]))
def test_more_texts_only_append(
    weights: list[list[int]], count: int, more: int, design: str, core_share: float
) -> None:
    longer = plan(weighted(weights), count + more, design, core_share=core_share)
    assert longer[:count] == plan(weighted(weights), count, design, core_share=core_share)
    assert [each.index for each in longer] == list(range(count + more))


@given(SIZES, st.integers(1, 90), st.integers(0, 5))
def test_no_value_is_ever_ahead_of_another_by_more_than_one(sizes: list[int], count: int, seed: int) -> None:
    factors = even(*sizes)
    counts = {each.name: Counter(dict.fromkeys(each.values, 0)) for each in factors}
    for row in plan(factors, count, seed=seed):
        for name, value in row.attributes.items():
            counts[name][value] += 1
            assert max(counts[name].values()) - min(counts[name].values()) <= 1


@given(WEIGHTS, st.integers(1, 150), st.integers(0, 5))
def test_every_value_is_always_within_one_of_its_share(weights: list[list[int]], count: int, seed: int) -> None:
    counts = [Counter[str]() for _ in weights]
    for n, row in enumerate(plan(weighted(weights), count, seed=seed), 1):
        for value, of, each in zip(row.attributes.values(), counts, weights, strict=True):
            of[value] += 1
            assert all(abs(of[f"v{at}"] - Fraction(n * one, sum(each))) < 1 for at, one in enumerate(each))


@given(st.lists(st.integers(1, 3000), min_size=2, max_size=9), st.integers(0, 2**32))
def test_whatever_is_taken_of_what_is_free_the_rest_stays_within_one(weights: list[int], choices: int) -> None:
    quota, counts, whole = Quota("key", weights), [0] * len(weights), sum(weights)
    for n in range(1, 300):
        choices = choices * 6364136223846793005 % 2**64 + 1442695040888963407
        value = quota.free[(choices >> 33) % len(quota.free)]
        quota.take(value)
        counts[value] += 1
        assert all(abs(count * whole - n * one) < whole for count, one in zip(counts, weights, strict=True))


def test_what_is_free_is_all_that_keeps_the_rest_possible() -> None:
    # With equal weights that is the rest of a deck. With 2 : 1 : 1 the first value is in each two rows.
    quota = Quota("key", [5, 5, 5])
    for free in (3, 2, 1, 3, 2, 1):
        assert len(quota.free) == free
        quota.take(quota.free[0])
    quota = Quota("key", [2, 1, 1])
    assert sorted(quota.free) == [0, 1, 2]
    quota.take(1)
    assert quota.free == [0]
    quota.take(0)
    assert sorted(quota.free) == [0, 2]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=4), st.integers(0, 3), st.sampled_from([0, 5, None]))
def test_all_pairs_are_covered_by_the_bound(sizes: list[int], seed: int, patience: int | None) -> None:
    # With no patience it is the rotation of the proof that covers them, which the greedy leaves nothing to do.
    bound = rows_to_cover(sizes, patience)
    weights, names = [[1] * size for size in sizes], [f"d{at}" for at in range(len(sizes))]
    rows = list(islice(balanced(f"{seed}", names, weights, (), patience), bound))
    for (one, of_one), (two, of_two) in combinations(enumerate(sizes), 2):
        assert {(row[one], row[two]) for row in rows} == set(product(range(of_one), range(of_two)))
    for at, size in enumerate(sizes):
        assert all(len({row[at] for row in rows[n : n + size]}) == size for n in range(0, bound - size, size))


@pytest.mark.parametrize("sizes", [(6, 8, 9, 10, 12), (12, 12, 12, 12, 12), (6, 6, 6, 6, 6), (7, 8, 9, 11, 12)])
def test_pairs_are_covered_sooner_than_by_the_independent_draw(sizes: tuple[int, ...]) -> None:
    for seed in range(5):
        ours, theirs = (plan(even(*sizes), 500, design, seed) for design in ("balanced", "random"))
        for n in (20, 50, 100, 500):
            assert len(pairs_of(ours[:n])) >= len(pairs_of(theirs[:n]))
        assert len(pairs_of(ours[:50])) > 1.05 * len(pairs_of(theirs[:50]))
        assert len(pairs_of(ours[: patience_for(sizes)])) == sum(a * b for a, b in combinations(sizes, 2))


def test_covered_pairs_stay_balanced() -> None:
    rows = plan(even(6, 8, 9), 5000)
    for one, two in combinations(("d0", "d1", "d2"), 2):
        counts = Counter((row.attributes[one], row.attributes[two]) for row in rows)
        assert max(counts.values()) - min(counts.values()) <= 3
    assert len({tuple(row.attributes.values()) for row in rows}) == 6 * 8 * 9, (
        "combinations of three come by themselves"
    )


@given(SIZES, st.integers(1, 40), DESIGNS)
def test_a_renamed_value_moves_no_other(sizes: list[int], count: int, design: str) -> None:
    factors = even(*sizes)
    renamed = [Factor(each.name, ("other", *each.values[1:]), each.shares) for each in factors]
    for one, two in zip(plan(factors, count, design), plan(renamed, count, design), strict=True):
        assert {name: "other" if value == "v0" else value for name, value in one.attributes.items()} == two.attributes


@pytest.mark.parametrize("design", ["balanced", "random"])
def test_labels_dimensions_and_seeds_are_shuffled_apart(design: str) -> None:
    factors = [Factor(name, tuple("abcdefgh"), mixed([1.0] * 8, 0)) for name in ("tone", "scene")]
    plans = [
        [tuple(row.attributes.values()) for row in plan_texts(label, factors, 16, design=design, seed=seed)]
        for label, seed in (("noise", 1), ("parcel", 1), ("noise", 2), ("noise", 1))
    ]
    assert len({str(each) for each in plans}) == 3
    assert plans[0] == plans[3]
    assert any(tone != scene for tone, scene in plans[0])


def test_the_plan_is_pinned() -> None:
    # Recordings hang on it: a plan that changes asks for texts that nobody recorded.
    factors = [
        Factor("tone", tuple("abcd"), mixed([1.0] * 4, 0)),
        Factor("place", tuple("xyz"), (0.5, 0.3, 0.2)),
    ]
    rows = plan(factors, 12, core_share=0.1)
    assert " ".join("".join(row.attributes.values()) or "-" for row in rows) == "dx ay bx cy cz ax dy bx cx - az dz"
    rows = plan(factors, 6, "random")
    assert " ".join("".join(row.attributes.values()) for row in rows) == "ax dz cx bz dy by"


@given(WEIGHTS, st.data(), st.integers(1, 60), DESIGNS)
def test_incompatible_pairs_are_never_drawn(
    weights: list[list[int]], data: st.DataObject, count: int, design: str
) -> None:
    factors = weighted(weights)
    cells = [[(each.name, value) for value in each.values] for each in factors]
    every = [frozenset(pair) for one, two in combinations(cells, 2) for pair in product(one, two)]
    assume(every)
    bad = data.draw(st.lists(st.sampled_from(every), max_size=6, unique=True))
    try:
        rows = plan(factors, count, design, incompatible=bad)
    except ValueError as error:
        assert "incompatible" in str(error)  # noqa: PT017
        possible = [row for row in product(*cells) if not any(pair <= set(row) for pair in bad)]
        assert any(all(cell not in row for row in possible) for each in cells for cell in each)
    else:
        assert len(rows) == count
        assert not pairs_of(rows) & set(bad)


def test_beside_incompatible_pairs_shares_are_kept() -> None:
    bad = [frozenset({("d0", "v1"), ("d1", f"v{n}")}) for n in (2, 3)] + [frozenset({("d4", "v1"), ("d1", "v3")})]
    rows = plan(even(6, 8, 9, 10, 12), 600, incompatible=bad)
    for at, size in enumerate((6, 8, 9, 10, 12)):
        counts = Counter(row.attributes[f"d{at}"] for row in rows)
        assert all(abs(counts[f"v{n}"] - 600 / size) <= 2 for n in range(size))
    assert len(pairs_of(rows)) == sum(a * b for a, b in combinations((6, 8, 9, 10, 12), 2)) - len(bad)


def test_a_value_that_goes_with_no_value_of_another_dimension_is_named_before_the_first_row() -> None:
    bad = [frozenset({("d0", "v1"), ("d1", f"v{n}")}) for n in range(3)]
    with pytest.raises(ValueError, match="d0 v1 is incompatible with every value of d1"):
        plan_texts("noise", even(2, 3), 0, design="balanced", seed=1, incompatible=bad)
    with pytest.raises(ValueError, match="not two values of two dimensions"):
        plan_texts("noise", even(2), 0, design="random", seed=1, incompatible=[frozenset({("d0", "v0"), ("d0", "v1")})])
    ring = [
        frozenset({(f"d{one}", f"v{a}"), (f"d{two}", f"v{b}")})
        for one, two, same in ((0, 1, True), (1, 2, True), (0, 2, False))
        for a, b in product(range(2), repeat=2)
        if (a == b) != same
    ]
    with pytest.raises(ValueError, match="every combination of values has an incompatible pair"):
        plan_texts("noise", even(2, 2, 2), 0, design="balanced", seed=1, incompatible=ring)


@given(st.fractions(0, 1, max_denominator=50), st.integers(0, 200), DESIGNS)
def test_core_rows_are_evenly_mixed_in_and_move_no_other(share: Fraction, count: int, design: str) -> None:
    rows = plan(even(3, 4), count, design, core_share=float(share))
    core = [not row.attributes for row in rows]
    assert core == [floor((n + 1) * share) > floor(n * share) for n in range(count)]
    others = [row.attributes for row in rows if row.attributes]
    assert others == [row.attributes for row in plan(even(3, 4), len(others), design)]


def test_the_random_design_is_the_independent_draw() -> None:
    weights = [[4, 3, 2, 1], [1, 1, 1]]
    rows = plan(weighted(weights), 6000, "random")
    counts = Counter(tuple(row.attributes.values()) for row in rows)
    chi_square = 0.0
    for (a, one), (b, two) in product(enumerate(weights[0]), enumerate(weights[1])):
        expected = 6000 * one * two / 30
        chi_square += (counts[f"v{a}", f"v{b}"] - expected) ** 2 / expected
    # 11 degrees of freedom: 99.7 % of independent draws are between these; a deck would be below.
    assert 1.8 < chi_square < 29.4
    bad = frozenset({("d0", "v0"), ("d1", "v0")})
    again = plan(weighted(weights), 6000, "random", incompatible=[bad])
    assert [two for one, two in zip(rows, again, strict=True) if not bad <= set(one.attributes.items())] == [
        row for row in rows if not bad <= set(row.attributes.items())
    ], "only rows with the pair are drawn anew"


@pytest.mark.parametrize("design", ["balanced", "random"])
def test_the_edges(design: str) -> None:
    assert plan([], 2, design)[1].attributes == {}
    [row] = plan([Factor("tone", (), ()), *even(1)], 1, design)
    assert row.attributes == {"d0": "v0"}
    assert {row.attributes["d0"] for row in plan(even(3), 30, design)} == {"v0", "v1", "v2"}
    assert all(len(row.attributes) == 20 for row in plan(even(*[3] * 20), 30, design))
    never = Factor("tone", ("a", "b", "c"), (0.5, 0.0, 0.5))
    assert {row.attributes["tone"] for row in plan([never], 60, design)} == {"a", "c"}
    rare = Factor("tone", ("a", "b"), (1 - 1e-9, 1e-9))
    assert Counter(row.attributes["tone"] for row in plan([rare, *even(4)], 300, design))["b"] <= 1


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="no design"):
        plan_texts("noise", [], 1, design="best", seed=1)
    with pytest.raises(ValueError, match="core rows"):
        plan_texts("noise", [], 1, design="random", seed=1, core_share=1.5)
    for values, shares, says in (
        (("a",), (), "1 values and 0 shares"),
        (("a", "a"), (0.5, 0.5), "stands there twice"),
        (("a", "b"), (0.5, 0.4), "sum to 1"),
        (("a", "b"), (1.5, -0.5), "sum to 1"),
    ):
        with pytest.raises(ValueError, match=says):
            Factor("tone", values, shares)


@given(st.lists(st.integers(1, 9), min_size=1), st.sampled_from([0, 0.25, 0.5, 1]))
def test_mixed_is_a_blend_of_natural_and_uniform(natural: list[int], amount: float) -> None:
    shares = mixed(natural, amount)
    assert sum(shares) == pytest.approx(1)
    for share, each in zip(shares, natural, strict=True):
        assert share == pytest.approx(amount * each / sum(natural) + (1 - amount) / len(natural))


def test_what_cannot_be_mixed_is_refused() -> None:
    assert mixed([], 0.5) == ()
    assert mixed([0, 0], 0) == (0.5, 0.5)
    for natural, amount in (([1], 1.1), ([1], -0.1), ([0, 0], 0.5), ([-1, 2], 0.5)):
        with pytest.raises(ValueError, match="must be"):
            mixed(natural, amount)
