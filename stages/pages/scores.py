"""The scores of a task as strips: a dot and its interval for each method and student, at any width of the page."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.measures.summary import methods_of, students_of
from stages.pages.picture import COLOURS

if TYPE_CHECKING:
    from stages.core.files import Json


@dataclass(frozen=True, slots=True)
class Strip:
    """One method and student: the dot and the ends of its interval in percent of the width, and the same in words."""

    student: str
    colour: str
    low: float
    dot: float
    high: float
    told: str


@dataclass(frozen=True, slots=True)
class Strips:
    """The strips of a task, by method, and the ticks of their scale: name and percent of the width."""

    methods: dict[str, list[Strip]]
    ticks: list[tuple[str, float]]


def strips(summary: Json, task: str) -> Strips:
    """The strips of all methods of a task, on one scale that begins and ends at a tenth."""
    methods = {method: students_of(each) for method, each in methods_of(summary, task)}
    scores = [each for students in methods.values() for each in students.values()]
    low = math.floor(min(each["macro_f1_low"] for each in scores) * 10) / 10
    high = max(math.ceil(max(each["macro_f1_high"] for each in scores) * 10) / 10, low + 0.1)

    def place(value: float) -> float:
        return float(round(3 + 94 * (value - low) / (high - low), 2))  # a margin for dots, and for names of ticks

    return Strips(
        {
            method: [
                Strip(
                    student,
                    COLOURS[number % len(COLOURS)],
                    place(each["macro_f1_low"]),
                    place(each["macro_f1"]),
                    place(each["macro_f1_high"]),
                    f"{each['macro_f1']:.3f} ({each['macro_f1_low']:.3f} to {each['macro_f1_high']:.3f})",
                )
                for number, (student, each) in enumerate(students.items())
            ]
            for method, students in methods.items()
        },
        [(f"{low + step / 10:.1f}", place(low + step / 10)) for step in range(round((high - low) * 10) + 1)],
    )
