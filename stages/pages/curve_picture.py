"""The picture of learning curves: macro-F1 over cost or texts, a line and the band of its intervals for each method."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.pages.picture import COLOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from stages.measures.efficiency import Costs, Unit

# Pixels of a panel that is 400 wide: it is drawn at about that width on a phone, and two stand side by side elsewhere.
WIDTH, HEIGHT, LEFT, RIGHT, FOOT = 400, 300, 40, 14, 40
FRAME = {"size": (WIDTH, HEIGHT), "left": LEFT, "foot": FOOT}  # as curve.svg takes it
_LINE, _LETTER, _MARK = 20, 7.2, 34  # a line of the legend, a letter of it, what stands before and after a name


@dataclass(frozen=True, slots=True)
class Line:
    """One method, in pixels: the line and its band as points of SVG, dots with what they stand for."""

    method: str
    colour: str
    line: str
    band: str
    dots: list[tuple[float, float, str]]


@dataclass(frozen=True, slots=True)
class CurvePanel:
    """The curves of one task and student, in pixels; `top` is where they begin, below the legend."""

    top: float
    lines: list[Line]
    legend: list[tuple[str, str, float, float]]
    x_ticks: list[tuple[str, float]]
    y_ticks: list[tuple[str, float]]
    unit: Unit


def curve_panel(costs: Costs) -> CurvePanel:
    """The panel of what the methods of a task cost with one student."""
    colours = dict(zip(costs.curves, COLOURS * len(costs.curves), strict=False))
    legend, top = _legend(colours)
    curves = costs.curves.values()
    y_from: float = math.floor(min(min(each.low) for each in curves) * 10) / 10
    y_to: float = math.ceil(max(max(each.high) for each in curves) * 10) / 10
    x_from, x_to = (math.log(side(each.costs[end] for each in curves)) for side, end in ((min, 0), (max, -1)))

    def x(cost: float) -> float:
        return round(LEFT + 8 + (math.log(cost) - x_from) / ((x_to - x_from) or 1) * (WIDTH - LEFT - RIGHT - 16), 1)

    def y(value: float) -> float:
        return round(top + (y_to - value) / max(y_to - y_from, 0.1) * (HEIGHT - FOOT - top), 1)

    step = 0.1 if y_to - y_from < 0.55 else 0.2  # noqa: PLR2004 - six ticks at most
    steps = range(math.floor((y_to - y_from) / step + 1e-6) + 1)
    return CurvePanel(
        top,
        [_line(method, colours[method], costs, x, y) for method in costs.curves],
        legend,
        [(_short(tick, costs.unit), x(tick)) for tick in _ticks(math.exp(x_from), math.exp(x_to))],
        [(f"{y_from + each * step:.1f}", y(y_from + each * step)) for each in steps],
        costs.unit,
    )


def _legend(colours: dict[str, str]) -> tuple[list[tuple[str, str, float, float]], float]:
    """Names with their colours, as many in a line as fit; and where the last line ends."""
    legend, x, y = list[tuple[str, str, float, float]](), float(LEFT), 12.0
    for method, colour in colours.items():
        width = _MARK + _LETTER * len(method)
        if x > LEFT and x + width > WIDTH:
            x, y = float(LEFT), y + _LINE
        legend.append((method, colour, round(x, 1), y))
        x += width
    return legend, y + _LINE


def _line(method: str, colour: str, costs: Costs, x: Callable[[float], float], y: Callable[[float], float]) -> Line:
    curve = costs.curves[method]
    places = [x(each) for each in curve.costs]
    upper = [*zip(places, map(y, curve.high), strict=True)]
    lower = [*zip(places, map(y, curve.low), strict=True)]
    middle = [*zip(places, map(y, curve.values), strict=True)]
    titles = [
        f"{method}: {value:.3f} ({low:.3f} to {high:.3f}) for {costs.shown(cost)}"
        for cost, value, low, high in zip(curve.costs, curve.values, curve.low, curve.high, strict=True)
    ]
    dots = [(*place, title) for place, title in zip(middle, titles, strict=True)]
    return Line(method, colour, _points(middle), _points([*upper, *reversed(lower)]), dots)


def _points(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`: 1, 2, 5, 10, 20, ..., no more than six; `low` where there is none."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        ticks = [digit * 10.0**power for power in powers for digit in digits]
        ticks = [each for each in ticks if low * 0.999 <= each <= high * 1.001]
        if len(ticks) <= 6:  # noqa: PLR2004 - more do not fit
            return ticks or [low]
    return ticks


def _short(cost: float, unit: Unit) -> str:
    if unit == "dollars":
        return f"${cost:g}"
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if cost >= size:
            return f"{cost / size:g}{letter}"
    return f"{cost:g}"
