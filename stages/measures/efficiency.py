"""What methods cost that score as well as a baseline does, read off their learning curves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.arrays import Bools, Floats
    from stages.measures.curves import Point

Unit = Literal["dollars", "tokens", "texts"]


@dataclass(frozen=True, slots=True)
class Curve:
    """Macro-F1 over what it cost, which grows from point to point; in between, linear in the logarithm of the cost.

    Attributes:
        costs: (m,), m at least 1, in dollars or tokens; where these are not known, the number of texts.
        extra: What finding the attributes cost besides, in the same unit; None where that is not known.
        values: (m,).
        low: (m,) the lower bounds of their intervals.
        high: (m,) the upper bounds.
    """

    costs: tuple[float, ...]
    extra: float | None
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, points: Sequence[Point], unit: Unit) -> Self | None:
        """The curve of points that cost something; None where a cost is not known, or is nothing.

        Of points of the same cost (a request has several texts) the last one counts: it has the most texts for it.
        """
        last = {getattr(each, unit): each for each in points}
        if not last or not all(last):
            return None
        costs = sorted(last)
        chosen = [last[cost] for cost in costs]
        whole = None if unit == "texts" else getattr(chosen[0], f"{unit}_with_attributes")
        columns = zip(*((each.macro_f1, each.low, each.high) for each in chosen), strict=True)
        return cls(tuple(costs), None if whole is None else whole - costs[0], *columns)


@dataclass(frozen=True, slots=True)
class Reach:
    """The cost at which a method reaches a baseline's best score, as a share of what that cost the baseline.

    Attributes:
        share: None where it never does.
        low: The share at which the upper bounds of its scores do: it hardly takes less.
        high: The share at which their lower bounds do, None where they never do. Both leave out how far the baseline's
            own score is known, and that both were scored on the same texts.
        at_once: Whether its first point does, so that less may do as well.
        with_attributes: The share with finding the attributes counted in; None where there is nothing to count, or
            it never does.
    """

    share: float | None
    low: float | None
    high: float | None
    at_once: bool
    with_attributes: float | None


@dataclass(frozen=True, slots=True)
class Costs:
    """What the methods of a task cost with one student.

    Attributes:
        unit: Of costs.
        curves: By method.
        baseline: A method, whose curve need not be there.
        reaches: By method, all but the baseline; empty where that has no curve, or costs are not known.
    """

    unit: Unit
    curves: dict[str, Curve]
    baseline: str
    reaches: dict[str, Reach]

    def shown(self, cost: float) -> str:
        """A cost with its unit."""
        return f"${cost:.4f}" if self.unit == "dollars" else f"{cost:,.0f} {self.unit}"


def _unit(curves: Sequence[Sequence[Point]]) -> Unit | None:
    """What curves can be drawn over: dollars, if every point has some, else tokens, else texts; None without points."""
    asked = [point for points in curves for point in points if point.tokens is not None]
    if asked and all(each.dollars for each in asked):
        return "dollars"
    if asked and all(each.tokens for each in asked):
        return "tokens"
    return "texts" if any(curves) else None


def best(curve: Curve) -> tuple[float, float]:
    """The highest score of a curve, and the least cost that it has it at."""
    value = max(curve.values)
    return value, curve.costs[curve.values.index(value)]


def reach(curve: Curve, baseline: Curve) -> Reach:
    """Where a method's curve first comes up to the baseline's best score."""
    target, paid = best(baseline)
    cost, early, late = (_first(curve.costs, each, target) for each in (curve.values, curve.high, curve.low))
    share, low, high = (None if each is None else each / paid for each in (cost, early, late))
    return Reach(
        share,
        low,
        high,
        at_once=curve.values[0] >= target,
        with_attributes=(cost + curve.extra) / paid if cost is not None and curve.extra else None,
    )


def _first(costs: Sequence[float], values: Sequence[float], target: float) -> float | None:
    """The first cost at which values are `target` or more."""
    if values[0] >= target:
        return costs[0]
    for (cost, value), (next_cost, next_value) in pairwise(zip(costs, values, strict=True)):
        if next_value >= target:
            part = (target - value) / (next_value - value)
            return math.exp(math.log(cost) + part * (math.log(next_cost) - math.log(cost)))
    return None


@dataclass(frozen=True, slots=True)
class Crossing:
    """From this cost on, one method's curve is above another's that it was below before.

    Attributes:
        clear: Whether their intervals lie apart somewhere before it, and the other way round somewhere after it.
    """

    ahead: str
    behind: str
    cost: float
    clear: bool


def crossings(curves: Mapping[str, Curve]) -> list[Crossing]:
    """Where any two curves cross, within the costs that both have."""
    return [each for one, two in combinations(curves, 2) for each in _crossings(one, two, curves)]


def _crossings(one: str, two: str, curves: Mapping[str, Curve]) -> list[Crossing]:
    first, second = curves[one], curves[two]
    start, end = max(first.costs[0], second.costs[0]), min(first.costs[-1], second.costs[-1])
    if start >= end:
        return []
    inside = {each for each in (*first.costs, *second.costs) if start <= each <= end}
    knots = np.log(sorted(inside))
    over, under = (_over(knots, *pair) for pair in ((first, second), (second, first)))
    gap = _at(knots, first, first.values) - _at(knots, second, second.values)
    met, gap = knots[gap != 0], gap[gap != 0]  # where they touch there is nobody ahead
    found = []
    for (x, g), (next_x, next_g) in pairwise(zip(met, gap, strict=True)):
        if g * next_g < 0:
            ahead, behind = (one, two) if next_g > 0 else (two, one)
            before, after = (under, over) if next_g > 0 else (over, under)
            clear = bool(before[knots <= x].any() and after[knots >= next_x].any())
            found.append(Crossing(ahead, behind, float(np.exp(x + (next_x - x) * g / (g - next_g))), clear))
    return found


def _at(knots: Floats, curve: Curve, values: Sequence[float]) -> Floats:
    return np.interp(knots, np.log(curve.costs), values)


def _over(knots: Floats, upper: Curve, lower: Curve) -> Bools:
    """Where all of one's interval is above all of another's."""
    return np.asarray(_at(knots, upper, upper.low) > _at(knots, lower, lower.high))


def compare_costs(points: Mapping[str, Sequence[Point]], baseline: str) -> Costs | None:
    """Hold the learning curves of methods, with one student, against that of a baseline.

    Args:
        points: By method; those of texts that were made elsewhere have no cost, and are left out where others have.
        baseline: A method; where it is not among them, nothing is held against it.

    Returns:
        None where no method has points.
    """
    unit = _unit(list(points.values()))
    if unit is None:
        return None
    curves = {method: curve for method, each in points.items() if (curve := Curve.of(each, unit)) is not None}
    held = None if unit == "texts" else curves.get(baseline)
    reaches = {method: reach(each, held) for method, each in curves.items() if held and method != baseline}
    return Costs(unit, curves, baseline, reaches)
