"""The picture of the summary: a dot and its interval for each method and student, on one scale for a task."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.measures.summary import methods_of, students_of

if TYPE_CHECKING:
    from stages.core.files import Json

WIDTH, LEFT, RIGHT = 760, 190, 40  # pixels: the picture, the names at its left, the rest at its right
_ROW, _GAP, _HEAD, _FOOT = 22, 14, 64, 34  # pixels: a mark, between methods, above and below the marks of a task
COLOURS = ("#3b6fd4", "#d97706", "#2f9e6b", "#9b51b4", "#c2415b", "#64748b")


@dataclass(frozen=True, slots=True)
class Mark:
    """A dot with its interval, in pixels, and what it stands for."""

    method: str
    student: str
    y: float
    dot: float
    low: float
    high: float
    value: float
    colour: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The marks of one task, and the scale that they stand on, in pixels."""

    task: str
    top: float
    bottom: float
    marks: list[Mark]
    names: list[tuple[str, float]]
    ticks: list[tuple[str, float]]
    legend: list[tuple[str, str]]


def panels(summary: Json) -> list[Panel]:
    """One panel a task, one below the other."""
    drawn, top = list[Panel](), 0.0
    for task in summary:
        drawn.append(_panel(summary, task, top))
        top = drawn[-1].bottom + _FOOT
    return drawn


def _panel(summary: Json, task: str, top: float) -> Panel:
    methods = [(name, students_of(each)) for name, each in methods_of(summary, task)]
    scores = [each for _, students in methods for each in students.values()]
    low: float = math.floor(min(each["macro_f1_low"] for each in scores) * 10) / 10
    high: float = math.ceil(max(each["macro_f1_high"] for each in scores) * 10) / 10

    def x(value: float) -> float:
        return float(round(LEFT + (value - low) / max(high - low, 0.1) * (WIDTH - LEFT - RIGHT), 1))

    colours = dict(zip(methods[0][1], COLOURS * len(methods[0][1]), strict=False))
    marks, names, y = list[Mark](), list[tuple[str, float]](), top + _HEAD
    for method, students in methods:
        names.append((method, y + _ROW * (len(students) - 1) / 2))
        for student, each in students.items():
            marks.append(
                Mark(
                    method,
                    student,
                    y,
                    x(each["macro_f1"]),
                    x(each["macro_f1_low"]),
                    x(each["macro_f1_high"]),
                    each["macro_f1"],
                    colours[student],
                )
            )
            y += _ROW
        y += _GAP
    steps = range(round((high - low) * 10) + 1)
    ticks = [(f"{low + step / 10:.1f}", x(low + step / 10)) for step in steps]
    return Panel(task, top, y, marks, names, ticks, list(colours.items()))
