"""Values of dimensions, each with how common it is. Paper: section 3.1, attribute values asked of the model.

Values that say the same are merged, and where that leaves fewer than were wanted, the model is asked for others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from stages.core.lengths import LENGTH
from stages.design.interview import Question, some
from stages.design.nearness import same_as
from stages.design.table import TableDimension
from stages.llm.chat import STRING, object_schema
from stages.llm.reading import tidy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.dimensions import Dimension
    from stages.core.sections import Attributes
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.design.interview import Asks

_FORM = object_schema(value=STRING, percent={"type": "number"})
# As long as values are, and so different that none is merged: for forecasts.
_LIKELY = (
    "a birthday party in the garden", "the lift is out of order again", "snow on the mountain road", "learning to play",
    "an angry letter to the bank", "two dogs and a cat", "the price of bread last year", "lost keys at the airport",
    "a new phone with a broken screen", "waiting for the doctor", "songs from the sixties", "the tax return is late",
)  # fmt: skip
_EVEN = 1.0  # the weight of a value of which the model does not say how common it is
_HIGHEST = 1e6  # a percentage above this says nothing
_MOST = 100  # values of one answer that are looked at, or twice what was wanted: each is compared with each


@dataclass(slots=True)
class _Wanted:
    """Values that are asked for: of a dimension, and of a label where it depends on that."""

    dimension: Dimension
    label: Label | None
    similar: Sequence[Label]
    found: dict[str, float]


def find_values(
    task: Task,
    dimensions: Sequence[Dimension],
    similar: dict[str, list[Label]],
    wanted: Attributes,
    interview: Asks,
    *,
    examples: dict[str, list[str]],
) -> list[TableDimension]:
    """The dimensions with their values: those of task.yaml as they stand there, the others from the model.

    Args:
        task: With every label described.
        dimensions: Whose values.
        similar: By label, the labels that its values must not fit.
        wanted: How many, in how many rounds, and from which cosine on two are the same.
        interview: Who is asked.
        examples: Texts of people to look at, by label; "" for those of any.
    """
    open_ = [
        _Wanted(each, label, similar.get(label.name, []) if label else [], {})
        for each in dimensions
        if not each.values
        for label in (task.labels if each.per_label else [None])
    ]
    for number in range(wanted.rounds):
        short = [each for each in open_ if len(each.found) < wanted.values]
        questions = [_question(task, each, wanted, examples, number) for each in short]
        for each, more in zip(short, interview.ask(questions) if questions else [], strict=True):
            each.found = dict(list(_merged(each.found, more, wanted.same).items())[: wanted.values])
    found = {(each.dimension.name, each.label.name if each.label else ""): _shares(each.found) for each in open_}
    return [_with_values(each, task, found) for each in dimensions]


def _question(
    task: Task, one: _Wanted, wanted: Attributes, examples: dict[str, list[str]], number: int
) -> Question[dict[str, float]]:
    about = {"dimension": one.dimension.name} | ({"label": one.label.name} if one.label else {})
    missing = wanted.values - len(one.found)
    given = {
        "task": task, "dimension": one.dimension, "label": one.label, "similar": one.similar, "wanted": missing,
        "have": list(one.found), "examples": examples.get(one.label.name if one.label else "", []),
    }  # fmt: skip
    likely = [{"value": _LIKELY[each % len(_LIKELY)], "percent": 10} for each in range(missing)]
    read = partial(_read, first=number == 0, most=max(_MOST, 2 * missing))
    return Question("values", about, given, "values", _FORM, read, likely)


def _read(answer: list[Any], *, first: bool, most: int) -> dict[str, float]:
    """Values with weights; only the first answer must hold one, since there may be no more than it said."""
    found = dict[str, float]()
    for each in answer[:most]:
        value, percent = (each.get("value"), each.get("percent")) if isinstance(each, dict) else (each, None)
        if phrase := tidy(value):
            usable = isinstance(percent, int | float) and not isinstance(percent, bool) and 0 < percent <= _HIGHEST
            found.setdefault(phrase, float(percent) if usable and percent else _EVEN)
    return dict(some(found.items(), "value")) if first else found


def _merged(before: dict[str, float], more: dict[str, float], cosine: float) -> dict[str, float]:
    """All values, those that say the same as one: under the name that came first, with the larger weight."""
    phrases = [*before, *(each for each in more if each not in before)]
    weights = {**more, **before}
    found = dict[str, float]()
    for phrase, first in zip(phrases, same_as(phrases, cosine), strict=True):
        kept = phrases[first]
        found[kept] = max(found.get(kept, 0.0), weights[phrase])
    return found


def _shares(weights: dict[str, float]) -> dict[str, float]:
    whole = sum(weights.values())
    return {value: round(weight / whole, 3) or 0.001 for value, weight in weights.items()}


def _with_values(dimension: Dimension, task: Task, found: dict[tuple[str, str], dict[str, float]]) -> TableDimension:
    per_label = {name: found[dimension.name, name] for name in task.names} if dimension.per_label else {}
    common = {} if dimension.per_label else dimension.values or found[dimension.name, ""]
    return TableDimension(
        name=dimension.name, about=dimension.about, ordered=dimension.ordered, values=common, per_label=per_label
    )


def shortfalls(task: Task, dimensions: Iterable[TableDimension], wanted: int) -> list[str]:
    """Where the model found fewer values than wanted, in words; what was dropped as ambiguous counts as found."""
    given = {LENGTH, *(each.name for each in task.dimensions if each.values)}
    return [
        f"{each.name}{f' of {label}' if label else ''}: {count} of {wanted}"
        for each in dimensions
        if each.name not in given
        for label, weights in (each.per_label or {"": each.values}).items()
        if (count := len(weights) + len(each.dropped.get(label, ()))) < wanted
    ]
