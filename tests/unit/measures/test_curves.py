"""Learning curves: which texts are in a part, what it costs, where a curve comes up to another one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.records import Text
from stages.measures.curves import Cost, Point, Request, parts
from stages.measures.efficiency import Costs, Curve, Reach, compare_costs, crossings, reach

SHARES = (0.05, 0.1, 0.2, 0.5, 1.0)


def plan(texts: int, each: int, label: str = "a") -> list[Request]:
    """Requests for `texts` texts of a label, `each` of them at 100 tokens and a cent."""
    starts = range(0, texts, each)
    return [Request(label, tuple(range(at, min(at + each, texts))), Cost(100, 0.01)) for at in starts]


def written(numbers: list[int], label: str = "a") -> list[Text]:
    return [Text(f"{label} {number}", label, number, {}) for number in numbers]


def test_parts_by_hand() -> None:
    requests = plan(20, 5) + plan(20, 5, "b")
    accepted = written([0, 1, 2, 3, 6, 19]) + written([7, 8, 15], "b")
    found = list(parts(SHARES, requests, accepted))
    # Of a: 1, 2, 4, 10, 20 planned. Of b the first that there is comes eighth, out of the second request.
    assert [[text.index for text in each.texts if text.label == "a"] for each in found] == [
        [0], [0, 1], [0, 1, 2, 3], [0, 1, 2, 3, 6], [0, 1, 2, 3, 6, 19],
    ]  # fmt: skip
    assert [[text.index for text in each.texts if text.label == "b"] for each in found] == [
        [7], [7], [7], [7, 8], [7, 8, 15],
    ]  # fmt: skip
    assert [each.cost.tokens for each in found] == [300, 300, 300, 400, 800]
    assert found[3].cost.dollars == pytest.approx(0.04)


def test_parts_with_texts_of_a_reserve_by_hand() -> None:
    # Of 8 planned texts 0, 1 and 6 were rejected; 9, 10 and 12 of the reserve stand in their place, 8 and 11 were bad.
    reserve = [Request("a", rows, Cost(1, 0.0), reserve=True) for rows in ((8, 9), (10, 11), (12, 13))]
    accepted = written([2, 3, 4, 5, 7]) + [replace(each, reserve=True) for each in written([9, 10, 12])]
    found = list(parts((0.125, 0.25, 0.5, 0.875, 1.0), plan(8, 4) + reserve, accepted))
    assert [[text.index for text in each.texts] for each in found] == [
        [9], [9, 10], [2, 3, 9, 10], [2, 3, 4, 5, 9, 10, 12], [2, 3, 4, 5, 7, 9, 10, 12],
    ]  # fmt: skip
    assert [each.cost.tokens for each in found] == [101, 102, 102, 203, 203]
    [short] = parts((1.0,), plan(8, 4) + reserve, accepted[:-1])
    assert short.cost.tokens == 203, "where the reserve did not suffice all of it counts"


@given(
    st.integers(1, 60),
    st.integers(1, 7),
    st.sets(st.integers(0, 59), min_size=1),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_parts_lie_in_one_another(planned: int, each: int, kept: set[int], shares: list[float]) -> None:
    accepted = written(sorted(number for number in kept if number < planned))
    found = list(parts(shares, plan(planned, each), accepted))
    for one, two in pairwise(found):
        assert {text.index for text in one.texts} <= {text.index for text in two.texts}
        assert (one.cost.tokens or 0) <= (two.cost.tokens or 0)
    for part in found:
        assert part.cost.tokens, "a text is always asked for"
        assert part.texts or not accepted
        paid = (part.cost.tokens or 0) // 100 * each
        assert all(text.index < paid for text in part.texts), "every text of a part is paid for"


def test_texts_made_elsewhere_have_no_cost() -> None:
    requests = [Request("a", (number,), Cost(None, None)) for number in range(4)]
    [part] = parts((0.5,), requests, written([0, 1, 2, 3]))
    assert (part.cost, len(part.texts)) == (Cost(None, None), 2)
    assert Cost(1, None) + Cost(2, 0.5) == Cost(3, None)


def points(*rows: tuple[float, float], width: float = 0.05, extra: float = 0.0) -> list[Point]:
    """Points of (dollars, macro-F1)."""
    return [
        Point(
            (number + 1) / len(rows), number + 1, round(cost * 1e4), cost, round((cost + extra) * 1e4), cost + extra,
            value, value - width, value + width,
        )
        for number, (cost, value) in enumerate(rows)
    ]  # fmt: skip


def curve(*rows: tuple[float, float]) -> Curve:
    found = Curve.of(points(*rows), "dollars")
    assert found
    return found


def test_where_a_curve_comes_up_to_a_baseline_by_hand() -> None:
    # The baseline is at its best, 0.5, for 4 dollars. From 0.4 at 1 dollar to 0.6 at 4 it is half way on the
    # logarithmic scale: 2 dollars. Its upper bound, 0.05 above, is there at a quarter: 4 ** 0.25; the lower at 3 / 4.
    baseline = curve((1.0, 0.3), (4.0, 0.5), (8.0, 0.45))
    found = reach(curve((1.0, 0.4), (4.0, 0.6)), baseline)
    assert found.share == pytest.approx(2 / 4)
    assert [found.low, found.high] == pytest.approx([4**0.25 / 4, 4**0.75 / 4])
    assert (found.at_once, found.with_attributes) == (False, None)
    extra = Curve.of(points((1.0, 0.4), (4.0, 0.6), extra=0.6), "dollars")
    assert extra
    assert reach(extra, baseline).with_attributes == pytest.approx(2.6 / 4)
    assert reach(curve((1.0, 0.1), (4.0, 0.42)), baseline) == Reach(None, None, None, False, None)
    assert reach(curve((1.0, 0.6), (4.0, 0.6)), baseline) == Reach(0.25, 0.25, 0.25, True, None)


def test_of_points_of_one_cost_the_one_with_most_texts_counts() -> None:
    assert curve((1.0, 0.3), (1.0, 0.2), (2.0, 0.4)).values == (0.2, 0.4)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5), st.floats(0, 1))
def test_a_curve_is_at_the_score_where_it_is_said_to_reach_it(values: list[float], target: float) -> None:
    costs = [2.0**number for number in range(len(values))]
    found = reach(curve(*zip(costs, values, strict=True)), curve((1.0, target)))
    if found.share is None:
        assert max(values) < target
        return
    there = float(np.interp(math.log(found.share), np.log(costs), values))
    assert there == pytest.approx(max(target, values[0]), abs=1e-6)
    before = [value for cost, value in zip(costs, values, strict=True) if cost < found.share * (1 - 1e-9)]
    assert all(value < target for value in before)


def test_crossings_by_hand() -> None:
    # Over 1 to 4 dollars: one from 0.2 to 0.6, two from 0.4 to 0.4: they meet half way, at 2.
    curves = {"one": curve((1.0, 0.2), (4.0, 0.6)), "two": curve((1.0, 0.4), (16.0, 0.4)), "far": curve((50.0, 0.1))}
    [found] = crossings(curves)
    assert (found.ahead, found.behind) == ("one", "two")
    assert found.cost == pytest.approx(2.0)
    assert found.clear, "0.15 to 0.25 is below 0.35 to 0.45 at first, and 0.55 to 0.65 is above it at last"
    near = curves | {"two": curve((1.0, 0.28), (4.0, 0.28))}
    assert not crossings(near)[0].clear, "at the start their intervals overlap"
    assert crossings({"one": curves["one"], "same": curves["one"]}) == []


def costs() -> Costs:
    found = compare_costs(
        {
            "simprompt": points((0.01, 0.3), (0.04, 0.5)),
            "attrprompt": points((0.01, 0.4), (0.04, 0.6), extra=0.01),
            "theirs": [Point(1.0, 9, None, None, None, None, 0.9, 0.8, 0.95)],
            "poor": points((0.01, 0.1), (0.04, 0.46)),
        },
        "simprompt",
    )
    assert found
    return found


def test_what_costs_are_in() -> None:
    assert costs().unit == "dollars"
    free = [Point(1.0, 9, 50, None, 50, None, 0.9, 0.8, 0.95)]
    assert (found := compare_costs({"x": free, "simprompt": points((0.1, 0.2))}, "x"))
    assert found.unit == "tokens", "the dollars of one are not known"
    theirs = [Point(1.0, 9, None, None, None, None, 0.9, 0.8, 0.95)]
    assert (found := compare_costs({"theirs": theirs}, "theirs"))
    assert found.unit == "texts", "nobody was asked"
    assert compare_costs({"theirs": []}, "theirs") is None
