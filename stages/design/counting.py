"""How common values are, counted in texts of people in place of the model's estimate.

The model is shown batches of texts and says of each which value of each dimension it has; lengths are counted without
it. Of n texts with one of k values, c of them with this one, its share is (c + 1/2) / (n + k/2): add-half smoothing,
the posterior mean under Jeffreys' prior, so that a value which no text happened to have keeps a small share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from stages.checks.reports import known_values, measured_values
from stages.core.reports import Spread
from stages.design.interview import Question, objects_in
from stages.llm.chat import object_schema
from stages.llm.requests import values_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stages.core.examples import Example
    from stages.core.taskfile import Label
    from stages.core.tasks import Task
    from stages.design.interview import Asks
    from stages.design.table import TableDimension

LEAST = 10  # texts with a known value, below which the estimate stays
_AT_ONCE = 10  # texts in a question

Values = dict[str, str]
"""Of one text, by dimension."""


def counted(
    task: Task, dimensions: Sequence[TableDimension], texts: Sequence[Example], interview: Asks
) -> list[TableDimension]:
    """The dimensions, with shares that were counted where there are texts enough.

    A dimension whose values depend on the label is counted in the texts of each label, any other in all of them. What
    people weighted in task.yaml stays as it is.

    Args:
        task: With every label described.
        dimensions: With their values.
        texts: Of people, none of the test set.
        interview: Who is asked.
    """
    weighted = {each.name for each in task.dimensions if len(set(each.values.values())) > 1}
    open_ = [each for each in dimensions if each.name not in weighted]
    sizes = Counter(each.label for each in texts)
    by_label = defaultdict[str, list[str]](list)
    for each in texts:
        by_label[each.label if each.label and sizes[each.label] >= LEAST else ""].append(each.text)
    spreads = {name: [spread for each in open_ if (spread := _spread(each, name))] for name in by_label}
    batches = [(name, part) for name, of_label in by_label.items() if spreads[name] for part in _parts(of_label)]
    found = _read(task, dimensions, spreads, batches, interview)
    counts = defaultdict[tuple[str, str], Counter[str]](Counter)
    per_label = {each.name for each in open_ if each.per_label}
    for (name, _), of_batch in zip(batches, found, strict=True):
        for values in of_batch:
            for dimension, value in values.items():
                counts[dimension, name if dimension in per_label else ""][value] += 1
    return [_with_counts(each, counts) for each in dimensions]


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))


def _spread(dimension: TableDimension, label: str) -> Spread | None:
    """What there is to choose from; None where that depends on the label, and the texts are of several."""
    if dimension.per_label and label not in dimension.per_label:
        return None
    return Spread(dimension.name, dimension.values_for(label), dimension.shares_for(label))


def _read(
    task: Task,
    dimensions: Sequence[TableDimension],
    spreads: Mapping[str, Sequence[Spread]],
    batches: Sequence[tuple[str, Sequence[str]]],
    interview: Asks,
) -> list[list[Values]]:
    """The values of each text of each batch: what can be counted is, for the rest the model is asked."""
    labels = {each.name: each for each in task.labels}
    about = {each.name: each.about for each in dimensions}
    asked = {name: [each for each in of_label if not each.measured] for name, of_label in spreads.items()}
    questions = [_question(task, labels.get(name), texts, asked[name], about) for name, texts in batches if asked[name]]
    answers = iter(interview.ask(questions) if questions else [])
    return [
        [
            {**said, **measured_values(text, spreads[name])}
            for text, said in zip(texts, next(answers) if asked[name] else [Values()] * len(texts), strict=True)
        ]
        for name, texts in batches
    ]


def _question(
    task: Task, label: Label | None, texts: Sequence[str], spreads: Sequence[Spread], about: Mapping[str, str]
) -> Question[list[Values]]:
    dimensions = [{"name": each.name, "about": about[each.name], "values": each.values} for each in spreads]
    given: dict[str, object] = {"task": task, "label": label, "texts": texts, "dimensions": dimensions}
    form = object_schema(number={"type": "integer"}, values=values_schema(spreads))
    likely = [{"number": number, "values": {each.name: each.values[0] for each in spreads}}
              for number in range(1, len(texts) + 1)]  # fmt: skip
    of = {"label": label.name} if label else {}
    return Question("count", of, given, "read", form, partial(_values_in, len(texts), spreads), likely)


def _values_in(texts: int, spreads: Iterable[Spread], answer: list[Any]) -> list[Values]:
    """The known values of each text."""
    said = {each.get("number"): known_values(each.get("values"), spreads) for each in reversed(list(objects_in(answer)))
            if isinstance(each.get("number"), int)}  # fmt: skip
    missing = [number for number in range(1, texts + 1) if number not in said]
    if missing:
        raise ValueError(f"nothing is said of {len(missing)} of {texts} texts")
    return [said[number] for number in range(1, texts + 1)]


def _with_counts(dimension: TableDimension, counts: Mapping[tuple[str, str], Counter[str]]) -> TableDimension:
    weights = dimension.per_label or {"": dimension.values}
    enough = {name: counts[dimension.name, name] for name in weights
              if counts[dimension.name, name].total() >= LEAST}  # fmt: skip
    shares = {name: _shares(values, enough[name]) if name in enough else values for name, values in weights.items()}
    kept = {"per_label": shares} if dimension.per_label else {"values": shares[""]}
    seen = {name: {value: of[value] for value in weights[name]} for name, of in enough.items()}
    return dimension.model_copy(update={**kept, "counted": seen})


def _shares(values: Iterable[str], counts: Counter[str]) -> dict[str, float]:
    names = list(values)
    return {value: round((counts[value] + 0.5) / (counts.total() + len(names) / 2), 3) for value in names}
